//! Forgotten passwords.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, TimeDelta, Utc};
use event::{PasswordResetId, PersonId};
use uuid::Uuid;

/// How long one that expired is kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// One that can still be told apart.
#[derive(FromQueryResult, Clone, Debug)]
pub(crate) struct Reset {
    person: Option<Uuid>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used_at: Option<DateTime<Utc>>,
}

impl Reset {
    /// Nobody's is there for its time alone.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.person.map(PersonId)
    }
}

pub(crate) async fn reset(db: &impl Read, id: PasswordResetId) -> Result<Option<Reset>, Error> {
    let sql = "select person, expires_at, used_at from password_reset where id = $1";
    db.one(sql, values![id.0]).await
}

/// Writes one, and throws away those that expired long ago.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: PasswordResetId,
    person: Option<PersonId>,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    let now = tx.now();
    tx.execute("delete from password_reset where expires_at < $1", values![now - KEPT]).await?;
    let sql = "insert into password_reset (id, person, requested_at, expires_at) \
               values ($1, $2, $3, $4)";
    tx.execute(sql, values![id.0, person.map(|id| id.0), now, expires_at]).await?;
    Ok(())
}

/// Uses one up; `false` if somebody else just did.
pub(crate) async fn use_up(tx: &mut Tx, id: PasswordResetId) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update password_reset set used_at = $2 where id = $1 and used_at is null";
    Ok(tx.execute(sql, values![id.0, now]).await? == 1)
}

/// Whatever else was asked for by or for this person no longer works.
pub(crate) async fn use_up_all(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    let now = tx.now();
    let sql = "update password_reset set used_at = $2 where person = $1 and used_at is null";
    tx.execute(sql, values![person.0, now]).await?;
    Ok(())
}

pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.execute("delete from password_reset where person = $1", values![person.0]).await?;
    Ok(())
}
