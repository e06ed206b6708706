//! Use cases: telling people of facts and forgetting a person; invitations and what a person asks for
//! themselves have files of their own.

mod invite;
pub(crate) mod own;

pub(crate) use invite::{invite, withdraw_invitation};
pub(crate) use own::CommandError;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bus::{Error, Failure, Handled, Read, Tx};
use contract::notification::{DeliverySent, DeliverySuppressed};
use event::{CourseId, DeliveryId, EventId, Language, PersonId};
use ui::SealingKey;
use uuid::Uuid;

use crate::{
    Config,
    domain::{
        Channel, CourseText, Device, Fact, Kind, MailJob, PushJob, Reader, Reason, State,
        suppression,
    },
    effects::{self, AnyMail, Push},
    store::{self, NewDelivery, Organisation, PushKeyRow},
};

/// What this service's handlers and effects have in common.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) key: SealingKey,
    /// How people reach the platform, without a slash at its end.
    pub(crate) base_url: String,
}

/// Tells people of facts over every channel: writes each delivery once, and asks for what must go
/// out. All of the people and courses must be known here already.
pub(crate) async fn tell(tx: &mut Tx, shared: &Arc<Shared>, facts: &[Fact]) -> Handled {
    store::take_turns(tx, facts.iter().map(|fact| fact.person.0)).await?;
    let known = Known::of(tx, facts).await?;
    known.complain_of_missing(facts)?;
    let deliveries = plan(tx, &known, facts);
    let fresh = store::insert_deliveries(tx, &deliveries).await?;
    let fresh: Vec<&NewDelivery<'_>> =
        deliveries.iter().filter(|new| fresh.contains(&new.id)).collect();
    publish_settled(tx, &fresh)?;
    fill_inboxes(tx, &fresh).await?;
    request_jobs(tx, shared, &known, &fresh).await
}

/// What is known of the people and courses of some facts.
struct Known {
    readers: HashMap<PersonId, Reader>,
    courses: HashMap<CourseId, CourseText>,
    unwanted: HashSet<(PersonId, Kind, Channel)>,
    devices: HashMap<PersonId, Vec<Device>>,
    organisation: Option<Organisation>,
}

impl Known {
    async fn of(db: &impl Read, facts: &[Fact]) -> Result<Self, Error> {
        let mut persons: Vec<PersonId> = facts.iter().map(|fact| fact.person).collect();
        persons.sort_unstable();
        persons.dedup();
        let mut courses: Vec<CourseId> = facts.iter().filter_map(|fact| fact.course).collect();
        courses.sort_unstable();
        courses.dedup();
        Ok(Self {
            readers: store::readers(db, &persons).await?,
            courses: store::courses(db, &courses).await?,
            unwanted: store::unwanted(db, &persons).await?,
            devices: store::devices(db, &persons).await?,
            organisation: store::organisation(db).await?,
        })
    }

    fn complain_of_missing(&self, facts: &[Fact]) -> Handled {
        for fact in facts {
            if !self.readers.contains_key(&fact.person) {
                return Err(Failure::wait(format!("person {} is not known here yet", fact.person)));
            }
            if let Some(course) = fact.course
                && !self.courses.contains_key(&course)
            {
                return Err(Failure::wait(format!("course {course} is not known here yet")));
            }
        }
        Ok(())
    }

    /// With no more of its quizzes than the notice speaks of.
    fn course(&self, fact: &Fact) -> Option<CourseText> {
        Some(self.courses.get(&fact.course?)?.narrowed_to(&fact.notice))
    }

    fn devices(&self, person: PersonId) -> &[Device] {
        self.devices.get(&person).map_or(&[], Vec::as_slice)
    }
}

fn plan<'a>(tx: &Tx, known: &Known, facts: &'a [Fact]) -> Vec<NewDelivery<'a>> {
    let channels = |fact: &'a Fact| fact.notice.kind().channels().iter().map(move |it| (fact, *it));
    let each = facts.iter().flat_map(channels);
    each.map(|(fact, channel)| plan_one(tx, known, fact, channel)).collect()
}

fn plan_one<'a>(tx: &Tx, known: &Known, fact: &'a Fact, channel: Channel) -> NewDelivery<'a> {
    let kind = fact.notice.kind();
    let reader = known.readers.get(&fact.person);
    let erased = reader.is_some_and(|reader| reader.erased);
    let unwanted = kind.is_chosen() && known.unwanted.contains(&(fact.person, kind, channel));
    let devices = known.devices(fact.person).len();
    let reason = suppression(channel, erased, !unwanted, devices);
    let state = match (reason, channel) {
        (Some(_), _) => State::Suppressed,
        (None, Channel::Inbox) => State::Sent,
        (None, Channel::Mail | Channel::Push) => State::Queued,
    };
    let open_jobs = match (state, channel) {
        (State::Queued, Channel::Push) => i32::try_from(devices).unwrap_or(i32::MAX),
        (State::Queued, _) => 1,
        _ => 0,
    };
    let can_wait = kind.can_wait() && state == State::Queued;
    let quiet_until = reader.filter(|_| can_wait).and_then(|it| it.quiet_until(tx.now()));
    NewDelivery {
        id: DeliveryId::new(),
        channel,
        at: tx.now(),
        fact,
        state,
        reason,
        open_jobs,
        waits_until: quiet_until,
    }
}

fn publish_settled(tx: &mut Tx, fresh: &[&NewDelivery<'_>]) -> Result<(), Error> {
    for new in fresh {
        let Some(delivery) = new.told() else { continue };
        tx.follow_event(EventId(new.fact.event));
        match (new.state, new.reason.and_then(Reason::told)) {
            (_, Some(reason)) => tx.publish(&DeliverySuppressed { delivery, reason })?,
            (State::Sent, None) => tx.publish(&DeliverySent { delivery })?,
            _ => {}
        }
    }
    Ok(())
}

async fn fill_inboxes(tx: &mut Tx, fresh: &[&NewDelivery<'_>]) -> Result<(), Error> {
    let items: Vec<(DeliveryId, &Fact)> = fresh
        .iter()
        .filter(|new| new.channel == Channel::Inbox && new.state == State::Sent)
        .map(|new| (new.id, new.fact))
        .collect();
    store::insert_inbox_items(tx, &items).await
}

async fn request_jobs(
    tx: &mut Tx,
    shared: &Arc<Shared>,
    known: &Known,
    fresh: &[&NewDelivery<'_>],
) -> Handled {
    for new in fresh.iter().filter(|new| new.state == State::Queued) {
        let Some(reader) = known.readers.get(&new.fact.person) else { continue };
        tx.follow_event(EventId(new.fact.event));
        match new.channel {
            Channel::Mail => request_mail(tx, known, reader, new)?,
            Channel::Push => {
                let devices = known.devices(reader.person);
                let course = known.course(new.fact);
                request_push(tx, shared, reader.language, new, course, devices).await?;
            }
            Channel::Inbox => {}
        }
    }
    Ok(())
}

fn request_mail(
    tx: &mut Tx,
    known: &Known,
    reader: &Reader,
    new: &NewDelivery<'_>,
) -> Result<(), Error> {
    let organisation = known.organisation.as_ref();
    let job = MailJob {
        delivery: new.id,
        at: new.at,
        person: reader.person,
        name: reader.name.clone(),
        mail: new.fact.notice.addressed_to().unwrap_or(&reader.mail).to_owned(),
        language: reader.language,
        zone: Some(reader.time_zone.name().to_owned()),
        notice: new.fact.notice.clone(),
        course: known.course(new.fact),
        sender: organisation.map(|it| it.as_sender(reader.language)),
    };
    tx.request_at::<AnyMail>(&job.delivery.to_string(), &job, new.due())
}

/// Asks for a message to be pushed to each of these devices.
async fn request_push(
    tx: &mut Tx,
    shared: &Shared,
    language: Language,
    new: &NewDelivery<'_>,
    course: Option<CourseText>,
    devices: &[Device],
) -> Result<(), Error> {
    let sealed_key = match shared.config.push.vapid_private_key {
        Some(_) => None,
        None => Some(push_key(tx, shared).await?.sealed),
    };
    for device in devices {
        let job = PushJob {
            delivery: new.id,
            person: Some(new.fact.person),
            device: device.clone(),
            language,
            notice: new.fact.notice.clone(),
            course: course.clone(),
            sealed_key: sealed_key.clone(),
        };
        tx.request_at::<Push>(&push_job_key(job.delivery, device.id), &job, new.due())?;
    }
    Ok(())
}

fn push_job_key(delivery: DeliveryId, device: Uuid) -> String {
    format!("{delivery}/{device}")
}

/// The platform's own key for push, made when it is first needed.
pub(crate) async fn push_key(tx: &mut Tx, shared: &Shared) -> Result<PushKeyRow, Error> {
    if let Some(key) = store::push_key(tx).await? {
        return Ok(key);
    }
    let made = effects::make_push_key(&shared.key)?;
    store::save_push_key(tx, &made).await?;
    Ok(store::push_key(tx).await?.unwrap_or(made))
}

/// Forgets who a person was and how they were reached, and stops what was still to go out.
pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Handled {
    let devices = store::devices(tx, &[person]).await?.remove(&person).unwrap_or_default();
    for delivery in store::suppress_queued(tx, person, Reason::Erased).await? {
        tx.withdraw::<AnyMail>(&delivery.id.to_string()).await?;
        for device in &devices {
            tx.withdraw::<Push>(&push_job_key(delivery.id, device.id)).await?;
        }
        if let (Some(delivery), Some(reason)) = (delivery.told, Reason::Erased.told()) {
            tx.publish(&DeliverySuppressed { delivery, reason })?;
        }
    }
    store::forget_reasons(tx, person).await?;
    store::forget_reach(tx, person).await?;
    Ok(())
}
