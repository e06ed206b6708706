//! The RabbitMQ transport: [`RabbitMq`] implements [`bus::Transport`] for RabbitMQ 3.10 to 4.x.
//!
//! - `topology`: the exchange, the quorum queues and their bindings.
//! - `codec`: an envelope as an AMQP message, CloudEvents in binary mode.
//! - `session`, `link`: one connection, and what keeps one standing. Publishing and consuming have one
//!   each, for an error or an alarm on the one must not hold up the other.
//! - `publisher`, `lane`, `strays`: batches in flight, confirms, and what finds no queue.
//! - `receiver`, `watchdog`: takes from one queue, and notices when nothing can come any more.
//! - `management`: what queues are bound to, which AMQP cannot list.
//!
//! It counts no attempts, schedules nothing and retries nothing but a connection: that is the bus's own.
//! The client library's recovery is not used. Every wait has a limit (`limits`): past it the connection
//! is dropped whole, what was in flight is unknown and goes again, and a new one is built.
//! No AMQP type leaves this crate.

mod codec;
mod config;
mod failure;
mod greeting;
mod lane;
mod limits;
mod link;
mod management;
mod publisher;
mod receiver;
mod session;
mod strays;
mod topology;
mod watchdog;

use std::sync::Arc;

use async_trait::async_trait;
use bus::transport::{
    Condition, Depth, Inspection, Outgoing, Queue, Receiver, Sent, Transport, TransportError,
};
use futures::future::join_all;

pub use config::Config;

use config::Address;
use link::Link;
use management::Management;
use publisher::Publisher;
use receiver::{NotReceiving, QueueReceiver};
use session::Session;
use strays::Strays;
use topology::Topology;

/// A RabbitMQ broker, or a cluster of them.
pub struct RabbitMq {
    place: String,
    addresses: Vec<Address>,
    prefetch: u16,
    topology: Arc<Topology>,
    management: Option<Management>,
    publisher: Publisher,
    strays: Strays,
    /// Everything but publishing: the broker blocks only connections that publish.
    consuming: Link,
}

impl RabbitMq {
    /// Connects, trying each address once.
    ///
    /// # Errors
    /// `Refused` when the configuration, the user, the password or the virtual host is wrong, or a queue
    /// of ours is there with other arguments; `Away` when no broker answers.
    pub async fn connect(config: Config) -> Result<Self, TransportError> {
        let rabbit = Self::new(config)?;
        rabbit.try_each_address().await?;
        Ok(rabbit)
    }

    /// Speaks to nobody yet: whoever first needs a connection makes it.
    ///
    /// # Errors
    /// `Refused` when the configuration is wrong.
    pub fn new(config: Config) -> Result<Self, TransportError> {
        let addresses = config.addresses()?;
        let places: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let topology = Arc::new(Topology::default());
        let link = |purpose: &str| {
            Link::new(
                format!("{} {purpose}", config.name),
                addresses.clone(),
                Arc::clone(&topology),
            )
        };
        let publishing = Arc::new(link("publishing"));
        let managed = config.management.as_deref().zip(addresses.first());
        let management = managed.map(|(url, broker)| Management::new(url, broker)).transpose()?;
        Ok(Self {
            place: format!("RabbitMQ at {}", places.join("; ")),
            prefetch: config.prefetch,
            addresses: addresses.clone(),
            consuming: link("consuming"),
            publisher: Publisher::new(publishing, config.window, config.largest_message),
            strays: Strays::default(),
            management,
            topology,
        })
    }

    async fn try_each_address(&self) -> Result<Arc<Session>, TransportError> {
        let mut outcome = self.consuming.session().await;
        for _ in 1..self.addresses.len() {
            if !matches!(outcome, Err(TransportError::Away(_))) {
                break;
            }
            outcome = self.consuming.session().await;
        }
        outcome
    }

    async fn declare_now(&self, queues: &[Queue]) -> Result<(), TransportError> {
        let session = self.try_each_address().await?;
        self.topology.declare(&session, queues).await
    }

    /// Cuts its connections without a word, as the end of its process would.
    #[doc(hidden)]
    pub fn cut(&self) {
        self.publisher.cut();
        self.consuming.cut();
    }

    async fn inspect_one(&self, queue: &Queue) -> Result<Inspection, TransportError> {
        topology::short(&queue.name)?;
        self.topology.inspect(&*self.consuming.session().await?, &queue.name).await
    }

    async fn receiver(&self, queue: &str) -> Result<QueueReceiver, NotReceiving> {
        let session = self.consuming.session().await.map_err(NotReceiving::Failed)?;
        QueueReceiver::open(session, queue, self.prefetch).await
    }
}

#[async_trait]
impl Transport for RabbitMq {
    /// While the broker is away they are remembered: the next connection, whoever makes it, has them
    /// before anything is sent or received on it.
    async fn declare(&self, queues: &[Queue]) -> Result<(), TransportError> {
        queues.iter().try_for_each(topology::check)?;
        let declared = self.declare_now(queues).await;
        if matches!(declared, Err(TransportError::Away(_))) {
            self.topology.expect(queues);
        }
        declared
    }

    async fn send(&self, batch: Vec<Outgoing>) -> Vec<Sent> {
        let outcomes = self.publisher.send(&batch).await;
        if outcomes.contains(&Sent::Unroutable) {
            self.strays.keep_the_newest(&self.consuming).await;
        }
        outcomes
    }

    async fn receive(&self, queue: &str) -> Result<Box<dyn Receiver>, TransportError> {
        topology::short(queue)?;
        let mut opened = self.receiver(queue).await;
        if let Err(NotReceiving::Missing(_)) = opened
            && self.topology.knows(queue)
        {
            // Somebody deleted it under us.
            self.topology.restore(&*self.consuming.session().await?).await?;
            opened = self.receiver(queue).await;
        }
        match opened {
            Ok(receiver) => Ok(Box::new(receiver)),
            Err(NotReceiving::Missing(error) | NotReceiving::Failed(error)) => Err(error),
        }
    }

    async fn depth(&self, queue: &str) -> Result<Depth, TransportError> {
        topology::short(queue)?;
        let session = self.consuming.session().await?;
        let channel = session.channel().await?;
        let found = watchdog::look_at(&session, &channel, queue).await;
        let found = found.map_err(|error| error.explain("looking at a queue"))?;
        Ok(Depth {
            ready: u64::from(found.message_count()),
            unsettled: None,
            oldest: None,
            consumers: Some(found.consumer_count()),
        })
    }

    async fn check(&self) -> Result<Condition, TransportError> {
        let session = self.try_each_address().await?;
        if !session.answers().await {
            return Err(TransportError::Away(format!("{} does not answer", self.place)));
        }
        let blocked = self.publisher.blocked().await?.then(|| lane::ALARM.to_owned());
        Ok(Condition { version: greeting::version(&self.addresses).await, blocked })
    }

    async fn inspect(&self, queues: &[Queue]) -> Vec<Result<Inspection, TransportError>> {
        let found = join_all(queues.iter().map(|queue| self.inspect_one(queue))).await;
        let Some(management) = &self.management else { return found };
        let bindings = management.bindings().await;
        let with_bindings = |(queue, found)| match found {
            Ok(Inspection::RightButForBindings(_)) => Ok(topology::with_bindings(queue, &bindings)),
            otherwise => otherwise,
        };
        queues.iter().zip(found).map(with_bindings).collect()
    }

    async fn remove(&self, queue: &str) -> Result<u64, TransportError> {
        topology::short(queue)?;
        self.topology.remove(&*self.consuming.session().await?, queue).await
    }

    fn kept_queues(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (Queue::UNROUTABLE, "no queue was bound for these events"),
            (topology::DEAD, "the broker gave up on these: each killed its reader every time"),
        ]
    }

    fn describe(&self) -> String {
        self.place.clone()
    }

    async fn close(&self) {
        self.publisher.close().await;
        self.consuming.close().await;
    }
}
