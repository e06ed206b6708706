//! The exchange, the queues and their bindings.
//!
//! ```text
//! estrade.events (topic) --event type--> <service>.<handler> (quorum)
//! (default exchange) ----queue name----> <service>.<handler>, estrade.unroutable
//! <service>.<handler> ---delivery limit--> estrade.dead
//! ```
//! Arguments are those that RabbitMQ 3.10 to 4.x accept alike; nothing is asked of features that came later.
//! The delivery limit is explicit, for an absent one means none in 3.x and 20 in 4.x, and high: a service
//! whose database is away for an hour hands its messages back again and again, and must find them still in
//! its queue. The limit only ends what kills its reader before the bus has seen it, and so cannot set it
//! aside; that lands in `estrade.dead`.
//!
//! RabbitMQ 3.10 forgets a quorum queue that was declared in the half second before a kill -9: its record of
//! which queue has which log is written that late. No client can see it, and confirms do not help; such a
//! queue then has no leader until it is deleted (`rabbitmqctl delete_queue`) and declared again.
//!
//! AMQP cannot list the bindings of a queue. What this process bound and then declares no longer is
//! unbound; a binding from an earlier run stays until a person takes it away (`rabbitmqctl list_bindings`).
//! It costs an envelope that the queue's handler does not know, and loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::transport::{Inspection, Queue, TransportError};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{Channel, ExchangeKind};

use crate::session::Session;
use crate::watchdog;

pub(crate) const EVENTS: &str = "estrade.events";
pub(crate) const DEAD: &str = "estrade.dead";

const DELIVERY_LIMIT: i64 = 10_000;
/// Looking into a dead queue counts as a delivery too, and must not delete what is looked at.
const KEPT_DELIVERY_LIMIT: i64 = 1_000_000_000;

/// What was declared, or is to be, to declare it on every new connection.
#[derive(Default)]
pub(crate) struct Topology {
    bound: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Topology {
    pub(crate) async fn declare(
        &self,
        session: &Session,
        queues: &[Queue],
    ) -> Result<(), TransportError> {
        let channel = session.channel().await?;
        for queue in queues {
            let types: BTreeSet<String> = queue.types.iter().cloned().collect();
            let before = self.bound().get(&queue.name).cloned().unwrap_or_default();
            Declaring { session, channel: &channel }.queue(&queue.name, &types).await?;
            for gone in before.difference(&types) {
                Declaring { session, channel: &channel }.unbind(&queue.name, gone).await?;
            }
            self.bound().insert(queue.name.clone(), types);
        }
        Ok(())
    }

    /// To be declared on the next connection.
    pub(crate) fn expect(&self, queues: &[Queue]) {
        let mut bound = self.bound();
        for queue in queues {
            bound.entry(queue.name.clone()).or_default().extend(queue.types.iter().cloned());
        }
    }

    /// The ground that all stands on, and every queue that was ever declared here.
    pub(crate) async fn restore(&self, session: &Session) -> Result<(), TransportError> {
        let channel = session.channel().await?;
        let declaring = Declaring { session, channel: &channel };
        declaring.ground().await?;
        let bound = self.bound().clone();
        for (name, types) in &bound {
            declaring.queue(name, types).await?;
        }
        Ok(())
    }

    /// Looks for a queue, and then asks for it with our arguments: that changes nothing where it is
    /// there, and is refused where they differ. A channel for each question, for a refusal closes it.
    pub(crate) async fn inspect(
        &self,
        session: &Session,
        name: &str,
    ) -> Result<Inspection, TransportError> {
        let channel = session.channel().await?;
        match watchdog::look_at(session, &channel, name).await {
            Ok(_) => {}
            Err(error) if error.is_missing() => return Ok(Inspection::Missing),
            Err(error) => return Err(error.explain(&format!("asking for the queue `{name}`"))),
        }
        let channel = session.channel().await?;
        let declaring = Declaring { session, channel: &channel };
        match declaring.queue(name, &BTreeSet::new()).await {
            Ok(()) => Ok(Inspection::RightButForBindings),
            Err(TransportError::Refused(text)) => Ok(Inspection::Wrong(text)),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn knows(&self, queue: &str) -> bool {
        self.bound().contains_key(queue)
    }

    fn bound(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One round of declarations on one channel, which the first error closes.
struct Declaring<'a> {
    session: &'a Session,
    channel: &'a Channel,
}

impl Declaring<'_> {
    async fn ground(&self) -> Result<(), TransportError> {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = self.channel.exchange_declare(
            EVENTS.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        );
        let doing = format!("declaring the exchange `{EVENTS}`");
        self.session.ask(&doing, declared).await.map_err(|error| error.explain(&doing))?;
        for kept in [DEAD, Queue::UNROUTABLE] {
            self.durable(kept, quorum(KEPT_DELIVERY_LIMIT)).await?;
        }
        Ok(())
    }

    async fn queue(&self, name: &str, types: &BTreeSet<String>) -> Result<(), TransportError> {
        if name == DEAD || name == Queue::UNROUTABLE {
            self.durable(name, quorum(KEPT_DELIVERY_LIMIT)).await?;
        } else {
            self.durable(name, work_arguments()).await?;
        }
        for bound in types {
            self.bind(name, bound).await?;
        }
        Ok(())
    }

    /// The answer to a declaration holds the queue's length, which a queue without a leader cannot
    /// tell: it would hold up the declaration of all others. So we want no answer, but the one to a
    /// second question on the same channel, which a refused declaration has closed.
    async fn durable(&self, name: &str, arguments: FieldTable) -> Result<(), TransportError> {
        let doing = format!("declaring the queue `{name}`");
        let options =
            QueueDeclareOptions { durable: true, nowait: true, ..QueueDeclareOptions::default() };
        let declared = async {
            self.channel.queue_declare(short(name).unwrap_or_default(), options, arguments).await?;
            let passive =
                ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
            let kind = ExchangeKind::Topic;
            self.channel.exchange_declare(EVENTS.into(), kind, passive, FieldTable::default()).await
        };
        self.session.ask(&doing, declared).await.map_err(|error| error.explain(&doing))
    }

    async fn bind(&self, queue: &str, bound: &str) -> Result<(), TransportError> {
        let doing = format!("binding the queue `{queue}` to `{bound}`");
        let binding = self.channel.queue_bind(
            short(queue)?,
            EVENTS.into(),
            short(bound)?,
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        self.session.ask(&doing, binding).await.map_err(|error| error.explain(&doing))
    }

    async fn unbind(&self, queue: &str, bound: &str) -> Result<(), TransportError> {
        let doing = format!("unbinding the queue `{queue}` from `{bound}`");
        let unbinding = self.channel.queue_unbind(
            short(queue)?,
            EVENTS.into(),
            short(bound)?,
            FieldTable::default(),
        );
        self.session.ask(&doing, unbinding).await.map_err(|error| error.explain(&doing))
    }
}

/// On a topic exchange `*` and `#` inside a key are patterns; elsewhere they would be letters.
pub(crate) fn check(queue: &Queue) -> Result<(), TransportError> {
    short(&queue.name)?;
    if queue.name.is_empty() || queue.name.starts_with("amq.") {
        let name = &queue.name;
        return Err(TransportError::Refused(format!(
            "a queue cannot be called `{name}`: name it <service>.<handler>"
        )));
    }
    for bound in &queue.types {
        short(bound)?;
        if bound != Queue::EVERYTHING && bound.contains(['*', '#']) {
            return Err(TransportError::Refused(format!(
                "the queue `{}` asks for `{bound}`: name event types in full, or `#` for all",
                queue.name
            )));
        }
    }
    Ok(())
}

fn quorum(delivery_limit: i64) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(delivery_limit));
    arguments
}

/// No length limit: with fan-out one full queue would refuse the message for all.
fn work_arguments() -> FieldTable {
    let mut arguments = quorum(DELIVERY_LIMIT);
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(DEAD));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

/// AMQP names have at most 255 bytes.
pub(crate) fn short(name: &str) -> Result<ShortString, TransportError> {
    ShortString::try_new(name).map_err(|_| {
        let start: String = name.chars().take(60).collect();
        TransportError::Refused(format!("the name `{start}…` is longer than 255 bytes"))
    })
}
