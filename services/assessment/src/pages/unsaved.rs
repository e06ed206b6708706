//! What was sent and is not saved: it stays where it was typed, with the reason beside it.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use event::QuestionId;
use serde::Serialize;
use ui::Text;

use super::{asked, filled};
use crate::{
    commands::{Saved, Sitting},
    domain::{Answer, Change, Question, Seen},
};

/// Answers that are not saved, for the page that shows them again.
#[derive(Default)]
pub(super) struct Unsaved {
    typed: BTreeMap<QuestionId, Answer>,
    /// Why, in the reader's language.
    pub(super) errors: BTreeMap<QuestionId, String>,
    /// Whether something else was saved meanwhile in the place of one.
    pub(super) is_overtaken: bool,
}

impl Unsaved {
    pub(super) fn of(t: Text, saved: &Saved, sent: Vec<Change>) -> Self {
        let mut errors = refusals(t, saved);
        for question in &saved.merged.overtaken {
            let overtaken = overtaken(t, &saved.sitting, *question);
            errors.insert(*question, format!("{overtaken} {}", t.get("answer-keep")));
        }
        let typed = sent.into_iter().filter(|change| errors.contains_key(&change.question));
        let typed = typed.map(|change| (change.question, change.answer)).collect();
        Self { typed, errors, is_overtaken: !saved.merged.overtaken.is_empty() }
    }

    /// The answers to show: what was typed in the place of what is saved.
    pub(super) fn over(&self, sitting: &Sitting) -> BTreeMap<QuestionId, Answer> {
        let mut shown = sitting.record.answers.clone();
        shown.extend(self.typed.clone());
        shown
    }
}

/// What a script is told: what is not saved, and why. The rest is.
#[derive(Serialize)]
struct Told {
    status: u16,
    detail: String,
    /// Says that whatever is not named here is saved.
    rest: &'static str,
    errors: Vec<ToldError>,
}

#[derive(Serialize)]
struct ToldError {
    /// The id of the question on the page.
    field: String,
    detail: String,
    /// What was saved meanwhile in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<ToldAnswer>,
}

/// An answer as it stands in the form, and what the page may say then that it knows of it.
#[derive(Serialize)]
struct ToldAnswer {
    seen: String,
    values: Vec<(String, String)>,
}

/// 204 if all of it is saved; else 422, or 409 if something else was saved meanwhile.
pub(super) fn tell(t: Text, saved: &Saved) -> Response {
    let refusals = refusals(t, saved);
    let refused = refusals.into_iter().map(|(question, detail)| ToldError {
        field: filled::field(question),
        detail,
        saved: None,
    });
    let overtaken = saved.merged.overtaken.iter().map(|question| ToldError {
        field: filled::field(*question),
        detail: overtaken(t, &saved.sitting, *question),
        saved: Some(told_answer(&saved.sitting, *question)),
    });
    let errors: Vec<ToldError> = refused.chain(overtaken).collect();
    if errors.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let is_overtaken = errors.iter().any(|error| error.saved.is_some());
    let status = if is_overtaken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let detail = t.get("attempt-errors");
    let told = Told { status: status.as_u16(), detail, rest: "saved", errors };
    let mut response = (status, Json(told)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn refusals(t: Text, saved: &Saved) -> BTreeMap<QuestionId, String> {
    let refused = saved.merged.refused.iter();
    refused.map(|(question, reason)| (*question, asked::in_words(t, reason))).collect()
}

/// What was saved meanwhile, in words.
fn overtaken(t: Text, sitting: &Sitting, question: QuestionId) -> String {
    let Some((question, answer)) = saved_answer(sitting, question) else {
        return t.get("answer-taken-back");
    };
    let answer = asked::in_short(t, question, answer);
    t.with("answer-overtaken", [("answer", answer.into())])
}

fn told_answer(sitting: &Sitting, question: QuestionId) -> ToldAnswer {
    let saved = saved_answer(sitting, question);
    let values =
        saved.map(|(question, answer)| filled::fields(question, sitting.record.seed(), answer));
    let seen = Seen::mark(saved.map(|(_, answer)| answer));
    ToldAnswer { seen, values: values.unwrap_or_default() }
}

fn saved_answer(sitting: &Sitting, question: QuestionId) -> Option<(&Question, &Answer)> {
    let answer = sitting.record.answers.get(&question)?;
    Some((sitting.quiz.question(question)?, answer))
}
