//! Trying again, later: the schedule, and the table in which an event waits for its next attempt.
//!
//! Retries live in the service's own database, the same on every transport; nobody waits behind one. Each
//! is written down before it begins: what kills its process every time is dead after a few times, too.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use event::Envelope;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, Error, Failure, Read, Tx,
    dead::{self, NewDead},
    handler::ErasedHandler,
    meters,
    runner::{attempt, note_handled},
    trace, values,
};

/// Tried for one handler before the others have their turn.
const ONE_TURN: usize = 50;
/// Attempts after which the log warns: what only came too early goes by then.
pub(crate) const WARNS_FROM: u32 = 3;
/// Attempts whose times are kept.
const MOST_TIMES: usize = 30;
/// How long what was begun is left to whoever began it, before others take it that it will not end.
const BEGUN: TimeDelta = TimeDelta::seconds(20);

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
    let past = Past { tried: with_attempt("", tx.now()), ..Past::begins(tx) };
    keep_after(tx, handler, envelope, failure, attempts, past).await
}

/// What came before an event's next attempt.
pub(crate) struct Past {
    /// When it first failed, or was given to its handler anew.
    since: DateTime<Utc>,
    /// The times of its latest attempts, with a space between.
    tried: String,
}

impl Past {
    /// Nothing: it is waited for from now on.
    pub(crate) fn begins(tx: &Tx) -> Self {
        Self { since: tx.now(), tried: String::new() }
    }
}

/// As [`keep`], after what came before.
async fn keep_after(
    tx: &mut Tx,
    handler: &dyn ErasedHandler,
    envelope: &Envelope,
    failure: &Failure,
    attempts: u32,
    past: Past,
) -> Result<(), Error> {
    let (name, cause) = (handler.name(), failure.cause());
    let parked = matches!(failure, Failure::Park(_));
    if parked || handler.retry().is_exhausted(attempts) {
        return bury(tx, name, envelope, cause, attempts, past.tried).await;
    }
    meters::retried(name);
    log_retry(name, envelope, attempts, cause);
    let due = tx.now() + handler.retry().delay(attempts);
    wait(tx, name, envelope, attempts, due, cause, past).await
}

fn log_retry(handler: &'static str, envelope: &Envelope, attempts: u32, cause: &str) {
    let (event_type, cause) = (envelope.event_type.as_str(), dead::loggable(cause));
    let trace_id = trace::id(envelope.traceparent.as_deref());
    if attempts < WARNS_FROM {
        tracing::debug!(handler, event_id = %envelope.id, event_type, trace_id, attempts, cause, "will be tried again");
    } else {
        tracing::warn!(handler, event_id = %envelope.id, event_type, trace_id, attempts, cause, "will be tried again");
    }
}

async fn bury(
    tx: &mut Tx,
    handler: &'static str,
    envelope: &Envelope,
    cause: &str,
    attempts: u32,
    tried: String,
) -> Result<(), Error> {
    meters::dead(handler);
    let trace_id = trace::id(envelope.traceparent.as_deref());
    tracing::warn!(handler, event_id = %envelope.id, event_type = envelope.event_type, trace_id, attempts, cause = dead::loggable(cause), "dead letter");
    let dead = dead_event(handler, envelope, cause, attempts)?;
    dead::insert(tx, NewDead { tried, ..dead }).await
}

/// The times of attempts, one more; the latest are kept.
fn with_attempt(tried: &str, now: DateTime<Utc>) -> String {
    latest(&format!("{tried}{}", one_more(now)))
}

/// The time of an attempt, as it is put after those before it.
pub(crate) fn one_more(now: DateTime<Utc>) -> String {
    format!(" {}", now.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// Of the times of attempts, those that are kept.
pub(crate) fn latest(tried: &str) -> String {
    let times: Vec<&str> = tried.split_whitespace().collect();
    times[times.len().saturating_sub(MOST_TIMES)..].join(" ")
}

const WAIT: &str = "insert into bus_retry \
    (handler, id, event_type, envelope, attempts, due, cause, since, tried) values";
const WAIT_INSTEAD: &str = "on conflict (handler, id) do update set attempts = excluded.attempts, \
    due = excluded.due, cause = excluded.cause, tried = excluded.tried, unended = 0";

/// Puts an event to wait for one handler, whatever it was before.
pub(crate) async fn wait(
    tx: &mut Tx,
    handler: &str,
    envelope: &Envelope,
    attempts: u32,
    due: DateTime<Utc>,
    cause: &str,
    past: Past,
) -> Result<(), Error> {
    let attempts = i32::try_from(attempts).unwrap_or(i32::MAX);
    let row = values![
        handler,
        envelope.id.0,
        envelope.event_type.clone(),
        serde_json::to_string(envelope)?,
        attempts,
        due,
        dead::storable(cause),
        past.since,
        past.tried
    ];
    tx.insert_many(WAIT, vec![row], WAIT_INSTEAD).await?;
    Ok(())
}

/// Has events tried alone, at once, which nobody has tried to their end yet.
pub(crate) async fn try_alone(
    tx: &mut Tx,
    handler: &str,
    envelopes: &[&Envelope],
    cause: &str,
) -> Result<(), Error> {
    let now = tx.now();
    let rows = envelopes.iter().map(|envelope| {
        let (event_type, body) = (envelope.event_type.clone(), serde_json::to_string(envelope)?);
        Ok::<_, Error>(values![
            handler,
            envelope.id.0,
            event_type,
            body,
            0_i32,
            now,
            cause,
            now,
            ""
        ])
    });
    tx.insert_many(WAIT, rows.collect::<Result<_, _>>()?, WAIT_INSTEAD).await?;
    Ok(())
}

/// Tries nothing of a subject again.
pub(crate) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute("delete from bus_retry where envelope like $1", values![dead::of_subject(subject)])
        .await?;
    Ok(())
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

/// Tries again what is due for one handler, each alone, up to its turn's end.
async fn try_some(db: &Db, handler: &dyn ErasedHandler) -> Result<usize, Error> {
    let mut tried = 0;
    while tried < ONE_TURN && try_one(db, handler).await? {
        tried += 1;
    }
    Ok(tried)
}

async fn try_one(db: &Db, handler: &dyn ErasedHandler) -> Result<bool, Error> {
    let waiting = match begin(db, handler.name()).await? {
        Next::Nothing => return Ok(false),
        Next::GivenUp => return Ok(true),
        Next::Begun(waiting) => waiting,
    };
    let ended = attempt_begun(db, handler, &waiting).await;
    if ended.is_err() {
        take_back(db, handler.name(), &waiting).await;
    }
    ended.map(|()| true)
}

#[derive(FromQueryResult)]
pub(crate) struct Waiting {
    id: Uuid,
    envelope: String,
    attempts: i32,
    since: DateTime<Utc>,
    tried: String,
    unended: i32,
}

/// What is to be done for a handler.
pub(crate) enum Next {
    Nothing,
    /// What was due is dead: it was begun too often without ever ending.
    GivenUp,
    /// This is ours to try, for a while.
    Begun(Waiting),
}

/// Writes down, and commits, that one event that is due is tried now: if that kills the process, this is
/// what remains of it. Meanwhile nobody else takes the event, and others come before it.
pub(crate) async fn begin(db: &Db, handler: &'static str) -> Result<Next, Error> {
    let mut tx = db.begin().await?;
    let lock = if db.is_postgres() { "for update skip locked" } else { "" };
    let due: Option<Waiting> = tx
        .one(
            &format!(
                "select id, envelope, attempts, since, tried, unended from bus_retry \
                 where handler = $1 and due <= $2 order by due limit 1 {lock}"
            ),
            values![handler, tx.now()],
        )
        .await?;
    let Some(mut waiting) = due else {
        return Ok(Next::Nothing);
    };
    if waiting.unended >= dead::most_unended() {
        give_up(tx, handler, &waiting).await?;
        return Ok(Next::GivenUp);
    }
    waiting.unended += 1;
    waiting.tried = with_attempt(&waiting.tried, tx.now());
    tx.execute(
        "update bus_retry set unended = $1, tried = $2, due = $3 where handler = $4 and id = $5",
        values![waiting.unended, waiting.tried.clone(), tx.now() + BEGUN, handler, waiting.id],
    )
    .await?;
    tx.commit().await?;
    Ok(Next::Begun(waiting))
}

/// It killed its process each time, and would go on doing so.
async fn give_up(mut tx: Tx, handler: &'static str, waiting: &Waiting) -> Result<(), Error> {
    take_away(&mut tx, handler, waiting).await?;
    let attempts = u32::try_from(waiting.attempts.saturating_add(waiting.unended)).unwrap_or(0);
    let envelope: Envelope = serde_json::from_str(&waiting.envelope)?;
    let cause = dead::deadly(waiting.unended);
    bury(&mut tx, handler, &envelope, &cause, attempts, waiting.tried.clone()).await?;
    tx.commit().await
}

/// Handles what was begun, and forgets or keeps it, in one transaction. If somebody else has begun it since,
/// because this took too long to come here, it is theirs.
async fn attempt_begun(
    db: &Db,
    handler: &dyn ErasedHandler,
    waiting: &Waiting,
) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    if !take_away(&mut tx, handler.name(), waiting).await? {
        return Ok(());
    }
    let envelope: Envelope = serde_json::from_str(&waiting.envelope)?;
    let attempts = u32::try_from(waiting.attempts).unwrap_or(0) + 1;
    tx.savepoint().await?;
    let attempted = attempt(handler, &[&envelope], &mut tx).await;
    let is_handled = attempted.is_ok();
    match attempted {
        Ok(()) => tx.release().await?,
        Err(failure) => {
            tx.undo().await?;
            let past = Past { since: waiting.since, tried: waiting.tried.clone() };
            keep_after(&mut tx, handler, &envelope, &failure, attempts, past).await?;
        }
    }
    let now = tx.now();
    tx.commit().await?;
    if is_handled {
        note_handled(handler.name(), &[&envelope], now);
    }
    Ok(())
}

/// From here on the row is locked: two replicas never handle the same one.
async fn take_away(tx: &mut Tx, handler: &str, waiting: &Waiting) -> Result<bool, Error> {
    let gone = tx
        .execute(
            "delete from bus_retry where handler = $1 and id = $2 and unended = $3",
            values![handler, waiting.id, waiting.unended],
        )
        .await?;
    Ok(gone == 1)
}

/// The database failed, and not what was tried: it is due again and nothing is counted. If that cannot be
/// written either, it counts as if the process had died.
async fn take_back(db: &Db, handler: &str, waiting: &Waiting) {
    let taking_back = async {
        let mut tx = db.begin().await?;
        let now = tx.now();
        tx.execute(
            "update bus_retry set unended = unended - 1, due = $1 \
             where handler = $2 and id = $3 and unended = $4",
            values![now, handler, waiting.id, waiting.unended],
        )
        .await?;
        tx.commit().await
    };
    if let Err(error) = taking_back.await {
        tracing::debug!(%error, handler, event_id = %waiting.id, "a try counts that had no end");
    }
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
