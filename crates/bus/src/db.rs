//! A service's database: opening, migrating, reading, and [`Db::begin`], the only way to a [`Tx`].
//!
//! One SQL text serves SQLite and PostgreSQL: `$1` placeholders, `on conflict`, `returning`, and the
//! column types `uuid`, `text`, `bigint`, `integer`, `boolean`, `timestamptz`, `bytea` (SQLite takes
//! any type name and keeps what it is given). Values are bound with [`values!`](crate::values).

use std::{path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    FromQueryResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, TryGetable, Value,
};
use tokio::sync::Notify;

#[cfg(feature = "testing")]
use crate::simulation;
use crate::{
    Clock, Error, Tx,
    fresh::Fresh,
    migrations,
    postgres::{self, answer},
    sqlite::part_with_the_confused,
};

/// Binds values in their order: `values![person.0, name, now]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

/// Where a service keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// One SQLite file.
    File(std::path::PathBuf),
    /// One schema of a PostgreSQL database; the schema bears the service's name.
    Postgres { url: String },
}

/// One service's database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) service: &'static str,
    pub(crate) clock: Clock,
    /// A pool of one on SQLite, where writers would only wait for each other less fairly.
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// How long PostgreSQL may take for an answer. A file fails by itself.
    patience: Option<Duration>,
    /// Told at each commit that left something to send or to do.
    pub(crate) outbox_filled: Notify,
    pub(crate) fresh: Fresh,
    pub(crate) jobs_added: Notify,
}

/// Reading, from the database or within a transaction.
pub trait Read: Sync {
    /// The first row, if any.
    fn one<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>, Error>> + Send;

    /// All rows.
    fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send;

    /// The first column of the first row, if any.
    fn scalar<T: TryGetable + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>, Error>> + Send;
}

impl Db {
    /// Opens a service's database, makes what is missing and brings it up to date: the bus's own
    /// tables and then the service's.
    ///
    /// # Errors
    /// When it cannot be reached or written, or a migration fails (none is then applied).
    pub async fn open(
        location: &Location,
        service: &'static str,
        steps: &[migrations::Migration],
        clock: Clock,
    ) -> Result<Self, Error> {
        Self::open_within(location, service, steps, clock, postgres::PATIENCE).await
    }

    /// As [`open`](Self::open), where a statement on PostgreSQL may take no longer than this.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg(feature = "testing")]
    pub async fn open_impatient(
        location: &Location,
        service: &'static str,
        steps: &[migrations::Migration],
        clock: Clock,
        patience: Duration,
    ) -> Result<Self, Error> {
        Self::open_within(location, service, steps, clock, patience).await
    }

    async fn open_within(
        location: &Location,
        service: &'static str,
        steps: &[migrations::Migration],
        clock: Clock,
        patience: Duration,
    ) -> Result<Self, Error> {
        let (writer, reader) = connect(location, service, patience).await?;
        let db = Self {
            inner: Arc::new(Inner {
                service,
                clock,
                patience: matches!(location, Location::Postgres { .. }).then_some(patience),
                writer,
                reader,
                outbox_filled: Notify::new(),
                fresh: Fresh::default(),
                jobs_added: Notify::new(),
            }),
        };
        migrations::apply(&db, steps).await?;
        Ok(db)
    }

    /// Starts a transaction that may write.
    ///
    /// # Errors
    /// When the database is away, or busy for longer than 30 s.
    pub async fn begin(&self) -> Result<Tx, Error> {
        #[cfg(feature = "testing")]
        simulation::reach(simulation::Place::Begin).await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let beginning = self.inner.writer.begin_with_options(options);
        Ok(Tx::new(answer(self.patience(), beginning).await?, self.clone()))
    }

    /// The same database as another process would have it: nothing in memory in common.
    #[cfg(feature = "testing")]
    pub(crate) fn in_another_process(&self) -> Self {
        Self {
            inner: Arc::new(Inner {
                service: self.inner.service,
                clock: self.inner.clock.clone(),
                writer: self.inner.writer.clone(),
                reader: self.inner.reader.clone(),
                patience: self.inner.patience,
                outbox_filled: Notify::new(),
                jobs_added: Notify::new(),
                fresh: Fresh::default(),
            }),
        }
    }

    /// The service whose database it is.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.inner.service
    }

    /// The time as this platform sees it, to the microsecond (what both databases keep).
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// Whether this is PostgreSQL, for the few statements that must differ.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.inner.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Asks the database for an answer, for health checks.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(answer(self.patience(), self.inner.reader.ping()).await?)
    }

    /// Lets go of all connections.
    pub async fn close(&self) {
        let limit = self.patience().map(postgres::at_once);
        for pool in [&self.inner.writer, &self.inner.reader] {
            if let Err(error) = answer(limit, pool.close_by_ref()).await {
                tracing::debug!(%error, service = self.service(), "closing the database");
            }
        }
    }

    /// How long an answer may take, if there is a limit.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.inner.patience
    }

    async fn first(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>, Error> {
        #[cfg(feature = "testing")]
        simulation::reach(simulation::Place::Read).await?;
        let reader = &self.inner.reader;
        let asked = reader.query_one_raw(statement(reader, sql, values));
        Ok(answer(self.patience(), asked).await?)
    }
}

impl Read for Db {
    async fn one<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, Error> {
        let row = self.first(sql, values).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    async fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, Error> {
        #[cfg(feature = "testing")]
        simulation::reach(simulation::Place::Read).await?;
        let reader = &self.inner.reader;
        let asked = reader.query_all_raw(statement(reader, sql, values));
        let rows = answer(self.patience(), asked).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    async fn scalar<T: TryGetable + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, Error> {
        let row = self.first(sql, values).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }
}

pub(crate) fn statement(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// `($1,$2),($3,$4)`: placeholders for `rows` rows of `columns` values each.
#[must_use]
pub fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", numbers.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// The pattern of all that contains a text, for `like … escape '!'`.
#[must_use]
pub fn containing(text: &str) -> String {
    let plain = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{plain}%")
}

async fn connect(
    location: &Location,
    service: &str,
    patience: Duration,
) -> Result<(DatabaseConnection, DatabaseConnection), Error> {
    match location {
        Location::File(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| {
                    Error::Configuration(format!(
                        "cannot make the folder {}: {error}; give a folder that can be written with --data",
                        folder.display()
                    ))
                })?;
            }
            let writer = Database::connect(sqlite_options(path, 1)).await?;
            let reader = Database::connect(sqlite_options(path, 4)).await?;
            Ok((writer, reader))
        }
        Location::Postgres { url } => {
            let pool = Database::connect(postgres::options(url, service, patience)).await?;
            answer(Some(patience), make_schema(&pool, service)).await?;
            Ok((pool.clone(), pool))
        }
    }
}

/// Two replicas that start at once may both try, and PostgreSQL refuses the second: it then exists.
async fn make_schema(pool: &DatabaseConnection, service: &str) -> Result<(), DbErr> {
    let statement = format!("create schema if not exists \"{service}\"");
    if pool.execute_unprepared(&statement).await.is_err() {
        pool.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn sqlite_options(path: &Path, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(60))
        // It was tested when it was given back, and a file does not go away meanwhile.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous())
                .pragma("foreign_keys", "ON")
                .busy_timeout(Duration::from_secs(30))
        });
    part_with_the_confused(&mut options);
    options
}

/// Every commit is on the disk before anybody is told. Only a simulated disk never loses power.
fn synchronous() -> &'static str {
    #[cfg(feature = "testing")]
    if simulation::is_on() {
        return "OFF";
    }
    "FULL"
}
