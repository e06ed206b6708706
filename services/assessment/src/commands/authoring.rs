//! Writing quizzes in the browser: whose course it is, which quizzes it has, and each change to one, which
//! makes a new version. Attempts keep the version that they were begun with.

use std::{collections::BTreeSet, sync::Arc};

use bus::{Read, Tx};
use contract::catalog::ids;
use event::{CourseId, Language, PersonId, QuizId};

use super::{
    Desk, Refusal, Viewer, hash,
    import::{LONGEST_KEY, LONGEST_TITLE, within},
};
use crate::{
    domain::{EditRefused, QuestionContent, Quiz, identify},
    gift,
    store::{self, NewQuiz, PlacedQuiz, QuizHead, Upload, UploadRefusal},
};

/// Quizzes of one course that are listed.
const MOST_LISTED: u32 = 200;

/// A course as its teachers see it here.
#[derive(Clone, Debug, Default)]
pub(crate) struct CourseFace {
    /// None where nothing was heard of it yet.
    pub(crate) title: Option<String>,
    pub(crate) language: Language,
    /// None: any instructor.
    pub(crate) instructor: Option<PersonId>,
    /// The quizzes that stand in it.
    pub(crate) places: Vec<Place>,
}

/// A quiz that stands in a course, whether or not it has questions yet.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) quiz: QuizId,
    pub(crate) key: Option<String>,
    pub(crate) title: String,
    pub(crate) pass_percent: u32,
    /// Estimated work; none while the course is a draft.
    pub(crate) minutes: Option<u32>,
}

/// What is known of a course: of one that is published, and of a draft.
pub(crate) async fn course_face(
    db: &impl Read,
    course: CourseId,
) -> Result<CourseFace, bus::Error> {
    let placed = store::placed_in(db, course).await?;
    let newest = placed.first().cloned();
    let mut face = match (store::course_card(db, course).await?, newest) {
        (Some(card), newest) if newest.as_ref().is_none_or(|new| new.version <= card.version) => {
            let place = |place: contract::catalog::QuizPlace| Place {
                quiz: place.quiz,
                key: None,
                title: place.title,
                pass_percent: place.pass_percent,
                minutes: Some(place.minutes),
            };
            CourseFace {
                title: Some(card.title),
                language: card.language,
                instructor: card.instructor,
                places: card.places.into_iter().map(place).collect(),
            }
        }
        (_, Some(newest)) => CourseFace {
            title: Some(newest.course_title),
            language: newest.language,
            instructor: newest.instructor,
            places: Vec::new(),
        },
        (_, None) => CourseFace::default(),
    };
    for one in placed {
        merge(&mut face.places, one);
    }
    Ok(face)
}

fn merge(places: &mut Vec<Place>, placed: PlacedQuiz) {
    match places.iter_mut().find(|place| place.quiz == placed.quiz) {
        Some(known) => known.key = placed.key,
        None => places.push(Place {
            quiz: placed.quiz,
            key: placed.key,
            title: placed.title,
            pass_percent: placed.pass_percent,
            minutes: None,
        }),
    }
}

/// The quizzes of a course.
pub(crate) struct Bank {
    pub(crate) face: CourseFace,
    pub(crate) quizzes: Vec<(QuizHead, Arc<Quiz>)>,
    /// Those that stand in the course and have no questions here.
    pub(crate) empty: Vec<Place>,
}

pub(crate) async fn bank(desk: &Desk, viewer: Viewer, course: CourseId) -> Result<Bank, Refusal> {
    let face = taught(desk, viewer, course).await?;
    let heads = store::quizzes_of(&desk.db, course, MOST_LISTED).await?;
    let wanted = heads.iter().map(|head| (head.quiz, head.version)).collect();
    let versions = desk.quizzes.all(&desk.db, &wanted).await?;
    let quizzes: Vec<(QuizHead, Arc<Quiz>)> = heads
        .into_iter()
        .filter_map(|head| {
            let quiz = versions.get(&(head.quiz, head.version))?;
            Some((head, Arc::clone(quiz)))
        })
        .collect();
    let known: BTreeSet<QuizId> = quizzes.iter().map(|(head, _)| head.quiz).collect();
    let empty = face.places.iter().filter(|place| !known.contains(&place.quiz)).cloned().collect();
    Ok(Bank { face, quizzes, empty })
}

/// Refuses whoever does not teach the course.
async fn taught(desk: &Desk, viewer: Viewer, course: CourseId) -> Result<CourseFace, Refusal> {
    if !viewer.may_teach(&desk.db, course).await? {
        return Err(Refusal::NotYourCourse);
    }
    Ok(course_face(&desk.db, course).await?)
}

/// A quiz as its author works on it.
pub(crate) struct Draft {
    pub(crate) face: CourseFace,
    /// Version 0 has never been written.
    pub(crate) head: QuizHead,
    pub(crate) quiz: Arc<Quiz>,
    pub(crate) upload: Option<Upload>,
}

pub(crate) async fn draft(
    desk: &Desk,
    viewer: Viewer,
    course: CourseId,
    quiz: QuizId,
) -> Result<Draft, Refusal> {
    let face = taught(desk, viewer, course).await?;
    let upload = store::last_upload(&desk.db, quiz).await?;
    if let Some(head) = store::quiz(&desk.db, quiz).await?.filter(|head| head.course == course) {
        let quiz = desk.quizzes.one(&desk.db, quiz, head.version).await?;
        return Ok(Draft { face, head, quiz: quiz.ok_or(Refusal::NoSuchQuiz)?, upload });
    }
    let place = face.places.iter().find(|place| place.quiz == quiz).cloned();
    let place = place.ok_or(Refusal::NoSuchQuiz)?;
    let (head, quiz) = unwritten(course, place);
    Ok(Draft { face, head, quiz: Arc::new(quiz), upload })
}

fn unwritten(course: CourseId, place: Place) -> (QuizHead, Quiz) {
    let quiz = Quiz {
        id: place.quiz,
        title: place.title.clone(),
        pass_percent: place.pass_percent.into(),
        max_attempts: None,
        questions: Vec::new(),
    };
    let head = QuizHead {
        quiz: place.quiz,
        course,
        key: place.key.unwrap_or_else(|| place.quiz.to_string()),
        title: place.title,
        pass_percent: place.pass_percent,
        max_attempts: None,
        version: 0,
    };
    (head, quiz)
}

/// What an author decides about a quiz beside its questions.
pub(crate) struct Settings {
    pub(crate) title: String,
    pub(crate) pass_percent: u32,
    pub(crate) max_attempts: Option<u32>,
}

impl Settings {
    /// Puts them into a quiz.
    pub(crate) fn apply(self, quiz: &mut Quiz) -> Result<(), Refusal> {
        quiz.title = self.title.trim().to_owned();
        quiz.pass_percent = self.pass_percent.into();
        quiz.max_attempts = self.max_attempts;
        Ok(())
    }
}

/// Makes a quiz without questions. Its key gives its id, by which its place in the course finds it.
pub(crate) async fn create(
    desk: &Desk,
    viewer: Viewer,
    course: CourseId,
    key: &str,
    settings: Settings,
) -> Result<QuizId, Refusal> {
    taught(desk, viewer, course).await?;
    let id = ids::quiz(course, key);
    let mut quiz = Quiz {
        id,
        title: String::new(),
        pass_percent: 0.into(),
        max_attempts: None,
        questions: Vec::new(),
    };
    settings.apply(&mut quiz)?;
    quiz.validate_draft()?;
    let mut tx = desk.db.begin().await?;
    if store::hold_quiz(&mut tx, id).await?.is_some() {
        return Err(Refusal::KeyTaken);
    }
    write(&mut tx, course, key, &quiz).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a quiz as of the version that its author looked at, and gives the version that it has then.
pub(crate) async fn change<C>(
    desk: &Desk,
    viewer: Viewer,
    (course, id): (CourseId, QuizId),
    seen: u64,
    change: C,
) -> Result<u64, Refusal>
where
    C: FnOnce(&mut Quiz) -> Result<(), Refusal>,
{
    let Draft { head, quiz, .. } = draft(desk, viewer, course, id).await?;
    let mut quiz = Quiz::clone(&quiz);
    change(&mut quiz)?;
    quiz.validate_draft()?;
    let mut tx = desk.db.begin().await?;
    let held = store::hold_quiz(&mut tx, id).await?.map_or(0, |held| held.version);
    if held != seen || head.version != seen {
        return Err(Refusal::QuizChanged);
    }
    let version = write(&mut tx, course, &head.key, &quiz).await?;
    tx.commit().await?;
    Ok(version.unwrap_or(seen))
}

/// `None` where it is the same as before.
async fn write(
    tx: &mut Tx,
    course: CourseId,
    key: &str,
    quiz: &Quiz,
) -> Result<Option<u64>, Refusal> {
    within("key", key, LONGEST_KEY)?;
    within("title", &quiz.title, LONGEST_TITLE)?;
    let content = serde_json::to_string(quiz).map_err(bus::Error::from)?;
    let pass_percent = u32::try_from(quiz.pass_percent.round()).unwrap_or_default();
    let new = NewQuiz {
        quiz: quiz.id,
        course,
        key,
        title: &quiz.title,
        pass_percent,
        max_attempts: quiz.max_attempts,
        content: &content,
        hash: &hash(&content),
    };
    Ok(store::put_quiz(tx, &new).await?)
}

/// Questions as GIFT, and what becomes of those that are there.
pub(crate) struct NewQuestions {
    /// For people: what the file was called.
    pub(crate) file: String,
    pub(crate) gift: Vec<u8>,
    /// Whether they take the place of all that are there.
    pub(crate) replaces: bool,
}

/// Adds what can be used of them, and keeps the list of what cannot.
pub(crate) async fn add_questions(
    desk: &Desk,
    viewer: Viewer,
    place: (CourseId, QuizId),
    seen: u64,
    new: NewQuestions,
) -> Result<(), Refusal> {
    let parsed = gift::parse_bytes(&new.file, &new.gift);
    let mut accepted = parsed.questions.len();
    if accepted > 0 {
        change(desk, viewer, place, seen, |quiz| {
            accepted = take_in(quiz, parsed.questions, new.replaces)?;
            Ok(())
        })
        .await?;
    } else {
        draft(desk, viewer, place.0, place.1).await?;
    }
    let mut tx = desk.db.begin().await?;
    let upload = Upload {
        file: new.file,
        accepted: u32::try_from(accepted).unwrap_or(u32::MAX),
        refused: refusals(parsed.refused),
        uploaded_at: tx.now(),
    };
    store::keep_upload(&mut tx, place.1, &upload).await?;
    Ok(tx.commit().await?)
}

fn take_in(
    quiz: &mut Quiz,
    contents: Vec<QuestionContent>,
    replaces: bool,
) -> Result<usize, EditRefused> {
    if !replaces {
        return quiz.append(contents);
    }
    quiz.questions = identify(quiz.id, contents);
    Ok(quiz.questions.len())
}

/// What was refused, in both languages: an author's colleague may read the other.
pub(crate) fn refusals(refused: Vec<gift::Refusal>) -> Vec<UploadRefusal> {
    let refusal = |refusal: gift::Refusal| UploadRefusal {
        line: refusal.line,
        english: refusal.reason.to_string(),
        french: refusal.reason.in_french(),
    };
    refused.into_iter().map(refusal).collect()
}

/// Puts away the list of what an upload refused.
pub(crate) async fn put_away_refusals(
    desk: &Desk,
    viewer: Viewer,
    course: CourseId,
    quiz: QuizId,
) -> Result<(), Refusal> {
    draft(desk, viewer, course, quiz).await?;
    let mut tx = desk.db.begin().await?;
    store::drop_upload(&mut tx, quiz).await?;
    Ok(tx.commit().await?)
}
