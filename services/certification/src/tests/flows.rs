//! Events in any order, PDFs made, failed and made after all, people erased.

use bus::{
    DeadLetters, DeadState, Envelope, Event, Files,
    testing::{Scene, assert_order_does_not_matter, envelope, start},
};
use chrono::TimeDelta;
use contract::{certification::CertificateIssued, identity::SessionsEnded};
use event::Language::{En, Fr};
use tempfile::tempdir;

use super::{
    TABLES, certificate_of, certification, facts_of, files_in, kept_text,
    samples::{
        ADA, LAN, completion, course_id, erased, published, registered, renamed, told, updated,
        withdrawn,
    },
    scene,
};
use crate::{Tally, commands, course_copies, domain::State, files, tally};

fn everything() -> Vec<Envelope> {
    vec![
        published(1, "Queues"),
        registered(ADA, "Ada", Fr),
        registered(LAN, "Nguyễn Thị Lan", Fr),
        completion(LAN, 1),
        updated(2, "Queues by example"),
        renamed(ADA, 2, "Ada King"),
        completion(ADA, 2),
        // As after enrolling once more.
        completion(ADA, 2),
        erased(LAN, 2),
        withdrawn(3),
        told(1, "École du Fleuve"),
        told(2, "École de la Rade"),
    ]
}

async fn issued_events(scene: &Scene) -> Vec<CertificateIssued> {
    let told = scene.published().await;
    told.iter()
        .filter(|envelope| envelope.event_type == CertificateIssued::TYPE)
        .map(|envelope| serde_json::from_str(&envelope.data).unwrap())
        .collect()
}

async fn with_ada(folder: &std::path::Path) -> Scene {
    let scene = scene(folder).await;
    scene
        .deliver(&[completion(ADA, 1), published(1, "Queues"), registered(ADA, "Ada Lovelace", Fr)])
        .await;
    scene
}

#[tokio::test]
async fn order_does_not_matter() {
    let folder = tempdir().unwrap();
    let service = || certification(folder.path());
    assert_order_does_not_matter(service, TABLES, &[], &everything()).await;
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let folder = tempdir().unwrap();
    let ended = |minutes| {
        let since = start() + TimeDelta::minutes(minutes);
        envelope(&SessionsEnded { person: ADA, since })
    };
    let tables = &[("bus_ended_session", "person, since")];
    let events = [ended(1), ended(3), ended(2)];
    assert_order_does_not_matter(|| certification(folder.path()), tables, &[], &events).await;
}

#[tokio::test]
async fn a_certificate_says_what_the_course_was_when_it_was_completed() {
    let folder = tempdir().unwrap();
    let person = registered(ADA, "Ada", Fr);
    let (first, second) = (published(1, "Queues"), updated(2, "Renamed"));
    let orders = [
        vec![&first, &second, &person],
        vec![&person, &second, &first],
        vec![&second, &person, &first],
    ];
    for order in orders {
        let scene = scene(folder.path()).await;
        let mut events: Vec<Envelope> = order.into_iter().cloned().collect();
        events.insert(2, completion(ADA, 1));
        scene.deliver(&events).await;
        assert_eq!(facts_of(&scene, ADA).await.course, "Queues");
    }
}

#[tokio::test]
async fn a_newer_version_serves_where_the_old_one_never_comes() {
    let folder = tempdir().unwrap();
    let scene = scene(folder.path()).await;
    let events =
        [registered(ADA, "Ada", Fr), updated(4, "Later"), updated(3, "Next"), completion(ADA, 2)];
    scene.deliver(&events).await;
    assert_eq!(facts_of(&scene, ADA).await.course, "Next");
}

#[tokio::test]
async fn a_completion_brings_one_pdf_and_one_event_whatever_happens_later() {
    let folder = tempdir().unwrap();
    let scene = with_ada(folder.path()).await;
    assert!(issued_events(&scene).await.is_empty());
    scene.perform().await;

    let issued = issued_events(&scene).await;
    assert_eq!(issued.len(), 1);
    let store = Files::folder(folder.path()).unwrap();
    let pdf = store.get(&issued[0].pdf).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let before = certificate_of(&scene, ADA).await;
    assert_eq!(before.state, State::Issued);
    assert_eq!(before.facts.person, "Ada Lovelace");
    assert_eq!(issued[0].code, before.facts.code.to_string());

    let later = [
        completion(ADA, 1),
        updated(2, "Renamed"),
        renamed(ADA, 2, "Ada King"),
        completion(ADA, 2),
        withdrawn(3),
    ];
    scene.deliver(&later).await;
    scene.perform().await;
    assert_eq!(certificate_of(&scene, ADA).await, before);
    assert_eq!(issued_events(&scene).await.len(), 1);
    let expected = Tally { issued: 1, rendering: 0, failed: 0, doubled: 0 };
    assert_eq!(tally(&scene.db).await.unwrap(), expected);
    assert_eq!(files(&scene.db).await.unwrap(), [issued[0].pdf.clone()].to_vec());
    assert_eq!(course_copies(&scene.db).await.unwrap(), [(course_id(), 3)].to_vec());
}

#[tokio::test]
async fn what_cannot_be_stored_fails_visibly_and_is_replayed() {
    let folder = tempdir().unwrap();
    let scene = with_ada(folder.path()).await;
    let in_the_way = folder.path().join("certificates");
    std::fs::write(&in_the_way, "a file where the folder should be").unwrap();
    scene.perform().await;
    let failed = certificate_of(&scene, ADA).await;
    assert_eq!(failed.state, State::Failed);
    assert!(failed.failure.is_some());
    assert_eq!(tally(&scene.db).await.unwrap().failed, 1);

    std::fs::remove_file(&in_the_way).unwrap();
    let letters = DeadLetters::of(&scene.db);
    let dead = letters.list(DeadState::Waiting, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(letters.replay(scene.service(), &dead[0].consumer, dead[0].id).await.unwrap());
    scene.perform().await;
    let mended = certificate_of(&scene, ADA).await;
    assert_eq!((mended.state, mended.failure), (State::Issued, None));
    assert_eq!(mended.facts, failed.facts);
    assert_eq!(issued_events(&scene).await.len(), 1);
}

#[tokio::test]
async fn what_no_font_draws_is_noted() {
    let folder = tempdir().unwrap();
    let scene = scene(folder.path()).await;
    let person = registered(ADA, "Ada \u{12000}", En);
    scene.deliver(&[published(1, "Queues"), person, completion(ADA, 1)]).await;
    scene.perform().await;
    assert_eq!(certificate_of(&scene, ADA).await.missing_glyphs, "\u{12000}");
}

#[tokio::test]
async fn an_erased_holder_is_named_nowhere_and_their_pdf_is_gone() {
    let folder = tempdir().unwrap();
    let scene = with_ada(folder.path()).await;
    scene.perform().await;
    let before = certificate_of(&scene, ADA).await;
    commands::revoke(&scene.db, before.id, None, "Ada copied").await.unwrap();
    assert_eq!(files_in(folder.path()), 1);

    scene.deliver(&[erased(ADA, 2)]).await;
    scene.perform().await;
    assert_eq!(files_in(folder.path()), 0);
    assert!(!kept_text(&scene).await.contains("Ada"));
    let after = certificate_of(&scene, ADA).await;
    assert_eq!(after.state, State::Erased);
    assert_eq!(after.facts.code, before.facts.code);
    assert_eq!(after.facts.completed, before.facts.completed);
    assert!(after.revocation.is_some());
    assert!(files(&scene.db).await.unwrap().is_empty());
}

/// A job that was given up on holds the name as well.
#[tokio::test]
async fn a_dead_rendering_forgets_the_name_with_its_holder() {
    let folder = tempdir().unwrap();
    let scene = with_ada(folder.path()).await;
    std::fs::write(folder.path().join("certificates"), "in the way of the folder").unwrap();
    scene.perform().await;
    let letters = DeadLetters::of(&scene.db);
    let dead = letters.list(DeadState::Waiting, 10).await.unwrap();
    assert!(dead[0].body.contains("Ada Lovelace"), "{dead:?}");
    scene.deliver(&[erased(ADA, 2)]).await;
    assert!(letters.list(DeadState::Waiting, 10).await.unwrap().is_empty());
    let dead = letters.list(DeadState::Discarded, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(!format!("{dead:?}").contains("Ada"), "{dead:?}");
}

#[tokio::test]
async fn a_holder_erased_before_the_pdf_is_made_leaves_none() {
    let folder = tempdir().unwrap();
    let scene = with_ada(folder.path()).await;
    scene.deliver(&[erased(ADA, 2)]).await;
    scene.perform().await;
    assert_eq!(files_in(folder.path()), 0);
    assert!(issued_events(&scene).await.is_empty());
    assert_eq!(certificate_of(&scene, ADA).await.state, State::Erased);
}
