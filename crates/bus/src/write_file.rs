//! Writing a text into the file store and then telling that it is there: what is too large for an event
//! is handed over as a file (the claim check pattern). The text comes whole in the job, so that nothing
//! is looked up while no transaction is open.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use event::{Event, FileReference};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Effect, EffectFailure, Ending, Error, Files, Handled, Tx};

/// What a service tells once its text is written.
pub trait Written: Send + Sync + 'static {
    /// Durable: `<service>.<effect>`.
    const NAME: &'static str;
    /// What the text is about, besides its words.
    type About: Serialize + DeserializeOwned + Send + Sync;
    type Event: Event;

    /// The folder in the file store.
    fn folder(about: &Self::About) -> String;

    /// Says that it is there.
    fn told(about: &Self::About, file: FileReference, now: DateTime<Utc>) -> Self::Event;
}

/// The effect that writes; a service that is [`Written`] declares it.
pub struct WriteFile<W> {
    files: Files,
    of: PhantomData<fn() -> W>,
}

/// A text to be written.
#[derive(Serialize, Deserialize)]
pub struct WriteJob<A> {
    about: A,
    text: String,
}

impl<W: Written> WriteFile<W> {
    #[must_use]
    pub fn new(files: &Files) -> Self {
        Self { files: files.clone(), of: PhantomData }
    }

    /// Has this written as JSON once the transaction is committed.
    ///
    /// # Errors
    /// When it does not serialise.
    pub fn request(
        tx: &mut Tx,
        key: &str,
        about: W::About,
        content: &(impl Serialize + Sync),
    ) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(content)?;
        tx.request::<Self>(key, &WriteJob { about, text })
    }
}

/// The same text goes into the same file, however often it is written.
impl<W: Written> Effect for WriteFile<W> {
    const NAME: &'static str = W::NAME;
    type Job = WriteJob<W::About>;
    type Outcome = FileReference;
    const REPEATABLE: bool = true;

    async fn perform(&self, job: &Self::Job) -> Result<FileReference, EffectFailure> {
        let folder = W::folder(&job.about);
        let written = self.files.put(&folder, "json", job.text.clone().into_bytes()).await;
        written.map_err(|error| EffectFailure::Retry(error.to_string()))
    }

    async fn record(&self, job: &Self::Job, ending: Ending<FileReference>, tx: &mut Tx) -> Handled {
        match ending {
            Ending::Done(file) => {
                let now = tx.now();
                Ok(tx.publish(&W::told(&job.about, file, now))?)
            }
            Ending::Refused(cause) | Ending::GaveUp(cause) | Ending::Uncertain(cause) => {
                tracing::error!(
                    effect = W::NAME,
                    cause,
                    "a file was not written; replay it from the dead letters"
                );
                Ok(())
            }
        }
    }
}
