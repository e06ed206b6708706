//! What does not arrive holds nobody up: the relay reads past it, tries it again beside the rest, and
//! nothing is lost or sent twice in the end. On SQLite and, where there is one, on PostgreSQL.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::{
    Clock, Db, Event, Location, Read, Service, Transport,
    testing::Scene,
    transport::{Depth, Destination, Outgoing, Queue, Receiver, Sent, TransportError},
    values,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support;

/// More than the relay reads at once.
const MANY: usize = 1_200;

#[derive(Serialize, Deserialize)]
pub struct Heavy(String);
#[derive(Serialize, Deserialize)]
pub struct Light(pub String);

impl Event for Heavy {
    const TYPE: &'static str = "office.heavy.v1";
    fn subject(&self) -> String {
        self.0.clone()
    }
}

impl Event for Light {
    const TYPE: &'static str = "office.light.v1";
    fn subject(&self) -> String {
        self.0.clone()
    }
}

/// A broker in which a queue without a leader takes nothing, though everything else goes.
pub struct Broker {
    is_stuck: Box<dyn Fn(&Outgoing) -> bool + Send + Sync>,
    pub well_again: AtomicBool,
    pub owned: Mutex<BTreeMap<Uuid, usize>>,
}

impl Broker {
    pub fn stuck_at(is_stuck: impl Fn(&Outgoing) -> bool + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            is_stuck: Box::new(is_stuck),
            well_again: AtomicBool::new(false),
            owned: Mutex::default(),
        })
    }

    pub fn owned(&self) -> usize {
        self.owned.lock().unwrap().len()
    }
}

#[async_trait]
impl Transport for Broker {
    async fn declare(&self, _: &[Queue]) -> Result<(), TransportError> {
        Ok(())
    }

    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        let well = self.well_again.load(Ordering::SeqCst);
        let one = |outgoing: Outgoing| {
            if !well && (self.is_stuck)(&outgoing) {
                return Sent::Unknown("no confirm".to_owned());
            }
            *self.owned.lock().unwrap().entry(outgoing.envelope.id.0).or_default() += 1;
            Sent::Owned
        };
        batch.into_iter().map(one).collect()
    }

    async fn receive(&self, _: &str) -> Result<Box<dyn Receiver>, TransportError> {
        Err(TransportError::Refused("nobody receives here".to_owned()))
    }

    async fn depth(&self, _: &str) -> Result<Depth, TransportError> {
        Ok(Depth::default())
    }

    async fn remove(&self, _: &str) -> Result<u64, TransportError> {
        Ok(0)
    }

    fn describe(&self) -> String {
        "a broker with a stuck queue".to_owned()
    }

    async fn close(&self) {}
}

async fn databases() -> Vec<(Db, Option<TempDir>)> {
    databases_by(&Clock::System).await
}

async fn databases_by(clock: &Clock) -> Vec<(Db, Option<TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut locations = vec![(Location::File(folder.path().join("office.db")), Some(folder))];
    if let Ok(url) = std::env::var("ESTRADE_TEST_DATABASE_URL") {
        locations.push((Location::Postgres { url }, None));
    }
    let mut databases = Vec::new();
    for (location, folder) in locations {
        let name = match folder {
            Some(_) => "office".to_owned(),
            None => format!("test_{}", Uuid::new_v4().simple()),
        };
        // The name of a schema lives as long as the program.
        let db = Db::open(&location, name.leak(), &[], clock.clone()).await.unwrap();
        databases.push((db, folder));
    }
    databases
}

pub async fn becomes(what: &str, is_so: impl Fn() -> bool) {
    support::becomes(what, Duration::from_secs(30), async || is_so()).await;
}

pub async fn publish(db: &Db, heavy: usize, light: usize) {
    let mut tx = db.begin().await.unwrap();
    for number in 0..heavy {
        tx.publish(&Heavy(number.to_string())).unwrap();
    }
    for number in 0..light {
        tx.publish(&Light(number.to_string())).unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_does_not_arrive_starves_no_other() {
    for (db, _folder) in databases().await {
        let broker = Broker::stuck_at(|outgoing| outgoing.envelope.event_type == Heavy::TYPE);
        publish(&db, MANY, 0).await;
        publish(&db, 0, 10).await;
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(&Service::new("office", &[]), &db, &transport);
        becomes("the others go", || broker.owned() == 10).await;
        publish(&db, 0, 10).await;
        becomes("what comes later goes too", || broker.owned() == 20).await;
        broker.well_again.store(true, Ordering::SeqCst);
        becomes("all go when the queue is well", || broker.owned() == MANY + 20).await;
        running.stop().await;
        assert!(broker.owned.lock().unwrap().values().all(|times| *times == 1), "each once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_that_does_not_arrive_holds_up_none_of_its_kind() {
    for (db, _folder) in databases().await {
        let broker = Broker::stuck_at(|outgoing| outgoing.envelope.subject == "7");
        publish(&db, MANY, 0).await;
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(&Service::new("office", &[]), &db, &transport);
        becomes("all but one go", || broker.owned() == MANY - 1).await;
        publish(&db, 100, 0).await;
        becomes("and so do those of the same kind", || broker.owned() == MANY + 98).await;
        broker.well_again.store(true, Ordering::SeqCst);
        becomes("the last go in the end", || broker.owned() == MANY + 100).await;
        running.stop().await;
        assert!(broker.owned.lock().unwrap().values().all(|times| *times == 1), "each once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_without_a_leader_holds_up_no_other_queue() {
    for (db, _folder) in databases().await {
        let broker = Broker::stuck_at(
            |outgoing| matches!(&outgoing.to, Destination::Queue(name) if name == "a.stuck"),
        );
        let mut tx = db.begin().await.unwrap();
        for number in 0..MANY {
            tx.publish_to(&Light(number.to_string()), "a.stuck").unwrap();
        }
        for number in 0..10 {
            tx.publish_to(&Light(number.to_string()), "a.well").unwrap();
            tx.publish(&Light(number.to_string())).unwrap();
        }
        tx.commit().await.unwrap();
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(&Service::new("office", &[]), &db, &transport);
        becomes("the others go", || broker.owned() == 20).await;
        broker.well_again.store(true, Ordering::SeqCst);
        becomes("all go when the queue is well", || broker.owned() == MANY + 20).await;
        running.stop().await;
    }
}

/// It stands for a relay that died, and whose clock was far ahead or has been set back since.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_no_honest_clock_gave_stops_no_relay() {
    for (db, _folder) in databases().await {
        let mut tx = db.begin().await.unwrap();
        let until = tx.now() + TimeDelta::hours(1);
        let lease = "insert into bus_lease (name, owner, until, fence) values ('relay', $1, $2, 1)";
        tx.execute(lease, values![Uuid::now_v7(), until]).await.unwrap();
        tx.commit().await.unwrap();
        publish(&db, 0, 10).await;
        let broker = Broker::stuck_at(|_| false);
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(&Service::new("office", &[]), &db, &transport);
        becomes("all go", || broker.owned() == 10).await;
        running.stop().await;
    }
}

/// Else it would believe for an hour that it alone may send, and another one, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_clock_is_set_back_renews_its_lease() {
    let clock = Clock::manual(Utc::now());
    for (db, _folder) in databases_by(&clock).await {
        let broker = Broker::stuck_at(|_| false);
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(&Service::new("office", &[]), &db, &transport);
        publish(&db, 0, 1).await;
        becomes("one goes", || broker.owned() == 1).await;
        clock.advance(TimeDelta::hours(-1));
        publish(&db, 0, 1).await;
        becomes("the next goes, too", || broker.owned() == 2).await;
        let lease = "select until from bus_lease where name = 'relay'";
        let until: Option<DateTime<Utc>> = db.scalar(lease, values![]).await.unwrap();
        assert!(until.unwrap() <= db.now() + TimeDelta::seconds(10));
        running.stop().await;
    }
}

/// Most looks of a relay go back by seconds: a commit that took a minute, in another process, must be found too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_long_after_its_time_goes_too() {
    for scene in Scene::on_each_database(|name| Service::new(name, &[]), &[]).await {
        let elsewhere = scene.open_again().await;
        let broker = Broker::stuck_at(|_| false);
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(scene.service(), &scene.db, &transport);
        publish(&scene.db, 0, 1).await;
        becomes("the relay is at work", || broker.owned() == 1).await;
        let mut tx = elsewhere.begin().await.unwrap();
        tx.publish(&Light("late".to_owned())).unwrap();
        scene.clock.advance(TimeDelta::minutes(1));
        tx.commit().await.unwrap();
        becomes("what came late goes", || broker.owned() == 2).await;
        running.stop().await;
    }
}
