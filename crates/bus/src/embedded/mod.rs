//! The transport inside SQLite: one file, nothing to install, as durable as its disk.
//!
//! Processes that share the file share its queues. It is meant for one machine: a file on a network
//! disk does not lock, and two machines want RabbitMQ.
//!
//! Sending is one synced commit, shared by all who send at that moment. Taking and settling are
//! not synced: a power cut may undo them, and then a message only comes again.

mod opening;
mod queues;
mod receiver;
mod schema;
mod sender;
mod store;
mod watcher;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures::future::join_all;
use tokio_util::task::AbortOnDropHandle;

use crate::transport::{
    Condition, Depth, Inspection, Outgoing, Queue, Receiver, Sent, Transport, TransportError,
};
use receiver::EmbeddedReceiver;
use sender::Sending;
use store::Store;
use watcher::Watcher;

/// How long a delivery belongs to a receiver that shows no sign of life.
const LEASE: Duration = Duration::from_secs(10);

/// The queues in one SQLite file.
pub struct Embedded {
    shared: Arc<Shared>,
}

/// What the transport and its receivers have in common; the tasks end with the last of them.
struct Shared {
    store: Arc<Store>,
    watcher: Arc<Watcher>,
    sending: Sending,
    _tasks: [AbortOnDropHandle<()>; 3],
}

impl Embedded {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    /// `Refused` when it cannot be written or is something else; `Away` when it stays locked.
    pub async fn open(path: &Path) -> Result<Self, TransportError> {
        let store = Arc::new(Store::open(path, LEASE).await?);
        let watcher = Arc::new(Watcher::default());
        watch_the_log(&watcher, store.log())?;
        let (sending, sender) = sender::start(Arc::clone(&store), Arc::clone(&watcher));
        let tasks = [
            sender,
            tokio::spawn(watcher::watch(Arc::clone(&watcher), Arc::clone(&store))),
            tokio::spawn(watcher::keep_leases(Arc::clone(&watcher), Arc::clone(&store))),
        ];
        let tasks = tasks.map(AbortOnDropHandle::new);
        Ok(Self { shared: Arc::new(Shared { store, watcher, sending, _tasks: tasks }) })
    }

    async fn queue_id(&self, queue: &str) -> Result<i64, TransportError> {
        self.shared.store.queue_id(queue).await?.ok_or_else(|| self.unknown(queue))
    }

    async fn inspect_one(&self, queue: &Queue) -> Result<Inspection, TransportError> {
        let Some(id) = self.shared.store.queue_id(&queue.name).await? else {
            return Ok(Inspection::Missing);
        };
        let bound = self.shared.store.bindings(id).await?.into_iter().collect();
        Ok(queue.held_against(&bound))
    }

    fn unknown(&self, queue: &str) -> TransportError {
        TransportError::Refused(format!(
            "there is no queue `{queue}` in {}; declare it first",
            self.describe()
        ))
    }
}

/// The thread ends by itself when the watcher is gone.
fn watch_the_log(watcher: &Arc<Watcher>, log: PathBuf) -> Result<(), TransportError> {
    let watcher = Arc::downgrade(watcher);
    let thread = std::thread::Builder::new().name("embedded-queue".to_owned());
    thread
        .spawn(move || watcher::poll(&watcher, &log))
        .map_err(|error| TransportError::Away(error.to_string()))?;
    Ok(())
}

#[async_trait]
impl Transport for Embedded {
    async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError> {
        self.shared.store.declare(queues).await
    }

    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        self.shared.sending.send(batch).await
    }

    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError> {
        let id = self.queue_id(queue).await?;
        Ok(Box::new(EmbeddedReceiver::new(Arc::clone(&self.shared), id)))
    }

    async fn depth(&self, queue: &str) -> Result<Depth, TransportError> {
        let found = self.shared.store.depths(&[queue]).await?;
        found.get(queue).copied().ok_or_else(|| self.unknown(queue))
    }

    async fn depths(&self, queues: &[&str]) -> Vec<Result<Depth, TransportError>> {
        let found = match self.shared.store.depths(queues).await {
            Ok(found) => found,
            Err(error) => return vec![Err(error); queues.len()],
        };
        let depths = queues.iter().map(|queue| (queue, found.get(*queue).copied()));
        depths.map(|(queue, depth)| depth.ok_or_else(|| self.unknown(queue))).collect()
    }

    async fn check(&self) -> Result<Condition, TransportError> {
        self.shared.store.check().await?;
        Ok(Condition::default())
    }

    async fn inspect(&self, queues: &[Queue]) -> Vec<Result<Inspection, TransportError>> {
        join_all(queues.iter().map(|queue| self.inspect_one(queue))).await
    }

    async fn queues(&self) -> Result<Option<Vec<String>>, TransportError> {
        self.shared.store.queues().await.map(Some)
    }

    async fn remove(&self, queue: &str) -> Result<u64, TransportError> {
        self.shared.store.remove(queue).await
    }

    fn describe(&self) -> String {
        self.shared.store.path().display().to_string()
    }

    async fn close(&self) {
        self.shared.watcher.close();
        self.shared.store.close().await;
    }
}
