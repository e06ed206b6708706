//! Staying in step, and events in any order.

use bus::testing::{assert_order_does_not_matter, envelope};
use contract::{
    certification::CopiesWanted,
    identity::{ORGANISATION, PERSONS},
};

use event::step::Wanted;

use super::Outside;
use crate::service;

/// A follower that lacks the organisation gets it, at its own queue alone.
#[tokio::test]
async fn who_wants_the_organisation_is_sent_it() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside.post("/organisation", &root, "name=%C3%89cole").await;
    let queue = "certification.copy-organisation".to_owned();
    let wanted = |kind: &str| {
        envelope(&CopiesWanted(Wanted { kind: kind.to_owned(), queue: queue.clone() }))
    };
    outside.scene.deliver(&[wanted(ORGANISATION), wanted(PERSONS)]).await;
    let tasks = outside.scene.published().await;
    let tasks: Vec<_> =
        tasks.into_iter().filter(|it| it.event_type == "identity.step-task.v1").collect();
    assert_eq!(tasks.len(), 2);
    outside.scene.deliver(&tasks).await;
    let told = outside.scene.published().await;
    let count = |kind: &str| told.iter().filter(|it| it.event_type == kind).count();
    assert_eq!(count("identity.organisation-updated.v1"), 2, "to all, and anew to the follower");
    assert_eq!(count("identity.person-updated.v1"), 1);
}

/// Parts of exports that nobody waits for leave no trace but files to delete.
#[tokio::test]
async fn order_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let files = bus::Files::folder(folder.path()).unwrap();
    let part = |number: u8| contract::export::Part {
        export: event::ExportId(event::derived_uuid(uuid::Uuid::nil(), "export")),
        person: event::PersonId(event::derived_uuid(uuid::Uuid::nil(), "person")),
        file: bus::FileReference {
            key: format!("exports/{number}.json"),
            sha256: "00".repeat(32),
            size: 2,
        },
        documents: Vec::new(),
        made_at: bus::testing::start(),
    };
    let events = [
        envelope(&contract::learning::ExportPartReady(part(1))),
        envelope(&contract::assessment::ExportPartReady(part(2))),
        envelope(&contract::insight::ExportPartReady(part(3))),
    ];
    let tables = &[("export", "id"), ("export_part", "service"), ("bus_effect", "job")];
    assert_order_does_not_matter(|| service(&files), tables, &[], &events).await;
}
