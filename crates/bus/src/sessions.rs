//! Whose sessions are over. A session is sealed, and each service opens it by itself; that a password or a role
//! was changed since, or that its person was erased, does not stand in it. So each service keeps what it is told
//! of that, for as long as [`Retention`](crate::Retention) says, which is longer than any session lasts.

use chrono::{DateTime, Utc};
use event::PersonId;
use futures::future::{BoxFuture, FutureExt};

use crate::{Db, Error, Read, Tx, values};

type Answer = BoxFuture<'static, Result<Option<DateTime<Utc>>, Error>>;

/// What this person began before `since` opens nothing here any more. Of all that is told of a person the
/// latest holds, in whatever order it is told.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn end(tx: &mut Tx, person: PersonId, since: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into bus_ended_session (person, since) values ($1, $2) \
               on conflict (person) do update set since = excluded.since \
               where bus_ended_session.since < excluded.since";
    tx.execute(sql, values![person.0, since]).await?;
    Ok(())
}

/// Tells, whenever it is asked, since when a person's session must have begun to open anything here; nothing
/// where none was ended.
pub fn since(db: &Db) -> impl Fn(PersonId) -> Answer + Send + Sync + use<> {
    let db = db.clone();
    move |person: PersonId| {
        let db = db.clone();
        async move { look(&db, person).await }.boxed()
    }
}

async fn look(db: &Db, person: PersonId) -> Result<Option<DateTime<Utc>>, Error> {
    db.scalar("select since from bus_ended_session where person = $1", values![person.0]).await
}
