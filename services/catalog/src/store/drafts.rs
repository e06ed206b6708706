//! Changed lessons that learners do not see yet.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, LessonId};
use uuid::Uuid;

use super::{signed, small};
use crate::domain::{Draft, LessonContent};

#[derive(FromQueryResult)]
struct DraftRow {
    lesson: Uuid,
    base: i64,
    revision: i64,
    title: String,
    text: String,
    minutes: i32,
    required: bool,
    saved_at: DateTime<Utc>,
    saved_by: Uuid,
}

impl DraftRow {
    fn into_draft(self) -> Draft {
        Draft {
            lesson: self.lesson.into(),
            base: self.base.unsigned_abs(),
            revision: self.revision.unsigned_abs(),
            content: LessonContent {
                title: self.title,
                text: self.text,
                minutes: self.minutes.unsigned_abs(),
                required: self.required,
            },
            saved_at: self.saved_at,
            saved_by: self.saved_by.into(),
        }
    }
}

const COLUMNS: &str =
    "lesson, base, revision, title, text, minutes, required, saved_at, saved_by from lesson_draft";

pub async fn draft(read: &impl Read, lesson: LessonId) -> Result<Option<Draft>, Error> {
    let sql = format!("select {COLUMNS} where lesson = $1");
    let row: Option<DraftRow> = read.one(&sql, values![lesson.0]).await?;
    Ok(row.map(DraftRow::into_draft))
}

/// All drafts of a course.
pub async fn drafts(read: &impl Read, course: CourseId) -> Result<Vec<Draft>, Error> {
    let sql = format!("select {COLUMNS} where course = $1 order by lesson");
    let rows: Vec<DraftRow> = read.all(&sql, values![course.0]).await?;
    Ok(rows.into_iter().map(DraftRow::into_draft).collect())
}

/// Writes a draft over the revision before it. Gives false, with nothing written, when somebody else
/// saved it since it was read.
pub async fn save_draft(tx: &mut Tx, course: CourseId, draft: &Draft) -> Result<bool, Error> {
    let written = tx
        .execute(
            "insert into lesson_draft (lesson, course, base, revision, title, text, minutes, required, \
             saved_at, saved_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (lesson) do update set base = excluded.base, revision = excluded.revision, \
             title = excluded.title, text = excluded.text, minutes = excluded.minutes, \
             required = excluded.required, saved_at = excluded.saved_at, saved_by = excluded.saved_by \
             where lesson_draft.revision = excluded.revision - 1",
            values![
                draft.lesson.0,
                course.0,
                signed(draft.base),
                signed(draft.revision),
                draft.content.title.as_str(),
                draft.content.text.as_str(),
                small(draft.content.minutes),
                draft.content.required,
                draft.saved_at,
                draft.saved_by.0,
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Lets go of a draft, if it is still the one that was read.
pub async fn drop_draft(tx: &mut Tx, draft: &Draft) -> Result<bool, Error> {
    let gone = tx
        .execute(
            "delete from lesson_draft where lesson = $1 and revision = $2",
            values![draft.lesson.0, signed(draft.revision)],
        )
        .await?;
    Ok(gone == 1)
}
