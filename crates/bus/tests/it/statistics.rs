//! SQLite chooses its ways by what it knows of a file: a service at work keeps that up to date.

use std::{sync::Arc, time::Duration};

use bus::{Embedded, Migration, Read, Service, Transport, testing::Scene, values};

use crate::support::becomes;

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
    let is_known = async || index_known(&scene).await.is_some();
    becomes("the index is known", Duration::from_secs(30), is_known).await;
    running.stop().await;
    let known = index_known(&scene).await.unwrap();
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
