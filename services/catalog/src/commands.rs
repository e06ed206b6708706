//! What instructors and administrators do with courses: begin, decide, save, tell, commit.

pub(crate) mod deleting;
pub(crate) mod handover;
pub(crate) mod images;
pub(crate) mod lessons;
pub(crate) mod uploads;

use bus::{Db, Read, Tx};
use contract::catalog::{
    CoursePublished, CourseUpdated, CourseWithdrawn, LessonPublished, LessonUpdated,
    LessonWithdrawn, QuizPlaced,
};
use event::{Language, LessonId};

use crate::{
    domain::{Announcement, Course, CourseChanges, Editor, Refusal, State, Text, limits},
    store::{self, Address},
};

/// How often a write that met another one is tried.
pub(crate) const TRIES: usize = 5;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody else was faster.
    #[error("somebody else is changing this right now: read it again, then repeat your change")]
    Conflict,
    #[error(
        "there is already a course with the key “{0}”: give another “key”, or change that course"
    )]
    Exists(String),
    #[error(transparent)]
    Database(#[from] bus::Error),
    #[error(transparent)]
    Files(#[from] bus::FilesError),
}

/// Makes a draft that belongs to its maker. The very same draft again is given as it is.
pub async fn create(
    db: &Db,
    editor: Editor,
    key: Option<String>,
    language: Language,
    changes: CourseChanges,
) -> Result<Course, CommandError> {
    let title = limits::title("title", changes.title.as_deref().unwrap_or_default())?;
    let key = key.unwrap_or_else(|| limits::slug(&title));
    limits::key(&key)?;
    let mut tx = db.begin().await?;
    if let Some(there) = store::course(&tx, &Address::Key(key.clone())).await? {
        let same = there.instructor == Some(editor.person) && there.title == title;
        return if same { Ok(there) } else { Err(CommandError::Exists(key)) };
    }
    let mut course = Course::draft(&key, title, language, tx.now());
    let before = course.clone();
    course.instructor = Some(editor.person);
    course.change(changes)?;
    save_and_tell(&mut tx, &before, &mut course).await?;
    tx.commit().await?;
    Ok(course)
}

/// Changes a course by a rule: reads it, checks who may, applies the rule, saves, tells. When two
/// write at once the slower one starts again from what the other left.
pub async fn edit<T>(
    db: &Db,
    editor: Editor,
    address: &Address,
    rule: impl Fn(&mut Course) -> Result<T, Refusal> + Send + Sync,
) -> Result<(Course, T), CommandError> {
    for _ in 1..TRIES {
        match edit_once(db, editor, address, &rule).await {
            Err(CommandError::Conflict) => {}
            other => return other,
        }
    }
    edit_once(db, editor, address, &rule).await
}

async fn edit_once<T>(
    db: &Db,
    editor: Editor,
    address: &Address,
    rule: &(impl Fn(&mut Course) -> Result<T, Refusal> + Sync),
) -> Result<(Course, T), CommandError> {
    let mut tx = db.begin().await?;
    let mut course = editable(&tx, editor, address).await?;
    let before = course.clone();
    let outcome = rule(&mut course)?;
    if course != before {
        save_and_tell(&mut tx, &before, &mut course).await?;
        tx.commit().await?;
    }
    Ok((course, outcome))
}

/// A course that this editor may edit.
pub async fn editable(
    read: &impl Read,
    editor: Editor,
    address: &Address,
) -> Result<Course, CommandError> {
    let course = store::course(read, address).await?.ok_or(Refusal::Missing("course"))?;
    if editor.may_edit(&course) { Ok(course) } else { Err(forbidden(&course).into()) }
}

/// A draft does not even exist for those who may not edit it.
fn forbidden(course: &Course) -> Refusal {
    if course.state == State::Published { Refusal::NotYours } else { Refusal::Missing("course") }
}

/// Saves what was edited and tells the others what they do not know yet.
pub(crate) async fn save_and_tell(
    tx: &mut Tx,
    before: &Course,
    course: &mut Course,
) -> Result<(), CommandError> {
    let now = tx.now();
    course.settle(before, now);
    let mut news = course.announce(now);
    news.extend(course.announce_handover(before));
    if !store::save(tx, course).await? {
        return Err(CommandError::Conflict);
    }
    for announcement in news {
        tell(tx, course, &announcement).await?;
    }
    tell_of_quizzes(tx, before, course).await
}

/// While learners do not see a course, who keeps the questions is told of its quizzes one by one.
async fn tell_of_quizzes(
    tx: &mut Tx,
    before: &Course,
    course: &Course,
) -> Result<(), CommandError> {
    if course.state == State::Published {
        return Ok(());
    }
    let revision = course.revision + store::revisions_before(tx, course.id).await?;
    let placed_at = tx.now();
    let same_course = course.title == before.title
        && course.language == before.language
        && course.instructor == before.instructor;
    for quiz in &course.quizzes {
        if same_course && before.quizzes.contains(quiz) {
            continue;
        }
        tx.publish(&QuizPlaced {
            quiz: quiz.id,
            course: course.id,
            version: revision.unsigned_abs() + 1,
            key: quiz.key.clone(),
            title: quiz.title.clone(),
            course_title: course.title.clone(),
            language: course.language,
            pass_percent: quiz.pass_percent,
            instructor: course.instructor,
            placed_at,
        })?;
    }
    Ok(())
}

async fn tell(tx: &mut Tx, course: &Course, news: &Announcement) -> Result<(), bus::Error> {
    match news {
        Announcement::CoursePublished => tx.publish(&CoursePublished(course.face())),
        Announcement::CourseUpdated => tx.publish(&CourseUpdated(course.face())),
        Announcement::CourseWithdrawn => tx.publish(&CourseWithdrawn {
            course: course.id,
            version: course.version,
            withdrawn_at: tx.now(),
        }),
        Announcement::CourseHandedOver => tell_handed_over(tx, course),
        Announcement::LessonPublished(id) => {
            let lesson = lesson_content(tx, course, *id).await?;
            lesson.map_or(Ok(()), |lesson| tx.publish(&LessonPublished(lesson)))
        }
        Announcement::LessonUpdated(id) => {
            let lesson = lesson_content(tx, course, *id).await?;
            lesson.map_or(Ok(()), |lesson| tx.publish(&LessonUpdated(lesson)))
        }
        Announcement::LessonWithdrawn(id) => tell_withdrawn(tx, course, *id),
    }
}

fn tell_handed_over(tx: &mut Tx, course: &Course) -> Result<(), bus::Error> {
    let version = course.version;
    let mut face = course.face();
    face.version = version.saturating_sub(1);
    tx.publish(&CourseUpdated(face))?;
    let withdrawn_at = tx.now();
    tx.publish(&CourseWithdrawn { course: course.id, version, withdrawn_at })
}

fn tell_withdrawn(tx: &mut Tx, course: &Course, id: LessonId) -> Result<(), bus::Error> {
    let Some(lesson) = course.lessons.iter().find(|lesson| lesson.id == id) else {
        return Ok(());
    };
    let withdrawn_at = tx.now();
    tx.publish(&LessonWithdrawn {
        lesson: id,
        course: course.id,
        version: lesson.version,
        withdrawn_at,
    })
}

async fn lesson_content(
    tx: &Tx,
    course: &Course,
    id: LessonId,
) -> Result<Option<contract::catalog::Lesson>, bus::Error> {
    let Some(lesson) = course.lesson(id) else {
        return Ok(None);
    };
    let text = match &lesson.text {
        Text::New { text, .. } => text.clone(),
        Text::Kept { .. } => store::lesson_text(tx, id).await?.unwrap_or_default(),
    };
    Ok(Some(course.lesson_told(lesson, text)))
}
