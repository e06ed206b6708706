//! Jobs in the outside world: a mail, a PDF, a push message.
//!
//! A job is requested in a transaction ([`Tx::request`]), claimed with a lease and a fence, performed
//! with no transaction open, and its ending recorded in a transaction. While it is performed a
//! heartbeat keeps the lease. A worker that dies leaves a lease that runs out: an effect that may be
//! repeated is performed again, unless so many workers died at it that it must be its fault; one that may
//! not is recorded as *uncertain* and never silently performed again.

mod ending;

use std::{
    collections::HashMap, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::FromQueryResult;
use serde::{Serialize, de::DeserializeOwned};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use self::ending::{bury, end, later};
use crate::{
    Db, Error, Handled, Read, RetryPolicy, Tx,
    clock::HORIZON,
    dead,
    fault::{self, Point},
    meters, retry,
    runner::panic_text,
    trace::{self, Span},
    values,
};

const LEASE: TimeDelta = TimeDelta::seconds(20);
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often waiting jobs are looked for without being told: retries, and other processes' requests.
const POLL: Duration = Duration::from_millis(200);
const GIVEN_UP_AT_ONCE: usize = 100;

/// Something done to the outside world.
pub trait Effect: Send + Sync + 'static {
    /// Durable: `<service>.<effect>`.
    const NAME: &'static str;
    /// What to do, complete: the effect looks nothing up in a database.
    type Job: Serialize + DeserializeOwned + Send + Sync;
    /// What came of it.
    type Outcome: Clone + Send + Sync;
    /// Whether performing the same job twice does no harm. If not, a job whose worker died is
    /// recorded as [`Ending::Uncertain`].
    const REPEATABLE: bool;
    /// How many at once in one process.
    const CONCURRENCY: usize = 4;
    /// How often and how long it is tried again.
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT;

    /// Does it. No transaction is open.
    fn perform(
        &self,
        job: &Self::Job,
    ) -> impl Future<Output = Result<Self::Outcome, EffectFailure>> + Send;

    /// Writes down how it ended. If that fails it is tried a few times more, and then the job is dead, whatever
    /// was done.
    fn record(
        &self,
        job: &Self::Job,
        ending: Ending<Self::Outcome>,
        tx: &mut Tx,
    ) -> impl Future<Output = Handled> + Send;
}

/// Why an effect did not happen.
#[derive(Debug, thiserror::Error)]
pub enum EffectFailure {
    /// It did not happen; try again later.
    #[error("{0}")]
    Retry(String),
    /// It will never happen, and that is an answer (an address that does not exist).
    #[error("{0}")]
    Refused(String),
    /// Nobody can tell whether it happened.
    #[error("{0}")]
    Uncertain(String),
}

impl EffectFailure {
    /// With a cause that every database takes: it may repeat what a foreign server said.
    fn storable(self) -> Self {
        match self {
            Self::Retry(cause) => Self::Retry(dead::storable(&cause)),
            Self::Refused(cause) => Self::Refused(dead::storable(&cause)),
            Self::Uncertain(cause) => Self::Uncertain(dead::storable(&cause)),
        }
    }
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum Ending<O> {
    Done(O),
    /// Refused for good.
    Refused(String),
    /// Tried too often; it is also a dead letter, which an operator can replay.
    GaveUp(String),
    /// It may have happened: it is not tried again.
    Uncertain(String),
}

impl<O> Ending<O> {
    fn name(&self) -> &'static str {
        let index = match self {
            Self::Done(_) => 0,
            Self::Refused(_) => 1,
            Self::GaveUp(_) => 2,
            Self::Uncertain(_) => 3,
        };
        meters::ENDINGS[index]
    }

    /// Why it was not done.
    fn cause(&self) -> Option<&str> {
        match self {
            Self::Done(_) => None,
            Self::Refused(cause) | Self::GaveUp(cause) | Self::Uncertain(cause) => Some(cause),
        }
    }

    /// Why it is dead though it ended: nobody was told.
    fn unrecorded(&self, why: &str) -> String {
        match self {
            Self::Done(_) => {
                format!(
                    "it was done, and this could not be recorded (a replay does it again): {why}"
                )
            }
            Self::Refused(cause) | Self::GaveUp(cause) | Self::Uncertain(cause) => {
                format!("{cause}; and this could not be recorded: {why}")
            }
        }
    }
}

/// What one claimed job came to, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    Ended,
    WillRetry,
    LeaseLost,
}

pub(crate) const WITHDRAW: &str = "delete from bus_effect where effect = $1 and job_key = $2";

pub(crate) struct NewJob {
    pub(crate) effect: &'static str,
    pub(crate) key: String,
    pub(crate) job: String,
    pub(crate) due: DateTime<Utc>,
    pub(crate) traceparent: String,
}

pub(crate) async fn insert(tx: &mut Tx, jobs: Vec<NewJob>) -> Result<(), Error> {
    let rows = jobs
        .into_iter()
        .map(|job| values![job.effect, job.key, job.job, job.due, job.traceparent])
        .collect();
    tx.insert_many(
        "insert into bus_effect (effect, job_key, job, due, traceparent) values",
        rows,
        "on conflict (effect, job_key) do nothing",
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult, Clone, Debug)]
pub(crate) struct Claim {
    effect: String,
    pub(crate) job_key: String,
    job: String,
    attempts: i32,
    fence: i64,
    traceparent: Option<String>,
    /// It was claimed before, by a worker that never came back.
    pub(crate) abandoned: bool,
    /// So many claims, one after the other, that never ended.
    unended: i32,
}

/// An effect whose types are forgotten, so that a service can hold several.
pub(crate) trait ErasedEffect: Send + Sync {
    fn name(&self) -> &'static str;
    fn concurrency(&self) -> usize;
    fn work<'a>(&'a self, db: &'a Db, claim: &'a Claim) -> BoxFuture<'a, Result<Performed, Error>>;
}

impl<E: Effect> ErasedEffect for E {
    fn name(&self) -> &'static str {
        E::NAME
    }
    fn concurrency(&self) -> usize {
        E::CONCURRENCY
    }
    fn work<'a>(&'a self, db: &'a Db, claim: &'a Claim) -> BoxFuture<'a, Result<Performed, Error>> {
        Box::pin(work(self, db, claim))
    }
}

/// Claims and performs a service's jobs until told to stop; what is being performed is finished.
pub(crate) async fn run(db: Db, effects: Vec<Arc<dyn ErasedEffect>>, stop: CancellationToken) {
    let owner = Uuid::now_v7();
    let mut at_work: JoinSet<&'static str> = JoinSet::new();
    let mut busy: HashMap<&'static str, usize> = HashMap::new();
    while !stop.is_cancelled() {
        for effect in &effects {
            let at_it = busy.get(effect.name()).copied().unwrap_or(0);
            let free = effect.concurrency().saturating_sub(at_it);
            if free == 0 {
                continue;
            }
            let claims = claim(&db, effect.name(), owner, free).await.unwrap_or_else(|error| {
                tracing::warn!(%error, effect = effect.name(), "cannot claim jobs");
                Vec::new()
            });
            for claim in claims {
                *busy.entry(effect.name()).or_default() += 1;
                at_work.spawn(work_and_log(db.clone(), effect.clone(), claim));
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = db.inner.jobs_added.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            Some(done) = at_work.join_next() => free_one(&mut busy, done),
        }
    }
    while at_work.join_next().await.is_some() {}
}

fn free_one(
    busy: &mut HashMap<&'static str, usize>,
    done: Result<&'static str, tokio::task::JoinError>,
) {
    match done {
        Ok(name) => {
            if let Some(count) = busy.get_mut(name) {
                *count = count.saturating_sub(1);
            }
        }
        // Only a task that was aborted ends so, and nobody aborts them.
        Err(error) => tracing::error!(%error, "a job's task ended by itself"),
    }
}

async fn work_and_log(db: Db, effect: Arc<dyn ErasedEffect>, claim: Claim) -> &'static str {
    if let Err(error) = effect.work(&db, &claim).await {
        tracing::warn!(%error, effect = effect.name(), key = claim.job_key, "a job's ending was not recorded; its lease will run out");
    }
    effect.name()
}

/// Which jobs of an effect may be claimed: those that are due and in nobody's hand. $2 is now, $3 the [`HORIZON`].
const FREE: &str = "effect = $1 and due <= $2 \
                    and (lease_until is null or lease_until not between $2 and $3)";

/// Claims up to `most` jobs that are due, or whose lease ran out.
pub(crate) async fn claim(
    db: &Db,
    effect: &'static str,
    owner: Uuid,
    most: usize,
) -> Result<Vec<Claim>, Error> {
    if !is_any_free(db, effect).await? {
        return Ok(Vec::new());
    }
    let tx = db.begin().await?;
    let now = tx.now();
    let lock = if db.is_postgres() { "for update skip locked" } else { "" };
    let claims = tx
        .all::<Claim>(
            &format!(
                // Materialised: PostgreSQL may run a subquery again for each row, each time with other
                // rows to skip, and so give more than the limit.
                "with chosen as materialized \
                 (select job_key from bus_effect where {FREE} order by due limit {most} {lock}) \
                 update bus_effect set lease_until = $4, owner = $5, fence = fence + 1, \
                 abandoned = (lease_until is not null), \
                 unended = case when lease_until is null then 0 else unended + 1 end, \
                 tried = tried || $6 \
                 where effect = $1 and job_key in (select job_key from chosen) \
                 returning effect, job_key, job, attempts, fence, traceparent, abandoned, unended"
            ),
            values![effect, now, now + HORIZON, now + LEASE, owner, retry::one_more(now)],
        )
        .await?;
    tx.commit().await?;
    Ok(claims)
}

async fn is_any_free(db: &Db, effect: &'static str) -> Result<bool, Error> {
    let (sql, now) = (format!("select 1 from bus_effect where {FREE} limit 1"), db.now());
    let found: Option<i32> = db.scalar(&sql, values![effect, now, now + HORIZON]).await?;
    Ok(found.is_some())
}

/// Makes dead letters of all jobs of an effect that is no more. What somebody is at is left to them.
pub(crate) async fn give_up_all(db: &Db, effect: &'static str, cause: &str) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let sql = "update bus_effect set due = $1 where effect = $2 and due > $1";
    tx.execute(sql, values![now, effect]).await?;
    tx.commit().await?;
    loop {
        let claims = claim(db, effect, Uuid::now_v7(), GIVEN_UP_AT_ONCE).await?;
        if claims.is_empty() {
            return Ok(());
        }
        for claim in claims {
            bury(db, &claim, effect, 0, cause).await?;
        }
    }
}

async fn work<E: Effect>(effect: &E, db: &Db, claim: &Claim) -> Result<Performed, Error> {
    let span = Span::of_job(E::NAME, claim.traceparent.as_deref());
    let log_span = tracing::info_span!(
        "perform",
        effect = E::NAME,
        job = claim.job_key,
        trace_id = trace::id(claim.traceparent.as_deref())
    );
    work_within(effect, db, claim, &span).instrument(log_span).await
}

async fn work_within<E: Effect>(
    effect: &E,
    db: &Db,
    claim: &Claim,
    span: &Span,
) -> Result<Performed, Error> {
    let job: E::Job = match serde_json::from_str(&claim.job) {
        Ok(job) => job,
        Err(error) => {
            return bury(db, claim, E::NAME, 1, &format!("the job does not read: {error}")).await;
        }
    };
    if claim.unended > dead::most_unended() {
        // Recording that it was given up on kills as well.
        return bury(db, claim, E::NAME, 1, &dead::deadly(claim.unended)).await;
    }
    if let Some(ending) = end_of_abandoned::<E>(claim) {
        return end(effect, db, claim, span, &job, ending).await;
    }
    let Some(performed) = perform(effect, db, claim, &job).await else {
        return Ok(Performed::LeaseLost);
    };
    let ending = match performed {
        Ok(outcome) => Ending::Done(outcome),
        Err(EffectFailure::Refused(cause)) => Ending::Refused(cause),
        Err(EffectFailure::Uncertain(cause)) => Ending::Uncertain(cause),
        Err(EffectFailure::Retry(cause)) => {
            let attempts = u32::try_from(claim.attempts).unwrap_or(0) + 1;
            if !E::RETRY.is_exhausted(attempts) {
                span.failed();
                meters::effect_retried(E::NAME);
                log_retry(attempts, &cause);
                return later(db, claim, attempts, E::RETRY, &cause).await;
            }
            Ending::GaveUp(cause)
        }
    };
    end(effect, db, claim, span, &job, ending).await
}

fn log_retry(attempts: u32, cause: &str) {
    let cause = dead::loggable(cause);
    if attempts < retry::WARNS_FROM {
        tracing::debug!(attempts, cause, "will be tried again");
    } else {
        tracing::warn!(attempts, cause, "will be tried again");
    }
}

/// Does it, for as long as the lease is ours; nothing, if it is lost.
async fn perform<E: Effect>(
    effect: &E,
    db: &Db,
    claim: &Claim,
    job: &E::Job,
) -> Option<Result<E::Outcome, EffectFailure>> {
    let started = tokio::time::Instant::now();
    let performing = AssertUnwindSafe(effect.perform(job)).catch_unwind();
    let outcome = tokio::select! {
        outcome = performing => outcome.unwrap_or_else(|panic| {
            Err(EffectFailure::Retry(panic_text(&*panic)))
        }),
        () = keep_lease(db, claim) => return None,
    };
    meters::effect_took(E::NAME, started.elapsed());
    fault::point(Point::PerformedNotRecorded);
    Some(outcome.map_err(EffectFailure::storable))
}

/// How a job ends that others were at before and left without an end, if it is not to be performed again.
fn end_of_abandoned<E: Effect>(claim: &Claim) -> Option<Ending<E::Outcome>> {
    if claim.abandoned && !E::REPEATABLE {
        let cause = "the worker died while at it: nobody can tell whether it was done".to_owned();
        return Some(Ending::Uncertain(cause));
    }
    let is_deadly = claim.unended >= dead::most_unended();
    is_deadly.then(|| Ending::GaveUp(dead::deadly(claim.unended)))
}

/// Renews the lease for as long as it is ours; returns when it no longer is.
async fn keep_lease(db: &Db, claim: &Claim) {
    #[cfg(feature = "testing")]
    if crate::simulation::is_on() {
        // Where the clock is moved by hand no five seconds pass; a worker that stands still loses its lease.
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        match renew(db, claim).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, effect = claim.effect, "cannot renew a lease"),
        }
    }
}

async fn renew(db: &Db, claim: &Claim) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let until = tx.now() + LEASE;
    let renewed = tx
        .execute(
            "update bus_effect set lease_until = $1 where effect = $2 and job_key = $3 and fence = $4",
            values![until, claim.effect.clone(), claim.job_key.clone(), claim.fence],
        )
        .await?;
    tx.commit().await?;
    Ok(renewed == 1)
}
