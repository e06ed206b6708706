//! Deciding about dead letters: once more, put aside for good, or first a rehearsal, in which nothing
//! is written and nothing leaves the process.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event::Envelope;
use uuid::Uuid;

use super::{Dead, DeadLetters, Kind, sort_old_ones};
use crate::{Db, Error, Read, RowsWritten, Service, Tx, Value, retry, runner::attempt, values};

/// Letters settled in one transaction.
const AT_ONCE: u32 = 200;

/// Which of the dead letters that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// An event's or a job's, of one consumer or of all that gave up on it.
    Letter {
        id: Uuid,
        consumer: Option<&'a str>,
    },
    /// All of one cause.
    Group(&'a str),
    All,
}

impl Which<'_> {
    /// A condition whose first value is `$1`.
    fn condition(&self) -> (&'static str, Vec<Value>) {
        match *self {
            Self::Letter { id, consumer: None } => ("id = $1", values![id]),
            Self::Letter { id, consumer: Some(consumer) } => {
                ("id = $1 and consumer = $2", values![id, consumer])
            }
            Self::Group(key) => ("group_key = $1", values![key]),
            Self::All => ("1 = 1", values![]),
        }
    }
}

/// What came of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Will be tried again.
    pub replayed: u64,
    /// Can never be read, and still wait: they can only be discarded.
    pub unreadable: u64,
    /// Of handlers and effects that are no more, and still wait: nobody would ever try them.
    pub nobody_there: u64,
}

/// What a replay of one letter would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    pub consumer: String,
    pub id: Uuid,
    pub verdict: Verdict,
    /// Why it would fail.
    pub cause: Option<String>,
    /// Events that it would publish, by type.
    pub publishes: BTreeMap<String, usize>,
    /// Jobs that it would request, by effect; none was performed.
    pub requests: BTreeMap<String, usize>,
    /// Rows that its statements wrote before they were undone, by table.
    pub tables: BTreeMap<String, RowsWritten>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The handler took it.
    WouldSucceed,
    /// The handler failed, as it would in earnest.
    WouldFail,
    /// A job: it would be performed again. In a rehearsal it is not.
    WouldBePerformed,
    /// It is no envelope.
    CannotBeRead,
    /// It killed its process each time: it is not run here, where it would do the same.
    Deadly,
    /// No handler or effect of this name is there any more.
    NobodyThere,
}

impl DeadLetters<'_> {
    /// Gives one letter to the one that gave up on it once more, with all its attempts before it.
    /// `false` if there is none that waits, it can never be read, or nobody takes it any more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn replay(&self, service: &Service, consumer: &str, id: Uuid) -> Result<bool, Error> {
        let which = Which::Letter { id, consumer: Some(consumer) };
        Ok(self.replay_all(service, which, None).await?.replayed > 0)
    }

    /// Gives letters to those that gave up on them once more. One that dies again meanwhile is left.
    ///
    /// # Errors
    /// When the database is away; some may then have been replayed.
    pub async fn replay_all(
        &self,
        service: &Service,
        which: Which<'_>,
        by: Option<&str>,
    ) -> Result<Replayed, Error> {
        sort_old_ones(self.db).await?;
        let (until, mut done) = (self.db.now(), Replayed::default());
        loop {
            let mut tx = self.db.begin().await?;
            let letters = take(&mut tx, service, &which, until).await?;
            for letter in &letters {
                mark_replayed(&mut tx, letter, by).await?;
                again(&mut tx, letter).await?;
                done.replayed += 1;
            }
            tx.commit().await?;
            self.db.inner.jobs_added.notify_one();
            if letters.len() < AT_ONCE as usize {
                break;
            }
        }
        done.unreadable = self.unreadable(&which).await?;
        done.nobody_there = self.without_taker(service, &which).await?;
        Ok(done)
    }

    /// Puts one letter aside for good; the reason is kept. `false` if there is none that waits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn discard(&self, consumer: &str, id: Uuid, reason: &str) -> Result<bool, Error> {
        let which = Which::Letter { id, consumer: Some(consumer) };
        Ok(self.discard_all(which, reason, None).await? > 0)
    }

    /// Puts letters aside for good; the reason is kept, and who gave it. Gives how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn discard_all(
        &self,
        which: Which<'_>,
        reason: &str,
        by: Option<&str>,
    ) -> Result<u64, Error> {
        sort_old_ones(self.db).await?;
        let mut tx = self.db.begin().await?;
        let (condition, mut values) = which.condition();
        let first = values.len() + 1;
        values.extend(values![super::storable(reason), tx.now(), by.map(str::to_owned)]);
        let sql = format!(
            "update bus_dead set state = 'discarded', reason = ${first}, settled_at = ${}, \
             settled_by = ${} where state = 'waiting' and {condition}",
            first + 1,
            first + 2
        );
        let discarded = tx.execute(&sql, values).await?;
        tx.commit().await?;
        Ok(discarded)
    }

    /// What a replay would come to, letter by letter, the newest first: each handler is run in a
    /// transaction that is rolled back, and no effect is performed.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn rehearse(
        &self,
        service: &Service,
        which: Which<'_>,
        limit: u32,
    ) -> Result<Vec<Rehearsal>, Error> {
        sort_old_ones(self.db).await?;
        let (condition, values) = which.condition();
        let sql = format!(
            "select * from bus_dead where state = 'waiting' and {condition} \
             order by died_at desc, id desc limit {limit}"
        );
        let letters: Vec<Dead> = self.db.all(&sql, values).await?;
        let mut rehearsals = Vec::new();
        for letter in &letters {
            rehearsals.push(rehearse(self.db, service, letter).await?);
        }
        Ok(rehearsals)
    }

    /// How many letters wait.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count(&self, which: Which<'_>) -> Result<u64, Error> {
        sort_old_ones(self.db).await?;
        self.counted(&which, "1 = 1", values![]).await
    }

    async fn unreadable(&self, which: &Which<'_>) -> Result<u64, Error> {
        self.counted(which, "kind = 'undecodable'", values![]).await
    }

    async fn without_taker(&self, service: &Service, which: &Which<'_>) -> Result<u64, Error> {
        let (is_taken, takers) = taken_by(service, which.condition().1.len() + 1);
        let and = format!("kind <> 'undecodable' and not {is_taken}");
        self.counted(which, &and, takers).await
    }

    /// `more` are the values of `and`, after those of `which`.
    async fn counted(&self, which: &Which<'_>, and: &str, more: Vec<Value>) -> Result<u64, Error> {
        let (condition, mut values) = which.condition();
        values.extend(more);
        let sql = format!(
            "select count(*) from bus_dead where state = 'waiting' and {condition} and {and}"
        );
        let count: Option<i64> = self.db.scalar(&sql, values).await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

/// The next letters that wait and that somebody takes, and that died before this began.
async fn take(
    tx: &mut Tx,
    service: &Service,
    which: &Which<'_>,
    until: DateTime<Utc>,
) -> Result<Vec<Dead>, Error> {
    let (condition, mut values) = which.condition();
    values.push(Value::from(until));
    let before = values.len();
    let (is_taken, takers) = taken_by(service, before + 1);
    values.extend(takers);
    let lock = if tx.is_postgres() { "for update" } else { "" };
    let sql = format!(
        "select * from bus_dead where state = 'waiting' and {condition} and died_at <= ${before} \
         and {is_taken} order by died_at limit {AT_ONCE} {lock}"
    );
    tx.all(&sql, values).await
}

/// That the service has the handler or the effect which gave up on a letter: a condition whose first value
/// is `$first`.
fn taken_by(service: &Service, first: usize) -> (String, Vec<Value>) {
    let handlers = service.handlers.iter().map(|handler| (Kind::Event, handler.name()));
    let effects = service.effects.iter().map(|effect| (Kind::Job, effect.name()));
    let (mut any, mut values) = (vec!["1 = 0".to_owned()], Vec::new());
    for (kind, name) in handlers.chain(effects) {
        let (kind, number) = (kind.name(), first + values.len());
        any.push(format!("(kind = '{kind}' and consumer = ${number})"));
        values.push(Value::from(name));
    }
    (format!("({})", any.join(" or ")), values)
}

async fn mark_replayed(tx: &mut Tx, letter: &Dead, by: Option<&str>) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "update bus_dead set state = 'replayed', settled_at = $1, settled_by = $2 \
         where consumer = $3 and id = $4",
        values![now, by.map(str::to_owned), letter.consumer.clone(), letter.id],
    )
    .await?;
    Ok(())
}

/// To be tried again now. The inbox remembers an event from here on as if it had just come, however
/// long it was dead.
async fn again(tx: &mut Tx, letter: &Dead) -> Result<(), Error> {
    let now = tx.now();
    let Some(envelope) = letter.envelope() else {
        return request_again(tx, letter).await;
    };
    tx.execute(
        "update bus_inbox set received_at = $1 where handler = $2 and id = $3",
        values![now, letter.consumer.clone(), letter.id],
    )
    .await?;
    let past = retry::Past::begins(tx);
    retry::wait(tx, &letter.consumer, &envelope, 0, now, "replayed", past).await
}

async fn request_again(tx: &mut Tx, letter: &Dead) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "insert into bus_effect (effect, job_key, job, due, traceparent) \
         values ($1, $2, $3, $4, $5) on conflict (effect, job_key) do nothing",
        values![
            letter.consumer.clone(),
            letter.event_type.clone(),
            letter.body.clone(),
            now,
            letter.traceparent.clone()
        ],
    )
    .await?;
    Ok(())
}

async fn rehearse(db: &Db, service: &Service, letter: &Dead) -> Result<Rehearsal, Error> {
    let is_effect = service.effect_names().contains(&letter.consumer.as_str());
    match (letter.kind.as_str(), letter.envelope()) {
        ("job", _) if is_effect => Ok(Rehearsal::of(letter, Verdict::WouldBePerformed)),
        ("job", _) => Ok(Rehearsal::of(letter, Verdict::NobodyThere)),
        (_, Some(envelope)) => rehearse_event(db, service, letter, envelope).await,
        _ => Ok(Rehearsal::of(letter, Verdict::CannotBeRead)),
    }
}

async fn rehearse_event(
    db: &Db,
    service: &Service,
    letter: &Dead,
    envelope: Envelope,
) -> Result<Rehearsal, Error> {
    let handler = service.handlers.iter().find(|handler| handler.name() == letter.consumer);
    let Some(handler) = handler else {
        return Ok(Rehearsal::of(letter, Verdict::NobodyThere));
    };
    if letter.cause.starts_with(super::DEADLY) {
        return Ok(Rehearsal::of(letter, Verdict::Deadly));
    }
    let mut tx = db.begin().await?;
    tx.note_written();
    let handled = attempt(handler.as_ref(), &[&envelope], &mut tx).await;
    let verdict = if handled.is_ok() { Verdict::WouldSucceed } else { Verdict::WouldFail };
    let intended = tx.intended();
    tx.rollback().await?;
    Ok(Rehearsal {
        cause: handled.err().map(|failure| super::storable(failure.cause())),
        publishes: intended.publishes,
        requests: intended.requests,
        tables: intended.tables,
        ..Rehearsal::of(letter, verdict)
    })
}

impl Rehearsal {
    fn of(letter: &Dead, verdict: Verdict) -> Self {
        Self {
            consumer: letter.consumer.clone(),
            id: letter.id,
            verdict,
            cause: None,
            publishes: BTreeMap::new(),
            requests: BTreeMap::new(),
            tables: BTreeMap::new(),
        }
    }
}
