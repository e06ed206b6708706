//! Learning: who takes which course, how far they are, and when they have completed it.
//!
//! Owns enrolments, lessons read and completion. Publishes learner-enrolled, enrolment-cancelled,
//! lesson-read and course-completed. Hears courses (its own copy of each outline) and graded
//! attempts. It holds no lesson's text, grades nothing and prints nothing.

mod api;
mod commands;
mod domain;
mod handlers;
mod migrations;
mod pages;
mod store;

#[cfg(test)]
mod tests;

use bus::Db;
use contract::learning::{CourseCompleted, EnrolmentCancelled, LearnerEnrolled, LessonRead};
use event::Event;
use ui::{Routes, Ui};

pub use commands::{Tally, enrolled_before, tally};

ui::texts!(pub(crate) TEXTS);

/// What it declares to the bus.
#[must_use]
pub fn service() -> bus::Service {
    bus::Service::new("learning", migrations::MIGRATIONS)
        .publishes(&[
            LearnerEnrolled::TYPE,
            EnrolmentCancelled::TYPE,
            LessonRead::TYPE,
            CourseCompleted::TYPE,
        ])
        .handler(handlers::CopyCourse)
        .handler(handlers::TakeResult)
        .handler(handlers::Recheck)
        .owner(handlers::KeepInStep)
        .follower::<handlers::CompareCopies>()
}

/// What it brings to the outside.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let app = api::App { db: db.clone(), ui: ui.clone() };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// The copies it holds of courses, to be compared with their owner's: course and version, by course.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(event::CourseId, u64)>, bus::Error> {
    store::course_versions(db).await
}
