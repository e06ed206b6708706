//! What waits, since when and how fast it goes, on transports that tell and on those that do not.

use std::sync::{Arc, atomic::Ordering};

use async_trait::async_trait;
use bus::{
    Backlog, Db, Embedded, Handled, Handler, OldestIs, Outboxes, Received, Service, Transport, Tx,
    testing::Scene,
    transport::{Depth, Destination, Outgoing, Queue, Receiver, Sent, TransportError},
    values,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{MIGRATIONS, Taken, World, scenes, taken};

/// Says what it is told to of every queue, and does nothing.
struct Broker(Result<Depth, &'static str>);

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
        self.0.map_err(|cause| TransportError::Away(cause.to_owned()))
    }
    async fn remove(&self, _: &str) -> Result<u64, TransportError> {
        Ok(0)
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

/// The service that publishes what the queue hears.
async fn owner(scene: &Scene) -> Db {
    let location = scene.location("owner.db");
    let db = Db::open(&location, "room", &[], scene.clock.clone()).await.unwrap();
    change(&db, "delete from bus_outbox", values![]).await;
    db
}

async fn change(db: &Db, sql: &str, values: Vec<bus::Value>) {
    let mut tx = db.begin().await.unwrap();
    tx.execute(sql, values).await.unwrap();
    tx.commit().await.unwrap();
}

/// Published then, and with the transport since.
async fn said(owner: &Db, event_type: &str, queue: Option<&str>, at: DateTime<Utc>, sent: bool) {
    let (id, sent_at) = (made_at(at, 0).id.0, sent.then_some(at));
    let sql = "insert into bus_outbox (id, event_type, subject, occurred_at, data, due, queue, \
               sent_at) values ($1, $2, 'x', $3, '{}', $3, $4, $5)";
    change(owner, sql, values![id, event_type, at, queue, sent_at]).await;
}

#[tokio::test]
async fn the_age_of_the_oldest_is_told_derived_or_unknown() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let owner = owner(&scene).await;
        let (all, none) = (Outboxes::new([owner.clone()], false), Outboxes::new([], false));
        let backlog = async |depth, outboxes: &Outboxes| {
            let broker = Broker(Ok(depth));
            let backlog = Backlog::of(scene.service(), &scene.db, &broker, outboxes).await;
            let queue = backlog.unwrap().queues.remove(0);
            (queue.oldest_is, queue.oldest_seconds)
        };
        let silent = Depth { ready: 7, ..Depth::default() };
        let evening = scene.db.now();
        said(&owner, "room.taken.v1", None, evening, true).await;
        assert_eq!(backlog(silent, &none).await, (OldestIs::Unknown, None));
        assert_eq!(backlog(silent, &all).await, (OldestIs::Estimate, Some(0)), "none was taken");
        scene.deliver_together(&[made_at(evening + TimeDelta::seconds(1), 1)]).await;
        scene.clock.advance(TimeDelta::hours(9));
        let morning = scene.db.now();
        let earlier = |hours| morning - TimeDelta::hours(hours);
        said(&owner, "room.closed.v1", None, earlier(8), true).await;
        said(&owner, "room.taken.v1", Some("room.other"), earlier(7), true).await;
        said(&owner, "room.taken.v1", None, earlier(6), false).await;
        assert_eq!(backlog(silent, &all).await, (OldestIs::Unknown, None), "nothing for it since");
        said(&owner, "room.taken.v1", None, morning, true).await;
        scene.clock.advance(TimeDelta::seconds(1));
        assert_eq!(backlog(silent, &all).await, (OldestIs::Estimate, Some(1)), "a quiet night");
        assert_eq!(backlog(silent, &none).await, (OldestIs::Unknown, None), "said elsewhere");
        said(&owner, "room.taken.v1", Some("room.seat"), earlier(5), true).await;
        let resent = (OldestIs::Estimate, Some(5 * 3_600 + 1));
        assert_eq!(backlog(silent, &all).await, resent, "to this queue alone");
        assert_eq!(backlog(Depth::default(), &all).await, (OldestIs::None, None));
        let telling = Depth { oldest: Some(morning - TimeDelta::seconds(4)), ..silent };
        assert_eq!(backlog(telling, &all).await, (OldestIs::Exact, Some(5)));
        owner.close().await;
    }
}

#[tokio::test]
async fn a_transport_that_is_away_hides_its_own_numbers_and_no_others() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        world.is_ill.store(true, Ordering::SeqCst);
        scene.deliver(&[made_at(scene.db.now(), 1)]).await;
        let broker = Broker(Err("it has no leader"));
        let outboxes = Outboxes::new([], false);
        let seen = Backlog::of(scene.service(), &scene.db, &broker, &outboxes).await.unwrap();
        let queue = &seen.queues[0];
        assert_eq!((queue.ready, queue.oldest_is, queue.dead), (None, OldestIs::Unknown, 1));
        assert!(queue.silence.as_ref().unwrap().contains("no leader"), "{queue:?}");
        assert_eq!(seen.jobs.len(), 1);
    }
}

#[tokio::test]
async fn the_rate_is_of_the_last_minute_and_the_rest_is_counted() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let backlog = async || {
            let (broker, outboxes) = (Broker(Ok(Depth::default())), Outboxes::new([], false));
            Backlog::of(scene.service(), &scene.db, &broker, &outboxes).await.unwrap()
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

#[tokio::test]
async fn a_rate_is_of_all_that_was_taken_and_not_of_the_first_look() {
    for scene in scenes(&Arc::new(World::default())).await {
        let events: Vec<_> = (0..90).map(|number| made_at(scene.db.now(), number)).collect();
        scene.deliver_together(&events).await;
        let (broker, outboxes) = (Broker(Ok(Depth::default())), Outboxes::new([], false));
        let seen = Backlog::of(scene.service(), &scene.db, &broker, &outboxes).await.unwrap();
        let queue = &seen.queues[0];
        assert!((queue.per_second - 1.5).abs() < 0.001, "{queue:?}");
    }
}

/// Hears when a seat is taken, and does nothing.
struct Door;

impl Handler for Door {
    const NAME: &'static str = "room.door";
    type Event = Taken;

    async fn handle(&self, _: &Received<Taken>, _: &mut Tx) -> Handled {
        Ok(())
    }
}

#[tokio::test]
async fn services_are_looked_into_together_and_a_queue_that_is_missing_hides_no_other() {
    for scene in scenes(&Arc::new(World::default())).await {
        let transport = Embedded::open(&scene.folder().join("queue.db")).await.unwrap();
        transport.declare(&scene.service().queues()).await.unwrap();
        let sent = |number| Outgoing { envelope: taken(number), to: Destination::Everyone };
        transport.send(vec![sent(1), sent(2)]).await;
        let doors = Service::new("doors", MIGRATIONS).handler(Door);
        let (seats, doors) = ((scene.service(), &scene.db), (&doors, &scene.db));
        let outboxes = Outboxes::new([], false);
        for (services, expected) in [
            ([seats, doors], [("room.seat", Some(2)), ("room.door", None)]),
            ([doors, seats], [("room.door", None), ("room.seat", Some(2))]),
        ] {
            let seen = Backlog::of_all(&services, &transport, &outboxes).await.unwrap();
            for (backlog, (name, ready)) in seen.iter().zip(expected) {
                let [queue] = &backlog.queues[..] else { panic!("{backlog:?}") };
                assert_eq!((queue.queue.as_str(), queue.ready), (name, ready));
                let is_missing = queue.silence.as_ref().is_some_and(|it| it.contains(name));
                assert_eq!(is_missing, ready.is_none(), "{queue:?}");
            }
            assert_eq!(seen.len(), 2);
        }
        transport.close().await;
    }
}
