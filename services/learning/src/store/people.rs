//! Copies of persons: who is enrolled, as those see it who teach.

use std::collections::{BTreeSet, HashMap};

use bus::{Error, FromQueryResult, Read, Tx, Value, placeholders, values};
use contract::{
    identity::{Person, PersonErased},
    step::{GONE, hash},
};
use event::PersonId;
use uuid::Uuid;

use super::{forget_uploaded, hold_enrolments_of, place_in_rosters, signed};
use crate::domain::fold;

/// Keeps others from what is known of a person until the transaction ends, and from giving them a first seat:
/// neither may be there yet, so no row can be held. Persons come before seats, and uploads before both.
pub(crate) async fn hold_person(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.alone(&format!("learning/person/{person}")).await
}

/// Takes a person if they are newer than the copy, or of another hash.
pub(crate) async fn copy_person(tx: &mut Tx, person: &Person) -> Result<(), Error> {
    hold_person(tx, person.person).await?;
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
    hold_person(tx, erased.person).await?;
    forget_uploaded(tx, erased.person).await?;
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
    if taken == 0 {
        return Ok(());
    }
    hold_enrolments_of(tx, person).await?;
    place_in_rosters(tx, person, None).await
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

/// Whose addresses these are; they are in lower case. None of these persons is changed or erased before this
/// transaction ends.
pub(crate) async fn hold_persons_by_mail(
    tx: &mut Tx,
    mails: &BTreeSet<String>,
) -> Result<HashMap<String, PersonCopy>, Error> {
    let known = persons_by_mail(tx, mails).await?;
    let known: BTreeSet<PersonId> = known.into_values().map(|copy| copy.person).collect();
    for person in known {
        hold_person(tx, person).await?;
    }
    persons_by_mail(tx, mails).await
}

async fn persons_by_mail(
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
