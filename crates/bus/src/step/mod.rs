//! Staying in step: what a service owns and others hold copies of is compared, page by page, over
//! events alone, and what differs is told anew to the one who lacks it.
//!
//! The [`Owner`] publishes a digest: the id, version and hash of each of its things. Each
//! [`Follower`] holds its own table against it, says what it found, and asks. The owner sends the
//! present state of what was asked for to that follower's queue alone, where the handler takes it
//! that always takes it. A digest leads to one answer, an answer to one sending: there is no loop.
//!
//! What this does not do: it compares the hash that a copy was taken with, and does not read the
//! copy's content again; a row that somebody changed by hand is made good when it is deleted.

mod comparison;
mod follower;
mod owner;

pub use comparison::{Comparison, comparisons};
pub use event::step::{Compared, Digest, Disowned, GONE, Stamp, Task, Wanted};
pub use follower::{Copies, Follower};
pub use owner::Owner;

pub(crate) use follower::{ErasedFollower, Following};
pub(crate) use owner::{ErasedOwner, Owning};

use chrono::TimeDelta;
use event::{Envelope, MalformedEnvelope};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Db, Error, Service};

/// A digest by itself: so often.
const EVERY: TimeDelta = TimeDelta::hours(6);
/// The first one after a service was installed.
const FIRST: TimeDelta = TimeDelta::hours(1);

/// What a service does when it starts: it sees that its next digest is planned, and asks for what it
/// has no copy of at all, as one does that is new, or was restored empty.
///
/// # Errors
/// When the database is away.
pub async fn begin(service: &Service, db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    // Replicas that start together plan one digest, and ask once.
    tx.alone("step/begin").await?;
    if let Some(owner) = &service.owner {
        owner.plan(&mut tx).await?;
    }
    if let Some(follower) = &service.follower {
        follower.ask_if_empty(&mut tx).await?;
    }
    tx.commit().await
}

/// Has a service publish a digest of all that it owns now, as part of this run. Gives the kinds.
///
/// # Errors
/// When the database is away.
pub async fn look(service: &Service, db: &Db, run: Uuid) -> Result<&'static [&'static str], Error> {
    let Some(owner) = &service.owner else {
        return Ok(&[]);
    };
    let mut tx = db.begin().await?;
    owner.look(&mut tx, run)?;
    tx.commit().await?;
    Ok(owner.kinds())
}

/// Has an owner send the present state of all that a follower copies of it, to that follower alone.
/// Gives the kinds; none, if it copies nothing of this owner.
///
/// # Errors
/// When the database is away.
pub async fn resend(
    owner: &Service,
    db: &Db,
    follower: &Service,
) -> Result<Vec<&'static str>, Error> {
    let Some(owner) = &owner.owner else {
        return Ok(Vec::new());
    };
    let mut kinds = Vec::new();
    let mut tx = db.begin().await?;
    for copies in follower.copies() {
        if owner.kinds().contains(&copies.kind) && !copies.only_gone {
            owner.resend(&mut tx, copies)?;
            kinds.push(copies.kind);
        }
    }
    tx.commit().await?;
    Ok(kinds)
}

/// Has a follower ask the owners for the present state of all that it copies, wherever they run. Gives
/// the kinds; none, if it copies nothing.
///
/// # Errors
/// When the database is away.
pub async fn ask(follower: &Service, db: &Db) -> Result<Vec<&'static str>, Error> {
    let Some(follower) = &follower.follower else {
        return Ok(Vec::new());
    };
    let mut tx = db.begin().await?;
    let kinds = follower.ask(&mut tx)?;
    tx.commit().await?;
    Ok(kinds)
}

fn read<T: DeserializeOwned>(envelope: &Envelope) -> Result<T, MalformedEnvelope> {
    serde_json::from_str(&envelope.data).map_err(|source| MalformedEnvelope::Data {
        event_type: envelope.event_type.clone(),
        id: envelope.id,
        source,
    })
}
