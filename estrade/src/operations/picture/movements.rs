//! What moved, looked up about once a second while somebody looks, and kept for a few seconds so that all
//! who look see the same. Nothing is looked up while nobody does.

use std::collections::VecDeque;

use bus::{Pulse, Traffic};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::try_join_all;
use serde::Serialize;
use tokio::sync::Mutex;
use ui::Problem;

use super::super::{ControlRoom, unavailable};
use crate::platform::Member;

/// No more often than this.
const EVERY: TimeDelta = TimeDelta::milliseconds(700);
/// What was written down a moment ago may not be committed yet.
const SETTLING: TimeDelta = TimeDelta::milliseconds(300);
/// As far back as is looked after nobody looked for a while.
const BEGINNING: TimeDelta = TimeDelta::seconds(5);
/// Samples that are kept.
const KEPT: usize = 30;
/// Lines of the list beside the picture.
pub(super) const SHOWN: usize = 20;

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
}

#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct ServiceNow {
    pub(super) name: &'static str,
    /// In its queues; absent while the transport is away.
    pub(super) waiting: Option<i64>,
    pub(super) outbox: i64,
    retrying: i64,
    pub(super) dead: i64,
}

/// Events of one type that left an outbox, or were taken by a handler.
#[derive(Clone)]
pub(super) struct Move {
    pub(super) service: &'static str,
    pub(super) is_sent: bool,
    /// The service, or its handler.
    pub(super) by: String,
    /// Without its owner and its version.
    pub(super) event: String,
    pub(super) count: i64,
    pub(super) at: DateTime<Utc>,
}

impl Sample {
    pub(super) fn of(&self, service: &str) -> Option<&ServiceNow> {
        self.services.iter().find(|now| now.name == service)
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
        let moves: Vec<Move> = moves.into_iter().flatten().collect();
        let before = last.map_or(0, |last| last.number);
        let is_new = !moves.is_empty() || last.is_none_or(|last| last.services != services);
        // An unchanged sample takes the place of the last, and keeps what that one saw.
        let (number, moves) = match last {
            Some(last) if !is_new => (before, last.moves.clone()),
            _ => (before + 1, moves),
        };
        Ok(Sample { number, at: now, services, moves })
    }

    async fn now(&self, member: &Member) -> Result<ServiceNow, Problem> {
        let pulse = Pulse::of(&member.db).await.map_err(unavailable)?;
        let mut waiting = Some(0);
        for queue in member.service.queues() {
            let depth = self.transport().depth(&queue.name).await.ok();
            let ready = depth.and_then(|depth| i64::try_from(depth.ready).ok());
            waiting = waiting.zip(ready).map(|(sum, ready)| sum + ready);
        }
        let sum = |lines: &[bus::WaitingOf]| lines.iter().map(|line| line.count).sum();
        Ok(ServiceNow {
            name: member.name.name(),
            waiting,
            outbox: pulse.outbox.count,
            retrying: sum(&pulse.retries),
            dead: sum(&pulse.dead),
        })
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
        event: short(&it.event_type),
        count: it.count,
        at: to,
    });
    let taken = taken.into_iter().map(|it| Move {
        service,
        is_sent: false,
        by: it.handler,
        event: short(&it.event_type),
        count: it.count,
        at: to,
    });
    Ok(sent.chain(taken).collect())
}

/// `course-updated` of `catalog.course-updated.v1`.
fn short(event_type: &str) -> String {
    event_type.split('.').nth(1).unwrap_or(event_type).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_named_shortly() {
        assert_eq!(short("catalog.course-updated.v1"), "course-updated");
        assert_eq!(short("odd"), "odd");
    }
}
