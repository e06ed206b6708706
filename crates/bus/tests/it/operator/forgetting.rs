//! Whoever is erased is forgotten: jobs that hold their name, waiting, in hand, or dead.

use std::sync::{Arc, atomic::Ordering};

use bus::{DeadLetters, DeadState, Which, testing::Scene, values};
use event::PersonId;

use super::{Letter, NAME, Post, World, count, scenes};

async fn request(scene: &Scene, key: &str, person: PersonId) {
    let mut tx = scene.db.begin().await.unwrap();
    tx.request::<Post>(key, &Letter { person, name: NAME.to_owned() }).unwrap();
    tx.commit().await.unwrap();
}

async fn forget(scene: &Scene, person: PersonId) {
    let mut tx = scene.db.begin().await.unwrap();
    tx.forget(&person.to_string()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The letters that still name somebody.
async fn named(scene: &Scene) -> i64 {
    let dead = format!("bus_dead where body like '%{NAME}%' or cause like '%{NAME}%'");
    count(scene, &dead).await + count(scene, &format!("bus_effect where job like '%{NAME}%'")).await
}

#[tokio::test]
async fn jobs_that_wait_or_are_dead_are_forgotten_with_their_person() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let (gone, stays) = (PersonId::new(), PersonId::new());
        world.post_is_shut.store(true, Ordering::SeqCst);
        for (key, person) in [("1", gone), ("2", stays)] {
            request(&scene, key, person).await;
        }
        scene.perform().await;
        for (key, person) in [("3", gone), ("4", stays)] {
            request(&scene, key, person).await;
        }
        assert_eq!(named(&scene).await, 4);
        forget(&scene, gone).await;
        assert_eq!(named(&scene).await, 2, "the other keeps both");
        let letters = DeadLetters::of(&scene.db);
        let emptied = letters.list(DeadState::Discarded, 10).await.unwrap();
        assert_eq!(emptied.len(), 1, "that it happened stays");
        let replayed = letters.replay_all(scene.service(), Which::All, None).await.unwrap();
        assert_eq!(replayed.replayed, 1);
    }
}

/// What was in hand while its person was erased may still die; then without the name.
#[tokio::test]
async fn a_job_in_hand_is_finished_and_dies_without_a_name() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        world.post_is_shut.store(true, Ordering::SeqCst);
        let gone = PersonId::new();
        request(&scene, "1", gone).await;
        let mut tx = scene.db.begin().await.unwrap();
        let soon = scene.db.now() + chrono::TimeDelta::seconds(20);
        tx.execute("update bus_effect set lease_until = $1", values![soon]).await.unwrap();
        tx.commit().await.unwrap();
        forget(&scene, gone).await;
        assert_eq!(count(&scene, "bus_effect").await, 1, "it is in hand");
        scene.perform().await;
        assert_eq!(named(&scene).await, 0);
        assert_eq!(count(&scene, "bus_dead where state = 'discarded'").await, 1);
    }
}
