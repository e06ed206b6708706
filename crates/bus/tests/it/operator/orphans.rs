//! What an upgrade leaves behind: found, put away as dead letters, and gone from then on.

use std::sync::{Arc, atomic::Ordering};

use bus::{
    DeadLetters, Embedded, Orphan, Orphans, PutAway, Service, Transport, Which, note_queues,
    testing::Scene,
    transport::{Destination, Outgoing, Sent},
    values,
};
use event::PersonId;

use super::{Letter, MIGRATIONS, NAME, Post, World, count, scenes, taken};

/// The service as its next version has it, without its handler and its effect.
fn upgraded(scene: &Scene) -> Service {
    Service::new(scene.service().name(), MIGRATIONS)
}

async fn queue_of(scene: &Scene) -> Embedded {
    let transport = Embedded::open(&scene.folder().join("queue.db")).await.unwrap();
    transport.declare(&scene.service().queues()).await.unwrap();
    transport
}

fn to_everyone(number: i64) -> Outgoing {
    Outgoing { envelope: taken(number), to: Destination::Everyone }
}

/// One event waits in the queue, one to be tried again, and one job to be done.
async fn leave_something(scene: &Scene, world: &World, transport: &Embedded) {
    assert_eq!(transport.send(vec![to_everyone(1)]).await, [Sent::Owned]);
    world.is_ill.store(true, Ordering::SeqCst);
    scene.deliver(&[taken(2)]).await;
    world.is_ill.store(false, Ordering::SeqCst);
    let letters = DeadLetters::of(&scene.db);
    letters.replay_all(scene.service(), Which::All, None).await.unwrap();
    let mut tx = scene.db.begin().await.unwrap();
    let letter = Letter { person: PersonId::new(), name: NAME.to_owned() };
    tx.request::<Post>("1", &letter).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_left_of_a_handler_and_an_effect_is_found_and_put_away() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let transport = queue_of(&scene).await;
        note_queues(scene.service(), &scene.db).await.unwrap();
        leave_something(&scene, &world, &transport).await;
        let present = Orphans::of(scene.service(), &scene.db, &transport);
        assert_eq!(present.list().await.unwrap(), [], "they are there still");

        let upgraded = upgraded(&scene);
        let orphans = Orphans::of(&upgraded, &scene.db, &transport);
        let found = orphans.list().await.unwrap();
        let orphan = |name: &str, ready| Orphan {
            name: name.to_owned(),
            ready: Some(ready),
            silence: None,
            waiting: 1,
        };
        assert_eq!(found, [orphan("room.post", 0), orphan("room.seat", 1)]);
        for (orphan, dead) in found.iter().zip([1, 2]) {
            let done = orphans.put_away(orphan).await.unwrap();
            assert_eq!(done, PutAway { dead, lost: 0 }, "{}", orphan.name);
        }
        assert_eq!(orphans.list().await.unwrap(), []);
        assert_eq!(transport.send(vec![to_everyone(3)]).await, [Sent::Unroutable]);
        for empty in ["bus_retry", "bus_effect", "seat"] {
            assert_eq!(count(&scene, empty).await, 0, "{empty}");
        }
        let dead = scene.dead().await;
        assert_eq!(dead.len(), 3);
        assert!(dead.iter().all(|cause| cause.contains("no handler or effect")), "{dead:?}");
        transport.close().await;
    }
}

/// The version before had no note of its queues.
#[tokio::test]
async fn a_queue_from_before_the_note_of_them_is_known_by_what_was_taken() {
    for scene in scenes(&Arc::new(World::default())).await {
        let transport = queue_of(&scene).await;
        scene.deliver(&[taken(1)]).await;
        let mut tx = scene.db.begin().await.unwrap();
        for sql in
            ["drop table bus_queue", "delete from bus_migration where name = 'bus-0011-queues'"]
        {
            tx.execute(sql, values![]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (upgraded, db) = (upgraded(&scene), scene.open_again().await);
        let found = Orphans::of(&upgraded, &db, &transport).list().await.unwrap();
        let names: Vec<&str> = found.iter().map(|orphan| orphan.name.as_str()).collect();
        assert!(names.contains(&"room.seat"), "{found:?}");
        db.close().await;
        transport.close().await;
    }
}
