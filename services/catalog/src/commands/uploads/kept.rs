//! Uploads that wait for a yes or a no: where their files lie, and who takes these away in the end.
//!
//! Each has its files in folders of its own. So nothing else names them, and until a course has taken them over they
//! can be deleted whatever others send at the same moment.

use bus::{Db, Files, Tx};
use chrono::TimeDelta;
use contract::own::UploadExpired;
use event::{FileReference, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{super::images, CommandError, Questions, Upload, UploadedImage};
use crate::{
    domain::Refusal,
    effects::DeleteFiles,
    import::upload::{self as received, Files as ReadFiles},
    store::{self, UploadRow},
};

const UPLOADS: &str = "uploads";
/// Nobody decides later than that.
pub const WAITS: TimeDelta = TimeDelta::days(30);

/// What stands in the database of an upload.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// All that was read.
    #[serde(flatten)]
    whole: FileReference,
    /// What came with it. None of one that was kept before it had folders of its own: courses may show those files.
    #[serde(default)]
    files: Vec<FileReference>,
}

impl Stored {
    fn parse(row: &UploadRow) -> Result<Self, bus::Error> {
        Ok(serde_json::from_str(&row.content)?)
    }

    /// All of them but these.
    fn without(self, used: &[FileReference]) -> Vec<FileReference> {
        let unused = self.files.into_iter().filter(|file| !used.contains(file));
        unused.chain([self.whole]).collect()
    }
}

/// Keeps what was read of an upload until its owner decides. Gives its id.
pub async fn keep(
    db: &Db,
    files: &Files,
    person: PersonId,
    read: ReadFiles,
) -> Result<Uuid, CommandError> {
    let id = event::fresh_uuid();
    let questions = keep_questions(files, id, read.questions).await?;
    let images = keep_pictures(files, id, read.pictures).await?;
    let named = questions.iter().map(|it| &it.file).chain(images.iter().map(|it| &it.file));
    let own: Vec<FileReference> = named.cloned().collect();
    let (source, left_out, notes) = (read.source, read.left_out, read.notes);
    let upload = Upload { id, source, questions, images, left_out, notes };
    let content = serde_json::to_vec(&upload).map_err(bus::Error::from)?;
    let whole = files.put(UPLOADS, "json", content).await?;
    let stored = Stored { whole, files: own };
    let stored = serde_json::to_string(&stored).map_err(bus::Error::from)?;
    let mut tx = db.begin().await?;
    for before in store::put_upload(&mut tx, id, person, &stored).await? {
        let_go(&mut tx, &before, &[]).await?;
    }
    let due = tx.now() + WAITS;
    tx.publish_at(&UploadExpired { upload: id }, due, &expiry(id)).await?;
    tx.commit().await?;
    Ok(id)
}

async fn keep_questions(
    files: &Files,
    id: Uuid,
    read: Vec<received::Questions>,
) -> Result<Vec<Questions>, CommandError> {
    let folder = format!("questions/{id}");
    let mut kept = Vec::new();
    for found in read {
        let file = files.put(&folder, "gift", found.bytes).await?;
        kept.push(Questions { key: found.key, uploaded_as: found.name, file });
    }
    Ok(kept)
}

async fn keep_pictures(
    files: &Files,
    id: Uuid,
    read: Vec<received::Picture>,
) -> Result<Vec<UploadedImage>, CommandError> {
    let folder = images::folder(id);
    let mut kept = Vec::new();
    for picture in read {
        let ending = picture.measured.kind.ending();
        kept.push(UploadedImage {
            media_type: picture.measured.kind.media_type().to_owned(),
            file: files.put(&folder, ending, picture.bytes).await?,
            width: picture.measured.width,
            height: picture.measured.height,
            description: picture.description,
        });
    }
    Ok(kept)
}

/// What somebody uploaded.
pub async fn read(
    db: &Db,
    files: &Files,
    person: PersonId,
    id: Uuid,
) -> Result<Upload, CommandError> {
    let row = store::upload(db, id, person).await?.ok_or(Refusal::Missing("upload"))?;
    let bytes = files.get(&Stored::parse(&row)?.whole).await?;
    Ok(serde_json::from_slice(&bytes).map_err(bus::Error::from)?)
}

/// Lets go of somebody's upload; one that is gone is gone already.
pub async fn discard(db: &Db, person: PersonId, id: Uuid) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    if store::upload(&tx, id, person).await?.is_some() {
        throw_away(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Throws an upload away with all that came with it, if it still waits.
pub async fn throw_away(tx: &mut Tx, id: Uuid) -> Result<(), bus::Error> {
    match store::take_upload(tx, id).await? {
        Some(taken) => let_go(tx, &taken, &[]).await,
        None => Ok(()),
    }
}

/// An upload waits no more: has its files deleted but those that are used.
pub(super) async fn let_go(
    tx: &mut Tx,
    taken: &UploadRow,
    used: &[FileReference],
) -> Result<(), bus::Error> {
    tx.cancel(&expiry(taken.id)).await?;
    let unused = Stored::parse(taken)?.without(used);
    tx.request::<DeleteFiles>(&taken.id.to_string(), &unused)
}

fn expiry(upload: Uuid) -> String {
    format!("upload/{upload}")
}
