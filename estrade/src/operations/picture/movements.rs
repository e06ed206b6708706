//! What moved, looked up about once a second while somebody looks, and kept for a few seconds so that all
//! who look see the same. Nothing is looked up while nobody does.

use std::collections::VecDeque;

use bus::{Oldest, Pulse, Retries, Traffic, transport::Queue};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{join_all, try_join_all};
use tokio::sync::Mutex;
use ui::Problem;

use super::super::{ControlRoom, pages::Age, unavailable};
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
pub(in crate::operations) struct Movements(Mutex<VecDeque<Sample>>);

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
    pub(super) fn has_dead(&self) -> bool {
        self.dead > 0
    }
}

impl ControlRoom {
    /// The latest samples, the oldest first; a new one if the last is old.
    pub(super) async fn samples(&self) -> Result<Vec<Sample>, Problem> {
        let mut samples = self.0.picture.0.lock().await;
        let now = Utc::now();
        let last = samples.back().map(|sample| sample.at);
        if last.is_none_or(|last| now - last >= EVERY) {
            let sample = self.sample(samples.back(), now).await?;
            if samples.back().is_some_and(|last| last.number == sample.number) {
                samples.pop_back();
            }
            samples.push_back(sample);
            if samples.len() > KEPT {
                samples.pop_front();
            }
        }
        Ok(samples.iter().cloned().collect())
    }

    async fn sample(&self, last: Option<&Sample>, now: DateTime<Utc>) -> Result<Sample, Problem> {
        let begin = (now - BEGINNING).max(last.map_or(DateTime::UNIX_EPOCH, |last| last.at));
        let (after, to) = (begin - SETTLING, now - SETTLING);
        let looks = self.members().iter().map(|member| async move {
            let moves = moved(member, after, to).await?;
            Ok::<_, Problem>((self.now(member).await?, moves))
        });
        let (services, moves): (Vec<_>, Vec<_>) = try_join_all(looks).await?.into_iter().unzip();
        let (services, ages): (Vec<_>, Vec<_>) = services.into_iter().unzip();
        let moves: Vec<Move> = moves.into_iter().flatten().collect();
        let ages = ages.into_iter().flatten().collect();
        let before = last.map_or(0, |last| last.number);
        let is_new = !moves.is_empty() || last.is_none_or(|last| last.services != services);
        // An unchanged sample takes the place of the last, and keeps what that one saw.
        let (number, moves) = match last {
            Some(last) if !is_new => (before, last.moves.clone()),
            _ => (before + 1, moves),
        };
        Ok(Sample { number, at: now, services, moves, ages })
    }

    /// With the ages of what waits there.
    async fn now(&self, member: &Member) -> Result<(ServiceNow, Vec<Option<Age>>), Problem> {
        let pulse = Pulse::of(&member.db).await.map_err(unavailable)?;
        let (queues, now) = (member.service.queues(), member.db.now());
        // At once: one that has no leader answers only when everybody's patience ends.
        let looks = queues.iter().map(|queue| self.queue_now(member, queue, &pulse));
        let (queues, oldest): (Vec<_>, Vec<_>) = join_all(looks).await.into_iter().unzip();
        let jobs = pulse.jobs.iter().map(|line| line.oldest);
        let since = std::iter::once(pulse.outbox.oldest).chain(oldest).chain(jobs);
        let ages = since.map(|since| since.map(|since| age(since, now))).collect();
        let sum = |lines: &[bus::WaitingOf]| lines.iter().map(|line| line.count).sum();
        let failing = pulse.failing.iter().map(|line| line.count).sum();
        let service = ServiceNow {
            name: member.name.name(),
            outbox: pulse.outbox.count,
            retrying: sum(&pulse.retries),
            attempts: Retries::of(&member.db).attempts().await.map_err(unavailable)?,
            dead: sum(&pulse.dead),
            jobs: (sum(&pulse.jobs), failing),
            queues,
        };
        Ok((service, ages))
    }

    /// With the time since which the oldest waits, where anybody can tell.
    async fn queue_now(
        &self,
        member: &Member,
        queue: &Queue,
        pulse: &Pulse,
    ) -> (QueueNow, Option<DateTime<Utc>>) {
        let depth = self.transport().depth(&queue.name).await.ok();
        let dead = pulse.dead.iter().find(|line| line.name == queue.name);
        let now = QueueNow {
            name: handler(&queue.name).to_owned(),
            waiting: depth.and_then(|depth| i64::try_from(depth.ready).ok()),
            dead: dead.map_or(0, |line| line.count),
        };
        let oldest = match depth {
            Some(depth) => Oldest::of(&member.db, queue, depth, self.outboxes()).await.ok(),
            None => None,
        };
        (now, oldest.and_then(|oldest| oldest.since))
    }

    /// The queues of a service, whoever runs it, without its name.
    pub(super) fn queues_of(&self, name: ServiceName) -> Vec<String> {
        let all = self.0.queues.iter().filter_map(|queue| queue.name.split_once('.'));
        let own = all.filter(|(service, _)| *service == name.name());
        own.map(|(_, handler)| handler.to_owned()).collect()
    }

    /// All that moved in the last minute.
    pub(super) async fn last_minute(&self) -> Result<Vec<Move>, Problem> {
        let now = Utc::now();
        let looks = self.members().iter();
        let looks = looks.map(|member| moved(member, now - TimeDelta::minutes(1), now));
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

/// As the pages show it.
fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> Age {
    Age::of((now - since).num_seconds().max(0))
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
            let ages = vec![None, Some(age(begin, begin + TimeDelta::seconds(seconds)))];
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
