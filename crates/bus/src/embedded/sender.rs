//! Sending: one task writes for all, so that those who send at once share one sync of the disk.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use super::{
    queues::{self, Encoded},
    store::Store,
    watcher::Watcher,
};
use crate::transport::{Outgoing, Sent};

/// After this the outcome of a send is unknown, whatever becomes of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one commit takes at most, but for a single batch, which is never divided.
const ENVELOPES_PER_COMMIT: usize = 2_000;
const BYTES_PER_COMMIT: usize = 8 * 1024 * 1024;

/// Hands batches to the task that writes.
pub struct Sending {
    jobs: mpsc::Sender<Job>,
}

struct Job {
    batch: Vec<Encoded>,
    done: oneshot::Sender<Vec<Sent>>,
}

pub fn start(store: Arc<Store>, watcher: Arc<Watcher>) -> (Sending, JoinHandle<()>) {
    let (jobs, inbox) = mpsc::channel(256);
    (Sending { jobs }, tokio::spawn(write_all(inbox, store, watcher)))
}

impl Sending {
    /// Returns when the disk has it all, or says for all that it is unknown.
    pub async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        let count = batch.len();
        if count == 0 {
            return Vec::new();
        }
        let written = async {
            let batch = batch.into_iter().map(queues::encode).collect::<Result<_, _>>()?;
            let (done, outcome) = oneshot::channel();
            let stopped = || "the embedded transport has stopped".to_owned();
            self.jobs.send(Job { batch, done }).await.map_err(|_| stopped())?;
            outcome.await.map_err(|_| stopped())
        };
        let outcome = timeout(PATIENCE, written).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err("the queue file gave no answer in 10 s".to_owned()));
        outcome.unwrap_or_else(|cause| vec![Sent::Unknown(cause); count])
    }
}

async fn write_all(mut inbox: mpsc::Receiver<Job>, store: Arc<Store>, watcher: Arc<Watcher>) {
    while let Some(first) = inbox.recv().await {
        let jobs = gather(first, &mut inbox);
        let (batches, waiting): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| (job.batch, job.done)).unzip();
        let counts: Vec<usize> = batches.iter().map(Vec::len).collect();
        let outcomes = match store.send(batches.into_iter().flatten().collect()).await {
            Ok((outcomes, stirred)) => {
                watcher.stirred(&stirred);
                outcomes
            }
            Err(error) => {
                tracing::warn!(%error, "nothing could be written to the queue file");
                vec![Sent::Unknown(error.to_string()); counts.iter().sum()]
            }
        };
        let mut outcomes = outcomes.into_iter();
        for (done, count) in waiting.into_iter().zip(counts) {
            // Whoever gave up waiting sends again under the same id.
            let _ = done.send(outcomes.by_ref().take(count).collect());
        }
    }
}

/// The first, and those that wait behind it already.
fn gather(first: Job, inbox: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let bytes = |job: &Job| job.batch.iter().map(|one| one.envelope.len()).sum::<usize>();
    let mut envelopes = first.batch.len();
    let mut size = bytes(&first);
    let mut jobs = vec![first];
    while envelopes < ENVELOPES_PER_COMMIT && size < BYTES_PER_COMMIT {
        let Ok(job) = inbox.try_recv() else { break };
        envelopes += job.batch.len();
        size += bytes(&job);
        jobs.push(job);
    }
    jobs
}
