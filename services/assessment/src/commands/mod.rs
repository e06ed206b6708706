//! The use cases of `assessment`: import a quiz, take it, mark what a machine cannot.

mod import;
mod marking;
mod taking;

pub use import::{ImportError, Imported, Outcome, QuizSource, Refused, import};
pub(crate) use import::{import_in, say};
pub(crate) use marking::{Awaiting, give_mark, waiting};
pub(crate) use taking::{read, save, save_all, start, submit};

use std::sync::Arc;

use bus::{Db, Read};
use event::{AttemptId, CourseId, Language, PersonId, QuizId};
use ui::Problem;

use crate::{
    domain::{AttemptRecord, AttemptRefused, Quiz},
    quizzes::QuizShelf,
    store::{self, AttemptLine, QuizHead},
};

/// Attempts of one learner at one quiz that are listed; the newest.
const MOST_LISTED: u32 = 100;

/// What every use case needs.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) db: Db,
    pub(crate) quizzes: QuizShelf,
}

/// Who looks at an attempt: its learner, or somebody who teaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Viewer {
    Learner(PersonId),
    Staff,
}

/// An attempt, and the version of the quiz that it answers.
pub(crate) struct Sitting {
    pub(crate) record: AttemptRecord,
    pub(crate) quiz: Arc<Quiz>,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such quiz; if it was published a moment ago, try again")]
    NoSuchQuiz,
    #[error("you have no such attempt: start one from the quiz")]
    NoSuchAttempt,
    #[error("enrol first; if you enrolled a moment ago, try again")]
    NotEnrolled,
    #[error(
        "this course was withdrawn: nobody can enrol any more, and only those enrolled take its quizzes"
    )]
    Withdrawn,
    #[error("another attempt was started at the same moment: try again")]
    Overtaken,
    #[error("the answers of one attempt are limited to {limit} bytes in all: shorten the longest")]
    AnswersTooLong { limit: usize },
    #[error("the mark is no number: write one such as 0.5, in quotes")]
    MarkNotANumber,
    #[error("the comment is longer than {limit} characters: shorten it")]
    CommentTooLong { limit: usize },
    #[error(transparent)]
    Attempt(#[from] AttemptRefused),
    #[error(transparent)]
    Store(#[from] bus::Error),
}

impl Refusal {
    /// In the language of whoever asked.
    pub(crate) fn problem(self, language: Language) -> Problem {
        let detail = match language {
            Language::En => self.to_string(),
            Language::Fr => self.in_french(),
        };
        let problem = match &self {
            Self::NoSuchQuiz
            | Self::NoSuchAttempt
            | Self::Attempt(AttemptRefused::NoSuchQuestion) => Problem::not_found(detail),
            Self::Attempt(AttemptRefused::Answer(_)) | Self::AnswersTooLong { .. } => {
                Problem::invalid("answer", detail)
            }
            Self::Attempt(AttemptRefused::MarkOutOfRange { .. }) | Self::MarkNotANumber => {
                Problem::invalid("mark", detail)
            }
            Self::CommentTooLong { .. } => Problem::invalid("comment", detail),
            Self::NotEnrolled | Self::Withdrawn | Self::Overtaken | Self::Attempt(_) => {
                Problem::conflict(detail)
            }
            Self::Store(error) => return Problem::unavailable(error),
        };
        problem.in_language(language)
    }

    fn in_french(&self) -> String {
        let fixed = match self {
            Self::NoSuchQuiz => {
                "ce quiz n'existe pas ; s'il vient d'être publié, réessayez dans un instant"
            }
            Self::NoSuchAttempt => {
                "vous n'avez pas cette tentative : commencez-en une depuis le quiz"
            }
            Self::NotEnrolled => {
                "inscrivez-vous d'abord ; si vous venez de le faire, réessayez dans un instant"
            }
            Self::Withdrawn => {
                "cette formation a été retirée : on ne peut plus s'y inscrire, et seuls les inscrits passent ses quiz"
            }
            Self::Overtaken => "une autre tentative a commencé au même moment : réessayez",
            Self::MarkNotANumber => {
                "la note n'est pas un nombre : écrivez par exemple 0,5, entre guillemets"
            }
            Self::AnswersTooLong { limit } => {
                return format!(
                    "les réponses d'une tentative sont limitées à {limit} octets en tout : raccourcissez la plus longue"
                );
            }
            Self::CommentTooLong { limit } => {
                return format!("le commentaire dépasse {limit} caractères : raccourcissez-le");
            }
            Self::Attempt(refused) => return refused.in_french(),
            Self::Store(error) => return error.to_string(),
        };
        fixed.to_owned()
    }
}

impl Desk {
    /// The version of the quiz that an attempt answers.
    async fn quiz_of(&self, db: &impl Read, record: &AttemptRecord) -> Result<Arc<Quiz>, Refusal> {
        let quiz = self.quizzes.one(db, record.quiz, record.quiz_version).await?;
        quiz.ok_or(Refusal::NoSuchQuiz)
    }
}

/// A quiz, its questions, and what a learner has done at it.
pub(crate) struct Overview {
    pub(crate) head: QuizHead,
    pub(crate) quiz: Arc<Quiz>,
    pub(crate) attempts: Vec<AttemptLine>,
}

pub(crate) async fn overview(
    desk: &Desk,
    learner: PersonId,
    quiz: QuizId,
) -> Result<Overview, Refusal> {
    let head = store::quiz(&desk.db, quiz).await?.ok_or(Refusal::NoSuchQuiz)?;
    let questions = desk.quizzes.one(&desk.db, quiz, head.version).await?;
    let attempts = store::attempts_of(&desk.db, quiz, learner, MOST_LISTED).await?;
    Ok(Overview { head, quiz: questions.ok_or(Refusal::NoSuchQuiz)?, attempts })
}

/// What the database counts, for reconciling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Attempts given in, whatever became of them since.
    pub submitted: i64,
    /// Of these, those that have their final mark.
    pub graded: i64,
    /// Of these, those that wait for a person.
    pub awaiting: i64,
    pub in_progress: i64,
    /// Attempts that are there twice, or were given a final mark twice.
    pub doubled: i64,
}

/// Counts.
///
/// # Errors
/// When the database is away.
pub async fn tally(db: &Db) -> Result<Tally, bus::Error> {
    let doubled = store::doubled_numbers(db).await?;
    let counts = store::counts(db).await?;
    Ok(counts.map_or(
        Tally { submitted: 0, graded: 0, awaiting: 0, in_progress: 0, doubled },
        |counts| Tally {
            submitted: counts.submitted,
            graded: counts.graded,
            awaiting: counts.awaiting,
            in_progress: counts.in_progress,
            doubled: doubled + counts.graded_twice,
        },
    ))
}

/// The copies it holds of courses, to be compared with their owner's: course and version, by course.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<(CourseId, u64)>, bus::Error> {
    store::course_versions(db).await
}

/// An attempt that this viewer may see.
async fn visible(
    db: &impl Read,
    viewer: Viewer,
    attempt: AttemptId,
) -> Result<AttemptRecord, Refusal> {
    let record = store::attempt(db, attempt).await?;
    let may_see = |record: &AttemptRecord| match viewer {
        Viewer::Learner(learner) => record.learner == learner,
        Viewer::Staff => true,
    };
    record.filter(may_see).ok_or(Refusal::NoSuchAttempt)
}
