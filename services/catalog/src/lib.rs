//! The catalogue: courses, sections and lessons in Markdown; drafting, publishing, updating and
//! withdrawing them; importing them from files.
//!
//! It publishes every change as an event that carries the whole state with a version, so that the
//! other services keep copies; those who lack something are told it anew. Questions are the assessment's:
//! the catalogue knows a quiz's place and no more.
//!
//! It hears who takes which course (its own copy of enrolments and completions), so that a course's page
//! says so and leads on; who there is (names, addresses, whether they may teach), so that a course can be
//! handed over; and whose sessions are over. Erasing a person: their name and address go, and their seats become nobody's.
//!
//! Who may edit: administrators everything, instructors their own courses, which they may give to somebody else
//! who teaches. A course imported by the command line has no instructor; any instructor may edit it, until an
//! administrator gives it to one.

mod api;
mod commands;
mod domain;
mod effects;
mod export;
mod handlers;
pub mod import;
mod migrations;
mod pages;
#[cfg(test)]
mod site;
mod store;

use bus::{Db, Files, Service, WriteFile, sessions};
use chrono::{DateTime, Utc};
use contract::catalog::{
    Course, CoursePublished, CourseUpdated, CourseWithdrawn, ExportPartReady, LessonPublished,
    LessonUpdated, LessonWithdrawn, QuestionsUploaded, QuizPlaced,
};
use event::{CourseId, Event};
use ui::{Routes, Ui};

pub use commands::CommandError;

ui::texts!(pub(crate) TEXTS);

/// What the catalogue declares to the bus.
#[must_use]
pub fn service() -> Service {
    Service::new("catalog", migrations::MIGRATIONS)
        .publishes(&[
            CoursePublished::TYPE,
            CourseUpdated::TYPE,
            CourseWithdrawn::TYPE,
            LessonPublished::TYPE,
            LessonUpdated::TYPE,
            LessonWithdrawn::TYPE,
            QuizPlaced::TYPE,
            QuestionsUploaded::TYPE,
        ])
        .batch_handler(handlers::CopyEnrolment)
        .handler(handlers::CopyPerson)
        .handler(handlers::ForgetPerson)
        .handler(handlers::EndSessions)
        .handler(handlers::ExpireUploads)
        .owner(handlers::KeepInStep)
        .follower::<handlers::CompareCopies>()
}

/// The service, with its files: those that nothing names any more are deleted, and what it keeps of a person goes
/// there when the person asks for it.
#[must_use]
pub fn with_files(service: Service, files: &Files) -> Service {
    service
        .publishes(&[ExportPartReady::TYPE])
        .handler(export::Export)
        .effect(WriteFile::<export::Part>::new(files))
        .effect(effects::DeleteFiles { files: files.clone() })
}

/// `/`, `/courses…`, `/teaching…` and `/api/v1/courses…`.
#[must_use]
pub fn routes(db: &Db, ui: &Ui, files: &Files) -> Routes {
    let ui = ui.with_sessions(sessions::since(db));
    let app = api::App { db: db.clone(), ui, files: files.clone() };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// All published courses as their followers should have them, to compare copies with.
///
/// # Errors
/// When the database refuses.
pub async fn published(db: &Db) -> Result<Vec<Course>, bus::Error> {
    let mut courses = Vec::new();
    for id in store::published(db).await? {
        courses
            .extend(store::course(db, &store::Address::Id(id)).await?.map(|course| course.face()));
    }
    Ok(courses)
}

/// The lessons that appeared after their course did: of which course, and when.
///
/// # Errors
/// When the database refuses.
pub async fn new_lessons(db: &Db) -> Result<Vec<(CourseId, DateTime<Utc>)>, bus::Error> {
    let news = store::news(db).await?;
    Ok(news.into_iter().map(|lesson| (CourseId(lesson.course), lesson.published_at)).collect())
}
