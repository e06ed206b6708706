//! SQLite chooses its ways by what it knows of a file: a service at work keeps that up to date.

use std::{sync::Arc, time::Duration};

use bus::{Embedded, Migration, Read, Service, Transport, testing::Scene, values};

const SEATS: &[Migration] = &[Migration {
    name: "0001-seats",
    sql: "create table seat (id integer primary key, room integer not null);
          create index seat_room on seat (room)",
}];

#[tokio::test(flavor = "multi_thread")]
async fn a_service_at_work_knows_how_much_its_tables_hold() {
    let scene = Scene::new(Service::new("hall", SEATS), &[]).await;
    let mut tx = scene.db.begin().await.unwrap();
    let rows = (0..3_000).map(|seat| values![seat, seat % 3]).collect();
    tx.insert_many("insert into seat (id, room) values", rows, "").await.unwrap();
    tx.commit().await.unwrap();
    let transport: Arc<dyn Transport> =
        Arc::new(Embedded::open(&scene.folder().join("queue.db")).await.unwrap());
    let running = bus::run(scene.service(), &scene.db, &transport);
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let mut known = None;
    for _ in 0..1_500 {
        beat.tick().await;
        known = index_known(&scene).await;
        if known.is_some() {
            break;
        }
    }
    running.stop().await;
    let known = known.expect("the index is known within 30 s");
    assert!(known.starts_with("3000 "), "{known}");
}

/// The number of rows, and how many have the same value.
async fn index_known(scene: &Scene) -> Option<String> {
    let is_any = "select count(*) from sqlite_master where name = 'sqlite_stat1'";
    let any: Option<i64> = scene.db.scalar(is_any, values![]).await.unwrap();
    if any != Some(1) {
        return None;
    }
    let sql = "select stat from sqlite_stat1 where idx = 'seat_room'";
    scene.db.scalar(sql, values![]).await.unwrap()
}
