//! What `notification` keeps of a person, for an export: messages and what became of them, preferences,
//! quiet hours and devices. The keys with which a device is reached are nobody's to read.

use bus::{Error, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use contract::export::as_json;
use event::PersonId;
use serde::Serialize;
use uuid::Uuid;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    inbox: Vec<Item>,
    deliveries: Vec<Delivery>,
    preferences: Vec<Preference>,
    quiet_hours: Vec<Hours>,
    devices: Vec<Device>,
}

#[derive(FromQueryResult, Serialize)]
struct Item {
    #[serde(serialize_with = "as_json")]
    notice: String,
    course: Uuid,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult, Serialize)]
struct Delivery {
    channel: String,
    kind: String,
    course: Uuid,
    state: String,
    reason: Option<String>,
    created_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult, Serialize)]
struct Preference {
    kind: String,
    channel: String,
    wanted: bool,
}

#[derive(FromQueryResult, Serialize)]
struct Hours {
    begins: String,
    ends: String,
}

#[derive(FromQueryResult, Serialize)]
struct Device {
    name: String,
    created_at: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
}

const INBOX: &str = "select notice, course, created_at, read_at from inbox_items where person = $1 \
     order by created_at, id";

const DELIVERIES: &str = "select channel, kind, course, state, reason, created_at, settled_at from deliveries \
     where person = $1 order by created_at, id";

const PREFERENCES: &str =
    "select kind, channel, wanted from preferences where person = $1 order by kind, channel";

const QUIET_HOURS: &str = "select begins, ends from quiet_hours where person = $1";

const DEVICES: &str =
    "select name, created_at, gone_at from devices where person = $1 order by created_at, id";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    let of = || values![person.0];
    Ok(Kept {
        inbox: db.all(INBOX, of()).await?,
        deliveries: db.all(DELIVERIES, of()).await?,
        preferences: db.all(PREFERENCES, of()).await?,
        quiet_hours: db.all(QUIET_HOURS, of()).await?,
        devices: db.all(DEVICES, of()).await?,
    })
}
