//! What moved through one service a moment ago: what it sent, and what its handlers took. For those who
//! want to see the platform at work; what was sent and taken in all is [`Ledger`](crate::Ledger)'s.
//!
//! It looks at the newest rows alone, so that it costs the same however much there was before. An event
//! that was taken very late, or where more moved than is looked at, is not seen here.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, Service, values};

/// The newest of the outbox, and of each handler's inbox, among which is looked.
const NEWEST: u32 = 1_000;

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
#[derive(FromQueryResult, Clone, Debug)]
pub struct TakenOf {
    pub handler: String,
    pub event_type: String,
    pub count: i64,
}

impl Traffic {
    /// What moved after a time, up to another. What is written down at a time is committed a moment after
    /// it: who leaves the last half second for the next look misses nothing.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn between(
        db: &Db,
        service: &Service,
        after: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let sent = db
            .all(
                &format!(
                    "select event_type, queue, count(*) as count from (select event_type, queue, \
                     sent_at from bus_outbox order by id desc limit {NEWEST}) newest \
                     where sent_at > $1 and sent_at <= $2 group by event_type, queue order by event_type, queue"
                ),
                values![after, to],
            )
            .await?;
        let mut taken = Vec::new();
        for queue in service.queues() {
            taken.extend(taken_by(db, queue.name, after, to).await?);
        }
        Ok(Self { sent, taken })
    }
}

async fn taken_by(
    db: &Db,
    handler: String,
    after: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TakenOf>, Error> {
    let sql = format!(
        "select handler, event_type, count(*) as count from (select handler, event_type, received_at \
         from bus_inbox where handler = $1 order by id desc limit {NEWEST}) newest \
         where received_at > $2 and received_at <= $3 group by handler, event_type order by event_type"
    );
    db.all(&sql, values![handler, after, to]).await
}
