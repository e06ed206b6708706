//! Where images of lessons lie in the file store, what they show, and which of them nothing shows.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, FileReference, PersonId};
use uuid::Uuid;

use crate::domain::{
    Course,
    image::{Image, Kind, short},
};

#[derive(FromQueryResult)]
struct ImageRow {
    id: Uuid,
    file_key: String,
    sha256: String,
    size: i64,
    media_type: String,
    width: i32,
    height: i32,
    description: String,
    uploaded_at: DateTime<Utc>,
    uploaded_by: Uuid,
}

impl ImageRow {
    fn into_image(self) -> Option<Image> {
        Some(Image {
            id: self.id,
            kind: Kind::of_media_type(&self.media_type)?,
            file: FileReference {
                key: self.file_key,
                sha256: self.sha256,
                size: self.size.unsigned_abs(),
            },
            width: self.width.unsigned_abs(),
            height: self.height.unsigned_abs(),
            description: self.description,
            uploaded_at: self.uploaded_at,
            uploaded_by: PersonId(self.uploaded_by),
        })
    }
}

const COLUMNS: &str = "id, file_key, sha256, size, media_type, width, height, description, uploaded_at, \
                       uploaded_by from image";

/// A course's images before one, the newest first.
pub async fn images(
    read: &impl Read,
    course: CourseId,
    before: Uuid,
    most: usize,
) -> Result<Vec<Image>, Error> {
    let sql =
        format!("select {COLUMNS} where course = $1 and id < $2 order by id desc limit {most}");
    let rows: Vec<ImageRow> = read.all(&sql, values![course.0, before]).await?;
    Ok(rows.into_iter().filter_map(ImageRow::into_image).collect())
}

/// By the hash of its content, or its beginning as it stands in addresses.
pub async fn image(
    read: &impl Read,
    course: CourseId,
    sha256: &str,
) -> Result<Option<Image>, Error> {
    let sql = format!("select {COLUMNS} where course = $1 and substr(sha256, 1, 16) = $2");
    let row: Option<ImageRow> = read.one(&sql, values![course.0, short(sha256)]).await?;
    Ok(row.and_then(ImageRow::into_image))
}

pub async fn count_images(read: &impl Read, course: CourseId) -> Result<i64, Error> {
    let count = read.scalar("select count(*) from image where course = $1", values![course.0]);
    Ok(count.await?.unwrap_or_default())
}

/// The same image again takes the new description, and keeps the file that it has. Gives whether that is this
/// one's.
pub async fn put_image(tx: &mut Tx, course: CourseId, image: &Image) -> Result<bool, Error> {
    let kept: Option<String> = tx
        .scalar(
            "insert into image (id, course, file_key, sha256, size, media_type, width, height, description, \
             uploaded_at, uploaded_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             on conflict (course, sha256) do update set description = excluded.description \
             returning file_key",
            values![
                image.id,
                course.0,
                image.file.key.as_str(),
                image.file.sha256.as_str(),
                i64::try_from(image.file.size).unwrap_or(i64::MAX),
                image.kind.media_type(),
                super::small(image.width),
                super::small(image.height),
                image.description.as_str(),
                image.uploaded_at,
                image.uploaded_by.0,
            ],
        )
        .await?;
    Ok(kept.as_deref() == Some(image.file.key.as_str()))
}

/// Gives whether another image names the same file, as those may that were sent before each had its own.
pub async fn drop_image(tx: &mut Tx, course: CourseId, image: &Image) -> Result<bool, Error> {
    tx.execute("delete from image where course = $1 and id = $2", values![course.0, image.id])
        .await?;
    let others: Option<i64> = tx
        .scalar("select count(*) from image where file_key = $1", values![image.file.key.as_str()])
        .await?;
    Ok(others.unwrap_or_default() > 0)
}

/// Whether a text holds what stands of the image's hash in its address.
const NAMES_IT: &str = "like '%' || substr(image.sha256, 1, 16) || '%'";

/// Images of a course that were sent before then, and that nothing in the course shows: no lesson, no draft, and
/// not its summary. The oldest first.
pub async fn unshown_images(
    read: &impl Read,
    course: CourseId,
    before: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Image>, Error> {
    let sql = format!(
        "select {COLUMNS} where image.course = $1 and image.uploaded_at < $2 \
         and not exists (select 1 from course c where c.id = image.course and c.summary {NAMES_IT}) \
         and not exists (select 1 from lesson l join lesson_text t on t.lesson = l.id \
         where l.course = image.course and t.text {NAMES_IT}) \
         and not exists (select 1 from lesson_draft d where d.course = image.course \
         and d.text {NAMES_IT}) order by image.id limit {most}"
    );
    let rows: Vec<ImageRow> = read.all(&sql, values![course.0, before]).await?;
    Ok(rows.into_iter().filter_map(ImageRow::into_image).collect())
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

/// The texts of all courses that show any image of this one: lessons, drafts and summaries.
pub async fn texts_with_images_of(read: &impl Read, course: &Course) -> Result<Vec<String>, Error> {
    let within = |address: &str| format!("%/courses/{address}/images/%");
    let rows: Vec<TextRow> = read
        .all(
            "select text from lesson_text where text like $1 or text like $2 \
             union all select text from lesson_draft where text like $1 or text like $2 \
             union all select summary as text from course where summary like $1 or summary like $2",
            values![within(&course.key), within(&course.id.to_string())],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}
