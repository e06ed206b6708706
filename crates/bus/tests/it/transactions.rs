//! What is decided and what is told are committed together, or not at all.

use bus::{
    Error, Event, Migration, Read, Service,
    testing::{Scene, Tables},
    values,
};
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
    let (now, due) = (tx.now(), tx.now() + chrono::TimeDelta::hours(6));
    let taken = Taken { text: String::new() };
    tx.publish_at(&taken, due, "later").await.unwrap();
    tx.publish_at(&taken, now - chrono::TimeDelta::hours(1), "long ago").await.unwrap();
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
    impl bus::Handler for Refuse {
        const NAME: &'static str = "house.refuse";
        type Event = Taken;
        async fn handle(&self, _: &bus::Received<Taken>, _: &mut bus::Tx) -> bus::Handled {
            Err(bus::Failure::park("never"))
        }
    }
    let scene = Scene::new(Service::new("house", MIGRATIONS).handler(Refuse), TABLES).await;
    let secret = Taken { text: "Siân".to_owned() };
    scene.deliver(&[bus::testing::envelope(&secret)]).await;
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
