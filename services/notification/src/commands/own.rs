//! What a person asks for themselves: what they are told and when, their devices, their inbox.

use bus::{Db, Error, Tx};
use chrono::TimeDelta;
use event::{DeliveryId, PersonId};
use uuid::Uuid;

use super::{Shared, request_push};
use crate::{
    domain::{Channel, Device, Fact, Kind, Notice, QuietHours, State, kind_code},
    store::{self, NewDelivery},
};

/// Devices that are there at once.
const MOST_DEVICES: usize = 20;
/// Trials of devices in [`TRIALS_WITHIN`].
const MOST_TRIALS: i64 = 5;
const TRIALS_WITHIN: TimeDelta = TimeDelta::minutes(5);

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
    #[error("this device no longer receives anything: turn on notifications there again")]
    DeviceGone,
    #[error("you tried {MOST_TRIALS} times in a few minutes: wait a little, then try again")]
    TooManyTrials,
}

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

/// Registers a device, or registers it again, perhaps in the place of an endpoint that it no longer has. Gives its id.
pub(crate) async fn add_device(
    db: &Db,
    person: PersonId,
    device: &Device,
    name: &str,
    replaced: Option<&str>,
) -> Result<Uuid, CommandError> {
    let mut tx = db.begin().await?;
    refuse_the_erased(&tx, person).await?;
    let known_as = match replaced.filter(|endpoint| *endpoint != device.endpoint) {
        Some(endpoint) => store::take_device(&mut tx, person, endpoint).await?,
        None => None,
    };
    let name = known_as.filter(|_| name.is_empty()).unwrap_or_else(|| name.to_owned());
    let devices = store::devices(&tx, &[person]).await?.remove(&person).unwrap_or_default();
    let is_known = devices.iter().any(|known| known.endpoint == device.endpoint);
    if !is_known && devices.len() >= MOST_DEVICES {
        return Err(CommandError::TooManyDevices);
    }
    let id = store::save_device(&mut tx, person, device, &name).await?;
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

/// Pushes a message to one device, so that its owner sees whether it arrives.
pub(crate) async fn try_device(
    db: &Db,
    shared: &Shared,
    person: PersonId,
    device: Uuid,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let own = store::own_devices(&tx, person).await?;
    let device = own.into_iter().find(|own| own.device.id == device);
    let device = device.ok_or(CommandError::NoSuchDevice)?;
    if device.gone_at.is_some() {
        return Err(CommandError::DeviceGone);
    }
    if store::trials_since(&tx, person, tx.now() - TRIALS_WITHIN).await? >= MOST_TRIALS {
        return Err(CommandError::TooManyTrials);
    }
    let readers = store::readers(&tx, &[person]).await?;
    let language = readers.get(&person).map(|reader| reader.language).unwrap_or_default();
    let fact = trial(person, device.device.id);
    let new = NewDelivery {
        id: DeliveryId::new(),
        channel: Channel::Push,
        at: tx.now(),
        fact: &fact,
        state: State::Queued,
        reason: None,
        open_jobs: 1,
        waits_until: None,
    };
    store::insert_deliveries(&mut tx, std::slice::from_ref(&new)).await?;
    request_push(&mut tx, shared, language, &new, None, &[device.device]).await?;
    Ok(tx.commit().await?)
}

/// Each trial is a fact of its own.
fn trial(person: PersonId, device: Uuid) -> Fact {
    let (notice, event) = (Notice::Test { device }, DeliveryId::new().0);
    Fact { key: format!("{}/{event}", kind_code(Kind::Test)), event, person, course: None, notice }
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
