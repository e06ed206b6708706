//! What is decided and what is told are committed together, or not at all.

use bus::{
    Effect, EffectFailure, Ending, Error, Event, Failure, Handled, Handler, Migration, Read,
    Received, Service, Tx,
    testing::{Scene, Tables, envelope},
    values,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

const MIGRATIONS: &[Migration] =
    &[Migration { name: "0001-seats", sql: "create table seat (number bigint primary key)" }];
const TABLES: Tables = &[("seat", "number")];

#[derive(Serialize, Deserialize)]
struct Taken {
    text: String,
}

impl Event for Taken {
    const TYPE: &'static str = "house.taken.v1";
    fn subject(&self) -> String {
        "seat-1".to_owned()
    }
}

async fn scene() -> Scene {
    Scene::new(Service::new("house", MIGRATIONS), TABLES).await
}

#[tokio::test]
async fn what_is_dropped_is_neither_written_nor_told() {
    let scene = scene().await;
    let mut tx = scene.db.begin().await.unwrap();
    tx.execute("insert into seat (number) values ($1)", values![1i64]).await.unwrap();
    tx.publish(&Taken { text: String::new() }).unwrap();
    drop(tx);
    assert_eq!(scene.state(&[]).await, "");

    let mut tx = scene.db.begin().await.unwrap();
    tx.execute("insert into seat (number) values ($1)", values![1i64]).await.unwrap();
    tx.publish(&Taken { text: String::new() }).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(scene.published().await.len(), 1);
}

/// On PostgreSQL such a commit would say yes and lose everything.
#[tokio::test]
async fn a_swallowed_error_is_not_committed() {
    let scene = scene().await;
    let mut tx = scene.db.begin().await.unwrap();
    tx.execute("insert into seat (number) values ($1)", values![1i64]).await.unwrap();
    let twice = tx.execute("insert into seat (number) values ($1)", values![1i64]).await;
    assert!(twice.unwrap_err().is_duplicate());
    assert!(matches!(tx.commit().await, Err(Error::Poisoned(_))));
    let seats: Option<i64> = scene.db.scalar("select count(*) from seat", values![]).await.unwrap();
    assert_eq!(seats, Some(0));
}

#[tokio::test]
async fn an_event_that_no_transport_should_carry_is_refused_at_once() {
    let scene = scene().await;
    let mut tx = scene.db.begin().await.unwrap();
    let refused = tx.publish(&Taken { text: "x".repeat(5_000_000) });
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

/// Nobody is late before it: its time, and that in its id, are those at which it was due.
#[tokio::test]
async fn what_is_planned_happens_when_it_is_due() {
    let scene = scene().await;
    let mut tx = scene.db.begin().await.unwrap();
    let (now, due) = (tx.now(), tx.now() + TimeDelta::hours(6));
    let taken = Taken { text: String::new() };
    tx.publish_at(&taken, due, "later").await.unwrap();
    tx.publish_at(&taken, now - TimeDelta::hours(1), "long ago").await.unwrap();
    tx.commit().await.unwrap();
    let told: Vec<_> =
        scene.published().await.into_iter().map(|one| (one.time, one.id.0)).collect();
    let mut times: Vec<_> = told.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    assert_eq!(times, [now, due], "nothing happens before it is told");
    for (time, id) in told {
        let (seconds, _) = id.get_timestamp().unwrap().to_unix();
        assert_eq!(i64::try_from(seconds).unwrap(), time.timestamp());
    }
}

/// What was said of an erased person goes from the books, sent or not, waiting or dead; that
/// something was said stays.
#[tokio::test]
async fn what_was_told_of_a_subject_can_be_forgotten() {
    struct Refuse;
    impl Handler for Refuse {
        const NAME: &'static str = "house.refuse";
        type Event = Taken;
        async fn handle(&self, _: &Received<Taken>, _: &mut Tx) -> Handled {
            Err(Failure::park("never"))
        }
    }
    let scene = Scene::new(Service::new("house", MIGRATIONS).handler(Refuse), TABLES).await;
    let secret = Taken { text: "Siân".to_owned() };
    scene.deliver(&[envelope(&secret)]).await;
    assert_eq!(scene.dead().await.len(), 1);
    let mut tx = scene.db.begin().await.unwrap();
    tx.publish(&secret).unwrap();
    tx.commit().await.unwrap();
    let mut tx = scene.db.begin().await.unwrap();
    tx.execute("update bus_outbox set sent_at = occurred_at", values![]).await.unwrap();
    tx.forget("seat-1").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(scene.published().await[0].data, "{}");
    let left: Option<i64> = scene
        .db
        .scalar("select count(*) from bus_dead where body like '%Siân%'", values![])
        .await
        .unwrap();
    assert_eq!((left, scene.dead().await.len()), (Some(0), 0));
}

/// What is told an hour later, of what was heard.
#[derive(Serialize, Deserialize)]
struct Reminded {
    of: String,
}

impl Event for Reminded {
    const TYPE: &'static str = "house.reminded.v1";
    fn subject(&self) -> String {
        self.of.clone()
    }
}

struct Post;

impl Effect for Post {
    const NAME: &'static str = "house.post";
    type Job = String;
    type Outcome = ();
    const REPEATABLE: bool = true;

    async fn perform(&self, _: &String) -> Result<(), EffectFailure> {
        Ok(())
    }

    async fn record(&self, _: &String, _: Ending<()>, _: &mut Tx) -> Handled {
        Ok(())
    }
}

/// Has one reminder, and one letter to post: of the latest that it heard of. But for what is good it fails, after
/// all is done.
struct Remind;

impl Handler for Remind {
    const NAME: &'static str = "house.remind";
    type Event = Taken;

    async fn handle(&self, event: &Received<Taken>, tx: &mut Tx) -> Handled {
        let (of, due) = (event.text.clone(), tx.now() + TimeDelta::hours(1));
        tx.cancel("reminder").await?;
        tx.withdraw::<Post>("letter").await?;
        if of != "bad, and takes back" {
            tx.request::<Post>("letter", &of)?;
            tx.publish_at(&Reminded { of: of.clone() }, due, "reminder").await?;
        }
        if of.starts_with("bad") { Err(Failure::park("it is bad")) } else { Ok(()) }
    }
}

/// In one batch with it or not: what fails has told nothing, and taken back nothing.
#[tokio::test]
async fn what_fails_leaves_what_others_of_its_batch_told_as_it_was() {
    let house = |name| Service::new(name, MIGRATIONS).handler(Remind).effect(Post);
    for bad in ["bad, and replaces", "bad, and takes back"] {
        for scene in Scene::on_each_database(house, TABLES).await {
            let batch = [bad, "good", bad].map(|text| envelope(&Taken { text: text.to_owned() }));
            scene.give(&batch).await;
            assert_eq!(scene.dead().await.len(), 2);
            let told = scene.published().await;
            let told: Vec<&str> = told.iter().map(|told| told.data.as_str()).collect();
            assert_eq!(told, [r#"{"of":"good"}"#], "{bad}");
            let letter: Option<String> =
                scene.db.scalar("select job from bus_effect", values![]).await.unwrap();
            assert_eq!(letter.as_deref(), Some(r#""good""#), "{bad}");
        }
    }
}
