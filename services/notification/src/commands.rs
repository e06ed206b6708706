//! Use cases: telling people of facts, forgetting a person, and what a person asks for themselves.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bus::{Db, Error, Failure, Handled, Read, Tx};
use contract::notification::{
    Channel, Delivery, DeliverySent, DeliverySuppressed, Kind, Suppression,
};
use event::{CourseId, DeliveryId, EventId, PersonId};
use ui::SealingKey;
use uuid::Uuid;

use crate::{
    Config,
    domain::{
        CHANNELS, CourseText, Device, Fact, MailJob, PushJob, QuietHours, Reader, State,
        suppression, suppression_code,
    },
    effects::{self, AnyMail, Push},
    store::{self, NewDelivery, PushKeyRow},
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
        deliveries.iter().filter(|new| fresh.contains(&new.delivery.delivery)).collect();
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
}

impl Known {
    async fn of(db: &impl Read, facts: &[Fact]) -> Result<Self, Error> {
        let mut persons: Vec<PersonId> = facts.iter().map(|fact| fact.person).collect();
        persons.sort_unstable();
        persons.dedup();
        let mut courses: Vec<CourseId> = facts.iter().map(|fact| fact.course).collect();
        courses.sort_unstable();
        courses.dedup();
        Ok(Self {
            readers: store::readers(db, &persons).await?,
            courses: store::courses(db, &courses).await?,
            unwanted: store::unwanted(db, &persons).await?,
            devices: store::devices(db, &persons).await?,
        })
    }

    fn complain_of_missing(&self, facts: &[Fact]) -> Handled {
        for fact in facts {
            if !self.readers.contains_key(&fact.person) {
                return Err(Failure::wait(format!("person {} is not known here yet", fact.person)));
            }
            if !self.courses.contains_key(&fact.course) {
                return Err(Failure::wait(format!("course {} is not known here yet", fact.course)));
            }
        }
        Ok(())
    }

    fn devices(&self, person: PersonId) -> &[Device] {
        self.devices.get(&person).map_or(&[], Vec::as_slice)
    }
}

fn plan<'a>(tx: &Tx, known: &Known, facts: &'a [Fact]) -> Vec<NewDelivery<'a>> {
    let each = facts.iter().flat_map(|fact| CHANNELS.map(|channel| (fact, channel)));
    each.map(|(fact, channel)| plan_one(tx, known, fact, channel)).collect()
}

fn plan_one<'a>(tx: &Tx, known: &Known, fact: &'a Fact, channel: Channel) -> NewDelivery<'a> {
    let kind = fact.notice.kind();
    let erased = known.readers.get(&fact.person).is_some_and(|reader| reader.erased);
    let wanted = !known.unwanted.contains(&(fact.person, kind, channel));
    let devices = known.devices(fact.person).len();
    let suppressed = suppression(channel, erased, wanted, devices);
    let quiet_until = known.readers.get(&fact.person).and_then(|it| it.quiet_until(tx.now()));
    let state = match (suppressed, channel) {
        (Some(_), _) => State::Suppressed,
        (None, Channel::Inbox) => State::Sent,
        (None, Channel::Mail | Channel::Push) => State::Queued,
    };
    let open_jobs = match (state, channel) {
        (State::Queued, Channel::Push) => i32::try_from(devices).unwrap_or(i32::MAX),
        (State::Queued, _) => 1,
        _ => 0,
    };
    NewDelivery {
        delivery: Delivery {
            delivery: DeliveryId::new(),
            person: fact.person,
            fact: fact.event,
            kind,
            channel,
            at: tx.now(),
        },
        fact,
        state,
        suppressed,
        open_jobs,
        waits_until: quiet_until.filter(|_| state == State::Queued),
    }
}

fn publish_settled(tx: &mut Tx, fresh: &[&NewDelivery<'_>]) -> Result<(), Error> {
    for new in fresh {
        tx.follow_event(EventId(new.fact.event));
        let delivery = new.delivery.clone();
        match (new.state, new.suppressed) {
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
        .filter(|new| new.delivery.channel == Channel::Inbox && new.state == State::Sent)
        .map(|new| (new.delivery.delivery, new.fact))
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
        tx.follow_event(EventId(new.fact.event));
        match new.delivery.channel {
            Channel::Mail => request_mail(tx, known, new)?,
            Channel::Push => request_push(tx, shared, known, new).await?,
            Channel::Inbox => {}
        }
    }
    Ok(())
}

fn request_mail(tx: &mut Tx, known: &Known, new: &NewDelivery<'_>) -> Result<(), Error> {
    let (Some(reader), Some(course)) =
        (known.readers.get(&new.fact.person), known.courses.get(&new.fact.course))
    else {
        return Ok(());
    };
    let job = MailJob {
        delivery: new.delivery.delivery,
        at: new.delivery.at,
        person: reader.person,
        name: reader.name.clone(),
        mail: reader.mail.clone(),
        language: reader.language,
        notice: new.fact.notice.clone(),
        course: course.narrowed_to(&new.fact.notice),
    };
    tx.request_at::<AnyMail>(&job.delivery.to_string(), &job, new.due())
}

async fn request_push(
    tx: &mut Tx,
    shared: &Arc<Shared>,
    known: &Known,
    new: &NewDelivery<'_>,
) -> Handled {
    let (Some(reader), Some(course)) =
        (known.readers.get(&new.fact.person), known.courses.get(&new.fact.course))
    else {
        return Ok(());
    };
    let sealed_key = match shared.config.push.vapid_private_key {
        Some(_) => None,
        None => Some(push_key(tx, shared).await?.sealed),
    };
    for device in known.devices(new.fact.person) {
        let job = PushJob {
            delivery: new.delivery.delivery,
            person: Some(new.fact.person),
            device: device.clone(),
            language: reader.language,
            notice: new.fact.notice.clone(),
            course: course.narrowed_to(&new.fact.notice),
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
    for delivery in
        store::suppress_queued(tx, person, suppression_code(Suppression::Erased)).await?
    {
        tx.withdraw::<AnyMail>(&delivery.delivery.to_string()).await?;
        for device in &devices {
            tx.withdraw::<Push>(&push_job_key(delivery.delivery, device.id)).await?;
        }
        tx.publish(&DeliverySuppressed { delivery, reason: Suppression::Erased })?;
    }
    store::forget_reasons(tx, person).await?;
    store::forget_reach(tx, person).await?;
    Ok(())
}

/// Why a person's wish was not granted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Database(#[from] Error),
    #[error("this account was erased: nothing more can be kept for it")]
    Erased,
    #[error(
        "there are {MOST_DEVICES} devices already: remove one first, with DELETE /api/v1/me/devices/{{id}}"
    )]
    TooManyDevices,
    #[error("there is no such message in your inbox")]
    NoSuchItem,
    #[error("there is no such device of yours")]
    NoSuchDevice,
}

const MOST_DEVICES: usize = 20;

async fn refuse_the_erased(tx: &Tx, person: PersonId) -> Result<(), CommandError> {
    let erased = store::readers(tx, &[person]).await?.get(&person).is_some_and(|it| it.erased);
    if erased { Err(CommandError::Erased) } else { Ok(()) }
}

pub(crate) async fn choose(
    db: &Db,
    person: PersonId,
    chosen: &[(Kind, Channel, bool)],
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    refuse_the_erased(&tx, person).await?;
    store::save_preferences(&mut tx, person, chosen).await?;
    Ok(tx.commit().await?)
}

/// From now on; what waits already is sent when it was to be sent.
pub(crate) async fn keep_quiet(
    db: &Db,
    person: PersonId,
    hours: Option<QuietHours>,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    refuse_the_erased(&tx, person).await?;
    store::save_quiet_hours(&mut tx, person, hours).await?;
    Ok(tx.commit().await?)
}

/// Registers a device, or registers it again. Gives its id.
pub(crate) async fn add_device(
    db: &Db,
    person: PersonId,
    device: &Device,
) -> Result<Uuid, CommandError> {
    let mut tx = db.begin().await?;
    refuse_the_erased(&tx, person).await?;
    let devices = store::devices(&tx, &[person]).await?.remove(&person).unwrap_or_default();
    let is_known = devices.iter().any(|known| known.endpoint == device.endpoint);
    if !is_known && devices.len() >= MOST_DEVICES {
        return Err(CommandError::TooManyDevices);
    }
    let id = store::save_device(&mut tx, person, device).await?;
    tx.commit().await?;
    Ok(id)
}

pub(crate) async fn remove_device(
    db: &Db,
    person: PersonId,
    device: Uuid,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    if !store::remove_device(&mut tx, person, device).await? {
        return Err(CommandError::NoSuchDevice);
    }
    Ok(tx.commit().await?)
}

pub(crate) async fn read(db: &Db, person: PersonId, item: Uuid) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    if !store::mark_read(&mut tx, person, item).await? {
        return Err(CommandError::NoSuchItem);
    }
    Ok(tx.commit().await?)
}

pub(crate) async fn read_all(db: &Db, person: PersonId) -> Result<u64, CommandError> {
    let mut tx = db.begin().await?;
    let read = store::mark_all_read(&mut tx, person).await?;
    tx.commit().await?;
    Ok(read)
}
