//! The outside world: done once, tried again, given up on, or uncertain; never silently done twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bus::{
    DeadLetters, DeadState, Effect, EffectFailure, Embedded, Ending, Failure, Handled, Migration,
    Read, RetryPolicy, Service, Transport, Tx,
    testing::{Scene, Tables},
    values,
};
use chrono::TimeDelta;

use crate::support::{Log, count};

const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001-letters",
    sql: "create table letter (name text not null, ending text not null)",
}];
const TABLES: Tables = &[("letter", "name, ending")];

/// A post office that does what the letter's name says.
#[derive(Default)]
struct Post {
    tries: Arc<AtomicU32>,
    recordings: AtomicU32,
}

impl Effect for Post {
    const NAME: &'static str = "office.post";
    type Job = String;
    type Outcome = u32;
    const REPEATABLE: bool = false;
    const RETRY: RetryPolicy = RetryPolicy {
        attempts: 3,
        first: Duration::from_millis(10),
        longest: Duration::from_millis(20),
    };

    async fn perform(&self, job: &String) -> Result<u32, EffectFailure> {
        let tries = self.tries.fetch_add(1, Ordering::SeqCst) + 1;
        match job.as_str() {
            "good" | "smudged" | "blotted" | "torn" | "void" => Ok(tries),
            "late" if tries >= 3 => Ok(tries),
            "refused" => Err(EffectFailure::Refused("no such address".to_owned())),
            "vague" => Err(EffectFailure::Uncertain("no answer after the last word".to_owned())),
            "garbled" => Err(EffectFailure::Retry("not\0today".to_owned())),
            "spelt out" => Err(EffectFailure::Refused("no\0such\0address".to_owned())),
            "stuck" => std::future::pending().await,
            "broken" => panic!("the office burns"),
            _ => Err(EffectFailure::Retry("not today".to_owned())),
        }
    }

    async fn record(&self, job: &String, ending: Ending<u32>, tx: &mut Tx) -> Handled {
        let recordings = self.recordings.fetch_add(1, Ordering::SeqCst) + 1;
        match job.as_str() {
            "smudged" => return Err(Failure::wait("no ink")),
            "blotted" if recordings < 4 => return Err(Failure::wait("no ink")),
            "torn" => panic!("the book burns"),
            "void" => return Err(Failure::park("no such page")),
            _ => {}
        }
        let ending = match &ending {
            Ending::Done(_) => "done",
            Ending::Refused(why) if job == "spelt out" => why.as_str(),
            Ending::Refused(_) => "refused",
            Ending::GaveUp(_) => "gave up",
            Ending::Uncertain(_) => "uncertain",
        };
        tx.execute(
            "insert into letter (name, ending) values ($1, $2)",
            values![job.clone(), ending],
        )
        .await?;
        Ok(())
    }
}

fn office() -> Service {
    Service::new("office", MIGRATIONS).effect(Post::default())
}

async fn posted(scene: &Scene, letter: &str) -> String {
    request(scene, letter).await;
    scene.perform().await;
    scene.state(&[]).await
}

async fn request(scene: &Scene, letter: &str) {
    let mut tx = scene.db.begin().await.unwrap();
    tx.request::<Post>(letter, &letter.to_owned()).unwrap();
    tx.request::<Post>(letter, &letter.to_owned()).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn each_ending_is_recorded_once() {
    for (letter, ending) in [
        ("good", "done"),
        ("late", "done"),
        ("refused", "refused"),
        ("vague", "uncertain"),
        ("never", "gave up"),
        ("broken", "gave up"),
    ] {
        let scene = Scene::new(office(), TABLES).await;
        let state = posted(&scene, letter).await;
        assert_eq!(state, format!("letter: '{letter}' | '{ending}'"));
        assert_eq!(scene.dead().await.is_empty(), ending != "gave up");
    }
}

/// PostgreSQL takes no NUL character, which a foreign server may well send.
#[tokio::test]
async fn a_cause_that_no_database_takes_keeps_no_job_from_its_end() {
    let office = |name| Service::new(name, MIGRATIONS).effect(Post::default());
    for scene in Scene::on_each_database(office, TABLES).await {
        request(&scene, "garbled").await;
        scene.perform().await;
        assert_eq!(count(&scene, "letter where ending = 'gave up'").await, 1);
        let letters = DeadLetters::of(&scene.db);
        let dead = letters.list(DeadState::Waiting, 10).await.unwrap().remove(0);
        assert_eq!((dead.cause.as_str(), dead.attempts), ("nottoday", 3));
        request(&scene, "spelt out").await;
        scene.perform().await;
        assert_eq!(count(&scene, "letter where ending = 'nosuchaddress'").await, 1);
    }
}

#[tokio::test]
async fn what_was_not_done_is_in_the_log_with_why() {
    let log = Log::default();
    let _listening = log.listen();
    for (letter, ending, cause) in [
        ("refused", "refused", "no such address"),
        ("vague", "uncertain", "no answer after the last word"),
        ("never", "gave-up", "not today"),
    ] {
        let scene = Scene::new(office(), TABLES).await;
        posted(&scene, letter).await;
        let line = log.lines_with("a job was not done").pop().unwrap();
        for part in [format!("ending=\"{ending}\""), format!("cause=\"{cause}\"")] {
            assert!(line.contains(&part), "{part} in {line}");
        }
    }
}

#[tokio::test]
async fn what_was_given_up_on_can_be_replayed() {
    let scene = Scene::new(office(), TABLES).await;
    posted(&scene, "never").await;
    let letters = DeadLetters::of(&scene.db);
    let dead = letters.list(DeadState::Waiting, 10).await.unwrap().remove(0);
    assert_eq!((dead.kind.as_str(), dead.attempts), ("job", 3));
    let mut times: Vec<&str> = dead.tried.split(' ').collect();
    times.dedup();
    assert_eq!(times.len(), 3, "each at a time of its own: {}", dead.tried);
    assert!(letters.replay(scene.service(), Post::NAME, dead.id).await.unwrap());
    scene.perform().await;
    let count: Option<i64> =
        scene.db.scalar("select count(*) from letter", values![]).await.unwrap();
    assert_eq!(count, Some(2), "it was tried, and given up on, once more");
}

/// What was done is not done once more because nobody could write it down for a moment.
#[tokio::test]
async fn a_recording_that_fails_is_tried_again_and_the_job_is_not() {
    let tries = Arc::default();
    let post = Post { tries: Arc::clone(&tries), ..Post::default() };
    let scene = Scene::new(Service::new("office", MIGRATIONS).effect(post), TABLES).await;
    assert_eq!(posted(&scene, "blotted").await, "letter: 'blotted' | 'done'");
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert!(scene.dead().await.is_empty());
}

/// One that never goes ends as a dead letter, which says that the thing itself was done.
#[tokio::test]
async fn what_cannot_be_recorded_is_dead_with_its_cause() {
    for (letter, why, attempts) in [
        ("smudged", "no ink", 8),
        ("torn", "panicked: the book burns", 8),
        ("void", "no such page", 1),
    ] {
        let tries = Arc::default();
        let post = Post { tries: Arc::clone(&tries), ..Post::default() };
        let scene = Scene::new(Service::new("office", MIGRATIONS).effect(post), TABLES).await;
        assert_eq!(posted(&scene, letter).await, "", "{letter}: nothing of it is half written");
        let letters = DeadLetters::of(&scene.db);
        let dead = letters.list(DeadState::Waiting, 10).await.unwrap().remove(0);
        assert!(dead.cause.starts_with("it was done"), "{}", dead.cause);
        assert!(dead.cause.ends_with(why), "{}", dead.cause);
        assert_eq!((dead.attempts, tries.load(Ordering::SeqCst)), (attempts, 1), "{letter}");
        assert_eq!(dead.tried.split(' ').count(), attempts as usize, "{letter}: {}", dead.tried);
    }
}

/// The worker is at it when it dies: nobody can tell, so it is not done again.
#[tokio::test]
async fn a_worker_that_dies_leaves_an_uncertain_letter() {
    let scene = Scene::new(office(), TABLES).await;
    let transport: Arc<dyn Transport> =
        Arc::new(Embedded::open(&scene.folder().join("queue.db")).await.unwrap());
    request(&scene, "stuck").await;
    let dying = bus::run(&office(), &scene.db, &transport);
    let mut beat = tokio::time::interval(Duration::from_millis(5));
    while scene
        .db
        .scalar::<i64>("select count(*) from bus_effect where owner is not null", values![])
        .await
        .unwrap()
        == Some(0)
    {
        beat.tick().await;
    }
    // It hangs for ever; to the platform it is dead once its lease has run out.
    scene.clock.advance(TimeDelta::minutes(5));
    scene.perform().await;
    assert_eq!(scene.state(&[]).await, "letter: 'stuck' | 'uncertain'");
    drop(dying);
}

/// A worker whose clock was far ahead, or whose clock was set back, leaves a lease that would run for hours.
#[tokio::test]
async fn a_lease_that_no_honest_clock_gave_holds_nothing_up() {
    let office = |name| Service::new(name, MIGRATIONS).effect(Post::default());
    for scene in Scene::on_each_database(office, TABLES).await {
        request(&scene, "good").await;
        for (lease, letters) in [(TimeDelta::seconds(15), 0), (TimeDelta::hours(1), 1)] {
            let mut tx = scene.db.begin().await.unwrap();
            let until = tx.now() + lease;
            tx.execute("update bus_effect set lease_until = $1", values![until]).await.unwrap();
            tx.commit().await.unwrap();
            scene.try_once().await;
            let found = count(&scene, "letter where ending = 'uncertain'").await;
            assert_eq!(found, letters, "leased for {lease}");
        }
    }
}
