//! What `insight` keeps of a person, for an export: the timeline.

use bus::{Error, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use contract::export::as_json;
use event::PersonId;
use serde::Serialize;
use uuid::Uuid;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    timeline: Vec<Entry>,
}

#[derive(FromQueryResult, Serialize)]
struct Entry {
    happened_at: DateTime<Utc>,
    event_type: String,
    course: Option<Uuid>,
    #[serde(serialize_with = "as_json")]
    ids: String,
}

const TIMELINE: &str = "select happened_at, event_type, course, ids from entry where person = $1 \
     order by happened_at, event";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    let of = || values![person.0];
    Ok(Kept { timeline: db.all(TIMELINE, of()).await? })
}
