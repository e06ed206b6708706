//! Importing by upload: files are read and checked at once; what is wrong is listed line by line, what
//! would change is shown, and nothing is done before somebody says so.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use ui::{Html, Path, Problem, Text, Upload, Visit};
use uuid::Uuid;

use super::{
    super::{author, own, refused, sentence, text},
    outline::back,
    publish::told_to_enrolled,
};
use crate::{
    api::App,
    commands,
    domain::{Announcement, Course, Editor, Lesson, State as Shown},
    import::{
        ImportErrors,
        upload::{self, BYTES, Received},
    },
};

/// So many of the things that are wrong are shown.
const WRONG: usize = 200;

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
    action: String,
    /// The course that the files are for.
    course: Option<Course>,
    wrong: Vec<Wrong>,
    more: Option<String>,
    hint: String,
    /// No file came.
    is_empty: bool,
}

/// One thing that is wrong with the files.
struct Wrong {
    file: String,
    line: String,
    problem: String,
}

async fn new(visit: Visit) -> Result<Response, Problem> {
    author(&visit)?;
    form(&visit, None, Outcome::Asked)
}

async fn into_course(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    form(&visit, Some(course), Outcome::Asked)
}

async fn take(
    State(app): State<App>,
    visit: Visit,
    upload: Upload<BYTES>,
) -> Result<Response, Problem> {
    let editor = author(&visit)?;
    receive(&app, &visit, editor, None, upload).await
}

async fn take_into(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    upload: Upload<BYTES>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    receive(&app, &visit, editor, Some(course), upload).await
}

async fn receive(
    app: &App,
    visit: &Visit,
    editor: Editor,
    course: Option<Course>,
    upload: Upload<BYTES>,
) -> Result<Response, Problem> {
    let received: Vec<Received> = upload
        .files("files")
        .map(|file| Received { name: file.name.clone(), bytes: file.content.to_vec() })
        .collect();
    drop(upload);
    if received.is_empty() {
        return form(visit, course, Outcome::Empty);
    }
    let key = course.as_ref().map(|course| course.key.clone());
    let read =
        tokio::task::spawn_blocking(move || upload::read_files(received, key.as_deref())).await;
    let read = match read.map_err(|error| Problem::unavailable(&error))? {
        Ok(read) => read,
        Err(errors) => return form(visit, course, Outcome::Wrong(errors)),
    };
    let id = commands::uploads::keep(&app.db, &app.files, editor.person, read)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to(&format!("/teaching/import/{id}")).into_response())
}

enum Outcome {
    Asked,
    Empty,
    Wrong(ImportErrors),
}

fn form(visit: &Visit, course: Option<Course>, outcome: Outcome) -> Result<Response, Problem> {
    let t = text(visit);
    let action = match &course {
        Some(course) => format!("/teaching/{}/import", course.id),
        None => "/teaching/import".to_owned(),
    };
    let mut page = visit.page(t.get("import-title")).crumb("/teaching", t.get("teaching-title"));
    if let Some(course) = &course {
        let address = format!("/teaching/{}", course.id);
        page = page.crumb_in(course.language, address, course.title.clone());
    }
    let is_empty = matches!(outcome, Outcome::Empty);
    let (wrong, more) = match outcome {
        Outcome::Wrong(errors) => list(visit, errors),
        _ => (Vec::new(), None),
    };
    let size = ui::format_size(BYTES as u64, visit.language);
    page.with_errors_if(is_empty || !wrong.is_empty()).show(&ImportPage {
        t,
        action,
        course,
        wrong,
        more,
        hint: t.with("import-files-hint", [("size", size.into())]),
        is_empty,
    })
}

fn list(visit: &Visit, errors: ImportErrors) -> (Vec<Wrong>, Option<String>) {
    let more = errors.0.len().saturating_sub(WRONG);
    let more = (more > 0).then(|| text(visit).with("import-more", [("count", more.into())]));
    let wrong = errors.0.into_iter().take(WRONG).map(|error| Wrong {
        file: error.file.display().to_string(),
        line: error.line.map(|line| line.to_string()).unwrap_or_default(),
        problem: sentence(&error.problem, visit.language),
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
    /// How many are added, changed and removed, in words, and their titles.
    lessons: [(String, Vec<String>); 3],
    is_published: bool,
    /// That everyone enrolled is told of new lessons.
    mailed: Option<String>,
    questions: Vec<String>,
    /// What comes besides lessons and questions.
    rest: [String; 2],
    left_out: Vec<String>,
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
    let is_published = plan.course.state == Shown::Published;
    let is_new = |news: &&Announcement| {
        matches!(news, Announcement::LessonPublished(id)
            if is_published && plan.added.iter().any(|lesson| lesson.id == *id))
    };
    let page = visit.page(t.get("import-plan-title")).crumb("/teaching", t.get("teaching-title"));
    page.crumb("/teaching/import", t.get("import-title")).show(&PlanPage {
        t,
        upload: id,
        is_published,
        mailed: told_to_enrolled(t, plan.news.iter().filter(is_new).count()),
        summary: ui::markdown(&plan.course.summary),
        questions: upload.questions.iter().map(|it| it.uploaded_as.clone()).collect(),
        rest: [
            t.with("quizzes", [("count", plan.course.quizzes.len().into())]),
            t.with("import-images", [("count", upload.images().into())]),
        ],
        left_out: upload.left_out,
        lessons: [
            titles(t, "import-added", &plan.added),
            titles(t, "import-changed", &plan.changed),
            titles(t, "import-removed", &plan.removed),
        ],
        is_new: plan.is_new,
        course: plan.course,
    })
}

fn titles(t: Text, key: &str, lessons: &[Lesson]) -> (String, Vec<String>) {
    let titles = lessons.iter().map(|lesson| lesson.title.clone()).collect();
    (t.with(key, [("count", lessons.len().into())]), titles)
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
    commands::uploads::discard(&app.db, &app.files, editor.person, id)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to("/teaching").into_response())
}
