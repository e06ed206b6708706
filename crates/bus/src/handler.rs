//! Events coming in: what a service writes to hear them.

use std::{future::Future, ops::Deref};

use chrono::{DateTime, Utc};
pub use event::{Anything, Hear};
use event::{Envelope, EventId};
use futures::future::BoxFuture;

use tracing::Instrument;

use crate::{
    RetryPolicy, Tx,
    trace::{self, Span},
};

/// Handles one event in a transaction. Called once for each event, whatever is delivered twice; what
/// it wrote and published is committed together with the mark that it was handled.
///
/// Order is not promised: state carries a version, and a copy takes only what is newer.
pub trait Handler: Send + Sync + 'static {
    /// Durable: `<service>.<handler>`, the queue's name and the key of the inbox.
    const NAME: &'static str;
    type Event: Hear;

    /// How often and how long it is tried again.
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT;

    fn handle(
        &self,
        event: &Received<Self::Event>,
        tx: &mut Tx,
    ) -> impl Future<Output = Handled> + Send;
}

/// Handles many events at once, where bulk SQL pays. They are all new and come in no order. When it
/// fails the events are given again one by one, so that one bad event harms no other.
pub trait BatchHandler: Send + Sync + 'static {
    /// Durable: `<service>.<handler>`, the queue's name and the key of the inbox.
    const NAME: &'static str;
    type Event: Hear;

    /// How often and how long it is tried again.
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT;

    /// How many batches are handled at once in one process, each in a transaction of its own: while one
    /// waits for its commit, another is at work. More than one pays where a queue runs full.
    const SIDE_BY_SIDE: usize = 1;

    fn handle_all(
        &self,
        events: &[Received<Self::Event>],
        tx: &mut Tx,
    ) -> impl Future<Output = Handled> + Send;
}

/// What a handler answers: done, or a [`Failure`].
pub type Handled = Result<(), Failure>;

/// Why an event was not handled, and what is to be done with it.
#[derive(Debug)]
pub enum Failure {
    /// Try again later; what `?` makes of any error.
    Retry(String),
    /// Trying again is no use: a person must look. It becomes a dead letter at once.
    Park(String),
}

impl Failure {
    /// What it needs is not here yet.
    pub fn wait(for_what: impl Into<String>) -> Self {
        Self::Retry(for_what.into())
    }

    /// Trying again is no use.
    pub fn park(cause: impl Into<String>) -> Self {
        Self::Park(cause.into())
    }

    pub(crate) fn cause(&self) -> &str {
        match self {
            Self::Retry(cause) | Self::Park(cause) => cause,
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Retry(with_sources(&error))
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

/// An event with the envelope it came in. Dereferences to the event.
#[derive(Clone, Debug)]
pub struct Received<E> {
    pub envelope: Envelope,
    pub data: E,
}

impl<E> Received<E> {
    #[must_use]
    pub fn id(&self) -> EventId {
        self.envelope.id
    }

    /// When it happened, by its owner's clock; what was to be told later, when it was due.
    #[must_use]
    pub fn time(&self) -> DateTime<Utc> {
        self.envelope.time
    }
}

impl<E> Deref for Received<E> {
    type Target = E;
    fn deref(&self) -> &E {
        &self.data
    }
}

/// A handler whose event type is forgotten, so that a service can hold several.
pub(crate) trait ErasedHandler: Send + Sync {
    fn name(&self) -> &'static str;
    fn types(&self) -> Vec<&'static str>;
    fn retry(&self) -> RetryPolicy;
    fn side_by_side(&self) -> usize {
        1
    }
    /// Handles all, or fails at the first that does not go.
    fn handle<'a>(
        &'a self,
        envelopes: &'a [&'a Envelope],
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Handled>;
}

pub(crate) struct OneByOne<H>(pub(crate) H);
pub(crate) struct Together<H>(pub(crate) H);

impl<H: Handler> ErasedHandler for OneByOne<H> {
    fn name(&self) -> &'static str {
        H::NAME
    }
    fn types(&self) -> Vec<&'static str> {
        H::Event::types()
    }
    fn retry(&self) -> RetryPolicy {
        H::RETRY
    }
    fn handle<'a>(
        &'a self,
        envelopes: &'a [&'a Envelope],
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Handled> {
        Box::pin(async move {
            for envelope in envelopes {
                let span = Span::of_handling(H::NAME, envelope);
                tx.follow_within(envelope, &span);
                let event = open::<H::Event>(envelope)?;
                let handling = self.0.handle(&event, tx).instrument(log_span(H::NAME, envelope));
                handling.await.inspect_err(|_| span.failed())?;
            }
            Ok(())
        })
    }
}

impl<H: BatchHandler> ErasedHandler for Together<H> {
    fn name(&self) -> &'static str {
        H::NAME
    }
    fn types(&self) -> Vec<&'static str> {
        H::Event::types()
    }
    fn retry(&self) -> RetryPolicy {
        H::RETRY
    }
    fn side_by_side(&self) -> usize {
        H::SIDE_BY_SIDE.max(1)
    }
    fn handle<'a>(
        &'a self,
        envelopes: &'a [&'a Envelope],
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Handled> {
        Box::pin(async move {
            let events: Vec<_> = envelopes
                .iter()
                .map(|envelope| open::<H::Event>(envelope))
                .collect::<Result<_, _>>()?;
            let spans: Vec<Span> =
                envelopes.iter().map(|envelope| Span::of_handling(H::NAME, envelope)).collect();
            tx.follow_all(envelopes, &spans);
            let handling =
                self.0.handle_all(&events, tx).instrument(batch_span(H::NAME, envelopes));
            handling.await.inspect_err(|_| spans.iter().for_each(Span::failed))
        })
    }
}

/// What every log line within says besides.
fn log_span(handler: &'static str, envelope: &Envelope) -> tracing::Span {
    tracing::info_span!(
        "handle",
        handler,
        event_id = %envelope.id,
        event_type = envelope.event_type,
        trace_id = trace::id(envelope.traceparent.as_deref())
    )
}

fn batch_span(handler: &'static str, envelopes: &[&Envelope]) -> tracing::Span {
    match envelopes {
        [one] => log_span(handler, one),
        many => tracing::info_span!("handle", handler, events = many.len()),
    }
}

fn open<E: Hear>(envelope: &Envelope) -> Result<Received<E>, Failure> {
    let data = E::read(envelope).map_err(|error| Failure::Park(error.to_string()))?;
    Ok(Received { envelope: envelope.clone(), data })
}
