//! The books of one service: what it published, and what each of its handlers took, holds or
//! declared dead, since its beginning. Counted in its database, never remembered: the rows that are
//! there, and what [`retention`](crate::Retention) wrote down of those that it threw away.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, values};

/// What one service's database says.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Ledger {
    pub published: Vec<PublishedLedger>,
    pub handlers: Vec<HandlerLedger>,
    /// What was sent to one queue alone, of what is still in the outbox.
    pub direct: Vec<DirectLedger>,
    /// Jobs that wait or are at work, by effect.
    pub jobs: Vec<JobLedger>,
}

/// One event type.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct PublishedLedger {
    pub event_type: String,
    /// Due by now, sent or not.
    pub published: i64,
    /// Of these, still in the outbox.
    pub unsent: i64,
    /// Sent to one queue alone.
    pub direct: i64,
    pub unroutable: i64,
}

/// One event type, sent to one queue.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct DirectLedger {
    pub event_type: String,
    pub queue: String,
    pub published: i64,
}

/// One handler and one event type.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct HandlerLedger {
    pub handler: String,
    pub event_type: String,
    /// Taken in all: handled, held or dead.
    pub taken: i64,
    /// Waiting to be tried again.
    pub held: i64,
    pub dead: i64,
}

/// One effect.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct JobLedger {
    pub effect: String,
    pub waiting: i64,
}

impl Ledger {
    /// Counts.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(db: &Db) -> Result<Self, Error> {
        let jobs = db
            .all(
                "select effect, count(*) as waiting from bus_effect group by effect order by effect",
                values![],
            )
            .await?;
        let direct = db
            .all(
                "select event_type, queue, count(*) as published from bus_outbox \
                 where queue is not null and due <= $1 group by event_type, queue \
                 order by event_type, queue",
                values![db.now()],
            )
            .await?;
        Ok(Self { published: published(db).await?, handlers: handlers(db).await?, direct, jobs })
    }
}

async fn published(db: &Db) -> Result<Vec<PublishedLedger>, Error> {
    let rows: Vec<PublishedLedger> = db
        .all(
            "select event_type, count(*) as published, \
             count(case when sent_at is null then 1 end) \
             + coalesce(sum(case when sent_at is null then length(leads) end), 0) / 16 as unsent, \
             count(case when queue is not null then 1 end) as direct, \
             count(case when unroutable then 1 end) as unroutable \
             from bus_outbox where due <= $1 group by event_type \
             union all select event_type, published, 0 as unsent, direct, unroutable \
             from bus_published_before",
            values![db.now()],
        )
        .await?;
    let mut books: BTreeMap<String, PublishedLedger> = BTreeMap::new();
    for row in rows {
        match books.get_mut(&row.event_type) {
            None => _ = books.insert(row.event_type.clone(), row),
            Some(book) => {
                book.published += row.published;
                book.unsent += row.unsent;
                book.direct += row.direct;
                book.unroutable += row.unroutable;
            }
        }
    }
    Ok(books.into_values().collect())
}

async fn handlers(db: &Db) -> Result<Vec<HandlerLedger>, Error> {
    let rows: Vec<HandlerLedger> = db
        .all(
            "select i.handler as handler, i.event_type as event_type, count(*) as taken, \
             count(r.id) as held, count(d.id) as dead from bus_inbox i \
             left join bus_retry r on r.handler = i.handler and r.id = i.id \
             left join bus_dead d on d.consumer = i.handler and d.id = i.id and d.state <> 'replayed' \
             group by i.handler, i.event_type \
             union all select handler, event_type, taken, 0 as held, dead from bus_taken_before",
            values![],
        )
        .await?;
    let mut books: BTreeMap<(String, String), HandlerLedger> = BTreeMap::new();
    for row in rows {
        match books.get_mut(&(row.handler.clone(), row.event_type.clone())) {
            None => _ = books.insert((row.handler.clone(), row.event_type.clone()), row),
            Some(book) => {
                book.taken += row.taken;
                book.held += row.held;
                book.dead += row.dead;
            }
        }
    }
    Ok(books.into_values().collect())
}
