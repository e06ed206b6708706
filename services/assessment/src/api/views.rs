//! What the API shows of an attempt: to whoever takes it never more than is asked, until it is
//! graded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::QuestionId;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    commands::Sitting,
    domain::{Answer, AttemptMark, Graded, QuestionView, Stage},
};

/// An attempt at a quiz.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptView {
    attempt: Uuid,
    quiz: Uuid,
    quiz_version: u64,
    course: Uuid,
    learner: Uuid,
    title: String,
    /// 1 for the learner's first attempt at this quiz.
    number: u32,
    state: Stage,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    graded_at: Option<DateTime<Utc>>,
    questions: Vec<QuestionView>,
    /// By question.
    #[schema(value_type = BTreeMap<String, Answer>)]
    answers: BTreeMap<QuestionId, Answer>,
    /// Once a machine has graded it, whether or not a person still has to mark the rest.
    result: Option<ResultView>,
}

/// Marks are decimals in quotes. Texts are as their author wrote them: clean what is HTML before
/// showing it.
#[derive(Serialize, ToSchema)]
struct ResultView {
    #[schema(value_type = String)]
    mark: Decimal,
    #[schema(value_type = String)]
    out_of: Decimal,
    #[schema(value_type = String)]
    percent: Decimal,
    passed: bool,
    /// Questions that wait for a person.
    #[schema(value_type = Vec<Uuid>)]
    awaiting: Vec<QuestionId>,
    /// By question.
    #[schema(value_type = BTreeMap<String, Graded>)]
    questions: BTreeMap<QuestionId, Graded>,
}

impl From<Sitting> for AttemptView {
    fn from(sitting: Sitting) -> Self {
        let Sitting { record, quiz } = sitting;
        let seed = record.seed();
        Self {
            attempt: record.id.0,
            quiz: record.quiz.0,
            quiz_version: record.quiz_version,
            course: record.course.0,
            learner: record.learner.0,
            title: quiz.title.clone(),
            number: record.number,
            state: record.stage,
            started_at: record.started_at,
            submitted_at: record.submitted_at,
            graded_at: record.graded_at,
            questions: quiz.questions.iter().map(|question| question.view(seed)).collect(),
            result: record.attempt(&quiz).mark().cloned().map(ResultView::from),
            answers: record.answers,
        }
    }
}

impl From<AttemptMark> for ResultView {
    fn from(mark: AttemptMark) -> Self {
        Self {
            mark: mark.mark,
            out_of: mark.out_of,
            percent: mark.percent,
            passed: mark.passed,
            awaiting: mark.awaiting,
            questions: mark.per_question,
        }
    }
}
