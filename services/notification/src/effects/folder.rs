//! Mails as files: what one looks at where there is no mail server.

use std::path::{Path, PathBuf};

use bus::{Effect, EffectFailure, Ending, Handled, Tx};
use event::DeliveryId;

use super::{Letters, MAIL, record_mail};
use crate::domain::MailJob;

/// Writes each mail to `<folder>/<delivery>.eml`, whole or not at all; again is over itself.
pub(crate) struct MailToFolder {
    letters: Letters,
    folder: PathBuf,
}

impl MailToFolder {
    pub(crate) fn new(letters: Letters, folder: PathBuf) -> Self {
        Self { letters, folder }
    }
}

impl Effect for MailToFolder {
    const NAME: &'static str = MAIL;
    type Job = MailJob;
    type Outcome = ();
    const REPEATABLE: bool = true;
    const CONCURRENCY: usize = 8;

    async fn perform(&self, job: &MailJob) -> Result<(), EffectFailure> {
        let letter = self.letters.compose(job).await?;
        write(&self.folder, job.delivery, &letter.formatted()).await.map_err(|error| {
            let folder = self.folder.display();
            EffectFailure::Retry(format!("the mail folder {folder} cannot be written: {error}"))
        })
    }

    async fn record(&self, job: &MailJob, ending: Ending<()>, tx: &mut Tx) -> Handled {
        record_mail(job.delivery, ending, tx).await
    }
}

async fn write(folder: &Path, delivery: DeliveryId, bytes: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let unfinished = folder.join(format!(".{delivery}.{}", uuid::Uuid::now_v7()));
    let written = tokio::fs::write(&unfinished, bytes).await;
    if let Err(error) = written {
        tokio::fs::remove_file(&unfinished).await.ok();
        return Err(error);
    }
    tokio::fs::rename(&unfinished, folder.join(format!("{delivery}.eml"))).await
}
