//! Handlers that are quicker than the relay wait for it, and a relay that cannot send stops none of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bus::{
    Embedded, Event, Handled, Handler, Received, Service, Transport, Tx,
    testing::{Scene, envelope},
    transport::{Depth, Destination, Outgoing, Queue, Receiver, Sent, TransportError},
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::support::{becomes, count};

/// More than may wait for the relay, and more than it keeps in memory.
const MANY: usize = 9_000;
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Asked {
    number: usize,
}

impl Event for Asked {
    const TYPE: &'static str = "desk.asked.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

#[derive(Serialize, Deserialize)]
struct Answered {
    number: usize,
}

impl Event for Answered {
    const TYPE: &'static str = "desk.answered.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

struct Answer;

impl Handler for Answer {
    const NAME: &'static str = "desk.answer";
    type Event = Asked;

    async fn handle(&self, event: &Received<Asked>, tx: &mut Tx) -> Handled {
        Ok(tx.publish(&Answered { number: event.data.number })?)
    }
}

/// Delivers at once, and sends nothing until it is opened.
struct Shut {
    queues: Embedded,
    is_open: watch::Sender<bool>,
    told: Mutex<BTreeMap<Uuid, usize>>,
}

#[async_trait]
impl Transport for Shut {
    async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError> {
        self.queues.declare(queues).await
    }

    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        self.is_open.subscribe().wait_for(|is_open| *is_open).await.unwrap();
        let mut told = self.told.lock().unwrap();
        let mut one = |outgoing: Outgoing| {
            *told.entry(outgoing.envelope.id.0).or_default() += 1;
            Sent::Owned
        };
        batch.into_iter().map(&mut one).collect()
    }

    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError> {
        self.queues.receive(queue).await
    }

    async fn depth(&self, queue: &str) -> Result<Depth, TransportError> {
        self.queues.depth(queue).await
    }

    async fn remove(&self, queue: &str) -> Result<u64, TransportError> {
        self.queues.remove(queue).await
    }

    fn describe(&self) -> String {
        "a broker that delivers and takes nothing".to_owned()
    }

    async fn close(&self) {
        self.queues.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_cannot_send_stops_no_handler_and_loses_nothing() {
    let desk = |name| Service::new(name, &[]).publishes(&[Answered::TYPE]).handler(Answer);
    for scene in Scene::on_each_database(desk, &[]).await {
        let queues = Embedded::open(&scene.folder().join("queue.db")).await.unwrap();
        queues.declare(&scene.service().queues()).await.unwrap();
        let asked = (0..MANY).map(|number| Outgoing {
            to: Destination::Queue("desk.answer".to_owned()),
            envelope: envelope(&Asked { number }),
        });
        let taken = queues.send(asked.collect()).await;
        assert!(taken.iter().all(|sent| matches!(sent, Sent::Owned)));
        let shut =
            Arc::new(Shut { queues, is_open: watch::Sender::new(false), told: Mutex::default() });
        let transport: Arc<dyn Transport> = shut.clone();
        let running = bus::run(scene.service(), &scene.db, &transport);
        let all = i64::try_from(MANY).unwrap();
        becomes("all is answered", LIMIT, async || count(&scene, "bus_inbox").await == all).await;
        assert_eq!(shut.told.lock().unwrap().len(), 0);
        shut.is_open.send_replace(true);
        becomes("all is told", LIMIT, async || shut.told.lock().unwrap().len() == MANY).await;
        running.stop().await;
        assert_eq!(count(&scene, "bus_outbox where sent_at is null").await, 0);
        assert!(shut.told.lock().unwrap().values().all(|times| *times == 1), "each once");
    }
}
