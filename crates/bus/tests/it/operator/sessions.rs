//! Since when a person's sessions must have begun.

use std::sync::Arc;

use bus::{Retention, sessions, testing::Scene};
use chrono::{DateTime, TimeDelta, Utc};
use event::PersonId;

use super::{World, count, scenes};

async fn end(scene: &Scene, person: PersonId, since: DateTime<Utc>) {
    let mut tx = scene.db.begin().await.unwrap();
    sessions::end(&mut tx, person, since).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_latest_holds_in_whatever_order_it_is_told() {
    for scene in scenes(&Arc::new(World::default())).await {
        let (told, other) = (PersonId::new(), PersonId::new());
        let since = sessions::since(&scene.db);
        assert_eq!(since(told).await.unwrap(), None);
        let at = |minutes| scene.db.now() + TimeDelta::minutes(minutes);
        for (minutes, latest) in [(2, 2), (1, 2), (2, 2), (3, 3)] {
            end(&scene, told, at(minutes)).await;
            assert_eq!(since(told).await.unwrap(), Some(at(latest)));
        }
        assert_eq!(since(other).await.unwrap(), None, "of somebody else nothing was told");
    }
}

/// What tells it may wait to be tried again, and is then forgotten with its person.
#[tokio::test]
async fn whoever_is_erased_has_no_session_left() {
    for scene in scenes(&Arc::new(World::default())).await {
        let (gone, erased_at) = (PersonId::new(), scene.db.now());
        let mut tx = scene.db.begin().await.unwrap();
        tx.forget_person(gone, erased_at).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sessions::since(&scene.db)(gone).await.unwrap(), Some(erased_at));
    }
}

/// No session lasts as long.
#[tokio::test]
async fn it_is_kept_for_thirty_days() {
    for scene in scenes(&Arc::new(World::default())).await {
        end(&scene, PersonId::new(), scene.db.now()).await;
        for (days, kept) in [(29, 1), (2, 0)] {
            scene.clock.advance(TimeDelta::days(days));
            bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
            assert_eq!(count(&scene, "bus_ended_session").await, kept);
        }
    }
}
