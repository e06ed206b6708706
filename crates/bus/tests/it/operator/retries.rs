//! What waits to be tried again: leafed through in one order, and tried at once when somebody asks for it.

use std::sync::Arc;

use bus::{
    Failure, Handled, Handler, Pulse, Received, Retries, Retrying, Service, Tx,
    testing::{envelope, start},
    values,
};
use chrono::TimeDelta;
use event::PersonId;
use uuid::Uuid;

use super::{Letter, NAME, Post, Scene, Taken, World, count, scenes, taken};

#[tokio::test]
async fn what_waits_is_shown_page_by_page_and_can_be_hurried() {
    for scene in scenes(&Arc::new(World::default())).await {
        let mut waiting = Vec::new();
        for number in 1..=3 {
            waiting.push(wait(&scene, number).await);
        }
        waiting.sort_unstable();
        let retries = Retries::of(&scene.db);
        let first = retries.page(2, 0).await.unwrap();
        let rest = retries.page(2, 2).await.unwrap();
        assert_eq!((first.len(), rest.len()), (2, 1));
        let all: Vec<Retrying> = first.into_iter().chain(rest).collect();
        let shown: Vec<(Uuid, Uuid)> = all.iter().map(|it| (it.id, it.person().unwrap())).collect();
        assert_eq!(shown, waiting);
        assert!(all.iter().all(|it| it.handler == "room.seat" && it.cause == "it is ill"));

        assert_eq!(Pulse::of(&scene.db).await.unwrap().attempts, 9);
        scene.try_once().await;
        assert_eq!(count(&scene, "bus_retry").await, 3, "not due yet");
        assert_eq!(retries.hurry("room.other").await.unwrap(), 0);
        assert_eq!(retries.hurry("room.seat").await.unwrap(), 3);
        scene.try_once().await;
        assert_eq!((count(&scene, "bus_retry").await, count(&scene, "seat").await), (0, 3));
        assert_eq!(Pulse::of(&scene.db).await.unwrap().attempts, 0, "nothing waits");
    }
}

/// Is never ready.
struct Late;

impl Handler for Late {
    const NAME: &'static str = "room.late";
    type Event = Taken;

    async fn handle(&self, _: &Received<Taken>, _: &mut Tx) -> Handled {
        Err(Failure::wait("the room is locked"))
    }
}

/// Whoever looks for what has waited long must find it, though it was tried a moment ago.
#[tokio::test]
async fn what_fails_again_and_again_waits_since_it_first_failed() {
    for scene in Scene::on_each_database(|name| Service::new(name, &[]).handler(Late), &[]).await {
        scene.give(&[taken(1)]).await;
        for _ in 0..2 {
            scene.clock.advance(TimeDelta::hours(2));
            scene.try_once().await;
        }
        let waiting = Retries::of(&scene.db).page(10, 0).await.unwrap();
        let [retrying] = &waiting[..] else { panic!("{waiting:?}") };
        assert_eq!((retrying.attempts, retrying.since), (3, start()));
        let pulse = Pulse::of(&scene.db).await.unwrap();
        assert_eq!(pulse.retries[0].oldest, Some(start()));
    }
}

/// An event whose next try is an hour away: its id, and whom it is about.
async fn wait(scene: &Scene, number: i64) -> (Uuid, Uuid) {
    let learner = PersonId::new();
    let event = envelope(&Taken { learner, number });
    let mut tx = scene.db.begin().await.unwrap();
    let (now, text) = (tx.now(), serde_json::to_string(&event).unwrap());
    let due = now + TimeDelta::hours(1);
    tx.execute(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values!["room.seat", event.id.0, event.event_type, text, 3, due, "it is ill", now],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (event.id.0, learner.0)
}

#[tokio::test]
async fn jobs_that_failed_are_shown_with_their_cause_and_their_next_try() {
    for scene in scenes(&Arc::new(World::default())).await {
        let (now, person) = (scene.db.now(), PersonId::new());
        let mut tx = scene.db.begin().await.unwrap();
        for key in ["1", "2", "3", "4"] {
            tx.request::<Post>(key, &Letter { person, name: NAME.to_owned() }).unwrap();
        }
        tx.commit().await.unwrap();
        for (key, hours) in [("1", 3), ("2", 1), ("3", 2)] {
            let due = now + TimeDelta::hours(hours);
            let mut tx = scene.db.begin().await.unwrap();
            let sql = "update bus_effect set attempts = 2, cause = $1, due = $2 where job_key = $3";
            tx.execute(sql, values!["the post is shut", due, key]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let retries = Retries::of(&scene.db);
        let (first, rest) = (retries.jobs(2, 0).await.unwrap(), retries.jobs(2, 2).await.unwrap());
        let keys: Vec<_> = first.iter().chain(&rest).map(|job| job.job_key.as_str()).collect();
        assert_eq!(keys, ["2", "3", "1"], "the fourth was never tried");
        let next = &first[0];
        assert_eq!((next.effect.as_str(), next.attempts), ("room.post", 2));
        assert_eq!(next.cause.as_deref(), Some("the post is shut"));
        assert_eq!(next.due, now + TimeDelta::hours(1));
        assert_eq!(next.person(), Some(person.0));
    }
}
