//! One batch on one channel: publishes in flight, their confirms, and what came back.
//!
//! The client library hangs a returned message on the next confirm of its channel, which may be another
//! message's. Returns are therefore known by their own message id and route, each batch has a channel for
//! itself, and no confirm counts before all of the batch that could carry its return were seen.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use bus::transport::{Queue, Sent};
use event::Envelope;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lapin::message::BasicReturnMessage;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::codec::{self, Route};
use crate::limits;
use crate::session::Session;

pub(crate) const ALARM: &str =
    "the broker blocks publishers (rabbitmqctl status: memory or disk alarm)";

/// A queue that there is not.
const NOBODY: &str = "estrade.nobody";

/// One message of a batch, and its place there.
pub(crate) struct Parcel<'a> {
    pub(crate) index: usize,
    pub(crate) route: Route,
    pub(crate) envelope: &'a Envelope,
}

/// How a returned message is known again.
type Key = (String, Route);

impl Parcel<'_> {
    fn key(&self) -> Key {
        (self.envelope.id.to_string(), self.route.clone())
    }

    pub(crate) fn properties(&self) -> BasicProperties {
        codec::properties(self.envelope)
    }

    pub(crate) fn to_unroutable(&self) -> Self {
        let route = Route { exchange: "".into(), key: Queue::UNROUTABLE.into() };
        Self { index: self.index, route, envelope: self.envelope }
    }
}

/// A channel with confirms, for one batch at a time.
pub(crate) struct Lane {
    pub(crate) session: Arc<Session>,
    pub(crate) channel: Channel,
}

/// What is known after one pass over some parcels.
#[derive(Default)]
pub(crate) struct Round {
    pub(crate) confirmed: HashSet<usize>,
    returned: HashSet<Key>,
    /// Why the rest is unknown; the channel is then not used again, for late confirms and returns
    /// of this batch would be taken for the next one's.
    pub(crate) broken: Option<String>,
}

impl Round {
    pub(crate) fn has_returned(&self, parcel: &Parcel<'_>) -> bool {
        !self.returned.is_empty() && self.returned.contains(&parcel.key())
    }
}

impl Lane {
    pub(crate) async fn publish<'a>(
        &self,
        parcels: &[Parcel<'a>],
        window: usize,
        deadline: Instant,
        properties: impl Fn(&Parcel<'a>) -> BasicProperties + Copy,
    ) -> Round {
        let mut round = Round::default();
        let returned = Mutex::new(HashSet::new());
        let mut waiting = parcels.iter();
        let mut in_flight = FuturesUnordered::new();
        let mut patience = Instant::now() + limits::CONFIRM;
        while round.broken.is_none() {
            while in_flight.len() < window
                && let Some(parcel) = waiting.next()
            {
                in_flight.push(self.publish_one(parcel, properties, &returned));
            }
            tokio::select! {
                biased;
                done = in_flight.next() => match done {
                    None => break,
                    Some(Ok(index)) => {
                        round.confirmed.insert(index);
                        patience = Instant::now() + limits::CONFIRM;
                    }
                    Some(Err(cause)) => round.broken = Some(cause),
                },
                () = sleep_until(patience.min(deadline)) => {
                    round.broken = self.give_up(deadline).await;
                    patience = Instant::now() + limits::LOOK;
                }
            }
        }
        // Confirms that were ready, but not looked at, may carry the return of one that was.
        while let Some(Some(done)) = in_flight.next().now_or_never() {
            round.confirmed.extend(done.ok());
        }
        drop(in_flight);
        round.returned = returned.into_inner().unwrap_or_else(PoisonError::into_inner);
        round
    }

    /// Nothing was confirmed for a while: the cause to stop for, unless the broker asked us to wait.
    async fn give_up(&self, deadline: Instant) -> Option<String> {
        if self.session.alive() && self.session.blocked() {
            return (Instant::now() >= deadline).then(|| ALARM.to_owned());
        }
        let cause = "no confirm from the broker within the time limit";
        // One queue without a leader confirms nothing; the connection serves all the others.
        let answers = timeout_at(deadline, self.session.answers()).await;
        if answers == Ok(false) {
            self.session.fail(cause);
        }
        Some(cause.to_owned())
    }

    async fn publish_one<'a>(
        &self,
        parcel: &Parcel<'a>,
        properties: impl Fn(&Parcel<'a>) -> BasicProperties,
        returned: &Mutex<HashSet<Key>>,
    ) -> Result<usize, String> {
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        loop {
            let published = self.channel.basic_publish(
                parcel.route.exchange.clone(),
                parcel.route.key.clone(),
                options,
                parcel.envelope.data.as_bytes(),
                properties(parcel),
            );
            let confirm = published.await.map_err(|error| error.to_string())?;
            match confirm.await.map_err(|error| error.to_string())? {
                Confirmation::Ack(stray) => {
                    note(stray, returned);
                    return Ok(parcel.index);
                }
                Confirmation::Nack(stray) => note(stray, returned),
                Confirmation::NotRequested => {
                    return Err("the channel gives no confirms".to_owned());
                }
            }
            sleep(limits::AFTER_NACK).await;
        }
    }

    /// Publishes a word to nobody, which the broker confirms and throws away; whether it did. A broker in need
    /// tells so to those alone who publish.
    pub(crate) async fn knock(&self) -> lapin::Result<bool> {
        let taken = async {
            let (options, properties) =
                (BasicPublishOptions::default(), BasicProperties::default());
            let word =
                self.channel.basic_publish("".into(), NOBODY.into(), options, b"", properties);
            word.await?.await.map(drop)
        };
        let refused = async {
            while !self.session.blocked() {
                sleep(limits::LOOK).await;
            }
        };
        tokio::select! {
            taken = taken => taken.map(|()| true),
            () = refused => Ok(false),
            () = sleep(limits::KNOCK) => Ok(false),
        }
    }

    /// Keeps what found no queue; whether the lane is good for another batch.
    pub(crate) async fn keep(
        &self,
        strays: &[Parcel<'_>],
        parcels: &[Parcel<'_>],
        outcomes: &mut [Sent],
        window: usize,
        deadline: Instant,
    ) -> bool {
        if strays.is_empty() {
            return true;
        }
        let wanted = |stray: &Parcel<'_>| {
            let parcel = parcels.iter().find(|parcel| parcel.index == stray.index);
            parcel.map_or_else(
                || stray.properties(),
                |parcel| codec::stray_properties(stray.envelope, &parcel.route),
            )
        };
        let round = self.publish(strays, window, deadline, wanted).await;
        for stray in strays {
            let outcome = if round.has_returned(stray) {
                // Somebody deleted it; the next connection makes it anew.
                self.session.fail("the queue estrade.unroutable is missing");
                Sent::Unknown("no queue wants it, and estrade.unroutable is missing".to_owned())
            } else if round.confirmed.contains(&stray.index) {
                let envelope = stray.envelope;
                tracing::warn!(id = %envelope.id, event_type = envelope.event_type, "no queue wants it");
                Sent::Unroutable
            } else {
                Sent::Unknown(
                    "no queue wants it, and it is not confirmed in estrade.unroutable".to_owned(),
                )
            };
            set(outcomes, stray.index, outcome);
        }
        round.broken.is_none() && round.returned.is_empty()
    }
}

fn note(stray: Option<BasicReturnMessage>, returned: &Mutex<HashSet<Key>>) {
    let Some(stray) = stray else {
        return;
    };
    let delivery = stray.delivery;
    let id =
        (delivery.properties.message_id().as_ref()).map_or_else(String::new, ToString::to_string);
    let route = Route { exchange: delivery.exchange, key: delivery.routing_key };
    returned.lock().unwrap_or_else(PoisonError::into_inner).insert((id, route));
}

pub(crate) fn set(outcomes: &mut [Sent], index: usize, outcome: Sent) {
    if let Some(slot) = outcomes.get_mut(index) {
        *slot = outcome;
    }
}
