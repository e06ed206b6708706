//! What found no queue is kept in `estrade.unroutable`, and the newest of it is enough: the outbox that each
//! event came from says as well that nobody wanted it.
//!
//! The queue has no limit of its own, which a queue that is there already could not be given. So whoever adds to
//! it takes out what is too much. Several who do so at once may take out a little more.

use bus::transport::{Queue, Receiver, Transport, TransportError};
use tokio::{sync::Mutex, time::timeout};

use crate::{RabbitMq, limits};

/// In this process one clears at a time.
#[derive(Default)]
pub(crate) struct Strays(Mutex<()>);

impl Strays {
    /// What cannot be taken out now is when the next comes.
    pub(crate) async fn keep_the_newest(&self, rabbit: &RabbitMq) {
        let Ok(_alone) = self.0.try_lock() else { return };
        if let Err(error) = clear(rabbit).await {
            tracing::debug!(%error, "cannot take out what is too much in estrade.unroutable");
        }
    }
}

async fn clear(rabbit: &RabbitMq) -> Result<(), TransportError> {
    let kept = rabbit.depth(Queue::UNROUTABLE).await?.ready;
    let surplus = kept.saturating_sub(Queue::MOST_UNROUTABLE.into());
    if surplus == 0 {
        return Ok(());
    }
    let mut receiver = rabbit.receive(Queue::UNROUTABLE).await?;
    let taken_out = timeout(limits::CLEAR, take_out(&mut *receiver, surplus)).await;
    receiver.close().await;
    taken_out.unwrap_or(Ok(()))
}

async fn take_out(receiver: &mut dyn Receiver, surplus: u64) -> Result<(), TransportError> {
    let mut left = usize::try_from(surplus).unwrap_or(usize::MAX);
    while left > 0 {
        let oldest = receiver.next(left).await?;
        let tags: Vec<_> = oldest.iter().map(|delivery| delivery.tag).collect();
        receiver.settle(&tags).await?;
        left = left.saturating_sub(tags.len());
    }
    Ok(())
}
