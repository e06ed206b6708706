//! Deleting a draft that was a mistake.

use bus::Db;
use uuid::Uuid;

use super::{CommandError, editable, images};
use crate::{
    domain::{Editor, image},
    store::{self, Address},
};

/// Deletes a course of which nobody was ever told, with its images.
pub async fn delete(db: &Db, editor: Editor, address: &Address) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    course.may_be_deleted()?;
    let most = usize::try_from(image::MOST).unwrap_or(usize::MAX);
    for image in store::images(&tx, course.id, Uuid::max(), most).await? {
        images::remove(&mut tx, course.id, &image).await?;
    }
    if !store::delete_course(&mut tx, &course).await? {
        return Err(CommandError::Conflict);
    }
    tx.commit().await?;
    Ok(())
}
