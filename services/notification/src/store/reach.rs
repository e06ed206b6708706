//! How people are reached: preferences, devices, and the platform's own key for push.

use std::collections::{HashMap, HashSet};

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, TimeDelta, Utc};
use event::PersonId;
use uuid::Uuid;

use super::{numbered, with_ids};
use crate::domain::{
    CHANNELS, Channel, Device, KINDS, Kind, OwnDevice, QuietHours, channel_code, channel_of,
    kind_code, kind_of,
};

/// How long a device is shown that is no longer there.
const GONE_SHOWN: TimeDelta = TimeDelta::days(90);

#[derive(FromQueryResult)]
struct PreferenceRow {
    person: Uuid,
    kind: String,
    channel: String,
}

/// What these people do not want; everything else they do.
pub(crate) async fn unwanted(
    db: &impl Read,
    persons: &[PersonId],
) -> Result<HashSet<(PersonId, Kind, Channel)>, Error> {
    if persons.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "select person, kind, channel from preferences where not wanted and person in ({})",
        numbered(1, persons.len())
    );
    let rows: Vec<PreferenceRow> =
        db.all(&sql, with_ids(Vec::new(), persons.iter().map(|person| person.0))).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some((PersonId(row.person), kind_of(&row.kind)?, channel_of(&row.channel)?))
        })
        .collect())
}

/// All that a person can choose, and what was chosen.
pub(crate) async fn preferences(
    db: &impl Read,
    person: PersonId,
) -> Result<Vec<(Kind, Channel, bool)>, Error> {
    let unwanted = unwanted(db, &[person]).await?;
    let every = KINDS.into_iter().flat_map(|kind| CHANNELS.map(|channel| (kind, channel)));
    Ok(every
        .map(|(kind, channel)| (kind, channel, !unwanted.contains(&(person, kind, channel))))
        .collect())
}

pub(crate) async fn save_preferences(
    tx: &mut Tx,
    person: PersonId,
    chosen: &[(Kind, Channel, bool)],
) -> Result<(), Error> {
    for (kind, channel, wanted) in chosen {
        tx.execute(
            "insert into preferences (person, kind, channel, wanted) values ($1, $2, $3, $4) \
             on conflict (person, kind, channel) do update set wanted = excluded.wanted",
            values![person.0, kind_code(*kind), channel_code(*channel), *wanted],
        )
        .await?;
    }
    Ok(())
}

pub(crate) async fn save_quiet_hours(
    tx: &mut Tx,
    person: PersonId,
    hours: Option<QuietHours>,
) -> Result<(), Error> {
    let Some(hours) = hours else {
        tx.execute("delete from quiet_hours where person = $1", values![person.0]).await?;
        return Ok(());
    };
    tx.execute(
        "insert into quiet_hours (person, begins, ends) values ($1, $2, $3) \
         on conflict (person) do update set begins = excluded.begins, ends = excluded.ends",
        values![person.0, hours.begin(), hours.end()],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct QuietRow {
    begins: String,
    ends: String,
}

pub(crate) async fn quiet_hours(
    db: &impl Read,
    person: PersonId,
) -> Result<Option<QuietHours>, Error> {
    let sql = "select begins, ends from quiet_hours where person = $1";
    let row: Option<QuietRow> = db.one(sql, values![person.0]).await?;
    Ok(row.and_then(|row| QuietHours::parse(&row.begins, &row.ends).ok()))
}

#[derive(FromQueryResult)]
struct DeviceRow {
    id: Uuid,
    person: Uuid,
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self { id: row.id, endpoint: row.endpoint, p256dh: row.p256dh, auth: row.auth }
    }
}

/// Those that are still there.
pub(crate) async fn devices(
    db: &impl Read,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Vec<Device>>, Error> {
    let mut devices: HashMap<PersonId, Vec<Device>> = HashMap::new();
    if persons.is_empty() {
        return Ok(devices);
    }
    let sql = format!(
        "select id, person, endpoint, p256dh, auth from devices \
         where gone_at is null and person in ({}) order by id",
        numbered(1, persons.len())
    );
    let rows: Vec<DeviceRow> =
        db.all(&sql, with_ids(Vec::new(), persons.iter().map(|person| person.0))).await?;
    for row in rows {
        devices.entry(PersonId(row.person)).or_default().push(Device::from(row));
    }
    Ok(devices)
}

#[derive(FromQueryResult)]
struct OwnDeviceRow {
    id: Uuid,
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    name: String,
    created_at: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
}

/// A person's, also those that are gone; the newest first.
pub(crate) async fn own_devices(db: &impl Read, person: PersonId) -> Result<Vec<OwnDevice>, Error> {
    let rows: Vec<OwnDeviceRow> = db
        .all(
            "select id, endpoint, p256dh, auth, name, created_at, gone_at from devices \
             where person = $1 order by created_at desc, id desc limit 100",
            values![person.0],
        )
        .await?;
    let own = |row: OwnDeviceRow| OwnDevice {
        device: Device { id: row.id, endpoint: row.endpoint, p256dh: row.p256dh, auth: row.auth },
        name: row.name,
        added_at: row.created_at,
        gone_at: row.gone_at,
    };
    Ok(rows.into_iter().map(own).collect())
}

/// Keeps a device; an endpoint that is known follows whoever uses it now, and keeps its name where the browser says
/// none. Gives its id. What has long been gone is no longer shown.
pub(crate) async fn save_device(
    tx: &mut Tx,
    person: PersonId,
    device: &Device,
    name: &str,
) -> Result<Uuid, Error> {
    let now = tx.now();
    tx.execute(
        "delete from devices where person = $1 and gone_at < $2",
        values![person.0, now - GONE_SHOWN],
    )
    .await?;
    let id: Option<Uuid> = tx
        .scalar(
            "insert into devices (id, person, endpoint, p256dh, auth, created_at, name) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (endpoint) do update set \
             person = excluded.person, p256dh = excluded.p256dh, auth = excluded.auth, \
             name = case when excluded.name = '' and devices.person = excluded.person \
             then devices.name else excluded.name end, gone_at = null returning id",
            values![
                device.id,
                person.0,
                device.endpoint.clone(),
                device.p256dh.clone(),
                device.auth.clone(),
                now,
                name
            ],
        )
        .await?;
    Ok(id.unwrap_or(device.id))
}

/// Takes away the device of a person that had this endpoint, and gives its name.
pub(crate) async fn take_device(
    tx: &mut Tx,
    person: PersonId,
    endpoint: &str,
) -> Result<Option<String>, Error> {
    let sql = "delete from devices where person = $1 and endpoint = $2 returning name";
    tx.scalar(sql, values![person.0, endpoint]).await
}

/// Takes a person's device away; `false` if there is no such device of theirs.
pub(crate) async fn remove_device(
    tx: &mut Tx,
    person: PersonId,
    device: Uuid,
) -> Result<bool, Error> {
    let removed = tx
        .execute("delete from devices where person = $1 and id = $2", values![person.0, device])
        .await?;
    Ok(removed == 1)
}

/// The push service said that nobody is there any more. If the endpoint was registered anew
/// meanwhile, with other keys, it stays.
pub(crate) async fn mark_gone(tx: &mut Tx, device: &Device) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "update devices set gone_at = coalesce(gone_at, $3) where id = $1 and p256dh = $2",
        values![device.id, device.p256dh.clone(), now],
    )
    .await?;
    Ok(())
}

/// How often a person tried a device since a time.
pub(crate) async fn trials_since(
    db: &impl Read,
    person: PersonId,
    time: DateTime<Utc>,
) -> Result<i64, Error> {
    let count = db
        .scalar(
            "select count(*) from deliveries where person = $1 and created_at > $2 \
             and kind = 'test'",
            values![person.0, time],
        )
        .await?;
    Ok(count.unwrap_or(0))
}

pub(crate) async fn forget_reach(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.execute("delete from devices where person = $1", values![person.0]).await?;
    tx.execute("delete from preferences where person = $1", values![person.0]).await?;
    tx.execute("delete from quiet_hours where person = $1", values![person.0]).await?;
    Ok(())
}

/// The platform's key for push.
#[derive(FromQueryResult, Clone, Debug)]
pub(crate) struct PushKeyRow {
    /// Unpadded base64url, as browsers want it.
    pub(crate) public_key: String,
    pub(crate) sealed: String,
}

pub(crate) async fn push_key(db: &impl Read) -> Result<Option<PushKeyRow>, Error> {
    db.one("select public_key, sealed from push_keys where id = 1", values![]).await
}

/// Keeps the key, unless there is one already: the first stays, whoever came second.
pub(crate) async fn save_push_key(tx: &mut Tx, key: &PushKeyRow) -> Result<(), Error> {
    tx.execute(
        "insert into push_keys (id, public_key, sealed) values (1, $1, $2) \
         on conflict (id) do nothing",
        values![key.public_key.clone(), key.sealed.clone()],
    )
    .await?;
    Ok(())
}
