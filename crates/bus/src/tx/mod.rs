//! The one transaction in which a service decides and tells. What it tells is in `telling`.

mod buffer;
mod telling;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use event::{Envelope, Event, EventId, PersonId};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, QueryResult, TryGetable, Value,
};

use self::buffer::Buffer;
#[cfg(feature = "testing")]
use crate::simulation;
use crate::{
    Db, Error, Read,
    db::statement,
    effect,
    fault::{self, Point},
    flight, forget,
    fresh::Announced,
    outbox,
    postgres::{self, answer},
    rows, sessions,
    trace::{Span, Trail},
    written::{self, RowsWritten},
};

/// Rows of one statement; SQLite takes 32,766 values at most, PostgreSQL 65,535.
const ROWS_AT_ONCE: usize = 500;

/// A transaction. What is published in it and what is requested of the outside world is written
/// with it: both, or neither. Dropping it without [`commit`](Tx::commit) rolls it back.
pub struct Tx {
    transaction: DatabaseTransaction,
    db: Db,
    now: DateTime<Utc>,
    trail: Trail,
    published: Buffer<outbox::NewRow>,
    jobs: Buffer<effect::NewJob>,
    attempts: u32,
    /// In a rehearsal: what was written so far, by table.
    written: Option<Mutex<BTreeMap<String, RowsWritten>>>,
    /// How long an answer may take, if there is a limit.
    patience: Option<Duration>,
    /// An answer did not come in time: nobody waits for another.
    is_silent: AtomicBool,
    /// The first error seen. On PostgreSQL a transaction with a failed statement commits as `Ok`
    /// and loses everything, so a swallowed error must not pass.
    poison: Mutex<Option<String>>,
    #[cfg(feature = "testing")]
    open: simulation::Open,
}

impl Tx {
    pub(crate) fn new(transaction: DatabaseTransaction, db: Db) -> Self {
        Self {
            transaction,
            now: db.now(),
            patience: db.patience(),
            db,
            trail: Trail::default(),
            published: Buffer::new(),
            jobs: Buffer::new(),
            attempts: 0,
            written: None,
            is_silent: AtomicBool::new(false),
            poison: Mutex::new(None),
            #[cfg(feature = "testing")]
            open: simulation::Open::new(),
        }
    }

    /// The time at which this transaction began: one decision, one time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Executes a statement and gives the number of rows it touched.
    ///
    /// # Errors
    /// Whatever the database says; the transaction can then no longer be committed.
    pub async fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, Error> {
        #[cfg(feature = "testing")]
        self.reach_statement().await?;
        let asked = self.transaction.execute_raw(statement(&self.transaction, sql, values));
        let touched = self.answer(asked).await?.rows_affected();
        self.note(sql, touched);
        Ok(touched)
    }

    /// Inserts many rows with few statements: `insert into t (a, b) values`, the rows, and a tail
    /// such as `on conflict do nothing`. Gives the number of rows written.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn insert_many(
        &mut self,
        head: &str,
        rows: Vec<Vec<Value>>,
        tail: &str,
    ) -> Result<u64, Error> {
        let mut written = 0;
        for chunk in in_chunks(rows) {
            let (sql, values) = rows::insert(self.db.is_postgres(), head, chunk, tail);
            written += self.execute(&sql, values).await?;
        }
        Ok(written)
    }

    /// As [`insert_many`](Tx::insert_many), with a tail that ends in `returning …`.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn insert_many_returning<T: FromQueryResult + Send>(
        &mut self,
        head: &str,
        rows: Vec<Vec<Value>>,
        tail: &str,
    ) -> Result<Vec<T>, Error> {
        let mut returned = Vec::new();
        for chunk in in_chunks(rows) {
            let (sql, values) = rows::insert(self.db.is_postgres(), head, chunk, tail);
            returned.extend(self.all::<T>(&sql, values).await?);
        }
        Ok(returned)
    }

    /// In [`Effect::record`](crate::Effect::record): how often the job was tried. Elsewhere 0.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn set_attempts(&mut self, attempts: u32) {
        self.attempts = attempts;
    }

    /// Forgets what is kept of a subject that must be forgotten: what was published of it, what of it
    /// waits to be tried again or is dead, and jobs that concern it, waiting or dead. That it happened
    /// stays; what it said goes. A job that somebody has in hand is finished.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn forget(&mut self, subject: &str) -> Result<(), Error> {
        self.take_time();
        self.db.inner.fresh.distrust();
        forget::forget(self, subject, None).await
    }

    /// As [`forget`](Tx::forget), of a person who was erased: with them their sessions are over, and what
    /// would tell so may be among what is forgotten.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn forget_person(
        &mut self,
        person: PersonId,
        erased_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.forget(&person.to_string()).await?;
        sessions::end(self, person, erased_at).await
    }

    /// As [`forget`](Tx::forget), but of what was published of the subject only this event: others, that say
    /// nothing of anybody, go their way.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn forget_told<E: Event>(&mut self, subject: &str) -> Result<(), Error> {
        self.take_time();
        self.db.inner.fresh.distrust();
        forget::forget(self, subject, Some(E::TYPE)).await
    }

    /// From here on statements may walk over whole tables.
    fn take_time(&mut self) {
        self.patience = self.db.patience().map(postgres::a_while);
    }

    /// From here on statements may change whole tables, however long that takes.
    pub(crate) fn take_any_time(&mut self) {
        self.patience = None;
    }

    /// From here on it is noted what is written, also what is undone to a savepoint later: a rehearsal
    /// sets none.
    pub(crate) fn note_written(&mut self) {
        self.written = Some(Mutex::default());
    }

    /// What it has done and would tell so far.
    pub(crate) fn intended(&self) -> Intended {
        let tables = self.written.as_ref().map(|written| locked(written).clone());
        let tables = tables.unwrap_or_default();
        let mut intended = Intended { tables, ..Intended::default() };
        for row in self.published.rows() {
            *intended.publishes.entry(row.event_type().to_owned()).or_default() += 1;
        }
        for job in self.jobs.rows() {
            *intended.requests.entry(job.effect.to_owned()).or_default() += 1;
        }
        intended
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.db.is_postgres()
    }

    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// When the database refuses, or a statement failed earlier and its error was swallowed.
    pub async fn commit(mut self) -> Result<(), Error> {
        if let Some(cause) = self.poisoned() {
            return Err(Error::Poisoned(cause));
        }
        let published = flight::form(self.published.take(), self.now);
        let jobs = self.jobs.take();
        let (filled, added) = (!published.is_empty(), !jobs.is_empty());
        let announced = Announced::of(&self.db, &published, self.now);
        outbox::insert(&mut self, published).await?;
        effect::insert(&mut self, jobs).await?;
        #[cfg(feature = "testing")]
        {
            simulation::reach(simulation::Place::Commit).await?;
            if simulation::lies() {
                return Ok(self.transaction.rollback().await?);
            }
        }
        fault::point(Point::BeforeCommit);
        answer(self.patience, self.transaction.commit()).await?;
        fault::point(Point::AfterCommit);
        #[cfg(feature = "testing")]
        {
            drop(self.open);
            simulation::reach(simulation::Place::Committed).await?;
        }
        if filled {
            announced.commit();
            self.db.inner.outbox_filled.notify_one();
        }
        if added {
            self.db.inner.jobs_added.notify_one();
        }
        Ok(())
    }

    /// Undoes all of it. Dropping does the same, later.
    ///
    /// # Errors
    /// When the database is away; it then rolls back by itself.
    pub async fn rollback(self) -> Result<(), Error> {
        if self.is_silent.load(Ordering::Relaxed) {
            return Err(postgres::silence().into());
        }
        Ok(answer(self.patience, self.transaction.rollback()).await?)
    }

    /// In a [`BatchHandler`](crate::BatchHandler): what is published and requested from here on
    /// belongs to the trace of this event of the batch. Without a word, what is published of an
    /// event's own subject belongs to it, and all else to the first.
    pub fn follow_event(&mut self, event: EventId) {
        self.trail.follow_one(event);
    }

    /// What is published from here on belongs to this envelope, within the span of its handling.
    pub(crate) fn follow_within(&mut self, envelope: &Envelope, span: &Span) {
        self.trail.follow(envelope, span);
    }

    pub(crate) fn follow_all(&mut self, envelopes: &[&Envelope], spans: &[Span]) {
        self.trail.follow_all(envelopes, spans);
    }

    pub(crate) fn follow_job(&mut self, span: &Span, traceparent: Option<&str>) {
        self.trail.follow_job(span, traceparent);
    }

    /// From here on a failure can be undone alone, with [`undo`](Tx::undo).
    pub(crate) async fn savepoint(&mut self) -> Result<(), Error> {
        self.published.mark();
        self.jobs.mark();
        self.raw("savepoint one").await
    }

    pub(crate) async fn release(&mut self) -> Result<(), Error> {
        self.published.release();
        self.jobs.release();
        self.raw("release savepoint one").await
    }

    /// Back to the savepoint, as if nothing had happened since.
    pub(crate) async fn undo(&mut self) -> Result<(), Error> {
        self.published.undo();
        self.jobs.undo();
        *self.poison_slot() = None;
        self.raw("rollback to savepoint one").await?;
        self.raw("release savepoint one").await
    }

    /// The error that a caller swallowed, if any: this transaction cannot be committed.
    pub(crate) fn poisoned(&self) -> Option<String> {
        self.poison_slot().clone()
    }

    /// Waits until nobody else is at the same thing, which needs no row to hold it by; it is ours until this
    /// transaction ends. All services of one database have these names in common.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn alone(&mut self, at: &str) -> Result<(), Error> {
        // On SQLite whoever writes is alone.
        if self.db.is_postgres() {
            self.execute("select pg_advisory_xact_lock(hashtext($1))", values_of_key(at)).await?;
        }
        Ok(())
    }

    async fn raw(&mut self, sql: &str) -> Result<(), Error> {
        #[cfg(feature = "testing")]
        self.reach_statement().await?;
        self.answer(self.transaction.execute_unprepared(sql)).await?;
        Ok(())
    }

    /// What the database answers. Once it fell silent it is not asked again: nobody would wait for that.
    async fn answer<T>(&self, asked: impl Future<Output = Result<T, DbErr>>) -> Result<T, Error> {
        if self.is_silent.load(Ordering::Relaxed) {
            return self.watch(Err(postgres::silence()));
        }
        let answered = answer(self.patience, asked).await;
        if answered.as_ref().is_err_and(postgres::is_silence) {
            self.is_silent.store(true, Ordering::Relaxed);
        }
        self.watch(answered)
    }

    fn note(&self, sql: &str, rows: u64) {
        if let Some(written) = &self.written {
            written::note(&mut locked(written), sql, rows);
        }
    }

    fn watch<T>(&self, result: Result<T, DbErr>) -> Result<T, Error> {
        result.map_err(|error| {
            self.poison_slot().get_or_insert_with(|| error.to_string());
            Error::Database(error)
        })
    }

    /// A statement that a simulation lets fail poisons the transaction as any other would.
    #[cfg(feature = "testing")]
    async fn reach_statement(&self) -> Result<(), Error> {
        let reached = simulation::reach(simulation::Place::Statement).await;
        if let Err(error) = &reached {
            self.poison_slot().get_or_insert_with(|| error.to_string());
        }
        reached
    }

    fn poison_slot(&self) -> MutexGuard<'_, Option<String>> {
        locked(&self.poison)
    }

    async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, Error> {
        #[cfg(feature = "testing")]
        self.reach_statement().await?;
        let asked = self.transaction.query_all_raw(statement(&self.transaction, sql, values));
        let rows = self.answer(asked).await?;
        // What a statement that writes returns, it has written.
        self.note(sql, rows.len() as u64);
        Ok(rows)
    }
}

/// What a transaction would leave behind.
#[derive(Debug, Default)]
pub(crate) struct Intended {
    /// What its statements wrote, by table; noted in a rehearsal alone.
    pub(crate) tables: BTreeMap<String, RowsWritten>,
    /// Events by type.
    pub(crate) publishes: BTreeMap<String, usize>,
    /// Jobs by effect.
    pub(crate) requests: BTreeMap<String, usize>,
}

impl Read for Tx {
    async fn one<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, Error> {
        let rows = self.rows(sql, values).await?;
        let first = rows.first().map(|row| T::from_query_result(row, "")).transpose();
        self.watch(first)
    }

    async fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, Error> {
        let rows = self.rows(sql, values).await?;
        self.watch(rows.iter().map(|row| T::from_query_result(row, "")).collect())
    }

    async fn scalar<T: TryGetable + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, Error> {
        let rows = self.rows(sql, values).await?;
        let first = rows.first().map(|row| T::try_get_by_index(row, 0)).transpose();
        self.watch(first.map_err(DbErr::from))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn in_chunks(rows: Vec<Vec<Value>>) -> impl Iterator<Item = Vec<Vec<Value>>> {
    let mut rows = rows.into_iter().peekable();
    std::iter::from_fn(move || {
        rows.peek()?;
        Some(rows.by_ref().take(ROWS_AT_ONCE).collect())
    })
}

fn values_of_key(key: &str) -> Vec<Value> {
    vec![Value::from(key)]
}
