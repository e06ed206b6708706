//! The transport inside SQLite holds what every transport must hold.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bus::{
    Embedded,
    conformance::{Place, Plan},
    transport::Transport,
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tempfile::TempDir;
use tokio::sync::Mutex;

bus::conformance!(file);

async fn file(_: Plan) -> File {
    File { folder: tempfile::tempdir().unwrap(), lock: Mutex::new(None) }
}

/// One file; a stranger's lock on it stands for its absence.
struct File {
    folder: TempDir,
    lock: Mutex<Option<DatabaseTransaction>>,
}

impl File {
    fn path(&self) -> PathBuf {
        self.folder.path().join("queue.db")
    }

    async fn stranger(&self) -> DatabaseConnection {
        Database::connect(format!("sqlite://{}", self.path().display())).await.unwrap()
    }
}

#[async_trait]
impl Place for File {
    async fn connect(&self) -> Arc<dyn Transport> {
        Arc::new(Embedded::open(&self.path()).await.unwrap())
    }

    /// Its connections end; what it held stays held until the lease runs out.
    async fn abandon(&self, transport: Arc<dyn Transport>) {
        transport.close().await;
    }

    async fn crash(&self) {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
            ..TransactionOptions::default()
        };
        let lock = self.stranger().await.begin_with_options(options).await.unwrap();
        *self.lock.lock().await = Some(lock);
    }

    async fn restart(&self) {
        self.lock.lock().await.take().unwrap().rollback().await.unwrap();
    }

    async fn inject(&self, queue: &str, bytes: &[u8]) {
        let statements = [
            "insert into message (queue, sent_at, envelope) select id, 0, ?2 from queue where name = ?1",
            "update queue set stirred = stirred + 1 where name = ?1 and ?2 is not null",
        ];
        let stranger = self.stranger().await;
        for text in statements {
            let values = [queue.into(), bytes.to_vec().into()];
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, text, values);
            assert_eq!(stranger.execute_raw(statement).await.unwrap().rows_affected(), 1);
        }
    }
}
