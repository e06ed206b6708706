//! Keeps one connection standing: whoever needs it gets the one there is, or makes the next.
//!
//! There is no task behind it. Relays and runners ask again and again, so the one that asks first after
//! a loss connects, the others wait for the outcome of that same attempt, and a back-off (100 ms doubling
//! to 1 s, the next address each time) keeps them from hammering a broker that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bus::transport::TransportError;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::config::Address;
use crate::limits;
use crate::session::Session;
use crate::topology::Topology;

pub(crate) struct Link {
    name: String,
    addresses: Vec<Address>,
    topology: Arc<Topology>,
    attempts: AtomicU64,
    state: Mutex<State>,
}

struct State {
    session: Option<Arc<Session>>,
    failure: Option<TransportError>,
    next_address: usize,
    back_off: Duration,
    not_before: Instant,
    closed: bool,
}

impl Link {
    pub(crate) fn new(name: String, addresses: Vec<Address>, topology: Arc<Topology>) -> Self {
        Self {
            name,
            addresses,
            topology,
            attempts: AtomicU64::new(0),
            state: Mutex::new(State {
                session: None,
                failure: None,
                next_address: 0,
                back_off: limits::BACK_OFF,
                not_before: Instant::now(),
                closed: false,
            }),
        }
    }

    /// A session that stands and has the whole topology.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, TransportError> {
        let attempts = self.attempts.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if state.closed {
            return Err(TransportError::Away("this connection was closed".to_owned()));
        }
        if let Some(session) = state.session.as_ref().filter(|session| session.alive()) {
            return Ok(Arc::clone(session));
        }
        if let Some(failure) = &state.failure
            && self.attempts.load(Ordering::Acquire) != attempts
        {
            // For each of those who waited for the same attempt.
            return Err(failure.clone());
        }
        self.connect(&mut state).await
    }

    async fn connect(&self, state: &mut State) -> Result<Arc<Session>, TransportError> {
        state.session = None;
        sleep_until(state.not_before).await;
        let outcome = self.attempt(state.next_address).await;
        self.attempts.fetch_add(1, Ordering::AcqRel);
        state.not_before = Instant::now() + state.back_off;
        match outcome {
            Ok(session) => {
                state.back_off = limits::BACK_OFF;
                state.failure = None;
                state.session = Some(Arc::clone(&session));
                Ok(session)
            }
            Err(error) => {
                state.next_address = state.next_address.wrapping_add(1);
                state.back_off = (state.back_off * 2).min(limits::BACK_OFF_MOST);
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    async fn attempt(&self, index: usize) -> Result<Arc<Session>, TransportError> {
        let Some(address) = self.addresses.get(index % self.addresses.len().max(1)) else {
            return Err(TransportError::Refused("no broker URL is given".to_owned()));
        };
        let session = Session::open(address, &self.name).await?;
        // A broker that came back empty gets its exchange, queues and bindings before anything is sent.
        self.topology.restore(&session).await?;
        tracing::info!(connection = self.name, %address, "connected to RabbitMQ");
        Ok(Arc::new(session))
    }

    pub(crate) async fn cut(&self) {
        let mut state = self.state.lock().await;
        state.closed = true;
        if let Some(session) = state.session.take() {
            session.fail("cut");
        }
    }

    pub(crate) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.closed = true;
        if let Some(session) = state.session.take() {
            session.close().await;
        }
    }
}
