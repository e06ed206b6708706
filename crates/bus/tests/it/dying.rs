//! What kills its process is not tried for ever, and what dies with it by chance is not lost. On SQLite and
//! PostgreSQL; a whole process's deaths, on each transport, are in the conformance suite.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use bus::{
    DeadLetters, DeadState, Effect, EffectFailure, Ending, Envelope, Event, EventId, Failure,
    Handled, Handler, Migration, Received, RetryPolicy, Service, Tx, Verdict, Which,
    testing::{Scene, Tables, envelope},
    values,
};
use serde::{Deserialize, Serialize};

use crate::support::{Log, count};

const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001-glazed",
    sql: "create table glazed (number bigint not null); \
          create table painted (ending text not null)",
}];
const TABLES: Tables = &[("glazed", "number"), ("painted", "ending")];

#[derive(Serialize, Deserialize)]
struct Fired {
    number: i64,
}

impl Event for Fired {
    const TYPE: &'static str = "kiln.fired.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

/// How often each pot was tried, and how often it is to fail first. A first delivery that fails is tried twice:
/// with its batch, and apart.
#[derive(Default)]
struct Kiln {
    tries: Mutex<BTreeMap<EventId, u32>>,
    fails: u32,
    painted: AtomicU32,
}

impl Kiln {
    fn tries(&self) -> u32 {
        self.tries.lock().unwrap().values().sum()
    }
}

struct Glaze(Arc<Kiln>);

impl Handler for Glaze {
    const NAME: &'static str = "kiln.glaze";
    type Event = Fired;

    async fn handle(&self, event: &Received<Fired>, tx: &mut Tx) -> Handled {
        let tries = {
            let mut tries = self.0.tries.lock().unwrap();
            let tries = tries.entry(event.id()).or_default();
            *tries += 1;
            *tries
        };
        if tries <= self.0.fails {
            return Err(Failure::wait("too hot for ana@example.org"));
        }
        let sql = "insert into glazed (number) values ($1)";
        tx.execute(sql, values![event.number]).await?;
        Ok(())
    }
}

struct Paint(Arc<Kiln>);

impl Effect for Paint {
    const NAME: &'static str = "kiln.paint";
    type Job = i64;
    type Outcome = ();
    const REPEATABLE: bool = true;
    const RETRY: RetryPolicy = RetryPolicy { attempts: 10, ..RetryPolicy::DEFAULT };

    async fn perform(&self, _: &i64) -> Result<(), EffectFailure> {
        if self.0.painted.fetch_add(1, Ordering::SeqCst) < self.0.fails {
            return Err(EffectFailure::Retry("no paint for <ana@example.org> yet".to_owned()));
        }
        Ok(())
    }

    async fn record(&self, _: &i64, ending: Ending<()>, tx: &mut Tx) -> Handled {
        let ending = match ending {
            Ending::Done(()) => "done".to_owned(),
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => cause,
        };
        tx.execute("insert into painted (ending) values ($1)", values![ending]).await?;
        Ok(())
    }
}

/// On each database, with what was done there.
async fn scenes(fails: u32) -> Vec<(Arc<Kiln>, Scene)> {
    let kilns = Mutex::new(Vec::new());
    let service = |name| {
        let kiln = Arc::new(Kiln { fails, ..Kiln::default() });
        kilns.lock().unwrap().push(kiln.clone());
        Service::new(name, MIGRATIONS).handler(Glaze(kiln.clone())).effect(Paint(kiln))
    };
    let scenes = Scene::on_each_database(service, TABLES).await;
    kilns.into_inner().unwrap().into_iter().zip(scenes).collect()
}

fn fired(numbers: std::ops::Range<i64>) -> Vec<Envelope> {
    numbers.map(|number| envelope(&Fired { number })).collect()
}

async fn ask_for_paint(scene: &Scene) {
    let mut tx = scene.db.begin().await.unwrap();
    tx.request::<Paint>("one", &1).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_try_that_kills_its_process_each_time_is_dead_in_the_end() {
    for (_, scene) in scenes(2).await {
        scene.give(&fired(0..1)).await;
        scene.clock.advance(chrono::TimeDelta::hours(1));
        for _ in 0..5 {
            assert!(scene.dead().await.is_empty());
            scene.die().await;
        }
        scene.deliver(&[]).await;
        assert_eq!(scene.dead().await, ["kiln.glaze: the process died during it 5 times"]);
        let letters = DeadLetters::of(&scene.db);
        let dead = letters.list(DeadState::Waiting, 1).await.unwrap().remove(0);
        assert_eq!((dead.attempts, dead.tried.split(' ').count()), (6, 6), "with all its times");
        let rehearsed = letters.rehearse(scene.service(), Which::All, 1).await.unwrap();
        assert_eq!(rehearsed[0].verdict, Verdict::Deadly, "the operator's process lives on");
        assert!(letters.replay(scene.service(), &dead.consumer, dead.id).await.unwrap());
        scene.deliver(&[]).await;
        assert_eq!(count(&scene, "glazed").await, 1);
    }
}

/// Whoever fails with a word has not died of it.
#[tokio::test]
async fn a_try_that_ends_makes_earlier_deaths_forgotten() {
    for (_, scene) in scenes(3).await {
        ask_for_paint(&scene).await;
        scene.give(&fired(0..1)).await;
        scene.clock.advance(chrono::TimeDelta::hours(1));
        for _ in 0..4 {
            for _ in 0..4 {
                scene.die().await;
            }
            scene.try_once().await;
            scene.clock.advance(chrono::TimeDelta::hours(2));
        }
        assert!(scene.dead().await.is_empty());
        assert_eq!(count(&scene, "glazed").await, 1);
        assert_eq!(count(&scene, "painted where ending = 'done'").await, 1);
    }
}

/// In a batch nobody can tell who it was: after some returns each is tried by itself, and once.
#[tokio::test]
async fn what_comes_back_again_and_again_is_tried_alone_and_once() {
    for (kiln, scene) in scenes(0).await {
        scene.give_back(&fired(0..100), 2).await;
        assert_eq!(count(&scene, "glazed").await, 100, "a connection was lost twice: all at once");
        let suspects = fired(100..300);
        scene.give_back(&suspects, 3).await;
        scene.give_back(&suspects, 4).await;
        assert_eq!(count(&scene, "glazed").await, 100, "not in a batch");
        assert_eq!(count(&scene, "bus_retry").await, 200);
        scene.deliver(&suspects).await;
        assert_eq!(count(&scene, "glazed").await, 300);
        assert_eq!(kiln.tries(), 300, "each once");
    }
}

#[tokio::test]
async fn a_job_that_kills_its_process_each_time_is_given_up_on() {
    for (kiln, scene) in scenes(0).await {
        ask_for_paint(&scene).await;
        for _ in 0..6 {
            assert!(scene.dead().await.is_empty());
            scene.die().await;
        }
        scene.perform().await;
        assert_eq!(scene.dead().await, ["kiln.paint: the process died during it 6 times"]);
        let letters = DeadLetters::of(&scene.db).list(DeadState::Waiting, 1).await.unwrap();
        assert_eq!(letters[0].tried.split(' ').count(), 7, "it was taken so often");
        assert_eq!(count(&scene, "painted").await, 0, "recording it may be what kills");
        ask_for_paint(&scene).await;
        for _ in 0..5 {
            scene.die().await;
        }
        scene.perform().await;
        let gave_up = "painted where ending = 'the process died during it 5 times'";
        assert_eq!(count(&scene, gave_up).await, 1, "the service knows");
        assert_eq!(kiln.painted.load(Ordering::SeqCst), 0);
    }
}

/// Whoever handles it, and whether it goes or not: the log says of what event it speaks.
#[tokio::test]
async fn each_event_that_is_handled_or_fails_has_its_line() {
    let (_, scene) = scenes(2).await.remove(0);
    let log = Log::default();
    let _listening = log.listen();
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned();
    let event = Envelope { traceparent: Some(traceparent), ..fired(0..1).remove(0) };
    scene.deliver(std::slice::from_ref(&event)).await;
    for what in ["will be tried again", "handled"] {
        let lines = log.lines_with(what);
        assert_eq!(lines.len(), 1, "{what}: {lines:#?}");
        for part in [
            format!("event_id={}", event.id),
            format!("event_type=\"{}\"", Fired::TYPE),
            format!("handler=\"{}\"", Glaze::NAME),
            "trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"".to_owned(),
        ] {
            assert!(lines[0].contains(&part), "{part} in {}", lines[0]);
        }
    }
}

/// What only came too early is nobody's concern; what goes on failing is, with why, and with nobody's address.
#[tokio::test]
async fn what_fails_for_the_third_time_is_warned_of_with_its_cause() {
    let (_, scene) = scenes(4).await.remove(0);
    let log = Log::default();
    let _listening = log.listen();
    ask_for_paint(&scene).await;
    scene.deliver(&fired(0..1)).await;
    scene.perform().await;
    let lines = log.lines_with("will be tried again");
    let (events, jobs): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.contains("handler="));
    for (lines, cause, warnings) in
        [(events, "\"too hot for …\"", 1), (jobs, "\"no paint for … yet\"", 2)]
    {
        let warned = lines.iter().filter(|line| line.starts_with("WARN")).count();
        assert_eq!((lines.len(), warned), (2 + warnings, warnings), "{lines:#?}");
        assert!(lines.iter().all(|line| line.contains(&format!("cause={cause}"))), "{lines:#?}");
    }
}
