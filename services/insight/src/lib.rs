//! Insight: full-text search over what is published, and each person's timeline across all services.
//!
//! It owns an index and a diary, both made of what others tell, and publishes nothing but how its copies stand. How often
//! each event was published and handled is no business of its own: the bus keeps that ledger.

mod api;
mod domain;
mod export;
mod handlers;
mod migrations;
mod pages;
mod store;

use bus::{Db, Files, Service, WriteFile, sessions};
use chrono::{DateTime, TimeDelta, Utc};
use contract::insight::ExportPartReady;
use event::{CourseId, Event as _, Language, PersonId};
use ui::{Html, Routes, Text, Ui};
use uuid::Uuid;

ui::texts!(pub(crate) TEXTS);

/// What insight declares to the bus.
#[must_use]
pub fn service() -> Service {
    Service::new("insight", migrations::MIGRATIONS)
        .handler(handlers::IndexCourse)
        .handler(handlers::IndexLesson)
        .batch_handler(handlers::KeepTimeline)
        .handler(handlers::EndSessions)
        .follower::<handlers::CompareCopies>()
}

/// The service, with exports: what it keeps of a person goes into the file store when the person asks for
/// it.
#[must_use]
pub fn with_files(service: Service, files: &Files) -> Service {
    service
        .publishes(&[ExportPartReady::TYPE])
        .handler(export::Export)
        .effect(WriteFile::<export::Part>::new(files))
}

/// `/search`, `/timeline`, `/api/v1/search` and `/api/v1/timelines/{person}`.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let app = api::App { db: db.clone(), ui: ui.with_sessions(sessions::since(db)) };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// The courses that are indexed, with the version of each, to be compared with the catalogue's.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(CourseId, u64)>, bus::Error> {
    store::course_copies(db).await
}

/// Something that happened to a person.
#[derive(Clone, Debug)]
pub struct Happened {
    pub event: Uuid,
    pub event_type: String,
    pub at: DateTime<Utc>,
    /// In words.
    pub text: String,
    /// The same, where titles say in which language they are.
    pub marked: Html,
}

/// What happened to a person, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn timeline(
    db: &Db,
    person: PersonId,
    language: Language,
    most: i64,
) -> Result<Vec<Happened>, bus::Error> {
    let t = Text::new(&TEXTS, language);
    let later = db.now() + TimeDelta::days(366);
    let rows = store::timeline(db, person, (later, Uuid::max()), most).await?;
    let happened = rows.into_iter().map(|row| Happened {
        text: api::sentence(&row, t),
        marked: api::marked_sentence(&row, t),
        event: row.event,
        event_type: row.event_type,
        at: row.happened_at,
    });
    Ok(happened.collect())
}

#[cfg(test)]
mod tests;
