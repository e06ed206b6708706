//! What found no queue is kept in `estrade.unroutable`, and the newest of it is enough: the outbox that each
//! event came from says as well that nobody wanted it.
//!
//! The queue has no limit of its own, which a queue that is there already could not be given. So whoever adds to
//! it takes out what is too much. Several processes that do so at once may take out a little more.

use bus::transport::{Queue, TransportError};
use lapin::options::BasicGetOptions;
use tokio::{sync::Mutex, time::timeout};

use crate::{limits, link::Link, session::Session, topology::checked, watchdog};

/// In this process one clears at a time.
#[derive(Default)]
pub(crate) struct Strays(Mutex<()>);

impl Strays {
    /// What is not taken out now is when the next comes.
    pub(crate) async fn keep_the_newest(&self, link: &Link) {
        let Ok(_alone) = self.0.try_lock() else { return };
        let clearing = async { clear(&*link.session().await?).await };
        if let Ok(Err(error)) = timeout(limits::CLEAR, clearing).await {
            tracing::debug!(%error, "cannot take out what is too much in estrade.unroutable");
        }
    }
}

/// The oldest one by one: a consumer would be given more than is taken out, and what it gives back may come to
/// lie behind the newest.
async fn clear(session: &Session) -> Result<(), TransportError> {
    let doing = "clearing estrade.unroutable";
    let channel = session.channel().await?;
    let found = watchdog::look_at(session, &channel, Queue::UNROUTABLE).await;
    let kept = found.map_err(|error| error.explain(doing))?.message_count();
    for _ in Queue::MOST_UNROUTABLE..kept {
        let taken = channel.basic_get(checked(Queue::UNROUTABLE), BasicGetOptions { no_ack: true });
        let taken = session.ask_queue(doing, taken).await;
        if taken.map_err(|error| error.explain(doing))?.is_none() {
            break;
        }
    }
    Ok(())
}
