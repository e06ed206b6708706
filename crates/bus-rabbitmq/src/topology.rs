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
//! AMQP cannot list the bindings of a queue; only its management API can ([`crate::management`]). What this process bound and then declares no longer is
//! unbound; a binding from an earlier run stays until a person takes it away (`rabbitmqctl list_bindings`).
//! It costs an envelope that the queue's handler does not know, and loses nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::transport::{Inspection, Queue, TransportError};
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use lapin::options::{
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{Channel, ExchangeKind};

use crate::management::Bindings;
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
    bound: Mutex<Bindings>,
}

impl Topology {
    pub(crate) async fn declare(
        &self,
        session: &Session,
        queues: &[Queue],
    ) -> Result<(), TransportError> {
        let wanted = bindings_of(queues);
        let surplus = surplus(&self.bound(), &wanted);
        let channel = session.channel().await?;
        let declaring = Declaring { session, channel: &channel };
        declaring.queues(&wanted).await?;
        declaring.unbind(&surplus).await?;
        self.bound().extend(wanted);
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
        let mut wanted = self.bound().clone();
        for kept in [DEAD, Queue::UNROUTABLE] {
            wanted.entry(kept.to_owned()).or_default();
        }
        let channel = session.channel().await?;
        let declaring = Declaring { session, channel: &channel };
        declaring.exchange().await?;
        declaring.queues(&wanted).await
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
        match declaring.queues(&Bindings::from([(name.to_owned(), BTreeSet::new())])).await {
            Ok(()) => Ok(Inspection::RightButForBindings(None)),
            Err(TransportError::Refused(text)) => Ok(Inspection::Wrong(text)),
            Err(error) => Err(error),
        }
    }

    /// The queue, and all that is bound to it; the next connection does not bring it back.
    pub(crate) async fn remove(
        &self,
        session: &Session,
        queue: &str,
    ) -> Result<u64, TransportError> {
        self.bound().remove(queue);
        let doing = format!("removing the queue `{queue}`");
        let channel = session.channel().await?;
        let removed = channel.queue_delete(checked(queue), QueueDeleteOptions::default());
        let removed = session.ask_queue(&doing, removed).await;
        removed.map(u64::from).map_err(|error| error.explain(&doing))
    }

    pub(crate) fn knows(&self, queue: &str) -> bool {
        self.bound().contains_key(queue)
    }

    fn bound(&self) -> MutexGuard<'_, Bindings> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What there is to say of a queue that is as declared, when it is known what it is bound to, or why not.
pub(crate) fn with_bindings(queue: &Queue, bindings: &Result<Bindings, String>) -> Inspection {
    match bindings {
        Ok(bindings) => {
            let none = BTreeSet::new();
            queue.held_against(bindings.get(&queue.name).unwrap_or(&none))
        }
        Err(cause) => Inspection::RightButForBindings(Some(cause.clone())),
    }
}

fn bindings_of(queues: &[Queue]) -> Bindings {
    let bindings = queues.iter().map(|queue| {
        let types: BTreeSet<String> = queue.types.iter().cloned().collect();
        (queue.name.clone(), types)
    });
    bindings.collect()
}

/// Of the queues that are wanted, the bindings that are wanted no more.
fn surplus(bound: &Bindings, wanted: &Bindings) -> Bindings {
    let surplus = wanted.iter().filter_map(|(queue, types)| {
        let gone: BTreeSet<String> = bound.get(queue)?.difference(types).cloned().collect();
        Some((queue.clone(), gone))
    });
    surplus.collect()
}

/// Each queue with each type that it is bound to.
fn pairs(bound: &Bindings) -> impl Iterator<Item = (&String, &String)> {
    bound.iter().flat_map(|(queue, types)| types.iter().map(move |bound| (queue, bound)))
}

/// One round of declarations on one channel, which the first error closes.
struct Declaring<'a> {
    session: &'a Session,
    channel: &'a Channel,
}

impl Declaring<'_> {
    /// All queues together, and then all that is bound to them: two ways to the broker and back, however
    /// many there are.
    async fn queues(&self, wanted: &Bindings) -> Result<(), TransportError> {
        let declared: Vec<_> = wanted
            .keys()
            .map(|queue| (format!("declaring the queue `{queue}`"), self.queue(queue)))
            .collect();
        self.all(declared).await?;
        let bound: Vec<_> = pairs(wanted)
            .map(|(queue, bound)| {
                (format!("binding the queue `{queue}` to `{bound}`"), self.bind(queue, bound))
            })
            .collect();
        self.all(bound).await
    }

    async fn unbind(&self, surplus: &Bindings) -> Result<(), TransportError> {
        let unbound: Vec<_> = pairs(surplus)
            .map(|(queue, bound)| {
                let doing = format!("unbinding the queue `{queue}` from `{bound}`");
                (doing, self.unbind_one(queue, bound))
            })
            .collect();
        self.all(unbound).await
    }

    /// Asks everything at once, and waits for one answer after the other. They come in the order of the
    /// questions, so the first that fails is the one that the broker closed the channel for, and those
    /// after it fail with it.
    async fn all<Answer: Future<Output = lapin::Result<()>>>(
        &self,
        questions: Vec<(String, Answer)>,
    ) -> Result<(), TransportError> {
        let (asked, mut answers): (Vec<String>, FuturesOrdered<Answer>) =
            questions.into_iter().unzip();
        for doing in &asked {
            let next = async { answers.next().await.unwrap_or(Ok(())) };
            self.session.ask(doing, next).await.map_err(|error| error.explain(doing))?;
        }
        Ok(())
    }

    async fn exchange(&self) -> Result<(), TransportError> {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = self.channel.exchange_declare(
            EVENTS.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        );
        let doing = format!("declaring the exchange `{EVENTS}`");
        self.session.ask(&doing, declared).await.map_err(|error| error.explain(&doing))
    }

    /// The answer to a declaration holds the queue's length, which a queue without a leader cannot
    /// tell: it would hold up the declaration of all others. So we want no answer, but the one to a
    /// second question on the same channel, which a refused declaration has closed.
    async fn queue(&self, queue: &str) -> lapin::Result<()> {
        let options =
            QueueDeclareOptions { durable: true, nowait: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(checked(queue), options, arguments(queue)).await?;
        let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let kind = ExchangeKind::Topic;
        self.channel.exchange_declare(EVENTS.into(), kind, passive, FieldTable::default()).await
    }

    async fn bind(&self, queue: &str, bound: &str) -> lapin::Result<()> {
        let (queue, bound) = (checked(queue), checked(bound));
        let options = QueueBindOptions::default();
        self.channel.queue_bind(queue, EVENTS.into(), bound, options, FieldTable::default()).await
    }

    async fn unbind_one(&self, queue: &str, bound: &str) -> lapin::Result<()> {
        let (queue, bound) = (checked(queue), checked(bound));
        self.channel.queue_unbind(queue, EVENTS.into(), bound, FieldTable::default()).await
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

fn arguments(queue: &str) -> FieldTable {
    if [DEAD, Queue::UNROUTABLE].contains(&queue) {
        return quorum(KEPT_DELIVERY_LIMIT);
    }
    work_arguments()
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

/// A name that was found short enough when it came here.
pub(crate) fn checked(name: &str) -> ShortString {
    short(name).unwrap_or_default()
}

/// AMQP names have at most 255 bytes.
pub(crate) fn short(name: &str) -> Result<ShortString, TransportError> {
    ShortString::try_new(name).map_err(|_| {
        let start: String = name.chars().take(60).collect();
        TransportError::Refused(format!("the name `{start}…` is longer than 255 bytes"))
    })
}
