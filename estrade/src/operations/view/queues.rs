//! What waits: by handler, by effect, and of those that are no more.

use bus::{
    Backlog, Db, JobState, OldestIs, Orphan, Orphans, QueueState, Retries,
    transport::{Depth, TransportError},
};
use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;

use super::{OpenJobView, RetryingView};

/// Of what is tried again in a service, so many events and so many jobs are told one by one.
const MOST_RETRIES: u32 = 100;

/// What waits in one service.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct QueuesView {
    pub(crate) service: &'static str,
    pub(crate) queues: Vec<QueueView>,
    pub(crate) jobs: Vec<JobView>,
    pub(crate) orphans: Vec<OrphanView>,
}

/// A handler or an effect that this version has no more, and what is left of it.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct OrphanView {
    pub(crate) name: String,
    /// Waiting in its queue, which hears on; null where the transport does not answer for it.
    pub(crate) ready: Option<u64>,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silence: Option<String>,
    /// Events to be tried again and jobs to be done, which nobody tries or does.
    pub(crate) waiting: i64,
}

/// One queue and its handler.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct QueueView {
    pub(crate) queue: String,
    /// Waiting at the transport; null where it does not answer for this queue.
    pub(crate) ready: Option<u64>,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silence: Option<String>,
    /// Handed out and not settled; null where the transport cannot tell.
    pub(crate) unsettled: Option<u64>,
    /// Seconds since the oldest that waits was sent.
    pub(crate) oldest_seconds: Option<i64>,
    /// How that is known: `none` waits, `exact`, `estimate` (no older than what was sent since the newest
    /// that was taken), or `unknown`.
    pub(crate) oldest_is: &'static str,
    /// Events taken in a second, over the last minute.
    pub(crate) per_second: f64,
    /// Waiting to be tried again.
    pub(crate) retrying: i64,
    /// These one by one, with why and when; 100 of a service at most.
    pub(crate) retries: Vec<RetryingView>,
    /// Dead letters that wait for a decision.
    pub(crate) dead: i64,
    /// Seconds since the oldest of them died.
    pub(crate) dead_oldest_seconds: Option<i64>,
}

/// One effect and its jobs.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct JobView {
    pub(crate) effect: String,
    /// Due and not done, at work or not.
    pub(crate) waiting: i64,
    /// Seconds since the oldest of them was due.
    pub(crate) oldest_seconds: Option<i64>,
    /// Failed, and waiting for the next attempt.
    pub(crate) retrying: i64,
    /// These one by one, with why and when; 100 of a service at most.
    pub(crate) retries: Vec<OpenJobView>,
    pub(crate) dead: i64,
    pub(crate) dead_oldest_seconds: Option<i64>,
}

impl QueuesView {
    pub(crate) fn of(service: &'static str, backlog: Backlog) -> Self {
        let queues = backlog.queues.into_iter().map(QueueView::from).collect();
        let jobs = backlog.jobs.into_iter().map(JobView::from).collect();
        Self { service, queues, jobs, orphans: Vec::new() }
    }

    /// With what is left of handlers and effects that the service has no more.
    pub(crate) async fn with_orphans(mut self, orphans: Orphans<'_>) -> Result<Self, bus::Error> {
        self.orphans = orphans.list().await?.into_iter().map(OrphanView::from).collect();
        Ok(self)
    }

    /// With what is tried again, and why.
    pub(crate) async fn with_retries(mut self, db: &Db) -> Result<Self, bus::Error> {
        let retries = Retries::of(db);
        for event in retries.page(MOST_RETRIES, 0).await? {
            let queue = self.queues.iter_mut().find(|queue| queue.queue == event.handler);
            if let Some(queue) = queue {
                queue.retries.push(RetryingView::from(event));
            }
        }
        for job in retries.jobs(MOST_RETRIES, 0).await? {
            let effect = self.jobs.iter_mut().find(|it| it.effect == job.effect);
            if let Some(effect) = effect {
                effect.retries.push(OpenJobView::from(job));
            }
        }
        Ok(self)
    }
}

impl From<Orphan> for OrphanView {
    fn from(orphan: Orphan) -> Self {
        let Orphan { name, ready, silence, waiting } = orphan;
        Self { name, ready, silence, waiting }
    }
}

impl QueueView {
    /// A queue from which nobody takes: what went astray is kept in it.
    pub(crate) fn astray(name: &str, depth: Result<Depth, TransportError>) -> Self {
        let (depth, silence) = match depth {
            Ok(depth) => (Some(depth), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let oldest = depth.and_then(|depth| depth.oldest);
        let oldest_is = match (depth.map(|depth| depth.ready), oldest) {
            (Some(0), _) => OldestIs::None,
            (_, Some(_)) => OldestIs::Exact,
            (_, None) => OldestIs::Unknown,
        };
        Self::from(QueueState {
            queue: name.to_owned(),
            ready: depth.map(|depth| depth.ready),
            silence,
            unsettled: depth.and_then(|depth| depth.unsettled),
            oldest_seconds: oldest.map(|oldest| (Utc::now() - oldest).num_seconds().max(0)),
            oldest_is,
            per_second: 0.0,
            retrying: 0,
            dead: 0,
            dead_oldest_seconds: None,
        })
    }
}

impl From<QueueState> for QueueView {
    fn from(state: QueueState) -> Self {
        let oldest_is = match state.oldest_is {
            OldestIs::None => "none",
            OldestIs::Exact => "exact",
            OldestIs::Estimate => "estimate",
            OldestIs::Unknown => "unknown",
        };
        Self {
            queue: state.queue,
            ready: state.ready,
            silence: state.silence,
            unsettled: state.unsettled,
            oldest_seconds: state.oldest_seconds,
            oldest_is,
            per_second: state.per_second,
            retrying: state.retrying,
            retries: Vec::new(),
            dead: state.dead,
            dead_oldest_seconds: state.dead_oldest_seconds,
        }
    }
}

impl From<JobState> for JobView {
    fn from(state: JobState) -> Self {
        Self {
            effect: state.effect,
            waiting: state.waiting,
            oldest_seconds: state.oldest_seconds,
            retrying: state.retrying,
            retries: Vec::new(),
            dead: state.dead,
            dead_oldest_seconds: state.dead_oldest_seconds,
        }
    }
}
