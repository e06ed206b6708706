//! The service as a whole, over a database and a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod administration;
mod flows;
mod organisation;
mod outside;
pub(crate) mod samples;

use std::path::Path;

use bus::{Files, Read, Service, testing::Scene, values};
use ui::{SealingKey, Ui};

use crate::{Config, design::Facts, domain::Certificate, service, store};

const TABLES: bus::testing::Tables = &[
    ("course_copy", "course, version, withdrawn, hash"),
    ("course_outline", "course, version, outline"),
    ("person_copy", "person, version, erased, name, language, time_zone, hash"),
    ("certificate", "id, learner, course, enrolment, state, completed_at"),
    ("organisation_copy", "organisation, version, hash, told, logo_wanted, logo"),
];

const BASE_URL: &str = "https://formation.example";

fn ui() -> Ui {
    Ui::new(SealingKey::new(&[7; 32]), BASE_URL)
}

fn config() -> Config {
    Config { organisation: samples::organisation() }
}

fn certification(folder: &Path) -> Service {
    service(config(), &Files::folder(folder).unwrap(), &ui())
}

async fn scene(folder: &Path) -> Scene {
    Scene::new(certification(folder), TABLES).await
}

async fn certificate_of(scene: &Scene, learner: event::PersonId) -> Certificate {
    let id = Certificate::id_of(learner, samples::course_id());
    store::certificate(&scene.db, id).await.unwrap().unwrap()
}

async fn facts_of(scene: &Scene, learner: event::PersonId) -> Facts {
    certificate_of(scene, learner).await.facts
}

/// All text that the database keeps of certificates.
async fn kept_text(scene: &Scene) -> String {
    let sql = "select group_concat(facts || missing_glyphs || coalesce(failure, '') || \
        coalesce(revocation_reason, '') || coalesce(pdf_key, '')) from certificate";
    scene.db.scalar(sql, values![]).await.unwrap().unwrap()
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("certificates")).map_or(0, Iterator::count)
}
