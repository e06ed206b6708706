//! Deleting a draft that was a mistake.

use bus::{Db, Files};
use uuid::Uuid;

use super::{CommandError, editable};
use crate::{
    domain::{Editor, image},
    store::{self, Address},
};

/// Deletes a course of which nobody was ever told, with the files of its images that no other course shows.
pub async fn delete(
    db: &Db,
    files: &Files,
    editor: Editor,
    address: &Address,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    course.may_be_deleted()?;
    let most = usize::try_from(image::MOST).unwrap_or(usize::MAX);
    let mut unused = Vec::new();
    for image in store::images(&tx, course.id, Uuid::max(), most).await? {
        if !store::drop_image(&mut tx, course.id, &image).await? {
            unused.push(image.file);
        }
    }
    if !store::delete_course(&mut tx, &course).await? {
        return Err(CommandError::Conflict);
    }
    tx.commit().await?;
    for file in unused {
        files.delete(&file).await?;
    }
    Ok(())
}
