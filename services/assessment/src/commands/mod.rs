//! The use cases of `assessment`: write a quiz or import one, take it, mark what a machine cannot, look
//! at what came of it.

mod authoring;
mod correcting;
mod import;
mod marking;
mod places;
mod results;
mod saving;
mod taking;

pub(crate) use authoring::{
    Bank, Draft, NewQuestions, Settings, add_questions, bank, change, create, draft,
    put_away_refusals, refusals,
};
pub(crate) use correcting::{Correction, Marked, correct_mark, marked_one};
pub use import::{ImportError, Imported, Outcome, QuizSource, Refused, import};
pub(crate) use import::{hash, import_in, put_source, say};
pub(crate) use marking::{
    Awaiting, GivenMark, awaiting_one, give_mark, give_marks, page_of_waiting, waiting,
};
pub(crate) use places::{CourseFace, Place, adopt, course_face};
pub(crate) use results::{Ledger, Shelf, ledger, statistics};
pub(crate) use saving::{Form, Saved, save, save_all};
pub(crate) use taking::{read, start, submit};

use std::sync::Arc;

use bus::{Db, Read};
use event::{AttemptId, CourseId, Language, PersonId, QuizId};
use ui::Problem;

use crate::{
    domain::{AttemptRecord, AttemptRefused, EditRefused, Quiz, QuizRefused},
    quizzes::QuizShelf,
    store::{self, AttemptLine, QuizHead, Scope},
};

/// Attempts of one learner at one quiz that are listed; the newest.
const MOST_LISTED: u32 = 100;

/// What every use case needs.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) db: Db,
    pub(crate) quizzes: QuizShelf,
    pub(crate) ledgers: Shelf,
}

/// Who looks, and at whose courses beside their own attempts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Viewer {
    pub(crate) person: PersonId,
    pub(crate) teaches: Teaches,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Teaches {
    Nothing,
    /// An instructor: the own courses, and those that have no instructor.
    OwnCourses,
    /// An administrator.
    Everything,
}

impl Viewer {
    /// Somebody who looks at nothing but the own attempts.
    pub(crate) const fn learner(person: PersonId) -> Self {
        Self { person, teaches: Teaches::Nothing }
    }

    /// Which courses' attempts stand in this viewer's lists; none for who teaches nothing.
    pub(crate) const fn scope(self) -> Option<Scope> {
        match self.teaches {
            Teaches::Nothing => None,
            Teaches::OwnCourses => Some(Scope::TaughtBy(self.person)),
            Teaches::Everything => Some(Scope::All),
        }
    }

    /// Whether this course is open to them as its teacher. One of which nothing was heard may be anybody's.
    pub(crate) async fn may_teach(
        self,
        db: &impl Read,
        course: CourseId,
    ) -> Result<bool, bus::Error> {
        match self.teaches {
            Teaches::Nothing => Ok(false),
            Teaches::Everything => Ok(true),
            Teaches::OwnCourses => Ok(self.teaches_of(&course_face(db, course).await?)),
        }
    }

    /// As [`may_teach`](Self::may_teach), where the course's face is there already.
    fn teaches_of(self, face: &CourseFace) -> bool {
        match self.teaches {
            Teaches::Nothing => false,
            Teaches::Everything => true,
            Teaches::OwnCourses => face.is_taught_by(self.person),
        }
    }

    /// The course's face, for whoever may teach it; others are refused. Another's draft is to them as if nothing
    /// had been heard of it.
    pub(crate) async fn must_teach(
        self,
        db: &impl Read,
        course: CourseId,
    ) -> Result<CourseFace, Refusal> {
        let face = course_face(db, course).await?;
        if self.teaches_of(&face) {
            return Ok(face);
        }
        let was_published = store::course_card(db, course).await?.is_some();
        Err(if was_published { Refusal::NotYourCourse } else { Refusal::CourseUnheard })
    }
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
    #[error("this quiz has no questions yet: come back when its author has written them")]
    NothingAsked,
    #[error("this account was erased: nothing more can be kept for it")]
    Erased,
    #[error("this course is another instructor's: ask them, or an administrator")]
    NotYourCourse,
    #[error(
        "no course of yours with this id has arrived here: a draft does so with its first quiz, so place that in the course; if you have just done it, try again"
    )]
    CourseUnheard,
    #[error("the quiz was changed meanwhile: look at it again, then repeat what you did")]
    QuizChanged,
    #[error("this course has a quiz of that key already: take another key")]
    KeyTaken,
    #[error("empty, or longer than {limit} characters, or of several lines: write 1 to {limit}")]
    Length { field: &'static str, limit: usize },
    #[error(transparent)]
    Quiz(#[from] QuizRefused),
    #[error(transparent)]
    Edit(#[from] EditRefused),
    #[error("the answers of one attempt are limited to {limit} bytes in all: shorten the longest")]
    AnswersTooLong { limit: usize },
    #[error("the mark is no number: write one such as 0.5, in quotes")]
    MarkNotANumber,
    #[error("the comment is longer than {limit} characters: shorten it")]
    CommentTooLong { limit: usize },
    #[error("the reason is empty, or longer than {limit} characters: write 1 to {limit}")]
    Reason { limit: usize },
    #[error("somebody else has corrected this mark meanwhile: look at it again")]
    MarkChanged,
    #[error(transparent)]
    Attempt(#[from] AttemptRefused),
    #[error(transparent)]
    Store(#[from] bus::Error),
}

/// What is checked for its length alone.
impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Length { field, limit } => Self::Length { field, limit },
            ImportError::Quiz { reason, .. } => Self::Quiz(reason),
            ImportError::NothingGood { .. } => Self::Quiz(QuizRefused::NothingAsked),
            ImportError::Store(error) => Self::Store(error),
        }
    }
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
            | Self::CourseUnheard
            | Self::Edit(EditRefused::NoSuchQuestion)
            | Self::Attempt(AttemptRefused::NoSuchQuestion) => Problem::not_found(detail),
            Self::NotYourCourse => Problem::forbidden(detail),
            Self::KeyTaken => Problem::invalid("key", detail),
            Self::Length { field, .. } => Problem::invalid(*field, detail),
            Self::Quiz(reason) => Problem::invalid(reason.field(), detail),
            Self::Edit(_) => Problem::invalid("questions", detail),
            Self::Attempt(AttemptRefused::Answer(_)) | Self::AnswersTooLong { .. } => {
                Problem::invalid("answer", detail)
            }
            Self::Attempt(AttemptRefused::MarkOutOfRange { .. }) | Self::MarkNotANumber => {
                Problem::invalid("mark", detail)
            }
            Self::CommentTooLong { .. } => Problem::invalid("comment", detail),
            Self::Reason { .. } => Problem::invalid("reason", detail),
            Self::NotEnrolled
            | Self::Withdrawn
            | Self::Overtaken
            | Self::NothingAsked
            | Self::Erased
            | Self::QuizChanged
            | Self::MarkChanged
            | Self::Attempt(_) => Problem::conflict(detail),
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
            Self::NothingAsked => {
                "ce quiz n'a pas encore de questions : revenez quand son auteur les aura écrites"
            }
            Self::Erased => "ce compte a été effacé : plus rien ne peut y être gardé",
            Self::NotYourCourse => {
                "cette formation est celle d'un autre formateur : adressez-vous à lui, ou à un administrateur"
            }
            Self::CourseUnheard => {
                "aucune formation à vous n'est arrivée ici sous cet identifiant : un brouillon arrive avec son premier quiz, que vous placez dans la formation ; si vous venez de le faire, réessayez"
            }
            Self::QuizChanged => {
                "le quiz a changé entre-temps : regardez-le à nouveau, puis recommencez"
            }
            Self::MarkChanged => {
                "quelqu'un d'autre a rectifié cette note entre-temps : regardez-la à nouveau"
            }
            Self::Reason { limit } => {
                return format!(
                    "vide, ou plus long que {limit} caractères : écrivez-en de 1 à {limit}"
                );
            }
            Self::KeyTaken => {
                "cette formation a déjà un quiz de cette clé : choisissez-en une autre"
            }
            Self::Length { limit, .. } => {
                return format!(
                    "vide, plus long que {limit} caractères ou de plusieurs lignes : écrivez-en de 1 à {limit}"
                );
            }
            Self::Quiz(reason) => return reason.in_french(),
            Self::Edit(reason) => return reason.in_french(),
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
    /// Version 0 has never been written: it stands in its course, and asks nothing.
    pub(crate) head: QuizHead,
    pub(crate) quiz: Arc<Quiz>,
    pub(crate) attempts: Vec<AttemptLine>,
    pub(crate) is_enrolled: bool,
    /// Whether who looks teaches the course.
    pub(crate) teaches: bool,
    /// Of its course, if that is known; the quiz's place tells how long it takes.
    pub(crate) face: CourseFace,
}

/// While nobody can find the course, its quizzes are there for those who teach or take it, or took them.
pub(crate) async fn overview(
    desk: &Desk,
    viewer: Viewer,
    quiz: QuizId,
) -> Result<Overview, Refusal> {
    let overview = match store::quiz(&desk.db, quiz).await? {
        Some(head) => written_overview(desk, viewer, head).await?,
        None => unwritten_overview(desk, viewer, quiz).await?,
    };
    let Overview { teaches, is_enrolled, attempts, head, .. } = &overview;
    let knows_it = *teaches || *is_enrolled || !attempts.is_empty();
    if knows_it || store::is_published(&desk.db, head.course).await? {
        return Ok(overview);
    }
    Err(Refusal::NoSuchQuiz)
}

async fn written_overview(
    desk: &Desk,
    viewer: Viewer,
    head: QuizHead,
) -> Result<Overview, Refusal> {
    let questions = desk.quizzes.one(&desk.db, head.quiz, head.version).await?;
    let attempts = store::attempts_of(&desk.db, head.quiz, viewer.person, MOST_LISTED).await?;
    let is_enrolled = store::is_enrolled(&desk.db, viewer.person, head.course).await?;
    let face = course_face(&desk.db, head.course).await?;
    let teaches = viewer.teaches_of(&face);
    let quiz = questions.ok_or(Refusal::NoSuchQuiz)?;
    Ok(Overview { head, quiz, attempts, is_enrolled, teaches, face })
}

/// Of a quiz that only has its place yet. Learners know of it once the published course names it.
async fn unwritten_overview(
    desk: &Desk,
    viewer: Viewer,
    quiz: QuizId,
) -> Result<Overview, Refusal> {
    let (course, _) = store::decided_of(&desk.db, quiz).await?.ok_or(Refusal::NoSuchQuiz)?;
    let face = course_face(&desk.db, course).await?;
    let teaches = viewer.teaches_of(&face);
    let place = face.place_of(quiz).filter(|place| teaches || place.minutes.is_some());
    let (head, quiz) = authoring::unwritten(course, place.ok_or(Refusal::NoSuchQuiz)?);
    let is_enrolled = store::is_enrolled(&desk.db, viewer.person, course).await?;
    let (quiz, attempts) = (Arc::new(quiz), Vec::new());
    Ok(Overview { head, quiz, attempts, is_enrolled, teaches, face })
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
    let record = store::attempt(db, attempt).await?.ok_or(Refusal::NoSuchAttempt)?;
    if record.learner == viewer.person || viewer.may_teach(db, record.course).await? {
        return Ok(record);
    }
    Err(Refusal::NoSuchAttempt)
}
