//! Whose platform it is: printed from now on, never on what was issued before.

use bus::{FileReference, Files};
use event::Language::Fr;
use tempfile::tempdir;

use super::{
    facts_of,
    samples::{ADA, LAN, completion, published, registered, told, told_with_logo},
    scene,
};
use crate::{domain::Issuer, render, store};

/// One pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 0x0C, 0x49, 0x44, 0x41, 0x54,
    0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 0x03, 0x01, 0x01, 0, 0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0,
    0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn a_certificate_bears_what_the_organisation_said_last_and_keeps_it() {
    let folder = tempdir().unwrap();
    let scene = scene(folder.path()).await;
    let people = [published(1, "Queues"), registered(ADA, "Ada", Fr), registered(LAN, "Lan", Fr)];
    scene.deliver(&people).await;
    scene.deliver(&[completion(ADA, 1)]).await;
    scene.deliver(&[told(1, "École du Fleuve"), completion(LAN, 1)]).await;
    let before = facts_of(&scene, ADA).await.organisation;
    assert_eq!(before.name, "Coopérative des Deux Rives");
    let after = facts_of(&scene, LAN).await.organisation;
    assert_eq!(after.name, "École du Fleuve");
    assert_eq!(after.representative, "Siân Le Goff");
    assert_eq!(after.capacity, "Directrice", "what was not said is as configured");
    assert_eq!((after.place.as_str(), after.retention_years), (before.place.as_str(), 3));
    assert_eq!(after.address.as_deref(), Some("12 quai des Brumes, 29200 Brest"));
    assert_eq!(after.mentions.as_deref(), Some("Organisme de formation à Brest."));
    assert_eq!(facts_of(&scene, ADA).await.organisation, before);
}

/// Said by the organisation, they take the place of what was configured.
#[test]
fn the_place_and_the_years_are_the_organisation_s_once_it_says_so() {
    let configured = super::samples::organisation();
    let said = crate::domain::Told { organisation: super::samples::at_brest(), logo: None };
    let issuer = Issuer::of(&configured, Some(&said)).organisation;
    assert_eq!((issuer.place.as_str(), issuer.retention_years), ("Brest", 10));
    let unsaid = Issuer::of(&configured, None).organisation;
    assert_eq!((&unsaid.place, unsaid.retention_years), (&configured.place, 3));
}

async fn logo_of(scene: &bus::testing::Scene) -> Option<FileReference> {
    store::told(&scene.db).await.unwrap().unwrap().logo
}

#[tokio::test]
async fn a_logo_is_kept_here_and_outlives_its_owners() {
    let folder = tempdir().unwrap();
    let scene = scene(folder.path()).await;
    let files = Files::folder(folder.path()).unwrap();
    let theirs = files.put("organisation", "png", PNG.to_vec()).await.unwrap();
    scene.deliver(&[told_with_logo(1, theirs.clone())]).await;
    assert_eq!(logo_of(&scene).await, None, "not before it is fetched");
    scene.perform().await;
    let kept = logo_of(&scene).await.unwrap();
    assert_ne!(kept.key, theirs.key);
    files.delete(&theirs).await.unwrap();

    let events = [published(1, "Queues"), registered(ADA, "Ada", Fr), completion(ADA, 1)];
    scene.deliver(&events).await;
    scene.perform().await;
    let facts = facts_of(&scene, ADA).await;
    assert_eq!(facts.organisation.logo_file, Some(kept));
    assert_eq!(facts.organisation.logo, None, "not in every certificate once more");
    let shown = crate::effects::with_logo(&files, facts).await.unwrap();
    assert!(render::picture(&shown).unwrap().contains("data:image/png"));

    scene.deliver(&[told(2, "École du Fleuve")]).await;
    assert_eq!(logo_of(&scene).await, None, "there is to be none");
}

#[tokio::test]
async fn what_is_no_logo_is_left_out() {
    let folder = tempdir().unwrap();
    let scene = scene(folder.path()).await;
    let files = Files::folder(folder.path()).unwrap();
    let theirs = files.put("organisation", "png", b"MZ".to_vec()).await.unwrap();
    scene.deliver(&[told_with_logo(1, theirs)]).await;
    scene.perform().await;
    let told = store::told(&scene.db).await.unwrap();
    assert_eq!(told.as_ref().unwrap().logo, None);
    let issuer = Issuer::of(&super::samples::organisation(), told.as_ref());
    assert_eq!(issuer.organisation.name, "École du Fleuve");
}
