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
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Db, Error, Transport,
    clock::HORIZON,
    fault::{self, Point},
    flight, meters,
    outbox::{self, Marks, Row, Stream},
    trace::Span,
    transport::{Outgoing, Sent},
    values,
};

const BATCH: usize = 500;
/// Batches on their way at once.
const ROUNDS: usize = 4;
/// So many rows of what waits are looked at: what is on its way, and as much again.
const LOOK: usize = 2 * ROUNDS * BATCH;
/// A commit wakes the relay; the poll finds what a crash left, what another process wrote, and
/// what has become due.
const POLL: Duration = Duration::from_millis(100);
/// Most looks go back so far. Of what is older nearly all is sent, and passing over that is what costs.
const GLANCE: TimeDelta = TimeDelta::seconds(3);
/// All that waits is looked through so often: what a crash left, or a commit that came late.
const BETWEEN_WHOLE_LOOKS: Duration = Duration::from_secs(2);
/// In a flight that went later than this after its commit each event is marked with the time.
const LATE: TimeDelta = TimeDelta::seconds(1);
const LEASE: TimeDelta = TimeDelta::seconds(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So many times as long as it took to read past all suspects, the relay then rests.
const REST: u32 = 10;
/// Of each suspect stream so many are tried at once, with their flights: enough to see that it is well again.
const PROBES: usize = 5;
/// Events suspected for themselves, though others of their stream arrive. Past this, the stream is.
const MOST_SUSPECT_ROWS: usize = 500;

/// Sends until told to stop.
pub(crate) async fn run(db: Db, transport: Arc<dyn Transport>, stop: CancellationToken) {
    let relay = Arc::new(Relay::new());
    tokio::join!(
        send_until_stopped(&db, &transport, &relay, &stop),
        try_suspects_until_stopped(&db, transport.as_ref(), &relay, &stop),
    );
    if let Err(error) = relay.give_back(&db).await {
        tracing::debug!(%error, service = db.service(), "the relay's lease will run out by itself");
    }
}

/// While one round waits for its confirms, or for its rows to be marked, another is on its way.
async fn send_until_stopped(
    db: &Db,
    transport: &Arc<dyn Transport>,
    relay: &Arc<Relay>,
    stop: &CancellationToken,
) {
    let mut rounds = JoinSet::new();
    let mut pause = POLL;
    while !stop.is_cancelled() {
        let started = Instant::now();
        let is_full = rounds.len() >= ROUNDS;
        match if is_full { Ok(None) } else { relay.next(db).await } {
            Ok(Some(round)) => {
                rounds.spawn(round.send(db.clone(), Arc::clone(transport)));
                pause = POLL;
                continue;
            }
            // Reading past a long queue of suspects takes its time, and finds little.
            Ok(None) if !is_full && !relay.suspects().is_empty() => {
                pause = (started.elapsed() * REST).clamp(POLL, LONGEST_PAUSE);
            }
            Ok(None) => pause = POLL,
            Err(error) => pause = out_of_reach(db, &error, pause),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = rounds.join_next() => {
                if let Ok(Err(error)) = ended {
                    let longer = out_of_reach(db, &error, pause);
                    stop.run_until_cancelled(tokio::time::sleep(longer)).await;
                }
            }
            () = db.inner.outbox_filled.notified(), if !is_full && pause == POLL => {}
            () = tokio::time::sleep(pause), if !is_full => {}
        }
    }
    while rounds.join_next().await.is_some() {}
}

fn out_of_reach(db: &Db, error: &Error, pause: Duration) -> Duration {
    tracing::warn!(%error, service = db.service(), "the relay cannot reach its database");
    (pause * 2).min(LONGEST_PAUSE)
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
pub(crate) async fn step(
    db: &Db,
    transport: &dyn Transport,
    relay: &Arc<Relay>,
) -> Result<Step, Error> {
    match send_some(db, transport, relay).await? {
        Step::Idle => try_suspects(db, transport, relay).await,
        step => Ok(step),
    }
}

/// Sends one batch of what is under no suspicion.
#[cfg(feature = "testing")]
async fn send_some(db: &Db, transport: &dyn Transport, relay: &Arc<Relay>) -> Result<Step, Error> {
    relay.looks().whole = Instant::now();
    let Some(mut round) = relay.next(db).await? else {
        return Ok(Step::Idle);
    };
    let sent = send(db, transport, std::mem::take(&mut round.rows)).await?;
    Ok(relay.judge(&sent))
}

/// Rows that are being sent, whole flights of them: nobody else takes them up until it is dropped.
struct Round {
    relay: Arc<Relay>,
    rows: Vec<Row>,
    ids: Vec<Uuid>,
}

impl Round {
    async fn send(mut self, db: Db, transport: Arc<dyn Transport>) -> Result<(), Error> {
        let sent = send(&db, transport.as_ref(), std::mem::take(&mut self.rows)).await?;
        self.relay.judge(&sent);
        Ok(())
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        let mut sending = self.relay.sending();
        for id in &self.ids {
            sending.remove(id);
        }
    }
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
    if !of_rows.iter().chain(&of_streams).any(|one| one.arrived) {
        return Ok(Step::SomeUnknown);
    }
    // What waited with it may be of any age.
    relay.looks().whole = Instant::now();
    Ok(Step::SentSome)
}

/// What became of one row.
struct Outcome {
    id: Uuid,
    flight: Uuid,
    stream: Stream,
    /// Another is marked for it, if it is not late.
    is_led: bool,
    due: DateTime<Utc>,
    /// The transport has it, or no queue wants it: it is done with.
    arrived: bool,
}

impl Outcome {
    fn of(row: &Row) -> Self {
        Self {
            id: row.id,
            flight: row.flight(),
            stream: row.stream(),
            is_led: row.is_led(),
            due: row.due,
            arrived: false,
        }
    }

    fn is_marked(&self, now: DateTime<Utc>) -> bool {
        !self.is_led || self.due < now - LATE
    }
}

/// Sends, and marks what is done with.
async fn send(db: &Db, transport: &dyn Transport, rows: Vec<Row>) -> Result<Vec<Outcome>, Error> {
    let mut known: Vec<Outcome> = rows.iter().map(Outcome::of).collect();
    let batch: Vec<Outgoing> = rows.into_iter().map(Row::outgoing).collect();
    let (since, started) = (SystemTime::now(), Instant::now());
    let spans: Vec<Span> = batch
        .iter()
        .map(|outgoing| Span::of_sending(db.service(), &outgoing.envelope, since))
        .collect();
    let sent = transport.send(batch).await;
    let took = started.elapsed();
    let (marks, unknown) = marks(&mut known, sent, &spans, db.now());
    let unroutable = marks.unroutable.len();
    let owned = known.len() - unroutable - unknown.len();
    meters::sent(db.service(), owned, unroutable, unknown.len(), took);
    complain(db.service(), unroutable, &unknown);
    if !marks.is_empty() {
        fault::point(Point::SentNotMarked);
        marks.make(db).await?;
    }
    Ok(known)
}

/// What is to be written down, and why it is not known of others that they arrived.
fn marks(
    rows: &mut [Outcome],
    sent: Vec<Sent>,
    spans: &[Span],
    now: DateTime<Utc>,
) -> (Marks, Vec<String>) {
    let (mut marks, mut unknown) = (Marks::default(), Vec::new());
    for ((row, sent), span) in rows.iter_mut().zip(sent).zip(spans) {
        row.arrived = !matches!(sent, Sent::Unknown(_));
        match sent {
            Sent::Owned => marks.sent.extend(row.is_marked(now).then_some(row.id)),
            Sent::Unroutable => marks.unroutable.push(row.id),
            Sent::Unknown(cause) => {
                span.failed();
                unknown.push(cause);
            }
        }
    }
    if !unknown.is_empty() {
        marks.left_behind = left_behind(rows);
    }
    (marks, unknown)
}

/// What did not arrive, of flights of which something did.
fn left_behind(rows: &[Outcome]) -> Vec<Uuid> {
    let arrived = rows.iter().filter(|row| row.arrived).map(|row| row.flight);
    let arrived: BTreeSet<Uuid> = arrived.collect();
    let missing = rows.iter().filter(|row| !row.arrived && arrived.contains(&row.flight));
    missing.map(|row| row.id).collect()
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
    /// What is on its way, and not yet marked.
    sending: Mutex<BTreeSet<Uuid>>,
    looks: Mutex<Looks>,
}

/// When the outbox is to be read again, whatever is at hand.
#[derive(Clone, Copy)]
struct Looks {
    next: Instant,
    /// All of it, and not only what is new.
    whole: Instant,
    /// The last one gave something.
    gave: bool,
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

    fn include(&self, row: &Row) -> bool {
        let of_a_stream = || !self.streams.is_empty() && self.streams.contains(&row.stream());
        self.rows.contains(&row.flight()) || of_a_stream()
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

/// What was committed in this process.
fn at_hand(db: &Db, suspects: &Suspects) -> Vec<Row> {
    let mut rows = db.inner.fresh.take(BATCH);
    rows.retain(|row| !suspects.include(row));
    rows
}

/// Whether it is time for a look.
fn is_time(at: Instant) -> bool {
    #[cfg(feature = "testing")]
    if crate::simulation::is_on() {
        return crate::simulation::must_look();
    }
    at <= Instant::now()
}

impl Relay {
    pub(crate) fn new() -> Self {
        Self {
            owner: event::fresh_uuid(),
            until: tokio::sync::Mutex::default(),
            suspects: Mutex::default(),
            suspected: Notify::new(),
            sending: Mutex::default(),
            looks: Mutex::new(Looks { next: Instant::now(), whole: Instant::now(), gave: false }),
        }
    }

    /// What is to be sent next, if there is any and this process has the right to send.
    async fn next(self: &Arc<Self>, db: &Db) -> Result<Option<Round>, Error> {
        let suspects = self.suspects().clone();
        // The outbox and what is at hand take turns: neither waits for all of the other.
        let is_at_hand_first = std::mem::take(&mut self.looks().gave);
        let mut rows = if is_at_hand_first { at_hand(db, &suspects) } else { Vec::new() };
        if rows.is_empty() && (is_time(self.looks().next) || !db.inner.fresh.is_reliable()) {
            rows = self.look(db, &suspects).await?;
            self.looks().gave = !rows.is_empty();
        }
        if rows.is_empty() {
            rows = at_hand(db, &suspects);
        }
        if rows.is_empty() || !self.hold(db).await? {
            return Ok(None);
        }
        let ids: Vec<Uuid> = outbox::shown(&rows).collect();
        self.sending().extend(&ids);
        Ok(Some(Round { relay: Arc::clone(self), rows, ids }))
    }

    /// What the outbox holds beside what is on its way or at hand. After a full page the next is read at once.
    async fn look(&self, db: &Db, suspects: &Suspects) -> Result<Vec<Row>, Error> {
        let is_whole = db.inner.fresh.lost_some() || is_time(self.looks().whole);
        let after = (!is_whole).then(|| db.now() - GLANCE);
        db.inner.fresh.trust();
        if is_whole {
            flight::break_up_misunderstood(db).await?;
        }
        let waiting = outbox::waiting(db, LOOK, after, &suspects.streams, &suspects.rows).await?;
        let is_full = waiting.len() == LOOK;
        let sending = self.sending().clone();
        let mut unknown = db.inner.fresh.unknown(waiting);
        unknown.retain(|row| !sending.contains(&row.id));
        let mut events = 0;
        let some = unknown.iter().take_while(|row| {
            let has_room = events < BATCH;
            events += row.events();
            has_room
        });
        let some: BTreeSet<Uuid> = some.map(|row| row.id).collect();
        self.looked(is_whole, is_full || some.len() < unknown.len(), !some.is_empty());
        outbox::waiting_among(db, &some).await
    }

    fn looked(&self, is_whole: bool, is_full: bool, found_some: bool) {
        let (now, mut looks) = (Instant::now(), self.looks());
        looks.next = if is_full && found_some { now } else { now + POLL };
        if is_whole && !is_full {
            looks.whole = now + BETWEEN_WHOLE_LOOKS;
        }
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn suspects(&self) -> MutexGuard<'_, Suspects> {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sending(&self) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, sent: &[Outcome]) -> Step {
        self.suspects().judge(sent);
        if sent.iter().all(|outcome| outcome.arrived) {
            return Step::SentSome;
        }
        self.suspected.notify_one();
        Step::SomeUnknown
    }

    /// Takes or renews the lease. Held for at least half its length without asking the database, unless the
    /// clock was set back.
    async fn hold(&self, db: &Db) -> Result<bool, Error> {
        let mut until = self.until.lock().await;
        let now = db.now();
        if until.is_some_and(|until| until - LEASE / 2 > now && until <= now + LEASE) {
            return Ok(true);
        }
        let mut tx = db.begin().await?;
        let now = tx.now();
        let taken = tx
            .execute(
                "insert into bus_lease (name, owner, until, fence) values ('relay', $1, $2, 1) \
                 on conflict (name) do update set owner = excluded.owner, until = excluded.until, \
                 fence = bus_lease.fence + 1 \
                 where bus_lease.owner = excluded.owner \
                 or bus_lease.until not between $3 and $4",
                values![self.owner, now + LEASE, now, now + HORIZON],
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
