//! The inbox: which events a handler has taken, so that what is delivered twice is handled once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use event::Envelope;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Error, Read, Tx, Value, values};

#[derive(FromQueryResult)]
struct Fresh {
    id: Uuid,
}

/// Writes the events down as taken and gives those that were not taken before, each once.
pub(crate) async fn take<'a>(
    tx: &mut Tx,
    handler: &str,
    envelopes: &[&'a Envelope],
) -> Result<Vec<&'a Envelope>, Error> {
    let now = tx.now();
    // In one order everywhere, so that two who were given the same events do not wait for each other.
    let mut sorted = envelopes.to_vec();
    sorted.sort_unstable_by_key(|envelope| envelope.id);
    let rows = sorted
        .into_iter()
        .map(|envelope| values![handler, envelope.id.0, envelope.event_type.clone(), now])
        .collect();
    let fresh: Vec<Fresh> = tx
        .insert_many_returning(
            "insert into bus_inbox (handler, id, event_type, received_at) values",
            rows,
            "on conflict (handler, id) do nothing returning id",
        )
        .await?;
    let mut fresh: HashSet<Uuid> = fresh.into_iter().map(|row| row.id).collect();
    Ok(envelopes.iter().filter(|envelope| fresh.remove(&envelope.id.0)).copied().collect())
}

/// Events of one type that a handler took lately.
#[derive(FromQueryResult)]
pub(crate) struct Lately {
    pub(crate) handler: String,
    pub(crate) event_type: String,
    pub(crate) count: i64,
    /// When the first was taken.
    pub(crate) since: DateTime<Utc>,
    /// With those that were taken after the time that is asked for.
    seen: i64,
}

/// What these handlers took after a time, up to another. Events come in about the order of their ids, so
/// that the primary key finds the newest. As many of them are looked at as the first of `looks` says; as
/// the next says only where all of these were taken after that time, and so on.
pub(crate) async fn lately(
    db: &Db,
    handlers: &[&str],
    (after, to): (DateTime<Utc>, DateTime<Utc>),
    looks: &[u32],
) -> Result<Vec<Lately>, Error> {
    let mut known: Vec<Lately> = Vec::new();
    let mut asked = handlers.to_vec();
    for most in looks {
        if asked.is_empty() {
            break;
        }
        let found = among_newest(db, &asked, (after, to), *most).await?;
        known.retain(|it| !asked.contains(&it.handler.as_str()));
        asked.retain(|handler| seen(&found, handler) >= i64::from(*most));
        known.extend(found);
    }
    Ok(known)
}

fn seen(found: &[Lately], handler: &str) -> i64 {
    found.iter().filter(|it| it.handler == handler).map(|it| it.seen).sum()
}

/// In one statement, since each is a way to the database and back.
async fn among_newest(
    db: &Db,
    handlers: &[&str],
    (after, to): (DateTime<Utc>, DateTime<Utc>),
    most: u32,
) -> Result<Vec<Lately>, Error> {
    let mut values = values![after, to];
    let each = handlers.iter().map(|handler| {
        values.push(Value::from(*handler));
        format!(
            "select handler, event_type, min(received_at) as since, count(*) as seen, \
             sum(case when received_at <= $2 then 1 else 0 end) as count \
             from (select handler, event_type, received_at from bus_inbox where handler = ${} \
             order by id desc limit {most}) newest where received_at > $1 \
             group by handler, event_type",
            values.len()
        )
    });
    let sql = each.collect::<Vec<_>>().join(" union all ");
    db.all(&format!("{sql} order by handler, event_type"), values).await
}
