//! The outbox: what was published in a transaction and is to be sent, now or at its time.
//!
//! A row is marked sent only when the transport owns it, and stays as a record of what was said.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use event::{Envelope, EventId};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, Error, Read, Tx, rows,
    transport::{Destination, Outgoing},
    values,
};

pub(crate) const CANCEL: &str =
    "delete from bus_outbox where schedule_key = $1 and sent_at is null";

/// Whether something waits under a key or was sent of late.
pub(crate) const TOLD: &str =
    "select count(*) from bus_outbox where schedule_key = $1 and (sent_at is null or sent_at > $2)";

/// An event about to be written into the outbox.
pub(crate) struct NewRow {
    envelope: Envelope,
    due: DateTime<Utc>,
    key: Option<String>,
    queue: Option<String>,
}

impl NewRow {
    pub(crate) fn now(envelope: Envelope) -> Self {
        Self { due: envelope.time, envelope, key: None, queue: None }
    }

    pub(crate) fn later(envelope: Envelope, due: DateTime<Utc>, key: &str) -> Self {
        let id = made_at(envelope.id, due.max(envelope.time));
        let envelope = Envelope { id, ..envelope };
        Self { envelope, due, key: Some(key.to_owned()), queue: None }
    }

    pub(crate) fn to_queue(envelope: Envelope, queue: &str) -> Self {
        Self { due: envelope.time, envelope, key: None, queue: Some(queue.to_owned()) }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(crate) fn event_type(&self) -> &str {
        &self.envelope.event_type
    }

    /// As the relay reads it, if it may go at once and nothing can take it back.
    pub(crate) fn fresh(&self, now: DateTime<Utc>) -> Option<Row> {
        if self.key.is_some() || self.due > now {
            return None;
        }
        let envelope = self.envelope.clone();
        Some(Row {
            id: envelope.id.0,
            event_type: envelope.event_type,
            subject: envelope.subject,
            sequence: envelope.sequence.map(signed),
            occurred_at: envelope.time,
            due: self.due,
            traceparent: envelope.traceparent,
            data: envelope.data,
            queue: self.queue.clone(),
        })
    }

    fn into_values(self) -> Vec<Value> {
        let envelope = self.envelope;
        values![
            envelope.id.0,
            envelope.event_type,
            envelope.subject,
            envelope.sequence.map(signed),
            envelope.time,
            envelope.traceparent,
            envelope.data,
            self.due,
            self.key,
            self.queue
        ]
    }
}

/// The same id as if it had been made at this time: ids tell how old something is.
fn made_at(id: EventId, time: DateTime<Utc>) -> EventId {
    const TIME: u128 = 0xffff_ffff_ffff << 80;
    let millis = u128::try_from(time.timestamp_millis()).unwrap_or(0);
    EventId(Uuid::from_u128((id.0.as_u128() & !TIME) | ((millis << 80) & TIME)))
}

fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

pub(crate) async fn insert(tx: &mut Tx, rows: Vec<NewRow>) -> Result<(), Error> {
    tx.insert_many(
        "insert into bus_outbox (id, event_type, subject, sequence, occurred_at, traceparent, data, \
         due, schedule_key, queue) values",
        rows.into_iter().map(NewRow::into_values).collect(),
        "",
    )
    .await?;
    Ok(())
}

/// Takes back what of a subject was not sent, and empties what was.
pub(crate) async fn forget(
    tx: &mut Tx,
    subject: &str,
    event_type: Option<&'static str>,
) -> Result<(), Error> {
    let mut which = "subject = $1".to_owned();
    let mut values = values![subject];
    if let Some(event_type) = event_type {
        which += " and event_type = $2";
        values.push(Value::from(event_type));
    }
    let unsent = format!("delete from bus_outbox where {which} and sent_at is null");
    tx.execute(&unsent, values.clone()).await?;
    tx.execute(&format!("update bus_outbox set data = '{{}}' where {which}"), values).await?;
    Ok(())
}

/// What may stop arriving by itself: an event type, or a queue that is sent to directly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stream {
    Type(String),
    Queue(String),
}

impl Stream {
    /// As a condition on a row, with one value.
    fn condition(&self, number: usize) -> (String, &str) {
        match self {
            Self::Type(name) => (format!("(queue is null and event_type = ${number})"), name),
            Self::Queue(name) => (format!("(queue is not null and queue = ${number})"), name),
        }
    }
}

#[derive(FromQueryResult)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    event_type: String,
    subject: String,
    sequence: Option<i64>,
    occurred_at: DateTime<Utc>,
    due: DateTime<Utc>,
    traceparent: Option<String>,
    pub(crate) data: String,
    queue: Option<String>,
}

impl Row {
    pub(crate) fn stream(&self) -> Stream {
        match &self.queue {
            Some(queue) => Stream::Queue(queue.clone()),
            None => Stream::Type(self.event_type.clone()),
        }
    }

    /// What was to be told later happens when it is due: nobody is late before.
    pub(crate) fn outgoing(self) -> Outgoing {
        let source = format!("/estrade/{}", event::owner(&self.event_type));
        Outgoing {
            to: self.queue.map_or(Destination::Everyone, Destination::Queue),
            envelope: Envelope {
                id: EventId(self.id),
                source,
                event_type: self.event_type,
                subject: self.subject,
                sequence: self.sequence.and_then(|sequence| u64::try_from(sequence).ok()),
                time: self.occurred_at.max(self.due),
                traceparent: self.traceparent,
                data: self.data,
            },
        }
    }
}

const COLUMNS: &str =
    "id, event_type, subject, sequence, occurred_at, due, traceparent, data, queue";

#[derive(FromQueryResult)]
struct MaybeSent {
    #[sea_orm(nested)]
    row: Row,
    is_sent: bool,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// What is to be sent now, but for these; all of it, or what became due after a time. Reads what is there,
/// whatever was sent before: commits do not come in the order of their times, so there is no "after the last one".
pub(crate) async fn waiting(
    db: &Db,
    most: usize,
    after: Option<DateTime<Utc>>,
    but_streams: &BTreeSet<Stream>,
    but_rows: &BTreeSet<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let mut sql = "select id from bus_outbox where sent_at is null and due <= $1".to_owned();
    let mut values = values![db.now()];
    if let Some(after) = after {
        sql += " and due > $2";
        values.push(Value::from(after));
    }
    for stream in but_streams {
        let (condition, name) = stream.condition(values.len() + 1);
        sql += &format!(" and not {condition}");
        values.push(Value::from(name));
    }
    sql += &but_not(but_rows, &mut values);
    let ids: Vec<Id> = db.all(&format!("{sql} order by due limit {most}"), values).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// The first few of each of these streams, with one walk over what waits.
pub(crate) async fn waiting_of(
    db: &Db,
    streams: &BTreeSet<Stream>,
    most: usize,
    but_rows: &BTreeSet<Uuid>,
) -> Result<Vec<Row>, Error> {
    if streams.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = values![db.now()];
    let mut conditions = Vec::new();
    for stream in streams {
        let (condition, name) = stream.condition(values.len() + 1);
        conditions.push(condition);
        values.push(Value::from(name));
    }
    let conditions = conditions.join(" or ");
    let but = but_not(but_rows, &mut values);
    let sql = format!(
        "select {COLUMNS} from bus_outbox where sent_at is null and id in (select id from (select id, row_number() over \
         (partition by event_type, queue order by due) as place from bus_outbox \
         where sent_at is null and due <= $1 and ({conditions}){but}) as placed \
         where place <= {most})"
    );
    db.all(&sql, values).await
}

/// Of these rows, what is not sent yet. Told so in the statement, PostgreSQL would look for them among all
/// that waits, instead of by their ids.
pub(crate) async fn waiting_among(db: &Db, rows: &BTreeSet<Uuid>) -> Result<Vec<Row>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (among, ids) = rows::among(db.is_postgres(), rows, 1);
    let sql = format!(
        "select {COLUMNS}, sent_at is not null as is_sent from bus_outbox where id {among}"
    );
    let found: Vec<MaybeSent> = db.all(&sql, ids).await?;
    Ok(found.into_iter().filter(|found| !found.is_sent).map(|found| found.row).collect())
}

/// A list of single values: PostgreSQL makes a hash table of it, and of an array none.
fn but_not(rows: &BTreeSet<Uuid>, values: &mut Vec<Value>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let first = values.len() + 1;
    values.extend(rows.iter().copied().map(Value::from));
    let numbers: Vec<String> = (first..=values.len()).map(|number| format!("${number}")).collect();
    format!(" and id not in ({})", numbers.join(","))
}

/// Marks what the transport owns, and what nobody wanted.
pub(crate) async fn mark_sent(db: &Db, sent: &[Uuid], unroutable: &[Uuid]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    if db.is_postgres() {
        // A mark that is lost in a crash has its event go once more, under the same id: nobody need wait
        // for the disk, as for whatever else is committed here.
        tx.execute("set local synchronous_commit to off", Vec::new()).await?;
    }
    for (ids, is_unroutable) in [(sent, false), (unroutable, true)] {
        if ids.is_empty() {
            continue;
        }
        let (among, those) = rows::among(db.is_postgres(), ids, 3);
        let sql = format!("update bus_outbox set sent_at = $1, unroutable = $2 where id {among}");
        let mut values = values![tx.now(), is_unroutable];
        values.extend(those);
        tx.execute(&sql, values).await?;
    }
    tx.commit().await
}
