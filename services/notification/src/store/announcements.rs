//! What is announced to all who were enrolled before it, and who they are.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, MessageId, PersonId};
use uuid::Uuid;

use super::{numbered, with_ids};
use crate::domain::Announcement;

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

const ENROLLED_THEN: &str = "select distinct e.person as id from enrolment_changes e \
     where e.course = $1 and e.changed_at < $2 and not e.cancelled and not exists \
     (select 1 from enrolment_changes later where later.enrolment = e.enrolment \
     and later.version > e.version and later.changed_at <= $2)";

/// Who was enrolled then: the next of them by id.
pub(crate) async fn enrolled_then(
    db: &impl Read,
    announcement: &Announcement,
    after: Option<PersonId>,
    most: usize,
) -> Result<Vec<PersonId>, Error> {
    let rows: Vec<Id> = db
        .all(
            &format!("{ENROLLED_THEN} and e.person > $3 order by id limit {most}"),
            values![
                announcement.course.0,
                announcement.published_at,
                after.map_or(Uuid::nil(), |person| person.0)
            ],
        )
        .await?;
    Ok(rows.into_iter().map(|row| PersonId(row.id)).collect())
}

/// Which of these were enrolled then.
pub(crate) async fn enrolled_then_among(
    db: &impl Read,
    announcement: &Announcement,
    persons: &[PersonId],
) -> Result<Vec<PersonId>, Error> {
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let sql =
        format!("{ENROLLED_THEN} and e.person in ({}) order by id", numbered(3, persons.len()));
    let values = values![announcement.course.0, announcement.published_at];
    let rows: Vec<Id> =
        db.all(&sql, with_ids(values, persons.iter().map(|person| person.0))).await?;
    Ok(rows.into_iter().map(|row| PersonId(row.id)).collect())
}

/// Writes an announcement down; `false` if the same was announced before.
pub(crate) async fn announce(tx: &mut Tx, announcement: &Announcement) -> Result<bool, Error> {
    let written = tx
        .execute(
            "insert into announcements (lesson, event, course, title, published_at, text) \
             values ($1, $2, $3, $4, $5, $6) on conflict (lesson) do nothing",
            values![
                announcement.subject,
                announcement.event,
                announcement.course.0,
                announcement.title.clone(),
                announcement.published_at,
                announcement.text.clone()
            ],
        )
        .await?;
    Ok(written == 1)
}

#[derive(FromQueryResult)]
struct AnnouncementRow {
    lesson: Uuid,
    event: Uuid,
    course: Uuid,
    title: String,
    published_at: DateTime<Utc>,
    text: Option<String>,
}

impl From<AnnouncementRow> for Announcement {
    fn from(row: AnnouncementRow) -> Self {
        Self {
            subject: row.lesson,
            event: row.event,
            course: CourseId(row.course),
            title: row.title,
            published_at: row.published_at,
            text: row.text,
        }
    }
}

pub(crate) async fn announcement(
    db: &impl Read,
    subject: Uuid,
) -> Result<Option<Announcement>, Error> {
    let row: Option<AnnouncementRow> = db
        .one(
            "select lesson, event, course, title, published_at, text from announcements \
             where lesson = $1",
            values![subject],
        )
        .await?;
    Ok(row.map(Announcement::from))
}

/// What was announced in these courses after a time.
pub(crate) async fn announced_after(
    db: &impl Read,
    courses: &[CourseId],
    time: DateTime<Utc>,
) -> Result<Vec<Announcement>, Error> {
    if courses.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select lesson, event, course, title, published_at, text from announcements \
         where published_at > $1 and course in ({}) order by lesson",
        numbered(2, courses.len())
    );
    let rows: Vec<AnnouncementRow> =
        db.all(&sql, with_ids(values![time], courses.iter().map(|course| course.0))).await?;
    Ok(rows.into_iter().map(Announcement::from).collect())
}

/// What an instructor wrote, in Markdown.
pub(crate) async fn message_text(
    db: &impl Read,
    message: MessageId,
) -> Result<Option<String>, Error> {
    db.scalar("select text from announcements where lesson = $1", values![message.0]).await
}
