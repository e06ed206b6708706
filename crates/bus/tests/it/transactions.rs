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
        String::new()
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
