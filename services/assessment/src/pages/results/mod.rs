//! What came of a course's quizzes: the totals of each here, and of one every attempt, the same as a file, and how
//! the questions did.

mod attempts;
mod questions;
mod sheet;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{CourseId, Language, QuizId};
use ui::{CourseTabs, Path, Problem, Text, Visit};
use uuid::Uuid;

use super::{
    App, awaited, away, bank::waiting, course_crumb, course_title, figure, in_words, percent,
    quiz::foreign, teacher, texts,
};
use crate::{
    commands::{self, Ledger, Refusal},
    store::{self, QuizHead, QuizTotals},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/results/{course}", get(course))
        .merge(attempts::routes())
        .merge(questions::routes())
        .merge(sheet::routes())
}

#[derive(Template)]
#[template(path = "results.html")]
struct CoursePage {
    t: Text,
    course: Uuid,
    course_title: String,
    language: Option<Language>,
    /// Attempts that wait for marks, in words.
    waiting: Option<String>,
    quizzes: Vec<QuizLine>,
}

struct QuizLine {
    quiz: Uuid,
    title: String,
    learners: String,
    attempts: String,
    mean: String,
    passed: String,
    /// Where some wait for marks.
    awaiting: Option<String>,
}

async fn course(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let t = texts(&visit);
    let bank = match commands::bank(&app.desk, viewer, CourseId(course)).await {
        Err(Refusal::CourseUnheard) => {
            return awaited(&visit, course, (CourseTabs::Results, "results-title"));
        }
        bank => bank.map_err(in_words(&visit))?,
    };
    let totals = store::totals_of(&app.desk.db, CourseId(course)).await.map_err(away)?;
    let line = |(head, _): &(QuizHead, _)| {
        let total = totals.iter().find(|total| total.quiz == head.quiz.0);
        quiz_line(t, head, total)
    };
    let around = course_crumb(visit.page(t.get("results-title")), t, &bank.face, CourseId(course));
    around.tabs(CourseTabs::Results.of(&visit, course)).show(&CoursePage {
        t,
        course,
        course_title: course_title(t, &bank.face),
        language: foreign(&visit, bank.face.language),
        waiting: waiting(t, bank.waiting),
        quizzes: bank.quizzes.iter().map(line).collect(),
    })
}

fn quiz_line(t: Text, head: &QuizHead, total: Option<&QuizTotals>) -> QuizLine {
    let number =
        |count: fn(&QuizTotals) -> i64| ui::format_number(total.map_or(0, count), t.language());
    QuizLine {
        quiz: head.quiz.0,
        title: head.title.clone(),
        learners: number(|total| total.learners),
        attempts: number(|total| total.attempts),
        mean: mean_of(t, total),
        passed: passed_of(t, total),
        awaiting: total
            .filter(|total| total.awaiting > 0)
            .map(|total| t.with("results-to-mark", [("count", total.awaiting.into())])),
    }
}

fn mean_of(t: Text, total: Option<&QuizTotals>) -> String {
    total.and_then(|total| total.mean_percent).map_or_else(nothing, |mean| figure(t, mean))
}

fn passed_of(t: Text, total: Option<&QuizTotals>) -> String {
    match total {
        Some(total) if total.graded > 0 => percent(t, total.passed.into(), total.graded.into()),
        _ => nothing(),
    }
}

fn nothing() -> String {
    "–".to_owned()
}

async fn ledger(app: &App, visit: &Visit, course: Uuid, quiz: Uuid) -> Result<Ledger, Problem> {
    let (_, viewer) = teacher(visit)?;
    let ledger = commands::ledger(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    ledger.map_err(in_words(visit))
}

/// A page of a quiz's results.
fn around<'a>(visit: &'a Visit, ledger: &Ledger, title: String) -> ui::Page<'a> {
    let (t, course) = (texts(visit), ledger.head.course);
    course_crumb(visit.page(title), t, &ledger.face, course)
        .crumb(format!("/results/{course}"), t.get("results-title"))
        .tabs(CourseTabs::Results.of(visit, course))
}
