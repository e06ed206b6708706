//! The pages of `learning`: my courses, a course's roster and messages, uploads of enrolments. They
//! work without JavaScript; what is on its way appears by itself with it.

mod attendee;
mod learner;
mod messages;
mod roster;
mod uploads;

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{CourseId, Language, Role};
use ui::{CourseTabs, FieldProblem, Problem, Text, Visit};
use uuid::Uuid;

use crate::{
    TEXTS,
    api::App,
    commands::{self, Refusal},
    domain::Outline,
    store::{self, CourseCopy},
};

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/learning", get(learner::overview))
        .route("/learning/live", get(learner::live))
        .route("/learning/courses/{course}/live", get(learner::live_with))
        .route("/learning/courses/{course}/enrol", post(learner::enrol))
        .route(
            "/learning/enrolments/{enrolment}/cancel",
            get(learner::ask_to_cancel).post(learner::cancel),
        )
        .route("/learning/lessons/{lesson}/read", post(learner::read_lesson))
        .route("/roster", get(async || Redirect::to("/teaching")))
        .route("/roster/{course}", get(roster::list).post(roster::enrol))
        .route("/roster/{course}/download", get(roster::download))
        .route("/roster/{course}/learners/{enrolment}", get(attendee::show))
        .route(
            "/roster/{course}/learners/{enrolment}/remove",
            get(attendee::ask_to_remove).post(attendee::remove),
        )
        .route("/roster/{course}/message", get(messages::compose).post(messages::submit))
        .merge(upload_routes())
        .with_state(app)
}

fn upload_routes() -> Router<App> {
    Router::new()
        .route("/enrolments", get(uploads::list).post(uploads::submit))
        .route("/enrolments/{upload}", get(uploads::report))
        .route("/enrolments/{upload}/again", post(uploads::look_again))
        .route("/enrolments/{upload}/refused", get(uploads::download))
        .route("/enrolments/{upload}/live", get(uploads::live))
}

fn texts(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

/// A course, for those who may see who takes it.
async fn taught(app: &App, visit: &Visit, course: Uuid) -> Result<CourseCopy, Problem> {
    let session = visit.require(&[Role::Instructor, Role::Administrator])?;
    commands::taught(&app.db, session, CourseId(course)).await.map_err(in_words)
}

/// What stands in the place of a course's people until its publication has arrived here.
#[derive(Template)]
#[template(path = "unpublished.html")]
struct UnpublishedPage {
    t: Text,
    title: String,
}

/// The page of a course that nobody can take yet; `None` where the course is known.
async fn unpublished(
    app: &App,
    visit: &Visit,
    course: Uuid,
    (tab, title): (CourseTabs, &str),
) -> Result<Option<Response>, Problem> {
    visit.require(&[Role::Instructor, Role::Administrator])?;
    if store::course(&app.db, CourseId(course)).await.map_err(unavailable)?.is_some() {
        return Ok(None);
    }
    let t = texts(visit);
    let page = visit.page(t.get(title)).tabs(tab.of(visit, course));
    page.show(&UnpublishedPage { t, title: t.get(title) }).map(Some)
}

/// Empty says to a browser that the language is unknown.
fn language(outline: &Outline) -> &'static str {
    outline.language.map_or("", Language::code)
}

fn in_words(refusal: Refusal) -> Problem {
    let key = match &refusal {
        Refusal::NoSuchCourse => "refused-no-such-course",
        Refusal::Withdrawn => "refused-withdrawn",
        Refusal::NoSuchEnrolment => "refused-no-such-enrolment",
        Refusal::Cancelled => "refused-cancelled",
        Refusal::Erased => "refused-erased",
        Refusal::NoSuchLesson => "refused-no-such-lesson",
        Refusal::NotYours => "refused-not-yours",
        Refusal::UnknownMail => "refused-unknown-mail",
        Refusal::NobodyEnrolled => "refused-nobody-enrolled",
        Refusal::NoSuchUpload => "refused-no-such-upload",
        Refusal::Store(_) => return refusal.into(),
    };
    Problem::from(refusal).worded(&TEXTS, key, [])
}

/// How a spreadsheet in this language separates cells.
fn separator(language: Language) -> char {
    match language {
        Language::En => ',',
        Language::Fr => ';',
    }
}

/// A file to keep. The mark at its beginning tells spreadsheets that it is UTF-8.
fn csv_file(name: &str, rows: &str) -> Response {
    let mut response = format!("\u{feff}{rows}").into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let attachment = format!("attachment; filename=\"{name}.csv\"");
    if let Ok(attachment) = HeaderValue::from_str(&attachment) {
        headers.insert(header::CONTENT_DISPOSITION, attachment);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn wrong(field: &str, detail: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), detail }
}
