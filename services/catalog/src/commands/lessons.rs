//! Writing lessons: what learners see already is changed in a draft, and shown when it is published.

use bus::{Db, Tx};
use event::LessonId;

use super::{CommandError, TRIES, editable, save_and_tell};
use crate::{
    domain::{Chosen, Course, Draft, Editor, LessonContent, Refusal, Seen},
    store::{self, Address},
};

/// What was saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saved {
    pub place: Place,
    /// The lesson as its author has seen it now.
    pub seen: Seen,
}

/// Where what was written went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Into the lesson itself, which learners do not see yet.
    Lesson,
    /// Into a draft beside what learners see.
    Draft,
}

/// Saves what an author wrote over what they have seen.
pub async fn save(
    db: &Db,
    editor: Editor,
    address: &Address,
    id: LessonId,
    seen: Seen,
    content: LessonContent,
) -> Result<Saved, CommandError> {
    let content = content.fitting()?;
    for _ in 1..TRIES {
        // Somebody may be at work elsewhere in the course: what they do is no conflict.
        match save_once(db, editor, address, id, seen, content.clone()).await {
            Err(CommandError::Conflict) => {}
            other => return other,
        }
    }
    save_once(db, editor, address, id, seen, content).await
}

async fn save_once(
    db: &Db,
    editor: Editor,
    address: &Address,
    id: LessonId,
    seen: Seen,
    content: LessonContent,
) -> Result<Saved, CommandError> {
    let mut tx = db.begin().await?;
    let mut course = editable(&tx, editor, address).await?;
    let lesson = course.lesson(id).ok_or(Refusal::Missing("lesson"))?;
    let draft = store::draft(&tx, id).await?;
    if Seen::of(lesson, draft.as_ref()) != seen {
        return Err(Refusal::Stale.into());
    }
    let saved = if course.shows(lesson) {
        let next = Draft {
            lesson: id,
            base: seen.version,
            revision: seen.revision + 1,
            content,
            saved_at: tx.now(),
            saved_by: editor.person,
        };
        if !store::save_draft(&mut tx, course.id, &next).await? {
            return Err(Refusal::Stale.into());
        }
        Saved { place: Place::Draft, seen: Seen { revision: next.revision, ..seen } }
    } else {
        let before = course.clone();
        course.change_lesson(id, content.into())?;
        save_and_tell(&mut tx, &before, &mut course).await?;
        drop_all(&mut tx, draft.as_slice()).await?;
        let lesson = course.lesson(id).ok_or(Refusal::Missing("lesson"))?;
        Saved { place: Place::Lesson, seen: Seen::of(lesson, None) }
    };
    tx.commit().await?;
    Ok(saved)
}

/// Lets go of a draft; learners keep what they see. Without one nothing happens.
pub async fn discard(
    db: &Db,
    editor: Editor,
    address: &Address,
    id: LessonId,
    seen: Seen,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    course.lesson(id).ok_or(Refusal::Missing("lesson"))?;
    let Some(draft) = store::draft(&tx, id).await? else {
        return Ok(());
    };
    if draft.revision != seen.revision {
        return Err(Refusal::Stale.into());
    }
    drop_all(&mut tx, &[draft]).await?;
    tx.commit().await?;
    Ok(())
}

/// Publishes a course with the lessons that were chosen, as they were seen.
pub async fn publish(
    db: &Db,
    editor: Editor,
    address: &Address,
    chosen: &[Chosen],
) -> Result<Course, CommandError> {
    for _ in 1..TRIES {
        match publish_once(db, editor, address, chosen).await {
            Err(CommandError::Conflict) => {}
            other => return other,
        }
    }
    publish_once(db, editor, address, chosen).await
}

async fn publish_once(
    db: &Db,
    editor: Editor,
    address: &Address,
    chosen: &[Chosen],
) -> Result<Course, CommandError> {
    let mut tx = db.begin().await?;
    let mut course = editable(&tx, editor, address).await?;
    let before = course.clone();
    let drafts = store::drafts(&tx, course.id).await?;
    let done = course.publish_with(chosen, &drafts)?;
    if course != before {
        save_and_tell(&mut tx, &before, &mut course).await?;
    }
    drop_all(&mut tx, &done).await?;
    tx.commit().await?;
    Ok(course)
}

async fn drop_all(tx: &mut Tx, drafts: &[Draft]) -> Result<(), CommandError> {
    for draft in drafts {
        if !store::drop_draft(tx, draft).await? {
            return Err(CommandError::Conflict);
        }
    }
    Ok(())
}
