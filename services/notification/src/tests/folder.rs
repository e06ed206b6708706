//! Mails in a folder: one file for each delivery, whatever is repeated.

use std::collections::BTreeSet;

use bus::{
    Files, Read,
    testing::{Scene, envelope},
    values,
};
use contract::identity::PersonUpdated;
use uuid::Uuid;

use super::world::*;
use crate::commands::own;

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

fn only_mail(folder: &std::path::Path) -> String {
    let mails = files_in(&folder.join("mail"));
    assert_eq!(mails.len(), 1, "{mails:?}");
    let path = folder.join("mail").join(mails.first().unwrap());
    std::fs::read_to_string(path).unwrap().replace("=\r\n", "")
}

/// Quoted-printable as it stands in the file.
const NEW_PASSWORD: &str = "/new-password?token=3Dsecret";

#[tokio::test]
async fn a_new_password_is_mailed_whatever_was_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[registered(1), organisation(1, "École du Fleuve")]).await;
    let nothing = [(crate::domain::Kind::Enrolment, crate::domain::Channel::Mail, false)];
    own::choose(&scene.db, person_id(1), &nothing).await.unwrap();
    scene.deliver(&[forgot_password(1), forgot_password(1)]).await;
    let sql = "select group_concat(job) from bus_effect";
    let waiting: Option<String> = scene.db.scalar(sql, values![]).await.unwrap();
    assert!(!waiting.unwrap().contains("secret"), "the link is sealed until the mail is written");
    scene.perform().await;
    let mail = only_mail(folder.path());
    assert!(mail.contains(NEW_PASSWORD), "{mail}");
    assert!(!mail.contains("List-Unsubscribe") && !mail.contains("/unsubscribe/"), "{mail}");
    assert!(mail.contains("12 quai des Brumes"), "{mail}");
}

/// One mail goes where the address is to be confirmed, the other where the person was reached before.
#[tokio::test]
async fn a_change_of_address_is_mailed_to_both() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[registered(1), wants_address(1)]).await;
    scene.perform().await;
    let mail = only_mail(folder.path());
    assert!(mail.contains("<other1@example.org>"), "{mail}");
    assert!(mail.contains("/account/address?token=3Dsecret"), "{mail}");
    let before = files_in(&folder.path().join("mail"));
    scene.deliver(&[has_changed_address(1)]).await;
    scene.perform().await;
    let after = files_in(&folder.path().join("mail"));
    let last = after.difference(&before).next().unwrap();
    let mail = std::fs::read_to_string(folder.path().join("mail").join(last)).unwrap();
    assert!(mail.contains("<former1@example.org>"), "{mail}");
    assert!(!mail.contains("other1@") && !mail.contains("/account/notifications"), "{mail}");
}

#[tokio::test]
async fn an_invitation_is_mailed_to_who_has_no_account() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[invited(1), invited(1), invited(2)]).await;
    scene.perform().await;
    let mail = only_mail(folder.path());
    assert!(mail.contains("lucja@example.org") && mail.contains("secret2"), "{mail}");
    assert!(!mail.contains("/account/notifications"), "who has no account has no settings");
}

#[tokio::test]
async fn an_invitation_that_is_withdrawn_is_not_sent_and_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    scene.deliver(&[invited(1), invitation_withdrawn(2)]).await;
    scene.perform().await;
    assert_eq!(files_in(&folder.path().join("mail")), BTreeSet::new());
    let state = scene.state(VOLATILE).await;
    assert!(state.contains("'suppressed' | 'withdrawn'"), "{state}");
}

#[tokio::test]
async fn a_message_reaches_all_who_are_enrolled() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(service_in(folder.path()), TABLES).await;
    let events = [
        registered(1),
        registered(2),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        enrolled(2, 1, 5),
        cancelled(2, 2, 10),
    ];
    scene.deliver(&events).await;
    scene.perform().await;
    let before = files_in(&folder.path().join("mail"));
    deliver(&scene, &[message(1, 30)], false).await;
    scene.perform().await;
    let after = files_in(&folder.path().join("mail"));
    let fresh: Vec<&String> = after.difference(&before).collect();
    assert_eq!(fresh.len(), 1, "{after:?}");
    let mail = std::fs::read_to_string(folder.path().join("mail").join(fresh[0])).unwrap();
    let mail = mail.replace("=\r\n", "");
    assert!(mail.contains("<strong>Tuesday</strong>"), "{mail}");
    assert!(mail.contains("We meet on **Tuesday**."), "{mail}");
}
