//! What waits, since when and how fast it goes, on transports that tell and on those that do not.

use std::sync::{Arc, atomic::Ordering};

use async_trait::async_trait;
use bus::{
    Backlog, OldestIs, Transport,
    transport::{Depth, Outgoing, Queue, Receiver, Sent, TransportError},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{World, scenes, taken};

/// Says what it is told to of every queue, and does nothing.
struct Broker(Depth);

#[async_trait]
impl Transport for Broker {
    async fn declare(&self, _: &[Queue]) -> Result<(), TransportError> {
        Ok(())
    }
    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        batch.iter().map(|_| Sent::Owned).collect()
    }
    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError> {
        Err(TransportError::Refused(format!("nothing is ever taken from {queue}")))
    }
    async fn depth(&self, _: &str) -> Result<Depth, TransportError> {
        Ok(self.0)
    }
    fn describe(&self) -> String {
        "a broker of few words".to_owned()
    }
    async fn close(&self) {}
}

/// An event whose id was made at this time.
fn made_at(time: DateTime<Utc>, number: i64) -> bus::Envelope {
    let mut event = taken(number);
    let millis = u128::try_from(time.timestamp_millis()).unwrap();
    let random = event.id.0.as_u128() & ((1 << 80) - 1);
    event.id = event::EventId(uuid::Uuid::from_u128((millis << 80) | random));
    event
}

#[tokio::test]
async fn the_age_of_the_oldest_is_told_derived_or_unknown() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let backlog = async |depth| {
            let backlog = Backlog::of(scene.service(), &scene.db, &Broker(depth)).await.unwrap();
            (backlog.queues[0].oldest_is, backlog.queues[0].oldest_seconds)
        };
        let silent = Depth { ready: 7, ..Depth::default() };
        assert_eq!(backlog(silent).await, (OldestIs::Unknown, None), "nothing was ever taken");
        let now = scene.db.now();
        let events = [made_at(now - TimeDelta::seconds(90), 1), made_at(now, 2)];
        scene.deliver_together(&events).await;
        scene.clock.advance(TimeDelta::seconds(40));
        assert_eq!(backlog(silent).await, (OldestIs::Estimate, Some(40)));
        assert_eq!(backlog(Depth::default()).await, (OldestIs::None, None));
        let oldest = Some(now - TimeDelta::seconds(5));
        let telling = Depth { oldest, ..silent };
        assert_eq!(backlog(telling).await, (OldestIs::Exact, Some(45)));
    }
}

#[tokio::test]
async fn the_rate_is_of_the_last_minute_and_the_rest_is_counted() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let backlog = async || {
            Backlog::of(scene.service(), &scene.db, &Broker(Depth::default())).await.unwrap()
        };
        world.is_ill.store(false, Ordering::SeqCst);
        let events: Vec<_> = (0..30).map(|number| made_at(scene.db.now(), number)).collect();
        scene.deliver_together(&events).await;
        scene.clock.advance(TimeDelta::seconds(30));
        world.is_ill.store(true, Ordering::SeqCst);
        scene.deliver(&[made_at(scene.db.now(), 30)]).await;
        scene.clock.advance(TimeDelta::seconds(20));
        let seen = backlog().await;
        let (queue, job) = (&seen.queues[0], &seen.jobs[0]);
        assert!((queue.per_second - 0.52).abs() < 0.001, "{queue:?}");
        assert_eq!((queue.dead, queue.dead_oldest_seconds, queue.retrying), (1, Some(20), 0));
        assert_eq!((job.waiting, job.oldest_seconds, job.dead), (30, Some(50), 0));
        scene.clock.advance(TimeDelta::seconds(20));
        let later = &backlog().await.queues[0];
        assert!((later.per_second - 0.02).abs() < 0.001, "{later:?}");
    }
}
