//! Writing quizzes in the browser: whose course it is, which quizzes it has, and each change to one, which
//! makes a new version. Attempts keep the version that they were begun with.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bus::Tx;
use contract::catalog::ids;
use event::{CourseId, QuizId};

use super::{
    CourseFace, Desk, Refusal, Viewer,
    import::{LONGEST_KEY, LONGEST_TITLE, within},
    places::{self, Place},
};
use crate::{
    domain::{Decided, EditRefused, QuestionContent, Quiz, identify},
    gift,
    store::{self, QuizHead, Upload, UploadRefusal},
};

/// Quizzes of one course that are listed.
const MOST_LISTED: u32 = 200;

/// The quizzes of a course.
pub(crate) struct Bank {
    pub(crate) face: CourseFace,
    pub(crate) quizzes: Vec<(QuizHead, Arc<Quiz>)>,
    /// Those that stand in the course and have no questions here.
    pub(crate) empty: Vec<Place>,
    /// Questions that the last upload of a quiz left out.
    pub(crate) refused: BTreeMap<QuizId, usize>,
    /// Attempts of the course that wait for a person's marks.
    pub(crate) waiting: u64,
}

pub(crate) async fn bank(desk: &Desk, viewer: Viewer, course: CourseId) -> Result<Bank, Refusal> {
    let face = viewer.must_teach(&desk.db, course).await?;
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
    let empty: Vec<Place> =
        face.places.iter().filter(|place| !known.contains(&place.quiz)).cloned().collect();
    let all: Vec<QuizId> = known.into_iter().chain(empty.iter().map(|place| place.quiz)).collect();
    let refused = store::refused_of(&desk.db, &all).await?;
    let waiting = store::awaiting_in(&desk.db, course).await?;
    Ok(Bank { face, quizzes, empty, refused, waiting })
}

/// A quiz as its author works on it.
pub(crate) struct Draft {
    pub(crate) face: CourseFace,
    /// Version 0 has never been written.
    pub(crate) head: QuizHead,
    pub(crate) quiz: Arc<Quiz>,
    pub(crate) upload: Option<Upload>,
}

impl Draft {
    /// Whether it stands in the course, which then decides its title and its pass mark.
    pub(crate) fn is_placed(&self) -> bool {
        self.face.place_of(self.head.quiz).is_some()
    }
}

pub(crate) async fn draft(
    desk: &Desk,
    viewer: Viewer,
    course: CourseId,
    quiz: QuizId,
) -> Result<Draft, Refusal> {
    let face = viewer.must_teach(&desk.db, course).await?;
    let upload = store::last_upload(&desk.db, quiz).await?;
    if let Some(head) = store::quiz(&desk.db, quiz).await?.filter(|head| head.course == course) {
        let quiz = desk.quizzes.one(&desk.db, quiz, head.version).await?;
        return Ok(Draft { face, head, quiz: quiz.ok_or(Refusal::NoSuchQuiz)?, upload });
    }
    let place = face.place_of(quiz).ok_or(Refusal::NoSuchQuiz)?;
    let (head, quiz) = unwritten(course, place);
    Ok(Draft { face, head, quiz: Arc::new(quiz), upload })
}

/// A quiz of which no more is known than that it stands in a course: version 0.
pub(super) fn unwritten(course: CourseId, place: &Place) -> (QuizHead, Quiz) {
    let Decided { title, pass_percent } = place.decided.clone();
    let quiz = Quiz {
        id: place.quiz,
        title: title.clone(),
        pass_percent: pass_percent.into(),
        max_attempts: None,
        questions: Vec::new(),
    };
    let head = QuizHead {
        quiz: place.quiz,
        course,
        key: place.key.clone().unwrap_or_else(|| place.quiz.to_string()),
        title,
        pass_percent,
        max_attempts: None,
        version: 0,
    };
    (head, quiz)
}

/// What an author decides about a quiz beside its questions. Where it stands in a course, title and pass mark
/// are the course's, whatever is written here.
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
    viewer.must_teach(&desk.db, course).await?;
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
    places::begin_writing(&mut tx, course).await?;
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
    places::begin_writing(&mut tx, course).await?;
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
    Ok(places::write(tx, course, key, quiz).await?)
}

/// Questions as GIFT, and what becomes of those that are there.
pub(crate) struct NewQuestions {
    /// For people: what the file was called.
    pub(crate) file: String,
    pub(crate) gift: Vec<u8>,
    /// Whether they take the place of all that are there.
    pub(crate) replaces: bool,
}

/// Adds what can be used of them, and keeps the list of what cannot, which it gives.
pub(crate) async fn add_questions(
    desk: &Desk,
    viewer: Viewer,
    place: (CourseId, QuizId),
    seen: u64,
    new: NewQuestions,
) -> Result<Upload, Refusal> {
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
    tx.commit().await?;
    Ok(upload)
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
