//! The use cases of `learning`: enrol, cancel, read a lesson, complete. Those of instructors and
//! administrators are in the modules below.

mod messages;
mod rosters;
mod uploads;

pub(crate) use messages::*;
pub(crate) use rosters::*;
pub(crate) use uploads::*;

use bus::{Db, Tx};
use chrono::{DateTime, Utc};
use contract::learning::{EnrolmentCancelled, LearnerEnrolled, LessonRead};
use event::{CourseId, EnrolmentId, LessonId, PersonId};
use ui::Problem;

use crate::{
    domain::{self, Enrolment, Outline, Progress, Seat},
    store::{self, CourseCopy},
};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such course here; if it was published a moment ago, try again")]
    NoSuchCourse,
    #[error("this course was withdrawn: nobody can enrol any more")]
    Withdrawn,
    #[error("you have no such enrolment: enrol in the course first")]
    NoSuchEnrolment,
    #[error("this enrolment was cancelled: enrol again to go on where you stopped")]
    Cancelled,
    #[error("this account was erased: nothing more can be kept for it")]
    Erased,
    #[error("this course has no such lesson; if it was published a moment ago, try again")]
    NoSuchLesson,
    #[error("this course is another instructor's: ask them, or an administrator")]
    NotYours,
    #[error("nobody with this address is known here: invite them first")]
    UnknownMail,
    #[error("nobody is enrolled in this course: there is nobody to write to")]
    NobodyEnrolled,
    #[error("there is no such upload; it was thrown away if it is older than 90 days")]
    NoSuchUpload,
    #[error(transparent)]
    Store(#[from] bus::Error),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::NoSuchCourse
            | Refusal::NoSuchEnrolment
            | Refusal::NoSuchLesson
            | Refusal::NoSuchUpload => Self::not_found(refusal.to_string()),
            Refusal::Withdrawn | Refusal::Cancelled | Refusal::Erased | Refusal::NobodyEnrolled => {
                Self::conflict(refusal.to_string())
            }
            Refusal::NotYours => Self::forbidden(refusal.to_string()),
            Refusal::UnknownMail => Self::invalid("mail", refusal.to_string()),
            Refusal::Store(error) => Self::unavailable(error),
        }
    }
}

/// An enrolment, with what its owner wants to know of it.
pub(crate) struct Standing {
    pub(crate) enrolment: Enrolment,
    pub(crate) outline: Outline,
    pub(crate) progress: Progress,
}

/// Takes a seat. Taking it twice is taking it once.
pub(crate) async fn enrol(
    db: &Db,
    learner: PersonId,
    course: CourseId,
) -> Result<Enrolment, Refusal> {
    let mut tx = db.begin().await?;
    store::hold_person(&mut tx, learner).await?;
    refuse_the_erased(&tx, learner).await?;
    let copy = store::course(&tx, course).await?.ok_or(Refusal::NoSuchCourse)?;
    let taken = take_seat(&mut tx, learner, &copy).await?;
    tx.commit().await?;
    Ok(taken.enrolment)
}

/// A seat, and whether it was free before.
pub(crate) struct Taken {
    pub(crate) enrolment: Enrolment,
    pub(crate) is_new: bool,
}

/// Takes a seat in a course for a learner, who is held, and tells it if it was free.
pub(crate) async fn take_seat(
    tx: &mut Tx,
    learner: PersonId,
    copy: &CourseCopy,
) -> Result<Taken, Refusal> {
    let first = Enrolment::take(learner, copy.course, tx.now());
    if !copy.withdrawn && store::add_enrolment(tx, &first).await? {
        return tell_taken(tx, first, copy).await;
    }
    let held = store::hold_enrolment(tx, first.id).await?.ok_or(Refusal::Withdrawn)?;
    let Some(again) = held.take_again(tx.now()) else {
        return Ok(Taken { enrolment: held, is_new: false });
    };
    if copy.withdrawn {
        return Err(Refusal::Withdrawn);
    }
    store::change_enrolment(tx, &again).await?;
    tell_taken(tx, again, copy).await
}

/// Tells of a seat that was just taken; all that the course asks for may have been done before.
async fn tell_taken(
    tx: &mut Tx,
    enrolment: Enrolment,
    copy: &CourseCopy,
) -> Result<Taken, Refusal> {
    tx.publish(&LearnerEnrolled {
        enrolment: enrolment.id,
        version: enrolment.version,
        learner: enrolment.learner,
        course: enrolment.course,
        enrolled_at: enrolment.enrolled_at,
    })?;
    complete_if_done(tx, &enrolment, copy).await?;
    Ok(Taken { enrolment, is_new: true })
}

/// Gives a seat up. What was read and passed is kept, in case it is taken again.
pub(crate) async fn cancel(
    db: &Db,
    learner: PersonId,
    enrolment: EnrolmentId,
) -> Result<Enrolment, Refusal> {
    let mut tx = db.begin().await?;
    let held = hold_own_enrolment(&mut tx, learner, enrolment).await?;
    let left = leave_seat(&mut tx, held).await?;
    tx.commit().await?;
    Ok(left)
}

/// Gives a seat up, which is held, and tells it if it was taken.
async fn leave_seat(tx: &mut Tx, held: Enrolment) -> Result<Enrolment, Refusal> {
    let Some(cancelled) = held.cancel() else {
        return Ok(held);
    };
    store::change_enrolment(tx, &cancelled).await?;
    let now = tx.now();
    tx.publish(&EnrolmentCancelled {
        enrolment: cancelled.id,
        version: cancelled.version,
        learner: cancelled.learner,
        course: cancelled.course,
        cancelled_at: now,
    })?;
    Ok(cancelled)
}

/// Notes that a lesson was read; reading it again changes nothing.
pub(crate) async fn read_lesson(
    db: &Db,
    learner: PersonId,
    enrolment: EnrolmentId,
    lesson: LessonId,
) -> Result<Standing, Refusal> {
    let mut tx = db.begin().await?;
    refuse_the_erased(&tx, learner).await?;
    let enrolment = hold_own_enrolment(&mut tx, learner, enrolment).await?;
    if enrolment.state == Seat::Cancelled {
        return Err(Refusal::Cancelled);
    }
    let copy = store::course(&tx, enrolment.course).await?.ok_or(Refusal::NoSuchCourse)?;
    if !copy.outline.has_lesson(lesson) {
        return Err(Refusal::NoSuchLesson);
    }
    if store::mark_read(&mut tx, enrolment.id, lesson).await? {
        let now = tx.now();
        tx.publish(&LessonRead {
            enrolment: enrolment.id,
            learner,
            course: enrolment.course,
            lesson,
            read_at: now,
        })?;
        complete_if_done(&mut tx, &enrolment, &copy).await?;
    }
    tx.commit().await?;
    standing(db, learner, enrolment.id).await
}

/// How a learner stands in a course.
pub(crate) async fn standing(
    db: &Db,
    learner: PersonId,
    enrolment: EnrolmentId,
) -> Result<Standing, Refusal> {
    let enrolment = own_enrolment(db, learner, enrolment).await?;
    let copy = store::course(db, enrolment.course).await?.ok_or(Refusal::NoSuchCourse)?;
    let progress = store::progress(db, &enrolment).await?;
    Ok(Standing { enrolment, outline: copy.outline, progress })
}

/// Notes how far a seat is, which is held: the completion where its progress completes the course, once.
pub(crate) async fn complete_if_done(
    tx: &mut Tx,
    enrolment: &Enrolment,
    copy: &CourseCopy,
) -> Result<(), bus::Error> {
    let progress = store::progress(tx, enrolment).await?;
    let now = tx.now();
    let completed =
        domain::complete(enrolment, &copy.outline, copy.outline_version, &progress, now);
    let Some(completed) = completed else {
        let (done, _) = progress.steps(&copy.outline);
        return store::note_progress(tx, enrolment.id, done as u64).await;
    };
    if store::mark_completed(tx, enrolment.id, now).await? {
        tx.publish(&completed)?;
    }
    Ok(())
}

/// What the database counts, for reconciling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Seats that are taken.
    pub enrolled: i64,
    /// Of these, courses completed.
    pub completed: i64,
    /// People with a seat.
    pub learners: i64,
    /// Graded attempts that arrived.
    pub results: i64,
    pub lessons_read: i64,
}

/// Counts.
///
/// # Errors
/// When the database is away.
pub async fn tally(db: &Db) -> Result<Tally, bus::Error> {
    let none = Tally { enrolled: 0, completed: 0, learners: 0, results: 0, lessons_read: 0 };
    Ok(store::counts(db).await?.map_or(none, |counts| Tally {
        enrolled: counts.enrolled,
        completed: counts.completed,
        learners: counts.learners,
        results: counts.results,
        lessons_read: counts.lessons_read,
    }))
}

/// How many took a seat in a course before a time, and have it still.
///
/// # Errors
/// When the database is away.
pub async fn enrolled_before(
    db: &Db,
    course: CourseId,
    time: DateTime<Utc>,
) -> Result<i64, bus::Error> {
    store::enrolled_before(db, course, time).await
}

async fn own_enrolment(
    db: &Db,
    learner: PersonId,
    enrolment: EnrolmentId,
) -> Result<Enrolment, Refusal> {
    let known = store::enrolment(db, enrolment).await?;
    known.filter(|known| known.learner == learner).ok_or(Refusal::NoSuchEnrolment)
}

/// One's own seat, held until the transaction ends.
async fn hold_own_enrolment(
    tx: &mut Tx,
    learner: PersonId,
    enrolment: EnrolmentId,
) -> Result<Enrolment, Refusal> {
    let held = store::hold_enrolment(tx, enrolment).await?;
    held.filter(|held| held.learner == learner).ok_or(Refusal::NoSuchEnrolment)
}

/// A session lasts longer than its account, if that was erased elsewhere.
async fn refuse_the_erased(tx: &Tx, learner: PersonId) -> Result<(), Refusal> {
    if store::is_erased(tx, learner).await? { Err(Refusal::Erased) } else { Ok(()) }
}
