//! The SQL of `identity`. Here are people and their accounts; what else it keeps is in the modules.

pub(crate) mod addresses;
pub(crate) mod exports;
pub(crate) mod finding;
pub(crate) mod invitations;
pub(crate) mod organisation;
pub(crate) mod resets;

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use event::{PersonId, Role};
use uuid::Uuid;

use crate::domain::{Mail, Name, Person, Roles, folded};

const PERSON: &str =
    "select id, version, name, mail, language, time_zone, roles, registered_at from person";

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    version: i64,
    name: String,
    mail: String,
    language: String,
    time_zone: String,
    roles: String,
    registered_at: DateTime<Utc>,
}

impl PersonRow {
    fn person(self) -> Result<Person, Error> {
        let unreadable = |field: &str| {
            Error::Configuration(format!("the {field} of person {} cannot be read", self.id))
        };
        Ok(Person {
            id: PersonId(self.id),
            version: u64::try_from(self.version).map_err(|_| unreadable("version"))?,
            name: Name::parse(&self.name).map_err(|_| unreadable("name"))?,
            mail: Mail::parse(&self.mail).map_err(|_| unreadable("mail"))?,
            language: self.language.parse().map_err(|_| unreadable("language"))?,
            // A zone that a later edition of the database dropped is no reason to lock a person out.
            time_zone: self.time_zone.parse().unwrap_or(Tz::UTC),
            roles: read_roles(&self.roles).ok_or_else(|| unreadable("roles"))?,
            registered_at: self.registered_at,
        })
    }
}

/// A person who has an account, and not one who was erased.
pub(crate) async fn person(db: &impl Read, id: PersonId) -> Result<Option<Person>, Error> {
    let sql = format!("{PERSON} where id = $1 and erased_at is null");
    db.one::<PersonRow>(&sql, values![id.0]).await?.map(PersonRow::person).transpose()
}

pub(crate) async fn person_by_mail(db: &impl Read, mail: &Mail) -> Result<Option<Person>, Error> {
    let sql = format!("{PERSON} where mail_key = $1");
    db.one::<PersonRow>(&sql, values![mail.key()]).await?.map(PersonRow::person).transpose()
}

pub(crate) async fn password_hash(db: &impl Read, mail: &Mail) -> Result<Option<String>, Error> {
    db.scalar("select password_hash from person where mail_key = $1", values![mail.key()]).await
}

pub(crate) async fn password_hash_of(
    db: &impl Read,
    id: PersonId,
) -> Result<Option<String>, Error> {
    let sql = "select password_hash from person where id = $1 and erased_at is null";
    db.scalar(sql, values![id.0]).await
}

pub(crate) async fn set_password(
    tx: &mut Tx,
    id: PersonId,
    password_hash: String,
) -> Result<bool, Error> {
    let sql = "update person set password_hash = $2 where id = $1 and erased_at is null";
    Ok(tx.execute(sql, values![id.0, password_hash]).await? == 1)
}

/// Whether anybody else is an administrator.
pub(crate) async fn has_other_administrator(db: &impl Read, id: PersonId) -> Result<bool, Error> {
    let sql = "select count(*) from person \
               where erased_at is null and roles like '%administrator%' and id <> $1";
    Ok(db.scalar::<i64>(sql, values![id.0]).await?.is_some_and(|count| count > 0))
}

/// Writes a new person; `false` if the mail address is somebody's already.
pub(crate) async fn insert(
    tx: &mut Tx,
    person: &Person,
    password_hash: String,
) -> Result<bool, Error> {
    let sql = "insert into person (id, version, name, mail, mail_key, password_hash, language, \
               time_zone, roles, registered_at, search_key) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               on conflict (mail_key) do nothing";
    let written = tx
        .execute(
            sql,
            values![
                person.id.0,
                signed(person.version),
                person.name.as_str(),
                person.mail.as_str(),
                person.mail.key(),
                password_hash,
                person.language.code(),
                person.time_zone.name(),
                write_roles(&person.roles),
                person.registered_at,
                search_key(person),
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Writes a person's next version; `false` if somebody else wrote it first.
pub(crate) async fn update(tx: &mut Tx, person: &Person) -> Result<bool, Error> {
    let sql = "update person set version = $2, name = $3, language = $4, time_zone = $5, \
               roles = $6, search_key = $7 \
               where id = $1 and version = $2 - 1 and erased_at is null";
    let written = tx
        .execute(
            sql,
            values![
                person.id.0,
                signed(person.version),
                person.name.as_str(),
                person.language.code(),
                person.time_zone.name(),
                write_roles(&person.roles),
                search_key(person),
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Writes a person's next version with another address; `false` if somebody else wrote it first.
pub(crate) async fn set_mail(tx: &mut Tx, person: &Person) -> Result<bool, Error> {
    let sql = "update person set version = $2, mail = $3, mail_key = $4, search_key = $5 \
               where id = $1 and version = $2 - 1 and erased_at is null";
    let values = values![
        person.id.0,
        signed(person.version),
        person.mail.as_str(),
        person.mail.key(),
        search_key(person),
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Forgets who a person was; the row stays, so that the id is never given again and nothing told
/// earlier brings the person back. `version` is the one after the present; `false` if it is not.
pub(crate) async fn erase(tx: &mut Tx, id: PersonId, version: u64) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update person set version = $2, name = '', mail = '', mail_key = null, \
               search_key = '', password_hash = '', time_zone = 'UTC', roles = '', erased_at = $3 \
               where id = $1 and version = $2 - 1 and erased_at is null";
    Ok(tx.execute(sql, values![id.0, signed(version), now]).await? == 1)
}

/// Somebody whom the others were told of.
pub(crate) enum Known {
    Person(Person),
    Erased { id: PersonId, version: u64, erased_at: DateTime<Utc> },
}

const KNOWN: &str = "select id, version, name, mail, language, time_zone, roles, registered_at, \
                     erased_at from person where";

#[derive(FromQueryResult)]
struct KnownRow {
    #[sea_orm(nested)]
    person: PersonRow,
    erased_at: Option<DateTime<Utc>>,
}

impl KnownRow {
    fn known(self) -> Result<Known, Error> {
        let Some(erased_at) = self.erased_at else {
            return Ok(Known::Person(self.person.person()?));
        };
        let version = self.person.version.unsigned_abs();
        Ok(Known::Erased { id: PersonId(self.person.id), version, erased_at })
    }
}

/// By id, after one, the erased too.
pub(crate) async fn known(db: &impl Read, after: Uuid, most: usize) -> Result<Vec<Known>, Error> {
    let sql = format!("{KNOWN} id > $1 order by id limit {most}");
    let rows: Vec<KnownRow> = db.all(&sql, values![after]).await?;
    rows.into_iter().map(KnownRow::known).collect()
}

pub(crate) async fn known_of(db: &impl Read, ids: &[Uuid]) -> Result<Vec<Known>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{KNOWN} id in {}", placeholders(1, ids.len()));
    let rows: Vec<KnownRow> = db.all(&sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    rows.into_iter().map(KnownRow::known).collect()
}

/// Gives a person of a lower version the one after this.
pub(crate) async fn overtake(tx: &mut Tx, person: Uuid, version: u64) -> Result<(), Error> {
    let sql = "update person set version = $2 + 1 where id = $1 and version < $2";
    tx.execute(sql, values![person, signed(version)]).await?;
    Ok(())
}

/// The name first, so that it orders people by their names.
fn search_key(person: &Person) -> String {
    folded(&format!("{} {}", person.name.as_str(), person.mail.as_str()))
}

fn write_roles(roles: &Roles) -> String {
    let words: Vec<&str> = roles.as_slice().iter().map(|role| word(*role)).collect();
    words.join(" ")
}

fn read_roles(text: &str) -> Option<Roles> {
    let all = [Role::Learner, Role::Instructor, Role::Administrator, Role::Operator];
    let role = |text: &str| all.into_iter().find(|role| word(*role) == text);
    let roles: Option<Vec<Role>> = text.split(' ').map(role).collect();
    Roles::parse(roles?).ok()
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Learner => "learner",
        Role::Instructor => "instructor",
        Role::Administrator => "administrator",
        Role::Operator => "operator",
    }
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
