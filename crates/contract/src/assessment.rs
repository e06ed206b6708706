//! What `assessment` tells: attempts at quizzes, and their marks. Marks are decimals.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::{AttemptId, CourseId, PersonId, QuestionId, QuizId};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};

use crate::event;

/// A learner gave an attempt in: what was answered is a fact now, and travels with it, so that the
/// grader needs to look nothing up.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AttemptSubmitted {
    pub attempt: AttemptId,
    pub quiz: QuizId,
    /// The version of the quiz that was answered, and by which it is graded.
    pub quiz_version: u64,
    pub course: CourseId,
    /// Whose attempt it is.
    pub learner: PersonId,
    /// 1 for the learner's first attempt at this quiz.
    pub number: u32,
    /// When it was given in.
    pub submitted_at: DateTime<Utc>,
    /// As `assessment` defines answers; questions not answered are absent.
    #[schemars(with = "BTreeMap<QuestionId, serde_json::Value>")]
    pub answers: BTreeMap<QuestionId, GivenAnswer>,
}

/// An answer in `assessment`'s own JSON, which is kept as it was written: nobody else reads it, and the grader
/// does so once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenAnswer(Box<RawValue>);

impl GivenAnswer {
    /// # Errors
    /// When it does not serialise.
    pub fn of<A: Serialize>(answer: &A) -> Result<Self, serde_json::Error> {
        to_raw_value(answer).map(Self)
    }

    /// # Errors
    /// When it is no such answer.
    pub fn read<A: DeserializeOwned>(&self) -> Result<A, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl PartialEq for GivenAnswer {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// What a machine can grade is graded; a person must mark the rest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AttemptAwaitsMarking {
    pub attempt: AttemptId,
    pub quiz: QuizId,
    pub course: CourseId,
    /// Whose attempt it is.
    pub learner: PersonId,
    /// Questions that wait for a person.
    pub awaiting: Vec<QuestionId>,
    /// When the machine had graded what it can.
    pub at: DateTime<Utc>,
}

/// An attempt has its mark. A regrade raises the version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AttemptGraded {
    pub attempt: AttemptId,
    /// 1 for the first mark; a regrade raises it.
    pub version: u64,
    pub quiz: QuizId,
    pub course: CourseId,
    /// Whose attempt it is.
    pub learner: PersonId,
    /// 1 for the learner's first attempt at this quiz.
    pub number: u32,
    /// A decimal, written as text.
    pub mark: Decimal,
    /// The whole mark, a decimal written as text.
    pub out_of: Decimal,
    /// Whether it is enough.
    pub passed: bool,
    /// When the mark was given.
    pub graded_at: DateTime<Utc>,
}

event!(AttemptSubmitted, "assessment.attempt-submitted.v1", attempt);
event!(AttemptAwaitsMarking, "assessment.attempt-awaits-marking.v1", attempt);
event!(AttemptGraded, "assessment.attempt-graded.v1", attempt, version version);

/// What others hold copies of: the marks of graded attempts.
pub const MARKS: &str = "assessment.marks";

event::named! {
    /// What there is, for those who hold copies of it: one page.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct Digest(event::step::Digest) = "assessment.digest.v1";
    /// An answer to one follower: what it asked for and is not there.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesDisowned(event::step::Disowned) = "assessment.copies-disowned.v1";
}

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "assessment.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "assessment.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "assessment.export-part-ready.v1";
}
