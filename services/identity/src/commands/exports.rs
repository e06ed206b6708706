//! Exports: a person asks for everything that is kept of them; each service writes its part into the file
//! store; once all are there they become one archive, which goes when it expires or its person is erased.

use bus::{Db, Error, FileReference, Read, Tx};
use chrono::TimeDelta;
use contract::{
    export,
    identity::{ExportReady, ExportRequested},
    own::ExportExpired,
};
use event::{ExportId, PersonId};

use super::{CommandError, told};
use crate::{
    domain::Person,
    effects::{Assemble, AssembleJob, DeleteFiles},
    store::{
        self,
        exports::{self as rows, Export, Part},
    },
};

/// How long an archive can be downloaded.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(7);
/// Who else keeps something of a person, in the order in which an archive tells it.
pub(crate) const SERVICES: [&str; 6] =
    ["learning", "assessment", "certification", "notification", "catalog", "insight"];

/// Asks for one. While one is on its way, asking again is the same; one that is ready is replaced.
pub(crate) async fn request(db: &Db, person: &Person) -> Result<Export, CommandError> {
    let mut tx = db.begin().await?;
    if let Some(before) = rows::export_of(&tx, person.id).await? {
        if before.archive.is_none() && before.failed_at.is_none() {
            return Ok(before);
        }
        discard(&mut tx, &before).await?;
    }
    let (id, requested_at) = (ExportId::new(), tx.now());
    let export = Export {
        id,
        person: person.id,
        language: person.language,
        requested_at,
        expires_at: requested_at + KEPT,
        collected_at: None,
        failed_at: None,
        archive: None,
    };
    if !rows::insert(&mut tx, &export).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    tx.publish(&ExportRequested { export: id, person: person.id, requested_at })?;
    tx.publish_at(&ExportExpired { export: id }, export.expires_at, &expiry(id)).await?;
    tx.commit().await?;
    Ok(export)
}

/// Where an export stands for those who look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// These services have not written their part yet; none, while the archive is made.
    Underway(Vec<&'static str>),
    Ready,
    Failed,
}

pub(crate) async fn standing(db: &impl Read, export: &Export) -> Result<Standing, Error> {
    if export.archive.is_some() {
        return Ok(Standing::Ready);
    }
    if export.failed_at.is_some() {
        return Ok(Standing::Failed);
    }
    let parts = rows::parts(db, export.id).await?;
    let is_missing = |service: &&str| !parts.iter().any(|part| part.service == *service);
    Ok(Standing::Underway(SERVICES.into_iter().filter(is_missing).collect()))
}

/// A service wrote its part. Whatever nobody waits for any more is deleted.
pub(crate) async fn take_part(
    tx: &mut Tx,
    service: &str,
    part: &export::Part,
) -> Result<(), CommandError> {
    let awaited = rows::export(tx, part.export).await?;
    let awaited = awaited.filter(|export| export.person == part.person);
    let Some(export) = awaited.filter(|export| export.collected_at.is_none()) else {
        return Ok(delete(tx, &part.file.key, vec![part.file.clone()])?);
    };
    let written = Part {
        service: service.to_owned(),
        file: part.file.clone(),
        documents: part.documents.clone(),
    };
    rows::add_part(tx, export.id, &written).await?;
    let parts = rows::parts(tx, export.id).await?;
    let is_whole = SERVICES.iter().all(|service| parts.iter().any(|part| part.service == *service));
    if is_whole && rows::collect(tx, export.id).await? {
        assemble(tx, &export, parts).await?;
    }
    Ok(())
}

async fn assemble(tx: &mut Tx, export: &Export, parts: Vec<Part>) -> Result<(), CommandError> {
    let Some(person) = store::person(tx, export.person).await? else {
        return Ok(discard(tx, export).await?);
    };
    let job = AssembleJob {
        export: export.id,
        person: person.id,
        language: export.language,
        time_zone: person.time_zone,
        made_at: tx.now(),
        own: serde_json::to_value(told(&person)).map_err(Error::from)?,
        parts: parts.into_iter().map(Into::into).collect(),
    };
    tx.request::<Assemble>(&export.id.to_string(), &job)?;
    Ok(())
}

/// The archive is written. If nobody wants it any more, it goes at once.
pub(crate) async fn finish(
    tx: &mut Tx,
    job: &AssembleJob,
    archive: FileReference,
) -> Result<(), CommandError> {
    let (ready_at, expires_at) = (tx.now(), tx.now() + KEPT);
    if !rows::finish(tx, job.export, &archive, expires_at).await? {
        return Ok(delete(tx, &archive.key, vec![archive.clone()])?);
    }
    rows::forget_parts(tx, job.export).await?;
    let parts = job.parts.iter().map(|part| part.file.clone()).collect();
    delete(tx, &format!("{}/parts", job.export), parts)?;
    tx.publish_at(&ExportExpired { export: job.export }, expires_at, &expiry(job.export)).await?;
    let (export, person) = (job.export, job.person);
    tx.publish(&ExportReady { export, person, ready_at, expires_at })?;
    Ok(())
}

/// Its time is over.
pub(crate) async fn expire(tx: &mut Tx, id: ExportId) -> Result<(), CommandError> {
    let now = tx.now();
    match rows::export(tx, id).await?.filter(|export| export.expires_at <= now) {
        Some(export) => Ok(discard(tx, &export).await?),
        None => Ok(()),
    }
}

/// Whatever there is of a person's export goes.
pub(crate) async fn discard_of(tx: &mut Tx, person: PersonId) -> Result<(), CommandError> {
    match rows::export_of(tx, person).await? {
        Some(export) => Ok(discard(tx, &export).await?),
        None => Ok(()),
    }
}

async fn discard(tx: &mut Tx, export: &Export) -> Result<(), Error> {
    let parts = rows::parts(tx, export.id).await?;
    let files = parts.into_iter().map(|part| part.file).chain(export.archive.clone()).collect();
    rows::delete(tx, export.id).await?;
    tx.cancel(&expiry(export.id)).await?;
    delete(tx, &export.id.to_string(), files)
}

fn delete(tx: &mut Tx, key: &str, files: Vec<FileReference>) -> Result<(), Error> {
    if files.is_empty() { Ok(()) } else { tx.request::<DeleteFiles>(key, &files) }
}

fn expiry(export: ExportId) -> String {
    format!("export/{export}")
}
