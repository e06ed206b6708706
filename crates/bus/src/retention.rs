//! Nothing grows for ever: what is done with is thrown away after a while, in small batches, so that
//! nobody waits behind it, and what the books need of it is written down in the same transaction.
//!
//! Thrown away are inbox ids, sent outbox rows and settled dead letters; and who was erased, what was
//! compared, whose sessions ended. A dead letter that waits for a decision never is, nor the inbox id of
//! what waits to be tried again, is dead, or may yet be sent once more from here or was so of late: whatever
//! is replayed, however late, is handled once. An id is remembered for longer than anything comes twice:
//! after a start nothing is thrown away until each queue was seen empty once, so that what came twice before
//! a long pause is still known after it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Db, Error, Read, Transport, Tx,
    db::placeholders,
    flight,
    rows::{self, Id},
    values,
};

/// Rows thrown away in one transaction.
const BATCH: usize = 500;
/// Between two batches, so that others have their turn.
const BREATH: Duration = Duration::from_millis(20);
const BETWEEN_PASSES: Duration = Duration::from_secs(300);
/// A queue that never was empty in this time is busy, not behind.
const BUSY: Duration = Duration::from_secs(24 * 3600);

/// How long what is done with is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    handled: TimeDelta,
    settled: TimeDelta,
}

impl Retention {
    /// Thirty days for what was handled and sent, ninety for settled dead letters.
    pub const DEFAULT: Self = Self { handled: TimeDelta::days(30), settled: TimeDelta::days(90) };

    /// Ids must be known for longer than anything may come twice: a broker that was set back, a service that
    /// was down over a holiday. What is replayed later than that has its id kept beside, see [`prune`].
    pub const FEWEST_HANDLED_DAYS: u32 = 30;

    /// # Errors
    /// Says what to write when the days are too few: what is forgotten too early is done twice.
    pub fn of_days(handled: u32, settled: u32) -> Result<Self, String> {
        if handled < Self::FEWEST_HANDLED_DAYS {
            return Err(format!(
                "handled_days is {handled}, and an event that comes again after that is handled \
                 twice: write {} or more",
                Self::FEWEST_HANDLED_DAYS
            ));
        }
        if settled < handled {
            return Err(format!(
                "dead_days is {settled}, which is less than handled_days: write {handled} or more"
            ));
        }
        let days = |days: u32| TimeDelta::days(i64::from(days.min(36_500)));
        Ok(Self { handled: days(handled), settled: days(settled) })
    }
}

/// How many rows were thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub inbox: u64,
    pub outbox: u64,
    pub dead: u64,
}

/// Throws away until told to stop.
pub(crate) async fn run(
    db: Db,
    transport: Arc<dyn Transport>,
    queues: Vec<&'static str>,
    retention: Retention,
    stop: CancellationToken,
) {
    let started = Instant::now();
    let mut behind = queues;
    while stop.run_until_cancelled(tokio::time::sleep(BETWEEN_PASSES)).await.is_some() {
        let is_busy = started.elapsed() >= BUSY;
        let passing = pass(&db, transport.as_ref(), &mut behind, is_busy, retention);
        match stop.run_until_cancelled(passing).await {
            Some(Ok(None)) => {}
            Some(Ok(Some(pruned))) => {
                tracing::debug!(service = db.service(), ?pruned, "retention");
            }
            Some(Err(error)) => {
                tracing::warn!(%error, service = db.service(), "cannot throw away what is done with");
            }
            None => return,
        }
    }
}

/// Throws away once, unless a queue was never seen empty since the start; then gives nothing.
pub(crate) async fn pass(
    db: &Db,
    transport: &dyn Transport,
    behind: &mut Vec<&'static str>,
    is_busy: bool,
    retention: Retention,
) -> Result<Option<Pruned>, Error> {
    *behind = still_behind(transport, std::mem::take(behind)).await;
    if !behind.is_empty() && !is_busy {
        return Ok(None);
    }
    prune(db, retention).await.map(Some)
}

/// Of these queues, those that were not seen empty.
async fn still_behind(transport: &dyn Transport, queues: Vec<&'static str>) -> Vec<&'static str> {
    let mut behind = Vec::new();
    for queue in queues {
        let empty = transport
            .depth(queue)
            .await
            .is_ok_and(|depth| depth.ready == 0 && depth.unsettled.unwrap_or(0) == 0);
        if !empty {
            behind.push(queue);
        }
    }
    behind
}

/// Throws away what is old enough now.
///
/// # Errors
/// When the database is away; what was thrown away until then stays so.
pub async fn prune(db: &Db, retention: Retention) -> Result<Pruned, Error> {
    let handled_before = db.now() - retention.handled;
    flight::break_up_old(db, handled_before).await?;
    let mut pruned = Pruned::default();
    for handler in handlers(db).await? {
        for range in ranges(db.now(), handled_before) {
            pruned.inbox += prune_inbox(db, &handler, range, handled_before).await?;
        }
    }
    for range in ranges(db.now(), handled_before) {
        pruned.outbox += prune_outbox(db, range, handled_before).await?;
    }
    pruned.dead = prune_dead(db, db.now() - retention.settled).await?;
    let mut tx = db.begin().await?;
    for old in [
        "bus_forgotten where forgotten_at",
        "bus_comparison where heard_at",
        "bus_ended_session where since",
    ] {
        tx.execute(&format!("delete from {old} < $1"), values![handled_before]).await?;
    }
    tx.commit().await?;
    Ok(pruned)
}

/// Where in the order of ids old rows are: an id tells the time of its making, so the primary key
/// finds them, and no other index has to be written with each event. Ids of strangers, which may tell
/// no time, look as if made in the future.
fn ranges(now: DateTime<Utc>, before: DateTime<Utc>) -> [(Uuid, Uuid); 2] {
    let (old, future) = (first_id_of(before), first_id_of(now + TimeDelta::days(1)));
    [(Uuid::nil(), old), (future.max(old), Uuid::max())]
}

fn first_id_of(time: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis & 0xffff_ffff_ffff) << 80)
}

#[derive(FromQueryResult)]
struct Handler {
    handler: String,
}

/// Every handler that ever took something, those too that are no more; one look into the index each.
async fn handlers(db: &Db) -> Result<Vec<String>, Error> {
    let rows: Vec<Handler> = db
        .all(
            "with recursive own (handler) as (select min(handler) from bus_inbox union all \
             select (select min(i.handler) from bus_inbox i where i.handler > own.handler) \
             from own where own.handler is not null) \
             select handler from own where handler is not null",
            values![],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.handler).collect())
}

#[derive(FromQueryResult)]
struct Taken {
    id: Uuid,
    event_type: String,
}

async fn prune_inbox(
    db: &Db,
    handler: &str,
    (mut after, until): (Uuid, Uuid),
    before: DateTime<Utc>,
) -> Result<u64, Error> {
    let mut pruned = 0;
    loop {
        let mut tx = db.begin().await?;
        let sql = format!(
            "delete from bus_inbox where handler = $1 and id in (select i.id from bus_inbox i \
             where i.handler = $1 and i.id > $2 and i.id < $3 and i.received_at < $4 \
             and not exists (select 1 from bus_retry r where r.handler = i.handler and r.id = i.id) \
             and not exists (select 1 from bus_dead d where d.consumer = i.handler and d.id = i.id \
             and d.state = 'waiting') \
             and not exists (select 1 from bus_outbox o where o.id = i.id \
             and (o.sent_at is null or o.sent_at >= $4)) \
             order by i.id limit {BATCH}) returning id, event_type"
        );
        let gone: Vec<Taken> = tx.all(&sql, values![handler, after, until, before]).await?;
        after = gone.iter().map(|row| row.id).max().unwrap_or(until);
        write_down_taken(&mut tx, handler, &gone).await?;
        tx.commit().await?;
        pruned += gone.len() as u64;
        if gone.len() < BATCH {
            return Ok(pruned);
        }
        tokio::time::sleep(BREATH).await;
    }
}

async fn write_down_taken(tx: &mut Tx, handler: &str, gone: &[Taken]) -> Result<(), Error> {
    if gone.is_empty() {
        return Ok(());
    }
    let dead = discarded(tx, handler, gone).await?;
    let mut counts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in gone {
        let count = counts.entry(&row.event_type).or_default();
        count.0 += 1;
        count.1 += i64::from(dead.contains(&row.id));
    }
    let rows = counts
        .into_iter()
        .map(|(event_type, (taken, dead))| values![handler, event_type, taken, dead])
        .collect();
    tx.insert_many(
        "insert into bus_taken_before (handler, event_type, taken, dead) values",
        rows,
        "on conflict (handler, event_type) do update set \
         taken = bus_taken_before.taken + excluded.taken, \
         dead = bus_taken_before.dead + excluded.dead",
    )
    .await?;
    Ok(())
}

/// Of these, those that were dead in the end.
async fn discarded(tx: &Tx, handler: &str, gone: &[Taken]) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = gone.iter().map(|row| row.id).collect();
    let (among, those) = rows::among(tx.is_postgres(), &ids, 2);
    let sql = format!(
        "select id from bus_dead where consumer = $1 and state <> 'replayed' and id {among}"
    );
    let mut values = values![handler];
    values.extend(those);
    let dead: Vec<Id> = tx.all(&sql, values).await?;
    Ok(dead.into_iter().map(|row| row.id).collect())
}

#[derive(FromQueryResult)]
struct Published {
    id: Uuid,
    event_type: String,
    queue: Option<String>,
    unroutable: bool,
}

async fn prune_outbox(
    db: &Db,
    (mut after, until): (Uuid, Uuid),
    before: DateTime<Utc>,
) -> Result<u64, Error> {
    let mut pruned = 0;
    loop {
        let mut tx = db.begin().await?;
        let sql = format!(
            "delete from bus_outbox where id in (select id from bus_outbox \
             where id > $1 and id < $2 and sent_at < $3 order by id limit {BATCH}) \
             returning id, event_type, queue, unroutable"
        );
        let gone: Vec<Published> = tx.all(&sql, values![after, until, before]).await?;
        after = gone.iter().map(|row| row.id).max().unwrap_or(until);
        write_down_published(&mut tx, &gone).await?;
        tx.commit().await?;
        pruned += gone.len() as u64;
        if gone.len() < BATCH {
            return Ok(pruned);
        }
        tokio::time::sleep(BREATH).await;
    }
}

async fn write_down_published(tx: &mut Tx, gone: &[Published]) -> Result<(), Error> {
    let mut counts: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for row in gone {
        let count = counts.entry(&row.event_type).or_default();
        count[0] += 1;
        count[1] += i64::from(row.queue.is_some());
        count[2] += i64::from(row.unroutable);
    }
    let rows = counts
        .into_iter()
        .map(|(event_type, [published, direct, unroutable])| {
            values![event_type, published, direct, unroutable]
        })
        .collect();
    tx.insert_many(
        "insert into bus_published_before (event_type, published, direct, unroutable) values",
        rows,
        "on conflict (event_type) do update set \
         published = bus_published_before.published + excluded.published, \
         direct = bus_published_before.direct + excluded.direct, \
         unroutable = bus_published_before.unroutable + excluded.unroutable",
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Settled {
    consumer: String,
    id: Uuid,
}

/// A letter whose inbox id is still there stays with it: the books count it by that id.
async fn prune_dead(db: &Db, before: DateTime<Utc>) -> Result<u64, Error> {
    let mut pruned = 0;
    loop {
        let sql = format!(
            "select consumer, id from bus_dead d where state in ('replayed', 'discarded') \
             and settled_at < $1 and not exists \
             (select 1 from bus_inbox i where i.handler = d.consumer and i.id = d.id) limit {BATCH}"
        );
        let gone: Vec<Settled> = db.all(&sql, values![before]).await?;
        if gone.is_empty() {
            return Ok(pruned);
        }
        let values =
            gone.iter().flat_map(|row| values![row.consumer.clone(), row.id]).collect::<Vec<_>>();
        let sql = format!(
            "delete from bus_dead where (consumer, id) in (values {}) and state <> 'waiting'",
            placeholders(gone.len(), 2)
        );
        let mut tx = db.begin().await?;
        pruned += tx.execute(&sql, values).await?;
        tx.commit().await?;
        tokio::time::sleep(BREATH).await;
    }
}
