//! How a service is, in a few cheap numbers out of its own database: what waits, since when, and what
//! is dead. For metrics and for the doctor; the whole books are [`Ledger`](crate::Ledger)'s.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, values};

/// In one statement, since each is a way to the database and back.
const LOOK: &str = "
select 'outbox' as part, '' as name, count(*) + coalesce(sum(length(leads)), 0) / 16 as count,
    min(due) as oldest, 0 as attempts
from bus_outbox where sent_at is null and due <= $1
union all
select 'retry', handler, count(*), min(since), sum(attempts) from bus_retry group by handler
union all
select 'dead', consumer, count(*), min(died_at), 0
from bus_dead where state = 'waiting' group by consumer
union all
select 'job', effect, count(*), min(due), 0 from bus_effect where due <= $1 group by effect
union all
select 'failing', effect, count(*), min(due), max(attempts)
from bus_effect where attempts > 0 and due > $1 group by effect
order by name";

/// What waits in one service.
#[derive(Clone, Debug)]
pub struct Pulse {
    /// Due, and not yet with the transport.
    pub outbox: Waiting,
    /// Events to be tried again, by handler; since when they first failed.
    pub retries: Vec<WaitingOf>,
    /// How often all of these were tried: it differs after each try.
    pub attempts: i64,
    /// Dead letters nobody has decided on, by handler or effect; since when.
    pub dead: Vec<WaitingOf>,
    /// Jobs in the outside world, by effect; since when they are due.
    pub jobs: Vec<WaitingOf>,
    /// Jobs that failed and wait for their next attempt, by effect.
    pub failing: Vec<FailingOf>,
}

#[derive(Clone, Debug)]
pub struct Waiting {
    pub count: i64,
    pub oldest: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub struct WaitingOf {
    /// A handler or an effect.
    pub name: String,
    pub count: i64,
    pub oldest: Option<DateTime<Utc>>,
}

/// Jobs that did not go yet, and are tried again.
#[derive(Clone, Debug)]
pub struct FailingOf {
    /// An effect.
    pub name: String,
    pub count: i64,
    /// Of the one that was tried most often.
    pub attempts: i64,
}

/// How large the tables are that grow with every event. Costs a walk over them on SQLite; PostgreSQL
/// gives an estimate.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub outbox: i64,
    pub inbox: i64,
}

#[derive(FromQueryResult)]
struct Line {
    part: String,
    name: String,
    count: i64,
    oldest: Option<DateTime<Utc>>,
    attempts: i64,
}

impl Pulse {
    /// Looks.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(db: &Db) -> Result<Self, Error> {
        let lines: Vec<Line> = db.all(LOOK, values![db.now()]).await?;
        let of = |part: &'static str| lines.iter().filter(move |line| line.part == part);
        let waiting = |part| of(part).map(Line::waiting).collect::<Vec<_>>();
        let outbox = of("outbox").next();
        Ok(Self {
            outbox: Waiting {
                count: outbox.map_or(0, |line| line.count),
                oldest: outbox.and_then(|line| line.oldest),
            },
            retries: waiting("retry"),
            attempts: of("retry").map(|line| line.attempts).sum(),
            dead: waiting("dead"),
            jobs: waiting("job"),
            failing: of("failing").map(Line::failing).collect(),
        })
    }
}

impl Line {
    fn waiting(&self) -> WaitingOf {
        WaitingOf { name: self.name.clone(), count: self.count, oldest: self.oldest }
    }

    fn failing(&self) -> FailingOf {
        FailingOf { name: self.name.clone(), count: self.count, attempts: self.attempts }
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
