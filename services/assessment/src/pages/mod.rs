//! The pages of `assessment`: a quiz before it is taken, and an attempt while it is taken, while it
//! is graded, and with its result. They work without JavaScript.

mod asked;
mod filled;
mod rich;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{AttemptId, QuestionId, QuizId};
use ui::{Path, Problem, Session, Submitted, Text, Visit};
use uuid::Uuid;

use crate::{
    TEXTS,
    api::{App, viewer},
    commands::{self, Overview, Refusal, Sitting},
    domain::{Answer, AttemptMark, AttemptRefused, Stage},
    store::AttemptLine,
};
use asked::Asked;

/// Seconds after which the page looks whether the grader is done.
const REFRESH: HeaderValue = HeaderValue::from_static("2");

/// Answers that do not fit, and why.
type Refused = BTreeMap<QuestionId, AttemptRefused>;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/quizzes/{quiz}", get(quiz))
        .route("/quizzes/{quiz}/attempts", post(start))
        .route("/attempts/{attempt}", get(attempt).post(give))
        .with_state(app)
}

#[derive(Template)]
#[template(path = "quiz.html")]
struct QuizPage {
    t: Text,
    quiz: Uuid,
    course: Uuid,
    title: String,
    facts: String,
    limit: Option<String>,
    /// What the button says; none where no attempt is left.
    start: Option<String>,
    attempts: Vec<Line>,
}

struct Line {
    attempt: Uuid,
    name: String,
    state: String,
}

async fn quiz(
    State(app): State<App>,
    visit: Visit,
    Path(quiz): Path<Uuid>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let overview = commands::overview(&app.desk, session.person, QuizId(quiz)).await;
    let overview = overview.map_err(in_words_of(session))?;
    let t = Text::new(&TEXTS, visit.language);
    visit.page(overview.head.title.clone()).show(&quiz_page(t, overview))
}

fn quiz_page(t: Text, overview: Overview) -> QuizPage {
    let Overview { head, quiz, attempts } = overview;
    let asked = quiz.questions.iter().filter(|question| !question.out_of().is_zero()).count();
    let is_open = attempts.iter().any(|line| line.stage == Stage::InProgress);
    let so_far = attempts.first().map_or(0, |newest| newest.number);
    let is_used_up = head.max_attempts.is_some_and(|limit| so_far >= limit);
    let key = match (is_open, attempts.is_empty()) {
        (true, _) => "quiz-resume",
        (false, true) => "quiz-start",
        (false, false) => "quiz-again",
    };
    QuizPage {
        t,
        quiz: head.quiz.0,
        course: head.course.0,
        title: head.title,
        facts: t
            .with("quiz-facts", [("count", asked.into()), ("percent", head.pass_percent.into())]),
        limit: head.max_attempts.map(|limit| t.with("quiz-limit", [("count", limit.into())])),
        start: (is_open || !is_used_up).then(|| t.get(key)),
        attempts: attempts.iter().map(|line| line_of(t, line)).collect(),
    }
}

fn line_of(t: Text, line: &AttemptLine) -> Line {
    let state = match (line.stage, line.mark, line.out_of) {
        (Stage::Graded, Some(mark), Some(out_of)) => {
            let verdict =
                if line.passed == Some(true) { "attempt-passed" } else { "attempt-failed" };
            format!("{} · {}", marks(t, mark, out_of), t.get(verdict))
        }
        (stage, _, _) => t.get(state_key(stage)),
    };
    let name = t.with("attempt-number", [("number", line.number.into())]);
    Line { attempt: line.attempt.0, name, state }
}

/// `17.5 / 20`, as the reader writes numbers.
fn marks(t: Text, mark: rust_decimal::Decimal, out_of: rust_decimal::Decimal) -> String {
    let number = |number| ui::format_number(number, t.language());
    t.with("marks", [("mark", number(mark).into()), ("outof", number(out_of).into())])
}

fn state_key(stage: Stage) -> &'static str {
    match stage {
        Stage::InProgress => "attempt-in-progress",
        Stage::Submitted => "attempt-submitted",
        Stage::AwaitingMarking => "attempt-awaiting",
        Stage::Graded => "attempt-graded",
    }
}

async fn start(
    State(app): State<App>,
    visit: Visit,
    Path(quiz): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let session = visit.session()?;
    let started = commands::start(&app.desk, session.person, QuizId(quiz)).await;
    let attempt = started.map_err(in_words_of(session))?.record.id;
    Ok(Redirect::to(&format!("/attempts/{attempt}")))
}

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    t: Text,
    attempt: Uuid,
    quiz: Uuid,
    title: String,
    name: String,
    is_open: bool,
    /// Given in, and without its whole mark.
    is_awaited: bool,
    /// What has become of it, once it is given in.
    notice: Option<String>,
    /// The notice's class in the style sheet.
    tone: &'static str,
    questions: Vec<Asked>,
    errors: Vec<(String, String)>,
}

async fn attempt(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let sitting = commands::read(&app.desk, viewer(session), AttemptId(attempt)).await;
    let sitting = sitting.map_err(in_words_of(session))?;
    show(&visit, &sitting, &Refused::new())
}

/// What was sent is saved; where it was sent by the second button and all of it fits, it is submitted.
async fn give(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Submitted(fields): Submitted<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let words = in_words_of(session);
    let (learner, attempt) = (session.person, AttemptId(attempt));
    let sitting = commands::read(&app.desk, commands::Viewer::Learner(learner), attempt).await;
    let sitting = sitting.map_err(&words)?;
    let back = Redirect::to(&format!("/attempts/{attempt}"));
    if sitting.record.stage != Stage::InProgress {
        return Ok(back.into_response());
    }
    let answers = filled::answers(&sitting.quiz, sitting.record.seed(), &fields);
    let typed: BTreeMap<QuestionId, Answer> = answers.iter().cloned().collect();
    let saved = commands::save_all(&app.desk, learner, attempt, answers).await.map_err(&words)?;
    if !saved.refused.is_empty() {
        let (mut sitting, refused) = (saved.sitting, saved.refused.into_iter().collect());
        // What does not fit is not saved, but it stays in its field to be corrected.
        sitting.record.answers.extend(typed.into_iter().filter(is_in(&refused)));
        return show(&visit, &sitting, &refused);
    }
    if filled::is_submit(&fields) {
        commands::submit(&app.desk, learner, attempt).await.map_err(&words)?;
    }
    Ok(back.into_response())
}

fn is_in(refused: &Refused) -> impl Fn(&(QuestionId, Answer)) -> bool {
    |(question, _)| refused.contains_key(question)
}

fn show(visit: &Visit, sitting: &Sitting, refused: &Refused) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let Sitting { record, quiz } = sitting;
    let is_own = visit.session.as_ref().is_some_and(|session| session.person == record.learner);
    let mark = record.attempt(quiz).mark().cloned();
    let questions = asked::questions(t, sitting, mark.as_ref(), refused);
    let errors = questions.iter().filter_map(Asked::error_link).collect();
    let page = AttemptPage {
        t,
        attempt: record.id.0,
        quiz: record.quiz.0,
        title: quiz.title.clone(),
        name: t.with("attempt-number", [("number", record.number.into())]),
        is_open: record.stage == Stage::InProgress && is_own,
        is_awaited: matches!(record.stage, Stage::Submitted | Stage::AwaitingMarking),
        notice: notice(t, record.stage, mark.as_ref()),
        tone: tone(record.stage, mark.as_ref()),
        questions,
        errors,
    };
    let around = visit.page(quiz.title.clone());
    let around = if refused.is_empty() { around } else { around.with_errors() };
    let mut shown = around.show(&page)?;
    if record.stage == Stage::Submitted {
        shown.headers_mut().insert(HeaderName::from_static("refresh"), REFRESH);
    }
    Ok(shown)
}

fn notice(t: Text, stage: Stage, mark: Option<&AttemptMark>) -> Option<String> {
    match (stage, mark) {
        (Stage::InProgress, _) => None,
        (Stage::Graded, Some(mark)) => {
            let key = if mark.passed { "result-passed" } else { "result-failed" };
            let percent = ui::format_percent(mark.percent, t.language());
            let marks = marks(t, mark.mark, mark.out_of);
            Some(t.with(key, [("marks", marks.into()), ("percent", percent.into())]))
        }
        (Stage::AwaitingMarking, _) => Some(t.get("result-awaiting")),
        (Stage::Submitted | Stage::Graded, _) => Some(t.get("result-submitted")),
    }
}

fn tone(stage: Stage, mark: Option<&AttemptMark>) -> &'static str {
    match (stage, mark) {
        (Stage::Graded, Some(mark)) if mark.passed => "right",
        (Stage::Graded, Some(_)) => "none",
        _ => "awaited",
    }
}

fn in_words_of(session: &Session) -> impl Fn(Refusal) -> Problem + use<> {
    let language = session.language;
    move |refusal| refusal.problem(language)
}
