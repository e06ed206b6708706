//! The order of a course: `…/sections/{section}`, `…/lessons/{lesson}/move`, `…/quizzes…`.

#![allow(unused_qualifications, reason = "utoipa's macro qualifies what it repeats")]

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use event::{QuizId, SectionId};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, Writer, lesson_id, versioned, views::CourseView};
use crate::{
    commands,
    domain::{Course, NewQuiz, QuizChanges, Refusal, Way, limits},
    store::Address,
};

/// One step towards the beginning or the end.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
}

impl From<Direction> for Way {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Up => Self::Up,
            Direction::Down => Self::Down,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    way: Direction,
}

/// Moves a lesson by one step, at the edge of its section into the next one.
#[utoipa::path(post, path = "/api/v1/courses/{course}/lessons/{lesson}/move", tag = "catalog", request_body = MoveBody,
    params(("course" = String, Path, description = "Id or key"), ("lesson" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 404, body = Problem)))]
pub(super) async fn move_lesson(
    State(app): State<App>,
    writer: Writer,
    Path((course, lesson)): Path<(String, String)>,
    Json(body): Json<MoveBody>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| {
        let lesson = lesson_id(course, &lesson)?;
        course.move_lesson(lesson, body.way.into())
    };
    edit(&app, writer, &course, rule).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionPatch {
    title: Option<String>,
    /// By one step.
    way: Option<Direction>,
}

/// Renames a section, or moves it.
#[utoipa::path(patch, path = "/api/v1/courses/{course}/sections/{section}", tag = "catalog", request_body = SectionPatch,
    params(("course" = String, Path, description = "Id or key"), ("section" = Uuid, Path)),
    responses((status = 200, body = CourseView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change_section(
    State(app): State<App>,
    writer: Writer,
    Path((course, section)): Path<(String, Uuid)>,
    Json(patch): Json<SectionPatch>,
) -> Result<Response, Problem> {
    let section = SectionId(section);
    let rule = |course: &mut Course| {
        if let Some(title) = &patch.title {
            course.rename_section(section, title)?;
        }
        patch.way.map_or(Ok(()), |way| course.move_section(section, way.into()))
    };
    edit(&app, writer, &course, rule).await
}

/// Deletes a section that holds neither lessons nor quizzes. One that is gone is deleted already.
#[utoipa::path(delete, path = "/api/v1/courses/{course}/sections/{section}", tag = "catalog",
    params(("course" = String, Path, description = "Id or key"), ("section" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn delete_section(
    State(app): State<App>,
    Writer(editor): Writer,
    Path((course, section)): Path<(String, Uuid)>,
) -> Result<StatusCode, Problem> {
    let rule = |course: &mut Course| course.delete_section(SectionId(section));
    commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a quiz stands, and what it takes to pass it.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizBody {
    /// Of a new quiz; from the title when absent. It never changes.
    key: Option<String>,
    title: String,
    /// Whether it must be passed to complete the course; true when absent.
    required: Option<bool>,
    /// Of the whole mark, 0 to 100.
    pass_percent: u32,
    #[serde(default)]
    minutes: u32,
    /// The section after which it stands; the end of the course when absent.
    section: Option<Uuid>,
}

impl QuizBody {
    fn place(&self) -> QuizChanges {
        QuizChanges {
            title: self.title.clone(),
            required: self.required.unwrap_or(true),
            pass_percent: self.pass_percent,
            minutes: self.minutes,
            section: self.section.map(SectionId),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct QuizPlaced {
    quiz: Uuid,
    course: Uuid,
    version: u64,
}

/// Places a quiz; its questions are written in the question bank. The very same again is answered as it is.
#[utoipa::path(post, path = "/api/v1/courses/{course}/quizzes", tag = "catalog", request_body = QuizBody,
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 201, body = QuizPlaced), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn place_quiz(
    State(app): State<App>,
    Writer(editor): Writer,
    Path(course): Path<String>,
    Json(body): Json<QuizBody>,
) -> Result<Response, Problem> {
    let new = NewQuiz { key: body.key.clone(), place: body.place() };
    let rule = |course: &mut Course| course.place_quiz(new.clone());
    let (course, quiz) = commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    let placed = QuizPlaced { quiz: quiz.0, course: course.id.0, version: course.version };
    Ok((StatusCode::CREATED, Json(placed)).into_response())
}

/// Changes a quiz's place, all of it.
#[utoipa::path(put, path = "/api/v1/courses/{course}/quizzes/{quiz}", tag = "catalog", request_body = QuizBody,
    params(("course" = String, Path, description = "Id or key"), ("quiz" = Uuid, Path)),
    responses((status = 200, body = CourseView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change_quiz(
    State(app): State<App>,
    writer: Writer,
    Path((course, quiz)): Path<(String, Uuid)>,
    Json(body): Json<QuizBody>,
) -> Result<Response, Problem> {
    if let Some(key) = &body.key {
        limits::key(key)?;
    }
    let rule = |course: &mut Course| course.change_quiz(QuizId(quiz), body.place());
    edit(&app, writer, &course, rule).await
}

/// Takes a quiz out of a course; its questions and marks stay.
#[utoipa::path(delete, path = "/api/v1/courses/{course}/quizzes/{quiz}", tag = "catalog",
    params(("course" = String, Path, description = "Id or key"), ("quiz" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn remove_quiz(
    State(app): State<App>,
    Writer(editor): Writer,
    Path((course, quiz)): Path<(String, Uuid)>,
) -> Result<StatusCode, Problem> {
    let rule = |course: &mut Course| course.remove_quiz(QuizId(quiz));
    commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn edit(
    app: &App,
    Writer(editor): Writer,
    course: &str,
    rule: impl Fn(&mut Course) -> Result<(), Refusal> + Send + Sync,
) -> Result<Response, Problem> {
    let (course, ()) = commands::edit(&app.db, editor, &Address::parse(course), rule).await?;
    Ok(versioned(course.version, CourseView::of(&course, true)))
}
