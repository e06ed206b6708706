//! What `certification` hears: courses, people, whose sessions are over, and completions.

use bus::{Handled, Handler, Received, Tx, sessions, step};
use chrono::TimeDelta;
use contract::{
    catalog::{self, CourseChange},
    certification::{CopiesCompared, CopiesWanted},
    identity::{self, OrganisationUpdated, PersonChange, SessionsEnded},
    learning::CourseCompleted,
    step::{GONE, Stamp, hash},
};
use event::{CourseId, Event};

use crate::{
    commands::{self, Terms},
    design::Organisation,
    domain::{Holder, Issuer, Outline},
    effects::{KeepLogo, LogoJob},
    store,
};

/// How long the very version that was completed is waited for. A copy that was sent anew holds no
/// old versions, so after that the next newer one serves.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// Keeps this service's copy of each course, with all the versions that it heard of.
pub(crate) struct CopyCourse;

impl Handler for CopyCourse {
    const NAME: &'static str = "certification.copy-course";
    type Event = CourseChange;

    async fn handle(&self, event: &Received<CourseChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            CourseChange::Published(published) => keep(tx, &published.0).await,
            CourseChange::Updated(updated) => keep(tx, &updated.0).await,
            CourseChange::Withdrawn(gone) => {
                let (id, version) = (gone.course.0, gone.version);
                store::copy_course(tx, &Stamp { id, version, hash: GONE.to_owned() }).await?;
                Ok(())
            }
        }
    }
}

async fn keep(tx: &mut Tx, course: &catalog::Course) -> Handled {
    let stamp = Stamp { id: course.course.0, version: course.version, hash: hash(course) };
    if store::copy_course(tx, &stamp).await? {
        store::drop_outline(tx, course.course, course.version).await?;
    }
    store::keep_outline(tx, course.course, course.version, &Outline::of(course)).await?;
    Ok(())
}

/// Keeps this service's copy of each person, and forgets who was erased.
pub(crate) struct CopyPerson;

impl Handler for CopyPerson {
    const NAME: &'static str = "certification.copy-person";
    type Event = PersonChange;

    async fn handle(&self, event: &Received<PersonChange>, tx: &mut Tx) -> Handled {
        let person = match &event.data {
            PersonChange::Registered(registered) => &registered.0,
            PersonChange::Updated(updated) => &updated.0,
            PersonChange::Erased(erased) => {
                let (id, version) = (erased.person.0, erased.version);
                let stamp = Stamp { id, version, hash: GONE.to_owned() };
                store::copy_person(tx, &stamp, None).await?;
                tx.forget_person(erased.person, erased.erased_at).await?;
                return Ok(commands::forget(tx, erased.person).await?);
            }
        };
        let holder = Holder {
            name: person.name.clone(),
            language: person.language,
            time_zone: person.time_zone.clone(),
        };
        let stamp = Stamp { id: person.person.0, version: person.version, hash: hash(person) };
        store::copy_person(tx, &stamp, Some(&holder)).await?;
        Ok(())
    }
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "certification.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

/// Keeps this service's copy of whose platform it is; its logo is fetched and kept besides.
pub(crate) struct CopyOrganisation;

impl Handler for CopyOrganisation {
    const NAME: &'static str = "certification.copy-organisation";
    type Event = OrganisationUpdated;

    async fn handle(&self, event: &Received<OrganisationUpdated>, tx: &mut Tx) -> Handled {
        store::copy_organisation(tx, &event.data).await?;
        if let Some(logo) = &event.data.logo {
            let job = LogoJob { file: logo.file.clone() };
            tx.request::<KeepLogo>(&logo.file.sha256, &job)?;
        }
        Ok(())
    }
}

/// Issues one certificate for each learner and course completed.
pub(crate) struct Issue {
    pub(crate) organisation: Organisation,
    pub(crate) base_url: String,
}

impl Handler for Issue {
    const NAME: &'static str = "certification.issue";
    type Event = CourseCompleted;

    async fn handle(&self, event: &Received<CourseCompleted>, tx: &mut Tx) -> Handled {
        let Some(person) = store::lock_person(tx, event.learner).await? else {
            return Err(bus::Failure::wait(format!(
                "the copy of person {} has not arrived",
                event.learner
            )));
        };
        let outline = completed_outline(event, tx).await?;
        let told = store::told(tx).await?;
        let issuer = Issuer::of(&self.organisation, told.as_ref());
        let terms = Terms { issuer: &issuer, base_url: &self.base_url };
        Ok(commands::issue(tx, event, &outline, person, &terms).await?)
    }
}

async fn completed_outline(
    event: &Received<CourseCompleted>,
    tx: &Tx,
) -> Result<Outline, bus::Failure> {
    let (course, version) = (event.course, event.course_version);
    let Some((held, outline)) = store::outline_from(tx, course, version).await? else {
        return Err(not_here(course, version));
    };
    if held != version && tx.now() - event.time() < PATIENCE {
        return Err(not_here(course, version));
    }
    Ok(outline)
}

fn not_here(course: CourseId, version: u64) -> bus::Failure {
    bus::Failure::wait(format!("version {version} of course {course} has not arrived"))
}

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "certification.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] = &[catalog::Digest::TYPE, identity::Digest::TYPE];
    const DISOWNED: &'static [&'static str] =
        &[catalog::CopiesDisowned::TYPE, identity::CopiesDisowned::TYPE];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}
