//! What an instructor does with the people of a course: see them, enrol one, remove one.

use bus::Db;
use event::{CourseId, EnrolmentId, Role};
use ui::Session;

use super::{Refusal, leave_seat, take_seat};
use crate::{
    domain::{Enrolment, Seat},
    store::{self, CourseCopy, Done, PersonCopy},
};

/// A course whose people this person may see: an instructor's own, or one that has no instructor; any,
/// to an administrator.
pub(crate) async fn taught(
    db: &Db,
    session: &Session,
    course: CourseId,
) -> Result<CourseCopy, Refusal> {
    let copy = store::course(db, course).await?.ok_or(Refusal::NoSuchCourse)?;
    let is_own = copy.instructor.is_none_or(|instructor| instructor == session.person);
    if session.is(Role::Administrator) || (session.is(Role::Instructor) && is_own) {
        return Ok(copy);
    }
    Err(Refusal::NotYours)
}

/// Somebody who was enrolled by another.
pub(crate) struct EnrolledByMail {
    pub(crate) enrolment: EnrolmentId,
    pub(crate) is_new: bool,
}

/// Enrols whom this address belongs to.
pub(crate) async fn enrol_by_mail(
    db: &Db,
    copy: &CourseCopy,
    mail: &str,
) -> Result<EnrolledByMail, Refusal> {
    let mut tx = db.begin().await?;
    let mails = [mail.trim().to_lowercase()].into();
    let known = store::hold_persons_by_mail(&mut tx, &mails).await?;
    let person = known.values().next().ok_or(Refusal::UnknownMail)?.person;
    let taken = take_seat(&mut tx, person, copy).await?;
    tx.commit().await?;
    Ok(EnrolledByMail { enrolment: taken.enrolment.id, is_new: taken.is_new })
}

/// Takes somebody's seat away. What they did is kept, in case they are enrolled again.
pub(crate) async fn remove(
    db: &Db,
    course: CourseId,
    enrolment: EnrolmentId,
) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    let held = store::hold_enrolment(&mut tx, enrolment).await?;
    let held = held.filter(|held| held.course == course).ok_or(Refusal::NoSuchEnrolment)?;
    leave_seat(&mut tx, held).await?;
    tx.commit().await?;
    Ok(())
}

/// One who is enrolled, and all that they did in the course.
pub(crate) struct Attendee {
    pub(crate) enrolment: Enrolment,
    /// `None` until the copy of the person has arrived.
    pub(crate) person: Option<PersonCopy>,
    pub(crate) done: Done,
}

pub(crate) async fn attendee(
    db: &Db,
    course: CourseId,
    enrolment: EnrolmentId,
) -> Result<Attendee, Refusal> {
    let known = store::enrolment(db, enrolment).await?;
    let is_shown = |it: &Enrolment| it.course == course && it.state == Seat::Active;
    let enrolment = known.filter(is_shown).ok_or(Refusal::NoSuchEnrolment)?;
    if store::is_erased(db, enrolment.learner).await? {
        return Err(Refusal::NoSuchEnrolment);
    }
    let person = store::person(db, enrolment.learner).await?;
    let seats = [enrolment];
    let [enrolment] = &seats;
    let mut done = store::done(db, enrolment.learner, &seats).await?;
    let done = done.remove(&enrolment.id).unwrap_or_default();
    Ok(Attendee { enrolment: enrolment.clone(), person, done })
}
