//! Events coming in: copies of persons, courses and enrolments; whose sessions are over; facts of which people
//! are told; and announcements, chunk by chunk.

use std::sync::Arc;

use bus::{BatchHandler, Failure, Handled, Handler, Received, Tx, sessions, step};
use contract::{
    assessment::AttemptAwaitsMarking,
    catalog::{self, CourseChange, LessonPublished},
    identity::{self, InvitationChange, OrganisationUpdated, PersonChange, SessionsEnded},
    learning::{self, EnrolmentChange, MessageSent},
    notification::{CopiesCompared, CopiesWanted},
    own::AnnouncementChunk,
};
use event::{CourseId, Event, PersonId};

use crate::{
    commands::{Shared, forget, invite, tell, withdraw_invitation},
    domain::{Announcement, Fact, Tellable},
    store,
};

/// People told in one chunk of an announcement.
const CHUNK: usize = 200;
/// Chunks told in one transaction; what is more goes round once again.
const CHUNKS_AT_ONCE: usize = 5;

pub(crate) struct CopyPersons;

impl Handler for CopyPersons {
    const NAME: &'static str = "notification.copy-persons";
    type Event = PersonChange;

    async fn handle(&self, event: &Received<PersonChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            PersonChange::Registered(it) => store::save_person(tx, &it.0).await?,
            PersonChange::Updated(it) => store::save_person(tx, &it.0).await?,
            PersonChange::Erased(it) => {
                store::take_turns(tx, [it.person.0]).await?;
                store::erase_person(tx, it).await?;
                forget(tx, it.person).await?;
                tx.forget_person(it.person, it.erased_at).await?;
            }
        }
        Ok(())
    }
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "notification.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

/// Follows whose platform it is: who writes the mails.
pub(crate) struct CopyOrganisation;

impl Handler for CopyOrganisation {
    const NAME: &'static str = "notification.copy-organisation";
    type Event = OrganisationUpdated;

    async fn handle(&self, event: &Received<OrganisationUpdated>, tx: &mut Tx) -> Handled {
        Ok(store::save_organisation(tx, &event.data).await?)
    }
}

/// Mails to those who are invited to open an account.
pub(crate) struct Invite;

impl Handler for Invite {
    const NAME: &'static str = "notification.invite";
    type Event = InvitationChange;

    async fn handle(&self, event: &Received<InvitationChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            InvitationChange::Invited(it) => {
                store::take_turns(tx, [it.invitation.0]).await?;
                invite(tx, event.id().0, it).await?;
            }
            InvitationChange::Withdrawn(it) => {
                store::take_turns(tx, [it.invitation.0]).await?;
                withdraw_invitation(tx, it).await?;
            }
        }
        Ok(())
    }
}

pub(crate) struct CopyCourses;

impl Handler for CopyCourses {
    const NAME: &'static str = "notification.copy-courses";
    type Event = CourseChange;

    async fn handle(&self, event: &Received<CourseChange>, tx: &mut Tx) -> Handled {
        match &event.data {
            CourseChange::Published(it) => store::save_course(tx, &it.0).await?,
            CourseChange::Updated(it) => store::save_course(tx, &it.0).await?,
            CourseChange::Withdrawn(it) => store::withdraw_course(tx, it).await?,
        }
        Ok(())
    }
}

/// Keeps every change of an enrolment rather than the last, so that who was enrolled when a lesson
/// appeared can be told whatever came first. A cancellation that arrives after its owner was told of
/// a later lesson takes nothing back: the mail has gone.
pub(crate) struct CopyEnrolments;

impl BatchHandler for CopyEnrolments {
    const NAME: &'static str = "notification.copy-enrolments";
    type Event = EnrolmentChange;

    async fn handle_all(&self, events: &[Received<EnrolmentChange>], tx: &mut Tx) -> Handled {
        store::take_turns(tx, events.iter().map(|event| course_of(event).0)).await?;
        store::save_enrolments(tx, events.iter().map(|event| &event.data)).await?;
        tell_late_comers(tx, events).await
    }
}

fn course_of(change: &EnrolmentChange) -> CourseId {
    match change {
        EnrolmentChange::Enrolled(it) => it.course,
        EnrolmentChange::Cancelled(it) => it.course,
    }
}

/// Those whose enrolment arrives after an announcement, though it is older, are told of it too.
async fn tell_late_comers(tx: &mut Tx, events: &[Received<EnrolmentChange>]) -> Handled {
    let enrolled: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.data {
            EnrolmentChange::Enrolled(it) => Some(it),
            EnrolmentChange::Cancelled(_) => None,
        })
        .collect();
    let Some(earliest) = enrolled.iter().map(|it| it.enrolled_at).min() else {
        return Ok(());
    };
    let courses: Vec<CourseId> = enrolled.iter().map(|it| it.course).collect();
    for announcement in store::announced_after(tx, &courses, earliest).await? {
        let only: Vec<PersonId> = enrolled
            .iter()
            .filter(|it| {
                it.course == announcement.course && it.enrolled_at < announcement.published_at
            })
            .map(|it| it.learner)
            .collect();
        if !only.is_empty() {
            tx.publish(&AnnouncementChunk { subject: announcement.subject, after: None, only })?;
        }
    }
    Ok(())
}

/// Tells one person of an enrolment, a mark, a certificate issued or revoked, or an export, and writes to
/// those who forgot their password or want another address.
pub(crate) struct Notify(pub(crate) Arc<Shared>);

impl BatchHandler for Notify {
    const NAME: &'static str = "notification.notify";
    type Event = Tellable;

    async fn handle_all(&self, events: &[Received<Tellable>], tx: &mut Tx) -> Handled {
        let facts: Vec<Fact> =
            events.iter().map(|event| Fact::of(event.id().0, &event.data)).collect();
        tell(tx, &self.0, &facts).await
    }
}

/// Tells whoever teaches a course that essays of it wait to be marked.
pub(crate) struct TellInstructors(pub(crate) Arc<Shared>);

impl BatchHandler for TellInstructors {
    const NAME: &'static str = "notification.tell-instructors";
    type Event = AttemptAwaitsMarking;

    async fn handle_all(&self, events: &[Received<AttemptAwaitsMarking>], tx: &mut Tx) -> Handled {
        let courses: Vec<CourseId> = events.iter().map(|event| event.course).collect();
        let instructors = store::instructors(tx, &courses).await?;
        let mut facts = Vec::new();
        for event in events {
            let Some(instructor) = instructors.get(&event.course) else {
                let cause = format!("course {} is not known here yet", event.course);
                return Err(Failure::wait(cause));
            };
            // What is nobody's course everybody who teaches may mark, and no one has to.
            if let Some(instructor) = instructor {
                facts.push(Fact::of_essays(event.id().0, &event.data, *instructor));
            }
        }
        tell(tx, &self.0, &facts).await
    }
}

event::one_of! {
    /// What everybody is told who was enrolled before it.
    pub enum Announceable {
        Lesson(LessonPublished),
        Message(MessageSent),
    }
}

/// Writes an announcement down and has its first chunk told.
pub(crate) struct Announce;

impl Handler for Announce {
    const NAME: &'static str = "notification.announce";
    type Event = Announceable;

    async fn handle(&self, event: &Received<Announceable>, tx: &mut Tx) -> Handled {
        let Some(announcement) = announcement(event) else {
            return Ok(());
        };
        store::take_turns(tx, [announcement.course.0]).await?;
        if store::announce(tx, &announcement).await? {
            let subject = announcement.subject;
            tx.publish(&AnnouncementChunk { subject, after: None, only: Vec::new() })?;
        }
        Ok(())
    }
}

/// Lessons that a course began with are no news.
fn announcement(event: &Received<Announceable>) -> Option<Announcement> {
    let (subject, course, title, published_at, text) = match &event.data {
        Announceable::Lesson(it) if it.0.initial => return None,
        Announceable::Lesson(it) => {
            (it.0.lesson.0, it.0.course, &it.0.title, it.0.published_at, None)
        }
        Announceable::Message(it) => {
            (it.message.0, it.course, &it.subject, it.sent_at, Some(it.text.clone()))
        }
    };
    let (event, title) = (event.id().0, title.clone());
    Some(Announcement { subject, event, course, title, published_at, text })
}

/// Tells one chunk of an announcement and publishes the next.
pub(crate) struct TellChunk(pub(crate) Arc<Shared>);

impl BatchHandler for TellChunk {
    const NAME: &'static str = "notification.announcement-chunk";
    type Event = AnnouncementChunk;

    async fn handle_all(&self, events: &[Received<AnnouncementChunk>], tx: &mut Tx) -> Handled {
        let (now, later) = events.split_at(events.len().min(CHUNKS_AT_ONCE));
        for chunk in now {
            tx.follow_event(chunk.id());
            self.tell(chunk, tx).await?;
        }
        for chunk in later {
            tx.follow_event(chunk.id());
            tx.publish(&chunk.data)?;
        }
        Ok(())
    }
}

impl TellChunk {
    async fn tell(&self, chunk: &AnnouncementChunk, tx: &mut Tx) -> Handled {
        let Some(announcement) = store::announcement(tx, chunk.subject).await? else {
            return Err(Failure::wait(format!("{} is not announced yet", chunk.subject)));
        };
        let persons = if chunk.only.is_empty() {
            next_chunk(tx, &announcement, chunk.after).await?
        } else {
            store::enrolled_then_among(tx, &announcement, &chunk.only).await?
        };
        let known = store::readers(tx, &persons).await?;
        let (here, missing): (Vec<_>, Vec<_>) =
            persons.into_iter().partition(|person| known.contains_key(person));
        wait_for(tx, chunk, &here, missing)?;
        let facts: Vec<Fact> =
            here.into_iter().map(|person| Fact::of_announcement(&announcement, person)).collect();
        tell(tx, &self.0, &facts).await
    }
}

/// The next people of an announcement; if there may be more behind them, their chunk is published.
async fn next_chunk(
    tx: &mut Tx,
    announcement: &Announcement,
    after: Option<PersonId>,
) -> Result<Vec<PersonId>, Failure> {
    let persons = store::enrolled_then(tx, announcement, after, CHUNK).await?;
    if persons.len() == CHUNK {
        let (subject, after) = (announcement.subject, persons.last().copied());
        tx.publish(&AnnouncementChunk { subject, after, only: Vec::new() })?;
    }
    Ok(persons)
}

/// Somebody whose copy has not arrived holds nobody else up: they get a chunk of their own.
fn wait_for(
    tx: &mut Tx,
    chunk: &AnnouncementChunk,
    here: &[PersonId],
    missing: Vec<PersonId>,
) -> Handled {
    let Some(first) = missing.first() else {
        return Ok(());
    };
    if here.is_empty() && !chunk.only.is_empty() {
        return Err(Failure::wait(format!("person {first} is not known here yet")));
    }
    tx.publish(&AnnouncementChunk { subject: chunk.subject, after: None, only: missing })?;
    Ok(())
}

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "notification.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] =
        &[catalog::Digest::TYPE, identity::Digest::TYPE, learning::Digest::TYPE];
    const DISOWNED: &'static [&'static str] = &[
        catalog::CopiesDisowned::TYPE,
        identity::CopiesDisowned::TYPE,
        learning::CopiesDisowned::TYPE,
    ];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}
