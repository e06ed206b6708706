//! Learning: who takes which course, how far they are, and when they have completed it.
//!
//! Owns enrolments, lessons read, completion, instructors' messages to their courses and uploads of
//! enrolments. Publishes learner-enrolled, enrolment-cancelled, lesson-read, course-completed and
//! message-sent. Hears courses (its own copy of each outline), persons (names and addresses, for those
//! who teach; whose sessions are over) and attempts. It holds no lesson's text, grades nothing, prints nothing
//! and mails nobody.

mod api;
mod commands;
mod domain;
mod export;
mod handlers;
mod migrations;
mod pages;
mod store;

#[cfg(test)]
mod tests;

use bus::{Db, Files, WriteFile, sessions};
use contract::learning::{
    CourseCompleted, EnrolmentCancelled, ExportPartReady, LearnerEnrolled, LessonRead, MessageSent,
};
use event::Event;
use ui::{Routes, Ui};

pub use commands::{Tally, enrolled_before, tally};

ui::texts!(pub(crate) TEXTS);

/// What it declares to the bus.
#[must_use]
pub fn service() -> bus::Service {
    service_named("learning")
}

/// Tests on a database that is shared give it a name, and so a schema, of their own.
fn service_named(name: &'static str) -> bus::Service {
    bus::Service::new(name, migrations::MIGRATIONS)
        .publishes(&[
            LearnerEnrolled::TYPE,
            EnrolmentCancelled::TYPE,
            LessonRead::TYPE,
            CourseCompleted::TYPE,
            MessageSent::TYPE,
        ])
        .handler(handlers::CopyCourse)
        .handler(handlers::CopyPerson)
        .handler(handlers::EndSessions)
        .batch_handler(handlers::AwaitResult)
        .batch_handler(handlers::TakeResult)
        .handler(handlers::Recheck)
        .handler(handlers::EnrolUploaded)
        .owner(handlers::KeepInStep)
        .follower::<handlers::CompareCopies>()
}

/// The service, with exports: what it keeps of a person goes into the file store when the person asks for
/// it.
#[must_use]
pub fn with_files(service: bus::Service, files: &Files) -> bus::Service {
    service
        .publishes(&[ExportPartReady::TYPE])
        .handler(export::Export)
        .effect(WriteFile::<export::Part>::new(files))
}

/// What it brings to the outside.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let app = api::App { db: db.clone(), ui: ui.with_sessions(sessions::since(db)) };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// The copies it holds of courses, to be compared with their owner's: course and version, by course.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(event::CourseId, u64)>, bus::Error> {
    store::course_versions(db).await
}
