//! A quiz before it is taken: what it asks for, what was done so far, and the button that begins.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{Redirect, Response},
    routing::{get, post},
};
use event::{Language, QuizId};
use ui::{Html, Path, Problem, Text, Visit};
use uuid::Uuid;

use super::{App, away, in_words, marks, percent, state_of, texts};
use crate::{
    api::viewer,
    commands::{self, Overview},
    domain::{Kind, Question, Stage},
    store::{self, AttemptLine},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/quizzes/{quiz}", get(quiz))
        .route("/quizzes/{quiz}/attempts", post(start))
        .route("/quizzes/{quiz}/live", get(live))
}

#[derive(Template)]
#[template(path = "quiz.html")]
struct QuizPage {
    t: Text,
    quiz: Uuid,
    course: Uuid,
    title: String,
    /// Of the quiz, where it is not the page's.
    language: Option<Language>,
    facts: Vec<(String, String)>,
    /// What to know before one begins; none where there is nothing to begin.
    hint: Option<String>,
    start: Start,
    attempts: Vec<Line>,
    /// Where the browser hears that something has changed.
    live: String,
}

/// What the learner can do.
enum Start {
    /// What the button says.
    Open(String),
    NotEnrolled,
    NothingAsked,
    UsedUp,
    /// Who teaches the course tries it; nothing of that is kept.
    Try,
    /// Who teaches the course writes its questions.
    Write,
}

struct Line {
    attempt: Uuid,
    name: String,
    when: Option<Html>,
    state: String,
    tone: &'static str,
    marks: Option<String>,
}

async fn quiz(
    State(app): State<App>,
    visit: Visit,
    Path(quiz): Path<Uuid>,
) -> Result<Response, Problem> {
    let viewer = viewer(visit.session()?);
    // Read before the rest, so that what comes in between is told.
    let state = store::quiz_state(&app.desk.db, QuizId(quiz), viewer.person).await.map_err(away)?;
    let live = format!("/quizzes/{quiz}/live?seen={}", ui::fingerprint(state));
    let overview = commands::overview(&app.desk, viewer, QuizId(quiz)).await;
    let overview = overview.map_err(in_words(&visit))?;
    let page = visit.page(overview.head.title.clone());
    let page = match &overview.face.title {
        Some(title) => {
            let course = format!("/courses/{}", overview.head.course);
            page.crumb_in(overview.face.language, course, title.clone())
        }
        None => page,
    };
    page.show(&quiz_page(&visit, overview, live))
}

fn quiz_page(visit: &Visit, overview: Overview, live: String) -> QuizPage {
    let t = texts(visit);
    QuizPage {
        t,
        quiz: overview.head.quiz.0,
        course: overview.head.course.0,
        title: overview.head.title.clone(),
        language: foreign(visit, overview.face.language),
        facts: facts(t, &overview),
        hint: hint(t, &overview),
        start: start_of(t, &overview),
        attempts: overview.attempts.iter().map(|line| line_of(visit, t, line)).collect(),
        live,
    }
}

fn hint(t: Text, overview: &Overview) -> Option<String> {
    if overview.quiz.out_of().is_zero() {
        return None;
    }
    let is_essay = |one: &Question| one.content.kind == Kind::Essay;
    let saved = t.get("quiz-saved-hint");
    let has_essays = overview.quiz.questions.iter().any(is_essay);
    Some(if has_essays { format!("{saved} {}", t.get("quiz-essays-hint")) } else { saved })
}

/// The language of what is shown, if it is another than the page's.
pub(super) fn foreign(visit: &Visit, language: Language) -> Option<Language> {
    (language != visit.language).then_some(language)
}

/// What to know before one begins: names and values.
fn facts(t: Text, overview: &Overview) -> Vec<(String, String)> {
    let Overview { head, quiz, attempts, face, .. } = overview;
    let asked = quiz.questions.iter().filter(|question| !question.out_of().is_zero()).count();
    let made = attempts.first().map_or(0, |newest| newest.number);
    let mut facts = vec![
        (t.get("quiz-questions"), t.with("questions-count", [("count", asked.into())])),
        (t.get("quiz-pass"), t.with("quiz-pass-mark", [("percent", head.pass_percent.into())])),
        (
            t.get("quiz-tries"),
            match head.max_attempts {
                None => t.with("tries-free", [("made", made.into())]),
                Some(limit) => {
                    let left = limit.saturating_sub(made);
                    t.with("tries-left", [("left", left.into()), ("limit", limit.into())])
                }
            },
        ),
    ];
    let place = face.places.iter().find(|place| place.quiz == head.quiz);
    if let Some(minutes) = place.and_then(|place| place.minutes).filter(|minutes| *minutes > 0) {
        facts.push((t.get("quiz-time"), t.with("quiz-minutes", [("count", minutes.into())])));
    }
    facts
}

fn start_of(t: Text, overview: &Overview) -> Start {
    let Overview { head, quiz, attempts, is_enrolled, teaches, .. } = overview;
    let is_open = attempts.iter().any(|line| line.stage == Stage::InProgress);
    let made = attempts.first().map_or(0, |newest| newest.number);
    if is_open {
        return Start::Open(t.get("quiz-resume"));
    }
    if quiz.out_of().is_zero() {
        return if *teaches { Start::Write } else { Start::NothingAsked };
    }
    if !is_enrolled {
        return if *teaches { Start::Try } else { Start::NotEnrolled };
    }
    if head.max_attempts.is_some_and(|limit| made >= limit) {
        return Start::UsedUp;
    }
    Start::Open(t.get(if attempts.is_empty() { "quiz-start" } else { "quiz-again" }))
}

fn line_of(visit: &Visit, t: Text, line: &AttemptLine) -> Line {
    let (state, tone) = state_of(t, line.stage, line.passed);
    let result = match (line.stage, line.mark, line.out_of) {
        (Stage::Graded, Some(mark), Some(out_of)) => {
            Some(format!("{} · {}", marks(t, mark, out_of), percent(t, mark, out_of)))
        }
        _ => None,
    };
    Line {
        attempt: line.attempt.0,
        name: t.with("attempt-number", [("number", line.number.into())]),
        when: line.submitted_at.map(|at| visit.moment(at)),
        state,
        tone,
        marks: result,
    }
}

/// Says when the quiz or the seat arrives for which a learner waits, and when an attempt is graded.
async fn live(
    State(app): State<App>,
    visit: Visit,
    Path(quiz): Path<Uuid>,
) -> Result<Response, Problem> {
    let learner = visit.session()?.person;
    let db = app.desk.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { store::quiz_state(&db, QuizId(quiz), learner).await }
    })
}

async fn start(
    State(app): State<App>,
    visit: Visit,
    Path(quiz): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let person = visit.session()?.person;
    let started = commands::start(&app.desk, person, QuizId(quiz)).await;
    let attempt = started.map_err(in_words(&visit))?.record.id;
    Ok(Redirect::to(&format!("/attempts/{attempt}")))
}
