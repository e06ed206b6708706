//! Keeps one connection standing: whoever needs it gets the one there is, or waits for the next.
//!
//! Relays and runners ask again and again, so the one that asks first after a loss has it made, the others
//! wait for the outcome of that same attempt, and a back-off (100 ms doubling to 1 s, the next address each
//! time) keeps them from hammering a broker that is down. An attempt is a task of its own: with a broker far
//! away it may take longer than a sender has time, and it goes on for the next one when nobody waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::transport::TransportError;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::config::Address;
use crate::limits;
use crate::session::Session;
use crate::topology::Topology;

type Outcome = Result<Arc<Session>, TransportError>;

pub(crate) struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    addresses: Vec<Address>,
    topology: Arc<Topology>,
    state: Mutex<State>,
}

struct State {
    session: Option<Arc<Session>>,
    attempt: Option<Attempt>,
    next_address: usize,
    back_off: Duration,
    not_before: Instant,
    closed: bool,
}

/// A session in the making.
struct Attempt {
    /// For each of those who wait for it.
    outcome: Shared<BoxFuture<'static, Outcome>>,
    task: AbortHandle,
}

impl Link {
    pub(crate) fn new(name: String, addresses: Vec<Address>, topology: Arc<Topology>) -> Self {
        let state = State {
            session: None,
            attempt: None,
            next_address: 0,
            back_off: limits::BACK_OFF,
            not_before: Instant::now(),
            closed: false,
        };
        Self { inner: Arc::new(Inner { name, addresses, topology, state: Mutex::new(state) }) }
    }

    /// A session that stands and has the whole topology.
    pub(crate) async fn session(&self) -> Outcome {
        let outcome = {
            let mut state = self.inner.state();
            if state.closed {
                return Err(closed());
            }
            if let Some(session) = state.session.as_ref().filter(|session| session.alive()) {
                return Ok(Arc::clone(session));
            }
            state.session = None;
            // One that panicked cannot have said so.
            state.attempt.take_if(|attempt| attempt.task.is_finished());
            let attempt = state.attempt.get_or_insert_with(|| Attempt::begin(&self.inner));
            attempt.outcome.clone()
        };
        outcome.await
    }

    pub(crate) fn cut(&self) {
        if let Some(session) = self.end() {
            session.fail("cut");
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(session) = self.end() {
            session.close().await;
        }
    }

    /// No more sessions from here on; the last one.
    fn end(&self) -> Option<Arc<Session>> {
        let mut state = self.inner.state();
        state.closed = true;
        if let Some(attempt) = &state.attempt {
            attempt.task.abort();
        }
        state.session.take()
    }
}

impl Attempt {
    fn begin(inner: &Arc<Inner>) -> Self {
        let connecting = tokio::spawn(Arc::clone(inner).connect());
        let task = connecting.abort_handle();
        let outcome = connecting.map(|ended| {
            ended.unwrap_or_else(|error| {
                Err(TransportError::Away(format!("connecting ended: {error}")))
            })
        });
        Self { outcome: outcome.boxed().shared(), task }
    }
}

impl Inner {
    async fn connect(self: Arc<Self>) -> Outcome {
        let (address, not_before) = {
            let state = self.state();
            (state.next_address, state.not_before)
        };
        sleep_until(not_before).await;
        let outcome = self.open(address).await;
        self.note(outcome)
    }

    async fn open(&self, index: usize) -> Outcome {
        let Some(address) = self.addresses.get(index % self.addresses.len().max(1)) else {
            return Err(TransportError::Refused("no broker URL is given".to_owned()));
        };
        let session = Session::open(address, &self.name).await?;
        // A broker that came back empty gets its exchange, queues and bindings before anything is sent.
        let restored = timeout(limits::RESTORE, self.topology.restore(&session)).await;
        restored.map_err(|_| {
            let text = "its queues and bindings take longer than the time limit";
            TransportError::Away(format!("RabbitMQ at {address}: {text}"))
        })??;
        tracing::info!(connection = self.name, %address, "connected to RabbitMQ");
        Ok(Arc::new(session))
    }

    /// What it means for those who ask from here on.
    fn note(&self, outcome: Outcome) -> Outcome {
        let mut state = self.state();
        state.attempt = None;
        state.not_before = Instant::now() + state.back_off;
        if state.closed {
            return Err(closed());
        }
        match &outcome {
            Ok(session) => {
                state.back_off = limits::BACK_OFF;
                state.session = Some(Arc::clone(session));
            }
            Err(_) => {
                state.next_address = state.next_address.wrapping_add(1);
                state.back_off = (state.back_off * 2).min(limits::BACK_OFF_MOST);
            }
        }
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> TransportError {
    TransportError::Away("this connection was closed".to_owned())
}
