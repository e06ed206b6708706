//! The file: the only SQL of the transport, its connections and its one lock.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    opening,
    queues::{Encoded, Routes},
    schema,
};
use crate::transport::{Depth, Queue, Sent, TransportError};

/// What one claim takes at most, but for a single larger envelope.
const BYTES_PER_CLAIM: i64 = 16 * 1024 * 1024;

/// Rows in one insert; few different statements, so that they stay prepared.
const CHUNKS: [usize; 4] = [256, 32, 4, 1];

/// Writers of one process wait for each other here, in their order: SQLite's own waiting is unfair.
pub struct Store {
    path: PathBuf,
    file: FileId,
    lease: Duration,
    /// Synced at each commit.
    durable: DatabaseConnection,
    /// Not synced: what it writes may be undone by a power cut.
    quick: DatabaseConnection,
    /// Pinned, for `data_version` counts the commits of all others.
    pinned: DatabaseConnection,
    reader: DatabaseConnection,
    writing: Mutex<Routes>,
}

/// A message that is now its owner's.
pub struct Claimed {
    pub seq: i64,
    pub deliveries: i64,
    pub envelope: Vec<u8>,
}

/// Queues, and how often something has come to each.
pub type Stirred = Vec<(i64, i64)>;

impl Store {
    pub async fn open(path: &Path, lease: Duration) -> Result<Self, TransportError> {
        opening::make_folder(path)?;
        let durable = opening::connect(path, "FULL").await?;
        opening::prepare(&durable, path).await?;
        Ok(Self {
            path: path.to_owned(),
            file: FileId::of(path).map_err(away)?,
            lease,
            durable,
            quick: opening::connect(path, "NORMAL").await?,
            pinned: opening::connect(path, "NORMAL").await?,
            reader: opening::connect(path, "NORMAL").await?,
            writing: Mutex::default(),
        })
    }

    /// Writes all in one synced commit.
    pub async fn send(&self, batch: Vec<Encoded>) -> Result<(Vec<Sent>, Stirred), TransportError> {
        let mut routes = self.writing.lock().await;
        let transaction = begin(&self.durable).await?;
        refresh(&mut routes, &transaction).await?;
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut rows = Vec::with_capacity(batch.len());
        for encoded in batch {
            let (queues, outcome) = routes.of(&encoded);
            outcomes.push(outcome);
            rows.extend(queues.into_iter().map(|queue| (queue, encoded.envelope.clone())));
        }
        let mut queues: Vec<i64> = rows.iter().map(|(queue, _)| *queue).collect();
        queues.sort_unstable();
        queues.dedup();
        insert(&transaction, rows).await?;
        if queues.contains(&routes.unroutable) {
            keep_the_newest(&transaction, routes.unroutable).await?;
        }
        let stirred = stir(&transaction, &queues).await?;
        transaction.commit().await.map_err(away)?;
        self.check_file()?;
        Ok((outcomes, stirred))
    }

    pub async fn claim(
        &self,
        queue: i64,
        owner: i64,
        max: usize,
    ) -> Result<Vec<Claimed>, TransportError> {
        self.check_file()?;
        let _writing = self.lock().await;
        let [now, horizon, until] = self.leases();
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let values =
            [queue, owner, now, horizon, max, BYTES_PER_CLAIM, until].map(Value::from).to_vec();
        let rows = self.quick.query_all_raw(sql(schema::CLAIM, values)).await.map_err(away)?;
        let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>().map_err(away)?;
        claimed.sort_unstable_by_key(|one| one.seq);
        Ok(claimed)
    }

    /// How many were still the owner's, and are gone for good.
    pub async fn settle(&self, owner: i64, tags: &[u64]) -> Result<u64, TransportError> {
        let _writing = self.lock().await;
        let values = vec![json(tags).into(), owner.into()];
        let done = self.quick.execute_raw(sql(schema::SETTLE, values)).await.map_err(away)?;
        Ok(done.rows_affected())
    }

    pub async fn renew(&self, owners: &[i64]) -> Result<(), TransportError> {
        let _writing = self.lock().await;
        let [_, _, until] = self.leases();
        let values = vec![json(owners).into(), until.into()];
        self.quick.execute_raw(sql(schema::RENEW, values)).await.map_err(away)?;
        Ok(())
    }

    pub async fn give_back(&self, owner: i64) -> Result<Stirred, TransportError> {
        let _writing = self.lock().await;
        let transaction = begin(&self.quick).await?;
        let rows = transaction.query_all_raw(sql(schema::GIVE_BACK, vec![owner.into()])).await;
        let stirred = match rows.map_err(away)?.first() {
            None => Vec::new(),
            Some(row) => stir(&transaction, &[row.try_get_by_index(0).map_err(away)?]).await?,
        };
        transaction.commit().await.map_err(away)?;
        Ok(stirred)
    }

    pub async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError> {
        for queue in queues {
            check_name(&queue.name)?;
        }
        let _writing = self.lock().await;
        let transaction = begin(&self.durable).await?;
        let mut changes = 0;
        for queue in queues {
            changes += declare_one(&transaction, queue).await.map_err(away)?;
        }
        if changes > 0 {
            raise_version(&transaction).await?;
        }
        transaction.commit().await.map_err(away)
    }

    /// Takes away what a queue is bound to and what waits in it; how much that was. Its number stays its own,
    /// for whoever still takes from it must not find himself at another queue of the same number.
    pub async fn remove(&self, queue: &str) -> Result<u64, TransportError> {
        let _writing = self.lock().await;
        let transaction = begin(&self.durable).await?;
        let removed = delete_of(&transaction, "message", queue).await?;
        delete_of(&transaction, "binding", queue).await?;
        raise_version(&transaction).await?;
        transaction.commit().await.map_err(away)?;
        Ok(removed)
    }

    /// Those that hear or hold something.
    pub async fn queues(&self) -> Result<Vec<String>, TransportError> {
        let rows = self.reader.query_all_raw(sql(schema::QUEUES, vec![])).await.map_err(away)?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(away)
    }

    pub async fn queue_id(&self, name: &str) -> Result<Option<i64>, TransportError> {
        let statement = sql("select id from queue where name = ?1", vec![name.into()]);
        let row = self.reader.query_one_raw(statement).await.map_err(away)?;
        row.map(|row| row.try_get_by_index(0)).transpose().map_err(away)
    }

    /// The file is there, and its own, and reads.
    pub async fn check(&self) -> Result<(), TransportError> {
        self.check_file()?;
        self.reader
            .query_one_raw(sql("select version from topology", vec![]))
            .await
            .map_err(away)?;
        Ok(())
    }

    pub async fn bindings(&self, queue: i64) -> Result<Vec<String>, TransportError> {
        let statement = sql("select event_type from binding where queue = ?1", vec![queue.into()]);
        let rows = self.reader.query_all_raw(statement).await.map_err(away)?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(away)
    }

    /// How much waits in those of these queues that there are.
    pub async fn depths(&self, queues: &[&str]) -> Result<HashMap<String, Depth>, TransportError> {
        let [now, horizon, _] = self.leases();
        let values = vec![json(queues).into(), now.into(), horizon.into()];
        let rows = self.reader.query_all_raw(sql(schema::DEPTHS, values)).await.map_err(away)?;
        rows.iter().map(depth).collect::<Result<_, _>>().map_err(away)
    }

    /// Changes whenever another connection, of whatever process, has committed.
    pub async fn data_version(&self) -> Result<i64, TransportError> {
        let row = self.pinned.query_one_raw(sql("pragma data_version", vec![])).await;
        let version = row.and_then(|row| row.map(|row| row.try_get_by_index(0)).transpose());
        Ok(version.map_err(away)?.unwrap_or_default())
    }

    pub async fn stirred(&self) -> Result<Stirred, TransportError> {
        let rows = self.pinned.query_all_raw(sql("select id, stirred from queue", vec![])).await;
        pairs(&rows.map_err(away)?).map_err(away)
    }

    /// Queues in which something lies whose lease ran out.
    pub async fn expired(&self) -> Result<Vec<i64>, TransportError> {
        let [now, horizon, _] = self.leases();
        let values = [now, horizon].map(Value::from).to_vec();
        let rows = self.pinned.query_all_raw(sql(schema::EXPIRED, values)).await.map_err(away)?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(away)
    }

    pub async fn close(&self) {
        for connection in [&self.durable, &self.quick, &self.pinned, &self.reader] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::debug!(%error, "closing the queue file");
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SQLite's write-ahead log, which every commit touches.
    pub fn log(&self) -> PathBuf {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        log.into()
    }

    pub fn lease(&self) -> Duration {
        self.lease
    }

    async fn lock(&self) -> MutexGuard<'_, Routes> {
        self.writing.lock().await
    }

    /// Now, the end of a lease that begins now, and what no honest lease goes beyond.
    fn leases(&self) -> [i64; 3] {
        let now = Utc::now().timestamp_micros();
        let lease = i64::try_from(self.lease.as_micros()).unwrap_or(i64::MAX / 4);
        [now, now.saturating_add(lease.saturating_mul(2)), now.saturating_add(lease)]
    }

    /// Writing into a file that was deleted works, and everything is lost at the next start.
    pub fn check_file(&self) -> Result<(), TransportError> {
        match FileId::of(&self.path) {
            Ok(file) if file == self.file => Ok(()),
            _ => Err(TransportError::Away(format!(
                "{} was deleted or replaced while in use; start again",
                self.path.display()
            ))),
        }
    }
}

async fn refresh(
    routes: &mut Routes,
    transaction: &DatabaseTransaction,
) -> Result<(), TransportError> {
    let version = "select version from topology";
    let version = transaction.query_one_raw(sql(version, vec![])).await.map_err(away)?;
    let version = version.map(|row| row.try_get_by_index(0)).transpose().map_err(away)?;
    let version: i64 = version.unwrap_or_default();
    if routes.version == version {
        return Ok(());
    }
    let queues = transaction.query_all_raw(sql("select name, id from queue", vec![])).await;
    let queues: Vec<(String, i64)> = pairs(&queues.map_err(away)?).map_err(away)?;
    let bindings = "select event_type, queue from binding";
    let bindings = transaction.query_all_raw(sql(bindings, vec![])).await.map_err(away)?;
    let bindings = pairs(&bindings).map_err(away)?;
    *routes = Routes::new(version, HashMap::from_iter(queues), bindings);
    Ok(())
}

async fn insert(
    transaction: &DatabaseTransaction,
    rows: Vec<(i64, String)>,
) -> Result<(), TransportError> {
    let sent_at = Utc::now().timestamp_micros();
    let mut rows = rows.into_iter();
    for size in CHUNKS {
        let values = vec!["(?,?,?)"; size].join(",");
        let text = format!("insert into message (queue, sent_at, envelope) values {values}");
        while rows.len() >= size {
            let values = rows.by_ref().take(size).flat_map(|(queue, envelope)| {
                [Value::from(queue), Value::from(sent_at), Value::from(envelope)]
            });
            transaction.execute_raw(sql(&text, values.collect())).await.map_err(away)?;
        }
    }
    Ok(())
}

/// What nobody wants is kept to be looked at, but not without end.
async fn keep_the_newest(
    transaction: &DatabaseTransaction,
    queue: i64,
) -> Result<(), TransportError> {
    let values = vec![queue.into(), i64::from(Queue::MOST_UNROUTABLE).into()];
    transaction.execute_raw(sql(schema::KEEP_THE_NEWEST, values)).await.map_err(away)?;
    Ok(())
}

async fn stir(
    transaction: &DatabaseTransaction,
    queues: &[i64],
) -> Result<Stirred, TransportError> {
    let rows = transaction.query_all_raw(sql(schema::STIR, vec![json(queues).into()])).await;
    pairs(&rows.map_err(away)?).map_err(away)
}

/// All processes read the bindings anew.
async fn raise_version(transaction: &DatabaseTransaction) -> Result<(), TransportError> {
    let next = "update topology set version = version + 1";
    transaction.execute_raw(sql(next, vec![])).await.map_err(away)?;
    Ok(())
}

async fn delete_of(
    transaction: &DatabaseTransaction,
    table: &str,
    queue: &str,
) -> Result<u64, TransportError> {
    let text = format!("delete from {table} where queue = (select id from queue where name = ?1)");
    let done = transaction.execute_raw(sql(&text, vec![queue.into()])).await.map_err(away)?;
    Ok(done.rows_affected())
}

async fn declare_one(transaction: &DatabaseTransaction, queue: &Queue) -> Result<u64, DbErr> {
    let types = json(&queue.types);
    let name = || Value::from(queue.name.as_str());
    let statements = [
        ("insert into queue (name) values (?1) on conflict do nothing", vec![name()]),
        (
            "delete from binding where queue = (select id from queue where name = ?1)
             and event_type not in (select value from json_each(?2))",
            vec![name(), types.as_str().into()],
        ),
        (
            "insert into binding (queue, event_type)
             select (select id from queue where name = ?1), value from json_each(?2) where true
             on conflict do nothing",
            vec![name(), types.as_str().into()],
        ),
    ];
    let mut changes = 0;
    for (text, values) in statements {
        changes += transaction.execute_raw(sql(text, values)).await?.rows_affected();
    }
    Ok(changes)
}

/// What AMQP allows, so that a queue can move.
fn check_name(name: &str) -> Result<(), TransportError> {
    if name.is_empty() || name.len() > 255 {
        return Err(TransportError::Refused(format!(
            "a queue's name has 1 to 255 bytes, and this has {}",
            name.len()
        )));
    }
    Ok(())
}

pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, TransportError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await.map_err(away)
}

fn claimed(row: &QueryResult) -> Result<Claimed, DbErr> {
    Ok(Claimed {
        seq: row.try_get_by_index(0)?,
        deliveries: row.try_get_by_index(1)?,
        envelope: row.try_get_by_index(2)?,
    })
}

/// A queue's name, and how much waits in it.
fn depth(row: &QueryResult) -> Result<(String, Depth), DbErr> {
    let (all, unsettled): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let oldest: Option<i64> = row.try_get_by_index(3)?;
    let depth = Depth {
        ready: all.saturating_sub(unsettled).unsigned_abs(),
        unsettled: Some(unsettled.unsigned_abs()),
        oldest: oldest.and_then(DateTime::from_timestamp_micros),
        consumers: None,
    };
    Ok((row.try_get_by_index(0)?, depth))
}

fn pairs<A: sea_orm::TryGetable, B: sea_orm::TryGetable>(
    rows: &[QueryResult],
) -> Result<Vec<(A, B)>, DbErr> {
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

pub fn sql(text: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, text, values)
}

fn json<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

/// A locked file, a full disk, a failing one: all may pass.
pub fn away(error: impl std::fmt::Display) -> TransportError {
    TransportError::Away(error.to_string())
}

/// Which file it is, whatever it is called.
#[derive(PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    #[cfg(unix)]
    fn of(path: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }

    /// Elsewhere a file in use cannot be deleted.
    #[cfg(not(unix))]
    fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|_| Self(0, 0))
    }
}
