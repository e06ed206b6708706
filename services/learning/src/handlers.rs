//! What `learning` hears: courses, and graded attempts.
//!
//! Completion is noted once and stays, whatever the course becomes; so what a course asks for is the
//! one thing here whose order of arrival can matter, and only while a learner is just completing.

use bus::{Handled, Handler, Received, Tx};
use contract::{assessment::AttemptGraded, catalog::CourseChange};
use event::{CourseId, EnrolmentId, Event};
use serde::{Deserialize, Serialize};

use crate::{
    commands::complete_if_done,
    domain::{Enrolment, Outline},
    store,
};

/// Seats looked at in one transaction.
const CHUNK: u32 = 200;

/// Keeps this service's copy of each course.
pub(crate) struct CopyCourse;

impl Handler for CopyCourse {
    const NAME: &'static str = "learning.copy-course";
    type Event = CourseChange;

    async fn handle(&self, event: &Received<CourseChange>, tx: &mut Tx) -> Handled {
        let course = match &event.data {
            CourseChange::Published(published) => &published.0,
            CourseChange::Updated(updated) => &updated.0,
            CourseChange::Withdrawn(gone) => {
                return Ok(store::withdraw_course(tx, gone.course, gone.version).await?);
            }
        };
        let outline = Outline::of(course);
        if store::copy_outline(tx, course.course, course.version, &outline).await? {
            recheck_from(tx, course.course, None).await?;
        }
        Ok(())
    }
}

/// Takes each graded attempt, and notes the completion that it brings.
pub(crate) struct TakeResult;

impl Handler for TakeResult {
    const NAME: &'static str = "learning.take-result";
    type Event = AttemptGraded;

    async fn handle(&self, event: &Received<AttemptGraded>, tx: &mut Tx) -> Handled {
        if !store::save_result(tx, event).await? {
            return Ok(());
        }
        let seat = Enrolment::id_of(event.learner, event.course);
        let Some(enrolment) = store::enrolment(tx, seat).await? else {
            return Ok(());
        };
        if let Some(copy) = store::course(tx, event.course).await? {
            complete_if_done(tx, &enrolment, &copy).await?;
        }
        Ok(())
    }
}

/// The course asks for something else now: look at the seats after this one again. Internal to
/// `learning`; a chunk tells the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequirementsChanged {
    course: CourseId,
    after: Option<EnrolmentId>,
}

impl Event for RequirementsChanged {
    const TYPE: &'static str = "learning.requirements-changed.v1";
    fn subject(&self) -> String {
        self.course.to_string()
    }
}

/// Notes completions that follow from a change of the course.
pub(crate) struct Recheck;

impl Handler for Recheck {
    const NAME: &'static str = "learning.recheck";
    type Event = RequirementsChanged;

    async fn handle(&self, event: &Received<RequirementsChanged>, tx: &mut Tx) -> Handled {
        let Some(copy) = store::course(tx, event.course).await? else {
            return Ok(());
        };
        let seats = store::open_enrolments(tx, event.course, event.after, CHUNK).await?;
        for enrolment in &seats {
            complete_if_done(tx, enrolment, &copy).await?;
        }
        let last = seats.last().map(|enrolment| enrolment.id);
        recheck_from(tx, event.course, last.or(event.after)).await
    }
}

/// Tells the recheck to go on after a seat, if there is one to look at.
async fn recheck_from(tx: &mut Tx, course: CourseId, after: Option<EnrolmentId>) -> Handled {
    if !store::open_enrolments(tx, course, after, 1).await?.is_empty() {
        tx.publish(&RequirementsChanged { course, after })?;
    }
    Ok(())
}
