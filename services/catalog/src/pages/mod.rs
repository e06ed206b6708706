//! The catalogue's pages: the list, a course, the reader with its images; and, under `/teaching`, what
//! instructors write.

mod catalogue;
mod course;
mod pictures;
mod reader;
mod teaching;

use axum::{Router, http::StatusCode, routing::get};
use event::{Language, Role};
use ui::{FieldProblem, Html, Problem, Text, Visit, titled};

use crate::{
    TEXTS,
    api::App,
    commands::{self, CommandError},
    domain::{Course, Editor, Refusal, Said, said},
    store::Address,
};

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/", get(catalogue::show))
        .route("/courses", get(catalogue::show))
        .route("/courses/{course}", get(course::show))
        .route("/courses/{course}/lessons/{lesson}", get(reader::show))
        .route("/courses/{course}/images/{image}", get(pictures::show))
        .merge(teaching::routes())
        .with_state(app)
}

fn text(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

/// A message with a title of this course, or of what is in it.
fn named(t: Text, key: &str, title: &str, course: &Course) -> Html {
    t.mark(&t.with(key, [("title", titled(title).into())]), course.language)
}

/// Somebody who may write courses; others are refused.
fn author(visit: &Visit) -> Result<Editor, Problem> {
    let session = visit.require(&[Role::Instructor, Role::Administrator])?;
    Editor::of(session.person, &session.roles)
        .ok_or_else(|| Problem::forbidden("writing courses takes the role instructor"))
}

/// A course that the visitor may edit, and the visitor as its editor.
async fn own(app: &App, visit: &Visit, course: &str) -> Result<(Course, Editor), Problem> {
    let editor = author(visit)?;
    let address = Address::parse(course);
    let course = commands::editable(&app.db, editor, &address).await;
    course.map(|course| (course, editor)).map_err(|error| refused(error, visit.language))
}

/// What is wrong with which field, for a form; anything else is a refusal of the whole page.
fn wrong(error: CommandError, language: Language) -> Result<Vec<FieldProblem>, Problem> {
    let (field, said) = match error {
        CommandError::Refused(refusal @ Refusal::Field { field, .. }) => (field, refusal.said()),
        CommandError::Refused(refusal @ Refusal::State(_)) => ("", refusal.said()),
        CommandError::Exists(key) => ("key", exists(&key)),
        other => return Err(refused(other, language)),
    };
    Ok(vec![FieldProblem { field: field.to_owned(), detail: sentence(&said, language) }])
}

/// A refusal in the visitor's language.
fn refused(error: CommandError, language: Language) -> Problem {
    let said = match &error {
        CommandError::Refused(refusal) => refusal.said(),
        CommandError::Conflict => Refusal::Stale.said(),
        CommandError::Exists(key) => exists(key),
        CommandError::Database(_) | CommandError::Files(_) => return error.into(),
    };
    let status = match &error {
        CommandError::Refused(Refusal::Missing(_)) => StatusCode::NOT_FOUND,
        CommandError::Refused(Refusal::NotYours | Refusal::NotYoursToGive) => StatusCode::FORBIDDEN,
        CommandError::Refused(Refusal::Field { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    };
    Problem::new(status, sentence(&said, language)).in_language(language)
}

fn exists(key: &str) -> Said {
    said!(
        "there is already a course with the key “{key}”: give another one",
        "il existe déjà une formation avec la clé « {key} » : donnez-en une autre"
    )
}

fn sentence(said: &Said, language: Language) -> String {
    ui::sentence(said.in_language(language))
}

#[cfg(test)]
pub(crate) mod tests;
