//! The rules: what a question is, what an answer to it is worth, and what an attempt may do next.
//!
//! Everything here is pure. The time is passed in, marks are decimals, and whatever a learner sends
//! is checked against its question before it is kept.

mod answer;
mod attempt;
mod change;
mod edit;
mod grading;
mod number;
mod people;
mod question;
mod quiz;
mod record;
mod results;
mod statistics;
mod view;

pub use answer::{
    Answer, AnswerRefused, LONGEST_ESSAY, LONGEST_NUMBER, LONGEST_SHORT_ANSWER, MatchPair,
};
pub use attempt::{Attempt, AttemptRefused, AttemptState, NextAttempt, Submission, next_attempt};
pub use change::{Change, Merged, Seen, Sender, Writers};
pub use edit::{Direction, EditRefused};
pub use grading::{Graded, Verdict, grade};
pub use number::parse_number;
pub(crate) use people::fold;
pub use question::{
    AcceptedNumber, AcceptedText, Choice, Format, Kind, NumberPattern, Pair, Question,
    QuestionContent, Text, Weight, WeightOutOfRange, identify,
};
pub use quiz::{
    AttemptMark, Decided, HandMark, Quiz, QuizRefused, grade_attempt, grade_attempt_with_hand_marks,
};
pub(crate) use quiz::{percent, rounded};
pub use record::{AttemptRecord, Stage};
pub(crate) use results::{ResultQuery, Shown, Sort};
pub use statistics::{QuestionStatistics, Statistics};
pub use view::{ChoiceView, KindView, QuestionView};
