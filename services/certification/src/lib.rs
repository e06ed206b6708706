//! Certification: who completed what, proved by a page that anybody can verify.
//!
//! Owns certificates: their facts, their codes and their PDFs, all frozen at issue. Publishes
//! certificate-issued and certificate-revoked. Hears courses and people (its own copies of what a
//! certificate says of them) and completions, each of which brings one certificate, whatever is
//! delivered twice. It sends nothing to anybody: that is `notification`'s.
//!
//! Erasing a person: a certificate is its holder's. When a person is erased, their certificates lose
//! the name, the marks, the PDF and the reason of a revocation; the code, the course and the dates
//! stay, and the public page says that the certificate was erased at its holder's request. So a copy
//! on paper is still told from a forgery, and nobody is named.

mod api;
pub mod code;
mod commands;
pub mod design;
mod domain;
mod effects;
mod handlers;
mod migrations;
mod pages;
pub mod render;
mod store;
#[cfg(test)]
mod tests;

use axum::extract::FromRef;
use bus::{Db, FileReference, Files};
use contract::certification::{CertificateIssued, CertificateRevoked};
use event::{CourseId, Event};
use ui::{Routes, Ui};

use design::Organisation;
pub use store::Tally;

ui::texts!(pub(crate) TEXTS);

/// What is the same on every certificate.
#[derive(Clone, Debug)]
pub struct Config {
    pub organisation: Organisation,
}

/// What it declares to the bus. The files are where PDFs are kept; the address to verify at, which
/// is printed, is the `ui`'s.
#[must_use]
pub fn service(config: Config, files: &Files, ui: &Ui) -> bus::Service {
    bus::Service::new("certification", migrations::MIGRATIONS)
        .publishes(&[CertificateIssued::TYPE, CertificateRevoked::TYPE])
        .handler(handlers::CopyCourse)
        .handler(handlers::CopyPerson)
        .follower::<handlers::CompareCopies>()
        .handler(handlers::Issue {
            organisation: config.organisation,
            base_url: ui.base_url().to_owned(),
        })
        .effect(effects::RenderCertificate { files: files.clone() })
        .effect(effects::DeletePdf { files: files.clone() })
}

/// What it brings to the outside.
#[must_use]
pub fn routes(db: &Db, ui: &Ui, files: &Files) -> Routes {
    let app = App { db: db.clone(), ui: ui.clone(), files: files.clone() };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// Counts, for reconciling.
///
/// # Errors
/// When the database is away.
pub async fn tally(db: &Db) -> Result<Tally, bus::Error> {
    store::tally(db).await
}

/// The PDFs of all certificates that are issued, in no order.
///
/// # Errors
/// When the database is away.
pub async fn files(db: &Db) -> Result<Vec<FileReference>, bus::Error> {
    store::files(db).await
}

/// The copies it holds of courses, to be compared with their owner's: course and version, by course.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(CourseId, u64)>, bus::Error> {
    store::course_versions(db).await
}

/// What its routes need.
#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) ui: Ui,
    pub(crate) files: Files,
}
