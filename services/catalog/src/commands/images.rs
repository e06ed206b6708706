//! Images of lessons: looked into, stored under their hash, named in the database.

use bus::{Db, Files};
use event::PersonId;

use super::{CommandError, editable};
use crate::{
    domain::{
        Editor, Refusal, Unfit,
        image::{self, Image, Measured},
    },
    store::{self, Address},
};

/// Where images lie in the file store.
pub(crate) const FOLDER: &str = "images";

/// An image that is to be a course's.
pub struct NewImage {
    pub bytes: Vec<u8>,
    pub description: String,
}

/// Stores an image. The same one again takes the new description.
pub async fn add(
    db: &Db,
    files: &Files,
    editor: Editor,
    address: &Address,
    new: NewImage,
) -> Result<Image, CommandError> {
    let course = editable(db, editor, address).await?;
    let measured = image::measure(&new.bytes)?;
    let description = image::description(&new.description)?;
    if store::count_images(db, course.id).await? >= image::MOST {
        return Err(Refusal::field("file", Unfit::TooManyImages).into());
    }
    let image = keep(files, editor.person, measured, new.bytes, description, db.now()).await?;
    let mut tx = db.begin().await?;
    store::put_image(&mut tx, course.id, &image).await?;
    tx.commit().await?;
    Ok(image)
}

/// Puts an image into the file store.
pub(super) async fn keep(
    files: &Files,
    person: PersonId,
    measured: Measured,
    bytes: Vec<u8>,
    description: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Image, CommandError> {
    let file = files.put(FOLDER, measured.kind.ending(), bytes).await?;
    Ok(Image {
        id: event::fresh_uuid(),
        kind: measured.kind,
        file,
        width: measured.width,
        height: measured.height,
        description,
        uploaded_at: now,
        uploaded_by: person,
    })
}

/// Deletes an image; one that is not there is deleted already. Its file goes with the last course that
/// shows it.
pub async fn delete(
    db: &Db,
    files: &Files,
    editor: Editor,
    address: &Address,
    sha256: &str,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    let Some(image) = store::image(&tx, course.id, sha256).await? else {
        return Ok(());
    };
    let is_used_elsewhere = store::drop_image(&mut tx, course.id, &image).await?;
    tx.commit().await?;
    if !is_used_elsewhere {
        files.delete(&image.file).await?;
    }
    Ok(())
}
