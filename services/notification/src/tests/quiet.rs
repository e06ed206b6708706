//! Quiet hours: what would disturb waits for their end, and nothing is lost or said twice for it.

use bus::testing::{Scene, start};
use chrono::{DateTime, TimeDelta, Utc};

use super::world::*;
use crate::{
    commands::own,
    domain::QuietHours,
    store::{self, Before, DeliveryView},
};

/// The scene begins at 09:00 in Paris, where this person lives.
const NOON_IN_PARIS: i64 = 3;

async fn quiet_scene(folder: &std::path::Path, begin: &str, end: &str) -> Scene {
    let scene = Scene::new(service_in(folder), TABLES).await;
    scene.deliver(&[registered(1), published(1, "Queues")]).await;
    let hours = QuietHours::parse(begin, end).unwrap();
    own::keep_quiet(&scene.db, person_id(1), Some(hours)).await.unwrap();
    scene
}

async fn delivery(scene: &Scene, channel: &str) -> DeliveryView {
    let all = store::deliveries(&scene.db, person_id(1), Before::everything(), 10).await.unwrap();
    all.into_iter().find(|it| it.channel == channel).unwrap()
}

fn noon() -> DateTime<Utc> {
    start() + TimeDelta::hours(NOON_IN_PARIS)
}

#[tokio::test]
async fn a_mail_waits_for_their_end_and_the_inbox_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let scene = quiet_scene(folder.path(), "08:30", "12:00").await;
    scene.deliver(&[enrolled(1, 1, 5), enrolled(1, 1, 5)]).await;
    let mail = delivery(&scene, "mail").await;
    assert_eq!((mail.state.as_str(), mail.waits_until), ("queued", Some(noon())));
    let inbox = delivery(&scene, "inbox").await;
    assert_eq!((inbox.state.as_str(), inbox.waits_until), ("sent", None));
    scene.perform().await;
    let mail = delivery(&scene, "mail").await;
    assert_eq!(mail.state, "sent");
    assert!(mail.settled_at.unwrap() >= noon(), "{:?}", mail.settled_at);
    assert_eq!(std::fs::read_dir(folder.path().join("mail")).unwrap().count(), 1);
}

/// Whoever waits for a new password is up.
#[tokio::test]
async fn a_new_password_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let scene = quiet_scene(folder.path(), "08:30", "12:00").await;
    scene.deliver(&[forgot_password(1)]).await;
    assert_eq!(delivery(&scene, "mail").await.waits_until, None);
    scene.perform().await;
    assert_eq!(delivery(&scene, "mail").await.settled_at, Some(start()));
    let all = store::deliveries(&scene.db, person_id(1), Before::everything(), 10).await.unwrap();
    assert_eq!(all.len(), 1, "not in the inbox, not pushed");
    assert!(crate::deliveries_to(&scene.db, person_id(1), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn outside_of_them_a_mail_goes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let scene = quiet_scene(folder.path(), "22:00", "09:00").await;
    scene.deliver(&[enrolled(1, 1, 5)]).await;
    assert_eq!(delivery(&scene, "mail").await.waits_until, None);
    scene.perform().await;
    assert_eq!(delivery(&scene, "mail").await.settled_at, Some(start()));
}

#[tokio::test]
async fn who_is_erased_meanwhile_is_sent_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scene = quiet_scene(folder.path(), "08:30", "12:00").await;
    scene.deliver(&[enrolled(1, 1, 5), erased(1)]).await;
    let mail = delivery(&scene, "mail").await;
    assert_eq!((mail.state.as_str(), mail.reason.as_deref()), ("suppressed", Some("erased")));
    scene.perform().await;
    assert!(!folder.path().join("mail").exists(), "no mail was written");
    assert_eq!(store::quiet_hours(&scene.db, person_id(1)).await.unwrap(), None);
}
