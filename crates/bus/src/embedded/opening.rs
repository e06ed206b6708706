//! Opening the queue file: its folder, its connections, its tables.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    RuntimeErr,
};

use super::{
    schema,
    store::{away, begin, sql},
};
use crate::{
    sqlite::part_with_the_confused,
    transport::{Queue, TransportError},
};

/// How long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(4);

/// Makes the tables, or says why this file will not do.
pub async fn prepare(connection: &DatabaseConnection, path: &Path) -> Result<(), TransportError> {
    let transaction = begin(connection).await.map_err(|error| unusable(path, error))?;
    let application = pragma(&transaction, "application_id").await?;
    let format = pragma(&transaction, "user_version").await?;
    let tables = "select count(*) from sqlite_schema";
    let tables: i64 = number(&transaction, tables).await?;
    if application != schema::APPLICATION && tables > 0 {
        return Err(unusable(path, "it is the database of something else"));
    }
    if format > schema::FORMAT {
        return Err(unusable(path, "a newer Estrade made it; use that one"));
    }
    if format < schema::FORMAT {
        let stamp = format!(
            "pragma application_id = {}; pragma user_version = {};",
            schema::APPLICATION,
            schema::FORMAT
        );
        transaction.execute_unprepared(schema::TABLES).await.map_err(away)?;
        transaction.execute_unprepared(&stamp).await.map_err(away)?;
        let unroutable = "insert into queue (name) values (?1) on conflict do nothing";
        let unroutable = sql(unroutable, vec![Queue::UNROUTABLE.into()]);
        transaction.execute_raw(unroutable).await.map_err(away)?;
    }
    transaction.commit().await.map_err(away)
}

async fn pragma(transaction: &DatabaseTransaction, name: &str) -> Result<i64, TransportError> {
    number(transaction, &format!("pragma {name}")).await
}

async fn number(transaction: &DatabaseTransaction, text: &str) -> Result<i64, TransportError> {
    let row = transaction.query_one_raw(sql(text, vec![])).await.map_err(away)?;
    let number = row.map(|row| row.try_get_by_index(0)).transpose().map_err(away)?;
    Ok(number.unwrap_or_default())
}

/// The change to WAL knows no waiting: several processes that start at once may have to try again.
pub async fn connect(
    path: &Path,
    synchronous: &'static str,
) -> Result<DatabaseConnection, TransportError> {
    let mut tries = 0;
    loop {
        match Database::connect(options(path, synchronous)).await {
            Ok(connection) => return Ok(connection),
            Err(error) if is_busy(&error) && tries < 100 => tries += 1,
            Err(error) if is_busy(&error) => return Err(away(error)),
            Err(error) => return Err(unusable(path, error)),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn options(path: &Path, synchronous: &'static str) -> ConnectOptions {
    let path = path.to_owned();
    let mut options = ConnectOptions::new("sqlite://queue.db?mode=rwc");
    options
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(8))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&path)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("foreign_keys", "ON")
                .pragma("wal_autocheckpoint", "4000")
                .pragma("journal_size_limit", "67108864")
                .row_buffer_size(512)
                .busy_timeout(BUSY)
        });
    part_with_the_confused(&mut options);
    options
}

pub fn make_folder(path: &Path) -> Result<(), TransportError> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        TransportError::Refused(format!("cannot make the folder {}: {error}", folder.display()))
    })
}

fn unusable(path: &Path, cause: impl std::fmt::Display) -> TransportError {
    TransportError::Refused(format!("{} cannot be used: {cause}", path.display()))
}

fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}
