//! How long the oldest event waits in a queue: told by the transport, estimated, or unknown.
//!
//! A broker does not tell how old a message is. But it gives first what came first, so what waits came
//! after the newest event that was taken, and is no older than the first that one of its owners has sent
//! since. Where not all of these outboxes can be read, nobody can tell: after a quiet night the newest that
//! was taken says nothing of what came a second ago.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Db, Error, Read,
    transport::{Depth, Queue},
    values,
};

/// So many events after the newest that was taken are searched for one that the queue hears.
const MOST: u32 = 20_000;

/// Since when the oldest that waits in a queue does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oldest {
    /// Absent when none waits, or nobody can tell.
    pub since: Option<DateTime<Utc>>,
    pub is: OldestIs,
}

/// How the age of the oldest is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldestIs {
    /// None waits.
    None,
    /// The transport tells.
    Exact,
    /// It is no older than this: what its owners have sent since the newest that was taken.
    Estimate,
    Unknown,
}

/// The outboxes that this process can read. Cheap to clone.
#[derive(Clone)]
pub struct Outboxes {
    of: Arc<[Db]>,
    are_all: bool,
}

impl Outboxes {
    /// `are_all`: there is no other service.
    pub fn new(of: impl IntoIterator<Item = Db>, are_all: bool) -> Self {
        Self { of: of.into_iter().collect(), are_all }
    }

    /// Those of all who publish what a queue hears; `None` if one of them is out of reach.
    fn heard_by(&self, queue: &Queue) -> Option<Vec<&Db>> {
        if queue.types.iter().any(|name| name == Queue::EVERYTHING) {
            return self.are_all.then(|| self.of.iter().collect());
        }
        let mut owners: Vec<&str> = queue.types.iter().map(|name| event::owner(name)).collect();
        owners.sort_unstable();
        owners.dedup();
        let of = |owner| self.of.iter().find(|db| db.service() == owner);
        owners.into_iter().map(of).collect()
    }
}

impl Oldest {
    pub(crate) const UNKNOWN: Self = Self { since: None, is: OldestIs::Unknown };

    /// Looks, given what the transport says of the queue of this service.
    ///
    /// # Errors
    /// When the service's database is away.
    pub async fn of(
        db: &Db,
        queue: &Queue,
        depth: Depth,
        outboxes: &Outboxes,
    ) -> Result<Self, Error> {
        if depth.oldest.is_some() {
            return Ok(Self { since: depth.oldest, is: OldestIs::Exact });
        }
        if depth.ready == 0 {
            return Ok(Self { since: None, is: OldestIs::None });
        }
        let since = match outboxes.heard_by(queue) {
            Some(owners) => first_since(db, queue, &owners).await?,
            None => None,
        };
        let is = if since.is_some() { OldestIs::Estimate } else { OldestIs::Unknown };
        Ok(Self { since, is })
    }
}

/// When the first event was sent to the queue after the newest that was taken from it.
async fn first_since(
    db: &Db,
    queue: &Queue,
    owners: &[&Db],
) -> Result<Option<DateTime<Utc>>, Error> {
    let newest: Option<Uuid> = db
        .scalar(
            "select id from bus_inbox where handler = $1 order by id desc limit 1",
            values![queue.name.clone()],
        )
        .await?;
    let mut first: Option<DateTime<Utc>> = None;
    for owner in owners {
        match first_sent(owner, queue, newest.unwrap_or_default()).await {
            Ok(Found::At(at)) => first = Some(first.map_or(at, |first| first.min(at))),
            Ok(Found::Nothing) => {}
            // An owner whose database is away hides nothing but this age.
            Ok(Found::GaveUp) | Err(_) => return Ok(None),
        }
    }
    Ok(first)
}

enum Found {
    At(DateTime<Utc>),
    Nothing,
    /// Too much was said that this queue does not hear.
    GaveUp,
}

#[derive(FromQueryResult)]
struct Seen {
    sent_at: Option<DateTime<Utc>>,
    looked_at: i64,
}

/// Ids rise with the time, and are the table's key: this walks over what came later, and over no more than
/// so many of it.
async fn first_sent(owner: &Db, queue: &Queue, after: Uuid) -> Result<Found, Error> {
    let mut values = values![after, queue.name.clone()];
    let heard = if queue.types.iter().any(|name| name == Queue::EVERYTHING) {
        "true".to_owned()
    } else {
        let first = values.len() + 1;
        values.extend(queue.types.iter().map(|name| Value::from(name.as_str())));
        let numbers: Vec<String> = (first..=values.len()).map(|it| format!("${it}")).collect();
        format!("event_type in ({})", numbers.join(","))
    };
    let sql = format!(
        "select min(case when not unroutable and (queue = $2 or (queue is null and {heard})) \
         then sent_at end) as sent_at, count(*) as looked_at from \
         (select event_type, queue, sent_at, unroutable from bus_outbox where id > $1 \
         order by id limit {MOST}) later"
    );
    let seen: Option<Seen> = owner.one(&sql, values).await?;
    Ok(match seen {
        Some(Seen { sent_at: Some(sent_at), .. }) => Found::At(sent_at),
        Some(seen) if seen.looked_at >= i64::from(MOST) => Found::GaveUp,
        _ => Found::Nothing,
    })
}
