//! What the guarantees are told with.

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use event::{Envelope, EventId};
use tokio::time::{interval, timeout};
use uuid::Uuid;

use crate::transport::{
    Delivery, Depth, Destination, Outgoing, Queue, Receiver, Sent, Tag, Transport,
};

/// For what should happen at once, on a machine with other things to do.
pub const SOON: Duration = Duration::from_secs(20);

/// For what may have to wait until a broker is up again, or a lease has run out.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How long nothing must come, to believe that nothing comes.
pub const SILENCE: Duration = Duration::from_millis(500);

pub const COURSE: &str = "catalog.course-updated.v1";
pub const LESSON: &str = "catalog.lesson-published.v1";

pub async fn within<T>(limit: Duration, what: &str, future: impl Future<Output = T>) -> T {
    match timeout(limit, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {limit:?}"),
    }
}

pub fn queue(name: &str, types: &[&str]) -> Queue {
    Queue { name: name.to_owned(), types: types.iter().map(|&one| one.to_owned()).collect() }
}

pub fn envelope(event_type: &str) -> Envelope {
    Envelope {
        id: EventId(Uuid::now_v7()),
        source: "/estrade/catalog".to_owned(),
        event_type: event_type.to_owned(),
        subject: Uuid::now_v7().to_string(),
        sequence: Some(1),
        time: whole_micros(Utc::now()),
        traceparent: None,
        data: r#"{"title":"Queues"}"#.to_owned(),
    }
}

/// What the platform's clock gives.
pub fn whole_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).expect("a time of today")
}

pub fn to_everyone(envelope: Envelope) -> Outgoing {
    Outgoing { envelope, to: Destination::Everyone }
}

pub fn to_queue(name: &str, envelope: Envelope) -> Outgoing {
    Outgoing { envelope, to: Destination::Queue(name.to_owned()) }
}

/// Sends so many of one type to everyone and gives their ids.
pub async fn publish(
    transport: &Arc<dyn Transport>,
    event_type: &str,
    count: usize,
) -> BTreeSet<EventId> {
    let batch: Vec<Outgoing> = (0..count).map(|_| to_everyone(envelope(event_type))).collect();
    let ids = batch.iter().map(|one| one.envelope.id).collect();
    assert_owned(&within(SOON, "a send", transport.send(batch)).await, count);
    ids
}

pub fn assert_owned(outcomes: &[Sent], count: usize) {
    assert_eq!(outcomes, vec![Sent::Owned; count], "all are owned, one outcome for each");
}

/// Sends as the relay does: what is unknown goes again, under the same id.
pub async fn send_until_owned(transport: &Arc<dyn Transport>, batch: Vec<Outgoing>) {
    let mut pending = batch;
    let mut pace = interval(Duration::from_millis(100));
    let sending = async {
        while !pending.is_empty() {
            pace.tick().await;
            let outcomes = transport.send(pending.clone()).await;
            assert_eq!(outcomes.len(), pending.len(), "one outcome for each");
            assert!(!outcomes.contains(&Sent::Unroutable), "there is a queue for it");
            let mut outcomes = outcomes.into_iter();
            pending.retain(|_| outcomes.next() != Some(Sent::Owned));
        }
    };
    within(PATIENCE, "sending until all is owned", sending).await;
}

pub async fn declare(transport: &Arc<dyn Transport>, queues: &[Queue]) {
    within(SOON, "declaring", transport.declare(queues)).await.expect("declared");
}

pub async fn receive(transport: &Arc<dyn Transport>, queue: &str) -> Box<dyn Receiver> {
    within(SOON, "receiving", transport.receive(queue)).await.expect("a receiver")
}

/// Takes exactly so many, settling nothing.
pub async fn take(receiver: &mut Box<dyn Receiver>, count: usize) -> Vec<Delivery> {
    take_within(PATIENCE, receiver, count).await
}

pub async fn take_within(
    limit: Duration,
    receiver: &mut Box<dyn Receiver>,
    count: usize,
) -> Vec<Delivery> {
    let mut taken = Vec::new();
    let taking = async {
        while taken.len() < count {
            let wanted = count - taken.len();
            let batch = receiver.next(wanted).await.expect("deliveries");
            assert!(!batch.is_empty() && batch.len() <= wanted, "1 to {wanted}: {}", batch.len());
            taken.extend(batch);
        }
    };
    within(limit, &format!("taking {count}"), taking).await;
    taken
}

pub async fn settle(receiver: &mut Box<dyn Receiver>, deliveries: &[Delivery]) {
    let tags: Vec<Tag> = deliveries.iter().map(|delivery| delivery.tag).collect();
    within(SOON, "settling", receiver.settle(&tags)).await.expect("settled");
}

/// Takes and settles so many from a queue, through a receiver of its own.
pub async fn drain(transport: &Arc<dyn Transport>, queue: &str, count: usize) -> BTreeSet<EventId> {
    let mut receiver = receive(transport, queue).await;
    let taken = take(&mut receiver, count).await;
    settle(&mut receiver, &taken).await;
    let ids = ids(&taken);
    assert_eq!(ids.len(), count, "each once");
    within(SOON, "closing", receiver.close()).await;
    ids
}

/// Takes with new receivers whenever one ends, as the runner does, until all these have come.
pub async fn drain_whatever_happens(
    transport: &Arc<dyn Transport>,
    queue: &str,
    expected: &BTreeSet<EventId>,
) {
    let mut missing = expected.clone();
    let mut pace = interval(Duration::from_millis(100));
    let draining = async {
        while !missing.is_empty() {
            pace.tick().await;
            let Ok(mut receiver) = transport.receive(queue).await else {
                continue;
            };
            while !missing.is_empty() {
                let Ok(batch) = receiver.next(100).await else {
                    break;
                };
                let came = ids(&batch);
                missing.retain(|id| !came.contains(id));
                let tags: Vec<Tag> = batch.iter().map(|delivery| delivery.tag).collect();
                if receiver.settle(&tags).await.is_err() {
                    break;
                }
            }
        }
    };
    within(PATIENCE, "draining through receivers that end", draining).await;
}

pub async fn assert_silent(receiver: &mut Box<dyn Receiver>) {
    if let Ok(batch) = timeout(SILENCE, receiver.next(10)).await {
        panic!("nothing should come, and this did: {batch:?}");
    }
}

pub async fn assert_empty(transport: &Arc<dyn Transport>, queue: &str) {
    let mut receiver = receive(transport, queue).await;
    assert_silent(&mut receiver).await;
    within(SOON, "closing", receiver.close()).await;
}

/// Brokers count a moment late.
pub async fn depth_becomes(
    transport: &Arc<dyn Transport>,
    queue: &str,
    what: &str,
    is_right: impl Fn(&Depth) -> bool,
) {
    let mut pace = interval(Duration::from_millis(50));
    let looking = async {
        loop {
            pace.tick().await;
            if is_right(&transport.depth(queue).await.expect("a depth")) {
                return;
            }
        }
    };
    within(SOON, what, looking).await;
}

pub fn ids(deliveries: &[Delivery]) -> BTreeSet<EventId> {
    deliveries.iter().map(|delivery| read(delivery).id).collect()
}

pub fn read(delivery: &Delivery) -> &Envelope {
    delivery.content.as_ref().expect("an envelope")
}
