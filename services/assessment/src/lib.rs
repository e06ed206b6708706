//! Assessment: quizzes, questions, attempts and marks.
//!
//! Owns quizzes with all their versions, attempts with their answers, and marks. Publishes
//! attempt-submitted, attempt-awaits-marking and attempt-graded. Hears courses and enrolments (its
//! own copies: who may take which quiz) and its own attempt-submitted, for grading happens in the
//! `assessment.grade` worker alone. It holds no lesson and no name, and completes no course.
//!
//! [`domain`] holds the types and the rules of grading, [`gift`] reads and writes the text format
//! that questions come in. Neither knows a database, a queue or a clock.

mod api;
mod commands;
pub mod domain;
pub mod gift;
mod handlers;
mod in_step;
mod migrations;
mod pages;
mod quizzes;
mod store;

#[cfg(test)]
mod tests;

use bus::Db;
use contract::assessment::{AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted};
use event::Event;
use ui::{Routes, Ui};

pub use commands::{
    ImportError, Imported, Outcome, QuizSource, Refused, Tally, course_copies, import, tally,
};

ui::texts!(pub(crate) TEXTS);

/// What it declares to the bus.
#[must_use]
pub fn service() -> bus::Service {
    bus::Service::new("assessment", migrations::MIGRATIONS)
        .publishes(&[AttemptSubmitted::TYPE, AttemptAwaitsMarking::TYPE, AttemptGraded::TYPE])
        .batch_handler(handlers::Grade::default())
        .batch_handler(handlers::CopyCourse)
        .batch_handler(handlers::CopyEnrolment)
        .owner(in_step::KeepInStep)
        .follower::<in_step::CompareCopies>()
}

/// `/quizzes…`, `/attempts…`, and `/api/v1/quizzes…`, `/api/v1/attempts…`, `/api/v1/marking`.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let desk = commands::Desk { db: db.clone(), quizzes: quizzes::QuizShelf::default() };
    let app = api::App { desk, ui: ui.clone() };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}
