//! Where a page of dead letters begins: the time and id of the last one before it, as text.

use chrono::{DateTime, Utc};
use ui::Problem;
use uuid::Uuid;

pub(super) fn of(died_at: DateTime<Utc>, id: Uuid) -> String {
    format!("{}_{id}", died_at.timestamp_micros())
}

pub(super) fn read(text: &str) -> Result<(DateTime<Utc>, Uuid), Problem> {
    let parsed = text.split_once('_').and_then(|(micros, id)| {
        let died_at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
        Some((died_at, Uuid::try_parse(id).ok()?))
    });
    parsed.ok_or_else(|| Problem::unreadable("`before` is not the `next` of a page"))
}
