//! Lists of courses, a page at a time by their keys.

use bus::{Error, FromQueryResult, Read, Value, values};
use chrono::{DateTime, Utc};
use event::Language;
use uuid::Uuid;

use super::state_text;
use crate::domain::State;

/// A course as a list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Listed {
    pub id: Uuid,
    pub key: String,
    pub state: String,
    pub version: i64,
    pub language: String,
    pub title: String,
    pub summary: String,
    pub minutes: i32,
    pub design: String,
    pub updated_at: DateTime<Utc>,
    /// Published lessons.
    pub lessons: i64,
    pub quizzes: i64,
    /// Lessons that are written and not shown, new or changed.
    pub waiting: i64,
}

/// Which courses a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub language: Option<Language>,
    /// All of them stand in the title or the summary; folded.
    pub words: Vec<String>,
    /// Those that this person may edit, in any state; otherwise those that are published.
    pub editable_by: Option<Uuid>,
    /// With `editable_by`: everything.
    pub all: bool,
    /// With `editable_by`: in this state alone.
    pub state: Option<State>,
    /// Keys after this one.
    pub after: String,
    /// So many of them are left out.
    pub offset: i64,
    pub limit: i64,
}

const COLUMNS: &str = "id, key, state, version, language, title, summary, minutes, design, updated_at, \
    (select count(*) from lesson l where l.course = course.id and l.state = 'published') as lessons, \
    (select count(*) from quiz_place q where q.course = course.id) as quizzes, \
    (select count(*) from lesson l where l.course = course.id and l.state = 'draft') \
    + (select count(*) from lesson_draft d where d.course = course.id) as waiting";

pub async fn list(read: &impl Read, filter: &Filter) -> Result<Vec<Listed>, Error> {
    let (condition, mut values) = condition(filter);
    values.push(filter.after.as_str().into());
    values.push(filter.limit.into());
    values.push(filter.offset.into());
    let (after, limit, offset) = (values.len() - 2, values.len() - 1, values.len());
    let sql = format!(
        "select {COLUMNS} from course where {condition} and key > ${after} \
         order by key limit ${limit} offset ${offset}"
    );
    read.all(&sql, values).await
}

/// How many there are on all pages together.
pub async fn count(read: &impl Read, filter: &Filter) -> Result<i64, Error> {
    let (condition, values) = condition(filter);
    let sql = format!("select count(*) from course where {condition}");
    Ok(read.scalar(&sql, values).await?.unwrap_or_default())
}

fn condition(filter: &Filter) -> (String, Vec<Value>) {
    let whose = match filter.editable_by {
        None => "state = 'published' and $2 = $2",
        Some(_) if filter.all => "$2 = $2",
        Some(_) => "(instructor is null or instructor = $2)",
    };
    let language = filter.language.map_or("", Language::code);
    let mut condition = format!("($1 = '' or language = $1) and {whose}");
    let mut values = values![language, filter.editable_by.unwrap_or_default()];
    if let Some(state) = filter.state {
        values.push(state_text(state).into());
        condition.push_str(&format!(" and state = ${}", values.len()));
    }
    for word in &filter.words {
        values.push(format!("%{}%", word.replace(['%', '_', '!'], "")).into());
        condition.push_str(&format!(" and search_text like ${}", values.len()));
    }
    (condition, values)
}
