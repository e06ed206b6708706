//! What the other services were told of courses and lessons, for those who hold copies.

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use chrono::{DateTime, Utc};
use contract::catalog as told;
use uuid::Uuid;

use super::{Address, signed};
use crate::domain::Course;

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// The courses of which something was told, by id, after one.
pub async fn told_courses(
    read: &impl Read,
    after: Uuid,
    most: usize,
) -> Result<Vec<Course>, Error> {
    let sql = format!(
        "select id from course where told_version > 0 and id > $1 order by id limit {most}"
    );
    let rows: Vec<Id> = read.all(&sql, values![after]).await?;
    let ids: Vec<Uuid> = rows.into_iter().map(|row| row.id).collect();
    told_courses_of(read, &ids).await
}

/// Those of these courses of which something was told.
pub async fn told_courses_of(read: &impl Read, ids: &[Uuid]) -> Result<Vec<Course>, Error> {
    let mut courses = Vec::new();
    for id in ids {
        let course = super::course(read, &Address::Id(*id)).await?;
        courses.extend(course.filter(|course| course.told.version > 0));
    }
    Ok(courses)
}

/// A lesson as it was told last.
pub struct ToldLesson {
    pub lesson: told::Lesson,
    /// Otherwise it was taken away.
    pub shown: bool,
    pub changed_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct LessonRow {
    id: Uuid,
    course: Uuid,
    told_version: i64,
    told_shown: bool,
    title: String,
    text: String,
    minutes: i32,
    required: bool,
    initial: bool,
    published_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl LessonRow {
    fn told(self) -> ToldLesson {
        ToldLesson {
            shown: self.told_shown,
            changed_at: self.updated_at,
            lesson: told::Lesson {
                lesson: self.id.into(),
                course: self.course.into(),
                version: self.told_version.unsigned_abs(),
                title: self.title,
                text: self.text,
                minutes: self.minutes.unsigned_abs(),
                required: self.required,
                published_at: self.published_at.unwrap_or(self.updated_at),
                initial: self.initial,
            },
        }
    }
}

const LESSON: &str = "select l.id, l.course, l.told_version, l.told_shown, l.title, \
    coalesce(t.text, '') as text, l.minutes, l.required, l.initial, l.published_at, c.updated_at \
    from lesson l join course c on c.id = l.course left join lesson_text t on t.lesson = l.id \
    where l.told_version > 0 and";

/// The lessons of which something was told, by id, after one.
pub async fn told_lessons(
    read: &impl Read,
    after: Uuid,
    most: usize,
) -> Result<Vec<ToldLesson>, Error> {
    let sql = format!("{LESSON} l.id > $1 order by l.id limit {most}");
    let rows: Vec<LessonRow> = read.all(&sql, values![after]).await?;
    Ok(rows.into_iter().map(LessonRow::told).collect())
}

/// Those of these lessons of which something was told.
pub async fn told_lessons_of(read: &impl Read, ids: &[Uuid]) -> Result<Vec<ToldLesson>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{LESSON} l.id in {}", placeholders(1, ids.len()));
    let ids = ids.iter().map(|id| (*id).into()).collect();
    let rows: Vec<LessonRow> = read.all(&sql, ids).await?;
    Ok(rows.into_iter().map(LessonRow::told).collect())
}

/// Gives what was told in a lower version the one after this.
pub async fn overtake(tx: &mut Tx, table: Table, id: Uuid, version: u64) -> Result<(), Error> {
    const NEXT: &str = "case when version > $2 then version + 1 else $2 + 1 end";
    let rest = "where id = $1 and told_version > 0 and told_version < $2";
    let sql = match table {
        Table::Course => format!(
            "update course set version = {NEXT}, told_version = {NEXT}, revision = revision + 1 {rest}"
        ),
        Table::Lesson => {
            format!("update lesson set version = {NEXT}, told_version = {NEXT} {rest}")
        }
    };
    tx.execute(&sql, values![id, signed(version)]).await?;
    Ok(())
}

#[derive(Clone, Copy)]
pub enum Table {
    Course,
    Lesson,
}
