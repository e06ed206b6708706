//! Steady traffic through a broker that something happens to: what was owned arrives, and nobody waits
//! for ever. Sender and receiver do what the relay and the runner do: send again what is unknown, ask for
//! a new receiver after each error.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bus::transport::{Delivery, Outgoing, Sent, Tag, Transport, TransportError};
use event::EventId;
use tokio::task::JoinHandle;

use crate::support::{EVER, Place};

pub struct Traffic {
    place: Arc<Place>,
    running: Arc<AtomicBool>,
    owned: Arc<AtomicUsize>,
    received: Arc<AtomicUsize>,
    sender: JoinHandle<Vec<EventId>>,
    receiver: JoinHandle<Received>,
}

#[derive(Default)]
struct Received {
    counts: BTreeMap<EventId, usize>,
    errors: usize,
    longest_silence: Duration,
}

impl Received {
    fn end(&mut self, error: &TransportError) {
        println!("{error}");
        self.errors += 1;
    }
}

/// What the traffic came to.
#[derive(Debug)]
pub struct Balance {
    pub lost: usize,
    /// At most a window of messages and a prefetch, each time.
    pub repeated: usize,
    pub receiver_errors: usize,
    pub longest_silence: Duration,
}

impl Traffic {
    pub async fn start(place: Arc<Place>) -> Self {
        let queue = place.queue("traffic", &["happened.v1"]).await;
        let running = Arc::new(AtomicBool::new(true));
        let owned = Arc::new(AtomicUsize::new(0));
        let received = Arc::new(AtomicUsize::new(0));
        let stopped = Arc::new(AtomicUsize::new(usize::MAX));
        let sender =
            tokio::spawn(send(place.clone(), running.clone(), owned.clone(), stopped.clone()));
        let receiver = tokio::spawn(receive(place.clone(), queue, received.clone(), stopped));
        let traffic = Self { place, running, owned, received, sender, receiver };
        traffic.flows(2000).await;
        traffic
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Waits until so many more were owned and received.
    pub async fn flows(&self, more: usize) {
        let aims =
            [&self.owned, &self.received].map(|count| (count, count.load(Ordering::SeqCst) + more));
        let started = Instant::now();
        let mut beat = tokio::time::interval(Duration::from_millis(10));
        for (count, aim) in aims {
            while count.load(Ordering::SeqCst) < aim {
                assert!(started.elapsed() < EVER, "the traffic stands still");
                beat.tick().await;
            }
        }
    }

    /// Stops sending, receives the rest, and counts.
    pub async fn balance(self) -> Balance {
        self.running.store(false, Ordering::SeqCst);
        let owned = tokio::time::timeout(EVER, self.sender).await.expect("send hangs").unwrap();
        let received =
            tokio::time::timeout(EVER, self.receiver).await.expect("next hangs").unwrap();
        let balance = Balance {
            lost: owned.iter().filter(|id| !received.counts.contains_key(id)).count(),
            repeated: received.counts.values().filter(|count| **count > 1).count(),
            receiver_errors: received.errors,
            longest_silence: received.longest_silence,
        };
        println!("{balance:?}");
        balance
    }
}

async fn send(
    place: Arc<Place>,
    running: Arc<AtomicBool>,
    owned: Arc<AtomicUsize>,
    stopped: Arc<AtomicUsize>,
) -> Vec<EventId> {
    let mut ids = Vec::new();
    let mut waiting: Vec<Outgoing> = Vec::new();
    while running.load(Ordering::SeqCst) || !waiting.is_empty() {
        while running.load(Ordering::SeqCst) && waiting.len() < 500 {
            waiting.push(place.to_all("happened.v1"));
        }
        let outcomes =
            tokio::time::timeout(Duration::from_secs(20), place.transport.send(waiting.clone()));
        let outcomes = outcomes.await.expect("send takes longer than it may");
        let mut unknown = Vec::new();
        for (outgoing, outcome) in waiting.into_iter().zip(outcomes) {
            match outcome {
                Sent::Owned => ids.push(outgoing.envelope.id),
                Sent::Unknown(_) => unknown.push(outgoing),
                Sent::Unroutable => panic!("the queue lost its binding"),
            }
        }
        waiting = unknown;
        owned.store(ids.len(), Ordering::SeqCst);
    }
    stopped.store(ids.len(), Ordering::SeqCst);
    ids
}

async fn receive(
    place: Arc<Place>,
    queue: String,
    count: Arc<AtomicUsize>,
    stopped: Arc<AtomicUsize>,
) -> Received {
    let mut received = Received::default();
    let mut last = Instant::now();
    while received.counts.len() < stopped.load(Ordering::SeqCst) {
        let mut receiver = match place.transport.receive(&queue).await {
            Ok(receiver) => receiver,
            Err(error) => {
                received.end(&error);
                continue;
            }
        };
        while received.counts.len() < stopped.load(Ordering::SeqCst) {
            let next = tokio::time::timeout(Duration::from_millis(200), receiver.next(200)).await;
            let deliveries = match next {
                // Nothing for now: is it all?
                Err(_) => continue,
                Ok(Ok(deliveries)) => deliveries,
                Ok(Err(error)) => {
                    received.end(&error);
                    break;
                }
            };
            received.longest_silence = received.longest_silence.max(last.elapsed());
            last = Instant::now();
            let tags: Vec<Tag> = deliveries.iter().map(|delivery| delivery.tag).collect();
            note(&mut received, deliveries);
            count.store(received.counts.len(), Ordering::SeqCst);
            if let Err(error) = receiver.settle(&tags).await {
                received.end(&error);
                break;
            }
        }
        receiver.close().await;
    }
    received
}

fn note(received: &mut Received, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        *received.counts.entry(delivery.content.unwrap().id).or_default() += 1;
    }
}
