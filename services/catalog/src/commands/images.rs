//! Images of lessons: looked into, stored under their hash, named in the database; and deleted.
//!
//! In the file store each lies in a folder of its own, or in that of the upload with which it came. So nothing
//! else ever names its file, and it can be deleted whatever others send at the same moment. What was sent before
//! that lies in one folder under its hash, and goes with the last image that names it.

use bus::{Db, Files, Tx};
use chrono::TimeDelta;
use event::{CourseId, PersonId};
use uuid::Uuid;

use super::{CommandError, editable};
use crate::{
    domain::{
        Editor, Refusal, Unfit,
        image::{self, Image, Measured, short},
    },
    effects::DeleteFiles,
    store::{self, Address},
};

/// Younger images may be on their way into a text.
const GRACE: TimeDelta = TimeDelta::days(1);
/// Of those that nothing shows, so many are looked at at once.
const UNSHOWN: usize = 60;

/// Where images lie in the file store that came with this upload, or where this image does.
pub(super) fn folder(of: Uuid) -> String {
    format!("images/{of}")
}

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
    if !store::put_image(&mut tx, course.id, &image).await? {
        delete_file(&mut tx, &image)?;
    }
    tx.commit().await?;
    Ok(image)
}

/// Puts an image into the file store.
async fn keep(
    files: &Files,
    person: PersonId,
    measured: Measured,
    bytes: Vec<u8>,
    description: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Image, CommandError> {
    let id = event::fresh_uuid();
    let file = files.put(&folder(id), measured.kind.ending(), bytes).await?;
    Ok(Image {
        id,
        kind: measured.kind,
        file,
        width: measured.width,
        height: measured.height,
        description,
        uploaded_at: now,
        uploaded_by: person,
    })
}

/// Deletes an image; one that is not there is deleted already.
pub async fn delete(
    db: &Db,
    editor: Editor,
    address: &Address,
    sha256: &str,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    let Some(image) = store::image(&tx, course.id, sha256).await? else {
        return Ok(());
    };
    remove(&mut tx, course.id, &image).await?;
    tx.commit().await?;
    Ok(())
}

/// Images of a course that nothing in it shows, but for those that were sent just now.
pub async fn unshown(db: &Db, course: CourseId) -> Result<Vec<Image>, bus::Error> {
    store::unshown_images(db, course, db.now() - GRACE, UNSHOWN).await
}

/// Deletes those of these images, by their hashes as in addresses, that nothing shows: what a text of this course
/// shows by now, or one of another, stays.
pub async fn delete_unshown(
    db: &Db,
    editor: Editor,
    address: &Address,
    chosen: &[&str],
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let course = editable(&tx, editor, address).await?;
    let sent_before = tx.now() - GRACE;
    let texts = store::texts_with_images_of(&tx, &course).await?;
    for image in store::unshown_images(&tx, course.id, sent_before, UNSHOWN).await? {
        let name = short(&image.file.sha256);
        if chosen.contains(&name) && !texts.iter().any(|text| text.contains(name)) {
            remove(&mut tx, course.id, &image).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Takes an image away, and has its file deleted.
pub(super) async fn remove(tx: &mut Tx, course: CourseId, image: &Image) -> Result<(), bus::Error> {
    if store::drop_image(tx, course, image).await? { Ok(()) } else { delete_file(tx, image) }
}

fn delete_file(tx: &mut Tx, image: &Image) -> Result<(), bus::Error> {
    tx.request::<DeleteFiles>(&image.id.to_string(), &vec![image.file.clone()])
}
