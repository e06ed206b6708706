//! What `learning` hears: courses, persons, whose sessions are over, attempts, and what it tells itself.
//!
//! Completion is noted once and stays, whatever the course becomes; so what a course asks for is the
//! one thing here whose order of arrival can matter, and only while a learner is just completing.

use std::collections::BTreeMap;

use bus::{BatchHandler, Error, Failure, Handled, Handler, Received, Tx, sessions, step};
use contract::{
    assessment::{self, AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted},
    catalog::{self, CourseChange},
    identity::{self, PersonChange, SessionsEnded},
    learning::{CopiesCompared, CopiesDisowned, CopiesWanted, Digest, ENROLMENTS},
    notification,
    own::{EnrolmentsUploaded, LearningStepTask, RequirementsChanged},
    step::{GONE, Stamp, hash},
};
use event::{AttemptId, CourseId, EnrolmentId, Event};
use uuid::Uuid;

use crate::{
    commands::{self, Refusal, complete_if_done},
    domain::{Enrolment, Outline},
    store::{self, Attempt, Told},
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
        if store::copy_outline(tx, course, &outline).await? {
            store::note_progress_of_all(tx, course.course, &outline).await?;
            recheck_from(tx, course.course, None).await?;
        }
        Ok(())
    }
}

/// Keeps this service's copy of each person, and forgets who was erased.
pub(crate) struct CopyPerson;

impl Handler for CopyPerson {
    const NAME: &'static str = "learning.copy-person";
    type Event = PersonChange;

    async fn handle(&self, event: &Received<PersonChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            PersonChange::Registered(it) => store::copy_person(tx, &it.0).await?,
            PersonChange::Updated(it) => store::copy_person(tx, &it.0).await?,
            PersonChange::Erased(it) => {
                store::erase_person(tx, it).await?;
                tx.forget_person(it.person, it.erased_at).await?;
            }
        }
        Ok(())
    }
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "learning.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

event::one_of! {
    /// Whatever says that a mark is on its way.
    pub enum MarkAwaited {
        Submitted(AttemptSubmitted),
        AwaitsMarking(AttemptAwaitsMarking),
    }
}

/// Notes attempts whose mark is on its way, so that a learner sees it.
pub(crate) struct AwaitResult;

impl BatchHandler for AwaitResult {
    const NAME: &'static str = "learning.await-result";
    type Event = MarkAwaited;

    async fn handle_all(&self, events: &[Received<MarkAwaited>], tx: &mut Tx) -> Handled {
        let mut attempts: BTreeMap<AttemptId, Attempt> = BTreeMap::new();
        for event in events {
            let attempt = match &event.data {
                MarkAwaited::Submitted(it) => Attempt::from(it),
                MarkAwaited::AwaitsMarking(it) => Attempt::from(it),
            };
            let known = attempts.remove(&attempt.attempt);
            attempts.insert(attempt.attempt, attempt.or(known));
        }
        Ok(store::await_results(tx, &attempts).await?)
    }
}

/// Works off what an administrator uploaded.
pub(crate) struct EnrolUploaded;

impl Handler for EnrolUploaded {
    const NAME: &'static str = "learning.enrol-uploaded";
    type Event = EnrolmentsUploaded;

    async fn handle(&self, event: &Received<EnrolmentsUploaded>, tx: &mut Tx) -> Handled {
        commands::work_off(tx, event.upload).await.map_err(|refusal| match refusal {
            Refusal::Store(error) => error.into(),
            other => Failure::wait(other.to_string()),
        })
    }
}

/// Takes graded attempts, and notes the completions that they bring.
pub(crate) struct TakeResult;

impl BatchHandler for TakeResult {
    const NAME: &'static str = "learning.take-result";
    type Event = AttemptGraded;

    async fn handle_all(&self, events: &[Received<AttemptGraded>], tx: &mut Tx) -> Handled {
        let mut events: Vec<_> = events.iter().collect();
        // Seats are held in the order of their ids.
        events.sort_by_cached_key(|event| Enrolment::id_of(event.learner, event.course));
        for event in events {
            tx.follow_event(event.id());
            take_result(tx, event).await?;
        }
        Ok(())
    }
}

async fn take_result(tx: &mut Tx, graded: &AttemptGraded) -> Handled {
    let held = hold_seat(tx, graded).await?;
    if !store::save_result(tx, graded).await? {
        return Ok(());
    }
    let Some(enrolment) = held else {
        return Ok(());
    };
    if let Some(copy) = store::course(tx, graded.course).await? {
        complete_if_done(tx, &enrolment, &copy).await?;
    }
    Ok(())
}

/// Holds the seat of who was marked. One that is being taken for the first time at this moment is waited for, or
/// whoever takes it finds the mark.
async fn hold_seat(tx: &mut Tx, graded: &AttemptGraded) -> Result<Option<Enrolment>, Error> {
    let seat = Enrolment::id_of(graded.learner, graded.course);
    if let Some(held) = store::hold_enrolment(tx, seat).await? {
        return Ok(Some(held));
    }
    store::hold_person(tx, graded.learner).await?;
    store::hold_enrolment(tx, seat).await
}

/// Notes completions that follow from a change of the course, and how far the others are: what they did at
/// the moment of the change was counted by what the course asked for before.
pub(crate) struct Recheck;

impl Handler for Recheck {
    const NAME: &'static str = "learning.recheck";
    type Event = RequirementsChanged;

    async fn handle(&self, event: &Received<RequirementsChanged>, tx: &mut Tx) -> Handled {
        let Some(copy) = store::course(tx, event.course).await? else {
            return Ok(());
        };
        let seats = store::open_enrolments(tx, event.course, event.after, CHUNK).await?;
        for seat in &seats {
            // What was found may have been completed or given up meanwhile.
            if let Some(enrolment) = store::hold_enrolment(tx, seat.id).await? {
                complete_if_done(tx, &enrolment, &copy).await?;
            }
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

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "learning.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] =
        &[catalog::Digest::TYPE, assessment::Digest::TYPE, identity::Digest::TYPE];
    const DISOWNED: &'static [&'static str] = &[
        catalog::CopiesDisowned::TYPE,
        assessment::CopiesDisowned::TYPE,
        identity::CopiesDisowned::TYPE,
    ];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}

/// Tells the present state of seats to those who lack it.
pub(crate) struct KeepInStep;

impl step::Owner for KeepInStep {
    const NAME: &'static str = "learning.keep-in-step";
    const KINDS: &'static [&'static str] = &[ENROLMENTS];
    const COMPARED: &'static [&'static str] = &[
        catalog::CopiesCompared::TYPE,
        assessment::CopiesCompared::TYPE,
        notification::CopiesCompared::TYPE,
    ];
    const WANTED: &'static [&'static str] = &[
        catalog::CopiesWanted::TYPE,
        assessment::CopiesWanted::TYPE,
        notification::CopiesWanted::TYPE,
    ];
    type Digest = Digest;
    type Disowned = CopiesDisowned;
    type Task = LearningStepTask;

    async fn stamps(
        &self,
        tx: &mut Tx,
        _: &str,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Stamp>, Error> {
        let told = store::told_enrolments(tx, after, most).await?;
        Ok(told.iter().map(stamp).collect())
    }

    async fn send(
        &self,
        tx: &mut Tx,
        _: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> Result<Vec<Uuid>, Error> {
        let mut sent = Vec::new();
        for told in store::told_enrolments_of(tx, ids).await? {
            sent.push(stamp(&told).id);
            match told {
                Told::Enrolled(enrolled) => tx.publish_to(&enrolled, queue)?,
                Told::Cancelled(cancelled) => tx.publish_to(&cancelled, queue)?,
            }
        }
        Ok(sent)
    }

    async fn overtake(&self, tx: &mut Tx, _: &str, id: Uuid, version: u64) -> Result<(), Error> {
        store::overtake(tx, id, version).await
    }
}

fn stamp(told: &Told) -> Stamp {
    match told {
        Told::Enrolled(it) => Stamp { id: it.enrolment.0, version: it.version, hash: hash(it) },
        Told::Cancelled(it) => {
            Stamp { id: it.enrolment.0, version: it.version, hash: GONE.to_owned() }
        }
    }
}
