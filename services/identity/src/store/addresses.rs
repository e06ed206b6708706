//! Mail addresses that are to be confirmed.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, TimeDelta, Utc};
use event::{AddressChangeId, PersonId};
use uuid::Uuid;

use crate::domain::Mail;

/// How long one that expired is kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// One that can still be told apart.
#[derive(FromQueryResult, Clone, Debug)]
pub(crate) struct AddressChange {
    person: Uuid,
    mail: String,
    pub(crate) used_at: Option<DateTime<Utc>>,
}

impl AddressChange {
    pub(crate) fn person(&self) -> PersonId {
        PersonId(self.person)
    }

    pub(crate) fn mail(&self) -> Result<Mail, Error> {
        let unreadable = "an address to be confirmed cannot be read";
        Mail::parse(&self.mail).map_err(|_| Error::Configuration(unreadable.to_owned()))
    }
}

pub(crate) async fn change(
    db: &impl Read,
    id: AddressChangeId,
) -> Result<Option<AddressChange>, Error> {
    db.one("select person, mail, used_at from address_change where id = $1", values![id.0]).await
}

/// Writes one, and throws away those that expired long ago and those that this person asked for before.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: AddressChangeId,
    person: PersonId,
    mail: &Mail,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    let now = tx.now();
    let done = "delete from address_change where expires_at < $1 \
                or (person = $2 and used_at is null)";
    tx.execute(done, values![now - KEPT, person.0]).await?;
    let sql = "insert into address_change (id, person, mail, requested_at, expires_at) \
               values ($1, $2, $3, $4, $5)";
    tx.execute(sql, values![id.0, person.0, mail.as_str(), now, expires_at]).await?;
    Ok(())
}

/// Uses one up; `false` if somebody else just did.
pub(crate) async fn use_up(tx: &mut Tx, id: AddressChangeId) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update address_change set used_at = $2 where id = $1 and used_at is null";
    Ok(tx.execute(sql, values![id.0, now]).await? == 1)
}

pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.execute("delete from address_change where person = $1", values![person.0]).await?;
    Ok(())
}
