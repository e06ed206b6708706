//! What waits in one service, as an operator wants to see it: queue by queue and effect by effect,
//! how much, since when, how fast it goes, and what is dead. Cheap enough to be asked every few
//! seconds: nothing here walks over a table that grows with every event.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Db, Error, Pulse, Read, Service, Transport, WaitingOf,
    transport::{Depth, Queue},
    values,
};

const A_MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The newest events of a handler among which those of the last minute are counted.
const NEWEST: u32 = 10_000;

/// What waits in one service.
#[derive(Clone, Debug, Serialize)]
pub struct Backlog {
    pub queues: Vec<QueueState>,
    pub jobs: Vec<JobState>,
}

/// One handler and its queue.
#[derive(Clone, Debug, Serialize)]
pub struct QueueState {
    pub queue: String,
    /// Waiting at the transport.
    pub ready: u64,
    /// Handed out and not settled; absent where the transport cannot tell.
    pub unsettled: Option<u64>,
    /// Seconds since the oldest that waits was sent; absent when none waits, or nobody can tell.
    pub oldest_seconds: Option<i64>,
    pub oldest_is: OldestIs,
    /// Events taken in a second, over the last minute.
    pub per_second: f64,
    /// Waiting to be tried again.
    pub retrying: i64,
    pub dead: i64,
    /// Seconds since the oldest dead letter died.
    pub dead_oldest_seconds: Option<i64>,
}

/// How the age of the oldest is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldestIs {
    /// None waits.
    None,
    /// The transport tells.
    Exact,
    /// A queue gives first what came first: what waits is about as old as the newest that was taken.
    Estimate,
    Unknown,
}

/// One effect and its jobs.
#[derive(Clone, Debug, Serialize)]
pub struct JobState {
    pub effect: String,
    /// Due, at work or not.
    pub waiting: i64,
    /// Of those, seconds since the oldest was due.
    pub oldest_seconds: Option<i64>,
    pub dead: i64,
    pub dead_oldest_seconds: Option<i64>,
}

impl Backlog {
    /// Looks.
    ///
    /// # Errors
    /// When the database or the transport is away.
    pub async fn of(service: &Service, db: &Db, transport: &dyn Transport) -> Result<Self, Error> {
        let (pulse, now) = (Pulse::of(db).await?, db.now());
        let mut queues = Vec::new();
        for queue in service.queues() {
            let depth = transport.depth(&queue.name).await?;
            queues.push(queue_state(db, &pulse, queue, depth, now).await?);
        }
        let names = service.effect_names().into_iter();
        Ok(Self { queues, jobs: names.map(|effect| job_state(&pulse, effect, now)).collect() })
    }
}

async fn queue_state(
    db: &Db,
    pulse: &Pulse,
    queue: Queue,
    depth: Depth,
    now: DateTime<Utc>,
) -> Result<QueueState, Error> {
    let (oldest, oldest_is) = oldest(db, &queue.name, depth).await?;
    let (retrying, _) = count_of(&pulse.retries, &queue.name);
    let (dead, dead_since) = count_of(&pulse.dead, &queue.name);
    Ok(QueueState {
        ready: depth.ready,
        unsettled: depth.unsettled,
        oldest_seconds: age(oldest, now),
        oldest_is,
        per_second: rate(db, &queue.name, now).await?,
        retrying,
        dead,
        dead_oldest_seconds: age(dead_since, now),
        queue: queue.name,
    })
}

fn job_state(pulse: &Pulse, effect: &str, now: DateTime<Utc>) -> JobState {
    let (waiting, since) = count_of(&pulse.jobs, effect);
    let (dead, dead_since) = count_of(&pulse.dead, effect);
    JobState {
        effect: effect.to_owned(),
        waiting,
        oldest_seconds: age(since, now),
        dead,
        dead_oldest_seconds: age(dead_since, now),
    }
}

fn count_of(lines: &[WaitingOf], name: &str) -> (i64, Option<DateTime<Utc>>) {
    let line = lines.iter().find(|line| line.name == name);
    line.map_or((0, None), |line| (line.count, line.oldest))
}

fn age(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<i64> {
    since.map(|since| (now - since).num_seconds().max(0))
}

/// When the oldest that waits was sent. A broker cannot tell; there the newest event that was taken
/// does, whose id holds the time of its making, for what waits came after it.
async fn oldest(
    db: &Db,
    queue: &str,
    depth: Depth,
) -> Result<(Option<DateTime<Utc>>, OldestIs), Error> {
    if depth.oldest.is_some() {
        return Ok((depth.oldest, OldestIs::Exact));
    }
    if depth.ready == 0 {
        return Ok((None, OldestIs::None));
    }
    let newest: Option<Uuid> = db
        .scalar(
            "select id from bus_inbox where handler = $1 order by id desc limit 1",
            values![queue],
        )
        .await?;
    let made = newest.and_then(made_at);
    Ok((made, if made.is_some() { OldestIs::Estimate } else { OldestIs::Unknown }))
}

fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

#[derive(FromQueryResult)]
struct Newest {
    taken: i64,
    since: Option<DateTime<Utc>>,
}

/// Events taken in a second, over the last minute; where there were very many, over the newest of
/// them. They come in about the order of their ids, so the primary key finds them.
async fn rate(db: &Db, queue: &str, now: DateTime<Utc>) -> Result<f64, Error> {
    let newest: Option<Newest> = db
        .one(
            &format!(
                "select count(*) as taken, min(received_at) as since from \
                 (select received_at from bus_inbox where handler = $1 order by id desc \
                 limit {NEWEST}) newest where received_at > $2"
            ),
            values![queue, now - A_MINUTE],
        )
        .await?;
    Ok(newest.map_or(0.0, |newest| per_second(newest.taken, newest.since, now)))
}

fn per_second(taken: i64, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    let seen = since.map_or(A_MINUTE, |since| now - since);
    let window = if taken < i64::from(NEWEST) { A_MINUTE } else { seen.min(A_MINUTE) };
    // A count below 2^52.
    #[expect(clippy::cast_precision_loss, reason = "both are small")]
    let rate = taken as f64 / (window.num_milliseconds().max(1_000) as f64 / 1_000.0);
    (rate * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_over_a_minute_unless_there_was_more_than_was_looked_at() {
        let now = Utc::now();
        let since = |seconds| Some(now - TimeDelta::seconds(seconds));
        for (taken, since, expected) in [
            (0, None, 0.0),
            (6, since(1), 0.1),
            (6, since(59), 0.1),
            (10_000, since(5), 2_000.0),
            (10_000, since(0), 10_000.0),
        ] {
            let rate = per_second(taken, since, now);
            assert!((rate - expected).abs() < 0.001, "{taken}: {rate}");
        }
    }
}
