//! Where a page of dead letters begins: the time and id of the last one before it, as text.

use bus::Dead;
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
    parsed.ok_or_else(unreadable)
}

/// Among those that were decided about: when, and of which consumer besides.
pub(super) fn of_settled(last: &Dead) -> Option<String> {
    Some(format!("{}_{}", of(last.settled_at?, last.id), last.consumer))
}

pub(super) fn read_settled(text: &str) -> Result<(DateTime<Utc>, Uuid, &str), Problem> {
    let (end, _) = text.match_indices('_').nth(1).ok_or_else(unreadable)?;
    let (settled_at, id) = read(&text[..end])?;
    Ok((settled_at, id, &text[end + 1..]))
}

fn unreadable() -> Problem {
    Problem::unreadable("`before` is not the `next` of a page")
}
