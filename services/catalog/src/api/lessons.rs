//! `/api/v1/courses/{course}/lessons…`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use event::{LessonId, SectionId};
use serde::Deserialize;
use ui::{Json, MaybeSession, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App, Writer, editor, lesson_id, seen, unavailable, versioned, views::LessonView, visible,
    visible_lesson,
};
use crate::{
    commands,
    domain::{Course, LessonChanges, NewLesson, Refusal},
    store::{self, Address},
};

/// A lesson with its text, by id or by key.
#[utoipa::path(get, path = "/api/v1/courses/{course}/lessons/{lesson}", tag = "catalog",
    params(("course" = String, Path, description = "Id or key"), ("lesson" = String, Path, description = "Id or key")),
    responses((status = 200, body = LessonView), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(app): State<App>,
    MaybeSession(session): MaybeSession,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (course, may_edit) = visible(&app.db, &course, editor(session.as_ref())).await?;
    let lesson = visible_lesson(&course, &lesson, may_edit)?.id;
    view(&app, &course, lesson).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonBody {
    /// From the title when absent.
    key: Option<String>,
    /// The last section when absent.
    section: Option<Uuid>,
    title: String,
    /// Markdown.
    text: String,
    #[serde(default)]
    minutes: u32,
    /// Whether it must be read to complete the course; true when absent.
    required: Option<bool>,
    /// Whether learners see it at once; otherwise it is a draft.
    #[serde(default)]
    publish: bool,
}

/// Adds a lesson at the end of a section. The very same lesson again is answered as it is.
#[utoipa::path(post, path = "/api/v1/courses/{course}/lessons", tag = "catalog", request_body = LessonBody,
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 201, body = LessonView), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn add(
    State(app): State<App>,
    Writer(editor): Writer,
    Path(course): Path<String>,
    Json(body): Json<LessonBody>,
) -> Result<Response, Problem> {
    let new = NewLesson {
        key: body.key,
        section: body.section.map(SectionId),
        title: body.title,
        text: body.text,
        minutes: body.minutes,
        required: body.required.unwrap_or(true),
        publish: body.publish,
    };
    let rule = |course: &mut Course| course.add_lesson(new.clone());
    let (course, lesson) = commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    Ok((StatusCode::CREATED, view(&app, &course, lesson).await?).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonPatch {
    /// The lesson's version that you have seen (or as If-Match): refused when it is no longer the present one.
    version: Option<u64>,
    title: Option<String>,
    /// Markdown.
    text: Option<String>,
    minutes: Option<u32>,
    required: Option<bool>,
}

/// Changes what is given and leaves the rest. Of a published lesson everybody hears at once.
#[utoipa::path(patch, path = "/api/v1/courses/{course}/lessons/{lesson}", tag = "catalog", request_body = LessonPatch,
    params(("course" = String, Path, description = "Id or key"), ("lesson" = String, Path, description = "Id or key")),
    responses((status = 200, body = LessonView), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change(
    State(app): State<App>,
    writer: Writer,
    Path((course, lesson)): Path<(String, String)>,
    headers: HeaderMap,
    Json(patch): Json<LessonPatch>,
) -> Result<Response, Problem> {
    let seen = seen(patch.version, &headers)?;
    let changes = LessonChanges {
        title: patch.title,
        text: patch.text,
        minutes: patch.minutes,
        required: patch.required,
    };
    edit(&app, writer, (&course, &lesson), |course, lesson| {
        course.expect_lesson(lesson, seen)?;
        course.change_lesson(lesson, changes.clone())
    })
    .await
}

/// Shows a draft to learners. One that is published stays so.
#[utoipa::path(post, path = "/api/v1/courses/{course}/lessons/{lesson}/publish", tag = "catalog",
    params(("course" = String, Path, description = "Id or key"), ("lesson" = String, Path, description = "Id or key")),
    responses((status = 200, body = LessonView), (status = 404, body = Problem)))]
pub(super) async fn publish(
    State(app): State<App>,
    writer: Writer,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<Response, Problem> {
    edit(&app, writer, (&course, &lesson), Course::publish_lesson).await
}

/// Takes a lesson away, with its text.
#[utoipa::path(delete, path = "/api/v1/courses/{course}/lessons/{lesson}", tag = "catalog",
    params(("course" = String, Path, description = "Id or key"), ("lesson" = String, Path, description = "Id or key")),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn remove(
    State(app): State<App>,
    Writer(editor): Writer,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let rule = |course: &mut Course| course.withdraw_lesson(lesson_id(course, &lesson)?);
    commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn edit(
    app: &App,
    Writer(editor): Writer,
    (course, lesson): (&str, &str),
    rule: impl Fn(&mut Course, LessonId) -> Result<(), Refusal> + Send + Sync,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| {
        let lesson = lesson_id(course, lesson)?;
        rule(course, lesson).map(|()| lesson)
    };
    let (course, lesson) = commands::edit(&app.db, editor, &Address::parse(course), rule).await?;
    view(app, &course, lesson).await
}

async fn view(app: &App, course: &Course, lesson: LessonId) -> Result<Response, Problem> {
    let gone = || Problem::not_found("there is no such lesson in this course");
    let lesson = course.lesson(lesson).ok_or_else(gone)?;
    let text =
        store::lesson_text(&app.db, lesson.id).await.map_err(unavailable)?.ok_or_else(gone)?;
    Ok(versioned(lesson.version, LessonView::of(course, lesson, text)))
}
