//! Brokers to test on, and envelopes to send.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bus::transport::{
    Delivery, Destination, Outgoing, Queue, Receiver, Sent, Tag, Transport, TransportError,
};
use bus_rabbitmq::{Config, RabbitMq};
use event::{Envelope, EventId};
use private_nodes::RabbitMq as Node;
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

/// Longer than anything here may take; a test that waits so long has found a silence.
pub const EVER: Duration = Duration::from_secs(90);

/// Where tests go that share a virtual host with strangers.
fn url() -> String {
    std::env::var("ESTRADE_TEST_AMQP_URL").unwrap_or_else(|_| vhost())
}

/// A virtual host of the private node that nobody breaks.
pub fn vhost() -> String {
    static NODE: OnceLock<Node> = OnceLock::new();
    new_vhost(NODE.get_or_init(start))
}

pub fn start() -> Node {
    Node::start(env!("CARGO_TARGET_TMPDIR")).expect("a private RabbitMQ node")
}

/// The node that tests break, one after the other.
pub async fn fragile() -> OwnedMutexGuard<Node> {
    static NODE: OnceLock<Arc<Mutex<Node>>> = OnceLock::new();
    let start = || Arc::clone(NODE.get_or_init(|| Arc::new(Mutex::new(start()))));
    tokio::task::spawn_blocking(start).await.unwrap().lock_owned().await
}

/// Kills the node as a power cut would, half a second after the last declaration at the soonest:
/// RabbitMQ 3.10 keeps which queue has which log in tables that it writes that late.
pub fn kill(node: &mut Node) {
    node.ctl(&["eval", "[dets:sync(Table) || Table <- dets:all()]."]).unwrap();
    node.kill();
}

/// A virtual host that no other test uses; its URL.
pub fn new_vhost(node: &Node) -> String {
    node.create_virtual_host(&Uuid::now_v7().simple().to_string()).unwrap()
}

/// A broker, and names that no other test uses, for a given node may have one virtual host only.
pub struct Place {
    pub url: String,
    pub transport: RabbitMq,
    mark: String,
}

impl Place {
    pub async fn new() -> Self {
        Self::at(tokio::task::spawn_blocking(url).await.unwrap()).await
    }

    pub async fn at(url: String) -> Self {
        let place = Self::waiting(url);
        place.transport.check().await.unwrap();
        place
    }

    /// Where nothing may answer yet.
    pub fn waiting(url: String) -> Self {
        Self::with(Config::new([url]))
    }

    pub fn with(config: Config) -> Self {
        let url = config.urls[0].clone();
        let mark = Uuid::now_v7().simple().to_string();
        Self { url, transport: RabbitMq::new(config).unwrap(), mark }
    }

    pub fn name(&self, name: &str) -> String {
        format!("test{}.{name}", self.mark)
    }

    pub async fn queue(&self, name: &str, types: &[&str]) -> String {
        let queue = self.describe(name, types);
        self.transport.declare(std::slice::from_ref(&queue)).await.unwrap();
        queue.name
    }

    pub fn describe(&self, name: &str, types: &[&str]) -> Queue {
        Queue { name: self.name(name), types: types.iter().map(|name| self.name(name)).collect() }
    }

    pub fn to_all(&self, event_type: &str) -> Outgoing {
        Outgoing { envelope: self.envelope(event_type), to: Destination::Everyone }
    }

    pub fn to_queue(&self, queue: &str) -> Outgoing {
        let to = Destination::Queue(queue.to_owned());
        Outgoing { envelope: self.envelope("direct.v1"), to }
    }

    pub fn envelope(&self, event_type: &str) -> Envelope {
        Envelope {
            id: EventId(Uuid::now_v7()),
            source: "/estrade/test".to_owned(),
            event_type: self.name(event_type),
            subject: "Nguyễn".to_owned(),
            sequence: Some(3),
            time: "2026-11-22T20:00:00.5Z".parse().unwrap(),
            traceparent: None,
            data: r#"{"title":"Les files"}"#.to_owned(),
        }
    }

    /// Sends, and wants the broker to own all of it.
    pub async fn deliver(&self, batch: Vec<Outgoing>) {
        let count = batch.len();
        assert_eq!(self.transport.send(batch).await, vec![Sent::Owned; count]);
    }

    pub async fn receive(&self, queue: &str) -> Box<dyn Receiver> {
        self.transport.receive(queue).await.unwrap()
    }
}

/// What a person must mend.
pub fn refusal<T>(outcome: Result<T, TransportError>) -> String {
    match outcome.err().expect("a refusal") {
        TransportError::Refused(text) => text,
        TransportError::Away(text) => panic!("away, not refused: {text}"),
    }
}

/// Exactly so many deliveries.
pub async fn take(receiver: &mut dyn Receiver, count: usize) -> Vec<Delivery> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let missing = count - taken.len();
        let next = tokio::time::timeout(EVER, receiver.next(missing)).await;
        taken.extend(next.expect("a silence").unwrap());
    }
    taken
}

/// Settles all; the ids.
pub async fn settle(receiver: &mut dyn Receiver, deliveries: &[Delivery]) -> Vec<EventId> {
    let tags: Vec<Tag> = deliveries.iter().map(|delivery| delivery.tag).collect();
    receiver.settle(&tags).await.unwrap();
    ids(deliveries)
}

pub fn ids(deliveries: &[Delivery]) -> Vec<EventId> {
    deliveries.iter().map(|delivery| delivery.content.as_ref().unwrap().id).collect()
}

/// What the tests do behind the transport's back.
pub async fn raw_channel(url: &str) -> (lapin::Connection, lapin::Channel) {
    let connection = lapin::Connection::connect(url, lapin::ConnectionProperties::default());
    let connection = connection.await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

/// The time that a fault lasts.
pub async fn lasts(time: Duration) {
    let nothing = std::future::pending::<()>();
    tokio::time::timeout(time, nothing).await.unwrap_err();
}
