//! How a service and each of its handlers are, in a word: what an operator reads first.

use bus::{Backlog, DeadGroup, DeadLetters, JobState, QueueState};
use chrono::{DateTime, Utc};
use ui::Problem;

use super::{ControlRoom, unavailable};
use crate::{cli::ServiceName, platform::Member};

/// Whoever waits longer than this is behind.
const LONG: i64 = 60;

/// From the best to the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum State {
    Well,
    /// Something failed, and is tried again by itself.
    Retrying,
    /// Something waits for more than a minute.
    Behind,
    /// Somebody must decide about what was given up.
    Dead,
    /// The transport does not answer, or not for this queue: what is published waits in the outbox.
    Silent,
}

impl State {
    /// The key of its words, and its class.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Well => ("state-well", "good"),
            Self::Retrying => ("state-retrying", "info"),
            Self::Behind => ("state-behind", "warn"),
            Self::Dead => ("state-dead", "bad"),
            Self::Silent => ("state-silent", "bad"),
        }
    }

    pub(super) fn of_queue(queue: &QueueState) -> Self {
        if queue.ready.is_none() {
            return Self::Silent;
        }
        if queue.dead > 0 {
            return Self::Dead;
        }
        if queue.oldest_seconds.is_some_and(|seconds| seconds > LONG) {
            return Self::Behind;
        }
        if queue.retrying > 0 { Self::Retrying } else { Self::Well }
    }

    pub(super) fn of_job(job: &JobState) -> Self {
        if job.dead > 0 {
            return Self::Dead;
        }
        let is_late = job.oldest_seconds.is_some_and(|seconds| seconds > LONG);
        match (is_late, job.retrying > 0) {
            (true, _) => Self::Behind,
            (false, true) => Self::Retrying,
            (false, false) => Self::Well,
        }
    }
}

/// What a look at one service found.
pub(super) struct Look {
    pub(super) name: ServiceName,
    now: DateTime<Utc>,
    pub(super) backlog: Backlog,
    pub(super) state: State,
}

impl Look {
    fn of(member: &Member, backlog: Backlog) -> Self {
        let (name, now) = (member.name, member.db.now());
        let mut look = Self { name, now, backlog, state: State::Well };
        look.state = state_of(&look);
        look
    }

    /// Due, and not yet with the transport.
    pub(super) fn outbox(&self) -> i64 {
        self.backlog.pulse.outbox.count
    }

    /// Seconds since the oldest event of the outbox was to be sent.
    pub(super) fn lag(&self) -> Option<i64> {
        let oldest = self.backlog.pulse.outbox.oldest?;
        Some((self.now - oldest).num_seconds().max(0))
    }

    pub(super) fn dead(&self) -> i64 {
        self.backlog.pulse.dead.iter().map(|line| line.count).sum()
    }

    /// All that failed and is tried again by itself.
    pub(super) fn retrying(&self) -> i64 {
        self.events_retrying() + self.jobs_retrying()
    }

    pub(super) fn events_retrying(&self) -> i64 {
        self.backlog.pulse.retries.iter().map(|line| line.count).sum()
    }

    pub(super) fn jobs_retrying(&self) -> i64 {
        self.backlog.pulse.failing.iter().map(|line| line.count).sum()
    }

    /// At the transport, in all queues of the service; absent where one of them does not answer.
    pub(super) fn ready(&self) -> Option<u64> {
        self.backlog.queues.iter().map(|queue| queue.ready).sum()
    }

    /// How many of its queues do not answer.
    pub(super) fn silent(&self) -> usize {
        self.backlog.queues.iter().filter(|queue| queue.ready.is_none()).count()
    }

    /// Why they do not is for the log.
    pub(super) fn log_silence(&self) {
        for QueueState { queue, silence, .. } in &self.backlog.queues {
            if let Some(error) = silence {
                tracing::warn!(error, queue, "an operator looks, and no answer comes");
            }
        }
    }
}

impl ControlRoom {
    /// Looks into one service: that the database of another is away hides nothing of it.
    pub(super) async fn look_into(&self, member: &Member) -> Result<Look, Problem> {
        let Member { service, db, .. } = member;
        let backlog = Backlog::of(service, db, self.transport(), self.outboxes()).await;
        Ok(Look::of(member, backlog.map_err(unavailable)?))
    }

    /// Looks into all services of this process.
    pub(super) async fn look(&self) -> Result<Vec<Look>, Problem> {
        let members = self.members();
        let services: Vec<_> = members.iter().map(|it| (&it.service, &it.db)).collect();
        let backlogs = Backlog::of_all(&services, self.transport(), self.outboxes()).await;
        let backlogs = members.iter().zip(backlogs.map_err(unavailable)?);
        Ok(backlogs.map(|(member, backlog)| Look::of(member, backlog)).collect())
    }
}

fn state_of(look: &Look) -> State {
    let outbox = if look.lag().is_some_and(|lag| lag > LONG) { State::Behind } else { State::Well };
    let dead = if look.dead() > 0 { State::Dead } else { State::Well };
    let queues = look.backlog.queues.iter().map(State::of_queue);
    let waiting = queues.chain(look.backlog.jobs.iter().map(State::of_job)).max();
    outbox.max(dead).max(waiting.unwrap_or(State::Well))
}

/// The dead letters of a service that wait for a decision, by cause.
pub(super) async fn groups(member: &Member) -> Result<Vec<DeadGroup>, Problem> {
    DeadLetters::of(&member.db).groups().await.map_err(unavailable)
}

#[cfg(test)]
mod tests {
    use bus::OldestIs;

    use super::*;

    #[test]
    fn the_worst_is_said() {
        let queue = |ready, oldest_seconds, retrying, dead| QueueState {
            queue: "learning.copy-course".to_owned(),
            ready,
            silence: None,
            unsettled: None,
            oldest_seconds,
            oldest_is: OldestIs::Exact,
            per_second: 0.0,
            retrying,
            dead,
            dead_oldest_seconds: None,
        };
        for (ready, oldest, retrying, dead, expected) in [
            (Some(1), None, 0, 0, State::Well),
            (Some(1), Some(60), 0, 0, State::Well),
            (Some(1), Some(61), 3, 0, State::Behind),
            (Some(1), Some(5), 3, 0, State::Retrying),
            (Some(1), Some(500), 3, 1, State::Dead),
            (None, None, 3, 1, State::Silent),
        ] {
            assert_eq!(State::of_queue(&queue(ready, oldest, retrying, dead)), expected);
        }
    }
}
