//! What operators see, in the API and on the command line alike.

use std::collections::BTreeMap;

use bus::{
    Backlog, Concerning, Db, Dead, DeadGroup, JobState, OldestIs, OpenJob, Orphan, Orphans,
    QueueState, Rehearsal, Replayed, Retries, Retrying, RowsWritten, Service, Unsent, Verdict,
    step::Comparison,
    transport::{Depth, TransportError},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{HIDDEN, Reader, hide};

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

#[derive(Serialize, ToSchema)]
pub(crate) struct GroupsView {
    pub(crate) groups: Vec<GroupView>,
}

/// Dead letters of one consumer and one cause.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct GroupView {
    /// Names the group; the same as long as the cause is.
    pub(crate) key: String,
    /// The handler or effect that gave up.
    pub(crate) consumer: String,
    /// `event`, `job` or `undecodable`.
    pub(crate) kind: String,
    /// What they have in common: `#` and `@` stand for what differs.
    pub(crate) cause: String,
    pub(crate) letters: i64,
    /// How many people they are about.
    pub(crate) people: i64,
    pub(crate) first_at: DateTime<Utc>,
    pub(crate) last_at: DateTime<Utc>,
    /// The newest of them.
    pub(crate) example: Uuid,
}

impl From<DeadGroup> for GroupView {
    fn from(group: DeadGroup) -> Self {
        Self {
            key: group.key,
            consumer: group.consumer,
            kind: group.kind,
            cause: group.cause,
            letters: group.letters,
            people: group.people,
            first_at: group.first_at,
            last_at: group.last_at,
            example: group.example,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LettersView {
    pub(crate) letters: Vec<LetterView>,
    /// Give it as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl LettersView {
    pub(super) fn of(letters: Vec<Dead>, next: Option<String>, reader: Reader) -> Self {
        Self { letters: seen_by(reader, letters), next }
    }
}

fn seen_by(reader: Reader, letters: Vec<Dead>) -> Vec<LetterView> {
    letters.into_iter().map(|dead| LetterView::from(dead).seen_by(reader)).collect()
}

/// One dead letter.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct LetterView {
    pub(crate) id: Uuid,
    /// The handler or effect that gave up.
    pub(crate) consumer: String,
    /// `event`, `job` or `undecodable`.
    pub(crate) kind: String,
    /// The key of its group.
    pub(crate) group: String,
    pub(crate) cause: String,
    pub(crate) attempts: i32,
    /// When it was tried, the latest times, where they are known.
    pub(crate) tried_at: Vec<String>,
    pub(crate) died_at: DateTime<Utc>,
    /// The trace of the click that it goes back to.
    pub(crate) trace: Option<String>,
    /// The event with its envelope, or the job.
    pub(crate) content: Value,
    /// Of what is no envelope: its bytes, as text as far as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<String>,
    /// `waiting`, `replayed` or `discarded`.
    pub(crate) state: String,
    /// Why it was discarded.
    pub(crate) reason: Option<String>,
    pub(crate) settled_at: Option<DateTime<Utc>>,
    /// Who replayed or discarded it.
    pub(crate) settled_by: Option<String>,
}

impl LetterView {
    /// As this reader may see it.
    pub(super) fn seen_by(mut self, reader: Reader) -> Self {
        hide(&mut self.content, reader);
        if reader == Reader::Operator {
            // What cannot be read cannot be searched for names either.
            self.bytes = self.bytes.map(|_| HIDDEN.to_owned());
        }
        self
    }
}

impl From<Dead> for LetterView {
    fn from(dead: Dead) -> Self {
        Self {
            trace: dead.trace(),
            content: content(&dead),
            bytes: dead
                .bytes
                .map(|bytes| String::from_utf8_lossy(&bytes).escape_debug().to_string()),
            id: dead.id,
            consumer: dead.consumer,
            kind: dead.kind,
            group: dead.group_key,
            cause: dead.cause,
            attempts: dead.attempts,
            tried_at: dead.tried.split_whitespace().map(str::to_owned).collect(),
            died_at: dead.died_at,
            state: dead.state,
            reason: dead.reason,
            settled_at: dead.settled_at,
            settled_by: dead.settled_by,
        }
    }
}

/// As JSON, the event's data within its envelope too; text where it is none.
fn content(dead: &Dead) -> Value {
    let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
    if dead.kind == "undecodable" {
        return serde_json::json!({ "headers": dead.event_type });
    }
    let mut content: Value = parse(&dead.body);
    if let Some(data) = content.get_mut("data").filter(|_| dead.kind == "event") {
        *data = data.as_str().map_or(Value::Null, parse);
    }
    content
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayedView {
    /// How many waited.
    pub(crate) waiting: u64,
    /// Will be tried again.
    pub(crate) replayed: u64,
    /// Can never be read, and still wait.
    pub(crate) unreadable: u64,
    /// Have no handler or effect any more, and still wait.
    pub(crate) nobody_there: u64,
    /// Of a dry run: how many of them are jobs, which would be performed again; that is not tried.
    pub(crate) untried: usize,
    /// Of a dry run: what would come of each, of 200 at most.
    pub(crate) rehearsed: Vec<RehearsalView>,
}

impl ReplayedView {
    pub(crate) fn of(waiting: u64, done: Replayed, rehearsed: Vec<RehearsalView>) -> Self {
        let Replayed { replayed, unreadable, nobody_there } = done;
        let untried = rehearsed.iter().filter(|it| it.is_untried()).count();
        Self { waiting, replayed, unreadable, nobody_there, untried, rehearsed }
    }
}

/// What a replay of one letter would come to.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct RehearsalView {
    pub(crate) id: Uuid,
    pub(crate) consumer: String,
    /// `would-succeed`, `would-fail`, `would-be-performed` (a job; nothing was performed),
    /// `cannot-be-read`, `deadly` (it took its process down each time, and is not rehearsed) or
    /// `nobody-there` (no handler or effect of this name is left).
    pub(crate) verdict: &'static str,
    /// Why it would fail.
    pub(crate) cause: Option<String>,
    /// Events that it would publish, by type.
    pub(crate) publishes: BTreeMap<String, usize>,
    /// Jobs that it would request, by effect.
    pub(crate) requests: BTreeMap<String, usize>,
    /// Rows that it wrote before all was undone.
    pub(crate) rows: u64,
    /// The same, by table.
    pub(crate) tables: Vec<TableView>,
}

impl RehearsalView {
    /// A job would be performed again, and nobody can say whether it goes.
    pub(crate) fn is_untried(&self) -> bool {
        self.verdict == "would-be-performed"
    }
}

/// Rows of one table that a replay would write.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct TableView {
    pub(crate) table: String,
    pub(crate) inserted: u64,
    /// By statements that do the one or the other, and do not tell which.
    pub(crate) inserted_or_updated: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
}

impl From<(String, RowsWritten)> for TableView {
    fn from((table, rows): (String, RowsWritten)) -> Self {
        let RowsWritten { inserted, inserted_or_updated, updated, deleted } = rows;
        Self { table, inserted, inserted_or_updated, updated, deleted }
    }
}

impl From<Rehearsal> for RehearsalView {
    fn from(rehearsal: Rehearsal) -> Self {
        let verdict = match rehearsal.verdict {
            Verdict::WouldSucceed => "would-succeed",
            Verdict::WouldFail => "would-fail",
            Verdict::WouldBePerformed => "would-be-performed",
            Verdict::CannotBeRead => "cannot-be-read",
            Verdict::Deadly => "deadly",
            Verdict::NobodyThere => "nobody-there",
        };
        Self {
            id: rehearsal.id,
            consumer: rehearsal.consumer,
            verdict,
            cause: rehearsal.cause,
            publishes: rehearsal.publishes,
            requests: rehearsal.requests,
            rows: rehearsal.tables.values().map(RowsWritten::total).sum(),
            tables: rehearsal.tables.into_iter().map(TableView::from).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DiscardedView {
    pub(crate) discarded: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ComparisonsView {
    pub(crate) copies: Vec<ComparisonView>,
}

/// How a service's copies of one kind stand to their owner's.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct ComparisonView {
    /// `<owner>.<things>`
    pub(crate) kind: &'static str,
    /// The last comparison; null before the first.
    pub(crate) last: Option<FoundView>,
}

/// What one comparison found.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct FoundView {
    pub(crate) run: Uuid,
    pub(crate) began_at: DateTime<Utc>,
    pub(crate) heard_at: DateTime<Utc>,
    /// Whether all of it was heard.
    pub(crate) is_complete: bool,
    pub(crate) compared: i64,
    pub(crate) missing: i64,
    pub(crate) older: i64,
    pub(crate) differing: i64,
    pub(crate) newer: i64,
    pub(crate) surplus: i64,
    /// All that were not as their owner's.
    pub(crate) drift: i64,
}

impl ComparisonsView {
    /// `comparisons` begin with the latest.
    pub(crate) fn of(service: &Service, comparisons: Vec<Comparison>) -> Self {
        let last = |kind: &str| comparisons.iter().find(|found| found.kind == kind);
        let kinds = service.copies().iter().map(|copies| copies.kind);
        let view = |kind| ComparisonView { kind, last: last(kind).map(FoundView::from) };
        Self { copies: kinds.map(view).collect() }
    }
}

impl From<&Comparison> for FoundView {
    fn from(found: &Comparison) -> Self {
        Self {
            run: found.run,
            began_at: found.began_at,
            heard_at: found.heard_at,
            is_complete: found.is_complete(),
            compared: found.compared,
            missing: found.missing,
            older: found.older,
            differing: found.differing,
            newer: found.newer,
            surplus: found.surplus,
            drift: found.drift(),
        }
    }
}

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
    pub(super) fn of(work: Concerning, reader: Reader) -> Self {
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
