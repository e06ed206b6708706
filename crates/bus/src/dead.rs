//! Dead letters: what was tried too often, or cannot be tried at all, with its cause.
//!
//! They are kept until a person replays them (to that one handler or effect alone) or discards them
//! with a reason; the reason stays.

use chrono::{DateTime, Utc};
use event::Envelope;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Error, Read, Tx, retry, values};

/// Characters of a cause that are kept.
const LONGEST_CAUSE: usize = 2_000;

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
}

pub(crate) async fn insert(tx: &mut Tx, dead: NewDead) -> Result<(), Error> {
    tx.execute(
        "insert into bus_dead (consumer, kind, id, event_type, body, bytes, cause, attempts, died_at, state) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting') \
         on conflict (consumer, id) do update set cause = excluded.cause, attempts = excluded.attempts, \
         died_at = excluded.died_at, state = 'waiting', reason = null, settled_at = null",
        values![
            dead.consumer,
            dead.kind.name(),
            dead.id,
            storable(&dead.event_type),
            dead.body,
            dead.bytes,
            storable(&dead.cause),
            dead.attempts,
            tx.now()
        ],
    )
    .await?;
    Ok(())
}

/// A cause as a database takes it: no NUL character, which PostgreSQL refuses, and not without end.
pub(crate) fn storable(cause: &str) -> String {
    cause.chars().filter(|letter| *letter != '\0').take(LONGEST_CAUSE).collect()
}

/// Empties the dead letters of a subject.
pub(crate) async fn forget(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "update bus_dead set body = '', state = 'discarded', reason = 'its subject was erased', \
         settled_at = $2 where kind = 'event' and body like $1",
        values![of_subject(subject), now],
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
    pub attempts: i32,
    pub died_at: DateTime<Utc>,
    /// See [`DeadState`].
    pub state: String,
    /// Why it was discarded.
    pub reason: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
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

/// The dead letters of one service.
pub struct DeadLetters<'a> {
    db: &'a Db,
}

impl<'a> DeadLetters<'a> {
    #[must_use]
    pub fn of(db: &'a Db) -> Self {
        Self { db }
    }

    /// The newest first, `limit` at most.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list(&self, state: DeadState, limit: u32) -> Result<Vec<Dead>, Error> {
        let sql =
            format!("select * from bus_dead where state = $1 order by died_at desc limit {limit}");
        self.db.all(&sql, values![state.name()]).await
    }

    /// Those with this id: an event can be dead for several handlers.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn show(&self, id: Uuid) -> Result<Vec<Dead>, Error> {
        self.db.all("select * from bus_dead where id = $1 order by consumer", values![id]).await
    }

    /// Gives it to the one that gave up on it once more, with all its attempts before it. `false`
    /// if there is none that waits, or it can never be read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn replay(&self, consumer: &str, id: Uuid) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let Some(dead) = settle(&mut tx, consumer, id, DeadState::Replayed, None).await? else {
            return Ok(false);
        };
        match dead.kind.as_str() {
            "event" => {
                let envelope: Envelope = serde_json::from_str(&dead.body)?;
                let now = tx.now();
                retry::wait(&mut tx, consumer, &envelope, 0, now, "replayed").await?;
            }
            "job" => again(&mut tx, &dead).await?,
            _ => return Ok(false),
        }
        tx.commit().await?;
        self.db.inner.jobs_added.notify_one();
        Ok(true)
    }

    /// Puts it aside for good; the reason is kept. `false` if there is none that waits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn discard(&self, consumer: &str, id: Uuid, reason: &str) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let found = settle(&mut tx, consumer, id, DeadState::Discarded, Some(reason)).await?;
        tx.commit().await?;
        Ok(found.is_some())
    }
}

async fn settle(
    tx: &mut Tx,
    consumer: &str,
    id: Uuid,
    state: DeadState,
    reason: Option<&str>,
) -> Result<Option<Dead>, Error> {
    let now = tx.now();
    tx.one(
        "update bus_dead set state = $1, reason = $2, settled_at = $3 \
         where consumer = $4 and id = $5 and state = 'waiting' returning *",
        values![state.name(), reason.map(str::to_owned), now, consumer, id],
    )
    .await
}

async fn again(tx: &mut Tx, dead: &Dead) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "insert into bus_effect (effect, job_key, job, due) values ($1, $2, $3, $4) \
         on conflict (effect, job_key) do nothing",
        values![dead.consumer.clone(), dead.event_type.clone(), dead.body.clone(), now],
    )
    .await?;
    Ok(())
}
