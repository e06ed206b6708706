//! Notices that nothing can come any more, whatever the client library says.
//!
//! After some errors a consumer's stream waits for ever while its connection calls itself connected, and a
//! frozen broker looks like a quiet one. So we look at both statuses ten times a second, and every three
//! seconds ask the broker, on another channel, whether the queue is there and has a consumer.

use std::sync::Arc;

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Channel, ChannelStatus};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::limits;
use crate::session::{Session, Unanswered};
use crate::topology::checked;

pub(crate) struct Watchdog {
    cause: watch::Receiver<Option<String>>,
    task: JoinHandle<()>,
}

impl Watchdog {
    pub(crate) fn start(
        session: Arc<Session>,
        status: ChannelStatus,
        probing: Channel,
        queue: &str,
    ) -> Self {
        let (bark, cause) = watch::channel(None);
        let queue = queue.to_owned();
        let task = tokio::spawn(async move {
            let found = tokio::select! {
                cause = look(&session, &status) => cause,
                cause = ask(&session, &probing, &queue) => cause,
            };
            // Nobody listens when the receiver is gone.
            let _ = bark.send(Some(found));
        });
        Self { cause, task }
    }

    pub(crate) fn barked(&self) -> Option<String> {
        self.cause.borrow().clone()
    }

    /// Returns when there is a reason to.
    pub(crate) async fn barks(&mut self) -> String {
        match self.cause.wait_for(Option::is_some).await {
            Ok(cause) => cause.clone().unwrap_or_default(),
            Err(_) => "its watchdog ended".to_owned(),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn look(session: &Session, status: &ChannelStatus) -> String {
    loop {
        if !session.alive() {
            return "the connection is gone".to_owned();
        }
        if !status.connected() {
            return "the channel is closed".to_owned();
        }
        sleep(limits::LOOK).await;
    }
}

async fn ask(session: &Session, probing: &Channel, queue: &str) -> String {
    let mut without_consumer = 0;
    loop {
        sleep(limits::PROBE).await;
        match probe(session, probing, queue).await {
            // While a queue changes its leader it may count none for a moment.
            Ok(0) if without_consumer > 0 => return "the broker knows of no consumer".to_owned(),
            Ok(0) => without_consumer += 1,
            Ok(_) => without_consumer = 0,
            Err(error) => return error.explain("asking for the queue").to_string(),
        }
    }
}

/// How many consumers the broker counts on a queue.
pub(crate) async fn probe(
    session: &Session,
    channel: &Channel,
    queue: &str,
) -> Result<u32, Unanswered> {
    Ok(look_at(session, channel, queue).await?.consumer_count())
}

/// Asks for a queue without making it.
pub(crate) async fn look_at(
    session: &Session,
    channel: &Channel,
    queue: &str,
) -> Result<lapin::Queue, Unanswered> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let name = checked(queue);
    let asked = channel.queue_declare(name, options, FieldTable::default());
    session.ask_queue("asking for a queue", asked).await
}
