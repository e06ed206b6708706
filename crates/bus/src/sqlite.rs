//! What every connection to a SQLite file needs, and what the file does.

use std::time::Duration;

use sea_orm::{ConnectOptions, sqlx::Connection};
use tokio_util::sync::CancellationToken;

use crate::{Db, Error, values};

const BETWEEN_COUNTS: Duration = Duration::from_secs(300);

/// Of all tables, whether this connection read them or not: <https://sqlite.org/pragma.html#pragma_optimize>.
const REFRESH: &str = "pragma optimize = 0x10002";

/// Parts with a connection that no longer knows whether it is in a transaction.
///
/// When a disk is full, SQLite rolls back by itself. The driver then rolls back what is no longer there,
/// fails, and goes on counting a transaction that is none. What follows would be savepoints in it: undone,
/// they leave the file locked; released, they commit nothing. Such a connection is closed instead.
pub(crate) fn part_with_the_confused(options: &mut ConnectOptions) {
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async move {
                if !connection.is_in_transaction() {
                    return Ok(true);
                }
                // A rollback may be on its way: it is done when this is answered.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
}

/// Says how many rows there are and how they differ, by which SQLite chooses its ways through tables. Without
/// that it may sort ten thousand rows of which it could have read the first few in their order. PostgreSQL finds
/// out by itself. What grew little since is not looked at again, and of what is long only a part.
pub(crate) async fn keep_statistics(db: Db, stop: CancellationToken) {
    if db.is_postgres() {
        return;
    }
    loop {
        if let Err(error) = refresh_statistics(&db).await {
            tracing::warn!(%error, service = db.service(), "cannot count what the tables hold");
        }
        if stop.run_until_cancelled(tokio::time::sleep(BETWEEN_COUNTS)).await.is_none() {
            return;
        }
    }
}

async fn refresh_statistics(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    tx.execute(REFRESH, values![]).await?;
    tx.commit().await
}
