//! Where images of lessons lie in the file store, and what they show.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, FileReference, PersonId};
use uuid::Uuid;

use crate::domain::image::{Image, Kind, short};

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

/// The same image again takes the new description.
pub async fn put_image(tx: &mut Tx, course: CourseId, image: &Image) -> Result<(), Error> {
    tx.execute(
        "insert into image (id, course, file_key, sha256, size, media_type, width, height, description, \
         uploaded_at, uploaded_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict (course, sha256) do update set description = excluded.description",
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
    Ok(())
}

/// Gives whether any other course shows the same file.
pub async fn drop_image(tx: &mut Tx, course: CourseId, image: &Image) -> Result<bool, Error> {
    tx.execute("delete from image where course = $1 and id = $2", values![course.0, image.id])
        .await?;
    let others: Option<i64> = tx
        .scalar("select count(*) from image where sha256 = $1", values![image.file.sha256.as_str()])
        .await?;
    Ok(others.unwrap_or_default() > 0)
}
