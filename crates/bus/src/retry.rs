//! Trying again, later: the schedule, and the table in which an event waits for its next attempt.
//!
//! Retries live in the service's own database, the same on every transport; nobody waits behind one.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use event::Envelope;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Db, Error, Failure, Read, Tx,
    dead::{self, NewDead},
    handler::ErasedHandler,
    runner::attempt,
    values,
};

/// How often and how long something is tried again: exponential, with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    pub first: Duration,
    pub longest: Duration,
}

impl RetryPolicy {
    /// Twenty attempts over some hours: six at the most.
    pub const DEFAULT: Self = Self {
        attempts: 20,
        first: Duration::from_millis(250),
        longest: Duration::from_secs(3600),
    };

    /// How long to wait after the given number of attempts: a random part of `first * 2^(n-1)`, at
    /// most `longest`, and never less than a tenth of it, so that nothing spins.
    #[must_use]
    pub fn delay(&self, attempts: u32) -> TimeDelta {
        let doubled =
            self.first.saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1).min(31)));
        let ceiling = doubled.min(self.longest);
        let part = jitter();
        TimeDelta::from_std(ceiling.mul_f64(part)).unwrap_or(TimeDelta::hours(1))
    }

    #[must_use]
    pub fn is_exhausted(&self, attempts: u32) -> bool {
        attempts >= self.attempts
    }
}

/// From a tenth to the whole.
fn jitter() -> f64 {
    let mut bytes = [0; 4];
    if event::fill_seeded(&mut bytes) {
        return 0.1 + 0.9 * f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX);
    }
    rand::random_range(0.1..=1.0)
}

/// Keeps an event whose handler failed, with its payload: to be tried later, or dead.
pub(crate) async fn keep(
    tx: &mut Tx,
    handler: &dyn ErasedHandler,
    envelope: &Envelope,
    failure: &Failure,
    attempts: u32,
) -> Result<(), Error> {
    let parked = matches!(failure, Failure::Park(_));
    if parked || handler.retry().is_exhausted(attempts) {
        tracing::warn!(handler = handler.name(), event = %envelope.id, cause = failure.cause(), "dead letter");
        return dead::insert(tx, dead_event(handler.name(), envelope, failure.cause(), attempts)?)
            .await;
    }
    tracing::debug!(handler = handler.name(), event = %envelope.id, attempts, cause = failure.cause(), "will be tried again");
    let due = tx.now() + handler.retry().delay(attempts);
    wait(tx, handler.name(), envelope, attempts, due, failure.cause()).await
}

/// Puts an event to wait for one handler, whatever it was before.
pub(crate) async fn wait(
    tx: &mut Tx,
    handler: &str,
    envelope: &Envelope,
    attempts: u32,
    due: DateTime<Utc>,
    cause: &str,
) -> Result<(), Error> {
    let attempts = i32::try_from(attempts).unwrap_or(i32::MAX);
    tx.execute(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (handler, id) do update set \
         attempts = excluded.attempts, due = excluded.due, cause = excluded.cause",
        values![
            handler,
            envelope.id.0,
            envelope.event_type.clone(),
            serde_json::to_string(envelope)?,
            attempts,
            due,
            dead::storable(cause),
            tx.now()
        ],
    )
    .await?;
    Ok(())
}

/// Tries nothing of a subject again.
pub(crate) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute("delete from bus_retry where envelope like $1", values![dead::of_subject(subject)])
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    envelope: String,
    attempts: i32,
}

/// Whether anything is due, for any handler.
pub(crate) async fn any_due(db: &Db) -> Result<bool, Error> {
    let due: Option<i32> =
        db.scalar("select 1 from bus_retry where due <= $1 limit 1", values![db.now()]).await?;
    Ok(due.is_some())
}

/// Tries again what is due for one handler, each in a transaction of its own. Gives how many.
pub(crate) async fn try_due(db: &Db, handler: &Arc<dyn ErasedHandler>) -> Result<usize, Error> {
    let mut tried = 0;
    while is_any_due(db, handler.name()).await? && try_one(db, handler.as_ref()).await? {
        tried += 1;
    }
    Ok(tried)
}

async fn is_any_due(db: &Db, handler: &str) -> Result<bool, Error> {
    let due: Option<i32> = db
        .scalar(
            "select 1 from bus_retry where handler = $1 and due <= $2 limit 1",
            values![handler, db.now()],
        )
        .await?;
    Ok(due.is_some())
}

/// Locks one event that is due, handles it, and forgets or keeps it, all in one transaction: two
/// replicas never hold the same one.
async fn try_one(db: &Db, handler: &dyn ErasedHandler) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let lock = if db.is_postgres() { "for update skip locked" } else { "" };
    let waiting: Option<Waiting> = tx
        .one(
            &format!(
                "select id, envelope, attempts from bus_retry where handler = $1 and due <= $2 \
                 order by due limit 1 {lock}"
            ),
            values![handler.name(), tx.now()],
        )
        .await?;
    let Some(waiting) = waiting else {
        return Ok(false);
    };
    tx.execute(
        "delete from bus_retry where handler = $1 and id = $2",
        values![handler.name(), waiting.id],
    )
    .await?;
    let envelope: Envelope = serde_json::from_str(&waiting.envelope)?;
    let attempts = u32::try_from(waiting.attempts).unwrap_or(0) + 1;
    tx.savepoint().await?;
    match attempt(handler, std::slice::from_ref(&envelope), &mut tx).await {
        Ok(()) => tx.release().await?,
        Err(failure) => {
            tx.undo().await?;
            keep(&mut tx, handler, &envelope, &failure, attempts).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

fn dead_event(
    handler: &str,
    envelope: &Envelope,
    cause: &str,
    attempts: u32,
) -> Result<NewDead, Error> {
    Ok(NewDead {
        consumer: handler.to_owned(),
        kind: dead::Kind::Event,
        id: envelope.id.0,
        event_type: envelope.event_type.clone(),
        body: serde_json::to_string(envelope)?,
        bytes: None,
        cause: cause.to_owned(),
        attempts: i32::try_from(attempts).unwrap_or(i32::MAX),
    })
}
