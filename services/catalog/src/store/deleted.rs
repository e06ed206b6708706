//! Courses that are deleted, and what is remembered of them.

use bus::{Error, Read, Tx, values};
use event::CourseId;

use crate::domain::Course;

/// Deletes a course with all that is in it. Gives false, with nothing
/// deleted, when somebody else saved it since it was read.
pub async fn delete_course(tx: &mut Tx, course: &Course) -> Result<bool, Error> {
    let id = course.id.0;
    let sql = "delete from course where id = $1 and revision = $2";
    if tx.execute(sql, values![id, course.revision]).await? == 0 {
        return Ok(false);
    }
    let sql = "delete from lesson_text where lesson in (select id from lesson where course = $1)";
    tx.execute(sql, values![id]).await?;
    for table in ["lesson_draft", "lesson", "section", "quiz_place", "image"] {
        tx.execute(&format!("delete from {table} where course = $1"), values![id]).await?;
    }
    tx.execute(
        "insert into deleted_course (id, revision) values ($1, $2) \
         on conflict (id) do update set revision = deleted_course.revision + excluded.revision",
        values![id, course.revision],
    )
    .await?;
    Ok(true)
}

/// How far the revisions had come of those courses that had this id before: their key is used again.
pub async fn revisions_before(read: &impl Read, course: CourseId) -> Result<i64, Error> {
    let sql = "select revision from deleted_course where id = $1";
    Ok(read.scalar(sql, values![course.0]).await?.unwrap_or_default())
}
