//! What every connection to PostgreSQL needs: how its statements are planned, and how long it may be silent.
//!
//! A firewall that forgets a connection, or a machine that loses its power, tells nobody. Who waits for an
//! answer then waits for ever, and so does everybody who waits for a lock of theirs. So an answer has a limit,
//! here and at the server: past it what was asked for has failed, and the connection is closed.
//!
//! The limits are measured by the real clock. Where a clock is moved by hand there is no PostgreSQL, or time
//! passes for it as for everybody.

use std::{io, time::Duration};

use futures::FutureExt;
use sea_orm::{
    ConnectOptions, DbErr, RuntimeErr,
    sqlx::{self, Connection, PgConnection},
};
use tokio::time::timeout;

/// How long a statement may take. Ours take far less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// So many times as long may take what walks over whole tables.
const A_WHILE: u32 = 60;
/// The part of a statement's time that is enough for what is answered at once, unless nobody is there.
const AT_ONCE: u32 = 12;

const SILENT: &str = "the database does not answer";

/// How PostgreSQL plans for us. Our statements are few and prepared, and their best plan does not hang on
/// their values; without the first of these each is planned anew each time, and arrays of hundreds of
/// rows are read twice. The second says that the data lies on no turning disc: else a short list is read
/// through a bitmap of its index, which never clears out what has died there, and the relay slows down.
const PLANNING: [(&str, &str); 2] =
    [("plan_cache_mode", "force_generic_plan"), ("random_page_cost", "1.1")];

pub(crate) fn options(url: &str, service: &str, patience: Duration) -> ConnectOptions {
    let at_once = at_once(patience);
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(30))
        // It is tested all the same, but not for as long as that.
        .test_before_acquire(false)
        .set_schema_search_path(service)
        .set_application_name(format!("estrade {service}"))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| options.options(PLANNING).options(parting(patience)))
        .map_sqlx_postgres_pool_opts(move |pool| {
            pool.before_acquire(move |connection, _| Box::pin(is_there(connection, at_once)))
                .after_release(move |connection, _| Box::pin(is_at_rest(connection, at_once)))
        });
    options
}

/// What the database answers, or that it does not within the limit. Whatever was given up on is not given back
/// to the pool: see [`is_at_rest`].
pub(crate) async fn answer<T>(
    limit: Option<Duration>,
    asked: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let Some(limit) = limit else {
        return asked.await;
    };
    timeout(limit, asked).await.unwrap_or_else(|_| Err(silence()))
}

pub(crate) fn silence() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(SILENT.to_owned()))
}

pub(crate) fn is_silence(error: &DbErr) -> bool {
    matches!(error, DbErr::Conn(RuntimeErr::Internal(text)) if text == SILENT)
}

pub(crate) fn a_while(patience: Duration) -> Duration {
    patience * A_WHILE
}

pub(crate) fn at_once(patience: Duration) -> Duration {
    patience / AT_ONCE
}

/// When the server parts with whoever is silent, and with the locks that they hold.
fn parting(patience: Duration) -> [(&'static str, String); 5] {
    let milliseconds = patience.as_millis().to_string();
    [
        ("idle_in_transaction_session_timeout", milliseconds.clone()),
        ("tcp_user_timeout", milliseconds),
        ("tcp_keepalives_idle", "30".to_owned()),
        ("tcp_keepalives_interval", "10".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
    ]
}

/// Whether somebody is at the other end of a connection that has lain idle.
async fn is_there(connection: &mut PgConnection, at_once: Duration) -> Result<bool, sqlx::Error> {
    within(at_once, connection.ping()).await.map(|()| true)
}

/// Whether a connection that is given back is owed nothing. A rollback may be on its way, and is waited for;
/// afterwards nothing is open. Where anything else was given up on nobody knows what is: perhaps a transaction
/// that has just begun. The library would wait for its answer, without a limit.
///
/// It asks once more after this, in any case, and for that answer waits as long as the kernel does. So a connection
/// that falls silent in the very moment in which it is given back is missed for a quarter of an hour.
async fn is_at_rest(connection: &mut PgConnection, at_once: Duration) -> Result<bool, sqlx::Error> {
    if connection.should_flush() {
        return within(at_once, connection.flush()).await.map(|()| true);
    }
    Ok(matches!(connection.flush().now_or_never(), Some(Ok(()))))
}

async fn within(
    limit: Duration,
    asked: impl Future<Output = Result<(), sqlx::Error>>,
) -> Result<(), sqlx::Error> {
    let silence = || io::Error::new(io::ErrorKind::TimedOut, SILENT);
    timeout(limit, asked).await.unwrap_or_else(|_| Err(silence().into()))
}
