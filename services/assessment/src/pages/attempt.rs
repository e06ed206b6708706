//! An attempt while it is taken, looked over before it is given in, graded, and its result.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{AttemptId, Language};
use ui::{Answers, Path, Problem, Query, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    App, asked,
    asked::{Asked, Paper},
    bank::snippet,
    correction, filled, in_words,
    marking::After,
    marks, name_of,
    quiz::foreign,
    texts,
    unsaved::{self, Unsaved},
};
use crate::{
    api::viewer,
    commands::{self, CourseFace, Sitting, Viewer},
    domain::{AttemptMark, AttemptRecord, Stage},
    store,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/attempts/{attempt}", get(attempt).post(give))
        .route("/attempts/{attempt}/answers", post(save))
        .route("/attempts/{attempt}/review", get(review))
        .route("/attempts/{attempt}/submit", post(submit))
        .route("/attempts/{attempt}/live", get(live))
}

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    t: Text,
    attempt: Uuid,
    quiz: Uuid,
    title: String,
    language: Option<Language>,
    name: String,
    /// Whose it is, for those who teach, and where the others of theirs are.
    learner: Option<(String, String)>,
    /// What was done before one came here, and how it looks.
    done: Option<(String, &'static str)>,
    corrections: Vec<correction::Line>,
    is_open: bool,
    /// The counter of the form.
    counter: u64,
    /// Where the browser hears that something has changed.
    live: Option<String>,
    is_awaited: bool,
    /// What has become of it, once it is given in.
    notice: Option<String>,
    /// The notice's class in the style sheet.
    tone: &'static str,
    /// Something else was saved in the place of what was typed.
    is_overtaken: bool,
    questions: Vec<Asked>,
    errors: Vec<(String, String)>,
}

async fn attempt(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let viewer = viewer(visit.session()?);
    let sitting = commands::read(&app.desk, viewer, AttemptId(attempt)).await;
    let sitting = sitting.map_err(in_words(&visit))?;
    let shown = Shown { done: after.in_words(texts(&visit)), ..Shown::default() };
    show(&app, &visit, &sitting, &shown).await
}

/// One's own attempt.
async fn own(app: &App, visit: &Visit, attempt: Uuid) -> Result<Sitting, Problem> {
    let learner = Viewer::learner(visit.session()?.person);
    commands::read(&app.desk, learner, AttemptId(attempt)).await.map_err(in_words(visit))
}

/// What was touched is saved; then the button decides whether to go on, look over or give in. What is not saved
/// stays in its field.
async fn give(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Submitted(fields): Submitted<Answers>,
) -> Result<Response, Problem> {
    let sitting = own(&app, &visit, attempt).await?;
    let (learner, id) = (sitting.record.learner, sitting.record.id);
    if sitting.record.stage != Stage::InProgress {
        return Ok(Redirect::to(&format!("/attempts/{attempt}")).into_response());
    }
    let form = filled::touched(&sitting, &fields);
    let sent = form.changes.clone();
    let saved = commands::save_all(&app.desk, learner, id, form).await.map_err(in_words(&visit))?;
    let unsaved = Unsaved::of(texts(&visit), &saved, sent);
    if !unsaved.errors.is_empty() {
        let shown = Shown { unsaved, ..Shown::default() };
        return show(&app, &visit, &saved.sitting, &shown).await;
    }
    let next = match fields.get("action") {
        "submit" => {
            commands::submit(&app.desk, learner, id).await.map_err(in_words(&visit))?;
            format!("/attempts/{attempt}")
        }
        "review" => format!("/attempts/{attempt}/review"),
        _ => format!("/attempts/{attempt}"),
    };
    Ok(Redirect::to(&next).into_response())
}

/// Saves while one types. What is not saved is said, and the rest is.
async fn save(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Submitted(fields): Submitted<Answers>,
) -> Result<Response, Problem> {
    let sitting = own(&app, &visit, attempt).await?;
    let form = filled::changes(&sitting, &fields);
    let (learner, id) = (sitting.record.learner, sitting.record.id);
    let saved = commands::save_all(&app.desk, learner, id, form).await.map_err(in_words(&visit))?;
    Ok(unsaved::tell(texts(&visit), &saved))
}

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    t: Text,
    attempt: Uuid,
    title: String,
    language: Option<Language>,
    answered: String,
    missing: usize,
    questions: Vec<Answered>,
}

struct Answered {
    field: String,
    number: String,
    text: String,
    is_answered: bool,
}

async fn review(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let sitting = own(&app, &visit, attempt).await?;
    let Sitting { record, quiz } = &sitting;
    if record.stage != Stage::InProgress {
        return Ok(Redirect::to(&format!("/attempts/{attempt}")).into_response());
    }
    let face = commands::course_face(&app.desk.db, record.course).await.map_err(super::away)?;
    let paper = Paper::of(&sitting, &record.answers);
    let questions = asked::questions(t, &paper, None, &Default::default());
    let answered = |asked: Asked| {
        let is_answered = record.answers.contains_key(&asked.question);
        let text = quiz.question(asked.question).map(|question| snippet(&question.content));
        let (field, number, text) = (asked.field, asked.number?, text.unwrap_or_default());
        Some(Answered { field, number, text, is_answered })
    };
    let questions: Vec<Answered> = questions.into_iter().filter_map(answered).collect();
    let done = questions.iter().filter(|question| question.is_answered).count();
    let counts = [("done", done.into()), ("count", questions.len().into())];
    visit
        .page(t.get("review-title"))
        .crumb_in(face.language, format!("/attempts/{attempt}"), &quiz.title)
        .show(&ReviewPage {
            t,
            attempt,
            title: quiz.title.clone(),
            language: foreign(&visit, face.language),
            answered: t.with("review-answered", counts),
            missing: questions.len() - done,
            questions,
        })
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    let submitted = commands::submit(&app.desk, learner, AttemptId(attempt)).await;
    submitted.map_err(in_words(&visit))?;
    Ok(Redirect::to(&format!("/attempts/{attempt}")))
}

/// Says when the attempt comes to stand somewhere else.
async fn live(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
) -> Result<Response, Problem> {
    let viewer = viewer(visit.session()?);
    let id = AttemptId(attempt);
    commands::read(&app.desk, viewer, id).await.map_err(in_words(&visit))?;
    let db = app.desk.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { Ok::<_, bus::Error>(stage_name(store::attempt(&db, id).await?)) }
    })
}

fn stage_name(record: Option<AttemptRecord>) -> &'static str {
    record.map_or("gone", |record| record.stage.as_str())
}

/// What is said on an attempt's page beside the attempt.
#[derive(Default)]
struct Shown {
    unsaved: Unsaved,
    done: Option<(String, &'static str)>,
}

async fn show(
    app: &App,
    visit: &Visit,
    sitting: &Sitting,
    shown: &Shown,
) -> Result<Response, Problem> {
    let Sitting { record, quiz } = sitting;
    let is_own = visit.session.as_ref().is_some_and(|session| session.person == record.learner);
    let face = commands::course_face(&app.desk.db, record.course).await.map_err(super::away)?;
    let learner = if is_own { None } else { Some(learner_of(app, visit, sitting).await?) };
    let mut page = attempt_page(visit, sitting, &face, learner, shown);
    page.corrections = correction::lines(app, visit, sitting, is_own).await?;
    if !is_own {
        let of = |question| format!("/marking/{}/{question}", record.id);
        for asked in page.questions.iter_mut().filter(|asked| is_marked(record, asked)) {
            asked.correct = Some(of(asked.question));
        }
    }
    let around = visit.page(quiz.title.clone());
    let around = if is_own {
        match &face.title {
            Some(title) => {
                around.crumb_in(face.language, format!("/courses/{}", record.course), title.clone())
            }
            None => around,
        }
    } else {
        let results = format!("/results/{}/{}", record.course, record.quiz);
        super::course_crumb(around, texts(visit), &face, record.course).crumb_in(
            face.language,
            results,
            quiz.title.clone(),
        )
    };
    let unsaved = &shown.unsaved;
    let around = around.with_errors_if(!unsaved.errors.is_empty());
    let around = if unsaved.is_overtaken { around.status(StatusCode::CONFLICT) } else { around };
    around.show(&page)
}

fn is_marked(record: &AttemptRecord, asked: &Asked) -> bool {
    record.hand_marks.contains_key(&asked.question)
}

/// The name, and where the other attempts of that learner are.
async fn learner_of(
    app: &App,
    visit: &Visit,
    sitting: &Sitting,
) -> Result<(String, String), Problem> {
    let AttemptRecord { learner, course, quiz, .. } = sitting.record;
    let people = store::people(&app.desk.db, &[learner]).await.map_err(super::away)?;
    let others = format!("/results/{course}/{quiz}?learner={learner}");
    Ok((name_of(texts(visit), people.get(&learner)), others))
}

fn attempt_page(
    visit: &Visit,
    sitting: &Sitting,
    face: &CourseFace,
    learner: Option<(String, String)>,
    shown: &Shown,
) -> AttemptPage {
    let t = texts(visit);
    let Sitting { record, quiz } = sitting;
    let mark = record.attempt(quiz).mark().cloned();
    let answers = shown.unsaved.over(sitting);
    let paper = Paper::of(sitting, &answers);
    let questions = asked::questions(t, &paper, mark.as_ref(), &shown.unsaved.errors);
    let errors = questions.iter().filter_map(Asked::error_link).collect();
    let is_awaited = matches!(record.stage, Stage::Submitted | Stage::AwaitingMarking);
    let seen = ui::fingerprint(record.stage.as_str());
    AttemptPage {
        t,
        attempt: record.id.0,
        quiz: record.quiz.0,
        title: quiz.title.clone(),
        language: foreign(visit, face.language),
        name: t.with("attempt-number", [("number", record.number.into())]),
        is_open: record.stage == Stage::InProgress && learner.is_none(),
        learner,
        done: shown.done.clone(),
        corrections: Vec::new(),
        counter: record.saved,
        live: is_awaited.then(|| format!("/attempts/{}/live?seen={seen}", record.id)),
        is_awaited,
        notice: notice(t, record.stage, mark.as_ref()),
        tone: tone(record.stage, mark.as_ref()),
        is_overtaken: shown.unsaved.is_overtaken,
        questions,
        errors,
    }
}

fn notice(t: Text, stage: Stage, mark: Option<&AttemptMark>) -> Option<String> {
    match (stage, mark) {
        (Stage::InProgress, _) => None,
        (Stage::Graded, Some(mark)) => Some(result(t, mark)),
        (Stage::AwaitingMarking, _) => Some(t.get("result-awaiting")),
        (Stage::Submitted | Stage::Graded, _) => Some(t.get("result-submitted")),
    }
}

/// What an attempt came to, in a sentence.
pub(super) fn result(t: Text, mark: &AttemptMark) -> String {
    let key = if mark.passed { "result-passed" } else { "result-failed" };
    let percent = ui::format_percent(mark.percent, t.language());
    let marks = marks(t, mark.mark, mark.out_of);
    t.with(key, [("marks", marks.into()), ("percent", percent.into())])
}

fn tone(stage: Stage, mark: Option<&AttemptMark>) -> &'static str {
    match (stage, mark) {
        (Stage::Graded, Some(mark)) if mark.passed => "right",
        (Stage::Graded, Some(_)) => "none",
        _ => "awaited",
    }
}
