//! One try of one learner at one quiz: in progress, submitted, then graded, or first waiting for
//! a person to mark its essays.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::{AttemptId, Language, PersonId, QuestionId, QuizId};
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
    Submitted { submitted_at: DateTime<Utc> },
    AwaitingMarking { submitted_at: DateTime<Utc>, mark: AttemptMark },
    Graded { submitted_at: DateTime<Utc>, graded_at: DateTime<Utc>, mark: AttemptMark },
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
    #[error("no person has marked this question: there is nothing to correct")]
    NothingToCorrect,
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
                "cette tentative a été envoyée : ses réponses ne peuvent plus changer"
            }
            Self::NotSubmitted => "cette tentative est encore en cours : remettez-la d'abord",
            Self::AlreadyGraded => "cette tentative est déjà corrigée",
            Self::NotGradedYet => {
                "cette tentative n'est pas encore corrigée : attendez avant de noter ses rédactions"
            }
            Self::NoSuchQuestion => "le quiz n'a pas cette question",
            Self::NothingToMark => "rien dans cette question n'attend une note",
            Self::NothingToCorrect => {
                "personne n'a noté cette question : il n'y a rien à rectifier"
            }
            Self::MarkOutOfRange { mark, out_of } => {
                let [mark, out_of] =
                    [mark, out_of].map(|number| ui::format_number(number, Language::Fr));
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
        self.accepts(quiz, question, &answer)?;
        self.put_answer(question, answer);
        Ok(())
    }

    pub(super) fn accepts(
        &self,
        quiz: &Quiz,
        question: QuestionId,
        answer: &Answer,
    ) -> Result<(), AttemptRefused> {
        self.belongs_to(quiz)?;
        if self.state != AttemptState::InProgress {
            return Err(AttemptRefused::AlreadySubmitted);
        }
        answer.validate(quiz.question(question).ok_or(AttemptRefused::NoSuchQuestion)?)?;
        Ok(())
    }

    pub(super) fn put_answer(&mut self, question: QuestionId, answer: Answer) {
        if answer.is_blank() {
            self.answers.remove(&question);
        } else {
            self.answers.insert(question, answer);
        }
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
        let submitted_at = self.been_graded(quiz)?;
        self.awaits(question)?;
        self.take_mark(quiz, question, by_hand)?;
        Ok(self.settle(quiz, submitted_at, now))
    }

    /// Puts another mark in the place of one that a person gave, whether or not other essays wait.
    ///
    /// # Errors
    /// When nobody gave a mark there, or the new one is out of range.
    pub fn correct_mark(
        &mut self,
        quiz: &Quiz,
        question: QuestionId,
        by_hand: HandMark,
        now: DateTime<Utc>,
    ) -> Result<AttemptMark, AttemptRefused> {
        let submitted_at = self.been_graded(quiz)?;
        if !self.hand_marks.contains_key(&question) {
            return Err(AttemptRefused::NothingToCorrect);
        }
        self.take_mark(quiz, question, by_hand)?;
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
        if self.quiz == quiz.id { Ok(()) } else { Err(AttemptRefused::OtherQuiz) }
    }

    /// When it was submitted, if the machine has graded it, whether or not essays still wait.
    fn been_graded(&self, quiz: &Quiz) -> Result<DateTime<Utc>, AttemptRefused> {
        self.belongs_to(quiz)?;
        match &self.state {
            AttemptState::InProgress => Err(AttemptRefused::NotSubmitted),
            AttemptState::Submitted { .. } => Err(AttemptRefused::NotGradedYet),
            AttemptState::AwaitingMarking { submitted_at, .. }
            | AttemptState::Graded { submitted_at, .. } => Ok(*submitted_at),
        }
    }

    fn take_mark(
        &mut self,
        quiz: &Quiz,
        question: QuestionId,
        by_hand: HandMark,
    ) -> Result<(), AttemptRefused> {
        let out_of = quiz.question(question).ok_or(AttemptRefused::NoSuchQuestion)?.out_of();
        if by_hand.mark < Decimal::ZERO || by_hand.mark > out_of {
            return Err(AttemptRefused::MarkOutOfRange { mark: by_hand.mark, out_of });
        }
        self.hand_marks.insert(question, by_hand);
        Ok(())
    }

    /// Refuses a question that waits for no person.
    fn awaits(&self, question: QuestionId) -> Result<(), AttemptRefused> {
        match &self.state {
            AttemptState::Graded { .. } => Err(AttemptRefused::AlreadyGraded),
            AttemptState::AwaitingMarking { mark, .. } if mark.awaiting.contains(&question) => {
                Ok(())
            }
            _ => Err(AttemptRefused::NothingToMark),
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
            AttemptState::Graded { submitted_at, graded_at: now, mark: mark.clone() }
        } else {
            AttemptState::AwaitingMarking { submitted_at, mark: mark.clone() }
        };
        mark
    }
}

#[cfg(test)]
mod tests;
