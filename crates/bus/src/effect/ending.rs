//! What becomes of a job when it was tried: its ending recorded, another try, or the dead letters.
//!
//! Whoever lost the lease meanwhile writes nothing: another worker has the job.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::TimeDelta;
use futures::FutureExt;
use uuid::Uuid;

use super::{Claim, Effect, Ending, LEASE, Performed};
use crate::{
    Db, Error, Failure, Read, RetryPolicy, Tx,
    dead::{self, NewDead},
    meters, retry,
    runner::panic_text,
    trace::Span,
    values,
};

/// How often an ending is recorded in vain before its job is dead. With the pauses between, that takes less
/// than half a minute: what is wrong for a moment is waited for, a faulty recording is not tried for ever.
const RECORDINGS: u32 = 8;
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// How long the database may be away meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);

/// Records the ending. Where that fails it is tried again, for a while, for what was done is not to be done
/// once more for the sake of its recording; in the end the job is dead.
pub(super) async fn end<E: Effect>(
    effect: &E,
    db: &Db,
    claim: &Claim,
    span: &Span,
    job: &E::Job,
    ending: Ending<E::Outcome>,
) -> Result<Performed, Error> {
    let (started, mut failed) = (tokio::time::Instant::now(), 0);
    loop {
        let failure = match record(effect, db, claim, span, job, ending.clone()).await {
            Ok(performed) => return Ok(performed),
            Err(failure) => failure,
        };
        let cause = failure.cause();
        let why = dead::loggable(cause);
        tracing::warn!(ending = ending.name(), failed, cause = why, "an ending was not recorded");
        meters::effect_retried(E::NAME);
        match hold(db, claim, failed + 1, cause).await {
            Ok(true) => failed += 1,
            Ok(false) => return Ok(Performed::LeaseLost),
            Err(error) if started.elapsed() > PATIENCE => return Err(error),
            // The database is away, which is nobody's fault here.
            Err(_) => {}
        }
        if failed == RECORDINGS || matches!(failure, Failure::Park(_)) {
            return bury(db, claim, E::NAME, failed, &ending.unrecorded(cause)).await;
        }
        pause(E::RETRY.delay(failed.max(1))).await;
    }
}

/// Records the ending and takes the job away, in one transaction, if the lease is still ours.
async fn record<E: Effect>(
    effect: &E,
    db: &Db,
    claim: &Claim,
    span: &Span,
    job: &E::Job,
    ending: Ending<E::Outcome>,
) -> Result<Performed, Failure> {
    let mut tx = db.begin().await?;
    let Some(tried) = take_away(&tx, claim).await? else {
        return Ok(Performed::LeaseLost);
    };
    if let Ending::GaveUp(cause) = &ending {
        dead::insert(&mut tx, dead_job(claim, 1, cause, &tried)).await?;
    }
    tx.set_attempts(u32::try_from(claim.attempts).unwrap_or(0) + 1);
    tx.follow_job(span, claim.traceparent.as_deref());
    let (name, cause) = (ending.name(), ending.cause().map(dead::loggable));
    let recording = AssertUnwindSafe(effect.record(job, ending, &mut tx)).catch_unwind();
    let recorded = recording.await.unwrap_or_else(|panic| Err(Failure::Retry(panic_text(&*panic))));
    if let Err(failure) = recorded {
        tx.rollback().await.ok();
        return Err(failure);
    }
    tx.commit().await?;
    meters::effect_ended(E::NAME, name);
    span.ended_as(name);
    if let Some(cause) = cause {
        span.failed();
        tracing::warn!(ending = name, cause, "a job was not done");
    } else {
        tracing::debug!("performed");
    }
    Ok(Performed::Ended)
}

/// Counts a recording that failed, and keeps the lease meanwhile. `false`: it is no longer ours.
async fn hold(db: &Db, claim: &Claim, failed: u32, cause: &str) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let until = tx.now() + LEASE;
    // The first recording is of the attempt whose time stands there already.
    let again = if failed > 1 { retry::one_more(tx.now()) } else { String::new() };
    let held = tx
        .execute(
            "update bus_effect set lease_until = $1, attempts = $2, cause = $3, \
             tried = tried || $4 where effect = $5 and job_key = $6 and fence = $7",
            values![
                until,
                with_failed(claim, failed),
                dead::storable(cause),
                again,
                claim.effect.clone(),
                claim.job_key.clone(),
                claim.fence
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(held == 1)
}

async fn pause(wanted: TimeDelta) {
    #[cfg(feature = "testing")]
    if crate::simulation::is_on() {
        return;
    }
    tokio::time::sleep(wanted.min(LONGEST_PAUSE).to_std().unwrap_or_default()).await;
}

/// Gives the times of its attempts, if it was still ours.
async fn take_away(tx: &Tx, claim: &Claim) -> Result<Option<String>, Error> {
    tx.scalar(
        "delete from bus_effect where effect = $1 and job_key = $2 and fence = $3 returning tried",
        values![claim.effect.clone(), claim.job_key.clone(), claim.fence],
    )
    .await
}

pub(super) async fn later(
    db: &Db,
    claim: &Claim,
    attempts: u32,
    policy: RetryPolicy,
    cause: &str,
) -> Result<Performed, Error> {
    let mut tx = db.begin().await?;
    let due = tx.now() + policy.delay(attempts);
    let changed = tx
        .execute(
            "update bus_effect set lease_until = null, owner = null, attempts = $1, due = $2, cause = $3 \
             where effect = $4 and job_key = $5 and fence = $6",
            values![
                i32::try_from(attempts).unwrap_or(i32::MAX),
                due,
                cause,
                claim.effect.clone(),
                claim.job_key.clone(),
                claim.fence
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(if changed == 1 { Performed::WillRetry } else { Performed::LeaseLost })
}

/// A job that nobody can read any more, or whose ending cannot be recorded: to the dead letters, with its text.
pub(super) async fn bury(
    db: &Db,
    claim: &Claim,
    effect: &'static str,
    failed: u32,
    cause: &str,
) -> Result<Performed, Error> {
    let mut tx = db.begin().await?;
    let Some(tried) = take_away(&tx, claim).await? else {
        return Ok(Performed::LeaseLost);
    };
    dead::insert(&mut tx, dead_job(claim, failed, cause, &tried)).await?;
    tx.commit().await?;
    meters::effect_ended(effect, meters::GAVE_UP);
    tracing::warn!(cause = dead::loggable(cause), "dead letter");
    Ok(Performed::Ended)
}

fn with_failed(claim: &Claim, failed: u32) -> i32 {
    claim.attempts.saturating_add(i32::try_from(failed).unwrap_or(i32::MAX))
}

/// After so many failures more than there were when it was claimed.
fn dead_job(claim: &Claim, failed: u32, cause: &str, tried: &str) -> NewDead {
    NewDead {
        consumer: claim.effect.clone(),
        kind: dead::Kind::Job,
        id: event::derived_uuid(
            Uuid::NAMESPACE_OID,
            &format!("{}/{}", claim.effect, claim.job_key),
        ),
        event_type: claim.job_key.clone(),
        body: claim.job.clone(),
        bytes: None,
        cause: cause.to_owned(),
        attempts: with_failed(claim, failed),
        tried: retry::latest(tried),
        traceparent: claim.traceparent.clone(),
    }
}
