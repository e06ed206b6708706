//! Nothing grows for ever, nothing is done twice for it, and the books stay true.

use std::sync::{Arc, atomic::Ordering};

use bus::{DeadLetters, Ledger, Retention, Which, testing::Scene, values};
use chrono::TimeDelta;
use event::PersonId;

use super::{Confirmed, Taken, World, count, scenes, taken};

async fn send_all(scene: &Scene) {
    let mut tx = scene.db.begin().await.unwrap();
    let now = tx.now();
    tx.execute("update bus_outbox set sent_at = $1 where due <= $1", values![now]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn books(scene: &Scene) -> serde_json::Value {
    serde_json::to_value(Ledger::of(&scene.db).await.unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_done_with_goes_and_the_books_stay_true() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let many: Vec<_> = (1..1_200).map(taken).chain([taken(-1), taken(-2)]).collect();
        scene.deliver_together(&many).await;
        let letters = DeadLetters::of(&scene.db);
        let hopeless = letters.list(bus::DeadState::Waiting, 1).await.unwrap().remove(0);
        letters.discard("room.seat", hopeless.id, "no such seat").await.unwrap();
        let mut tx = scene.db.begin().await.unwrap();
        let later = tx.now() + TimeDelta::days(60);
        tx.publish_at(&Confirmed { number: 0 }, later, "later").await.unwrap();
        tx.commit().await.unwrap();
        send_all(&scene).await;
        let before = books(&scene).await;

        scene.clock.advance(TimeDelta::days(29));
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!((pruned.inbox, pruned.outbox, pruned.dead), (0, 0, 0));
        scene.clock.advance(TimeDelta::days(2));
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!((pruned.inbox, pruned.outbox, pruned.dead), (1_200, 1_199, 0));
        assert_eq!(count(&scene, "bus_outbox").await, 1, "what is to be told later stays");
        assert_eq!(count(&scene, "bus_inbox").await, 1, "so does the id of what is dead");
        assert_eq!(books(&scene).await, before);
        scene.clock.advance(TimeDelta::days(60));
        send_all(&scene).await;
        let after = books(&scene).await;
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!((pruned.outbox, pruned.dead), (0, 1));
        assert_eq!(books(&scene).await, after);
        assert_eq!(letters.count(Which::All).await.unwrap(), 1, "what waits is never thrown away");
    }
}

/// However long it was dead: replayed, it is handled once, whatever comes again afterwards.
#[tokio::test]
async fn a_letter_older_than_the_inbox_is_handled_once() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        world.is_ill.store(true, Ordering::SeqCst);
        let event = taken(1);
        scene.deliver(std::slice::from_ref(&event)).await;
        world.is_ill.store(false, Ordering::SeqCst);
        scene.clock.advance(TimeDelta::days(400));
        bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        let letters = DeadLetters::of(&scene.db);
        let replayed = letters.replay_all(scene.service(), Which::All, None).await.unwrap();
        assert_eq!(replayed.replayed, 1);
        bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        scene.deliver(&[]).await;
        bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        scene.deliver(&[event.clone(), event]).await;
        assert_eq!(count(&scene, "seat").await, 1);
    }
}

/// What has arrived and is not surely sent may be sent once more, however late, and is then on its way.
#[tokio::test]
async fn the_id_of_what_may_yet_be_sent_stays() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let mut tx = scene.db.begin().await.unwrap();
        tx.publish(&Taken { learner: PersonId::new(), number: 1 }).unwrap();
        tx.commit().await.unwrap();
        let told = scene.published().await;
        scene.deliver(&told).await;
        scene.clock.advance(TimeDelta::days(40));
        assert_eq!(bus::prune(&scene.db, Retention::DEFAULT).await.unwrap().inbox, 0);
        scene.deliver(&told).await;
        assert_eq!(count(&scene, "seat").await, 1);
        send_all(&scene).await;
        assert_eq!(bus::prune(&scene.db, Retention::DEFAULT).await.unwrap().inbox, 0);
        scene.deliver(&told).await;
        assert_eq!(count(&scene, "seat").await, 1);
        scene.clock.advance(TimeDelta::days(31));
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!((pruned.inbox, pruned.outbox), (1, 2));
    }
}

/// A stranger's ids tell no time and go as well.
#[tokio::test]
async fn ids_that_tell_no_time_go_too() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let strange: Vec<_> = (0..20)
            .map(|number| {
                let mut event = taken(number);
                event.id = event::EventId(uuid::Uuid::new_v4());
                event
            })
            .collect();
        scene.deliver(&strange).await;
        scene.clock.advance(TimeDelta::days(31));
        assert_eq!(bus::prune(&scene.db, Retention::DEFAULT).await.unwrap().inbox, 20);
    }
}

#[test]
fn days_that_are_too_few_are_refused_with_what_to_write() {
    assert_eq!(Retention::of_days(30, 90), Ok(Retention::DEFAULT));
    assert!(Retention::of_days(29, 90).unwrap_err().contains("write 30 or more"));
    assert!(Retention::of_days(30, 20).unwrap_err().contains("write 30 or more"));
    assert!(Retention::of_days(u32::MAX, u32::MAX).is_ok());
}
