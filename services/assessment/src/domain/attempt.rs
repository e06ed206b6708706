//! One try of one learner at one quiz: in progress, submitted, then graded, or first waiting for
//! a person to mark its essays.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::{AttemptId, PersonId, QuestionId, QuizId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Answer, AnswerRefused, AttemptMark, HandMark, Quiz, grade_attempt_with_hand_marks};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub quiz: QuizId,
    pub learner: PersonId,
    pub answers: BTreeMap<QuestionId, Answer>,
    pub hand_marks: BTreeMap<QuestionId, HandMark>,
    pub state: AttemptState,
    pub started_at: DateTime<Utc>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AttemptState {
    InProgress,
    Submitted {
        submitted_at: DateTime<Utc>,
    },
    AwaitingMarking {
        submitted_at: DateTime<Utc>,
        mark: AttemptMark,
    },
    Graded {
        submitted_at: DateTime<Utc>,
        graded_at: DateTime<Utc>,
        mark: AttemptMark,
    },
}

/// Submitting twice is once: only the first is worth an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Submission {
    First,
    Again,
}

/// What a learner who opens a quiz gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextAttempt {
    Resume(AttemptId),
    Start,
}

/// The attempt is not in a state for this, or what was asked does not fit the quiz.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AttemptRefused {
    #[error("this attempt is of another quiz")]
    OtherQuiz,
    #[error("this attempt was submitted: its answers cannot change any more")]
    AlreadySubmitted,
    #[error("this attempt is still in progress: submit it first")]
    NotSubmitted,
    #[error("this attempt is graded already")]
    AlreadyGraded,
    #[error("this attempt has not been through grading yet: wait for it before marking its essays")]
    NotGradedYet,
    #[error("the quiz has no such question")]
    NoSuchQuestion,
    #[error("nothing in this question waits for a person's mark")]
    NothingToMark,
    #[error("the mark is {mark}: it must be from 0 to {out_of}")]
    MarkOutOfRange { mark: Decimal, out_of: Decimal },
    #[error("all {limit} attempts at this quiz are used up")]
    NoAttemptLeft { limit: u32 },
    #[error(transparent)]
    Answer(#[from] AnswerRefused),
}

impl AttemptRefused {
    /// The same reason in French.
    #[must_use]
    pub fn in_french(&self) -> String {
        let fixed = match self {
            Self::OtherQuiz => "cette tentative porte sur un autre quiz",
            Self::AlreadySubmitted => {
                "cette tentative a été remise : ses réponses ne peuvent plus changer"
            }
            Self::NotSubmitted => "cette tentative est encore en cours : remettez-la d'abord",
            Self::AlreadyGraded => "cette tentative est déjà corrigée",
            Self::NotGradedYet => {
                "cette tentative n'est pas encore corrigée : attendez avant de noter ses rédactions"
            }
            Self::NoSuchQuestion => "le quiz n'a pas cette question",
            Self::NothingToMark => "rien dans cette question n'attend une note",
            Self::MarkOutOfRange { mark, out_of } => {
                return format!("la note est de {mark} : elle doit aller de 0 à {out_of}");
            }
            Self::NoAttemptLeft { limit } => {
                return format!("les {limit} tentatives permises pour ce quiz sont épuisées");
            }
            Self::Answer(refused) => return refused.in_french(),
        };
        fixed.to_owned()
    }
}

/// What opening the quiz means for a learner who has this attempt open, if any, and so many in
/// all: an unfinished one goes on.
///
/// # Errors
/// When there are as many as the quiz allows.
pub fn next_attempt(
    quiz: &Quiz,
    open: Option<AttemptId>,
    so_far: u32,
) -> Result<NextAttempt, AttemptRefused> {
    if let Some(open) = open {
        return Ok(NextAttempt::Resume(open));
    }
    match quiz.max_attempts {
        Some(limit) if so_far >= limit => Err(AttemptRefused::NoAttemptLeft { limit }),
        _ => Ok(NextAttempt::Start),
    }
}

impl Attempt {
    #[must_use]
    pub const fn start(id: AttemptId, quiz: QuizId, learner: PersonId, now: DateTime<Utc>) -> Self {
        Self {
            id,
            quiz,
            learner,
            answers: BTreeMap::new(),
            hand_marks: BTreeMap::new(),
            state: AttemptState::InProgress,
            started_at: now,
        }
    }

    /// Keeps an answer, in the place of the one before; a blank one takes it back.
    ///
    /// # Errors
    /// After submitting, or when the answer does not fit its question.
    pub fn save_answer(
        &mut self,
        quiz: &Quiz,
        question: QuestionId,
        answer: Answer,
    ) -> Result<(), AttemptRefused> {
        self.belongs_to(quiz)?;
        if self.state != AttemptState::InProgress {
            return Err(AttemptRefused::AlreadySubmitted);
        }
        answer.validate(
            quiz.question(question)
                .ok_or(AttemptRefused::NoSuchQuestion)?,
        )?;
        if answer.is_blank() {
            self.answers.remove(&question);
        } else {
            self.answers.insert(question, answer);
        }
        Ok(())
    }

    /// Closes the attempt; again does nothing.
    pub fn submit(&mut self, now: DateTime<Utc>) -> Submission {
        if self.state != AttemptState::InProgress {
            return Submission::Again;
        }
        self.state = AttemptState::Submitted { submitted_at: now };
        Submission::First
    }

    /// Grades what was submitted: done, or waiting for a person.
    ///
    /// # Errors
    /// Before submitting, and once graded.
    pub fn grade(
        &mut self,
        quiz: &Quiz,
        now: DateTime<Utc>,
    ) -> Result<AttemptMark, AttemptRefused> {
        self.belongs_to(quiz)?;
        match self.state {
            AttemptState::InProgress => Err(AttemptRefused::NotSubmitted),
            AttemptState::Submitted { submitted_at } => Ok(self.settle(quiz, submitted_at, now)),
            AttemptState::AwaitingMarking { .. } | AttemptState::Graded { .. } => {
                Err(AttemptRefused::AlreadyGraded)
            }
        }
    }

    /// Takes a person's mark for an essay; with the last one the attempt is graded.
    ///
    /// # Errors
    /// When no essay waits there, or the mark is out of range.
    pub fn mark_essay(
        &mut self,
        quiz: &Quiz,
        question: QuestionId,
        by_hand: HandMark,
        now: DateTime<Utc>,
    ) -> Result<AttemptMark, AttemptRefused> {
        self.belongs_to(quiz)?;
        let submitted_at = self.awaits(question)?;
        let out_of = quiz
            .question(question)
            .ok_or(AttemptRefused::NoSuchQuestion)?
            .out_of();
        if by_hand.mark < Decimal::ZERO || by_hand.mark > out_of {
            return Err(AttemptRefused::MarkOutOfRange {
                mark: by_hand.mark,
                out_of,
            });
        }
        self.hand_marks.insert(question, by_hand);
        Ok(self.settle(quiz, submitted_at, now))
    }

    /// The result, once there is one, whether or not essays still wait.
    #[must_use]
    pub const fn mark(&self) -> Option<&AttemptMark> {
        match &self.state {
            AttemptState::AwaitingMarking { mark, .. } | AttemptState::Graded { mark, .. } => {
                Some(mark)
            }
            AttemptState::InProgress | AttemptState::Submitted { .. } => None,
        }
    }

    fn belongs_to(&self, quiz: &Quiz) -> Result<(), AttemptRefused> {
        if self.quiz == quiz.id {
            Ok(())
        } else {
            Err(AttemptRefused::OtherQuiz)
        }
    }

    /// When it was submitted, if this question waits for a person.
    fn awaits(&self, question: QuestionId) -> Result<DateTime<Utc>, AttemptRefused> {
        match &self.state {
            AttemptState::InProgress => Err(AttemptRefused::NotSubmitted),
            AttemptState::Submitted { .. } => Err(AttemptRefused::NotGradedYet),
            AttemptState::Graded { .. } => Err(AttemptRefused::AlreadyGraded),
            AttemptState::AwaitingMarking { submitted_at, mark }
                if mark.awaiting.contains(&question) =>
            {
                Ok(*submitted_at)
            }
            AttemptState::AwaitingMarking { .. } => Err(AttemptRefused::NothingToMark),
        }
    }

    fn settle(
        &mut self,
        quiz: &Quiz,
        submitted_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> AttemptMark {
        let mark = grade_attempt_with_hand_marks(quiz, &self.answers, &self.hand_marks);
        self.state = if mark.awaiting.is_empty() {
            AttemptState::Graded {
                submitted_at,
                graded_at: now,
                mark: mark.clone(),
            }
        } else {
            AttemptState::AwaitingMarking {
                submitted_at,
                mark: mark.clone(),
            }
        };
        mark
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::domain::quiz::tests::quiz;

    const NOON: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn started(quiz: &Quiz) -> Attempt {
        Attempt::start(AttemptId::new(), quiz.id, PersonId::new(), NOON)
    }

    fn text(text: &str) -> Answer {
        Answer::Text {
            text: text.to_owned(),
        }
    }

    fn by_hand(mark: &str) -> HandMark {
        HandMark {
            mark: mark.parse().unwrap(),
            comment: None,
        }
    }

    #[test]
    fn submitting_twice_is_once() {
        let quiz = quiz("A{=a}", 50);
        let mut attempt = started(&quiz);
        assert_eq!(attempt.submit(NOON), Submission::First);
        let submitted = attempt.clone();
        assert_eq!(
            attempt.submit(NOON + chrono::TimeDelta::hours(1)),
            Submission::Again
        );
        assert_eq!(attempt, submitted);
    }

    #[test]
    fn answers_are_kept_replaced_and_taken_back_until_submitted() {
        let quiz = quiz("A{=a}", 50);
        let question = quiz.questions[0].id;
        let mut attempt = started(&quiz);
        attempt.save_answer(&quiz, question, text("x")).unwrap();
        attempt.save_answer(&quiz, question, text("a")).unwrap();
        assert_eq!(attempt.answers[&question], text("a"));
        attempt.save_answer(&quiz, question, text(" ")).unwrap();
        assert!(attempt.answers.is_empty());
        attempt.submit(NOON);
        let refused = attempt.save_answer(&quiz, question, text("a"));
        assert_eq!(refused, Err(AttemptRefused::AlreadySubmitted));
    }

    #[test]
    fn answers_that_do_not_fit_are_refused() {
        let quiz = quiz("A{=a}", 50);
        let mut attempt = started(&quiz);
        let unknown = attempt.save_answer(&quiz, QuestionId::new(), text("a"));
        assert_eq!(unknown, Err(AttemptRefused::NoSuchQuestion));
        let misfit = attempt.save_answer(
            &quiz,
            quiz.questions[0].id,
            Answer::TrueFalse { value: true },
        );
        assert_eq!(
            misfit,
            Err(AttemptRefused::Answer(AnswerRefused::WrongKind {
                expected: "text"
            }))
        );
        let other = super::super::quiz::tests::quiz("A{=a}", 50);
        assert_eq!(
            attempt.grade(&other, NOON).unwrap_err(),
            AttemptRefused::OtherQuiz
        );
    }

    #[test]
    fn grading_comes_after_submitting_and_once() {
        let quiz = quiz("A{=a}", 50);
        let mut attempt = started(&quiz);
        assert_eq!(
            attempt.grade(&quiz, NOON).unwrap_err(),
            AttemptRefused::NotSubmitted
        );
        attempt
            .save_answer(&quiz, quiz.questions[0].id, text("A"))
            .unwrap();
        attempt.submit(NOON);
        assert!(attempt.grade(&quiz, NOON).unwrap().passed);
        assert_eq!(
            attempt.grade(&quiz, NOON).unwrap_err(),
            AttemptRefused::AlreadyGraded
        );
        assert!(matches!(attempt.state, AttemptState::Graded { .. }));
    }

    #[test]
    fn essays_are_marked_one_by_one_until_none_waits() {
        let quiz = quiz("A{}\n\nB{}\n\nC{=c}", 50);
        let [first, second, third] = [0, 1, 2].map(|place| quiz.questions[place].id);
        let mut attempt = started(&quiz);
        attempt.save_answer(&quiz, first, text("one")).unwrap();
        attempt.save_answer(&quiz, second, text("two")).unwrap();
        attempt.submit(NOON);
        let early = attempt
            .mark_essay(&quiz, first, by_hand("1"), NOON)
            .unwrap_err();
        assert_eq!(early, AttemptRefused::NotGradedYet);
        assert_eq!(
            attempt.grade(&quiz, NOON).unwrap().awaiting,
            [first, second]
        );
        let high = attempt
            .mark_essay(&quiz, first, by_hand("1.5"), NOON)
            .unwrap_err();
        assert_eq!(high.to_string(), "the mark is 1.5: it must be from 0 to 1");
        let short = attempt
            .mark_essay(&quiz, third, by_hand("1"), NOON)
            .unwrap_err();
        assert_eq!(short, AttemptRefused::NothingToMark);
        assert_eq!(
            attempt
                .mark_essay(&quiz, first, by_hand("1"), NOON)
                .unwrap()
                .awaiting,
            [second]
        );
        let mark = attempt
            .mark_essay(&quiz, second, by_hand("0.5"), NOON)
            .unwrap();
        assert_eq!((mark.percent, mark.passed), (50.into(), true));
        let late = attempt
            .mark_essay(&quiz, second, by_hand("1"), NOON)
            .unwrap_err();
        assert_eq!(late, AttemptRefused::AlreadyGraded);
    }

    #[test]
    fn an_open_attempt_goes_on_and_the_limit_counts_the_others() {
        let quiz = Quiz {
            max_attempts: Some(1),
            ..quiz("A{=a}", 50)
        };
        assert_eq!(next_attempt(&quiz, None, 0), Ok(NextAttempt::Start));
        let open = AttemptId::new();
        assert_eq!(
            next_attempt(&quiz, Some(open), 1),
            Ok(NextAttempt::Resume(open))
        );
        let refused = next_attempt(&quiz, None, 1);
        assert_eq!(refused, Err(AttemptRefused::NoAttemptLeft { limit: 1 }));
    }

    #[test]
    fn an_attempt_reads_back_from_json() {
        let quiz = quiz("A{}", 50);
        let mut attempt = started(&quiz);
        attempt
            .save_answer(&quiz, quiz.questions[0].id, text("one"))
            .unwrap();
        attempt.submit(NOON);
        attempt.grade(&quiz, NOON).unwrap();
        let json = serde_json::to_string(&attempt).unwrap();
        assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), attempt);
    }
}
