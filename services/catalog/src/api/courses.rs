//! `/api/v1/courses…`

#![allow(unused_qualifications, reason = "utoipa's macro qualifies what it repeats")]

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use contract::catalog::CertificateDesign;
use event::Language;
use serde::{Deserialize, Serialize};
use ui::{Json, MaybeSession, Path, Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    App, Writer, editor, seen, unavailable, versioned,
    views::{CourseView, CoursesView},
    visible,
};
use crate::{
    commands,
    domain::{Course, CourseChanges, Refusal, limits, search},
    store::{self, Address, Filter},
};

const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    /// `en` or `fr`.
    language: Option<String>,
    /// Words that all stand in the title or the summary, whatever their case and accents.
    q: Option<String>,
    /// The courses that you may edit, drafts and withdrawn ones too.
    mine: Option<bool>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100; 50 when absent.
    limit: Option<i64>,
}

/// The published courses, by their keys.
#[utoipa::path(get, path = "/api/v1/courses", tag = "catalog", params(ListQuery),
    responses((status = 200, body = CoursesView)))]
pub(super) async fn list(
    State(app): State<App>,
    MaybeSession(session): MaybeSession,
    Query(query): Query<ListQuery>,
) -> Result<Json<CoursesView>, Problem> {
    let editor = editor(session.as_ref()).filter(|_| query.mine == Some(true));
    if query.mine == Some(true) && editor.is_none() {
        return Err(Problem::forbidden(
            "“mine” is for instructors and administrators; sign in as one",
        ));
    }
    let language: Option<Language> = query
        .language
        .map(|code| code.parse())
        .transpose()
        .map_err(|error: String| Problem::invalid("language", error))?;
    let after = query.after.unwrap_or_default();
    limits::at_most("after", &after, limits::KEY_CHARS)?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = Filter {
        language,
        words: search::words(&query.q.unwrap_or_default()),
        editable_by: editor.map(|editor| editor.person.0),
        all: editor.is_some_and(|editor| editor.is_administrator),
        after,
        limit: limit + 1,
        ..Filter::default()
    };
    let mut rows = store::list(&app.db, &filter).await.map_err(unavailable)?;
    let page = usize::try_from(limit).unwrap_or(rows.len());
    let has_more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| has_more).map(|row| row.key.clone());
    Ok(Json(CoursesView { courses: rows.into_iter().map(Into::into).collect(), next }))
}

/// A course with its outline, by id or by key.
#[utoipa::path(get, path = "/api/v1/courses/{course}", tag = "catalog",
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(app): State<App>,
    MaybeSession(session): MaybeSession,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, may_edit) = visible(&app.db, &course, editor(session.as_ref())).await?;
    Ok(versioned(course.version, CourseView::of(&course, may_edit)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCourse {
    /// From the title when absent.
    key: Option<String>,
    #[schema(value_type = String)]
    language: Language,
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    objectives: Vec<String>,
    #[serde(default)]
    minutes: u32,
    #[serde(default)]
    #[schema(value_type = String)]
    design: CertificateDesign,
}

/// Begins a draft of your own.
#[utoipa::path(post, path = "/api/v1/courses", tag = "catalog", request_body = NewCourse,
    responses((status = 201, body = CourseView), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(app): State<App>,
    Writer(editor): Writer,
    Json(new): Json<NewCourse>,
) -> Result<Response, Problem> {
    let changes = CourseChanges {
        title: Some(new.title),
        summary: Some(new.summary),
        objectives: Some(new.objectives),
        minutes: Some(new.minutes),
        design: Some(new.design),
        language: None,
    };
    let course = commands::create(&app.db, editor, new.key, new.language, changes).await?;
    let view = versioned(course.version, CourseView::of(&course, true));
    Ok((StatusCode::CREATED, view).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoursePatch {
    /// The version that you have seen (or as If-Match): refused when it is no longer the present one.
    version: Option<u64>,
    title: Option<String>,
    summary: Option<String>,
    objectives: Option<Vec<String>>,
    minutes: Option<u32>,
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    #[schema(value_type = Option<String>)]
    design: Option<CertificateDesign>,
}

/// Changes what is given and leaves the rest. Of a published course everybody hears at once.
#[utoipa::path(patch, path = "/api/v1/courses/{course}", tag = "catalog", request_body = CoursePatch,
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change(
    State(app): State<App>,
    writer: Writer,
    Path(course): Path<String>,
    headers: HeaderMap,
    Json(patch): Json<CoursePatch>,
) -> Result<Response, Problem> {
    let seen = seen(patch.version, &headers)?;
    let changes = CourseChanges {
        title: patch.title,
        summary: patch.summary,
        objectives: patch.objectives,
        minutes: patch.minutes,
        language: patch.language,
        design: patch.design,
    };
    edit(&app, writer, &course, |course| {
        course.expect(seen)?;
        course.change(changes.clone())
    })
    .await
}

/// Shows a course to everybody. One that is published stays so.
#[utoipa::path(post, path = "/api/v1/courses/{course}/publish", tag = "catalog",
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn publish(
    State(app): State<App>,
    writer: Writer,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    edit(&app, writer, &course, Course::publish).await
}

/// Takes a course away: nobody can enrol any more.
#[utoipa::path(post, path = "/api/v1/courses/{course}/withdraw", tag = "catalog",
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 404, body = Problem)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    writer: Writer,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    edit(&app, writer, &course, |course| {
        course.withdraw();
        Ok(())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The version that you have seen (or as If-Match): refused when it is no longer the present one.
    version: Option<u64>,
    /// Of somebody who has an account and may teach.
    mail: String,
}

/// Gives a course to another instructor or administrator. Whoever taught it loses it.
#[utoipa::path(put, path = "/api/v1/courses/{course}/instructor", tag = "catalog", request_body = Successor,
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 200, body = CourseView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn hand_over(
    State(app): State<App>,
    Writer(editor): Writer,
    Path(course): Path<String>,
    headers: HeaderMap,
    Json(to): Json<Successor>,
) -> Result<Response, Problem> {
    let seen = seen(to.version, &headers)?;
    let address = Address::parse(&course);
    let course = commands::handover::hand_over(&app.db, editor, &address, &to.mail, seen).await?;
    Ok(versioned(course.version, CourseView::of(&course, editor.may_edit(&course))))
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSection {
    /// From the title when absent.
    key: Option<String>,
    title: String,
}

#[derive(Serialize, ToSchema)]
pub struct SectionMade {
    section: Uuid,
    course: Uuid,
    version: u64,
}

/// Adds a section at the end of a course.
#[utoipa::path(post, path = "/api/v1/courses/{course}/sections", tag = "catalog", request_body = NewSection,
    params(("course" = String, Path, description = "Id or key")),
    responses((status = 201, body = SectionMade), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn add_section(
    State(app): State<App>,
    Writer(editor): Writer,
    Path(course): Path<String>,
    Json(new): Json<NewSection>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.add_section(new.key.as_deref(), &new.title);
    let (course, section) = commands::edit(&app.db, editor, &Address::parse(&course), rule).await?;
    let made = SectionMade { section: section.0, course: course.id.0, version: course.version };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
