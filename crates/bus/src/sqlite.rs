//! What every connection to a SQLite file needs.

use sea_orm::{ConnectOptions, sqlx::Connection};

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
