//! Importing by upload: files are read and checked at once; what is wrong is listed line by line, what
//! would change is shown, and nothing is done before somebody says so.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::Language;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Text, Upload, Visit};
use uuid::Uuid;

use super::{
    super::{author, own, refused, sentence, text},
    details::{Difference, differences},
    framed,
    outline::back,
    publish::told_to_enrolled,
};
use crate::{
    api::App,
    commands::{
        self,
        uploads::{Changes, Plan, WAITS},
    },
    domain::{Announcement, Course, Editor, Refusal, State as Shown, limits},
    import::{
        ImportErrors,
        upload::{self, BYTES, Received, Target},
    },
};

/// So many of the things that are wrong are shown.
const WRONG: usize = 200;
/// What a browser offers.
const ACCEPTED: &str = ".zip,.md,.gift,.toml,.png,.jpg,.jpeg,.gif,.webp";
/// How many lessons come, change and go.
const LESSONS: [&str; 3] = ["import-added", "import-changed", "import-removed"];
const QUIZZES: [&str; 3] = ["import-quiz-added", "import-quiz-changed", "import-quiz-removed"];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching/import", get(new).post(take))
        .route("/teaching/{course}/import", get(into_course).post(take_into))
        .route("/teaching/import/{upload}", get(show).post(apply))
        .route("/teaching/import/{upload}/discard", post(discard))
}

#[derive(Template)]
#[template(path = "teaching/import.html")]
struct ImportPage {
    t: Text,
    /// The course that the files are for.
    course: Option<Course>,
    form: Html,
    wrong: Vec<Wrong>,
    more: Option<String>,
}

/// One thing that is wrong with the files.
struct Wrong {
    file: String,
    line: String,
    problem: Html,
}

async fn new(visit: Visit) -> Result<Response, Problem> {
    author(&visit)?;
    form(&visit, None, "", Outcome::Asked)
}

async fn into_course(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    form(&visit, Some(course), "", Outcome::Asked)
}

async fn take(
    State(app): State<App>,
    visit: Visit,
    upload: Result<Upload<BYTES>, Problem>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    receive(&app, &visit, editor, None, upload).await
}

async fn take_into(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    upload: Result<Upload<BYTES>, Problem>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    receive(&app, &visit, editor, Some(course), upload).await
}

async fn receive(
    app: &App,
    visit: &Visit,
    editor: Editor,
    course: Option<Course>,
    upload: Result<Upload<BYTES>, Problem>,
) -> Result<Response, Problem> {
    let upload = match upload {
        Err(problem) if problem.status == 413 => return form(visit, course, "", Outcome::TooLarge),
        upload => upload?,
    };
    let title = upload.answers.get("title").trim().to_owned();
    let received: Vec<Received> = upload
        .files("files")
        .map(|file| Received { name: file.name.clone(), bytes: file.content.to_vec() })
        .collect();
    drop(upload);
    if received.is_empty() {
        return form(visit, course, &title, Outcome::Empty);
    }
    let target = match target(course.as_ref(), &title) {
        Ok(target) => target,
        Err(refusal) => return form(visit, course, &title, Outcome::Untitled(refusal)),
    };
    let read = tokio::task::spawn_blocking(move || upload::read_files(received, &target)).await;
    let read = match read.map_err(|error| Problem::unavailable(&error))? {
        Ok(read) => read,
        Err(errors) => return form(visit, course, &title, Outcome::Wrong(errors)),
    };
    let id = commands::uploads::keep(&app.db, &app.files, editor.person, read)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to(&format!("/teaching/import/{id}")).into_response())
}

fn target(course: Option<&Course>, title: &str) -> Result<Target, Refusal> {
    Ok(match course {
        Some(course) => Target::Course { key: course.key.clone() },
        None if title.is_empty() => Target::Any { title: None },
        None => Target::Any { title: Some(limits::title("title", title)?) },
    })
}

enum Outcome {
    Asked,
    Empty,
    TooLarge,
    /// What somebody called the course is no title.
    Untitled(Refusal),
    Wrong(ImportErrors),
}

impl Outcome {
    /// What is said beside which field.
    fn problem(&self, t: Text) -> Option<FieldProblem> {
        let (field, detail) = match self {
            Self::Asked => return None,
            Self::Empty => ("files", t.get("import-no-file")),
            Self::TooLarge => ("files", t.with("import-too-large", [("size", largest(t).into())])),
            Self::Untitled(refusal) => ("title", sentence(&refusal.said(), t.language())),
            Self::Wrong(_) => ("files", t.get("import-wrong")),
        };
        Some(FieldProblem { field: field.to_owned(), detail })
    }
}

fn largest(t: Text) -> String {
    ui::format_size(BYTES as u64, t.language())
}

fn form(
    visit: &Visit,
    course: Option<Course>,
    title: &str,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let t = text(visit);
    let page = match &course {
        Some(course) => framed(visit, course, t.get("import-title")),
        None => visit.page(t.get("import-title")).crumb("/teaching", t.get("teaching-title")),
    };
    let problem = outcome.problem(t);
    let has_errors = problem.is_some();
    let form = files_form(t, course.as_ref(), title, problem)?;
    let (wrong, more) = match outcome {
        Outcome::Wrong(errors) => list(visit, errors),
        _ => (Vec::new(), None),
    };
    page.with_errors_if(has_errors).show(&ImportPage { t, course, form, wrong, more })
}

fn files_form(
    t: Text,
    course: Option<&Course>,
    title: &str,
    problem: Option<FieldProblem>,
) -> Result<Html, Problem> {
    let action = match course {
        Some(course) => format!("/teaching/{}/import", course.id),
        None => "/teaching/import".to_owned(),
    };
    let hint = t.with("import-files-hint", [("size", largest(t).into())]);
    let mut form = Form::new(t.language(), action, t.get("import-read"))
        .field(Field::files("files", t.get("import-files"), ACCEPTED).hint(hint));
    if course.is_none() {
        let title = Field::text("title", t.get("field-title"))
            .hint(t.get("import-course-title-hint"))
            .value(title)
            .longest(limits::TITLE_CHARS);
        form = form.field(title.optional());
    }
    form.errors(problem.into_iter().collect()).html()
}

fn list(visit: &Visit, errors: ImportErrors) -> (Vec<Wrong>, Option<String>) {
    let more = errors.0.len().saturating_sub(WRONG);
    let more = (more > 0).then(|| text(visit).with("import-more", [("count", more.into())]));
    let wrong = errors.0.into_iter().take(WRONG).map(|error| Wrong {
        file: error.file.display().to_string(),
        line: error.line.map(|line| line.to_string()).unwrap_or_default(),
        // What the parser says of TOML is English.
        problem: text(visit).mark(&sentence(&error.problem, visit.language), Language::En),
    });
    (wrong.collect(), more)
}

#[derive(Template)]
#[template(path = "teaching/import-plan.html")]
struct PlanPage {
    t: Text,
    upload: Uuid,
    course: Course,
    is_new: bool,
    /// Of a course that is there.
    details: Vec<Difference>,
    /// How many are added, changed and removed, in words, and their titles.
    lessons: [(String, Vec<String>); 3],
    quizzes: [(String, Vec<String>); 3],
    /// That lessons go for good, and whether unpublished changes go with them.
    lost: Option<String>,
    is_published: bool,
    /// That everyone enrolled is told of new lessons.
    mailed: Option<String>,
    questions: Vec<String>,
    images: String,
    left_out: Vec<String>,
    /// How long it waits for a decision.
    waits: String,
    summary: Html,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    let t = text(&visit);
    let in_words = |error| refused(error, visit.language);
    let upload = commands::uploads::read(&app.db, &app.files, editor.person, id).await;
    let upload = upload.map_err(in_words)?;
    let plan = commands::uploads::plan(&app.db, editor, &upload).await.map_err(in_words)?;
    let details = if plan.is_new { Vec::new() } else { differences(t, &plan.before, &plan.course) };
    let page = visit.page(t.get("import-plan-title")).crumb("/teaching", t.get("teaching-title"));
    page.crumb("/teaching/import", t.get("import-title")).show(&PlanPage {
        t,
        upload: id,
        is_published: plan.course.state == Shown::Published,
        mailed: told_to_enrolled(t, new_to_enrolled(&plan)),
        summary: ui::markdown(&plan.course.summary),
        questions: upload.questions.iter().map(|it| it.uploaded_as.clone()).collect(),
        images: t.with("import-images", [("count", upload.images().into())]),
        left_out: left_out(&upload, visit.language),
        waits: t.with("import-waits", [("days", WAITS.num_days().into())]),
        details,
        lost: lost(t, &plan),
        lessons: listed(t, LESSONS, &plan.lessons, |lesson| lesson.title.clone()),
        quizzes: listed(t, QUIZZES, &plan.quizzes, |quiz| quiz.title.clone()),
        is_new: plan.is_new,
        course: plan.course,
    })
}

/// How many lessons those will be told of who are enrolled.
fn new_to_enrolled(plan: &Plan) -> usize {
    let is_added = |news: &&Announcement| {
        matches!(news, Announcement::LessonPublished(id)
            if plan.lessons.added.iter().any(|lesson| lesson.id == *id))
    };
    let is_published = plan.course.state == Shown::Published;
    if is_published { plan.news.iter().filter(is_added).count() } else { 0 }
}

fn lost(t: Text, plan: &Plan) -> Option<String> {
    if plan.lessons.removed.is_empty() {
        return None;
    }
    let drafts = t.with("import-lost-drafts", [("count", plan.drafts_lost.into())]);
    let lost = t.get("import-lost");
    Some(if plan.drafts_lost == 0 { lost } else { format!("{lost} {drafts}") })
}

/// What is added, changed and removed, under messages that count it.
fn listed<T>(
    t: Text,
    [added, changed, removed]: [&str; 3],
    changes: &Changes<T>,
    title: fn(&T) -> String,
) -> [(String, Vec<String>); 3] {
    let list = |key: &str, things: &[T]| {
        let count = t.with(key, [("count", things.len().into())]);
        (count, things.iter().map(title).collect())
    };
    [list(added, &changes.added), list(changed, &changes.changed), list(removed, &changes.removed)]
}

fn left_out(upload: &commands::uploads::Upload, language: Language) -> Vec<String> {
    let names = upload.left_out.iter().cloned();
    names.chain(upload.notes.iter().map(|note| note.in_language(language).to_owned())).collect()
}

async fn apply(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    let course = commands::uploads::apply(&app.db, &app.files, editor, id).await;
    let course = course.map_err(|error| refused(error, visit.language))?;
    Ok(back(course.id, "imported"))
}

async fn discard(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    commands::uploads::discard(&app.db, editor.person, id)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to("/teaching").into_response())
}
