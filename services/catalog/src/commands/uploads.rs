//! A course that is uploaded as files: read and checked, shown to whoever uploaded it with what would
//! change, and taken over when they say so.

mod kept;

pub use kept::{WAITS, discard, keep, read, throw_away};

use bus::{Db, Files, Tx};
use contract::catalog::{QuestionsUploaded, ids};
use event::FileReference;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CommandError, TRIES, save_and_tell};
use crate::{
    domain::{Announcement, Course, Draft, Editor, Lesson, Quiz, Refusal, Said, State, image},
    import::{CourseSource, fingerprint, take},
    store::{self, Address},
};

/// What waits for a yes.
#[derive(Serialize, Deserialize)]
pub struct Upload {
    /// Makes the file another one each time.
    id: Uuid,
    pub source: CourseSource,
    pub questions: Vec<Questions>,
    images: Vec<UploadedImage>,
    /// Files that were left out because they are of no kind that is read.
    pub left_out: Vec<String>,
    /// What else was left out, and why.
    #[serde(default)]
    pub notes: Vec<Said>,
}

/// A file of questions for a quiz.
#[derive(Serialize, Deserialize)]
pub struct Questions {
    /// The quiz's.
    pub key: String,
    pub uploaded_as: String,
    pub file: FileReference,
}

#[derive(Serialize, Deserialize)]
struct UploadedImage {
    media_type: String,
    file: FileReference,
    width: u32,
    height: u32,
    description: String,
}

impl Upload {
    #[must_use]
    pub fn images(&self) -> usize {
        self.images.len()
    }
}

/// What would change.
pub struct Plan {
    pub is_new: bool,
    /// The course as it is; a new one is an empty draft.
    pub before: Course,
    pub course: Course,
    pub lessons: Changes<Lesson>,
    pub quizzes: Changes<Quiz>,
    /// Lessons whose unpublished changes would go with them.
    pub drafts_lost: usize,
    /// What the other services would be told.
    pub news: Vec<Announcement>,
}

/// What would come, differ and go.
pub struct Changes<T> {
    pub added: Vec<T>,
    pub changed: Vec<T>,
    pub removed: Vec<T>,
}

/// What taking an upload over would change, without doing it.
pub async fn plan(db: &Db, editor: Editor, upload: &Upload) -> Result<Plan, CommandError> {
    let there = store::course(db, &Address::Key(upload.source.key.clone())).await?;
    let is_new = there.is_none();
    let (before, mut course) = begin(editor, there, &upload.source, db.now())?;
    take(&mut course, &upload.source, &fingerprint(&upload.source)?)?;
    course.settle(&before, db.now());
    let news = course.announce(db.now());
    let lessons = lesson_changes(&before, &course);
    let drafts = store::drafts(db, course.id).await?;
    let goes = |draft: &&Draft| lessons.removed.iter().any(|lesson| lesson.id == draft.lesson);
    Ok(Plan {
        is_new,
        drafts_lost: drafts.iter().filter(goes).count(),
        quizzes: quiz_changes(&before, &course),
        lessons,
        news,
        before,
        course,
    })
}

fn lesson_changes(before: &Course, after: &Course) -> Changes<Lesson> {
    let is_there = |lesson: &&Lesson| lesson.state != State::Withdrawn;
    let is_new = |lesson: &&Lesson| before.lesson(lesson.id).is_none();
    let is_changed = |lesson: &&Lesson| {
        before.lesson(lesson.id).is_some_and(|old| old.version != lesson.version)
    };
    let is_gone = |lesson: &&Lesson| after.lesson(lesson.id).is_none();
    let present = after.lessons.iter().filter(is_there);
    Changes {
        added: present.clone().filter(is_new).cloned().collect(),
        changed: present.filter(is_changed).cloned().collect(),
        removed: before.lessons.iter().filter(is_there).filter(is_gone).cloned().collect(),
    }
}

fn quiz_changes(before: &Course, after: &Course) -> Changes<Quiz> {
    let find = |course: &Course, quiz: &Quiz| {
        course.quizzes.iter().find(|other| other.id == quiz.id).cloned()
    };
    // Where it came from shows nowhere.
    let is_changed = |quiz: &&Quiz| {
        find(before, quiz).is_some_and(|old| Quiz { imported: quiz.imported, ..old } != **quiz)
    };
    let is_new = |quiz: &&Quiz| find(before, quiz).is_none();
    let is_gone = |quiz: &&Quiz| find(after, quiz).is_none();
    Changes {
        added: after.quizzes.iter().filter(is_new).cloned().collect(),
        changed: after.quizzes.iter().filter(is_changed).cloned().collect(),
        removed: before.quizzes.iter().filter(is_gone).cloned().collect(),
    }
}

/// Takes an upload over. A new course is a draft of whoever uploaded it; a published one shows the
/// changes at once.
pub async fn apply(
    db: &Db,
    files: &Files,
    editor: Editor,
    id: Uuid,
) -> Result<Course, CommandError> {
    let upload = read(db, files, editor.person, id).await?;
    let mut course = apply_once(db, editor, id, &upload).await;
    for _ in 1..TRIES {
        if !matches!(course, Err(CommandError::Conflict)) {
            break;
        }
        course = apply_once(db, editor, id, &upload).await;
    }
    course
}

async fn apply_once(
    db: &Db,
    editor: Editor,
    id: Uuid,
    upload: &Upload,
) -> Result<Course, CommandError> {
    let mut tx = db.begin().await?;
    // Whoever was faster has taken it over, or thrown it away with its files.
    let taken = store::take_upload(&mut tx, id).await?.ok_or(Refusal::Missing("upload"))?;
    let there = store::course(&tx, &Address::Key(upload.source.key.clone())).await?;
    let (before, mut course) = begin(editor, there, &upload.source, tx.now())?;
    take(&mut course, &upload.source, &fingerprint(&upload.source)?)?;
    if course != before {
        save_and_tell(&mut tx, &before, &mut course).await?;
    }
    let mut used = take_images(&mut tx, editor, &course, upload).await?;
    used.extend(tell_of_questions(&mut tx, editor, &course, upload)?);
    kept::let_go(&mut tx, &taken, &used).await?;
    tx.commit().await?;
    Ok(course)
}

/// The course as it is, or a new draft, and a copy to be changed.
fn begin(
    editor: Editor,
    there: Option<Course>,
    source: &CourseSource,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(Course, Course), CommandError> {
    if let Some(there) = there {
        if !editor.may_edit(&there) {
            return Err(CommandError::Exists(source.key.clone()));
        }
        return Ok((there.clone(), there));
    }
    let before = Course::draft(&source.key, source.title.clone(), source.language, now);
    let course = Course { instructor: Some(editor.person), ..before.clone() };
    Ok((before, course))
}

/// Gives the files that the course has from now on.
async fn take_images(
    tx: &mut Tx,
    editor: Editor,
    course: &Course,
    upload: &Upload,
) -> Result<Vec<FileReference>, CommandError> {
    let mut taken = Vec::new();
    for uploaded in &upload.images {
        let Some(kind) = image::Kind::of_media_type(&uploaded.media_type) else { continue };
        let image = image::Image {
            id: event::fresh_uuid(),
            kind,
            file: uploaded.file.clone(),
            width: uploaded.width,
            height: uploaded.height,
            description: uploaded.description.clone(),
            uploaded_at: tx.now(),
            uploaded_by: editor.person,
        };
        if store::put_image(tx, course.id, &image).await? {
            taken.push(image.file);
        }
    }
    Ok(taken)
}

/// Gives the files that the others were told of.
fn tell_of_questions(
    tx: &mut Tx,
    editor: Editor,
    course: &Course,
    upload: &Upload,
) -> Result<Vec<FileReference>, CommandError> {
    let (at, mut told) = (tx.now(), Vec::new());
    for questions in &upload.questions {
        let quiz = ids::quiz(course.id, &questions.key);
        let Some(place) = course.quizzes.iter().find(|place| place.id == quiz) else { continue };
        tx.publish(&QuestionsUploaded {
            quiz,
            course: course.id,
            key: questions.key.clone(),
            title: place.title.clone(),
            pass_percent: place.pass_percent,
            instructor: course.instructor,
            file: questions.file.clone(),
            uploaded_as: questions.uploaded_as.clone(),
            by: editor.person,
            at,
        })?;
        told.push(questions.file.clone());
    }
    Ok(told)
}
