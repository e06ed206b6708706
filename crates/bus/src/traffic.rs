//! What moved through one service a moment ago: what it sent, and what its handlers took. For those who
//! want to see the platform at work; what was sent and taken in all is [`Ledger`](crate::Ledger)'s.
//!
//! It looks at the newest rows alone, so that it costs the same however much there was before. An event
//! that was taken very late, or where more moved than is looked at, is not seen here.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::{
    Db, Error, Read, Service,
    inbox::{self, Lately},
    values,
};

/// Among the newest so many of the outbox is looked.
const NEWEST: u32 = 1_000;
/// And so many of each handler's inbox: see [`inbox::lately`].
const TAKEN: [u32; 2] = [50, NEWEST];

/// What moved.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    pub sent: Vec<SentOf>,
    pub taken: Vec<TakenOf>,
}

/// Events of one type that the transport has.
#[derive(FromQueryResult, Clone, Debug)]
pub struct SentOf {
    pub event_type: String,
    /// Sent to this queue alone.
    pub queue: Option<String>,
    pub count: i64,
}

/// Events of one type that a handler took: handled, or to be tried again.
#[derive(Clone, Debug)]
pub struct TakenOf {
    pub handler: String,
    pub event_type: String,
    pub count: i64,
}

impl Traffic {
    /// What moved after a time, up to another. What is written down at a time is committed a moment after
    /// it: who leaves the last half second for the next look misses nothing, but what goes with others and later
    /// than that.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn between(
        db: &Db,
        service: &Service,
        after: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let sent = sent(db, (after, to)).await?;
        let queues = service.queues();
        let handlers: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
        let taken = inbox::lately(db, &handlers, (after, to), &TAKEN).await?;
        let taken = taken.into_iter().filter(|it| it.count > 0).map(TakenOf::from).collect();
        Ok(Self { sent, taken })
    }
}

/// But for those whose leader is not: what they bear was not yet so. Who goes late, though not as late as to be marked
/// itself, is counted in the moment of its commit.
async fn sent(db: &Db, (after, to): (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<SentOf>, Error> {
    let sql = format!(
        "select event_type, queue, count(case when sent_at > $1 and sent_at <= $2 then 1 end) \
         - coalesce(sum(case when sent_at is null and due > $1 and due <= $2 \
         then length(leads) end), 0) / 16 as count \
         from (select event_type, queue, sent_at, due, leads from bus_outbox \
         order by id desc limit {NEWEST}) newest \
         group by event_type, queue order by event_type, queue"
    );
    let sent: Vec<SentOf> = db.all(&sql, values![after, to]).await?;
    Ok(sent.into_iter().filter(|it| it.count > 0).collect())
}

impl From<Lately> for TakenOf {
    fn from(it: Lately) -> Self {
        Self { handler: it.handler, event_type: it.event_type, count: it.count }
    }
}
