//! The runner: takes a handler's deliveries in batches, handles each new event once, and settles
//! with the transport after the commit.
//!
//! A batch is first tried whole, in one transaction without savepoints. If anything in it fails, all
//! of it is undone and tried once more with a savepoint for each event; the one that fails then is
//! kept with its payload, to be tried later, and the others go through.
//! What the transport had to take back several times is not handled in a batch, but set aside and tried alone.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use event::Envelope;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Db, Error, Failure, Handled, Transport, Tx,
    dead::{self, NewDead},
    fault::{self, Point},
    handler::ErasedHandler,
    inbox, meters, retry, trace,
    transport::{Delivery, Queue, Receiver, Tag, TransportError, Undecodable},
};

const BATCH: usize = 200;
/// How often something comes back before it is taken for what kills its reader. A lost connection, a restart, or
/// one death for another's sake are no ground yet: what comes back then goes the common, fast way.
const SUSPECT: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a batch is held while the database is away, before it goes back to the transport. Each
/// return counts at the broker, and a broker's patience is limited; a consumer may hold 30 minutes.
const HOLD: Duration = Duration::from_secs(15 * 60);
const RETRY_POLL: Duration = Duration::from_millis(100);

/// Receives until told to stop; whatever breaks is built anew.
pub(crate) async fn run(
    db: Db,
    transport: Arc<dyn Transport>,
    handler: Arc<dyn ErasedHandler>,
    stop: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        let Err(error) =
            receive(&db, transport.as_ref(), handler.as_ref(), &stop, &mut pause).await
        else {
            return;
        };
        tracing::warn!(%error, handler = handler.name(), "receiving stopped; starting anew");
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Tries again what is due, until told to stop.
pub(crate) async fn run_retries(
    db: Db,
    handlers: Vec<Arc<dyn ErasedHandler>>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        if let Err(error) = retry::try_all_due(&db, &handlers).await {
            tracing::warn!(%error, service = db.service(), "cannot try again what is due");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(RETRY_POLL) => {}
        }
    }
}

async fn receive(
    db: &Db,
    transport: &dyn Transport,
    handler: &dyn ErasedHandler,
    stop: &CancellationToken,
    pause: &mut Duration,
) -> Result<(), TransportError> {
    transport.declare(&[queue_of(handler)]).await?;
    let mut receiver = transport.receive(handler.name()).await?;
    loop {
        let batch = tokio::select! {
            biased;
            () = stop.cancelled() => {
                receiver.close().await;
                return Ok(());
            }
            batch = receiver.next(BATCH) => batch?,
        };
        *pause = FIRST_PAUSE;
        if !process_patiently(db, handler, &batch, stop).await {
            receiver.close().await;
            return if stop.is_cancelled() {
                Ok(())
            } else {
                Err(TransportError::Away("the database was away for too long".to_owned()))
            };
        }
        fault::point(Point::BeforeAck);
        settle(receiver.as_mut(), &batch).await?;
        fault::point(Point::AfterAck);
        stop.run_until_cancelled(db.inner.fresh.wait_for_room()).await;
    }
}

pub(crate) fn queue_of(handler: &dyn ErasedHandler) -> Queue {
    Queue {
        name: handler.name().to_owned(),
        types: handler.types().into_iter().map(str::to_owned).collect(),
    }
}

pub(crate) async fn settle(
    receiver: &mut dyn Receiver,
    batch: &[Delivery],
) -> Result<(), TransportError> {
    let tags: Vec<Tag> = batch.iter().map(|delivery| delivery.tag).collect();
    receiver.settle(&tags).await
}

/// Processes a batch, waiting for the database where it must. `false`: it must go back.
async fn process_patiently(
    db: &Db,
    handler: &dyn ErasedHandler,
    batch: &[Delivery],
    stop: &CancellationToken,
) -> bool {
    let started = tokio::time::Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let Err(error) = process(db, handler, batch).await else {
            return true;
        };
        tracing::warn!(%error, handler = handler.name(), "a batch waits for the database");
        if stop.is_cancelled() || started.elapsed() > HOLD {
            return false;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Handles what is new in a batch. After `Ok` the batch may be settled: each event is handled, kept
/// to be tried again, or dead.
///
/// # Errors
/// When the database is away; nothing was then written.
pub(crate) async fn process(
    db: &Db,
    handler: &dyn ErasedHandler,
    batch: &[Delivery],
) -> Result<(), Error> {
    let (mut envelopes, mut suspects) = (Vec::with_capacity(batch.len()), Vec::new());
    for delivery in batch {
        match &delivery.content {
            Ok(envelope) => match unstorable(envelope) {
                None if delivery.returned >= SUSPECT => suspects.push(envelope),
                None => envelopes.push(envelope),
                Some(undecodable) => bury(db, handler.name(), &undecodable).await?,
            },
            Err(undecodable) => bury(db, handler.name(), undecodable).await?,
        }
    }
    if !suspects.is_empty() {
        set_aside(db, handler.name(), &suspects).await?;
    }
    if envelopes.is_empty() || process_whole(db, handler, &envelopes).await? {
        return Ok(());
    }
    process_apart(db, handler, &envelopes).await
}

/// A stranger's envelope may hold what PostgreSQL never stores; its batch would fail for ever.
fn unstorable(envelope: &Envelope) -> Option<Undecodable> {
    let parts = [&envelope.event_type, &envelope.subject, &envelope.source, &envelope.data];
    let mut parts = parts.into_iter().chain(&envelope.traceparent);
    parts.any(|part| part.contains('\0')).then(|| Undecodable {
        bytes: serde_json::to_vec(envelope).unwrap_or_default(),
        headers: String::new(),
        cause: "it holds a NUL character".to_owned(),
    })
}

/// Takes what came back again and again out of its batch: something in there may kill whoever handles it,
/// and nobody can tell which. Each is tried alone, where that it begins is written down before it does.
async fn set_aside(db: &Db, handler: &'static str, suspects: &[&Envelope]) -> Result<(), Error> {
    let started = tokio::time::Instant::now();
    let mut tx = db.begin().await?;
    let fresh = inbox::take(&mut tx, handler, suspects).await?;
    let cause = format!("it came back {SUSPECT} times or more: tried alone");
    retry::try_alone(&mut tx, handler, &fresh, &cause).await?;
    tx.commit().await?;
    meters::batch(handler, suspects.len() - fresh.len(), started.elapsed());
    if !fresh.is_empty() {
        tracing::warn!(
            handler,
            events = fresh.len(),
            "came back again and again: each is tried alone"
        );
    }
    Ok(())
}

/// One transaction, no savepoints. `false`: something failed, and nothing was written.
async fn process_whole(
    db: &Db,
    handler: &dyn ErasedHandler,
    envelopes: &[&Envelope],
) -> Result<bool, Error> {
    let started = tokio::time::Instant::now();
    let mut tx = db.begin().await?;
    let fresh = inbox::take(&mut tx, handler.name(), envelopes).await?;
    if !fresh.is_empty() && attempt(handler, &fresh, &mut tx).await.is_err() {
        tx.rollback().await?;
        return Ok(false);
    }
    let now = tx.now();
    tx.commit().await?;
    note_handled(handler.name(), &fresh, now);
    meters::batch(handler.name(), envelopes.len() - fresh.len(), started.elapsed());
    Ok(true)
}

async fn process_apart(
    db: &Db,
    handler: &dyn ErasedHandler,
    envelopes: &[&Envelope],
) -> Result<(), Error> {
    let started = tokio::time::Instant::now();
    let mut tx = db.begin().await?;
    let fresh = inbox::take(&mut tx, handler.name(), envelopes).await?;
    let repeated = envelopes.len() - fresh.len();
    let mut handled = Vec::with_capacity(fresh.len());
    for envelope in fresh {
        tx.savepoint().await?;
        match attempt(handler, &[envelope], &mut tx).await {
            Ok(()) => {
                tx.release().await?;
                handled.push(envelope);
            }
            Err(failure) => {
                tx.undo().await?;
                retry::keep(&mut tx, handler, envelope, &failure, 1).await?;
            }
        }
    }
    let now = tx.now();
    tx.commit().await?;
    note_handled(handler.name(), &handled, now);
    meters::batch(handler.name(), repeated, started.elapsed());
    Ok(())
}

/// Counts what was handled; with `ESTRADE_LOG=bus=debug` the log names each event.
pub(crate) fn note_handled(handler: &'static str, envelopes: &[&Envelope], now: DateTime<Utc>) {
    meters::handled(handler, envelopes, now);
    for envelope in envelopes {
        tracing::debug!(
            handler,
            event_id = %envelope.id,
            event_type = envelope.event_type,
            trace_id = trace::id(envelope.traceparent.as_deref()),
            "handled"
        );
    }
}

/// Calls the handler; a panic, and an error that it swallowed, are failures like any other.
pub(crate) async fn attempt(
    handler: &dyn ErasedHandler,
    envelopes: &[&Envelope],
    tx: &mut Tx,
) -> Handled {
    let handled = AssertUnwindSafe(handler.handle(envelopes, tx)).catch_unwind().await;
    handled.unwrap_or_else(|panic| Err(Failure::Retry(panic_text(&*panic))))?;
    match tx.poisoned() {
        Some(cause) => Err(Failure::Retry(format!("a statement failed: {cause}"))),
        None => Ok(()),
    }
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a word"))
}

/// Keeps bytes that are no envelope as a dead letter; the same bytes are kept once.
async fn bury(db: &Db, handler: &'static str, undecodable: &Undecodable) -> Result<(), Error> {
    meters::dead(handler);
    tracing::warn!(handler, cause = dead::loggable(&undecodable.cause), "dead letter: undecodable");
    let mut tx = db.begin().await?;
    let dead = NewDead {
        consumer: handler.to_owned(),
        kind: dead::Kind::Undecodable,
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, &undecodable.bytes),
        event_type: undecodable.headers.clone(),
        body: String::new(),
        bytes: Some(undecodable.bytes.clone()),
        cause: undecodable.cause.clone(),
        attempts: 1,
        tried: String::new(),
        traceparent: None,
    };
    dead::insert(&mut tx, dead).await?;
    tx.commit().await
}
