//! The inbox: which events a handler has taken, so that what is delivered twice is handled once.

use std::collections::HashSet;

use event::Envelope;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Error, Tx, values};

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
