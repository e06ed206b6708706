//! The outside world of `assessment`: the file store, from which questions are read that came with a
//! course's files. Reading them again does no harm: what is the same makes no new version.

use bus::{Effect, EffectFailure, Ending, Files, Handled, Tx};
use contract::catalog::QuestionsUploaded;

use crate::{
    commands::{self, QuizSource},
    gift,
    store::{self, Upload, UploadRefusal},
};

/// Reads an uploaded file of questions and imports what can be used of it.
pub(crate) struct ReadQuestions {
    pub(crate) files: Files,
}

impl Effect for ReadQuestions {
    const NAME: &'static str = "assessment.read-questions";
    type Job = QuestionsUploaded;
    type Outcome = Vec<u8>;
    const REPEATABLE: bool = true;

    async fn perform(&self, job: &QuestionsUploaded) -> Result<Vec<u8>, EffectFailure> {
        let largest = u64::try_from(gift::LARGEST_FILE).unwrap_or(u64::MAX);
        if job.file.size > largest {
            return Err(EffectFailure::Refused(gift::Reason::FileTooLarge.to_string()));
        }
        let bytes = self.files.get(&job.file).await;
        Ok(bytes.map_err(|error| EffectFailure::Retry(error.to_string()))?.to_vec())
    }

    async fn record(
        &self,
        job: &QuestionsUploaded,
        ending: Ending<Vec<u8>>,
        tx: &mut Tx,
    ) -> Handled {
        match ending {
            Ending::Done(gift) => import(tx, job, gift).await,
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => {
                Ok(keep(tx, job, 0, vec![whole(cause.clone(), cause)]).await.map(|_| ())?)
            }
        }
    }
}

async fn import(tx: &mut Tx, job: &QuestionsUploaded, gift: Vec<u8>) -> Handled {
    let parsed = gift::parse_bytes(&job.uploaded_as, &gift);
    let accepted = parsed.questions.len();
    if !keep(tx, job, accepted, commands::refusals(parsed.refused)).await? || accepted == 0 {
        return Ok(());
    }
    let source = QuizSource {
        key: job.key.clone(),
        title: job.title.clone(),
        file: job.uploaded_as.clone(),
        gift,
        pass_percent: job.pass_percent,
        max_attempts: None,
    };
    match commands::put_source(tx, job.course, job.quiz, &source).await {
        Ok(_) => Ok(()),
        Err(commands::ImportError::Store(error)) => Err(error.into()),
        Err(refused) => {
            let reason = vec![whole(refused.to_string(), refused.in_french())];
            keep(tx, job, 0, reason).await?;
            Ok(())
        }
    }
}

/// A refusal of the file as a whole.
fn whole(english: String, french: String) -> UploadRefusal {
    UploadRefusal { line: 1, english, french }
}

async fn keep(
    tx: &mut Tx,
    job: &QuestionsUploaded,
    accepted: usize,
    refused: Vec<UploadRefusal>,
) -> Result<bool, bus::Error> {
    let upload = Upload {
        file: job.uploaded_as.clone(),
        accepted: u32::try_from(accepted).unwrap_or(u32::MAX),
        refused,
        uploaded_at: job.at,
    };
    store::keep_upload(tx, job.quiz, &upload).await
}
