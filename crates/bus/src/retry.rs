//! Trying again, later: the schedule, and the table in which an event waits for its next attempt.
//!
//! Retries live in the service's own database, the same on every transport; nobody waits behind one.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use event::Envelope;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, Error, Failure, Read, Tx,
    dead::{self, NewDead},
    handler::ErasedHandler,
    meters,
    runner::attempt,
    trace, values,
};

/// Tried for one handler before the others have their turn.
const ONE_TURN: usize = 50;
/// Attempts whose times are kept.
const MOST_TIMES: usize = 30;

/// How often and how long something is tried again: exponential, with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    pub first: Duration,
    pub longest: Duration,
}

impl RetryPolicy {
    /// Twenty attempts over some hours: six at the most.
    pub const DEFAULT: Self = Self {
        attempts: 20,
        first: Duration::from_millis(250),
        longest: Duration::from_secs(3600),
    };

    /// How long to wait after the given number of attempts: a random part of `first * 2^(n-1)`, at
    /// most `longest`, and never less than a tenth of it, so that nothing spins.
    #[must_use]
    pub fn delay(&self, attempts: u32) -> TimeDelta {
        let doubled =
            self.first.saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1).min(31)));
        let ceiling = doubled.min(self.longest);
        let part = jitter();
        TimeDelta::from_std(ceiling.mul_f64(part)).unwrap_or(TimeDelta::hours(1))
    }

    #[must_use]
    pub fn is_exhausted(&self, attempts: u32) -> bool {
        attempts >= self.attempts
    }
}

/// From a tenth to the whole.
fn jitter() -> f64 {
    let mut bytes = [0; 4];
    if event::fill_seeded(&mut bytes) {
        return 0.1 + 0.9 * f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX);
    }
    rand::random_range(0.1..=1.0)
}

/// Keeps an event whose handler failed for the first time, with its payload: to be tried later, or
/// dead.
pub(crate) async fn keep(
    tx: &mut Tx,
    handler: &dyn ErasedHandler,
    envelope: &Envelope,
    failure: &Failure,
    attempts: u32,
) -> Result<(), Error> {
    keep_after(tx, handler, envelope, failure, attempts, "").await
}

/// As [`keep`], after the attempts whose times are given.
async fn keep_after(
    tx: &mut Tx,
    handler: &dyn ErasedHandler,
    envelope: &Envelope,
    failure: &Failure,
    attempts: u32,
    tried: &str,
) -> Result<(), Error> {
    let tried = with_attempt(tried, tx.now());
    let parked = matches!(failure, Failure::Park(_));
    if parked || handler.retry().is_exhausted(attempts) {
        meters::dead(handler.name());
        let trace_id = trace::id(envelope.traceparent.as_deref());
        tracing::warn!(handler = handler.name(), event_id = %envelope.id, event_type = envelope.event_type, trace_id, attempts, cause = failure.cause(), "dead letter");
        let dead = dead_event(handler.name(), envelope, failure.cause(), attempts)?;
        return dead::insert(tx, NewDead { tried, ..dead }).await;
    }
    meters::retried(handler.name());
    tracing::debug!(handler = handler.name(), event_id = %envelope.id, attempts, cause = failure.cause(), "will be tried again");
    let due = tx.now() + handler.retry().delay(attempts);
    wait(tx, handler.name(), envelope, attempts, due, failure.cause(), tried).await
}

/// The times of attempts, one more; the latest are kept.
fn with_attempt(tried: &str, now: DateTime<Utc>) -> String {
    let now = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut times: Vec<&str> = tried.split(' ').filter(|time| !time.is_empty()).collect();
    times.push(&now);
    times[times.len().saturating_sub(MOST_TIMES)..].join(" ")
}

/// Puts an event to wait for one handler, whatever it was before.
pub(crate) async fn wait(
    tx: &mut Tx,
    handler: &str,
    envelope: &Envelope,
    attempts: u32,
    due: DateTime<Utc>,
    cause: &str,
    tried: String,
) -> Result<(), Error> {
    let attempts = i32::try_from(attempts).unwrap_or(i32::MAX);
    tx.execute(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since, tried) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (handler, id) do update set \
         attempts = excluded.attempts, due = excluded.due, cause = excluded.cause, \
         tried = excluded.tried",
        values![
            handler,
            envelope.id.0,
            envelope.event_type.clone(),
            serde_json::to_string(envelope)?,
            attempts,
            due,
            dead::storable(cause),
            tx.now(),
            tried
        ],
    )
    .await?;
    Ok(())
}

/// Tries nothing of a subject again.
pub(crate) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute("delete from bus_retry where envelope like $1", values![dead::of_subject(subject)])
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    envelope: String,
    attempts: i32,
    tried: String,
}

#[derive(FromQueryResult)]
struct Due {
    handler: String,
}

/// Tries again what is due, in turns, so that a handler with much to try holds up no other.
pub(crate) async fn try_all_due(
    db: &Db,
    handlers: &[Arc<dyn ErasedHandler>],
) -> Result<usize, Error> {
    let mut tried = 0;
    loop {
        let due = handlers_with_due(db, handlers).await?;
        let mut turn = 0;
        for handler in handlers.iter().filter(|handler| due.contains(handler.name())) {
            turn += try_some(db, handler.as_ref()).await?;
        }
        if turn == 0 {
            return Ok(tried);
        }
        tried += turn;
    }
}

/// Which of these handlers have something due: one look into an index for each, in one statement.
async fn handlers_with_due(
    db: &Db,
    handlers: &[Arc<dyn ErasedHandler>],
) -> Result<HashSet<String>, Error> {
    if handlers.is_empty() {
        return Ok(HashSet::new());
    }
    let names: Vec<String> =
        (0..handlers.len()).map(|index| format!("(cast(${} as text))", index + 2)).collect();
    let sql = format!(
        "with own (handler) as (values {}) select own.handler from own where exists \
         (select 1 from bus_retry r where r.handler = own.handler and r.due <= $1)",
        names.join(",")
    );
    let mut values = values![db.now()];
    values.extend(handlers.iter().map(|handler| Value::from(handler.name())));
    let due: Vec<Due> = db.all(&sql, values).await?;
    Ok(due.into_iter().map(|row| row.handler).collect())
}

/// Tries again what is due for one handler, each in a transaction of its own, up to its turn's end.
async fn try_some(db: &Db, handler: &dyn ErasedHandler) -> Result<usize, Error> {
    let mut tried = 0;
    while tried < ONE_TURN && try_one(db, handler).await? {
        tried += 1;
    }
    Ok(tried)
}

/// Locks one event that is due, handles it, and forgets or keeps it, all in one transaction: two
/// replicas never hold the same one.
async fn try_one(db: &Db, handler: &dyn ErasedHandler) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let lock = if db.is_postgres() { "for update skip locked" } else { "" };
    let waiting: Option<Waiting> = tx
        .one(
            &format!(
                "select id, envelope, attempts, tried from bus_retry where handler = $1 and due <= $2 \
                 order by due limit 1 {lock}"
            ),
            values![handler.name(), tx.now()],
        )
        .await?;
    let Some(waiting) = waiting else {
        return Ok(false);
    };
    tx.execute(
        "delete from bus_retry where handler = $1 and id = $2",
        values![handler.name(), waiting.id],
    )
    .await?;
    let envelope: Envelope = serde_json::from_str(&waiting.envelope)?;
    let attempts = u32::try_from(waiting.attempts).unwrap_or(0) + 1;
    tx.savepoint().await?;
    let attempted = attempt(handler, &[&envelope], &mut tx).await;
    let is_handled = attempted.is_ok();
    match attempted {
        Ok(()) => tx.release().await?,
        Err(failure) => {
            tx.undo().await?;
            keep_after(&mut tx, handler, &envelope, &failure, attempts, &waiting.tried).await?;
        }
    }
    let now = tx.now();
    tx.commit().await?;
    if is_handled {
        meters::handled(handler.name(), &[&envelope], now);
    }
    Ok(true)
}

fn dead_event(
    handler: &str,
    envelope: &Envelope,
    cause: &str,
    attempts: u32,
) -> Result<NewDead, Error> {
    Ok(NewDead {
        consumer: handler.to_owned(),
        kind: dead::Kind::Event,
        id: envelope.id.0,
        event_type: envelope.event_type.clone(),
        body: serde_json::to_string(envelope)?,
        bytes: None,
        cause: cause.to_owned(),
        attempts: i32::try_from(attempts).unwrap_or(i32::MAX),
        tried: String::new(),
        traceparent: None,
    })
}
