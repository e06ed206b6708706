//! Trying a quiz as a learner sees it. Graded on the spot by the same rules, and nothing is kept.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{CourseId, Language, QuestionId, QuizId};
use ui::{Answers, Html, Path, Problem, Submitted, Text, Visit, titled};
use uuid::Uuid;

use super::{
    super::{
        App, asked,
        asked::{Asked, Paper},
        attempt::result,
        filled, in_words,
        quiz::foreign,
        teacher, texts,
    },
    address, around,
};
use crate::{
    commands::{self, Draft},
    domain::{Answer, AttemptMark, AttemptRefused, grade_attempt},
};

/// The order of what may stand in any order: a trial has no attempt to take it from.
const SEED: u64 = 1;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/question-bank/{course}/{quiz}/try", get(begin).post(grade))
}

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialPage {
    t: Text,
    address: String,
    title: Html,
    language: Option<Language>,
    is_open: bool,
    notice: Option<String>,
    tone: &'static str,
    questions: Vec<Asked>,
    errors: Vec<(String, String)>,
}

async fn open(app: &App, visit: &Visit, course: Uuid, quiz: Uuid) -> Result<Draft, Problem> {
    let (_, viewer) = teacher(visit)?;
    let draft = commands::draft(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    draft.map_err(in_words(visit))
}

async fn begin(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let draft = open(&app, &visit, course, quiz).await?;
    show(&visit, &draft, &BTreeMap::new(), None, &BTreeMap::new())
}

async fn grade(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Submitted(fields): Submitted<Answers>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let draft = open(&app, &visit, course, quiz).await?;
    let answers: BTreeMap<QuestionId, Answer> =
        filled::answers(&draft.quiz, SEED, &fields.0).into_iter().collect();
    let refused: BTreeMap<QuestionId, String> = draft
        .quiz
        .questions
        .iter()
        .filter_map(|question| {
            let refused = answers.get(&question.id)?.validate(question).err()?;
            Some((question.id, asked::in_words(t, &AttemptRefused::Answer(refused))))
        })
        .collect();
    if !refused.is_empty() {
        return show(&visit, &draft, &answers, None, &refused);
    }
    let mark = grade_attempt(&draft.quiz, &answers);
    show(&visit, &draft, &answers, Some(&mark), &refused)
}

fn show(
    visit: &Visit,
    draft: &Draft,
    answers: &BTreeMap<QuestionId, Answer>,
    mark: Option<&AttemptMark>,
    refused: &BTreeMap<QuestionId, String>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let paper =
        Paper { quiz: &draft.quiz, answers, saved: None, seed: SEED, is_open: mark.is_none() };
    let questions = asked::questions(t, &paper, mark, refused);
    let errors = questions.iter().filter_map(Asked::error_link).collect();
    let (title, language) = (draft.head.title.as_str(), draft.face.language);
    let trying = |title: String| t.with("trial-title", [("title", title.into())]);
    let page = around(visit, draft, trying(title.to_owned()));
    page.with_errors_if(!refused.is_empty()).show(&TrialPage {
        t,
        address: address(draft),
        title: t.mark(&trying(titled(title)), language),
        language: foreign(visit, language),
        is_open: mark.is_none(),
        notice: mark.map(|mark| in_short(t, mark)),
        tone: match mark {
            Some(mark) if mark.passed => "right",
            Some(mark) if mark.awaiting.is_empty() => "none",
            _ => "awaited",
        },
        questions,
        errors,
    })
}

fn in_short(t: Text, mark: &AttemptMark) -> String {
    if mark.awaiting.is_empty() {
        return result(t, mark);
    }
    let marks = super::super::marks(t, mark.mark, mark.out_of);
    t.with("trial-awaiting", [("marks", marks.into()), ("count", mark.awaiting.len().into())])
}
