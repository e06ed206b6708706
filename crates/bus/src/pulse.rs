//! How a service is, in a few cheap numbers out of its own database: what waits, since when, and what
//! is dead. For metrics and for the doctor; the whole books are [`Ledger`](crate::Ledger)'s.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, values};

const FAILING: &str = "select effect as name, count(*) as count, max(attempts) as attempts \
                       from bus_effect where attempts > 0 and due > $1 group by effect order by effect";

/// What waits in one service.
#[derive(Clone, Debug)]
pub struct Pulse {
    /// Due, and not yet with the transport.
    pub outbox: Waiting,
    /// Events to be tried again, by handler; since when they first failed.
    pub retries: Vec<WaitingOf>,
    /// Dead letters nobody has decided on, by handler or effect; since when.
    pub dead: Vec<WaitingOf>,
    /// Jobs in the outside world, by effect; since when they are due.
    pub jobs: Vec<WaitingOf>,
    /// Jobs that failed and wait for their next attempt, by effect.
    pub failing: Vec<FailingOf>,
}

#[derive(FromQueryResult, Clone, Debug)]
pub struct Waiting {
    pub count: i64,
    pub oldest: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult, Clone, Debug)]
pub struct WaitingOf {
    /// A handler or an effect.
    pub name: String,
    pub count: i64,
    pub oldest: Option<DateTime<Utc>>,
}

/// Jobs that did not go yet, and are tried again.
#[derive(FromQueryResult, Clone, Debug)]
pub struct FailingOf {
    /// An effect.
    pub name: String,
    pub count: i64,
    /// Of the one that was tried most often.
    pub attempts: i32,
}

/// How large the tables are that grow with every event. Costs a walk over them on SQLite; PostgreSQL
/// gives an estimate.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub outbox: i64,
    pub inbox: i64,
}

impl Pulse {
    /// Looks.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(db: &Db) -> Result<Self, Error> {
        let now = db.now();
        let outbox = db
            .one(
                "select count(*) as count, min(due) as oldest from bus_outbox \
                 where sent_at is null and due <= $1",
                values![now],
            )
            .await?;
        let by = async |column: &str, since: &str, rest: &str, values| {
            let sql = format!(
                "select {column} as name, count(*) as count, min({since}) as oldest from {rest} \
                 group by {column} order by {column}"
            );
            db.all(&sql, values).await
        };
        Ok(Self {
            outbox: outbox.unwrap_or(Waiting { count: 0, oldest: None }),
            retries: by("handler", "since", "bus_retry", values![]).await?,
            dead: by("consumer", "died_at", "bus_dead where state = 'waiting'", values![]).await?,
            jobs: by("effect", "due", "bus_effect where due <= $1", values![now]).await?,
            failing: db.all(FAILING, values![now]).await?,
        })
    }
}

impl Sizes {
    /// Counts.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(db: &Db) -> Result<Self, Error> {
        Ok(Self { outbox: rows(db, "bus_outbox").await?, inbox: rows(db, "bus_inbox").await? })
    }
}

async fn rows(db: &Db, table: &str) -> Result<i64, Error> {
    if db.is_postgres() {
        let estimate: Option<i64> = db
            .scalar(
                "select reltuples::bigint from pg_class where oid = to_regclass($1)",
                values![table],
            )
            .await?;
        // Negative as long as nobody has analysed it, which happens by itself once it has grown.
        if let Some(estimate) = estimate.filter(|&estimate| estimate >= 0) {
            return Ok(estimate);
        }
    }
    let count = db.scalar(&format!("select count(*) from {table}"), values![]).await?;
    Ok(count.unwrap_or_default())
}
