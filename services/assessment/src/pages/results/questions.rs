//! How the questions of a quiz did: how many know each, and whom it tells apart.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{Language, QuizId};
use ui::{Html, Pager, Path, Problem, Text, Visit};
use uuid::Uuid;

use super::{
    super::{App, bank::snippet, figure, in_words, quiz::foreign, texts},
    around, ledger, nothing,
};
use crate::{
    commands,
    domain::{Question, QuestionStatistics},
};

/// Questions of one page.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/results/{course}/{quiz}/questions", get(questions))
}

#[derive(Template)]
#[template(path = "results_questions.html")]
struct QuestionsPage {
    t: Text,
    course: Uuid,
    quiz: Uuid,
    language: Option<Language>,
    sample: String,
    /// It asks nothing.
    is_empty: bool,
    questions: Vec<QuestionLine>,
    pager: Html,
}

struct QuestionLine {
    id: Uuid,
    number: String,
    text: String,
    attempts: String,
    facility: String,
    discrimination: String,
    advice: Option<String>,
}

async fn questions(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let ledger = ledger(&app, &visit, course, quiz).await?;
    let statistics = commands::statistics(&app.desk, QuizId(quiz)).await;
    let statistics = statistics.map_err(in_words(&visit))?;
    let asked: Vec<&Question> =
        ledger.quiz.questions.iter().filter(|question| !question.out_of().is_zero()).collect();
    let total = u64::try_from(asked.len()).unwrap_or(u64::MAX);
    let pager = Pager::counted(visit.page_number(), PER_PAGE as u32, total);
    let skipped = usize::try_from(pager.skipped(PER_PAGE as u32)).unwrap_or(usize::MAX);
    let line = |(place, question): (usize, &&Question)| {
        question_line(t, place, question, statistics.question(question.id))
    };
    let title = t.get("statistics-title");
    let shown = asked.iter().enumerate().skip(skipped).take(PER_PAGE);
    around(&visit, &ledger, title)
        .crumb_in(ledger.face.language, format!("/results/{course}/{quiz}"), &ledger.head.title)
        .show(&QuestionsPage {
            t,
            course,
            quiz,
            language: foreign(&visit, ledger.face.language),
            is_empty: asked.is_empty(),
            sample: t.with("statistics-sample", [("count", statistics.attempts().into())]),
            questions: shown.map(line).collect(),
            pager: pager.html(&visit),
        })
}

fn question_line(
    t: Text,
    place: usize,
    question: &Question,
    found: Option<QuestionStatistics>,
) -> QuestionLine {
    let attempts = found.map_or(0, |found| found.attempts);
    let discrimination = found.and_then(|found| found.discrimination);
    QuestionLine {
        id: question.id.0,
        number: t.with("question-number", [("number", (place + 1).into())]),
        text: snippet(&question.content),
        attempts: ui::format_number(attempts, t.language()),
        facility: found.map_or_else(nothing, |found| figure(t, found.facility)),
        discrimination: discrimination.map_or_else(nothing, |found| figure(t, found)),
        advice: advice(t, attempts, found.map(|found| found.facility), discrimination),
    }
}

/// What an author may want to look at; of a handful of attempts nothing follows.
fn advice(
    t: Text,
    attempts: u64,
    facility: Option<f64>,
    discrimination: Option<f64>,
) -> Option<String> {
    const ENOUGH: u64 = 10;
    let key = match (facility, discrimination) {
        _ if attempts < ENOUGH => return None,
        (_, Some(found)) if found < 0.0 => "advice-backwards",
        (Some(found), _) if found < 20.0 => "advice-hard",
        (Some(found), _) if found > 95.0 => "advice-easy",
        (_, Some(found)) if found < 20.0 => "advice-weak",
        _ => return None,
    };
    Some(t.get(key))
}
