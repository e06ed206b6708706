//! The relay: takes a service's outbox to the transport. One for each service at a time: replicas
//! agree by a lease in the service's own database.
//!
//! What nobody can tell to have arrived goes again, but it holds nobody up: a stream (an event type,
//! or a queue) of which nothing arrives is put under suspicion, and the relay reads past it. Beside
//! it a few events of each suspect are tried again, until one arrives and the stream is free.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Db, Error, Transport,
    fault::{self, Point},
    meters,
    outbox::{self, Row, Stream},
    trace::Span,
    transport::{Outgoing, Sent},
    values,
};

const BATCH: usize = 500;
/// A commit wakes the relay; the poll finds what a crash left, what another process wrote, and
/// what has become due.
const POLL: Duration = Duration::from_millis(100);
const LEASE: TimeDelta = TimeDelta::seconds(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So many times as long as it took to read past all suspects, the relay then rests.
const REST: u32 = 10;
/// Of each suspect stream so many are tried at once: enough to see that it is well again.
const PROBES: usize = 5;
/// Events suspected for themselves, though others of their stream arrive. Past this, the stream is.
const MOST_SUSPECT_ROWS: usize = 500;

/// Sends until told to stop.
pub(crate) async fn run(db: Db, transport: Arc<dyn Transport>, stop: CancellationToken) {
    let relay = Relay::new();
    let transport = transport.as_ref();
    tokio::join!(
        send_until_stopped(&db, transport, &relay, &stop),
        try_suspects_until_stopped(&db, transport, &relay, &stop),
    );
    if let Err(error) = relay.give_back(&db).await {
        tracing::debug!(%error, service = db.service(), "the relay's lease will run out by itself");
    }
}

async fn send_until_stopped(
    db: &Db,
    transport: &dyn Transport,
    relay: &Relay,
    stop: &CancellationToken,
) {
    let mut pause = POLL;
    while !stop.is_cancelled() {
        let started = Instant::now();
        match send_some(db, transport, relay).await {
            Ok(Step::SentSome | Step::SomeUnknown) => {
                pause = POLL;
                continue;
            }
            // Reading past a long queue of suspects takes its time, and finds little.
            Ok(Step::Idle) if !relay.suspects().is_empty() => {
                pause = (started.elapsed() * REST).clamp(POLL, LONGEST_PAUSE);
            }
            Ok(Step::Idle) => pause = POLL,
            Err(error) => {
                tracing::warn!(%error, service = db.service(), "the relay cannot reach its database");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = db.inner.outbox_filled.notified(), if pause == POLL => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn try_suspects_until_stopped(
    db: &Db,
    transport: &dyn Transport,
    relay: &Relay,
    stop: &CancellationToken,
) {
    let mut pause = POLL;
    while !stop.is_cancelled() {
        if relay.suspects().is_empty() {
            pause = POLL;
            tokio::select! {
                () = stop.cancelled() => return,
                () = relay.suspected.notified() => continue,
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = match try_suspects(db, transport, relay).await {
            Ok(Step::SentSome) => {
                db.inner.outbox_filled.notify_one();
                POLL
            }
            Ok(Step::Idle | Step::SomeUnknown) => (pause * 2).min(LONGEST_PAUSE),
            Err(error) => {
                tracing::warn!(%error, service = db.service(), "the relay cannot reach its database");
                (pause * 2).min(LONGEST_PAUSE)
            }
        };
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Idle,
    SentSome,
    /// Some may not have arrived; they stay in the outbox and go again under the same id.
    SomeUnknown,
}

/// One turn, for whoever goes step by step: what is under no suspicion, or else the suspects.
#[cfg(feature = "testing")]
pub(crate) async fn step(db: &Db, transport: &dyn Transport, relay: &Relay) -> Result<Step, Error> {
    match send_some(db, transport, relay).await? {
        Step::Idle => try_suspects(db, transport, relay).await,
        step => Ok(step),
    }
}

/// Sends one batch of what is under no suspicion.
async fn send_some(db: &Db, transport: &dyn Transport, relay: &Relay) -> Result<Step, Error> {
    let suspects = relay.suspects().clone();
    let rows = match relay.fresh(db, &suspects) {
        Some(rows) => rows,
        None => relay.read(db, &suspects).await?,
    };
    if rows.is_empty() || !relay.hold(db).await? {
        return Ok(Step::Idle);
    }
    let sent = send(db, transport, rows).await?;
    relay.suspects().judge(&sent);
    Ok(relay.step_after(&sent))
}

/// Sends a few of each suspect. `SentSome`: at least one arrived, and its stream is free.
async fn try_suspects(db: &Db, transport: &dyn Transport, relay: &Relay) -> Result<Step, Error> {
    let suspects = relay.suspects().clone();
    let mut rows = outbox::waiting_among(db, &suspects.rows).await?;
    let alone: BTreeSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let probes = outbox::waiting_of(db, &suspects.streams, PROBES, &suspects.rows).await?;
    let found: BTreeSet<Stream> = probes.iter().map(Row::stream).collect();
    for gone in suspects.streams.difference(&found) {
        relay.suspects().streams.remove(gone);
    }
    rows.extend(probes);
    for gone in suspects.rows.difference(&alone) {
        relay.suspects().rows.remove(gone);
    }
    if rows.is_empty() || !relay.hold(db).await? {
        return Ok(Step::Idle);
    }
    let sent = send(db, transport, rows).await?;
    let (of_rows, of_streams): (Vec<_>, Vec<_>) =
        sent.into_iter().partition(|one| alone.contains(&one.id));
    let mut suspects = relay.suspects();
    for row in of_rows.iter().filter(|row| row.arrived) {
        suspects.rows.remove(&row.id);
    }
    suspects.judge(&of_streams);
    drop(suspects);
    let any = of_rows.iter().chain(&of_streams).any(|one| one.arrived);
    Ok(if any { Step::SentSome } else { Step::SomeUnknown })
}

/// What became of one row.
struct Outcome {
    id: Uuid,
    stream: Stream,
    /// The transport has it, or no queue wants it: it is done with.
    arrived: bool,
}

/// Sends, and marks what is done with.
async fn send(db: &Db, transport: &dyn Transport, rows: Vec<Row>) -> Result<Vec<Outcome>, Error> {
    let named: Vec<(Uuid, Stream)> = rows.iter().map(|row| (row.id, row.stream())).collect();
    let batch: Vec<Outgoing> = rows.into_iter().map(Row::outgoing).collect();
    let (since, started) = (SystemTime::now(), Instant::now());
    let spans: Vec<Span> = batch
        .iter()
        .map(|outgoing| Span::of_sending(db.service(), &outgoing.envelope, since))
        .collect();
    let outcomes = transport.send(batch).await;
    let took = started.elapsed();
    let (mut sent, mut unroutable, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = Vec::with_capacity(named.len());
    for (((id, stream), outcome), span) in named.into_iter().zip(outcomes).zip(&spans) {
        let arrived = !matches!(outcome, Sent::Unknown(_));
        match outcome {
            Sent::Owned => sent.push(id),
            Sent::Unroutable => unroutable.push(id),
            Sent::Unknown(cause) => {
                span.failed();
                unknown.push(cause);
            }
        }
        known.push(Outcome { id, stream, arrived });
    }
    meters::sent(db.service(), sent.len(), unroutable.len(), unknown.len(), took);
    complain(db.service(), unroutable.len(), &unknown);
    if !(sent.is_empty() && unroutable.is_empty()) {
        fault::point(Point::SentNotMarked);
        outbox::mark_sent(db, &sent, &unroutable).await?;
    }
    Ok(known)
}

fn complain(service: &str, unroutable: usize, unknown: &[String]) {
    if unroutable > 0 {
        tracing::warn!(service, count = unroutable, "no queue is bound for these events");
    }
    if let Some(cause) = unknown.last() {
        let count = unknown.len();
        tracing::warn!(service, count, cause, "not known to be sent; they will go again");
    }
}

/// The right to send for a service, and what does not arrive.
pub(crate) struct Relay {
    owner: Uuid,
    until: tokio::sync::Mutex<Option<DateTime<Utc>>>,
    suspects: Mutex<Suspects>,
    suspected: Notify,
    /// When the outbox is to be read again, whatever is at hand.
    next_look: Mutex<Instant>,
}

/// What is read past. Only in memory: whoever starts anew tries everything once.
#[derive(Clone, Default)]
struct Suspects {
    streams: BTreeSet<Stream>,
    rows: BTreeSet<Uuid>,
}

impl Suspects {
    fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.rows.is_empty()
    }

    /// A stream of which something arrives is free; what of it does not is suspect by itself.
    fn judge(&mut self, outcomes: &[Outcome]) {
        let mut streams: BTreeMap<&Stream, (bool, Vec<Uuid>)> = BTreeMap::new();
        for outcome in outcomes {
            let (any_arrived, missing) = streams.entry(&outcome.stream).or_default();
            if outcome.arrived {
                *any_arrived = true;
            } else {
                missing.push(outcome.id);
            }
        }
        for (stream, (any_arrived, missing)) in streams {
            if any_arrived && self.rows.len() + missing.len() <= MOST_SUSPECT_ROWS {
                self.streams.remove(stream);
                self.rows.extend(missing);
            } else {
                self.streams.insert(stream.clone());
            }
        }
    }
}

impl Relay {
    pub(crate) fn new() -> Self {
        Self {
            owner: event::fresh_uuid(),
            until: tokio::sync::Mutex::default(),
            suspects: Mutex::default(),
            suspected: Notify::new(),
            next_look: Mutex::new(Instant::now()),
        }
    }

    /// What was committed here a moment ago; `None` if the outbox must be read.
    fn fresh(&self, db: &Db, suspects: &Suspects) -> Option<Vec<Row>> {
        if self.must_look() {
            return None;
        }
        let mut rows = db.inner.fresh.take(BATCH)?;
        rows.retain(|row| {
            !suspects.rows.contains(&row.id) && !suspects.streams.contains(&row.stream())
        });
        Some(rows)
    }

    /// What the outbox holds. After a full page the next is read at once.
    async fn read(&self, db: &Db, suspects: &Suspects) -> Result<Vec<Row>, Error> {
        db.inner.fresh.forget();
        let rows = outbox::waiting(db, BATCH, &suspects.streams, &suspects.rows).await?;
        db.inner.fresh.have_read(&rows);
        let pause = if rows.len() < BATCH { POLL } else { Duration::ZERO };
        *self.next_look() = Instant::now() + pause;
        Ok(rows)
    }

    /// The outbox is read from time to time, whatever is known of it.
    fn must_look(&self) -> bool {
        #[cfg(feature = "testing")]
        if crate::simulation::is_on() {
            return crate::simulation::must_look();
        }
        *self.next_look() <= Instant::now()
    }

    fn next_look(&self) -> MutexGuard<'_, Instant> {
        self.next_look.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn suspects(&self) -> MutexGuard<'_, Suspects> {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step_after(&self, sent: &[Outcome]) -> Step {
        if sent.iter().all(|outcome| outcome.arrived) {
            return Step::SentSome;
        }
        self.suspected.notify_one();
        Step::SomeUnknown
    }

    /// Takes or renews the lease. Held for at least half its length without asking the database.
    async fn hold(&self, db: &Db) -> Result<bool, Error> {
        let mut until = self.until.lock().await;
        let now = db.now();
        if until.is_some_and(|until| until - LEASE / 2 > now) {
            return Ok(true);
        }
        let mut tx = db.begin().await?;
        let taken = tx
            .execute(
                "insert into bus_lease (name, owner, until, fence) values ('relay', $1, $2, 1) \
                 on conflict (name) do update set owner = excluded.owner, until = excluded.until, \
                 fence = bus_lease.fence + 1 \
                 where bus_lease.owner = excluded.owner or bus_lease.until < $3",
                values![self.owner, now + LEASE, now],
            )
            .await?;
        tx.commit().await?;
        *until = (taken == 1).then_some(now + LEASE);
        db.inner.fresh.open(taken == 1);
        Ok(taken == 1)
    }

    async fn give_back(&self, db: &Db) -> Result<(), Error> {
        if self.until.lock().await.is_none() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        tx.execute(
            "delete from bus_lease where name = 'relay' and owner = $1",
            values![self.owner],
        )
        .await?;
        tx.commit().await
    }
}
