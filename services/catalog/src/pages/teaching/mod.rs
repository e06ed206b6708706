//! What instructors write: their courses, and each one's details, outline, lessons, quizzes and images;
//! publishing, withdrawing, importing and handing over. Administrators see every course.

mod deleting;
mod details;
mod handover;
mod images;
mod lesson;
mod outline;
mod publish;
mod quizzes;
mod uploads;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use contract::catalog::CertificateDesign;
use event::Language;
use serde::Deserialize;
use ui::{
    CourseTabs, Field, FieldProblem, Form, Html, Page, Pager, Problem, Query, Submitted, Text,
    Visit,
};

use super::{
    author,
    catalogue::{PAGE, offset},
    text, wrong,
};
use crate::{
    api::{App, unavailable},
    commands,
    domain::{Course, CourseChanges, Editor, State as Shown, limits, search},
    store::{self, Filter, Listed},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching", get(list))
        .route("/teaching/new", get(new).post(create))
        .route("/teaching/{course}", get(outline::show))
        .route("/teaching/{course}/details", get(details::show).post(details::save))
        .route("/teaching/{course}/sections", post(outline::add_section))
        .route(
            "/teaching/{course}/sections/{section}",
            get(outline::section).post(outline::rename_section),
        )
        .route("/teaching/{course}/sections/{section}/place", post(outline::move_section))
        .route("/teaching/{course}/sections/{section}/delete", post(outline::delete_section))
        .route("/teaching/{course}/sections/{section}/lessons", get(lesson::new).post(lesson::add))
        .merge(lesson::routes())
        .merge(quizzes::routes())
        .merge(images::routes())
        .merge(publish::routes())
        .merge(uploads::routes())
        .merge(deleting::routes())
        .merge(handover::routes())
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "teaching/courses.html")]
struct CoursesPage {
    t: Text,
    done: Option<String>,
    is_administrator: bool,
    /// Only those that match are asked for.
    is_narrowed: bool,
    search: Html,
    found: String,
    /// On no page.
    is_empty: bool,
    rows: Vec<Row>,
    pager: Html,
}

struct Row {
    course: Listed,
    state: Badge,
    waiting: Option<String>,
    /// Its language, how many lessons and quizzes, in words.
    content: String,
    changed: Html,
}

/// A state in words and colour.
struct Badge {
    look: &'static str,
    words: String,
}

impl Badge {
    fn of(t: Text, state: Shown) -> Self {
        let (look, key) = match state {
            Shown::Draft => ("info", "state-draft"),
            Shown::Published => ("good", "state-published"),
            Shown::Withdrawn => ("bad", "state-withdrawn"),
        };
        Self { look, words: t.get(key) }
    }
}

/// The frame of a page within a course.
fn framed<'a>(visit: &'a Visit, course: &Course, title: String) -> Page<'a> {
    visit
        .page(title)
        .crumb("/teaching", text(visit).get("teaching-title"))
        .crumb_in(course.language, format!("/teaching/{}", course.id), course.title.clone())
        .tabs(CourseTabs::Editor.of(visit, course.id))
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    let t = text(&visit);
    let filter = Filter {
        words: search::words(&query.q),
        state: STATES.into_iter().find(|state| store::state_text(*state) == query.state),
        editable_by: Some(editor.person.0),
        all: editor.is_administrator,
        limit: PAGE.into(),
        ..Filter::default()
    };
    let total = store::count(&app.db, &filter).await.map_err(unavailable)?.unsigned_abs();
    let pager = Pager::counted(visit.page_number(), PAGE, total);
    let filter = Filter { offset: offset(&pager), ..filter };
    let courses = store::list(&app.db, &filter).await.map_err(unavailable)?;
    let shown = CoursesPage {
        t,
        done: Done { done: query.done }.said(t),
        is_administrator: editor.is_administrator,
        is_narrowed: filter.state.is_some() || !filter.words.is_empty(),
        search: search_form(t, query.q, filter.state)?,
        found: t.with("courses-found", [("count", total.into())]),
        is_empty: total == 0,
        rows: courses.into_iter().map(|course| row(&app, &visit, course)).collect(),
        pager: pager.html(&visit),
    };
    visit.page(t.get("teaching-title")).show(&shown)
}

/// In which a course may be looked for.
const STATES: [Shown; 3] = [Shown::Draft, Shown::Published, Shown::Withdrawn];

fn search_form(t: Text, question: String, state: Option<Shown>) -> Result<Html, Problem> {
    let mut states = vec![(String::new(), t.get("teaching-states"))];
    let named = |state| (store::state_text(state).to_owned(), Badge::of(t, state).words);
    states.extend(STATES.map(named));
    Form::search(t.language(), "/teaching", t.get("courses-search-button"))
        .field(Field::search("q", t.get("teaching-search")).value(question).optional())
        .field(
            Field::select("state", t.get("teaching-state"), states)
                .value(state.map_or("", store::state_text))
                .optional(),
        )
        .html()
}

fn row(app: &App, visit: &Visit, course: Listed) -> Row {
    let t = text(visit);
    let is_waiting = course.waiting > 0 && course.state == "published";
    Row {
        state: Badge::of(t, store::state(&course.state)),
        waiting: is_waiting.then(|| t.with("waiting", [("count", course.waiting.into())])),
        content: [
            t.get(&format!("language-{}", course.language)),
            t.with("lessons", [("count", course.lessons.into())]),
            t.with("quizzes", [("count", course.quizzes.into())]),
        ]
        .join(" · "),
        changed: visit.ago(course.updated_at, app.db.now()),
        course,
    }
}

/// What a new course begins with, as it was written.
#[derive(Default, Deserialize)]
struct NewCourse {
    #[serde(default)]
    title: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    key: String,
}

async fn new(visit: Visit) -> Result<Response, Problem> {
    author(&visit)?;
    let language = visit.language.code().to_owned();
    show_new(&visit, NewCourse { language, ..NewCourse::default() }, Vec::new())
}

async fn create(
    State(app): State<App>,
    visit: Visit,
    Submitted(new): Submitted<NewCourse>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    match make(&app, editor, &new).await {
        Ok(course) => Ok(Redirect::to(&format!("/teaching/{course}?done=created")).into_response()),
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            show_new(&visit, new, errors)
        }
    }
}

async fn make(
    app: &App,
    editor: Editor,
    new: &NewCourse,
) -> Result<event::CourseId, commands::CommandError> {
    let changes = CourseChanges { title: Some(new.title.clone()), ..CourseChanges::default() };
    let key = Some(new.key.trim()).filter(|key| !key.is_empty()).map(str::to_owned);
    let language: Language = new.language.parse().unwrap_or_default();
    let course = commands::create(&app.db, editor, key, language, changes).await?;
    Ok(course.id)
}

fn show_new(visit: &Visit, new: NewCourse, errors: Vec<FieldProblem>) -> Result<Response, Problem> {
    let t = text(visit);
    let has_errors = !errors.is_empty();
    let form = Form::new(visit.language, "/teaching/new", t.get("teaching-create"))
        .field(
            Field::text("title", t.get("field-title"))
                .value(new.title)
                .longest(limits::TITLE_CHARS),
        )
        .field(language_field(t, &new.language))
        .field(
            Field::text("key", t.get("field-key"))
                .hint(t.get("field-key-hint"))
                .value(new.key)
                .longest(limits::KEY_CHARS)
                .optional(),
        )
        .back("/teaching", t.get("back"))
        .errors(errors);
    let page = visit.page(t.get("teaching-new")).crumb("/teaching", t.get("teaching-title"));
    page.with_errors_if(has_errors).show(&FormPage {
        title: t.get("teaching-new"),
        lead: t.get("teaching-new-lead"),
        form: form.html()?,
    })
}

/// A page with a form and nothing else.
#[derive(Template)]
#[template(path = "teaching/form.html")]
struct FormPage {
    title: String,
    lead: String,
    form: Html,
}

fn language_field(t: Text, chosen: &str) -> Field {
    let options = ["en", "fr"].map(|code| (code.to_owned(), t.get(&format!("language-{code}"))));
    Field::select("language", t.get("field-language"), options.into()).value(chosen)
}

/// How a design stands in forms and messages.
pub(super) fn design_code(design: CertificateDesign) -> &'static str {
    match design {
        CertificateDesign::Achievement => "achievement",
        CertificateDesign::CertificatDeRealisation => "certificat-de-realisation",
    }
}

/// A whole number of a form; nothing is 0.
fn number(field: &'static str, written: &str) -> Result<u32, commands::CommandError> {
    let written = written.trim();
    if written.is_empty() {
        return Ok(0);
    }
    let reason = crate::domain::Unfit::NotANumber;
    let wrong = || crate::domain::Refusal::Field { field, reason };
    Ok(written.parse().map_err(|_| wrong())?)
}

/// A browser ends lines with two characters.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What was just done, from `?done=`.
#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    /// In words; nothing for what is not known.
    fn said(&self, t: Text) -> Option<String> {
        let key = match self.done.as_str() {
            "created" => "done-created",
            "saved" => "done-saved",
            "draft" => "done-draft",
            "discarded" => "done-discarded",
            "published" => "done-published",
            "withdrawn" => "done-withdrawn",
            "added" => "done-added",
            "moved" => "done-moved",
            "deleted" => "done-deleted",
            "handed-over" => "done-handed-over",
            "hidden" => "done-hidden",
            "imported" => "done-imported",
            _ => return None,
        };
        Some(t.get(key))
    }
}
