//! The outside world of `catalog`: deleting files that nothing names any more.

use bus::{Effect, EffectFailure, Ending, FileReference, Files, Handled, Tx};

/// Deletes files. Each was one thing's alone, so that nothing that came since can name it.
pub(crate) struct DeleteFiles {
    pub(crate) files: Files,
}

impl Effect for DeleteFiles {
    const NAME: &'static str = "catalog.delete-files";
    type Job = Vec<FileReference>;
    type Outcome = ();
    const REPEATABLE: bool = true;

    async fn perform(&self, files: &Vec<FileReference>) -> Result<(), EffectFailure> {
        for file in files {
            let deleted = self.files.delete(file).await;
            deleted.map_err(|error| EffectFailure::Retry(error.to_string()))?;
        }
        Ok(())
    }

    /// Given up, it is a dead letter that names the files.
    async fn record(&self, files: &Vec<FileReference>, ending: Ending<()>, _: &mut Tx) -> Handled {
        if let Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) = ending {
            tracing::error!(files = files.len(), cause, "files that nothing names are still there");
        }
        Ok(())
    }
}
