//! An attempt as it is kept: its answers and marks, and what it is an attempt at. Verdicts and
//! feedback are not kept; they follow from the quiz's version, the answers and the marks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::{AttemptId, CourseId, PersonId, QuestionId, QuizId};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Attempt, AttemptState, HandMark, Quiz, Writers, grade_attempt_with_hand_marks,
};

/// Where an attempt stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    InProgress,
    Submitted,
    AwaitingMarking,
    Graded,
}

impl Stage {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Submitted => "submitted",
            Self::AwaitingMarking => "awaiting_marking",
            Self::Graded => "graded",
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct AttemptRecord {
    pub id: AttemptId,
    pub quiz: QuizId,
    /// The version of the quiz that is answered, whatever the quiz becomes meanwhile.
    pub quiz_version: u64,
    pub course: CourseId,
    pub learner: PersonId,
    /// 1 for the learner's first attempt at this quiz.
    pub number: u32,
    pub stage: Stage,
    pub answers: BTreeMap<QuestionId, Answer>,
    pub hand_marks: BTreeMap<QuestionId, HandMark>,
    pub started_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub graded_at: Option<DateTime<Utc>>,
    /// The counter of what was saved last; what says nothing but an older one comes too late.
    pub saved: u64,
    /// The pages that know each answer as it is saved.
    pub writers: BTreeMap<QuestionId, Writers>,
    /// How often it was given a mark.
    pub version: u64,
}

impl AttemptRecord {
    /// The attempt, by the version of the quiz that it answers.
    #[must_use]
    pub fn attempt(&self, quiz: &Quiz) -> Attempt {
        let mark = || grade_attempt_with_hand_marks(quiz, &self.answers, &self.hand_marks);
        let state = match (self.stage, self.submitted_at) {
            (Stage::InProgress, _) | (_, None) => AttemptState::InProgress,
            (Stage::Submitted, Some(submitted_at)) => AttemptState::Submitted { submitted_at },
            (Stage::AwaitingMarking, Some(submitted_at)) => {
                AttemptState::AwaitingMarking { submitted_at, mark: mark() }
            }
            (Stage::Graded, Some(submitted_at)) => AttemptState::Graded {
                submitted_at,
                graded_at: self.graded_at.unwrap_or(submitted_at),
                mark: mark(),
            },
        };
        Attempt {
            id: self.id,
            quiz: self.quiz,
            learner: self.learner,
            answers: self.answers.clone(),
            hand_marks: self.hand_marks.clone(),
            state,
            started_at: self.started_at,
        }
    }

    /// The order in which this attempt shows what may stand in any order.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.id.0.as_u64_pair().1
    }
}
