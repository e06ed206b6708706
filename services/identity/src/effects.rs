//! The outside world of `identity`: archives of exports, and deleting files that nobody may read any more.

use bus::{Effect, EffectFailure, Ending, FileReference, Files, FilesError, Handled, Tx};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use event::{ExportId, Language, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{archive::Archive, commands::exports, readable, store};

/// Makes one archive of the parts that all services wrote.
pub(crate) struct Assemble {
    pub(crate) files: Files,
}

/// Complete: the same job gives the same bytes, however often it is done.
#[derive(Serialize, Deserialize)]
pub(crate) struct AssembleJob {
    pub(crate) export: ExportId,
    pub(crate) person: PersonId,
    pub(crate) language: Language,
    pub(crate) time_zone: Tz,
    pub(crate) made_at: DateTime<Utc>,
    /// What identity itself keeps.
    pub(crate) own: Value,
    pub(crate) parts: Vec<JobPart>,
}

/// What one service wrote.
#[derive(Serialize, Deserialize)]
pub(crate) struct JobPart {
    pub(crate) service: String,
    pub(crate) file: FileReference,
    pub(crate) documents: Vec<FileReference>,
}

impl From<store::exports::Part> for JobPart {
    fn from(part: store::exports::Part) -> Self {
        Self { service: part.service, file: part.file, documents: part.documents }
    }
}

impl Effect for Assemble {
    const NAME: &'static str = "identity.assemble-export";
    type Job = AssembleJob;
    type Outcome = FileReference;
    const REPEATABLE: bool = true;
    const CONCURRENCY: usize = 2;

    async fn perform(&self, job: &AssembleJob) -> Result<FileReference, EffectFailure> {
        let mut archive = Archive::new(job.made_at);
        let mut content = vec![("identity".to_owned(), job.own.clone())];
        for service in exports::SERVICES {
            let Some(part) = job.parts.iter().find(|part| part.service == service) else {
                continue;
            };
            let bytes = self.files.get(&part.file).await.map_err(failed)?;
            content.push((part.service.clone(), serde_json::from_slice(&bytes).map_err(refused)?));
            for document in &part.documents {
                let bytes = self.files.get(document).await.map_err(failed)?;
                archive.add(&readable::document_path(document), &bytes).map_err(refused)?;
            }
        }
        for (service, value) in &content {
            let text = serde_json::to_vec_pretty(value).map_err(refused)?;
            archive.add(&format!("{service}.json"), &text).map_err(refused)?;
        }
        let index = readable::index(job, &content).map_err(refused)?;
        archive.add("index.html", index.as_bytes()).map_err(refused)?;
        let bytes = archive.finish().map_err(refused)?;
        self.files.put(&format!("exports/{}", job.export), "zip", bytes).await.map_err(failed)
    }

    async fn record(
        &self,
        job: &AssembleJob,
        ending: Ending<FileReference>,
        tx: &mut Tx,
    ) -> Handled {
        match ending {
            Ending::Done(archive) => Ok(exports::finish(tx, job, archive).await?),
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => {
                tracing::error!(export = %job.export, cause, "an export was not put together");
                Ok(store::exports::fail(tx, job.export).await?)
            }
        }
    }
}

/// Deletes files that nobody may read any more.
pub(crate) struct DeleteFiles {
    pub(crate) files: Files,
}

impl Effect for DeleteFiles {
    const NAME: &'static str = "identity.delete-files";
    type Job = Vec<FileReference>;
    type Outcome = ();
    const REPEATABLE: bool = true;

    async fn perform(&self, files: &Vec<FileReference>) -> Result<(), EffectFailure> {
        for file in files {
            self.files.delete(file).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Given up, it is a dead letter that names the files and nobody.
    async fn record(&self, files: &Vec<FileReference>, ending: Ending<()>, _: &mut Tx) -> Handled {
        if let Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) = ending {
            tracing::error!(
                files = files.len(),
                cause,
                "files that should be deleted are still there"
            );
        }
        Ok(())
    }
}

fn failed(error: FilesError) -> EffectFailure {
    EffectFailure::Retry(error.to_string())
}

fn refused(error: impl std::fmt::Display) -> EffectFailure {
    EffectFailure::Refused(error.to_string())
}
