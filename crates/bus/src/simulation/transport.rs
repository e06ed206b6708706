//! A transport in memory that does, from a seed, whatever a transport may do: lose what was sent and
//! say so, own it and not say so, deliver twice, late and out of order, cut connections, and forget
//! that something was settled. It never loses what it called owned, unless it is told to lie.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::fate::note;
use crate::{
    Clock, Envelope, Transport,
    transport::{
        Delivery, Depth, Destination, Outgoing, Queue, Receiver, Sent, Tag, TransportError,
        Undecodable,
    },
};

/// How many settled deliveries a power cut may bring back.
const FORGETTABLE: usize = 20;
/// What was told longer ago than this is settled for good: a power cut brings back the latest alone.
const SURELY_SETTLED: TimeDelta = TimeDelta::days(1);
const LONGEST_DELAY_SECONDS: i64 = 600;

/// How often the transport does what, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manners {
    /// Not arrived, and unknown.
    pub(crate) lost: u32,
    /// Arrived in all queues or only in some, and unknown.
    pub(crate) unanswered: u32,
    pub(crate) doubled: u32,
    pub(crate) late: u32,
    /// A settlement that fails, whether it arrived or not.
    pub(crate) unsettled: u32,
    /// Lost and called owned: what no transport may do.
    pub(crate) lie: u32,
}

/// Cheap to clone; clones are the same transport.
#[derive(Clone)]
pub struct SimulatedTransport {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    random: StdRng,
    manners: Manners,
    queues: BTreeMap<String, Held>,
    settled: Vec<(String, Item)>,
    drawn: u64,
    /// Raised when all connections are cut.
    epoch: u64,
}

#[derive(Default)]
struct Held {
    types: Vec<String>,
    waiting: Vec<Item>,
    /// By tag, with the receiver that holds it.
    taken: BTreeMap<Tag, (u64, Item)>,
}

#[derive(Clone)]
struct Item {
    content: Result<Envelope, Undecodable>,
    from: DateTime<Utc>,
    returned: u32,
}

impl SimulatedTransport {
    pub(crate) fn new(seed: u64, clock: Clock, manners: Manners) -> Self {
        let state = State {
            random: StdRng::seed_from_u64(seed),
            manners,
            queues: BTreeMap::new(),
            settled: Vec::new(),
            drawn: 0,
            epoch: 0,
        };
        Self { shared: Arc::new(Shared { clock, state: Mutex::new(state) }) }
    }

    /// One that does all that is asked, at once.
    #[must_use]
    pub fn well_behaved(clock: Clock) -> Self {
        Self::new(0, clock, Manners::default())
    }

    /// From here on it does all that is asked, at once.
    pub(crate) fn calm(&self) {
        self.state().manners = Manners::default();
    }

    /// Cuts all connections: what is not settled comes again, and some of what was.
    pub(crate) fn cut(&self) {
        let mut state = self.state();
        state.epoch += 1;
        for held in state.queues.values_mut() {
            held.give_back(|_| true);
        }
        for (queue, item) in std::mem::take(&mut state.settled) {
            if state.random.random_ratio(1, 4)
                && let Some(held) = state.queues.get_mut(&queue)
            {
                held.waiting.push(item);
            }
        }
    }

    /// Puts bytes into a queue that are no envelope.
    pub fn throw_in(&self, queue: &str, bytes: &[u8]) {
        let from = self.shared.clock.now();
        let undecodable = Undecodable {
            bytes: bytes.to_vec(),
            headers: String::new(),
            cause: "simulated: no envelope".to_owned(),
        };
        if let Some(held) = self.state().queues.get_mut(queue) {
            held.waiting.push(Item { content: Err(undecodable), from, returned: 0 });
        }
    }

    /// Whether a queue has something to give now.
    pub(crate) fn is_ready(&self, queue: &str) -> bool {
        let now = self.shared.clock.now();
        self.state()
            .queues
            .get(queue)
            .is_some_and(|held| held.waiting.iter().any(|item| item.from <= now))
    }

    /// How much lies in all queues, taken or not.
    pub(crate) fn held(&self) -> usize {
        self.state().queues.values().map(|held| held.waiting.len() + held.taken.len()).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Item {
    fn is_told_since(&self, time: DateTime<Utc>) -> bool {
        match &self.content {
            Ok(envelope) => envelope.time > time,
            Err(_) => true,
        }
    }

    fn back(self) -> Self {
        Self { returned: self.returned + 1, ..self }
    }
}

impl Held {
    fn give_back(&mut self, is_back: impl Fn(u64) -> bool) {
        let back: Vec<Tag> =
            self.taken.iter().filter(|(_, (by, _))| is_back(*by)).map(|(tag, _)| *tag).collect();
        for tag in back {
            if let Some((_, item)) = self.taken.remove(&tag) {
                self.waiting.push(item.back());
            }
        }
    }
}

impl State {
    fn happens(&mut self, rate: u32) -> bool {
        self.random.random_ratio(rate.min(1000), 1000)
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    fn send(&mut self, outgoing: Outgoing, now: DateTime<Utc>) -> Sent {
        let Outgoing { envelope, to } = outgoing;
        let queues: Vec<String> = match &to {
            Destination::Queue(name) => {
                self.queues.keys().filter(|queue| *queue == name).cloned().collect()
            }
            Destination::Everyone => self.bound(&envelope.event_type),
        };
        let (sent, text) = self.place(&envelope, &queues, now);
        note(|| format!("{text} {} {}", envelope.event_type, envelope.id));
        sent
    }

    fn bound(&self, event_type: &str) -> Vec<String> {
        let hears = |held: &Held| {
            held.types.iter().any(|kind| kind == event_type || kind == Queue::EVERYTHING)
        };
        self.queues.iter().filter(|(_, held)| hears(held)).map(|(name, _)| name.clone()).collect()
    }

    fn place(
        &mut self,
        envelope: &Envelope,
        queues: &[String],
        now: DateTime<Utc>,
    ) -> (Sent, &'static str) {
        let unknown = || Sent::Unknown("simulated: no answer".to_owned());
        if self.happens(self.manners.lie) {
            return (Sent::Owned, "lost and called owned:");
        }
        if self.happens(self.manners.lost) {
            return (unknown(), "lost:");
        }
        if queues.is_empty() {
            return (Sent::Unroutable, "unroutable:");
        }
        let is_unanswered = self.happens(self.manners.unanswered);
        let is_partial = is_unanswered && self.random.random();
        for queue in queues {
            if is_partial && self.random.random() {
                continue;
            }
            let copies = 1 + usize::from(self.happens(self.manners.doubled));
            for _ in 0..copies {
                self.lay(queue, envelope, now);
            }
        }
        if is_unanswered { (unknown(), "unanswered:") } else { (Sent::Owned, "owned:") }
    }

    fn lay(&mut self, queue: &str, envelope: &Envelope, now: DateTime<Utc>) {
        let late = if self.happens(self.manners.late) {
            self.random.random_range(1..=LONGEST_DELAY_SECONDS)
        } else {
            0
        };
        if let Some(held) = self.queues.get_mut(queue) {
            let from = now + TimeDelta::seconds(late);
            held.waiting.push(Item { content: Ok(envelope.clone()), from, returned: 0 });
        }
    }

    /// Takes some of what is ready, in any order.
    fn take(&mut self, queue: &str, by: u64, max: usize, now: DateTime<Utc>) -> Vec<Delivery> {
        let Some(mut held) = self.queues.remove(queue) else {
            return Vec::new();
        };
        let mut ready: Vec<usize> =
            (0..held.waiting.len()).filter(|place| held.waiting[*place].from <= now).collect();
        let most = if ready.is_empty() { 0 } else { self.random.random_range(1..=max) };
        let mut deliveries = Vec::new();
        while deliveries.len() < most && !ready.is_empty() {
            let chosen = ready.swap_remove(self.random.random_range(0..ready.len()));
            let item = held.waiting[chosen].clone();
            let tag = Tag(self.draw());
            let (content, returned) = (item.content.clone(), item.returned);
            deliveries.push((chosen, Delivery { tag, content, returned }));
            held.taken.insert(tag, (by, item));
        }
        let mut gone: Vec<usize> = deliveries.iter().map(|(place, _)| *place).collect();
        gone.sort_unstable();
        gone.into_iter().rev().for_each(|place| {
            held.waiting.remove(place);
        });
        self.queues.insert(queue.to_owned(), held);
        deliveries.into_iter().map(|(_, delivery)| delivery).collect()
    }

    fn settle(
        &mut self,
        queue: &str,
        by: u64,
        tags: &[Tag],
        now: DateTime<Utc>,
    ) -> Result<(), TransportError> {
        let fails = self.happens(self.manners.unsettled);
        let arrives = !fails || self.random.random();
        if arrives && let Some(held) = self.queues.get_mut(queue) {
            let settled = tags.iter().filter_map(|tag| held.taken.remove(tag));
            let settled: Vec<Item> = settled.map(|(_, item)| item).collect();
            self.remember(queue, settled, now);
        }
        if !fails {
            return Ok(());
        }
        note(|| format!("settlement not answered, arrived: {arrives}"));
        if let Some(held) = self.queues.get_mut(queue) {
            held.give_back(|receiver| receiver == by);
        }
        Err(away())
    }

    fn remember(&mut self, queue: &str, items: Vec<Item>, now: DateTime<Utc>) {
        let since = now - SURELY_SETTLED;
        let again = items.into_iter().filter(|item| item.is_told_since(since)).map(Item::back);
        self.settled.extend(again.map(|item| (queue.to_owned(), item)));
        let surplus = self.settled.len().saturating_sub(FORGETTABLE);
        self.settled.drain(..surplus);
    }
}

fn away() -> TransportError {
    TransportError::Away("simulated: the connection was cut".to_owned())
}

#[async_trait]
impl Transport for SimulatedTransport {
    async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError> {
        let mut state = self.state();
        for queue in queues {
            state.queues.entry(queue.name.clone()).or_default().types.clone_from(&queue.types);
        }
        Ok(())
    }

    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        let now = self.shared.clock.now();
        let mut state = self.state();
        batch.into_iter().map(|outgoing| state.send(outgoing, now)).collect()
    }

    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError> {
        let mut state = self.state();
        if !state.queues.contains_key(queue) {
            return Err(TransportError::Refused(format!("there is no queue {queue}")));
        }
        let (id, epoch) = (state.draw(), state.epoch);
        Ok(Box::new(SimulatedReceiver {
            transport: self.clone(),
            queue: queue.to_owned(),
            id,
            epoch,
        }))
    }

    async fn depth(&self, queue: &str) -> Result<Depth, TransportError> {
        let state = self.state();
        let Some(held) = state.queues.get(queue) else {
            return Err(TransportError::Refused(format!("there is no queue {queue}")));
        };
        Ok(Depth {
            ready: held.waiting.len() as u64,
            unsettled: Some(held.taken.len() as u64),
            oldest: held.waiting.iter().map(|item| item.from).min(),
            consumers: None,
        })
    }

    async fn remove(&self, queue: &str) -> Result<u64, TransportError> {
        let removed = self.state().queues.remove(queue);
        Ok(removed.map_or(0, |held| (held.waiting.len() + held.taken.len()) as u64))
    }

    fn describe(&self) -> String {
        "a simulated transport".to_owned()
    }

    async fn close(&self) {}
}

struct SimulatedReceiver {
    transport: SimulatedTransport,
    queue: String,
    id: u64,
    epoch: u64,
}

#[async_trait]
impl Receiver for SimulatedReceiver {
    /// Never waits: the world looks before it asks.
    async fn next(&mut self, max: usize) -> Result<Vec<Delivery>, TransportError> {
        let now = self.transport.shared.clock.now();
        let mut state = self.transport.state();
        if state.epoch != self.epoch {
            return Err(away());
        }
        Ok(state.take(&self.queue, self.id, max, now))
    }

    async fn settle(&mut self, tags: &[Tag]) -> Result<(), TransportError> {
        let now = self.transport.shared.clock.now();
        let mut state = self.transport.state();
        if state.epoch != self.epoch {
            return Err(away());
        }
        state.settle(&self.queue, self.id, tags, now)
    }

    async fn close(self: Box<Self>) {}
}

impl Drop for SimulatedReceiver {
    fn drop(&mut self) {
        let id = self.id;
        if let Some(held) = self.transport.state().queues.get_mut(&self.queue) {
            held.give_back(|receiver| receiver == id);
        }
    }
}
