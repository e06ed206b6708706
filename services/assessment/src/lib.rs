//! Assessment: quizzes, questions, attempts and marks.
//!
//! Owns quizzes with all their versions, attempts with their answers, and marks. Publishes
//! attempt-submitted, attempt-awaits-marking and attempt-graded. Hears courses and enrolments (its
//! own copies: who may take which quiz, and whose it is), persons (a name for those who mark; whose sessions
//! are over) and its own attempt-submitted, for grading happens in the `assessment.grade` worker alone. It
//! holds no lesson, and completes no course.
//!
//! Erasing a person: the name goes, and so do answers and comments; marks stay, and name nobody.
//!
//! [`domain`] holds the types and the rules of grading, [`gift`] reads and writes the text format
//! that questions come in. Neither knows a database, a queue or a clock.

mod api;
mod commands;
pub mod domain;
mod effects;
mod export;
pub mod gift;
mod handlers;
mod in_step;
mod migrations;
mod pages;
mod quizzes;
mod store;

#[cfg(test)]
mod tests;

use bus::{Db, Files, WriteFile, sessions};
use contract::assessment::{
    AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted, ExportPartReady,
};
use event::Event;
use ui::{Routes, Ui};

pub use commands::{
    ImportError, Imported, Outcome, QuizSource, Refused, Tally, course_copies, import, tally,
};

ui::texts!(pub(crate) TEXTS);

/// What it declares to the bus, but for questions that come as files: see [`with_files`].
#[must_use]
pub fn service() -> bus::Service {
    bus::Service::new("assessment", migrations::MIGRATIONS)
        .publishes(&[AttemptSubmitted::TYPE, AttemptAwaitsMarking::TYPE, AttemptGraded::TYPE])
        .batch_handler(handlers::Grade::default())
        .batch_handler(handlers::CopyCourse)
        .batch_handler(handlers::CopyEnrolment)
        .handler(handlers::CopyPerson)
        .handler(handlers::EndSessions)
        .handler(handlers::PlaceQuiz)
        .owner(in_step::KeepInStep)
        .follower::<in_step::CompareCopies>()
}

/// The service, with what lies in the file store: the questions that come with a course's files, and
/// exports, of what it keeps of a person who asks for it.
#[must_use]
pub fn with_files(service: bus::Service, files: &Files) -> bus::Service {
    service
        .publishes(&[ExportPartReady::TYPE])
        .handler(handlers::TakeQuestions)
        .handler(export::Export)
        .effect(effects::ReadQuestions { files: files.clone() })
        .effect(WriteFile::<export::Part>::new(files))
}

/// `/quizzes…`, `/attempts…`, `/question-bank…`, `/marking…`, `/results…`, and `/api/v1/quizzes…`, `/api/v1/attempts…`, `/api/v1/marking`.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> Routes {
    let desk = commands::Desk {
        db: db.clone(),
        quizzes: quizzes::QuizShelf::default(),
        ledgers: commands::Shelf::default(),
    };
    let app = api::App { desk, ui: ui.with_sessions(sessions::since(db)) };
    Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}
