//! What is still to be done, of one person's or of all.

use bus::{Concerning, OpenJob, Retrying, Unsent};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::letters::{LetterView, seen_by};
use crate::operations::content::Reader;

/// What concerns a person and is not done; at most 500 of a kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorkView {
    /// Events that the transport does not have yet.
    pub(crate) unsent: Vec<UnsentView>,
    /// Events that a handler could not take, and will be given again.
    pub(crate) retrying: Vec<RetryingView>,
    /// Jobs in the outside world.
    pub(crate) jobs: Vec<OpenJobView>,
    /// Dead letters that wait for a decision.
    pub(crate) dead: Vec<LetterView>,
    /// Dead letters that somebody put aside for good.
    pub(crate) discarded: Vec<LetterView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnsentView {
    pub(crate) id: Uuid,
    pub(crate) event_type: String,
    pub(crate) occurred_at: DateTime<Utc>,
    /// When it is to be sent, which may be long past.
    pub(crate) due: DateTime<Utc>,
}

/// An event that a handler could not take, and is given again.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct RetryingView {
    pub(crate) id: Uuid,
    pub(crate) event_type: String,
    pub(crate) handler: String,
    pub(crate) attempts: i32,
    pub(crate) due: DateTime<Utc>,
    pub(crate) since: DateTime<Utc>,
    pub(crate) cause: String,
}

/// A job in the outside world that is not done.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct OpenJobView {
    pub(crate) effect: String,
    pub(crate) key: String,
    pub(crate) attempts: i32,
    pub(crate) due: DateTime<Utc>,
    /// Why it did not go the last time.
    pub(crate) cause: Option<String>,
    /// Somebody is at it, until then if nothing more is heard.
    pub(crate) lease_until: Option<DateTime<Utc>>,
}

impl WorkView {
    pub(in crate::operations) fn of(work: Concerning, reader: Reader) -> Self {
        Self {
            unsent: work.unsent.into_iter().map(UnsentView::from).collect(),
            retrying: work.retries.into_iter().map(RetryingView::from).collect(),
            jobs: work.jobs.into_iter().map(OpenJobView::from).collect(),
            dead: seen_by(reader, work.dead),
            discarded: seen_by(reader, work.discarded),
        }
    }
}

impl From<Unsent> for UnsentView {
    fn from(it: Unsent) -> Self {
        Self { id: it.id, event_type: it.event_type, occurred_at: it.occurred_at, due: it.due }
    }
}

impl From<Retrying> for RetryingView {
    fn from(it: Retrying) -> Self {
        let Retrying { handler, id, event_type, attempts, due, cause, since, .. } = it;
        Self { id, event_type, handler, attempts, due, since, cause }
    }
}

impl From<OpenJob> for OpenJobView {
    fn from(it: OpenJob) -> Self {
        let OpenJob { effect, job_key, attempts, due, cause, lease_until, .. } = it;
        Self { effect, key: job_key, attempts, due, cause, lease_until }
    }
}
