//! What waits in one service, as an operator wants to see it: queue by queue and effect by effect,
//! how much, since when, how fast it goes, and what is dead. Cheap enough to be asked every few
//! seconds: nothing here walks over a table that grows with every event.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::try_join_all;
use serde::Serialize;

use crate::{
    Db, Error, Oldest, OldestIs, Outboxes, Pulse, Service, Transport, WaitingOf,
    inbox::{self, Lately},
    transport::{Depth, Queue, TransportError},
};

const A_MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The newest events of a handler among which those of the last minute are counted.
const NEWEST: u32 = 10_000;
/// Few of them first: see [`inbox::lately`].
const LOOKS: [u32; 3] = [50, 1_000, NEWEST];

/// A queue, and what the transport says of it.
type Asked = (Queue, Result<Depth, TransportError>);

/// What waits in one service.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// What its own database says of it.
    pub pulse: Pulse,
    pub queues: Vec<QueueState>,
    pub jobs: Vec<JobState>,
}

/// One handler and its queue.
#[derive(Clone, Debug, Serialize)]
pub struct QueueState {
    pub queue: String,
    /// Waiting at the transport; absent where it does not answer for this queue.
    pub ready: Option<u64>,
    /// Why it does not.
    pub silence: Option<String>,
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

/// One effect and its jobs.
#[derive(Clone, Debug, Serialize)]
pub struct JobState {
    pub effect: String,
    /// Due, at work or not.
    pub waiting: i64,
    /// Of those, seconds since the oldest was due.
    pub oldest_seconds: Option<i64>,
    /// Failed, and waiting for the next attempt.
    pub retrying: i64,
    pub dead: i64,
    pub dead_oldest_seconds: Option<i64>,
}

impl Backlog {
    /// Looks. A queue that does not answer, or a transport that is away, hides nothing else.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(
        service: &Service,
        db: &Db,
        transport: &dyn Transport,
        outboxes: &Outboxes,
    ) -> Result<Self, Error> {
        let asked = ask(service.queues(), transport).await;
        Self::found(service, db, asked, outboxes).await
    }

    /// Looks into each of these services, in their order; the transport is asked once for all of them.
    ///
    /// # Errors
    /// When one of the databases is away.
    pub async fn of_all(
        services: &[(&Service, &Db)],
        transport: &dyn Transport,
        outboxes: &Outboxes,
    ) -> Result<Vec<Self>, Error> {
        let queues = services.iter().flat_map(|(service, _)| service.queues()).collect();
        let mut asked = ask(queues, transport).await.into_iter();
        let looks = services.iter().map(|(service, db)| {
            let own = asked.by_ref().take(service.queues().len()).collect();
            Self::found(service, db, own, outboxes)
        });
        try_join_all(looks).await
    }

    async fn found(
        service: &Service,
        db: &Db,
        asked: Vec<Asked>,
        outboxes: &Outboxes,
    ) -> Result<Self, Error> {
        let (pulse, now) = (Pulse::of(db).await?, db.now());
        let handlers: Vec<&str> = asked.iter().map(|(queue, _)| queue.name.as_str()).collect();
        let taken = inbox::lately(db, &handlers, (now - A_MINUTE, now), &LOOKS).await?;
        let mut queues = Vec::new();
        for (queue, depth) in asked {
            let oldest = match &depth {
                Ok(depth) => Oldest::of(db, &queue, *depth, outboxes).await?,
                Err(_) => Oldest::UNKNOWN,
            };
            let per_second = rate(&taken, &queue.name, now);
            let state = queue_state(&pulse, &queue, depth, oldest, now);
            queues.push(QueueState { per_second, ..state });
        }
        let names = service.effect_names().into_iter();
        let jobs = names.map(|effect| job_state(&pulse, effect, now)).collect();
        Ok(Self { pulse, queues, jobs })
    }
}

async fn ask(queues: Vec<Queue>, transport: &dyn Transport) -> Vec<Asked> {
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    let depths = transport.depths(&names).await;
    queues.into_iter().zip(depths).collect()
}

/// All but the rate.
fn queue_state(
    pulse: &Pulse,
    queue: &Queue,
    depth: Result<Depth, TransportError>,
    oldest: Oldest,
    now: DateTime<Utc>,
) -> QueueState {
    let (retrying, _) = count_of(&pulse.retries, &queue.name);
    let (dead, dead_since) = count_of(&pulse.dead, &queue.name);
    let (depth, silence) = match depth {
        Ok(depth) => (Some(depth), None),
        Err(error) => (None, Some(error.to_string())),
    };
    QueueState {
        queue: queue.name.clone(),
        ready: depth.map(|depth| depth.ready),
        silence,
        unsettled: depth.and_then(|depth| depth.unsettled),
        oldest_seconds: age(oldest.since, now),
        oldest_is: oldest.is,
        per_second: 0.0,
        retrying,
        dead,
        dead_oldest_seconds: age(dead_since, now),
    }
}

fn job_state(pulse: &Pulse, effect: &str, now: DateTime<Utc>) -> JobState {
    let (waiting, since) = count_of(&pulse.jobs, effect);
    let (dead, dead_since) = count_of(&pulse.dead, effect);
    let failing = pulse.failing.iter().find(|line| line.name == effect);
    JobState {
        effect: effect.to_owned(),
        waiting,
        oldest_seconds: age(since, now),
        retrying: failing.map_or(0, |line| line.count),
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

/// Events taken in a second, over the last minute; where there were very many, over the newest of them.
fn rate(taken: &[Lately], handler: &str, now: DateTime<Utc>) -> f64 {
    let own = || taken.iter().filter(|it| it.handler == handler);
    per_second(own().map(|it| it.count).sum(), own().map(|it| it.since).min(), now)
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
