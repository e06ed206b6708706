//! Dead letters: what was tried too often, or cannot be tried at all, with its cause.
//!
//! They are kept until a person replays them (to that one handler or effect alone) or discards them
//! with a reason; the reason stays. Letters of one cause make a group, and each knows the people it
//! touches: the bus knows no event by name, but the fields that name a person.

mod cause;
mod letters;
mod replay;

use chrono::{DateTime, Utc};
use event::Envelope;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Error, Read, Tx, forget, values};

pub(crate) use cause::loggable;
pub use cause::without_addresses;
pub use letters::{DeadGroup, DeadLetters, DeadPage, SettledPage};
pub use replay::{Rehearsal, Replayed, Verdict, Which};

/// Characters of a cause that are kept.
const LONGEST_CAUSE: usize = 2_000;
/// Bytes that are kept of what is no envelope: enough to tell whose it was, and it is never replayed.
const MOST_BYTES: usize = 256 * 1024;

/// Tries, one after the other, that were begun and never ended, after which none is begun any more.
pub(crate) fn most_unended() -> i32 {
    #[cfg(feature = "testing")]
    if crate::simulation::is_on() {
        // There processes die by lot, as often at one place as it comes.
        return i32::MAX;
    }
    5
}

/// The beginning of the cause of what killed its process.
const DEADLY: &str = "the process died during it";

/// Why nobody tries again what was begun so often and never ended.
pub(crate) fn deadly(times: i32) -> String {
    format!("{DEADLY} {times} times")
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Event,
    Job,
    /// Bytes that are no envelope.
    Undecodable,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Job => "job",
            Self::Undecodable => "undecodable",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "event" => Self::Event,
            "job" => Self::Job,
            _ => Self::Undecodable,
        }
    }
}

pub(crate) struct NewDead {
    /// The handler or effect.
    pub(crate) consumer: String,
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    /// The event's type, the job's key, or the headers of what is undecodable.
    pub(crate) event_type: String,
    pub(crate) body: String,
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) cause: String,
    pub(crate) attempts: i32,
    /// The times of the latest attempts, with a space between; empty where they are not known.
    pub(crate) tried: String,
    /// Of a job, that in which it was requested; an event's is in its envelope.
    pub(crate) traceparent: Option<String>,
}

/// What is about somebody who was erased meanwhile is written down empty.
pub(crate) async fn insert(tx: &mut Tx, dead: NewDead) -> Result<(), Error> {
    let cause = storable(&dead.cause);
    let people = people_in(dead.kind, &dead.body);
    let gone = forget::is_forgotten(tx, &subjects(&dead, &people)).await?;
    tx.execute(
        "insert into bus_dead (consumer, kind, id, event_type, body, bytes, cause, attempts, died_at, \
         state, tried, group_key, traceparent) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11, $12) \
         on conflict (consumer, id) do update set body = excluded.body, \
         traceparent = excluded.traceparent, cause = excluded.cause, attempts = excluded.attempts, \
         died_at = excluded.died_at, tried = excluded.tried, group_key = excluded.group_key, \
         state = 'waiting', reason = null, settled_at = null, settled_by = null",
        values![
            dead.consumer.clone(),
            dead.kind.name(),
            dead.id,
            storable(&dead.event_type),
            dead.body,
            dead.bytes.map(bounded),
            cause.clone(),
            dead.attempts,
            tx.now(),
            dead.tried,
            cause::group_key(&dead.consumer, dead.kind, &cause),
            dead.traceparent
        ],
    )
    .await?;
    note_people(tx, &dead.consumer, dead.id, people).await?;
    if gone {
        empty(tx, "consumer = $3 and id = $4", values![dead.consumer, dead.id]).await?;
    }
    Ok(())
}

/// Whom a letter would have to be forgotten with: an event with its subject, a job with its people.
fn subjects(dead: &NewDead, people: &[Uuid]) -> Vec<String> {
    match dead.kind {
        Kind::Event => serde_json::from_str::<Envelope>(&dead.body)
            .map(|envelope| vec![envelope.subject])
            .unwrap_or_default(),
        Kind::Job => people.iter().map(Uuid::to_string).collect(),
        Kind::Undecodable => Vec::new(),
    }
}

fn people_in(kind: Kind, body: &str) -> Vec<Uuid> {
    let people = match kind {
        Kind::Event => serde_json::from_str::<Envelope>(body)
            .map(|envelope| event::people(&envelope.data))
            .unwrap_or_default(),
        Kind::Job => event::people(body),
        Kind::Undecodable => Default::default(),
    };
    people.into_iter().map(|person| person.0).collect()
}

async fn note_people(
    tx: &mut Tx,
    consumer: &str,
    id: Uuid,
    people: Vec<Uuid>,
) -> Result<(), Error> {
    let rows = people.into_iter().map(|person| values![consumer, id, person]).collect();
    tx.insert_many(
        "insert into bus_dead_person (consumer, id, person) values",
        rows,
        "on conflict do nothing",
    )
    .await?;
    Ok(())
}

/// A cause as a database takes it: no NUL character, which PostgreSQL refuses, and not without end.
pub(crate) fn storable(cause: &str) -> String {
    cause.chars().filter(|letter| *letter != '\0').take(LONGEST_CAUSE).collect()
}

fn bounded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(MOST_BYTES);
    bytes
}

/// Empties the dead letters of a subject: its events, and the jobs that concern it.
pub(crate) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    let (event, job) = (of_subject(subject), forget::of_person(subject));
    empty(
        tx,
        "((kind = 'event' and body like $3) or (kind = 'job' and body like $4))",
        values![event, job],
    )
    .await
}

/// Takes the content out of letters, and out of their causes, which may quote it.
async fn empty(tx: &mut Tx, which: &str, bound: Vec<crate::Value>) -> Result<(), Error> {
    let mut values = values![tx.now(), "its subject was erased"];
    values.extend(bound);
    tx.execute(
        &format!(
            "update bus_dead set body = '', cause = $2, \
             reason = case when state = 'waiting' then $2 else reason end, \
             settled_at = case when state = 'waiting' then $1 else settled_at end, \
             state = case when state = 'waiting' then 'discarded' else state end where {which}"
        ),
        values,
    )
    .await?;
    Ok(())
}

/// The pattern that an envelope of this subject fits, as it is written. Subjects are ids.
pub(crate) fn of_subject(subject: &str) -> String {
    format!("%\"subject\":\"{subject}\"%")
}

/// One dead letter, as an operator sees it.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct Dead {
    /// The handler or effect that gave up.
    pub consumer: String,
    /// `event`, `job` or `undecodable`.
    pub kind: String,
    pub id: Uuid,
    /// The event's type, the job's key, or the headers of what is undecodable.
    pub event_type: String,
    /// The envelope or the job, as JSON; empty for what is undecodable.
    pub body: String,
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
    pub cause: String,
    /// The key of its group: letters of one consumer that died of the same cause.
    pub group_key: String,
    pub attempts: i32,
    /// The times of the latest attempts, with a space between; empty where they are not known.
    pub tried: String,
    pub died_at: DateTime<Utc>,
    /// See [`DeadState`].
    pub state: String,
    /// Why it was discarded.
    pub reason: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    /// Who replayed or discarded it, as far as that is known.
    pub settled_by: Option<String>,
    /// Of a job; see [`Dead::trace`].
    pub traceparent: Option<String>,
}

impl Dead {
    /// The envelope, if it is an event's.
    #[must_use]
    pub fn envelope(&self) -> Option<Envelope> {
        if Kind::named(&self.kind) != Kind::Event {
            return None;
        }
        serde_json::from_str(&self.body).ok()
    }

    /// The id of the trace to which it belongs.
    #[must_use]
    pub fn trace(&self) -> Option<String> {
        let traceparent = self
            .envelope()
            .map_or_else(|| self.traceparent.clone(), |envelope| envelope.traceparent)?;
        traceparent.split('-').nth(1).map(str::to_owned)
    }
}

/// What became of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadState {
    Waiting,
    Replayed,
    Discarded,
}

impl DeadState {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

/// The letters about a person of which this became, the oldest first. Those from before there was a note of
/// people are found once [`sort_old_ones`] was there.
pub(crate) async fn of_person(
    db: &crate::Db,
    person: event::PersonId,
    state: DeadState,
    most: u32,
) -> Result<Vec<Dead>, Error> {
    let sql = format!(
        "select d.* from bus_dead d join bus_dead_person p on p.consumer = d.consumer and p.id = d.id \
         where p.person = $1 and d.state = $2 order by d.died_at, d.id limit {most}"
    );
    db.all(&sql, values![person.0, state.name()]).await
}

/// Letters of the time before there were groups are sorted into them when somebody looks.
pub(crate) async fn sort_old_ones(db: &crate::Db) -> Result<(), Error> {
    loop {
        let old: Vec<Dead> = db
            .all(
                "select * from bus_dead where state = 'waiting' and group_key = '' limit 200",
                values![],
            )
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for dead in old {
            let kind = Kind::named(&dead.kind);
            let key = cause::group_key(&dead.consumer, kind, &dead.cause);
            let values = values![key, dead.consumer.clone(), dead.id];
            let sql = "update bus_dead set group_key = $1 where consumer = $2 and id = $3";
            tx.execute(sql, values).await?;
            note_people(&mut tx, &dead.consumer, dead.id, people_in(kind, &dead.body)).await?;
        }
        tx.commit().await?;
    }
}
