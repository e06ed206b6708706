//! Taking from one queue.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{Shared, queues, store::Claimed};
use crate::transport::{Delivery, Receiver, Tag, TransportError};

/// How long a batch that is not full waits for more.
const GATHER: Duration = Duration::from_millis(5);

/// Takes under a name of its own, which nobody had before: whatever it lost, it cannot settle for another.
pub struct EmbeddedReceiver {
    shared: Arc<Shared>,
    queue: i64,
    owner: i64,
    news: watch::Receiver<i64>,
    /// Goes on when `next` is dropped, and is waited for by the next call.
    claiming: Option<JoinHandle<Result<Vec<Claimed>, TransportError>>>,
    gathered: Vec<Delivery>,
    unsettled: BTreeSet<u64>,
    gone: bool,
}

impl EmbeddedReceiver {
    pub fn new(shared: Arc<Shared>, queue: i64) -> Self {
        let owner = i64::from_be_bytes(Uuid::new_v4().as_u64_pair().1.to_be_bytes());
        let news = shared.watcher.enter(owner, queue);
        Self {
            shared,
            queue,
            owner,
            news,
            claiming: None,
            gathered: Vec::new(),
            unsettled: BTreeSet::new(),
            gone: false,
        }
    }

    /// Takes what is there, up to `max` in all.
    async fn claim(&mut self, max: usize) -> Result<(), TransportError> {
        let (queue, owner) = (self.queue, self.owner);
        let wanted = max.saturating_sub(self.gathered.len());
        let shared = &self.shared;
        let claiming = self.claiming.get_or_insert_with(|| {
            let store = Arc::clone(&shared.store);
            tokio::spawn(async move { store.claim(queue, owner, wanted).await })
        });
        let claimed = claiming.await;
        self.claiming = None;
        let claimed = claimed.map_err(|error| TransportError::Away(error.to_string()))??;
        self.gathered.extend(claimed.into_iter().map(delivery));
        Ok(())
    }

    fn hand_out(&mut self, max: usize) -> Vec<Delivery> {
        let count = max.min(self.gathered.len());
        let deliveries: Vec<Delivery> = self.gathered.drain(..count).collect();
        self.unsettled.extend(deliveries.iter().map(|delivery| delivery.tag.0));
        deliveries
    }

    /// Stops taking. What this gives back is free at once, otherwise when the lease runs out.
    fn leave(&mut self) -> Option<impl Future<Output = ()> + Send + 'static> {
        if std::mem::replace(&mut self.gone, true) {
            return None;
        }
        self.shared.watcher.leave(self.owner);
        let (shared, owner, claiming) =
            (Arc::clone(&self.shared), self.owner, self.claiming.take());
        Some(async move {
            if let Some(claiming) = claiming {
                let _ = claiming.await;
            }
            match shared.store.give_back(owner).await {
                Ok(stirred) => shared.watcher.stirred(&stirred),
                Err(error) => tracing::debug!(%error, "not given back; the lease will run out"),
            }
        })
    }
}

#[async_trait]
impl Receiver for EmbeddedReceiver {
    async fn next(&mut self, max: usize) -> Result<Vec<Delivery>, TransportError> {
        let max = max.max(1);
        while self.gathered.is_empty() {
            self.news.mark_unchanged();
            self.claim(max).await?;
            if self.gathered.is_empty() {
                self.wait().await?;
            }
        }
        let deadline = Instant::now() + GATHER;
        while self.gathered.len() < max {
            match timeout_at(deadline, self.wait()).await {
                Ok(news) => news?,
                Err(_) => break,
            }
            self.claim(max).await?;
        }
        Ok(self.hand_out(max))
    }

    async fn settle(&mut self, tags: &[Tag]) -> Result<(), TransportError> {
        let known: BTreeSet<u64> = tags.iter().map(|tag| tag.0).collect();
        let known: Vec<u64> = known.intersection(&self.unsettled).copied().collect();
        if known.is_empty() {
            return Ok(());
        }
        let settled = self.shared.store.settle(self.owner, &known).await?;
        for tag in &known {
            self.unsettled.remove(tag);
        }
        if settled < known.len() as u64 {
            return Err(TransportError::Away(format!(
                "the lease ran out on {} deliveries before they were settled; they come again",
                known.len() as u64 - settled
            )));
        }
        Ok(())
    }

    async fn close(mut self: Box<Self>) {
        if let Some(giving_back) = self.leave() {
            giving_back.await;
        }
    }
}

impl EmbeddedReceiver {
    async fn wait(&mut self) -> Result<(), TransportError> {
        let ended = |_| TransportError::Away("the embedded transport has stopped".to_owned());
        self.news.changed().await.map_err(ended)
    }
}

impl Drop for EmbeddedReceiver {
    fn drop(&mut self) {
        if let (Some(giving_back), Ok(runtime)) = (self.leave(), Handle::try_current()) {
            runtime.spawn(giving_back);
        }
    }
}

fn delivery(claimed: Claimed) -> Delivery {
    Delivery {
        tag: Tag(claimed.seq.unsigned_abs()),
        content: queues::decode(claimed.seq, claimed.envelope),
        returned: u32::try_from(claimed.deliveries - 1).unwrap_or(0),
    }
}
