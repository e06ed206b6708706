//! Copies of persons: who is enrolled, as those see it who teach.

use std::collections::{BTreeSet, HashMap};

use bus::{Error, FromQueryResult, Read, Tx, Value, placeholders, values};
use contract::{
    identity::{Person, PersonErased},
    step::{GONE, hash},
};
use event::PersonId;
use uuid::Uuid;

use super::{place_in_rosters, signed};
use crate::domain::fold;

/// Takes a person if they are newer than the copy, or of another hash.
pub(crate) async fn copy_person(tx: &mut Tx, person: &Person) -> Result<(), Error> {
    let mail = person.mail.to_lowercase();
    let sort_key = fold(&person.name);
    let search_key = format!("{sort_key} {}", fold(&mail));
    let row = values![
        person.person.0,
        signed(person.version),
        false,
        person.name.as_str(),
        mail,
        sort_key,
        search_key,
        hash(person)
    ];
    put(tx, person.person, row).await
}

/// Leaves nothing of a person but that there was one.
pub(crate) async fn erase_person(tx: &mut Tx, erased: &PersonErased) -> Result<(), Error> {
    let version = signed(erased.version);
    put(tx, erased.person, values![erased.person.0, version, true, "", "", "", "", GONE]).await
}

async fn put(tx: &mut Tx, person: PersonId, row: Vec<Value>) -> Result<(), Error> {
    let taken = tx.execute(
        "insert into person_copy (person, version, erased, name, mail, sort_key, search_key, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (person) do update set \
         version = excluded.version, erased = excluded.erased, name = excluded.name, \
         mail = excluded.mail, sort_key = excluded.sort_key, search_key = excluded.search_key, \
         hash = excluded.hash where person_copy.version < excluded.version \
         or (person_copy.version = excluded.version and person_copy.hash <> excluded.hash)",
        row,
    )
    .await?;
    if taken == 1 { place_in_rosters(tx, person, None).await } else { Ok(()) }
}

/// This service's copy of a person who was not erased.
#[derive(Clone, Debug)]
pub(crate) struct PersonCopy {
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) mail: String,
}

#[derive(FromQueryResult)]
struct PersonRow {
    person: Uuid,
    name: String,
    mail: String,
}

impl From<PersonRow> for PersonCopy {
    fn from(row: PersonRow) -> Self {
        Self { person: PersonId(row.person), name: row.name, mail: row.mail }
    }
}

const PERSON: &str = "select person, name, mail from person_copy where not erased and";

pub(crate) async fn person(db: &impl Read, person: PersonId) -> Result<Option<PersonCopy>, Error> {
    let row: Option<PersonRow> =
        db.one(&format!("{PERSON} person = $1"), values![person.0]).await?;
    Ok(row.map(PersonCopy::from))
}

pub(crate) async fn is_erased(db: &impl Read, person: PersonId) -> Result<bool, Error> {
    let erased: Option<bool> =
        db.scalar("select erased from person_copy where person = $1", values![person.0]).await?;
    Ok(erased.unwrap_or(false))
}

/// Whose addresses these are; they are in lower case.
pub(crate) async fn persons_by_mail(
    db: &impl Read,
    mails: &BTreeSet<String>,
) -> Result<HashMap<String, PersonCopy>, Error> {
    if mails.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("{PERSON} mail in {}", placeholders(1, mails.len()));
    let mails = mails.iter().map(|mail| mail.as_str().into()).collect();
    let rows: Vec<PersonRow> = db.all(&sql, mails).await?;
    let copies = rows.into_iter().map(PersonCopy::from);
    Ok(copies.map(|copy| (copy.mail.clone(), copy)).collect())
}
