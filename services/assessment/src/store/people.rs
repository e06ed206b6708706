//! This service's copy of who there is: a name for each learner, to show and to find, and nothing
//! else.

use std::collections::BTreeMap;

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use contract::step::Stamp;
use event::{AttemptId, PersonId};
use uuid::Uuid;

use super::signed;
use crate::domain::fold;

/// What is known of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    Named(String),
    Erased,
}

/// Takes a person if they are newer than the copy, or of another hash; no name is a tombstone.
pub(crate) async fn copy_person(
    tx: &mut Tx,
    person: &Stamp,
    name: Option<&str>,
) -> Result<(), Error> {
    tx.execute(
        "insert into person_copy (person, version, erased, name, search_key, hash) \
         values ($1, $2, $3, $4, $5, $6) on conflict (person) do update set \
         version = excluded.version, erased = excluded.erased, name = excluded.name, \
         search_key = excluded.search_key, hash = excluded.hash \
         where person_copy.version < excluded.version \
         or (person_copy.version = excluded.version and person_copy.hash <> excluded.hash)",
        values![
            person.id,
            signed(person.version),
            name.is_none(),
            name.unwrap_or_default(),
            name.map(fold).unwrap_or_default(),
            person.hash.as_str()
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct WhoRow {
    person: Uuid,
    erased: bool,
    name: String,
}

/// Those of these persons of whom something is known.
pub(crate) async fn people(
    db: &impl Read,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, Who>, Error> {
    if persons.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "select person, erased, name from person_copy where person in {}",
        placeholders(1, persons.len())
    );
    let rows: Vec<WhoRow> =
        db.all(&sql, persons.iter().map(|person| person.0.into()).collect()).await?;
    let who = |row: WhoRow| {
        let who = if row.erased { Who::Erased } else { Who::Named(row.name) };
        (PersonId(row.person), who)
    };
    Ok(rows.into_iter().map(who).collect())
}

/// Whether nothing more may be kept of a person.
pub(crate) async fn is_erased(db: &impl Read, person: PersonId) -> Result<bool, Error> {
    let erased: Option<bool> =
        db.scalar("select erased from person_copy where person = $1", values![person.0]).await?;
    Ok(erased.unwrap_or(false))
}

#[derive(FromQueryResult)]
struct AttemptRow {
    id: Uuid,
    state: String,
}

/// What the answers of a person became.
pub(crate) enum Emptied {
    Done(Vec<AttemptId>),
    /// One is with the grader, who would write its answers anew.
    GradingFirst(AttemptId),
}

/// Takes a person's words out of their attempts: answers, comments and reasons go, marks stay. An attempt that
/// was not given in goes whole.
pub(crate) async fn empty_attempts(tx: &mut Tx, learner: PersonId) -> Result<Emptied, Error> {
    let rows: Vec<AttemptRow> = tx
        .all("select id, state from attempt where learner = $1 order by id", values![learner.0])
        .await?;
    if let Some(row) = rows.iter().find(|row| row.state == "submitted") {
        return Ok(Emptied::GradingFirst(AttemptId(row.id)));
    }
    tx.execute(
        "delete from attempt where learner = $1 and state = 'in_progress'",
        values![learner.0],
    )
    .await?;
    tx.execute(
        "update attempt set answers = '{}', hand_marks = '{}' where learner = $1",
        values![learner.0],
    )
    .await?;
    tx.execute(
        "update mark_correction set reason = '' where attempt in \
         (select id from attempt where learner = $1)",
        values![learner.0],
    )
    .await?;
    Ok(Emptied::Done(rows.into_iter().map(|row| AttemptId(row.id)).collect()))
}
