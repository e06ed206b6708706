//! What `learning` tells: who takes which course, and how far.

use chrono::{DateTime, Utc};
use event::{AttemptId, CourseId, EnrolmentId, LessonId, MessageId, PersonId, QuizId};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event;

/// A seat is taken. Its version rises with each cancelling and enrolling again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LearnerEnrolled {
    pub enrolment: EnrolmentId,
    /// Rises with each cancelling and enrolling again.
    pub version: u64,
    /// Who took it.
    pub learner: PersonId,
    pub course: CourseId,
    /// When it was taken.
    pub enrolled_at: DateTime<Utc>,
}

/// A seat is given up; the learner may take it again later.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EnrolmentCancelled {
    pub enrolment: EnrolmentId,
    /// Rises with each cancelling and enrolling again.
    pub version: u64,
    /// Who gave it up.
    pub learner: PersonId,
    pub course: CourseId,
    /// When it was given up.
    pub cancelled_at: DateTime<Utc>,
}

/// A lesson was read for the first time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LessonRead {
    pub enrolment: EnrolmentId,
    /// Who read it.
    pub learner: PersonId,
    pub course: CourseId,
    pub lesson: LessonId,
    /// When it was read first.
    pub read_at: DateTime<Utc>,
}

/// All required lessons are read and all required quizzes passed. Once for an enrolment, whatever
/// the course becomes later.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseCompleted {
    pub enrolment: EnrolmentId,
    /// Who completed it.
    pub learner: PersonId,
    pub course: CourseId,
    /// The course's version that was completed.
    pub course_version: u64,
    /// When the learner enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// When the last thing that was asked for was done.
    pub completed_at: DateTime<Utc>,
    /// Estimated work of the lessons read and the quizzes passed.
    pub minutes: u32,
    /// How many of its lessons were read, required or not.
    pub lessons_read: u32,
    /// The best result at each quiz that was passed.
    pub results: Vec<QuizResult>,
}

/// The best result at one quiz.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QuizResult {
    pub quiz: QuizId,
    pub attempt: AttemptId,
    /// A decimal, written as text.
    pub mark: Decimal,
    /// The whole mark, a decimal written as text.
    pub out_of: Decimal,
}

/// An instructor wrote to all who have a seat in a course. Once for a message, however often it was
/// sent off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MessageSent {
    pub message: MessageId,
    /// Everybody who has a seat in it is told.
    pub course: CourseId,
    /// Who wrote it.
    pub author: PersonId,
    /// One line of plain text, in the language that the author chose.
    pub subject: String,
    /// Markdown.
    pub text: String,
    /// When it was sent off.
    pub sent_at: DateTime<Utc>,
}

event!(LearnerEnrolled, "learning.learner-enrolled.v1", enrolment, version version);
event!(EnrolmentCancelled, "learning.enrolment-cancelled.v1", enrolment, version version);
event!(LessonRead, "learning.lesson-read.v1", enrolment);
event!(CourseCompleted, "learning.course-completed.v1", enrolment);
event!(MessageSent, "learning.message-sent.v1", message);

event::one_of! {
    /// Whatever happens to a seat: what a copy of it follows.
    pub enum EnrolmentChange {
        Enrolled(LearnerEnrolled),
        Cancelled(EnrolmentCancelled),
    }
}

/// What others hold copies of: seats in courses.
pub const ENROLMENTS: &str = "learning.enrolments";

event::named! {
    /// What there is, for those who hold copies of it: one page.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct Digest(event::step::Digest) = "learning.digest.v1";
    /// An answer to one follower: what it asked for and is not there.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesDisowned(event::step::Disowned) = "learning.copies-disowned.v1";
}

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "learning.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "learning.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "learning.export-part-ready.v1";
}
