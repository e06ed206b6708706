//! Attempts: start, see, save an answer, submit.

use axum::extract::State;
use event::{AttemptId, QuestionId, QuizId};
use serde::Serialize;
use ui::{Json, Path, Problem, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, in_words_of, viewer, views::AttemptView};
use crate::{
    commands,
    domain::{Answer, Stage},
};

/// Start an attempt, or go on with the one in progress.
#[utoipa::path(post, path = "/api/v1/quizzes/{quiz}/attempts", tag = "assessment",
    params(("quiz" = Uuid, Path)),
    responses((status = 200, body = AttemptView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn start(
    State(app): State<App>,
    session: Session,
    Path(quiz): Path<Uuid>,
) -> Result<Json<AttemptView>, Problem> {
    let started = commands::start(&app.desk, session.person, QuizId(quiz)).await;
    Ok(Json(started.map_err(in_words_of(session.language))?.into()))
}

/// One of my attempts; instructors and administrators see everyone's. Once it is graded, with marks,
/// verdicts and feedback.
#[utoipa::path(get, path = "/api/v1/attempts/{attempt}", tag = "assessment",
    params(("attempt" = Uuid, Path)),
    responses((status = 200, body = AttemptView), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(app): State<App>,
    session: Session,
    Path(attempt): Path<Uuid>,
) -> Result<Json<AttemptView>, Problem> {
    let sitting = commands::read(&app.desk, viewer(&session), AttemptId(attempt)).await;
    Ok(Json(sitting.map_err(in_words_of(session.language))?.into()))
}

/// An answer as it is kept now.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedView {
    attempt: Uuid,
    question: Uuid,
    state: Stage,
    /// None where a blank answer took back what was there.
    answer: Option<Answer>,
}

/// Save one answer, in the place of the one before; a blank one takes it back.
#[utoipa::path(put, path = "/api/v1/attempts/{attempt}/answers/{question}", tag = "assessment",
    params(("attempt" = Uuid, Path), ("question" = Uuid, Path)), request_body = Answer,
    responses((status = 200, body = SavedView), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn save(
    State(app): State<App>,
    session: Session,
    Path((attempt, question)): Path<(Uuid, Uuid)>,
    Json(answer): Json<Answer>,
) -> Result<Json<SavedView>, Problem> {
    let key = QuestionId(question);
    let saved = commands::save(&app.desk, session.person, AttemptId(attempt), key, answer).await;
    let mut record = saved.map_err(in_words_of(session.language))?.record;
    let answer = record.answers.remove(&key);
    Ok(Json(SavedView { attempt, question, state: record.stage, answer }))
}

/// Give the attempt in. Again changes nothing, and answers with what has become of it.
#[utoipa::path(post, path = "/api/v1/attempts/{attempt}/submit", tag = "assessment",
    params(("attempt" = Uuid, Path)),
    responses((status = 200, body = AttemptView), (status = 404, body = Problem)))]
pub(super) async fn submit(
    State(app): State<App>,
    session: Session,
    Path(attempt): Path<Uuid>,
) -> Result<Json<AttemptView>, Problem> {
    let sitting = commands::submit(&app.desk, session.person, AttemptId(attempt)).await;
    Ok(Json(sitting.map_err(in_words_of(session.language))?.into()))
}
