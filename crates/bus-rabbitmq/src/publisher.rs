//! Sends batches and says what became of each message.
//!
//! Up to `window` messages of a batch are in flight together, each a publish and its confirm. A confirm
//! is the only proof that the broker owns a message; where none comes the outcome is unknown, and the same
//! event goes again under the same id.
//!
//! **Unroutable.** A message that nobody is bound for would be confirmed and gone. All are `mandatory`, so
//! the broker returns such a one before it confirms it. We then publish it to `estrade.unroutable`
//! ourselves, wait for that confirm, and only then report [`Sent::Unroutable`]: it is kept *and* known. An
//! alternate exchange would keep it too, but then nothing is returned and nobody learns of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::transport::{Outgoing, Sent, TransportError};
use lapin::options::ConfirmSelectOptions;
use tokio::time::{Instant, sleep, timeout_at};

use crate::lane::{ALARM, Lane, Parcel, set};
use crate::link::Link;
use crate::session::Session;
use crate::{codec, failure, limits};

pub(crate) struct Publisher {
    link: Arc<Link>,
    window: usize,
    largest_message: usize,
    idle: Mutex<Vec<Lane>>,
}

impl Publisher {
    pub(crate) fn new(link: Arc<Link>, window: usize, largest_message: usize) -> Self {
        Self { link, window, largest_message, idle: Mutex::default() }
    }

    pub(crate) async fn send(&self, batch: &[Outgoing]) -> Vec<Sent> {
        let deadline = Instant::now() + limits::SEND;
        let mut outcomes = vec![Sent::Unknown(String::new()); batch.len()];
        let mut parcels = Vec::with_capacity(batch.len());
        for (index, outgoing) in batch.iter().enumerate() {
            match codec::route(outgoing, self.largest_message) {
                Ok(route) => parcels.push(Parcel { index, route, envelope: &outgoing.envelope }),
                Err(cause) => set(&mut outcomes, index, Sent::Unknown(cause)),
            }
        }
        if !parcels.is_empty() {
            self.carry(&parcels, &mut outcomes, deadline).await;
        }
        outcomes
    }

    async fn carry(&self, parcels: &[Parcel<'_>], outcomes: &mut [Sent], deadline: Instant) {
        let lane = match timeout_at(deadline, self.lane(deadline)).await {
            Ok(Ok(lane)) => lane,
            Ok(Err(cause)) => return all_unknown(parcels, outcomes, &cause),
            Err(_) => return all_unknown(parcels, outcomes, "no connection to RabbitMQ in time"),
        };
        let mut round = lane.publish(parcels, self.window, deadline, Parcel::properties).await;
        let cause = round.broken.take();
        let mut strays = Vec::new();
        for parcel in parcels {
            let is_confirmed = round.confirmed.contains(&parcel.index);
            if is_confirmed && !round.has_returned(parcel) {
                set(outcomes, parcel.index, Sent::Owned);
                continue;
            }
            let cause = cause.as_deref().unwrap_or("not confirmed");
            set(outcomes, parcel.index, Sent::Unknown(cause.to_owned()));
            if is_confirmed {
                strays.push(parcel.to_unroutable());
            }
        }
        if cause.is_some() {
            return;
        }
        if lane.keep(&strays, parcels, outcomes, self.window, deadline).await {
            self.idle().push(lane);
        }
    }

    /// A channel that no other batch uses.
    async fn lane(&self, deadline: Instant) -> Result<Lane, String> {
        let session = self.link.session().await.map_err(failure::text)?;
        while session.blocked() && session.alive() {
            if Instant::now() + limits::LOOK >= deadline {
                return Err(ALARM.to_owned());
            }
            sleep(limits::LOOK).await;
        }
        self.lane_on(session).await.map_err(failure::text)
    }

    async fn lane_on(&self, session: Arc<Session>) -> Result<Lane, TransportError> {
        if let Some(lane) = self.idle_on(&session) {
            return Ok(lane);
        }
        let channel = session.channel().await?;
        let doing = "asking for confirms";
        let selected = channel.confirm_select(ConfirmSelectOptions::default());
        session.ask(doing, selected).await.map_err(|error| error.explain(doing))?;
        Ok(Lane { session, channel })
    }

    fn idle_on(&self, session: &Arc<Session>) -> Option<Lane> {
        let mut idle = self.idle();
        idle.retain(|lane| {
            Arc::ptr_eq(&lane.session, session) && lane.channel.status().connected()
        });
        idle.pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the broker takes nothing for now.
    pub(crate) async fn blocked(&self) -> Result<bool, TransportError> {
        let session = self.link.session().await?;
        if session.blocked() {
            return Ok(true);
        }
        let lane = self.lane_on(Arc::clone(&session)).await?;
        let taken = lane.knock().await.map_err(|error| failure::explain("publishing", &error))?;
        if taken {
            // Any other would bring its confirm into the next batch.
            self.idle().push(lane);
        }
        Ok(session.blocked())
    }

    pub(crate) fn cut(&self) {
        self.link.cut();
    }

    pub(crate) async fn close(&self) {
        self.idle().clear();
        self.link.close().await;
    }
}

fn all_unknown(parcels: &[Parcel<'_>], outcomes: &mut [Sent], cause: &str) {
    for parcel in parcels {
        set(outcomes, parcel.index, Sent::Unknown(cause.to_owned()));
    }
}
