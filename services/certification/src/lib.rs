//! Certification: who completed what, proved by a page that anybody can verify.
//!
//! Owns certificates: their facts, their codes and their PDFs, all frozen at issue. One that is wrong is
//! never changed: another is issued in its place. Publishes certificate-issued and certificate-revoked.
//! Hears courses, people and the organisation (its own copies of what a certificate says of them), whose
//! sessions are over, and completions, each of which brings one certificate, whatever is delivered twice. It
//! sends nothing to anybody: that is `notification`'s.
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
mod export;
mod handlers;
mod migrations;
mod pages;
mod pictures;
pub mod render;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRef;
use bus::{Db, FileReference, Files, WriteFile, sessions};
use contract::certification::{CertificateIssued, CertificateRevoked, ExportPartReady};
use event::{CourseId, Event};
use ui::{Routes, Ui};

use design::Organisation;
use domain::Issuer;
use pictures::Pictures;
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
        .publishes(&[CertificateIssued::TYPE, CertificateRevoked::TYPE, ExportPartReady::TYPE])
        .handler(handlers::CopyCourse)
        .handler(handlers::CopyPerson)
        .handler(handlers::EndSessions)
        .handler(handlers::CopyOrganisation)
        .follower::<handlers::CompareCopies>()
        .handler(handlers::Issue {
            organisation: config.organisation,
            base_url: ui.base_url().to_owned(),
        })
        .handler(export::Export)
        .effect(WriteFile::<export::Part>::new(files))
        .effect(effects::RenderCertificate { files: files.clone() })
        .effect(effects::DeletePdf { files: files.clone() })
        .effect(effects::KeepLogo { files: files.clone() })
}

/// What it brings to the outside.
#[must_use]
pub fn routes(db: &Db, ui: &Ui, files: &Files, config: &Config) -> Routes {
    let app = App {
        db: db.clone(),
        ui: ui.with_sessions(sessions::since(db)),
        files: files.clone(),
        pictures: Arc::new(Pictures::new(files.clone())),
        organisation: Arc::new(config.organisation.clone()),
    };
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
    pub(crate) pictures: Arc<Pictures>,
    /// As the configuration has it.
    pub(crate) organisation: Arc<Organisation>,
}

impl App {
    /// Who issues, as of now.
    pub(crate) async fn issuer(&self) -> Result<Issuer, bus::Error> {
        let told = store::told(&self.db).await?;
        Ok(Issuer::of(&self.organisation, told.as_ref()))
    }
}
