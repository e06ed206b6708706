//! Another mail address: confirmed by a link that goes there, while the one before is told of it.

use bus::{Db, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use contract::identity::{AddressChangeRequested, AddressChanged, PersonUpdated};
use event::{AddressChangeId, PersonId};
use serde::{Deserialize, Serialize};
use ui::SealingKey;

use super::{CommandError, LinkRefused, told};
use crate::{
    domain::{Mail, Person},
    store::{self, addresses},
};

/// The link works so long.
const VALID: TimeDelta = TimeDelta::hours(1);
const PURPOSE: &str = "address-change";

/// What the link holds, sealed.
#[derive(Serialize, Deserialize)]
struct Token {
    change: AddressChangeId,
    expires_at: DateTime<Utc>,
}

/// Has a link sent to another address. Of several, the last one counts.
pub(crate) async fn request(
    db: &Db,
    key: &SealingKey,
    person: PersonId,
    mail: &Mail,
) -> Result<(), CommandError> {
    let (change, mut tx) = (AddressChangeId::new(), db.begin().await?);
    is_free_for(&tx, person, mail).await?;
    let (requested_at, expires_at) = (tx.now(), tx.now() + VALID);
    addresses::insert(&mut tx, change, person, mail, expires_at).await?;
    let token = key.seal(PURPOSE, &Token { change, expires_at })?;
    let link = key.seal_link(&format!("/account/address?token={token}"))?;
    let mail = mail.as_str().to_owned();
    tx.publish(&AddressChangeRequested { person, change, mail, link, requested_at, expires_at })?;
    Ok(tx.commit().await?)
}

/// Whether a link still works, and for which address. It works for whoever asked for it and nobody else:
/// a mail that went astray changes nobody's account.
pub(crate) async fn look(
    db: &Db,
    key: &SealingKey,
    person: PersonId,
    token: &str,
) -> Result<(AddressChangeId, Mail), CommandError> {
    let token: Token = key.open(PURPOSE, token).map_err(|_| LinkRefused::Broken)?;
    let now = db.now();
    let known = addresses::change(db, token.change).await?;
    // One that expired is soon forgotten; the link itself still tells.
    let change = known.filter(|known| known.person() == person && now < token.expires_at);
    let change = change.ok_or(LinkRefused::Expired)?;
    if change.used_at.is_some() {
        return Err(LinkRefused::Used.into());
    }
    Ok((token.change, change.mail()?))
}

/// Confirms another address by a link from a mail. Links to a new password that went to the one before
/// no longer work.
pub(crate) async fn confirm(
    db: &Db,
    key: &SealingKey,
    person: PersonId,
    token: &str,
) -> Result<(), CommandError> {
    let (change, mail) = look(db, key, person, token).await?;
    let mut tx = db.begin().await?;
    if !addresses::use_up(&mut tx, change).await? {
        return Err(LinkRefused::Used.into());
    }
    is_free_for(&tx, person, &mail).await?;
    let mut person = store::person(&tx, person).await?.ok_or(CommandError::NoSuchPerson)?;
    let former = person.mail.clone();
    if person.move_to(mail) {
        store::resets::use_up_all(&mut tx, person.id).await?;
        save(&mut tx, &person, change, &former).await?;
    }
    Ok(tx.commit().await?)
}

async fn save(
    tx: &mut Tx,
    person: &Person,
    change: AddressChangeId,
    former: &Mail,
) -> Result<(), CommandError> {
    if !store::set_mail(tx, person).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    let (former_mail, changed_at) = (former.as_str().to_owned(), tx.now());
    tx.publish(&PersonUpdated(told(person)))?;
    tx.publish(&AddressChanged { person: person.id, change, former_mail, changed_at })?;
    Ok(())
}

async fn is_free_for(tx: &Tx, person: PersonId, mail: &Mail) -> Result<(), CommandError> {
    match store::person_by_mail(tx, mail).await? {
        Some(other) if other.id != person => Err(CommandError::MailTaken),
        _ => Ok(()),
    }
}
