//! Marking: what waits for a person, and the marks a person gives. For instructors and administrators.

use axum::extract::State;
use chrono::{DateTime, Utc};
use event::{AttemptId, QuestionId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Query, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, in_words_of, staff_only, viewer, views::AttemptView};
use crate::{
    commands::{self, Awaiting, Correction, GivenMark},
    domain::{Answer, Question, Text},
};

const USUAL_PAGE: u32 = 20;
const LARGEST_PAGE: u32 = 100;

#[derive(Deserialize)]
pub(super) struct Page {
    after: Option<Uuid>,
    limit: Option<u32>,
}

/// Attempts that wait for a person, in the order in which they were begun.
#[derive(Serialize, ToSchema)]
pub(super) struct MarkingView {
    attempts: Vec<AwaitingView>,
    /// Where the next page begins, if there may be one.
    next: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct AwaitingView {
    attempt: Uuid,
    quiz: Uuid,
    course: Uuid,
    learner: Uuid,
    title: String,
    number: u32,
    submitted_at: Option<DateTime<Utc>>,
    essays: Vec<EssayView>,
}

#[derive(Serialize, ToSchema)]
struct EssayView {
    question: Uuid,
    /// What was asked.
    text: Text,
    /// What was answered.
    essay: String,
    #[schema(value_type = String)]
    out_of: Decimal,
}

/// What waits for a person's marks.
#[utoipa::path(get, path = "/api/v1/marking", tag = "assessment",
    params(
        ("after" = Option<Uuid>, Query, description = "The `next` of the page before."),
        ("limit" = Option<u32>, Query, description = "At most 100; 20 if left out.")),
    responses((status = 200, body = MarkingView), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    session: Session,
    Query(page): Query<Page>,
) -> Result<Json<MarkingView>, Problem> {
    staff_only(&session)?;
    let viewer = viewer(&session);
    let limit = page.limit.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
    let waiting =
        commands::waiting(&app.desk, viewer, None, page.after.map(AttemptId), limit).await;
    let waiting = waiting.map_err(in_words_of(session.language))?;
    let attempts: Vec<AwaitingView> = waiting.iter().map(AwaitingView::from).collect();
    let is_full = u32::try_from(attempts.len()) == Ok(limit);
    let next = attempts.last().filter(|_| is_full).map(|last| last.attempt);
    Ok(Json(MarkingView { attempts, next }))
}

/// A person's mark for one essay.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewMark {
    /// A decimal in quotes, from 0 to what the question is out of: `"0.5"`.
    mark: String,
    comment: Option<String>,
    /// To put it in the place of a mark that was given: why, in 1 to 500 characters. It stays with the attempt,
    /// and the learner reads it.
    reason: Option<String>,
}

/// Mark an essay. With the last one the attempt is graded. The same mark again changes nothing. With a
/// reason, a mark that was given is corrected.
#[utoipa::path(put, path = "/api/v1/attempts/{attempt}/marks/{question}", tag = "assessment",
    params(("attempt" = Uuid, Path), ("question" = Uuid, Path)), request_body = NewMark,
    responses((status = 200, body = AttemptView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn mark(
    State(app): State<App>,
    session: Session,
    Path((attempt, question)): Path<(Uuid, Uuid)>,
    Json(new): Json<NewMark>,
) -> Result<Json<AttemptView>, Problem> {
    staff_only(&session)?;
    let (attempt, question) = (AttemptId(attempt), QuestionId(question));
    let given = GivenMark { question, mark: new.mark, comment: new.comment };
    let viewer = viewer(&session);
    let marked = match new.reason {
        None => commands::give_mark(&app.desk, viewer, attempt, given).await,
        Some(reason) => {
            let correction = Correction { given, reason, seen: None };
            commands::correct_mark(&app.desk, viewer, attempt, correction).await
        }
    };
    Ok(Json(marked.map_err(in_words_of(session.language))?.into()))
}

impl From<&Awaiting> for AwaitingView {
    fn from(awaiting: &Awaiting) -> Self {
        let record = &awaiting.sitting.record;
        let essay = |question: &Question| EssayView {
            question: question.id.0,
            text: question.content.text.clone(),
            essay: match record.answers.get(&question.id) {
                Some(Answer::Text { text }) => text.clone(),
                _ => String::new(),
            },
            out_of: question.out_of(),
        };
        Self {
            attempt: record.id.0,
            quiz: record.quiz.0,
            course: record.course.0,
            learner: record.learner.0,
            title: awaiting.sitting.quiz.title.clone(),
            number: record.number,
            submitted_at: record.submitted_at,
            essays: awaiting.questions().map(essay).collect(),
        }
    }
}
