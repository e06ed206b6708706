//! Passwords: forgotten ones and new ones. Whoever asks for a mail learns nothing of who has an account.

use bus::Db;
use chrono::{DateTime, TimeDelta, Utc};
use contract::identity::PasswordResetRequested;
use event::{PasswordResetId, PersonId};
use serde::{Deserialize, Serialize};
use ui::SealingKey;

use super::{CommandError, LinkRefused, end_sessions};
use crate::{
    domain::{Mail, Password, Person},
    password, store,
};

/// The link works so long.
pub(crate) const VALID: TimeDelta = TimeDelta::hours(1);
const PURPOSE: &str = "password-reset";

/// What the link holds, sealed.
#[derive(Serialize, Deserialize)]
struct Token {
    reset: PasswordResetId,
    expires_at: DateTime<Utc>,
}

/// Has a link sent to this address, if there is an account. What is done without one takes as long.
pub(crate) async fn request_reset(
    db: &Db,
    key: &SealingKey,
    mail: &Mail,
) -> Result<(), CommandError> {
    let person = store::person_by_mail(db, mail).await?.map(|person| person.id);
    let (reset, mut tx) = (PasswordResetId::new(), db.begin().await?);
    let (requested_at, expires_at) = (tx.now(), tx.now() + VALID);
    store::resets::insert(&mut tx, reset, person, expires_at).await?;
    let token = key.seal(PURPOSE, &Token { reset, expires_at })?;
    let link = key.seal_link(&format!("/new-password?token={token}"))?;
    if let Some(person) = person {
        tx.publish(&PasswordResetRequested { person, reset, link, requested_at, expires_at })?;
    }
    Ok(tx.commit().await?)
}

/// Whether a link still works, and whose it is.
pub(crate) async fn look(
    db: &Db,
    key: &SealingKey,
    token: &str,
) -> Result<(PasswordResetId, Person), CommandError> {
    let token: Token = key.open(PURPOSE, token).map_err(|_| LinkRefused::Broken)?;
    let now = db.now();
    let known = store::resets::reset(db, token.reset).await?;
    // One that expired is soon forgotten; the link itself still tells.
    let Some(reset) = known.filter(|_| now < token.expires_at) else {
        return Err(LinkRefused::Expired.into());
    };
    if reset.used_at.is_some() {
        return Err(LinkRefused::Used.into());
    }
    let person = reset.person().filter(|_| now < reset.expires_at);
    let person = person.ok_or(LinkRefused::Expired)?;
    let person = store::person(db, person).await?.ok_or(LinkRefused::Expired)?;
    Ok((token.reset, person))
}

/// Chooses a new password by a link from a mail. Every session that was open before is over.
pub(crate) async fn choose(
    db: &Db,
    key: &SealingKey,
    token: &str,
    chosen: &str,
) -> Result<Person, CommandError> {
    let (reset, person) = look(db, key, token).await?;
    let hash = password::hash(Password::choose(chosen, Some(&person.mail))?).await?;
    let mut tx = db.begin().await?;
    if !store::resets::use_up(&mut tx, reset).await? {
        return Err(LinkRefused::Used.into());
    }
    set(&mut tx, person.id, hash).await?;
    tx.commit().await?;
    Ok(person)
}

/// Changes the password of somebody who has just shown to know the present one. Every session that was
/// open before is over.
pub(crate) async fn change(db: &Db, person: &Person, chosen: &str) -> Result<(), CommandError> {
    let hash = password::hash(Password::choose(chosen, Some(&person.mail))?).await?;
    let mut tx = db.begin().await?;
    set(&mut tx, person.id, hash).await?;
    Ok(tx.commit().await?)
}

/// Whether this is the password of somebody who is signed in.
pub(crate) async fn is_password_of(
    db: &Db,
    id: PersonId,
    claimed: &str,
) -> Result<bool, CommandError> {
    let Some(claimed) = Password::claim(claimed) else {
        return Ok(false);
    };
    let hash = store::password_hash_of(db, id).await?;
    Ok(password::verify(claimed, hash).await?)
}

/// Whatever link is on its way to the person no longer works, and sessions begin anew.
async fn set(tx: &mut bus::Tx, id: PersonId, hash: String) -> Result<(), CommandError> {
    if !store::set_password(tx, id, hash).await? {
        return Err(CommandError::NoSuchPerson);
    }
    end_sessions(tx, id).await?;
    Ok(store::resets::use_up_all(tx, id).await?)
}
