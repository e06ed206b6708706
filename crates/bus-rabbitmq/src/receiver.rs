//! Takes from one queue, on a channel of its own, and never falls silent.
//!
//! Whatever ends the flow ends the receiver with an error: an error or the end of the stream, or the
//! word of the [`watchdog`](crate::watchdog). Its owner then asks for a new one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use bus::transport::{Delivery, Receiver, Tag, TransportError};
use futures::{FutureExt, StreamExt};
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tokio::time::{Instant, timeout, timeout_at};

use crate::session::{Session, Unanswered};
use crate::topology::checked;
use crate::watchdog::{self, Watchdog};
use crate::{codec, failure, limits};

pub(crate) struct QueueReceiver {
    queue: String,
    session: Arc<Session>,
    channel: Channel,
    consumer: Consumer,
    watchdog: Watchdog,
    /// Received, and not yet given to anybody.
    buffer: VecDeque<lapin::message::Delivery>,
    unsettled: Unsettled,
}

/// Why no receiver came of it.
pub(crate) enum NotReceiving {
    /// There is no such queue.
    Missing(TransportError),
    Failed(TransportError),
}

impl QueueReceiver {
    pub(crate) async fn open(
        session: Arc<Session>,
        queue: &str,
        prefetch: u16,
    ) -> Result<Self, NotReceiving> {
        let probe = session.channel().await.map_err(NotReceiving::Failed)?;
        let doing = format!("receiving from the queue `{queue}`");
        (watchdog::probe(&session, &probe, queue).await)
            .map_err(|error| not_receiving(&doing, error))?;
        let channel = session.channel().await.map_err(NotReceiving::Failed)?;
        let asking = Asking { channel: Some(channel.clone()) };
        let consumer = consume(&session, &channel, queue, prefetch).await;
        let consumer = consumer.map_err(|error| not_receiving(&doing, error))?;
        asking.answered();
        let watchdog =
            Watchdog::start(Arc::clone(&session), channel.status().clone(), probe, queue);
        Ok(Self {
            queue: queue.to_owned(),
            session,
            channel,
            consumer,
            watchdog,
            buffer: VecDeque::new(),
            unsettled: Unsettled::default(),
        })
    }

    async fn first(&mut self) -> Result<(), TransportError> {
        let arrived = tokio::select! {
            biased;
            cause = self.watchdog.barks() => return Err(self.ended(&cause)),
            arrived = self.consumer.next() => arrived,
        };
        self.take(arrived)
    }

    async fn gather(&mut self, max: usize) -> Result<(), TransportError> {
        let until = Instant::now() + limits::GATHER;
        while self.buffer.len() < max {
            let Ok(arrived) = timeout_at(until, self.consumer.next()).await else {
                return Ok(());
            };
            self.take(arrived)?;
        }
        Ok(())
    }

    /// What is there already costs no waiting.
    fn sweep(&mut self, max: usize) -> Result<(), TransportError> {
        while self.buffer.len() < max {
            let Some(arrived) = self.consumer.next().now_or_never() else {
                return Ok(());
            };
            self.take(arrived)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        arrived: Option<lapin::Result<lapin::message::Delivery>>,
    ) -> Result<(), TransportError> {
        match arrived {
            Some(Ok(delivery)) => {
                self.unsettled.add(delivery.delivery_tag);
                self.buffer.push_back(delivery);
                Ok(())
            }
            Some(Err(error)) => Err(self.ended(&error.to_string())),
            None => {
                Err(self
                    .ended("the broker cancelled the consumer: its queue was deleted, or moved"))
            }
        }
    }

    fn give(&mut self, max: usize) -> Vec<Delivery> {
        let count = max.min(self.buffer.len());
        self.buffer.drain(..count).map(decode).collect()
    }

    async fn acknowledge(&self, tag: u64, multiple: bool) -> Result<(), TransportError> {
        let doing = format!("settling deliveries of the queue `{}`", self.queue);
        let acknowledged = self.channel.basic_ack(tag, BasicAckOptions { multiple });
        match self.session.ask(&doing, acknowledged).await {
            Ok(()) => Ok(()),
            // Never `Refused`: a new receiver gets them again.
            Err(error) => Err(TransportError::Away(failure::text(error.explain(&doing)))),
        }
    }

    fn ended(&self, cause: &str) -> TransportError {
        TransportError::Away(format!("receiving from the queue `{}` ended: {cause}", self.queue))
    }
}

#[async_trait]
impl Receiver for QueueReceiver {
    async fn next(&mut self, max: usize) -> Result<Vec<Delivery>, TransportError> {
        let max = max.max(1);
        if let Some(cause) = self.watchdog.barked() {
            return Err(self.ended(&cause));
        }
        if self.buffer.is_empty() {
            self.first().await?;
        }
        self.sweep(max)?;
        self.gather(max).await?;
        Ok(self.give(max))
    }

    async fn settle(&mut self, tags: &[Tag]) -> Result<(), TransportError> {
        let settling = self.unsettled.settle(tags.iter().map(|tag| tag.0));
        if let Some(up_to) = settling.up_to {
            self.acknowledge(up_to, true).await?;
        }
        for tag in settling.single {
            self.acknowledge(tag, false).await?;
        }
        Ok(())
    }

    async fn close(self: Box<Self>) {
        let goodbye = async {
            let options = BasicCancelOptions::default();
            let _ = self.channel.basic_cancel(self.consumer.tag(), options).await;
            // All that is unsettled on a channel goes back when it closes.
            let _ = self.channel.close(200, "OK".into()).await;
        };
        if self.session.alive() && timeout(limits::CLOSE, goodbye).await.is_err() {
            // Its queue has no leader, or the broker is gone: then nobody may go on waiting for it.
            let session = Arc::clone(&self.session);
            tokio::spawn(async move { session.answers().await });
        }
    }
}

/// A channel on which a consumer was asked for. If nobody waits for the answer any more, as on a queue that
/// has no leader for too long, the channel is closed, and its consumer with it. The client library does not:
/// a consumer of whom nobody knows keeps its channel open, and what the broker gives it would be seen by nobody.
struct Asking {
    channel: Option<Channel>,
}

impl Asking {
    fn answered(mut self) {
        self.channel = None;
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            // It may take as long as the answer; nobody waits for either.
            tokio::spawn(async move { channel.close(200, "OK".into()).await });
        }
    }
}

async fn consume(
    session: &Session,
    channel: &Channel,
    queue: &str,
    prefetch: u16,
) -> Result<Consumer, Unanswered> {
    let limited = channel.basic_qos(prefetch, BasicQosOptions::default());
    session.ask("setting the prefetch", limited).await?;
    let name = checked(queue);
    let consuming = channel.basic_consume(
        name,
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    session.ask_queue("consuming", consuming).await
}

fn not_receiving(doing: &str, error: Unanswered) -> NotReceiving {
    let is_missing = error.is_missing();
    let explained = error.explain(doing);
    if is_missing { NotReceiving::Missing(explained) } else { NotReceiving::Failed(explained) }
}

fn decode(delivery: lapin::message::Delivery) -> Delivery {
    Delivery {
        tag: Tag(delivery.delivery_tag),
        returned: codec::returned(&delivery.properties, delivery.redelivered),
        content: codec::decode(&delivery.properties, delivery.data),
    }
}

/// The tags that were received and not settled, to settle many with one word.
#[derive(Default)]
struct Unsettled(BTreeSet<u64>);

/// What to tell the broker.
#[derive(Debug, PartialEq, Eq)]
struct Settling {
    /// All up to this one.
    up_to: Option<u64>,
    single: Vec<u64>,
}

impl Unsettled {
    fn add(&mut self, tag: u64) {
        self.0.insert(tag);
    }

    /// "All up to" only over what nobody still works on. Tags that are settled already, or of an
    /// earlier receiver, are left out: the broker closes the channel over an unknown one.
    fn settle(&mut self, tags: impl Iterator<Item = u64>) -> Settling {
        let mut settling = Settling { up_to: None, single: Vec::new() };
        let tags: BTreeSet<u64> = tags.collect();
        for tag in tags {
            if self.0.first() == Some(&tag) {
                self.0.pop_first();
                settling.up_to = Some(tag);
            } else if self.0.remove(&tag) {
                settling.single.push(tag);
            }
        }
        settling
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn unsettled(tags: impl IntoIterator<Item = u64>) -> Unsettled {
        Unsettled(tags.into_iter().collect())
    }

    #[test]
    fn contiguous_tags_are_settled_with_one_word() {
        let mut all = unsettled(1..=6);
        let settling = all.settle([3, 1, 2].into_iter());
        assert_eq!(settling, Settling { up_to: Some(3), single: vec![] });
        let settling = all.settle([5, 6].into_iter());
        assert_eq!(settling, Settling { up_to: None, single: vec![5, 6] });
        let settling = all.settle([4].into_iter());
        assert_eq!(settling, Settling { up_to: Some(4), single: vec![] });
        assert!(all.0.is_empty());
    }

    #[test]
    fn what_is_not_ours_or_settled_already_is_left_out() {
        let mut all = unsettled([1, 2]);
        all.settle([1].into_iter());
        let settling = all.settle([1, 99].into_iter());
        assert_eq!(settling, Settling { up_to: None, single: vec![] });
    }
}
