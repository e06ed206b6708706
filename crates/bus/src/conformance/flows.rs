//! The bus on a transport: what is published is handled, once, later if need be, or is dead with its
//! cause. Run over every transport, on SQLite and, where `ESTRADE_TEST_DATABASE_URL` names one, on
//! PostgreSQL.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use event::{Envelope, Event};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Place,
    stage::{PATIENCE, to_everyone, within},
};
use crate::{
    Clock, Db, Dead, DeadLetters, DeadState, Failure, Handled, Handler, Location, Migration, Read,
    Received, RetryPolicy, Running, Service, Transport, Tx, run, service::parts, values,
};

const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001-noted",
    sql: "create table noted (handler text not null, number bigint not null)",
}];

const QUICK: RetryPolicy = RetryPolicy {
    attempts: 4,
    first: Duration::from_millis(10),
    longest: Duration::from_millis(50),
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Happened {
    number: i64,
}

impl Event for Happened {
    const TYPE: &'static str = "flows.happened.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

/// What the test tells its handlers to do.
#[derive(Default)]
struct Script {
    /// How often an event fails before it goes.
    fails: HashMap<i64, u32>,
    parks: Option<i64>,
    /// Whoever handles this event dies at it.
    kills: Option<i64>,
    died: Notify,
    /// Handlers fail at everything.
    is_ill: AtomicBool,
    attempts: Mutex<HashMap<i64, u32>>,
    second_calls: AtomicU32,
}

/// Notes what happened, as its script says.
struct Note(Arc<Script>);

impl Handler for Note {
    const NAME: &'static str = "flows.note";
    type Event = Happened;
    const RETRY: RetryPolicy = QUICK;

    async fn handle(&self, event: &Received<Happened>, tx: &mut Tx) -> Handled {
        let attempt = {
            let mut attempts = self.0.attempts.lock().expect("no handler panicked here");
            let attempt = attempts.entry(event.number).or_default();
            *attempt += 1;
            *attempt
        };
        note(tx, Self::NAME, event.number).await?;
        if self.0.kills == Some(event.number) {
            self.0.died.notify_one();
            return std::future::pending().await;
        }
        if self.0.parks == Some(event.number) {
            return Err(Failure::park("not for me"));
        }
        let fails = self.0.fails.get(&event.number).copied().unwrap_or(0);
        if self.0.is_ill.load(Ordering::SeqCst) || attempt <= fails {
            return Err(Failure::wait(format!("attempt {attempt} fails")));
        }
        Ok(())
    }
}

/// Hears the same, and never fails.
struct Witness(Arc<Script>);

impl Handler for Witness {
    const NAME: &'static str = "flows.witness";
    type Event = Happened;

    async fn handle(&self, event: &Received<Happened>, tx: &mut Tx) -> Handled {
        self.0.second_calls.fetch_add(1, Ordering::SeqCst);
        note(tx, Self::NAME, event.number).await
    }
}

async fn note(tx: &mut Tx, handler: &str, number: i64) -> Handled {
    tx.execute("insert into noted (handler, number) values ($1, $2)", values![handler, number])
        .await?;
    Ok(())
}

/// A service on a transport, in a database of its own.
struct Stage {
    db: Db,
    clock: Clock,
    transport: Arc<dyn Transport>,
    script: Arc<Script>,
    service: Service,
    _folder: TempDir,
}

impl Stage {
    async fn set(place: &impl Place, postgres: Option<&str>, script: Script) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A schema of its own; a test leaks a few bytes.
        let name: &'static str =
            Box::leak(format!("flows_{}", Uuid::new_v4().simple()).into_boxed_str());
        let location = match postgres {
            Some(url) => Location::Postgres { url: url.to_owned() },
            None => Location::File(folder.path().join("flows.db")),
        };
        let script = Arc::new(script);
        let service = Service::new(name, MIGRATIONS)
            .publishes(&[Happened::TYPE])
            .handler(Note(script.clone()))
            .handler(Witness(script.clone()));
        // Leases of the dead run out when the clock is moved.
        let clock = match script.kills {
            Some(_) => Clock::manual(Utc::now()),
            None => Clock::System,
        };
        let db = Db::open(&location, name, MIGRATIONS, clock.clone()).await.expect("a database");
        let transport = place.connect().await;
        transport.declare(&service.queues()).await.expect("the queues are declared");
        Self { db, clock, transport, script, service, _folder: folder }
    }

    fn start(&self) -> Running {
        run(&self.service, &self.db, &self.transport)
    }

    /// As a process that can be killed: whatever it is at, it goes no further.
    fn live(&self) -> JoinSet<()> {
        let stop = CancellationToken::new();
        parts(&self.service, &self.db, &self.transport, &stop).into_iter().collect()
    }

    /// Lives again and again until something is dead, and gives how often it died before.
    async fn live_until_something_is_dead(&self) -> (JoinSet<()>, usize) {
        let mut deaths = 0;
        loop {
            let mut life = self.live();
            tokio::select! {
                () = becomes("dead", async || !self.dead().await.is_empty()) => return (life, deaths),
                () = self.script.died.notified() => life.shutdown().await,
            }
            deaths += 1;
            self.clock.advance(TimeDelta::minutes(1));
        }
    }

    async fn publish(&self, numbers: impl Iterator<Item = i64>) {
        let mut tx = self.db.begin().await.expect("a transaction");
        for number in numbers {
            tx.publish(&Happened { number }).expect("it serialises");
        }
        tx.commit().await.expect("it commits");
    }

    async fn noted(&self, handler: &str) -> i64 {
        let sql = "select count(*) from noted where handler = $1";
        self.db.scalar(sql, values![handler]).await.expect("it counts").unwrap_or(0)
    }

    async fn distinct(&self, handler: &str) -> i64 {
        let sql = "select count(distinct number) from noted where handler = $1";
        self.db.scalar(sql, values![handler]).await.expect("it counts").unwrap_or(0)
    }

    /// Waits until each handler has noted so many, each once.
    async fn all_noted(&self, count: i64) {
        for handler in [Note::NAME, Witness::NAME] {
            becomes(&format!("{handler} notes {count}"), async || {
                self.noted(handler).await >= count
            })
            .await;
            assert_eq!((self.noted(handler).await, self.distinct(handler).await), (count, count));
        }
    }

    async fn dead(&self) -> Vec<Dead> {
        DeadLetters::of(&self.db).list(DeadState::Waiting, 100).await.expect("dead letters read")
    }

    async fn end(self, running: Running) {
        within(PATIENCE, "the service stops", running.stop()).await;
        self.transport.close().await;
        self.db.close().await;
    }
}

/// Looks every few milliseconds, for as long as patience lasts.
async fn becomes(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        while !is_so().await {
            beat.tick().await;
        }
    };
    within(PATIENCE, what, waiting).await;
}

/// On SQLite, and on PostgreSQL where there is one.
async fn on_each_database(place: &impl Place, script: impl Fn() -> Script) -> Vec<Stage> {
    let mut stages = vec![Stage::set(place, None, script()).await];
    if let Ok(url) = std::env::var("ESTRADE_TEST_DATABASE_URL") {
        stages.push(Stage::set(place, Some(&url), script()).await);
    }
    stages
}

/// Whatever is sent twice, and whoever else hears it, each handler handles an event once.
pub async fn each_event_is_handled_once(place: impl Place) {
    for stage in on_each_database(&place, Script::default).await {
        let running = stage.start();
        stage.publish(0..300).await;
        stage.all_noted(300).await;
        let again: Vec<Envelope> = sent(&stage).await;
        let outcomes = stage.transport.send(again.into_iter().map(to_everyone).collect()).await;
        assert_eq!(outcomes.len(), 300);
        stage.publish(300..310).await;
        stage.all_noted(310).await;
        stage.end(running).await;
    }
}

async fn sent(stage: &Stage) -> Vec<Envelope> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: Uuid,
        data: String,
        occurred_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = stage
        .db
        .all("select id, data, occurred_at from bus_outbox", values![])
        .await
        .expect("the outbox reads");
    rows.into_iter()
        .map(|row| Envelope {
            id: event::EventId(row.id),
            source: "/estrade/flows".to_owned(),
            event_type: Happened::TYPE.to_owned(),
            subject: String::new(),
            sequence: None,
            time: row.occurred_at,
            traceparent: None,
            data: row.data,
        })
        .collect()
}

/// What fails is tried again later; nothing that came with it waits, and no half of it stays.
pub async fn a_failing_event_is_tried_again_and_harms_no_other(place: impl Place) {
    let script = || Script { fails: HashMap::from([(7, 2), (11, 1)]), ..Script::default() };
    for stage in on_each_database(&place, script).await {
        let running = stage.start();
        stage.publish(0..50).await;
        stage.all_noted(50).await;
        let attempts = stage.script.attempts.lock().expect("no handler panicked").clone();
        assert!(attempts[&7] >= 3 && attempts[&11] >= 2, "{attempts:?}");
        assert!(stage.dead().await.is_empty());
        stage.end(running).await;
    }
}

/// After the last attempt: dead, with its cause; replayed, it goes to that handler alone.
pub async fn a_dead_letter_has_its_cause_and_is_replayed_to_its_handler_alone(place: impl Place) {
    for stage in on_each_database(&place, Script::default).await {
        stage.script.is_ill.store(true, Ordering::SeqCst);
        let running = stage.start();
        stage.publish(0..3).await;
        becomes("three are dead", async || stage.dead().await.len() == 3).await;
        let dead = stage.dead().await;
        for letter in &dead {
            assert_eq!((letter.consumer.as_str(), letter.attempts), (Note::NAME, 4));
            assert!(letter.cause.contains("fails"), "{}", letter.cause);
        }
        becomes("the witness has all", async || stage.noted(Witness::NAME).await == 3).await;
        stage.script.is_ill.store(false, Ordering::SeqCst);
        let letters = DeadLetters::of(&stage.db);
        let replay = |id| letters.replay(&stage.service, Note::NAME, id);
        assert!(replay(dead[0].id).await.expect("it replays"));
        assert!(letters.discard(Note::NAME, dead[1].id, "a test").await.expect("it discards"));
        assert!(!replay(dead[1].id).await.expect("it is discarded"));
        becomes("one is handled after all", async || stage.noted(Note::NAME).await == 1).await;
        assert_eq!(stage.dead().await.len(), 1);
        assert_eq!(stage.noted(Witness::NAME).await, 3);
        assert_eq!(stage.script.second_calls.load(Ordering::SeqCst), 3);
        stage.end(running).await;
    }
}

/// What a handler parks, and what cannot be decoded, is dead at once; the bytes are kept.
pub async fn what_cannot_be_handled_is_dead_at_once(place: impl Place) {
    let script = || Script { parks: Some(1), ..Script::default() };
    for stage in on_each_database(&place, script).await {
        let running = stage.start();
        stage.publish(0..3).await;
        place.inject(Note::NAME, b"\xff no envelope").await;
        let mut foreign = super::stage::envelope(Happened::TYPE);
        foreign.subject = "NUL: \0".to_owned();
        stage.transport.send(vec![super::stage::to_queue(Note::NAME, foreign)]).await;
        becomes("three are dead", async || stage.dead().await.len() == 3).await;
        let mut dead = stage.dead().await;
        dead.retain(|letter| !letter.cause.contains("NUL"));
        assert_eq!(dead.len(), 2, "{dead:?}");
        let parked = dead.iter().find(|letter| letter.kind == "event").expect("the parked one");
        assert_eq!((parked.cause.as_str(), parked.attempts), ("not for me", 1));
        let foreign =
            dead.iter().find(|letter| letter.kind == "undecodable").expect("the foreign one");
        let bytes = foreign.bytes.as_deref().expect("its bytes");
        assert!(bytes.windows(11).any(|window| window == b"no envelope"), "{bytes:?}");
        becomes("the others go through", async || stage.noted(Note::NAME).await == 2).await;
        stage.end(running).await;
    }
}

/// One event among many takes down whoever handles it, each time: it is dead after a few deaths, and all that
/// came with it is handled, once.
pub async fn what_kills_its_process_is_dead_in_the_end_and_harms_no_other(place: impl Place) {
    let script = || Script { kills: Some(7), ..Script::default() };
    for stage in on_each_database(&place, script).await {
        stage.publish(0..50).await;
        let (mut life, deaths) = stage.live_until_something_is_dead().await;
        assert_eq!(deaths, 3 + 5, "three times in a batch, five times alone");
        for (handler, count) in [(Note::NAME, 49), (Witness::NAME, 50)] {
            becomes("the others go through", async || stage.noted(handler).await == count).await;
            assert_eq!(stage.distinct(handler).await, count);
        }
        let dead = stage.dead().await;
        assert_eq!((dead.len(), dead[0].consumer.as_str(), dead[0].attempts), (1, Note::NAME, 5));
        assert_eq!(dead[0].cause, "the process died during it 5 times");
        life.shutdown().await;
        stage.transport.close().await;
        stage.db.close().await;
    }
}

/// What is to be told later is told then, and what was taken back never.
pub async fn later_is_later_and_cancelled_is_never(place: impl Place) {
    for stage in on_each_database(&place, Script::default).await {
        let running = stage.start();
        let mut tx = stage.db.begin().await.expect("a transaction");
        let due = tx.now() + TimeDelta::milliseconds(400);
        for (number, key) in [(1, "one"), (2, "two"), (3, "three")] {
            tx.publish_at(&Happened { number }, due, key).await.expect("it is scheduled");
        }
        assert!(tx.cancel("two").await.expect("it is cancelled"));
        tx.commit().await.expect("it commits");
        let mut tx = stage.db.begin().await.expect("a transaction");
        assert!(tx.cancel("three").await.expect("it is cancelled"));
        tx.commit().await.expect("it commits");
        becomes("one is told", async || stage.noted(Note::NAME).await == 1).await;
        assert!(stage.db.now() >= due, "told too early");
        stage.publish(4..5).await;
        stage.all_noted(2).await;
        stage.end(running).await;
    }
}

/// Stopped in the middle and started again, several times over: nothing is lost, nothing done twice.
pub async fn stopping_in_the_middle_loses_nothing(place: impl Place) {
    for stage in on_each_database(&place, Script::default).await {
        for round in 0..4 {
            let running = stage.start();
            stage.publish(round * 500..(round + 1) * 500).await;
            becomes("some are noted", async || stage.noted(Note::NAME).await > round * 100).await;
            within(PATIENCE, "the service stops", running.stop()).await;
        }
        let running = stage.start();
        stage.all_noted(2_000).await;
        stage.end(running).await;
    }
}

/// Two replicas of a service share its work.
pub async fn replicas_share_the_work(place: impl Place) {
    for stage in on_each_database(&place, Script::default).await {
        let (one, two) = (stage.start(), stage.start());
        for round in 0..10 {
            stage.publish(round * 100..(round + 1) * 100).await;
        }
        stage.all_noted(1_000).await;
        within(PATIENCE, "the first replica stops", one.stop()).await;
        stage.publish(1_000..1_100).await;
        stage.all_noted(1_100).await;
        stage.end(two).await;
    }
}

/// The place is gone for a while: what is published meanwhile arrives when it is back.
pub async fn the_bus_outlives_a_crash_of_the_place(place: impl Place) {
    let stage = Stage::set(&place, None, Script::default()).await;
    let running = stage.start();
    stage.publish(0..200).await;
    becomes("some are noted", async || stage.noted(Note::NAME).await > 0).await;
    place.crash().await;
    stage.publish(200..400).await;
    place.restart().await;
    stage.publish(400..500).await;
    stage.all_noted(500).await;
    stage.end(running).await;
}
