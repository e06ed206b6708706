//! What the catalogue hears: who takes which course, so that a course's page can lead on; who there is, so
//! that a course can be handed over; whose sessions are over; those who hold copies of its courses and lessons,
//! when they ask; and itself, when an upload has waited long enough.

use std::collections::BTreeMap;

use bus::{BatchHandler, Error, Handled, Handler, Received, Tx, sessions, step};
use chrono::{DateTime, Utc};
use contract::{
    assessment,
    catalog::{
        COURSES, CopiesCompared, CopiesDisowned, CopiesWanted, CourseUpdated, CourseWithdrawn,
        Digest, LESSONS, LessonUpdated, LessonWithdrawn,
    },
    certification,
    identity::{self, PersonChange, PersonErased, SessionsEnded},
    insight,
    learning::{self, CourseCompleted, EnrolmentCancelled, LearnerEnrolled},
    notification,
    own::{CatalogStepTask, UploadExpired},
    step::{GONE, Stamp, hash},
};
use event::{EnrolmentId, Event};
use uuid::Uuid;

use crate::{
    commands::uploads,
    domain::Course,
    store::{self, SeatCopy, Table, ToldLesson},
};

event::one_of! {
    /// Whatever happens to a seat, and that its course was completed.
    pub enum SeatChange {
        Enrolled(LearnerEnrolled),
        Cancelled(EnrolmentCancelled),
        Completed(CourseCompleted),
    }
}

/// Keeps this service's copy of each enrolment. Completions are no part of what is compared: where one
/// was missed, the page says since when one is enrolled, and leads to where all is known.
pub(crate) struct CopyEnrolment;

impl BatchHandler for CopyEnrolment {
    const NAME: &'static str = "catalog.copy-enrolment";
    type Event = SeatChange;

    async fn handle_all(&self, events: &[Received<SeatChange>], tx: &mut Tx) -> Handled {
        let (mut seats, mut completions) = (BTreeMap::new(), BTreeMap::new());
        for event in events {
            match &event.data {
                SeatChange::Enrolled(it) => keep_newest(&mut seats, it.enrolment, taken(it)),
                SeatChange::Cancelled(it) => keep_newest(&mut seats, it.enrolment, given_up(it)),
                SeatChange::Completed(it) => keep_first(&mut completions, it),
            }
        }
        store::copy_seats(tx, &seats).await?;
        Ok(store::copy_completions(tx, &completions).await?)
    }
}

fn taken(it: &LearnerEnrolled) -> SeatCopy {
    SeatCopy {
        learner: it.learner,
        course: it.course,
        version: it.version,
        active: true,
        changed_at: it.enrolled_at,
        hash: hash(it),
    }
}

fn given_up(it: &EnrolmentCancelled) -> SeatCopy {
    SeatCopy {
        learner: it.learner,
        course: it.course,
        version: it.version,
        active: false,
        changed_at: it.cancelled_at,
        hash: GONE.to_owned(),
    }
}

/// A batch may hold several versions of one seat, and one statement may write it only once.
fn keep_newest(
    seats: &mut BTreeMap<EnrolmentId, SeatCopy>,
    enrolment: EnrolmentId,
    copy: SeatCopy,
) {
    if seats.get(&enrolment).is_none_or(|known| known.version < copy.version) {
        seats.insert(enrolment, copy);
    }
}

fn keep_first(completions: &mut BTreeMap<EnrolmentId, DateTime<Utc>>, it: &CourseCompleted) {
    let first = completions.entry(it.enrolment).or_insert(it.completed_at);
    *first = it.completed_at.min(*first);
}

/// Keeps this service's copy of each person. What is told anew comes to this queue alone: so who was erased is
/// forgotten here too.
pub(crate) struct CopyPerson;

impl Handler for CopyPerson {
    const NAME: &'static str = "catalog.copy-person";
    type Event = PersonChange;

    async fn handle(&self, event: &Received<PersonChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            PersonChange::Registered(it) => Ok(store::copy_person(tx, &it.0).await?),
            PersonChange::Updated(it) => Ok(store::copy_person(tx, &it.0).await?),
            PersonChange::Erased(it) => {
                store::erase_person(tx, it).await?;
                forget(tx, it).await
            }
        }
    }
}

/// Forgets whose seats they were, when somebody is erased.
pub(crate) struct ForgetPerson;

impl Handler for ForgetPerson {
    const NAME: &'static str = "catalog.forget-person";
    type Event = PersonErased;

    async fn handle(&self, event: &Received<PersonErased>, tx: &mut Tx) -> Handled {
        forget(tx, event).await
    }
}

async fn forget(tx: &mut Tx, gone: &PersonErased) -> Handled {
    store::forget_learner(tx, gone.person).await?;
    Ok(tx.forget_person(gone.person, gone.erased_at).await?)
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "catalog.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

/// Throws an upload away on which nobody decided.
pub(crate) struct ExpireUploads;

impl Handler for ExpireUploads {
    const NAME: &'static str = "catalog.expire-uploads";
    type Event = UploadExpired;

    async fn handle(&self, event: &Received<UploadExpired>, tx: &mut Tx) -> Handled {
        Ok(uploads::throw_away(tx, event.upload).await?)
    }
}

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "catalog.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] = &[learning::Digest::TYPE, identity::Digest::TYPE];
    const DISOWNED: &'static [&'static str] =
        &[learning::CopiesDisowned::TYPE, identity::CopiesDisowned::TYPE];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}

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
