//! Mails in a folder: one file for each delivery, whatever is repeated.

use std::collections::BTreeSet;

use bus::{
    Files,
    testing::{Scene, envelope},
};
use contract::identity::PersonUpdated;
use uuid::Uuid;

use super::world::*;

fn files_in(folder: &std::path::Path) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .map(|entries| {
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        })
        .unwrap_or_default()
}

#[tokio::test]
async fn every_mail_that_was_sent_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    let files = Files::folder(&folder.path().join("files")).unwrap();
    let pdf = files.put("certificates", "pdf", b"%PDF-1.7".to_vec()).await.unwrap();
    let mut events = vec![published(1, "Queues")];
    for number in 1..=5 {
        let person = person(number, 1, "Llŷr ap Gruffydd");
        events.push(envelope(&PersonUpdated(person)));
        events.extend([
            enrolled(number, 1, 5),
            graded(number, 1, 0, false),
            certified(number, pdf.clone()),
        ]);
    }
    scene.deliver_together(&events).await;
    scene.perform().await;
    scene.deliver(&events).await;
    scene.perform().await;
    let sent = crate::sent_mails(&scene.db, Uuid::nil(), 100).await.unwrap();
    assert_eq!(sent.len(), 15);
    let expected: BTreeSet<String> = sent.iter().map(|id| format!("{id}.eml")).collect();
    assert_eq!(files_in(&folder.path().join("mail")), expected);
}

#[tokio::test]
async fn a_certificate_that_is_missing_is_waited_for_and_then_given_up_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[registered(1), published(1, "Queues"), certified(1, some_pdf())]).await;
    scene.perform().await;
    assert_eq!(files_in(&folder.path().join("mail")), BTreeSet::new());
    assert_eq!(scene.dead().await.len(), 1);
    let state = scene.state(VOLATILE).await;
    assert!(state.contains("'failed'") && state.contains("delivery-failed"), "{state}");
}

/// A mail that was given up on holds name and address.
#[tokio::test]
async fn a_dead_mail_forgets_the_name_with_its_person() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[registered(1), published(1, "Queues"), certified(1, some_pdf())]).await;
    scene.perform().await;
    let letters = bus::DeadLetters::of(&scene.db);
    let dead = letters.list(bus::DeadState::Waiting, 10).await.unwrap();
    assert!(dead[0].body.contains("learner1@example.org"), "{dead:?}");
    scene.deliver(&[erased(1)]).await;
    let dead = letters.show(dead[0].id).await.unwrap();
    assert_eq!(dead[0].state, "discarded");
    assert!(!format!("{dead:?}").contains("learner1@example.org"), "{dead:?}");
}

#[tokio::test]
async fn an_erased_person_s_mail_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[registered(1), published(1, "Queues"), enrolled(1, 1, 5), erased(1)]).await;
    scene.perform().await;
    assert_eq!(files_in(&folder.path().join("mail")), BTreeSet::new());
}
