//! Finding people: a page of those whose name or address holds a text, who have a role.

use bus::{Error, Read, Value, containing};
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
    /// No more than is asked for: a pattern that fits everybody takes as long as one that does not.
    fn condition(&self) -> (String, Vec<Value>) {
        let (mut sql, mut values) = ("erased_at is null".to_owned(), Vec::new());
        let text = Some(folded(self.text.trim())).filter(|text| !text.is_empty());
        let text = text.map(|text| ("search_key", containing(&text)));
        let role = self.role.map(|role| ("roles", containing(word(role))));
        for (column, pattern) in text.into_iter().chain(role) {
            values.push(Value::from(pattern));
            sql += &format!(" and {column} like ${} escape '!'", values.len());
        }
        (sql, values)
    }
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
    let at = values.len();
    let sql = format!("{PERSON} where {condition} and id > ${at} order by id limit {most}");
    let rows = db.all::<PersonRow>(&sql, values).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

/// By name. Who they are is told by the index alone, and only their own rows are read.
pub(crate) async fn page(
    db: &impl Read,
    wanted: &Wanted,
    skip: u64,
    most: u64,
) -> Result<Vec<Person>, Error> {
    let (condition, values) = wanted.condition();
    let sql = format!(
        "{PERSON} where id in (select id from person where {condition} \
         order by search_key, id limit {most} offset {skip}) order by search_key, id"
    );
    let rows = db.all::<PersonRow>(&sql, values).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

pub(crate) async fn count(db: &impl Read, wanted: &Wanted) -> Result<u64, Error> {
    let (condition, values) = wanted.condition();
    let sql = format!("select count(*) from person where {condition}");
    Ok(db.scalar::<i64>(&sql, values).await?.unwrap_or(0).unsigned_abs())
}
