//! The outside world of `certification`: making PDFs, deleting those of people who were erased, keeping
//! the organisation's logo.

use std::time::Duration;

use bus::{Effect, EffectFailure, Ending, FileReference, Files, Handled, RetryPolicy, Tx};
use event::{CertificateId, PersonId};
use serde::{Deserialize, Serialize};

use crate::{
    commands,
    design::{Facts, Logo, LogoError},
    render::{self, Rendered},
    store,
};

/// Makes a certificate's PDF from its frozen facts and stores it.
pub(crate) struct RenderCertificate {
    pub(crate) files: Files,
}

/// Complete: the same job gives the same bytes, and so the same file, however often it is done.
#[derive(Serialize, Deserialize)]
pub(crate) struct RenderJob {
    pub(crate) certificate: CertificateId,
    /// So that whoever forgets this person finds the job, which holds their name.
    #[serde(default)]
    pub(crate) person: Option<PersonId>,
    pub(crate) facts: Facts,
}

/// A PDF that is stored.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) pdf: FileReference,
    pub(crate) missing_glyphs: String,
}

impl Effect for RenderCertificate {
    const NAME: &'static str = "certification.render";
    type Job = RenderJob;
    type Outcome = Stored;
    const REPEATABLE: bool = true;
    const CONCURRENCY: usize = 2;
    /// About half an hour; then it is failed and a dead letter, for somebody to look at. What never
    /// heals by itself goes the same way, for only a dead letter can be replayed once it is mended.
    const RETRY: RetryPolicy = RetryPolicy {
        attempts: 14,
        first: Duration::from_millis(250),
        longest: Duration::from_secs(900),
    };

    async fn perform(&self, job: &RenderJob) -> Result<Stored, EffectFailure> {
        let facts = with_logo(&self.files, job.facts.clone()).await?;
        let rendered = render_aside(facts).await?;
        let missing_glyphs: String = rendered.missing_glyphs.iter().collect();
        let pdf = self.files.put("certificates", "pdf", rendered.pdf).await.map_err(retry)?;
        Ok(Stored { pdf, missing_glyphs })
    }

    async fn record(&self, job: &RenderJob, ending: Ending<Stored>, tx: &mut Tx) -> Handled {
        match ending {
            Ending::Done(stored) => Ok(commands::finish(tx, job.certificate, stored).await?),
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => {
                tracing::error!(certificate = %job.certificate, cause, "a certificate has no PDF; replay it from the dead letters");
                Ok(store::mark_failed(tx, job.certificate, &cause).await?)
            }
        }
    }
}

/// Layout takes milliseconds of pure computing: not on the threads that serve everybody.
async fn render_aside(facts: Facts) -> Result<Rendered, EffectFailure> {
    tokio::task::spawn_blocking(move || render::render(&facts)).await.map_err(retry)?.map_err(retry)
}

/// With the logo's picture, where the facts name a file.
pub(crate) async fn with_logo(files: &Files, mut facts: Facts) -> Result<Facts, EffectFailure> {
    if let Some(file) = &facts.organisation.logo_file {
        let bytes = files.get(file).await.map_err(retry)?;
        facts.organisation.logo = Some(Logo::parse(bytes.to_vec()).map_err(retry)?);
    }
    Ok(facts)
}

fn retry(error: impl std::error::Error) -> EffectFailure {
    EffectFailure::Retry(error.to_string())
}

/// Deletes the PDF of a person who was erased.
pub(crate) struct DeletePdf {
    pub(crate) files: Files,
}

impl Effect for DeletePdf {
    const NAME: &'static str = "certification.delete-pdf";
    type Job = FileReference;
    type Outcome = ();
    const REPEATABLE: bool = true;

    async fn perform(&self, pdf: &FileReference) -> Result<(), EffectFailure> {
        self.files.delete(pdf).await.map_err(retry)
    }

    /// Given up, it is a dead letter that names the file and nobody.
    async fn record(&self, pdf: &FileReference, ending: Ending<()>, _: &mut Tx) -> Handled {
        if let Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) = ending {
            tracing::error!(key = pdf.key, cause, "an erased person's PDF is still there");
        }
        Ok(())
    }
}

/// Keeps a logo for as long as there are certificates that bear it: its owner may throw it away.
pub(crate) struct KeepLogo {
    pub(crate) files: Files,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct LogoJob {
    /// The owner's.
    pub(crate) file: FileReference,
}

impl Effect for KeepLogo {
    const NAME: &'static str = "certification.keep-logo";
    type Job = LogoJob;
    type Outcome = FileReference;
    const REPEATABLE: bool = true;

    async fn perform(&self, job: &LogoJob) -> Result<FileReference, EffectFailure> {
        if job.file.size > Logo::LARGEST as u64 {
            return Err(refused(LogoError::Size));
        }
        let bytes = self.files.get(&job.file).await.map_err(retry)?;
        let logo = Logo::parse(bytes.to_vec()).map_err(refused)?;
        let extension = logo.format().extension();
        self.files.put("certificate-logos", extension, bytes.to_vec()).await.map_err(retry)
    }

    /// Without it, certificates bear the organisation's name instead.
    async fn record(&self, job: &LogoJob, ending: Ending<FileReference>, tx: &mut Tx) -> Handled {
        let kept = match ending {
            Ending::Done(kept) => Some(kept),
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => {
                tracing::error!(key = job.file.key, cause, "no certificate can bear this logo");
                None
            }
        };
        Ok(store::keep_logo(tx, &job.file.sha256, kept.as_ref()).await?)
    }
}

fn refused(error: LogoError) -> EffectFailure {
    EffectFailure::Refused(error.to_string())
}
