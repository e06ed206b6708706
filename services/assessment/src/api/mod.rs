//! The JSON API of `assessment`: quizzes, attempts and marking. Refusals come in the asker's language.

mod attempts;
mod marking;
mod quizzes;
mod views;

use axum::extract::{DefaultBodyLimit, FromRef};
use event::{Language, Role};
use ui::{Problem, Session, Ui};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    commands::{Desk, Refusal, Teaches, Viewer},
    gift,
};

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) desk: Desk,
    pub(crate) ui: Ui,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    // JSON writes some characters as two, and `gift` says when its text is too long.
    let upload = DefaultBodyLimit::max(2 * gift::LARGEST_FILE + 64 * 1024);
    OpenApiRouter::new()
        .routes(routes!(quizzes::show, quizzes::upload))
        .layer(upload)
        .routes(routes!(attempts::start))
        .routes(routes!(attempts::show))
        .routes(routes!(attempts::save))
        .routes(routes!(attempts::submit))
        .routes(routes!(marking::list))
        .routes(routes!(marking::mark))
        .with_state(app)
}

/// How this person looks at attempts.
pub(crate) fn viewer(session: &Session) -> Viewer {
    let teaches = if session.is(Role::Administrator) {
        Teaches::Everything
    } else if session.is(Role::Instructor) {
        Teaches::OwnCourses
    } else {
        Teaches::Nothing
    };
    Viewer { person: session.person, teaches }
}

/// Refuses whoever does not teach.
pub(crate) fn staff_only(session: &Session) -> Result<(), Problem> {
    session.require(&[Role::Instructor, Role::Administrator])
}

fn in_words_of(language: Language) -> impl Fn(Refusal) -> Problem {
    move |refusal| refusal.problem(language)
}
