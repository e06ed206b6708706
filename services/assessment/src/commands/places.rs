//! What a course decides of a quiz that stands in it, its title and its pass mark, counts here too: it is the
//! one place where they are decided. Whatever comes first, the quiz or its place, the quiz ends up as its
//! course has it. Attempts keep the version that they were begun with.

use bus::{Read, Tx};
use contract::catalog::QuizPlace;
use event::{CourseId, Language, PersonId, QuizId};

use super::hash;
use crate::{
    domain::{Decided, Quiz},
    store::{self, CourseCard, NewQuiz, PlacedQuiz},
};

/// Has quizzes take over what their courses decide. One that is not written yet takes it over when it is.
///
/// Whoever calls has the courses' turn.
pub(crate) async fn adopt(tx: &mut Tx, quizzes: Vec<QuizId>) -> Result<(), bus::Error> {
    for quiz in quizzes {
        let Some(head) = store::hold_quiz(tx, quiz).await? else { continue };
        let decided = store::decided_of(tx, quiz).await?;
        let Some((_, decided)) = decided.filter(|(course, _)| *course == head.course) else {
            continue;
        };
        let versions = store::quiz_versions(tx, &[(quiz, head.version)]).await?;
        let Some((_, text)) = versions.first() else { continue };
        let mut quiz: Quiz = serde_json::from_str(text)?;
        if quiz.adopt(&decided) {
            put(tx, head.course, &head.key, &quiz).await?;
        }
    }
    Ok(())
}

/// Before a quiz is written: takes the course's turn, which is to come before any other lock.
pub(super) async fn begin_writing(tx: &mut Tx, course: CourseId) -> Result<(), bus::Error> {
    store::take_turns(tx, [course]).await
}

/// Writes a quiz, with what its course decides if it stands in one. `None` where it is the same as before.
pub(super) async fn write(
    tx: &mut Tx,
    course: CourseId,
    key: &str,
    quiz: &Quiz,
) -> Result<Option<u64>, bus::Error> {
    let face = course_face(tx, course).await?;
    match face.place_of(quiz.id) {
        Some(place) => {
            let mut quiz = quiz.clone();
            quiz.adopt(&place.decided);
            put(tx, course, key, &quiz).await
        }
        None => put(tx, course, key, quiz).await,
    }
}

async fn put(
    tx: &mut Tx,
    course: CourseId,
    key: &str,
    quiz: &Quiz,
) -> Result<Option<u64>, bus::Error> {
    let content = serde_json::to_string(quiz)?;
    let new = NewQuiz {
        quiz: quiz.id,
        course,
        key,
        title: &quiz.title,
        pass_percent: u32::try_from(quiz.pass_percent.round()).unwrap_or_default(),
        max_attempts: quiz.max_attempts,
        content: &content,
        hash: &hash(&content),
    };
    store::put_quiz(tx, &new).await
}

/// A course as its teachers see it here.
#[derive(Clone, Debug, Default)]
pub(crate) struct CourseFace {
    /// None where nothing was heard of it yet.
    pub(crate) title: Option<String>,
    pub(crate) language: Language,
    /// None, where something was heard of it: any instructor.
    pub(crate) instructor: Option<PersonId>,
    /// The quizzes that stand in it.
    pub(crate) places: Vec<Place>,
}

/// A quiz that stands in a course, whether or not it has questions yet.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) quiz: QuizId,
    pub(crate) key: Option<String>,
    pub(crate) decided: Decided,
    /// Estimated work; none while only a draft of the course has it.
    pub(crate) minutes: Option<u32>,
}

impl CourseFace {
    /// Whether it is known to be this instructor's, or any's.
    pub(crate) fn is_taught_by(&self, person: PersonId) -> bool {
        self.title.is_some() && self.instructor.is_none_or(|instructor| instructor == person)
    }

    pub(crate) fn place_of(&self, quiz: QuizId) -> Option<&Place> {
        self.places.iter().find(|place| place.quiz == quiz)
    }
}

/// What is known of a course: of one that is published, and of a draft.
pub(crate) async fn course_face(
    db: &impl Read,
    course: CourseId,
) -> Result<CourseFace, bus::Error> {
    let card = store::course_card(db, course).await?;
    let placed = store::placed_in(db, course).await?;
    let told_at = card.as_ref().map(|card| card.updated_at);
    let is_newer = |placed: &PlacedQuiz| told_at.is_none_or(|told_at| placed.placed_at > told_at);
    let mut face = card.map(CourseFace::from).unwrap_or_default();
    if let Some(newest) = placed.first().filter(|newest| is_newer(newest)) {
        face.title = Some(newest.course_title.clone());
        face.language = newest.language;
        face.instructor = newest.instructor;
    }
    for one in placed {
        let is_newer = is_newer(&one);
        merge(&mut face.places, one, is_newer);
    }
    Ok(face)
}

impl From<CourseCard> for CourseFace {
    fn from(card: CourseCard) -> Self {
        let place = |place: QuizPlace| Place {
            quiz: place.quiz,
            key: None,
            decided: Decided { title: place.title, pass_percent: place.pass_percent },
            minutes: Some(place.minutes),
        };
        Self {
            title: Some(card.title),
            language: card.language,
            instructor: card.instructor,
            places: card.places.into_iter().map(place).collect(),
        }
    }
}

/// What a draft said before the course was published, and the published course does not say, holds no more.
fn merge(places: &mut Vec<Place>, placed: PlacedQuiz, is_newer: bool) {
    let PlacedQuiz { quiz, key, decided, placed_at, .. } = placed;
    match places.iter_mut().find(|place| place.quiz == quiz) {
        Some(known) => {
            known.key = key;
            if is_newer {
                known.decided = decided;
            }
        }
        None if is_newer || placed_at.is_none() => {
            places.push(Place { quiz, key, decided, minutes: None });
        }
        None => {}
    }
}
