//! Invitations.

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use chrono::{DateTime, Utc};
use event::{InvitationId, PersonId};
use uuid::Uuid;

use super::{read_roles, signed, write_roles};
use crate::domain::{
    Mail, Name, Roles,
    invitation::{Invitation, Invited, Listed, State},
};

const INVITATION: &str = "select id, version, name, mail, language, roles, invited_by, invited_at, \
                          expires_at, accepted_at, withdrawn_at from invitation where";

/// Not those of people who were erased.
const LISTED: &str = "(mail <> '' or withdrawn_at is not null)";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    version: i64,
    name: String,
    mail: String,
    language: String,
    roles: String,
    invited_by: Option<Uuid>,
    invited_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
}

impl Row {
    fn state(&self) -> State {
        match (self.accepted_at, self.withdrawn_at) {
            (Some(_), _) => State::Accepted,
            (None, Some(_)) => State::Withdrawn,
            (None, None) => State::Open,
        }
    }

    fn unreadable(&self, field: &str) -> Error {
        Error::Configuration(format!("the {field} of invitation {} cannot be read", self.id))
    }

    fn listed(self) -> Result<Listed, Error> {
        let named = !self.mail.is_empty();
        Ok(Listed {
            id: InvitationId(self.id),
            who: if named { Some((self.name()?, self.address()?)) } else { None },
            roles: self.roles()?,
            invited_at: self.invited_at,
            expires_at: self.expires_at,
            state: self.state(),
        })
    }

    fn name(&self) -> Result<Name, Error> {
        Name::parse(&self.name).map_err(|_| self.unreadable("name"))
    }

    fn address(&self) -> Result<Mail, Error> {
        Mail::parse(&self.mail).map_err(|_| self.unreadable("mail"))
    }

    fn roles(&self) -> Result<Roles, Error> {
        read_roles(&self.roles).ok_or_else(|| self.unreadable("roles"))
    }

    fn invitation(self) -> Result<Invitation, Error> {
        let invited = Invited {
            name: self.name()?,
            mail: self.address()?,
            language: self.language.parse().map_err(|_| self.unreadable("language"))?,
            roles: self.roles()?,
        };
        Ok(Invitation {
            id: InvitationId(self.id),
            version: self.version.unsigned_abs(),
            invited,
            invited_by: self.invited_by.map(PersonId),
            invited_at: self.invited_at,
            expires_at: self.expires_at,
            state: self.state(),
        })
    }
}

/// One that names somebody: what was withdrawn, or whose person was erased, is not found.
pub(crate) async fn invitation(
    db: &impl Read,
    id: InvitationId,
) -> Result<Option<Invitation>, Error> {
    let sql = format!("{INVITATION} id = $1 and mail <> ''");
    db.one::<Row>(&sql, values![id.0]).await?.map(Row::invitation).transpose()
}

/// The one that can be accepted with this address.
pub(crate) async fn open(db: &impl Read, mail: &Mail) -> Result<Option<Invitation>, Error> {
    let sql = format!("{INVITATION} open_key = $1");
    db.one::<Row>(&sql, values![mail.key()]).await?.map(Row::invitation).transpose()
}

/// The newest first; what was withdrawn names nobody and is left out.
pub(crate) async fn page(db: &impl Read, skip: u64, most: u64) -> Result<Vec<Invitation>, Error> {
    let sql = format!(
        "{INVITATION} mail <> '' order by invited_at desc, id desc limit {most} offset {skip}"
    );
    let rows: Vec<Row> = db.all(&sql, values![]).await?;
    rows.into_iter().map(Row::invitation).collect()
}

pub(crate) async fn count(db: &impl Read) -> Result<u64, Error> {
    let sql = "select count(*) from invitation where mail <> ''";
    Ok(db.scalar::<i64>(sql, values![]).await?.unwrap_or(0).unsigned_abs())
}

/// All that say something: the newest first, those that were withdrawn too.
pub(crate) async fn listed(db: &impl Read, skip: u64, most: u64) -> Result<Vec<Listed>, Error> {
    let sql = format!(
        "{INVITATION} {LISTED} order by invited_at desc, id desc limit {most} offset {skip}"
    );
    let rows: Vec<Row> = db.all(&sql, values![]).await?;
    rows.into_iter().map(Row::listed).collect()
}

pub(crate) async fn count_listed(db: &impl Read) -> Result<u64, Error> {
    let sql = format!("select count(*) from invitation where {LISTED}");
    Ok(db.scalar::<i64>(&sql, values![]).await?.unwrap_or(0).unsigned_abs())
}

#[derive(FromQueryResult)]
struct Key {
    mail_key: String,
}

/// Which of these addresses have an account.
pub(crate) async fn with_account(db: &impl Read, keys: &[String]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for keys in keys.chunks(500) {
        let sql = format!(
            "select mail_key from person where mail_key in {}",
            placeholders(1, keys.len())
        );
        let values = keys.iter().map(|key| key.clone().into()).collect();
        found.extend(db.all::<Key>(&sql, values).await?.into_iter().map(|key| key.mail_key));
    }
    Ok(found)
}

/// Writes one that is new; `false` if the address was invited at the same moment.
pub(crate) async fn insert(tx: &mut Tx, invitation: &Invitation) -> Result<bool, Error> {
    let sql = "insert into invitation (id, version, name, mail, open_key, language, roles, \
               invited_by, invited_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               on conflict (open_key) do nothing";
    let invited = &invitation.invited;
    let values = values![
        invitation.id.0,
        signed(invitation.version),
        invited.name.as_str(),
        invited.mail.as_str(),
        invited.mail.key(),
        invited.language.code(),
        write_roles(&invited.roles),
        invitation.invited_by.map(|id| id.0),
        invitation.invited_at,
        invitation.expires_at,
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Writes that it was sent again, to the same address and with what may have changed since; `false` if
/// somebody else changed it first.
pub(crate) async fn update(tx: &mut Tx, invitation: &Invitation) -> Result<bool, Error> {
    let sql = "update invitation set version = $2, invited_by = $3, invited_at = $4, \
               expires_at = $5, name = $6, mail = $7, language = $8, roles = $9 \
               where id = $1 and version = $2 - 1 and open_key is not null";
    let invited = &invitation.invited;
    let values = values![
        invitation.id.0,
        signed(invitation.version),
        invitation.invited_by.map(|id| id.0),
        invitation.invited_at,
        invitation.expires_at,
        invited.name.as_str(),
        invited.mail.as_str(),
        invited.language.code(),
        write_roles(&invited.roles),
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// It was accepted by this person; `false` if it no longer could be.
pub(crate) async fn accept(
    tx: &mut Tx,
    invitation: &Invitation,
    person: PersonId,
) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update invitation set accepted_at = $3, person = $4, open_key = null \
               where id = $1 and version = $2 and open_key is not null";
    let values = values![invitation.id.0, signed(invitation.version), now, person.0];
    Ok(tx.execute(sql, values).await? == 1)
}

/// It no longer holds and names nobody; `false` if it was settled already. Its next version.
pub(crate) async fn withdraw(tx: &mut Tx, invitation: &Invitation) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update invitation set withdrawn_at = $3, version = version + 1, open_key = null, \
               name = '', mail = '' where id = $1 and version = $2 and open_key is not null";
    let values = values![invitation.id.0, signed(invitation.version), now];
    Ok(tx.execute(sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// Forgets who was invited: those that this person accepted, and any that still waits for this address.
/// Gives which.
pub(crate) async fn forget(
    tx: &mut Tx,
    person: PersonId,
    mail: &Mail,
) -> Result<Vec<InvitationId>, Error> {
    let sql = "update invitation set name = '', mail = '', open_key = null \
               where person = $1 or open_key = $2 returning id";
    let ids: Vec<Id> = tx.all(sql, values![person.0, mail.key()]).await?;
    Ok(ids.into_iter().map(|row| InvitationId(row.id)).collect())
}
