//! Insight: full-text search over what is published, and each person's timeline across all services.
//!
//! It owns an index and a diary, both made of what others tell, and publishes nothing but how its copies stand. How often
//! each event was published and handled is no business of its own: the bus keeps that ledger.

mod api;
mod domain;
mod handlers;
mod migrations;
mod pages;
mod store;

use bus::{Db, Service};
use event::CourseId;
use ui::{Routes, Ui};

ui::texts!(pub(crate) TEXTS);

/// What insight declares to the bus.
#[must_use]
pub fn service() -> Service {
    Service::new("insight", migrations::MIGRATIONS)
        .handler(handlers::IndexCourse)
        .handler(handlers::IndexLesson)
        .batch_handler(handlers::KeepTimeline)
        .follower::<handlers::CompareCopies>()
}

/// `/search`, `/timeline`, `/api/v1/search` and `/api/v1/timelines/{person}`.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let app = api::App { db: db.clone(), ui: ui.clone() };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// The courses that are indexed, with the version of each, to be compared with the catalogue's.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(CourseId, u64)>, bus::Error> {
    store::course_copies(db).await
}

#[cfg(test)]
mod tests;
