//! What moved and how each service is, looked up about once a second while somebody looks, and kept for a
//! few seconds so that all who look see the same. Nothing is looked up while nobody does.

use std::{collections::VecDeque, sync::Arc};

use bus::{Backlog, QueueState, Traffic};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::try_join_all;
use tokio::sync::{Mutex, MutexGuard};
use ui::Problem;

use super::super::{ControlRoom, pages::Age, state::Look, unavailable};
use crate::{cli::ServiceName, platform::Member};

/// No more often than this.
const EVERY: TimeDelta = TimeDelta::milliseconds(700);
/// What was written down a moment ago may not be committed yet.
const SETTLING: TimeDelta = TimeDelta::milliseconds(300);
/// As far back as is looked after nobody looked for a while.
const BEGINNING: TimeDelta = TimeDelta::seconds(5);
/// Samples that are kept.
const KEPT: usize = 30;
/// Lines of the list below the picture, when the page is made; the script lets it grow.
pub(super) const SHOWN: usize = 6;

/// The samples of this process.
#[derive(Default)]
pub(in crate::operations) struct Movements(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    samples: VecDeque<Sample>,
    /// Of which the last was made.
    looks: Arc<[Look]>,
    /// What moved in the minute before it, once a page has asked.
    minute: Option<Arc<[Move]>>,
}

/// How it was at a moment, and what moved since the one before.
#[derive(Clone)]
pub(super) struct Sample {
    /// Rises whenever something moved or another number of events waits.
    pub(super) number: u64,
    at: DateTime<Utc>,
    pub(super) services: Vec<ServiceNow>,
    pub(super) moves: Vec<Move>,
    /// How long the oldest waits, wherever the pages say it; without them they would stand still while
    /// nothing moves.
    ages: Vec<Option<Age>>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct ServiceNow {
    pub(super) name: &'static str,
    pub(super) outbox: i64,
    retrying: i64,
    /// How often in all that was tried.
    attempts: i64,
    /// Of its handlers and of its effects.
    pub(super) dead: i64,
    /// Due in the outside world, and failed there.
    jobs: (i64, i64),
    pub(super) queues: Vec<QueueNow>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct QueueNow {
    /// Without the service.
    pub(super) name: String,
    /// Absent while it does not answer.
    pub(super) waiting: Option<i64>,
    /// Letters that its handler gave up.
    pub(super) dead: i64,
}

/// Events of one type that left an outbox, or were taken by a handler.
#[derive(Clone)]
pub(super) struct Move {
    pub(super) service: &'static str,
    pub(super) is_sent: bool,
    /// The service, or its handler, which is also the queue's name.
    pub(super) by: String,
    /// Whose event it is.
    pub(super) from: String,
    /// Without its owner and its version.
    pub(super) event: String,
    pub(super) count: i64,
    pub(super) at: DateTime<Utc>,
}

impl Sample {
    pub(super) fn of(&self, service: &str) -> Option<&ServiceNow> {
        self.services.iter().find(|now| now.name == service)
    }

    /// Differs when a page that shows what waits would look different.
    pub(super) fn shown(&self) -> String {
        format!("{} {:?}", self.number, self.ages)
    }
}

impl ServiceNow {
    fn of(look: &Look) -> Self {
        let Backlog { pulse, queues, .. } = &look.backlog;
        let jobs = pulse.jobs.iter().map(|line| line.count).sum();
        let of_jobs: i64 = pulse.failing.iter().map(|line| line.attempts).sum();
        Self {
            name: look.name.name(),
            outbox: look.outbox(),
            retrying: look.retrying(),
            attempts: pulse.attempts + of_jobs,
            dead: look.dead(),
            jobs: (jobs, look.jobs_retrying()),
            queues: queues.iter().map(QueueNow::of).collect(),
        }
    }

    /// In all its queues; absent while one does not answer.
    pub(super) fn waiting(&self) -> Option<i64> {
        self.queues.iter().map(|queue| queue.waiting).sum()
    }

    #[cfg(test)]
    pub(super) fn example(queues: Vec<QueueNow>) -> Self {
        Self {
            name: "assessment",
            outbox: 0,
            retrying: 0,
            attempts: 0,
            dead: 0,
            jobs: (0, 0),
            queues,
        }
    }
}

impl QueueNow {
    fn of(queue: &QueueState) -> Self {
        Self {
            name: handler(&queue.queue).to_owned(),
            waiting: queue.ready.and_then(|count| i64::try_from(count).ok()),
            dead: queue.dead,
        }
    }

    pub(super) fn has_dead(&self) -> bool {
        self.dead > 0
    }
}

impl ControlRoom {
    /// How each service of this process is. Whoever asks a moment later gets the same, so that nothing is
    /// looked up once for a page and once more to say whether it changed.
    pub(in crate::operations) async fn looks(&self) -> Result<Arc<[Look]>, Problem> {
        Ok(Arc::clone(&self.seen().await?.looks))
    }

    /// The latest samples, the oldest first.
    pub(super) async fn samples(&self) -> Result<Vec<Sample>, Problem> {
        Ok(self.seen().await?.samples.iter().cloned().collect())
    }

    /// With a new sample if the last is old.
    async fn seen(&self) -> Result<MutexGuard<'_, Seen>, Problem> {
        let mut seen = self.0.picture.0.lock().await;
        let now = Utc::now();
        if seen.samples.back().is_some_and(|last| now - last.at < EVERY) {
            return Ok(seen);
        }
        let looks = self.look().await?;
        let sample = self.sample(seen.samples.back(), &looks, now).await?;
        if seen.samples.back().is_some_and(|last| last.number == sample.number) {
            seen.samples.pop_back();
        }
        seen.samples.push_back(sample);
        if seen.samples.len() > KEPT {
            seen.samples.pop_front();
        }
        (seen.looks, seen.minute) = (looks.into(), None);
        Ok(seen)
    }

    async fn sample(
        &self,
        last: Option<&Sample>,
        looks: &[Look],
        now: DateTime<Utc>,
    ) -> Result<Sample, Problem> {
        let begin = (now - BEGINNING).max(last.map_or(DateTime::UNIX_EPOCH, |last| last.at));
        let moves = self.moved(begin - SETTLING, now - SETTLING).await?;
        let services: Vec<ServiceNow> = looks.iter().map(ServiceNow::of).collect();
        let ages = looks.iter().flat_map(ages).collect();
        let before = last.map_or(0, |last| last.number);
        let is_new = !moves.is_empty() || last.is_none_or(|last| last.services != services);
        // An unchanged sample takes the place of the last, and keeps what that one saw.
        let (number, moves) = match last {
            Some(last) if !is_new => (before, last.moves.clone()),
            _ => (before + 1, moves),
        };
        Ok(Sample { number, at: now, services, moves, ages })
    }

    /// The queues of a service, whoever runs it, without its name.
    pub(super) fn queues_of(&self, name: ServiceName) -> Vec<String> {
        let all = self.0.queues.iter().filter_map(|queue| queue.name.split_once('.'));
        let own = all.filter(|(service, _)| *service == name.name());
        own.map(|(_, handler)| handler.to_owned()).collect()
    }

    /// All that moved in the last minute.
    pub(super) async fn last_minute(&self) -> Result<Arc<[Move]>, Problem> {
        let mut seen = self.seen().await?;
        if let Some(minute) = &seen.minute {
            return Ok(Arc::clone(minute));
        }
        let now = Utc::now();
        let minute: Arc<[Move]> = self.moved(now - TimeDelta::minutes(1), now).await?.into();
        seen.minute = Some(Arc::clone(&minute));
        Ok(minute)
    }

    async fn moved(&self, after: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Move>, Problem> {
        let looks = self.members().iter().map(|member| moved(member, after, to));
        Ok(try_join_all(looks).await?.into_iter().flatten().collect())
    }
}

async fn moved(
    member: &Member,
    after: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Move>, Problem> {
    let service = member.name.name();
    let traffic = Traffic::between(&member.db, &member.service, after, to).await;
    let Traffic { sent, taken } = traffic.map_err(unavailable)?;
    let sent = sent.into_iter().map(|it| Move {
        service,
        is_sent: true,
        by: service.to_owned(),
        from: owner(&it.event_type),
        event: short(&it.event_type),
        count: it.count,
        at: to,
    });
    let taken = taken.into_iter().map(|it| Move {
        service,
        is_sent: false,
        by: it.handler,
        from: owner(&it.event_type),
        event: short(&it.event_type),
        count: it.count,
        at: to,
    });
    Ok(sent.chain(taken).collect())
}

/// How long the oldest waits, as the pages show it.
fn ages(look: &Look) -> impl Iterator<Item = Option<Age>> {
    let Backlog { queues, jobs, .. } = &look.backlog;
    let queues = queues.iter().map(|queue| queue.oldest_seconds);
    let jobs = jobs.iter().map(|job| job.oldest_seconds);
    let all = std::iter::once(look.lag()).chain(queues).chain(jobs);
    all.map(|seconds| seconds.map(Age::of))
}

/// `course-updated` of `catalog.course-updated.v1`.
fn short(event_type: &str) -> String {
    event_type.split('.').nth(1).unwrap_or(event_type).to_owned()
}

/// `catalog` of `catalog.course-updated.v1`.
fn owner(event_type: &str) -> String {
    event_type.split('.').next().unwrap_or_default().to_owned()
}

/// `copy-course` of `learning.copy-course`.
fn handler(queue: &str) -> &str {
    queue.split_once('.').map_or(queue, |(_, handler)| handler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_queues_are_named_shortly() {
        assert_eq!(short("catalog.course-updated.v1"), "course-updated");
        assert_eq!(short("odd"), "odd");
        assert_eq!(owner("catalog.course-updated.v1"), "catalog");
        assert_eq!(handler("learning.copy-course"), "copy-course");
    }

    #[test]
    fn pages_are_made_anew_when_an_age_reads_differently_and_no_sooner() {
        let begin = DateTime::UNIX_EPOCH;
        let shown = |seconds| {
            let ages = vec![None, Some(Age::of(seconds))];
            let (services, moves) = (Vec::new(), Vec::new());
            Sample { number: 7, at: begin, services, moves, ages }.shown()
        };
        for (before, after, is_same) in [
            (59, 60, false),
            (119, 120, false),
            (120, 179, true),
            (179, 180, false),
            (7_200, 10_799, true),
            (10_799, 10_800, false),
            (172_800, 259_199, true),
        ] {
            assert_eq!(shown(before) == shown(after), is_same, "{before} {after}");
        }
    }

    #[test]
    fn what_waits_in_all_queues_is_unknown_if_one_does_not_tell() {
        let queue = |waiting| QueueNow { name: "grade".to_owned(), waiting, dead: 0 };
        let waiting = |queues| ServiceNow::example(queues).waiting();
        assert_eq!(waiting(vec![queue(Some(2)), queue(Some(3))]), Some(5));
        assert_eq!(waiting(vec![queue(Some(2)), queue(None)]), None);
    }
}
