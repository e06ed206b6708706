//! The index's and the timeline's SQL.

pub(crate) mod export;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bus::{
    BatchHandler, Error, FromQueryResult, Handler, Read, Tx, Value, placeholders, step::Copies,
    values,
};
use chrono::{DateTime, Utc};
use contract::{
    assessment::{AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted},
    catalog::{COURSES, LESSONS},
    identity::PERSONS,
    learning::LessonRead,
};
use event::{CourseId, Event as _, Language, PersonId};
use uuid::Uuid;

use crate::{
    domain::{Entry, Person, Weighted, Words},
    handlers::{IndexCourse, IndexLesson, KeepTimeline},
};

const DOCUMENT: &[(&str, &str)] = &[("term", "document"), ("document", "document")];

/// What this service copies of others.
pub const COPIES: &[Copies] = &[
    Copies {
        only: "kind = 'course'",
        tables: DOCUMENT,
        ..Copies::in_table(COURSES, IndexCourse::NAME, "document", "document")
    },
    Copies {
        only: "kind = 'lesson'",
        tables: DOCUMENT,
        ..Copies::in_table(LESSONS, IndexLesson::NAME, "document", "document")
    },
    // Who was erased is cut loose here, also if that was before the last backup.
    Copies {
        version: "cast(0 as bigint)",
        hash: "''",
        only: "erased",
        only_gone: true,
        ..Copies::in_table(PERSONS, KeepTimeline::NAME, "people", "person")
    },
];

/// A course or a lesson as it can be found, or a quiz, of which only the title is kept.
#[derive(Clone, Debug)]
pub struct Document {
    pub id: Uuid,
    /// Its course; of a course its own id.
    pub course: Uuid,
    pub kind: Kind,
    pub version: u64,
    /// Of what it was made from.
    pub hash: String,
    pub content: Option<Content>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Course,
    Lesson,
    Quiz,
}

/// What a document that is not withdrawn holds.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// A course's, for addresses.
    pub key: String,
    /// A course's; its lessons are in the same.
    pub language: Option<Language>,
    pub title: String,
    /// Without Markdown's marks.
    pub text: String,
    pub terms: Vec<Weighted>,
}

/// Takes a document if it is newer than what is there, or of another hash. A withdrawn one leaves a
/// tombstone, and no term.
pub async fn put(tx: &mut Tx, document: Document) -> Result<(), Error> {
    let shown = document.content.is_some();
    let content = document.content.unwrap_or_default();
    let kind = match document.kind {
        Kind::Course => "course",
        Kind::Lesson => "lesson",
        Kind::Quiz => "quiz",
    };
    let is_newer = tx
        .execute(
            "insert into document (document, course, kind, version, shown, key, language, title, text, \
             hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (document) do update set course = excluded.course, version = excluded.version, \
             shown = excluded.shown, key = excluded.key, language = excluded.language, \
             title = excluded.title, text = excluded.text, hash = excluded.hash \
             where document.version < excluded.version \
             or (document.version = excluded.version and document.hash <> excluded.hash)",
            values![
                document.id,
                document.course,
                kind,
                i64::try_from(document.version).unwrap_or(i64::MAX),
                shown,
                content.key,
                content.language.map_or("", Language::code),
                content.title,
                content.text,
                document.hash,
            ],
        )
        .await?;
    if is_newer == 0 {
        return Ok(());
    }
    tx.execute("delete from term where document = $1", values![document.id]).await?;
    let row = |Weighted { term, weight }| {
        values![term.into_bytes(), document.id, document.course, weight]
    };
    let rows = content.terms.into_iter().map(row).collect();
    tx.insert_many("insert into term (term, document, course, weight) values", rows, "").await?;
    Ok(())
}

/// A hit, with its course's words.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Hit {
    pub document: Uuid,
    pub kind: String,
    pub course: Uuid,
    pub course_key: String,
    pub course_title: String,
    pub language: String,
    pub title: String,
    /// The beginning, for the snippet.
    pub text: String,
    pub score: i64,
}

/// Where a page of hits ends, and the next begins.
#[derive(Clone, Copy, Debug)]
pub struct After {
    pub score: i64,
    pub document: Uuid,
}

/// The documents that hold all the words, best first. What belongs to a course that is not shown, or
/// not known yet, is not found. Which are the best is settled before any text is read.
pub async fn search(
    read: &impl Read,
    words: &Words,
    language: Option<Language>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Hit>, Error> {
    let after = after.unwrap_or(After { score: i64::MAX, document: Uuid::nil() });
    let language = language.map_or("", Language::code);
    let mut bound = values![after.score, after.document, language, limit];
    let mut parts = Vec::new();
    for (from, to) in words.ranges() {
        let at = bound.len();
        bound.extend(values![from, to]);
        parts.push(format!(
            "select document, course, \
             max(case when term = ${from} then weight * 2 else weight end) as weight \
             from term where term >= ${from} and term < ${to} group by document, course",
            from = at + 1,
            to = at + 2
        ));
    }
    let sql = format!(
        "select d.document, d.kind, d.course, c.key as course_key, c.title as course_title, c.language, \
         d.title, substr(d.text, 1, 50000) as text, best.score from (\
         select s.document, s.score from (\
         select document, course, cast(sum(weight) as bigint) as score from ({}) hits \
         group by document, course having count(*) = {}) s \
         join document c on c.document = s.course \
         where c.shown and ($3 = '' or c.language = $3) \
         and (s.score < $1 or (s.score = $1 and s.document > $2)) \
         order by s.score desc, s.document limit $4) best \
         join document d on d.document = best.document join document c on c.document = d.course \
         order by best.score desc, best.document",
        parts.join(" union all "),
        parts.len()
    );
    read.all(&sql, bound).await
}

/// Writes down who is in a batch, and gives those who are erased, now or before. It locks them until
/// the end, so that an erasure and an event that meet see each other.
pub async fn meet(tx: &mut Tx, people: BTreeMap<Uuid, bool>) -> Result<Vec<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Met {
        person: Uuid,
        erased: bool,
    }
    let rows = people.into_iter().map(|(person, erased)| values![person, erased]).collect();
    let met: Vec<Met> = tx
        .insert_many_returning(
            "insert into people (person, erased) values",
            rows,
            "on conflict (person) do update set erased = people.erased or excluded.erased \
             returning person, erased",
        )
        .await?;
    Ok(met.into_iter().filter(|met| met.erased).map(|met| met.person).collect())
}

/// An entry on its way into the table.
pub struct NewEntry {
    pub event: Uuid,
    pub event_type: String,
    pub happened_at: DateTime<Utc>,
    pub entry: Entry,
    /// Whether it is nobody's any more.
    pub cut: bool,
}

pub async fn add(tx: &mut Tx, entries: Vec<NewEntry>) -> Result<(), Error> {
    let rows = entries.into_iter().map(entry_values).collect::<Result<_, Error>>()?;
    tx.insert_many(
        "insert into entry (event, field, person, event_type, happened_at, course, ids) values",
        rows,
        "on conflict do nothing",
    )
    .await?;
    Ok(())
}

fn entry_values(new: NewEntry) -> Result<Vec<Value>, Error> {
    let (person, ids) = if new.cut {
        (None, "{}".to_owned())
    } else {
        (Some(new.entry.person), serde_json::to_string(&new.entry.ids)?)
    };
    Ok(values![
        new.event,
        new.entry.field,
        person,
        new.event_type,
        new.happened_at,
        new.entry.course,
        ids
    ])
}

/// Cuts what ties entries to these persons. The ids go too, for an enrolment's tells whose it was.
pub async fn cut(tx: &mut Tx, people: &[Person]) -> Result<(), Error> {
    for chunk in people.chunks(500) {
        let bound = chunk.iter().map(|person| person.person.into()).collect();
        let sql = format!(
            "update entry set person = null, ids = '{{}}' where person in {}",
            placeholders(1, chunk.len())
        );
        tx.execute(&sql, bound).await?;
    }
    Ok(())
}

/// An entry as a timeline shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Shown {
    pub event: Uuid,
    pub event_type: String,
    pub happened_at: DateTime<Utc>,
    pub course: Option<Uuid>,
    pub course_title: Option<String>,
    /// Of the titles; empty where the course did not say.
    pub course_language: Option<String>,
    /// Of the lesson that was read, while it is there, or of the quiz that was taken.
    #[sea_orm(skip)]
    pub step_title: Option<String>,
    pub ids: String,
}

impl Shown {
    /// The lesson that was read, or the quiz that was taken.
    fn step(&self) -> Option<Uuid> {
        let field = match self.event_type.as_str() {
            LessonRead::TYPE => "lesson",
            AttemptSubmitted::TYPE | AttemptAwaitsMarking::TYPE | AttemptGraded::TYPE => "quiz",
            _ => return None,
        };
        let ids: BTreeMap<String, Uuid> = serde_json::from_str(&self.ids).ok()?;
        ids.get(field).copied()
    }
}

/// Newest first, older than the given entry.
pub async fn timeline(
    read: &impl Read,
    person: PersonId,
    before: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Shown>, Error> {
    let mut shown: Vec<Shown> = read
        .all(
            "select e.event, e.event_type, e.happened_at, e.course, e.ids, \
             d.title as course_title, d.language as course_language \
             from entry e left join document d on d.document = e.course and d.shown \
             where e.person = $1 and (e.happened_at < $2 or (e.happened_at = $2 and e.event < $3)) \
             order by e.happened_at desc, e.event desc limit $4",
            values![person.0, before.0, before.1, limit],
        )
        .await?;
    let steps: Vec<Option<Uuid>> = shown.iter().map(Shown::step).collect();
    let titles = titles(read, steps.iter().flatten().copied().collect()).await?;
    for (row, step) in shown.iter_mut().zip(steps) {
        row.step_title = step.and_then(|step| titles.get(&step).cloned());
    }
    Ok(shown)
}

/// Of the lessons and quizzes that are there.
async fn titles(read: &impl Read, steps: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
    #[derive(FromQueryResult)]
    struct Titled {
        document: Uuid,
        title: String,
    }
    let (steps, mut titles): (Vec<Uuid>, _) = (steps.into_iter().collect(), HashMap::new());
    for chunk in steps.chunks(500) {
        let bound = chunk.iter().map(|step| (*step).into()).collect();
        let sql = format!(
            "select document, title from document where shown and document in {}",
            placeholders(1, chunk.len())
        );
        let found: Vec<Titled> = read.all(&sql, bound).await?;
        titles.extend(found.into_iter().map(|step| (step.document, step.title)));
    }
    Ok(titles)
}

#[derive(FromQueryResult)]
struct CopyRow {
    document: Uuid,
    version: i64,
}

/// The courses that are indexed, with the version of each.
pub async fn course_copies(read: &impl Read) -> Result<Vec<(CourseId, u64)>, Error> {
    let rows: Vec<CopyRow> = read
        .all(
            "select document, version from document where kind = 'course' order by document",
            values![],
        )
        .await?;
    let copies = rows.into_iter();
    Ok(copies
        .map(|row| (CourseId(row.document), u64::try_from(row.version).unwrap_or(0)))
        .collect())
}
