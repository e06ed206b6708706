//! Copies of persons: how they are called, where they are reached, and whether they may teach.

use bus::{Error, FromQueryResult, Read, Tx, Value, values};
use contract::{
    identity::{Person, PersonErased},
    step::{GONE, hash},
};
use event::PersonId;
use uuid::Uuid;

use super::signed;
use crate::domain::Editor;

/// Takes a person if they are newer than the copy, or of another hash.
pub async fn copy_person(tx: &mut Tx, person: &Person) -> Result<(), Error> {
    let row = values![
        person.person.0,
        signed(person.version),
        false,
        person.name.as_str(),
        person.mail.to_lowercase(),
        Editor::of(person.person, &person.roles).is_some(),
        hash(person)
    ];
    put(tx, row).await
}

/// Leaves nothing of a person but that there was one.
pub async fn erase_person(tx: &mut Tx, erased: &PersonErased) -> Result<(), Error> {
    let version = signed(erased.version);
    put(tx, values![erased.person.0, version, true, "", "", false, GONE]).await
}

async fn put(tx: &mut Tx, row: Vec<Value>) -> Result<(), Error> {
    tx.execute(
        "insert into person_copy (person, version, erased, name, mail, teaches, hash) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (person) do update set \
         version = excluded.version, erased = excluded.erased, name = excluded.name, \
         mail = excluded.mail, teaches = excluded.teaches, hash = excluded.hash \
         where person_copy.version < excluded.version \
         or (person_copy.version = excluded.version and person_copy.hash <> excluded.hash)",
        row,
    )
    .await?;
    Ok(())
}

/// This service's copy of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonCopy {
    pub person: PersonId,
    /// Nothing else is known of them then.
    pub erased: bool,
    pub name: String,
    pub mail: String,
    /// Whether they have a role with which one writes courses.
    pub teaches: bool,
}

#[derive(FromQueryResult)]
struct PersonRow {
    person: Uuid,
    erased: bool,
    name: String,
    mail: String,
    teaches: bool,
}

impl From<PersonRow> for PersonCopy {
    fn from(row: PersonRow) -> Self {
        Self {
            person: PersonId(row.person),
            erased: row.erased,
            name: row.name,
            mail: row.mail,
            teaches: row.teaches,
        }
    }
}

const PERSON: &str = "select person, erased, name, mail, teaches from person_copy where";

/// None until they are heard of.
pub async fn person(read: &impl Read, person: PersonId) -> Result<Option<PersonCopy>, Error> {
    let row: Option<PersonRow> =
        read.one(&format!("{PERSON} person = $1"), values![person.0]).await?;
    Ok(row.map(PersonCopy::from))
}

/// Whose address this is, in lower case. Nobody's while two copies have it, as when it has just gone from one
/// to the other.
pub async fn person_by_mail(read: &impl Read, mail: &str) -> Result<Option<PersonCopy>, Error> {
    let sql = format!("{PERSON} mail = $1 and not erased limit 2");
    let mut rows: Vec<PersonRow> = read.all(&sql, values![mail]).await?;
    let row = rows.pop().filter(|_| rows.is_empty());
    Ok(row.map(PersonCopy::from))
}
