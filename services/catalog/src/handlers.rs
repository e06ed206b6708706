//! What the catalogue hears: those who hold copies of its courses and lessons, when they ask.

use bus::{Error, Tx, step};
use contract::{
    assessment,
    catalog::{
        COURSES, CopiesDisowned, CourseUpdated, CourseWithdrawn, Digest, LESSONS, LessonUpdated,
        LessonWithdrawn,
    },
    certification, insight, learning, notification,
    own::CatalogStepTask,
    step::{GONE, Stamp, hash},
};
use event::Event;
use uuid::Uuid;

use crate::{
    domain::Course,
    store::{self, Table, ToldLesson},
};

/// Tells the present state of courses and lessons to those who lack it.
pub(crate) struct KeepInStep;

impl step::Owner for KeepInStep {
    const NAME: &'static str = "catalog.keep-in-step";
    const KINDS: &'static [&'static str] = &[COURSES, LESSONS];
    const COMPARED: &'static [&'static str] = &[
        learning::CopiesCompared::TYPE,
        assessment::CopiesCompared::TYPE,
        certification::CopiesCompared::TYPE,
        notification::CopiesCompared::TYPE,
        insight::CopiesCompared::TYPE,
    ];
    const WANTED: &'static [&'static str] = &[
        learning::CopiesWanted::TYPE,
        assessment::CopiesWanted::TYPE,
        certification::CopiesWanted::TYPE,
        notification::CopiesWanted::TYPE,
        insight::CopiesWanted::TYPE,
    ];
    /// Each is a whole course, or a lesson with its text.
    const PAGE: usize = 100;
    type Digest = Digest;
    type Disowned = CopiesDisowned;
    type Task = CatalogStepTask;

    async fn stamps(
        &self,
        tx: &mut Tx,
        kind: &str,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Stamp>, Error> {
        if kind == LESSONS {
            let lessons = store::told_lessons(tx, after, most).await?;
            return Ok(lessons.iter().map(lesson_stamp).collect());
        }
        let courses = store::told_courses(tx, after, most).await?;
        Ok(courses.iter().map(course_stamp).collect())
    }

    async fn send(
        &self,
        tx: &mut Tx,
        kind: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> Result<Vec<Uuid>, Error> {
        let mut sent = Vec::new();
        if kind == LESSONS {
            for told in store::told_lessons_of(tx, ids).await? {
                sent.push(told.lesson.lesson.0);
                send_lesson(tx, told, queue)?;
            }
            return Ok(sent);
        }
        for course in store::told_courses_of(tx, ids).await? {
            sent.push(course.id.0);
            send_course(tx, &course, queue)?;
        }
        Ok(sent)
    }

    async fn overtake(&self, tx: &mut Tx, kind: &str, id: Uuid, version: u64) -> Result<(), Error> {
        let table = if kind == LESSONS { Table::Lesson } else { Table::Course };
        store::overtake(tx, table, id, version).await
    }
}

fn course_stamp(course: &Course) -> Stamp {
    let hash = if course.told.shown { hash(&course.face()) } else { GONE.to_owned() };
    Stamp { id: course.id.0, version: course.told.version, hash }
}

fn lesson_stamp(told: &ToldLesson) -> Stamp {
    let hash = if told.shown { hash(&told.lesson) } else { GONE.to_owned() };
    Stamp { id: told.lesson.lesson.0, version: told.lesson.version, hash }
}

/// A course that was withdrawn is described too, one version before it went: whoever is enrolled
/// goes on, and is told of it by its title.
fn send_course(tx: &mut Tx, course: &Course, queue: &str) -> Result<(), Error> {
    let mut face = course.face();
    if course.told.shown {
        return tx.publish_to(&CourseUpdated(face), queue);
    }
    let version = course.told.version;
    face.version = version.saturating_sub(1);
    if face.version > 0 {
        tx.publish_to(&CourseUpdated(face), queue)?;
    }
    let withdrawn_at = course.updated_at;
    tx.publish_to(&CourseWithdrawn { course: course.id, version, withdrawn_at }, queue)
}

fn send_lesson(tx: &mut Tx, told: ToldLesson, queue: &str) -> Result<(), Error> {
    let ToldLesson { lesson, shown, changed_at } = told;
    if shown {
        return tx.publish_to(&LessonUpdated(lesson), queue);
    }
    let (id, course, version) = (lesson.lesson, lesson.course, lesson.version);
    let withdrawn = LessonWithdrawn { lesson: id, course, version, withdrawn_at: changed_at };
    tx.publish_to(&withdrawn, queue)
}
