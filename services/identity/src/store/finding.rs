//! Finding people: a page of those whose name or address holds a text, who have a role.

use bus::{Error, Read, Value, values};
use event::{PersonId, Role};
use uuid::Uuid;

use super::{PERSON, PersonRow, word};
use crate::domain::{Person, folded};

/// Whom somebody looks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// A part of the name or the address; everybody's, if empty.
    pub(crate) text: String,
    pub(crate) role: Option<Role>,
}

impl Wanted {
    fn condition(&self) -> (&'static str, Vec<Value>) {
        let sql = "erased_at is null and search_key like $1 escape '!' and roles like $2";
        let role = self.role.map_or_else(|| "%".to_owned(), |role| format!("%{}%", word(role)));
        (sql, values![format!("%{}%", literally(&folded(self.text.trim()))), role])
    }
}

/// What stands in a pattern for itself.
fn literally(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// In the order of their registration, after a given one.
pub(crate) async fn after(
    db: &impl Read,
    wanted: &Wanted,
    after: Option<PersonId>,
    most: u32,
) -> Result<Vec<Person>, Error> {
    let (condition, mut values) = wanted.condition();
    values.push(after.map_or(Uuid::nil(), |id| id.0).into());
    let sql = format!("{PERSON} where {condition} and id > $3 order by id limit {most}");
    let rows = db.all::<PersonRow>(&sql, values).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

/// By name.
pub(crate) async fn page(
    db: &impl Read,
    wanted: &Wanted,
    skip: u64,
    most: u64,
) -> Result<Vec<Person>, Error> {
    let (condition, values) = wanted.condition();
    let sql =
        format!("{PERSON} where {condition} order by search_key, id limit {most} offset {skip}");
    let rows = db.all::<PersonRow>(&sql, values).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

pub(crate) async fn count(db: &impl Read, wanted: &Wanted) -> Result<u64, Error> {
    let (condition, values) = wanted.condition();
    let sql = format!("select count(*) from person where {condition}");
    Ok(db.scalar::<i64>(&sql, values).await?.unwrap_or(0).unsigned_abs())
}
