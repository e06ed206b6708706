//! The catalogue's JSON. Courses are named by id or by key, lessons too.

mod arrange;
mod courses;
mod lessons;
mod views;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use bus::{Db, Files};
use event::LessonId;
use serde::Serialize;
use ui::{Json, Problem, Session, Ui};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    commands::CommandError,
    domain::{Course, Editor, Lesson, Refusal, State},
    store::{self, Address},
};

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub db: Db,
    pub ui: Ui,
    pub files: Files,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(courses::list, courses::create))
        .routes(routes!(courses::show, courses::change))
        .routes(routes!(courses::publish))
        .routes(routes!(courses::withdraw))
        .routes(routes!(courses::hand_over))
        .routes(routes!(courses::add_section))
        .routes(routes!(lessons::add))
        .routes(routes!(lessons::show, lessons::change, lessons::remove))
        .routes(routes!(lessons::publish))
        .routes(routes!(arrange::move_lesson))
        .routes(routes!(arrange::change_section, arrange::delete_section))
        .routes(routes!(arrange::place_quiz))
        .routes(routes!(arrange::change_quiz, arrange::remove_quiz))
        .with_state(app)
}

/// Somebody who may write courses; others are refused.
struct Writer(Editor);

impl FromRequestParts<App> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        Editor::of(session.person, &session.roles).map(Self).ok_or_else(|| {
            Problem::forbidden(
                "writing courses takes the role instructor or administrator; ask an administrator",
            )
        })
    }
}

/// The editor in a session, if it is one.
pub(crate) fn editor(session: Option<&Session>) -> Option<Editor> {
    session.and_then(|session| Editor::of(session.person, &session.roles))
}

/// A course as somebody may see it, and whether they may edit it.
pub(crate) async fn visible(
    db: &Db,
    course: &str,
    editor: Option<Editor>,
) -> Result<(Course, bool), Problem> {
    let course = store::course(db, &Address::parse(course)).await.map_err(unavailable)?;
    course
        .map(|course| {
            let may_edit = editor.is_some_and(|editor| editor.may_edit(&course));
            (course, may_edit)
        })
        .filter(|(course, may_edit)| *may_edit || course.state == State::Published)
        .ok_or_else(|| Problem::not_found("there is no such course, or it is not published"))
}

/// A lesson of a course as somebody may see it.
pub(crate) fn visible_lesson<'a>(
    course: &'a Course,
    lesson: &str,
    may_edit: bool,
) -> Result<&'a Lesson, Problem> {
    find_lesson(course, lesson)
        .filter(|lesson| may_edit || lesson.state == State::Published)
        .ok_or_else(|| Problem::not_found("there is no such lesson in this course"))
}

/// By id or by key, unless it is withdrawn.
fn find_lesson<'a>(course: &'a Course, address: &str) -> Option<&'a Lesson> {
    match Uuid::try_parse(address) {
        Ok(id) => course.lesson(LessonId(id)),
        Err(_) => course
            .lessons
            .iter()
            .find(|lesson| lesson.key == address && lesson.state != State::Withdrawn),
    }
}

/// The id behind an address, withdrawn or not.
fn lesson_id(course: &Course, address: &str) -> Result<LessonId, Refusal> {
    let id = Uuid::try_parse(address).ok();
    let is_meant = |lesson: &&Lesson| Some(lesson.id.0) == id || lesson.key == address;
    course.lessons.iter().find(is_meant).map(|lesson| lesson.id).ok_or(Refusal::Missing("lesson"))
}

/// The version that a caller has seen: from the body, else from `If-Match: "7"`.
fn seen(body: Option<u64>, headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let header = headers.get(header::IF_MATCH).filter(|value| *value != "*");
    let Some(header) = header.filter(|_| body.is_none()) else {
        return Ok(body);
    };
    let text = header.to_str().unwrap_or_default().trim();
    let version = text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse();
    version.map(Some).map_err(|_| {
        Problem::unreadable(
            "If-Match holds no version: send the ETag that you were given, such as \"7\"",
        )
    })
}

/// JSON with its version as the ETag.
fn versioned<T: Serialize>(version: u64, view: T) -> Response {
    let mut response = Json(view).into_response();
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

pub(crate) fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Field { field, reason } => Self::invalid(field, reason.to_string()),
            Refusal::State(_) | Refusal::Stale => Self::conflict(refusal.to_string()),
            Refusal::Missing(_) => Self::not_found(refusal.to_string()),
            Refusal::NotYours | Refusal::NotYoursToGive => Self::forbidden(refusal.to_string()),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Conflict | CommandError::Exists(_) => Self::conflict(error.to_string()),
            CommandError::Database(error) => unavailable(error),
            CommandError::Files(error) => Self::unavailable(&error),
        }
    }
}

#[cfg(test)]
mod tests;
