//! The outbox: what was published in a transaction and is to be sent, now or at its time.
//!
//! A row is marked sent only when the transport owns it, and stays as a record of what was said. Of what goes
//! together one is marked for all: see `flight`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use event::{Envelope, EventId};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, Error, Read, Tx,
    flight::{self, Place},
    rows::{self, Id},
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
    pub(crate) place: Place,
}

impl NewRow {
    pub(crate) fn now(envelope: Envelope) -> Self {
        Self { due: envelope.time, envelope, key: None, queue: None, place: Place::Alone }
    }

    pub(crate) fn later(envelope: Envelope, due: DateTime<Utc>, key: &str) -> Self {
        let id = made_at(envelope.id, due.max(envelope.time));
        let envelope = Envelope { id, ..envelope };
        Self { due, key: Some(key.to_owned()), ..Self::now(envelope) }
    }

    pub(crate) fn to_queue(envelope: Envelope, queue: &str) -> Self {
        Self { queue: Some(queue.to_owned()), ..Self::now(envelope) }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(crate) fn event_type(&self) -> &str {
        &self.envelope.event_type
    }

    pub(crate) fn id(&self) -> Uuid {
        self.envelope.id.0
    }

    /// Whether it may go at once and nothing can take it back.
    pub(crate) fn goes_at_once(&self, now: DateTime<Utc>) -> bool {
        self.key.is_none() && self.due <= now
    }

    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        (&self.queue, self.event_type()) == (&other.queue, other.event_type())
    }

    /// As the relay reads it.
    pub(crate) fn fresh(&self) -> Row {
        let envelope = self.envelope.clone();
        Row {
            id: envelope.id.0,
            event_type: envelope.event_type,
            subject: envelope.subject,
            sequence: envelope.sequence.map(signed),
            occurred_at: envelope.time,
            due: self.due,
            traceparent: envelope.traceparent,
            data: envelope.data,
            queue: self.queue.clone(),
            leads: self.place.leads(),
            led_by: self.place.leader(),
        }
    }

    fn into_values(self, last: Value) -> Vec<Value> {
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
            self.queue,
            last
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
    let now = tx.now();
    // Two statements: most events of a large transaction are led, and a column that is null in some rows and not
    // in others would go to PostgreSQL as text.
    let (led, leading): (Vec<NewRow>, Vec<NewRow>) =
        rows.into_iter().partition(|row| row.place.leader().is_some());
    let leading = leading.into_iter().map(|row| {
        let leads = Value::from(row.place.leads());
        row.into_values(leads)
    });
    let led = led.into_iter().map(|row| row.into_values(Value::from(now)));
    for (column, rows) in [("leads", leading.collect()), ("sent_at", led.collect())] {
        let head = format!(
            "insert into bus_outbox (id, event_type, subject, sequence, occurred_at, traceparent, data, \
             due, schedule_key, queue, {column}) values"
        );
        tx.insert_many(&head, rows, "").await?;
    }
    Ok(())
}

/// Takes back what of a subject was not sent, and empties what was.
pub(crate) async fn forget(
    tx: &mut Tx,
    subject: &str,
    event_type: Option<&'static str>,
) -> Result<(), Error> {
    let mut which = "select id from bus_outbox where subject = $1".to_owned();
    let mut values = values![subject];
    if let Some(event_type) = event_type {
        which += " and event_type = $2";
        values.push(Value::from(event_type));
    }
    let told: Vec<Id> = tx.all(&which, values).await?;
    let told: Vec<Uuid> = told.into_iter().map(|row| row.id).collect();
    flight::break_up_those_of(tx, &told).await?;
    for (among, ids) in rows::some_among(tx.is_postgres(), &told, 1) {
        let unsent = format!("delete from bus_outbox where sent_at is null and id {among}");
        tx.execute(&unsent, ids.clone()).await?;
        tx.execute(&format!("update bus_outbox set data = '{{}}' where id {among}"), ids).await?;
    }
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
    pub(crate) due: DateTime<Utc>,
    traceparent: Option<String>,
    pub(crate) data: String,
    queue: Option<String>,
    leads: Option<Vec<u8>>,
    /// Whether it was sent, another row says.
    #[sea_orm(skip)]
    led_by: Option<Uuid>,
}

impl Row {
    pub(crate) fn is_led(&self) -> bool {
        self.led_by.is_some()
    }

    /// Its leader's id, or its own.
    pub(crate) fn flight(&self) -> Uuid {
        self.led_by.unwrap_or(self.id)
    }

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

/// Those of them that the outbox shows as waiting.
pub(crate) fn shown<'a>(rows: impl IntoIterator<Item = &'a Row>) -> impl Iterator<Item = Uuid> {
    rows.into_iter().filter(|row| !row.is_led()).map(|row| row.id)
}

pub(crate) const COLUMNS: &str =
    "id, event_type, subject, sequence, occurred_at, due, traceparent, data, queue, leads";

#[derive(FromQueryResult)]
struct MaybeSent {
    #[sea_orm(nested)]
    row: Row,
    is_sent: bool,
}

/// A row that waits, and those whom it leads.
#[derive(FromQueryResult)]
pub(crate) struct Waiting {
    pub(crate) id: Uuid,
    events: i32,
}

impl Waiting {
    pub(crate) fn events(&self) -> usize {
        usize::try_from(self.events).unwrap_or(1)
    }
}

/// What is to be sent now, but for these; all of it, or what became due after a time. Reads what is there,
/// whatever was sent before: commits do not come in the order of their times, so there is no "after the last one".
pub(crate) async fn waiting(
    db: &Db,
    most: usize,
    after: Option<DateTime<Utc>>,
    but_streams: &BTreeSet<Stream>,
    but_rows: &BTreeSet<Uuid>,
) -> Result<Vec<Waiting>, Error> {
    let mut sql = "select id, 1 + coalesce(length(leads), 0) / 16 as events from bus_outbox \
                   where sent_at is null and due <= $1"
        .to_owned();
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
    db.all(&format!("{sql} order by due limit {most}"), values).await
}

/// The first few of each of these streams, and whom they lead, with one walk over what waits.
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
    with_the_led(db, db.all(&sql, values).await?).await
}

/// Of these rows, what is not sent yet, and whom they lead. Told so in the statement, PostgreSQL would look
/// for them among all that waits, instead of by their ids.
pub(crate) async fn waiting_among(db: &Db, rows: &BTreeSet<Uuid>) -> Result<Vec<Row>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (among, ids) = rows::among(db.is_postgres(), rows, 1);
    let sql = format!(
        "select {COLUMNS}, sent_at is not null as is_sent from bus_outbox where id {among}"
    );
    let found: Vec<MaybeSent> = db.all(&sql, ids).await?;
    let waiting = found.into_iter().filter(|found| !found.is_sent).map(|found| found.row);
    with_the_led(db, waiting.collect()).await
}

/// Whole flights.
async fn with_the_led(db: &Db, mut rows: Vec<Row>) -> Result<Vec<Row>, Error> {
    let leaders: BTreeMap<Uuid, Uuid> = rows
        .iter()
        .flat_map(|row| flight::followers(row.leads.as_deref()).map(|id| (id, row.id)))
        .collect();
    let ids: Vec<Uuid> = leaders.keys().copied().collect();
    for (among, ids) in rows::some_among(db.is_postgres(), &ids, 1) {
        let sql = format!("select {COLUMNS} from bus_outbox where id {among}");
        let led: Vec<Row> = db.all(&sql, ids).await?;
        rows.extend(
            led.into_iter().map(|row| Row { led_by: leaders.get(&row.id).copied(), ..row }),
        );
    }
    Ok(rows)
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

/// What became of rows that the relay had in its hand.
#[derive(Default)]
pub(crate) struct Marks {
    /// The transport owns them, and whom they lead.
    pub(crate) sent: Vec<Uuid>,
    /// Nobody wanted them.
    pub(crate) unroutable: Vec<Uuid>,
    /// Of a flight of which others arrived.
    pub(crate) left_behind: Vec<Uuid>,
}

impl Marks {
    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.unroutable.is_empty() && self.left_behind.is_empty()
    }

    /// Writes them down.
    pub(crate) async fn make(&self, db: &Db) -> Result<(), Error> {
        let mut tx = db.begin().await?;
        if db.is_postgres() {
            // A mark that is lost in a crash has its event go once more, under the same id: nobody need wait
            // for the disk, as for whatever else is committed here.
            tx.execute("set local synchronous_commit to off", Vec::new()).await?;
        }
        for (ids, is_unroutable) in [(&self.sent, false), (&self.unroutable, true)] {
            if ids.is_empty() {
                continue;
            }
            let (among, those) = rows::among(db.is_postgres(), ids, 3);
            let sql = format!(
                "update bus_outbox set sent_at = $1, unroutable = $2, leads = null where id {among}"
            );
            let mut values = values![tx.now(), is_unroutable];
            values.extend(those);
            tx.execute(&sql, values).await?;
        }
        flight::let_go(&mut tx, &self.left_behind).await?;
        tx.commit().await
    }
}
