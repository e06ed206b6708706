//! What carries envelopes between services: the trait that each transport implements.
//!
//! A transport knows queues and envelopes. It knows neither handlers nor databases, counts no
//! attempts and schedules nothing: retries, delays and dead letters are the bus's own, and so the
//! same on every transport. It says how often a message came back, and draws nothing from it. What a
//! transport must hold is written down once, in [`conformance`](crate::conformance), and run by each.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use event::Envelope;
use futures::future::join_all;

/// A durable queue and the event types bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// `<service>.<handler>`, for example `learning.copy-course`.
    pub name: String,
    /// Event types; [`Queue::EVERYTHING`] binds all.
    pub types: Vec<String>,
}

impl Queue {
    /// The binding that hears every event.
    pub const EVERYTHING: &'static str = "#";

    /// Where envelopes that no queue is bound for are kept.
    pub const UNROUTABLE: &'static str = "estrade.unroutable";

    /// The newest so many of these are kept; their outboxes remember them too.
    pub const MOST_UNROUTABLE: u32 = 10_000;

    /// Held against what a queue that is otherwise right is bound to.
    #[must_use]
    pub fn held_against(&self, bound: &BTreeSet<String>) -> Inspection {
        let asked: BTreeSet<String> = self.types.iter().cloned().collect();
        let list = |types: BTreeSet<String>| Vec::from_iter(types).join(", ");
        let (missing, surplus) = (list(&asked - bound), list(bound - &asked));
        let missing = (!missing.is_empty()).then(|| format!("is not bound to {missing}"));
        let surplus = (!surplus.is_empty())
            .then(|| format!("is bound to {surplus}, which this version does not ask for"));
        let told: Vec<String> = missing.into_iter().chain(surplus).collect();
        if told.is_empty() {
            Inspection::Right
        } else {
            Inspection::BoundOtherwise(told.join("; "))
        }
    }
}

/// To whom an envelope goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To each queue that is bound to its type.
    Everyone,
    /// To one queue alone, whatever it is bound to.
    Queue(String),
}

#[derive(Clone, Debug)]
pub struct Outgoing {
    pub envelope: Envelope,
    pub to: Destination,
}

/// What became of one sent envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The transport owns it now: it survives a restart.
    Owned,
    /// No queue wants it. It is kept in [`Queue::UNROUTABLE`] and must not be sent again.
    Unroutable,
    /// It may or may not have arrived: send it again under the same id.
    Unknown(String),
}

/// Names one delivery towards the receiver that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u64);

#[derive(Clone, Debug)]
pub struct Delivery {
    pub tag: Tag,
    pub content: Result<Envelope, Undecodable>,
    /// How often it was handed out before, to us or to another, and came back unsettled, for whatever
    /// reason: a lost connection, a process that stopped or died.
    pub returned: u32,
}

/// Bytes that are no envelope, kept as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    pub bytes: Vec<u8>,
    /// The transport's own headers, readable.
    pub headers: String,
    pub cause: String,
}

/// How much waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Waiting to be handed out.
    pub ready: u64,
    /// Handed out and not settled; `None` where the transport cannot tell.
    pub unsettled: Option<u64>,
    /// When the oldest that waits was sent; `None` where the transport cannot tell, or it is empty.
    pub oldest: Option<DateTime<Utc>>,
    /// How many take from it, in whatever process; `None` where the transport cannot tell.
    pub consumers: Option<u32>,
}

/// How a transport is, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Of the broker, where there is one.
    pub version: Option<String>,
    /// Why it takes nothing for now, though it answers; what is published waits in the outboxes.
    pub blocked: Option<String>,
}

/// A queue held against what the code declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// As declared, with its bindings.
    Right,
    /// As declared. What it is bound to is not known, for this cause, or because the transport cannot list it.
    RightButForBindings(Option<String>),
    Missing,
    /// As declared, but not bound to what it asks for; the difference.
    BoundOtherwise(String),
    /// What is different.
    Wrong(String),
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum TransportError {
    /// It may work again: the caller waits a little and builds anew.
    #[error("the transport is away: {0}")]
    Away(String),
    /// It will not work until a person changes something; the text says what.
    #[error("the transport refuses: {0}")]
    Refused(String),
}

#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Makes queues and bindings; doing it twice changes nothing. Bindings that a queue no longer
    /// asks for are taken away where the transport can see them. What a broker that is away was asked
    /// for is made on the next connection to it, before anything is sent.
    ///
    /// # Errors
    /// `Refused` when a queue of that name exists with other arguments.
    async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError>;

    /// Sends a batch and gives one outcome for each, in their order. Returns within a bounded time
    /// even if the transport is away; all outcomes may then be [`Sent::Unknown`].
    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent>;

    /// Starts taking from a queue. Many may take from the same one and share it.
    ///
    /// # Errors
    /// `Refused` when there is no such queue.
    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError>;

    /// How much waits in a queue.
    ///
    /// # Errors
    /// `Refused` when there is no such queue.
    async fn depth(&self, queue: &str) -> Result<Depth, TransportError>;

    /// How much waits in each of these queues, in their order. One that does not answer hides no other.
    async fn depths(&self, queues: &[&str]) -> Vec<Result<Depth, TransportError>> {
        // At once: one that has no leader answers only when everybody's patience ends.
        join_all(queues.iter().map(|queue| self.depth(queue))).await
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// When it does not answer.
    async fn check(&self) -> Result<Condition, TransportError> {
        Ok(Condition::default())
    }

    /// Holds each of these queues against what is declared of it, in their order, without making or changing
    /// anything.
    async fn inspect(&self, queues: &[Queue]) -> Vec<Result<Inspection, TransportError>> {
        let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
        let depths = self.depths(&names).await.into_iter();
        let seen = |depth| match depth {
            Ok(_) => Ok(Inspection::RightButForBindings(None)),
            Err(TransportError::Refused(_)) => Ok(Inspection::Missing),
            Err(error) => Err(error),
        };
        depths.map(seen).collect()
    }

    /// The names of its queues that hear or hold something; nothing where it cannot list them.
    ///
    /// # Errors
    /// When it does not answer.
    async fn queues(&self) -> Result<Option<Vec<String>>, TransportError> {
        Ok(None)
    }

    /// Takes a queue away, with its bindings and what waits in it, and gives how much that was. One that is
    /// not there is taken away already.
    ///
    /// # Errors
    /// When it does not answer.
    async fn remove(&self, queue: &str) -> Result<u64, TransportError>;

    /// Queues in which what went astray is kept, with what it means to find something there.
    fn kept_queues(&self) -> &'static [(&'static str, &'static str)] {
        &[(Queue::UNROUTABLE, "no queue was bound for these events")]
    }

    /// Where it is, for people; holds no password.
    fn describe(&self) -> String;

    /// Lets go of its connections. Receivers are closed first, by those who hold them.
    async fn close(&self);
}

#[async_trait]
pub trait Receiver: Send {
    /// Waits for a first delivery, then gathers up to `max` or what comes within 5 ms more.
    /// Dropping the future loses nothing: what was gathered is given by the next call.
    ///
    /// # Errors
    /// Any error ends this receiver: drop it and ask the transport for a new one.
    async fn next(&mut self, max: usize) -> Result<Vec<Delivery>, TransportError>;

    /// These are done with and never come again. What is never settled comes again, to whoever
    /// takes from the queue then.
    ///
    /// # Errors
    /// Any error ends this receiver; the deliveries may come again.
    async fn settle(&mut self, tags: &[Tag]) -> Result<(), TransportError>;

    /// Stops taking; what was not settled goes back at once.
    async fn close(self: Box<Self>);
}
