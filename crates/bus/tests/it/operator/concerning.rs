//! What concerns one person and is not done: all of it, and nothing of others.

use std::sync::{Arc, atomic::Ordering};

use bus::{Concerning, DeadLetters, Which, testing::envelope, values};
use event::PersonId;

use super::{Taken, World, scenes};

#[tokio::test]
async fn what_of_a_person_is_not_done_is_found_and_nothing_of_others() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let people = [PersonId::new(), PersonId::new()];
        for (number, learner) in (1..).zip(people) {
            world.is_ill.store(false, Ordering::SeqCst);
            scene.deliver(&[envelope(&Taken { learner, number })]).await;
            world.is_ill.store(true, Ordering::SeqCst);
            scene.deliver(&[envelope(&Taken { learner, number: 10 + number })]).await;
        }
        for learner in people {
            let waits = envelope(&Taken { learner, number: 20 });
            let mut tx = scene.db.begin().await.unwrap();
            let (now, text) = (tx.now(), serde_json::to_string(&waits).unwrap());
            tx.execute(
                "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                values!["room.seat", waits.id.0, waits.event_type, text, 3, now, "it is ill", now],
            )
            .await
            .unwrap();
            tx.publish(&Taken { learner, number: 30 }).unwrap();
            tx.commit().await.unwrap();
        }
        for (number, person) in (1..).zip(people) {
            let found = Concerning::of(&scene.db, person).await.unwrap();
            let told: Vec<&str> = found.unsent.iter().map(|it| it.event_type.as_str()).collect();
            assert_eq!(told, ["room.taken.v1"]);
            let tried: Vec<_> =
                found.retries.iter().map(|it| (it.handler.as_str(), it.attempts)).collect();
            assert_eq!(tried, [("room.seat", 3)]);
            let jobs: Vec<&str> = found.jobs.iter().map(|it| it.job_key.as_str()).collect();
            assert_eq!(jobs, [number.to_string()]);
            let dead: Vec<&str> = found.dead.iter().map(|it| it.cause.as_str()).collect();
            assert_eq!(dead, [format!("no seat {} for {person} today", 10 + number)]);
        }
        let nobody = Concerning::of(&scene.db, PersonId::new()).await.unwrap();
        assert!(nobody.unsent.is_empty() && nobody.dead.is_empty(), "{nobody:?}");
        DeadLetters::of(&scene.db).discard_all(Which::All, "they left", None).await.unwrap();
        for person in people {
            let found = Concerning::of(&scene.db, person).await.unwrap();
            let reasons: Vec<_> = found.discarded.iter().map(|it| it.reason.as_deref()).collect();
            assert_eq!((found.dead.len(), reasons), (0, vec![Some("they left")]));
        }
    }
}
