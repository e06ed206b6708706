//! What an upgrade leaves behind: the queue, the tries and the jobs of a handler or an effect that its service
//! has no more. Nobody takes any of it, and the queue hears on and fills without end. It is found by whoever
//! looks, and put away when a person says so: never by itself, for an earlier version may still be running.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use event::Envelope;
use futures::future::BoxFuture;
use sea_orm::FromQueryResult;
use tokio::time::timeout;

use crate::{
    Db, Error, Failure, Handled, Read, Retries, RetryPolicy, Service, Transport, Tx, effect,
    handler::ErasedHandler,
    retry, runner,
    transport::{Depth, TransportError},
    values,
};

/// Why what was left is dead.
const CAUSE: &str = "no handler or effect of this name is there any more";
const BATCH: usize = 200;
/// What was counted in a queue and does not come within this time is somebody else's.
const PATIENCE: Duration = Duration::from_secs(5);

/// All names of which the database knows, and how much waits for each.
const NAMES: &str = "
select name, cast(sum(waiting) as bigint) as waiting from (
    select handler as name, count(*) as waiting from bus_retry group by handler
    union all
    select effect, count(*) from bus_effect group by effect
    union all
    select name, 0 from bus_queue
) known group by name order by name";

/// The orphans of one service.
pub struct Orphans<'a> {
    service: &'a Service,
    db: &'a Db,
    transport: &'a dyn Transport,
}

/// A handler or an effect that its service has no more, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    pub name: String,
    /// Waiting in its queue; absent where the transport does not answer for it.
    pub ready: Option<u64>,
    /// Why it does not.
    pub silence: Option<String>,
    /// Events to be tried again and jobs to be done, in the database.
    pub waiting: i64,
}

/// What became of what was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutAway {
    /// Its dead letters that now wait for a decision.
    pub dead: i64,
    /// What came while the queue was emptied, and went with it.
    pub lost: u64,
}

/// Writes down which queues a service has, for the time when it has them no more: not every transport can
/// list its queues.
///
/// # Errors
/// When the database is away.
pub async fn note_queues(service: &Service, db: &Db) -> Result<(), Error> {
    let rows = service.handlers.iter().map(|handler| values![handler.name()]).collect();
    let mut tx = db.begin().await?;
    tx.insert_many("insert into bus_queue (name) values", rows, "on conflict do nothing").await?;
    tx.commit().await
}

impl<'a> Orphans<'a> {
    #[must_use]
    pub fn of(service: &'a Service, db: &'a Db, transport: &'a dyn Transport) -> Self {
        Self { service, db, transport }
    }

    /// In the order of their names.
    ///
    /// # Errors
    /// When the database is away. A transport that is hides nothing but what it alone knows.
    pub async fn list(&self) -> Result<Vec<Orphan>, Error> {
        let left = self.left().await?;
        let names: Vec<&str> = left.keys().map(String::as_str).collect();
        let depths = self.transport.depths(&names).await;
        let found = left.iter().zip(depths);
        Ok(found.filter_map(|((name, waiting), depth)| orphan(name, *waiting, depth)).collect())
    }

    /// Names that the service does not know, and how much waits for each in its database.
    async fn left(&self) -> Result<BTreeMap<String, i64>, Error> {
        let names: Vec<Name> = self.db.all(NAMES, values![]).await?;
        let mut left: BTreeMap<String, i64> =
            names.into_iter().map(|line| (line.name, line.waiting)).collect();
        let listed = self.transport.queues().await.ok().flatten().unwrap_or_default();
        for queue in listed {
            if event::owner(&queue) == self.service.name() {
                left.entry(queue).or_default();
            }
        }
        let handlers = self.service.handlers.iter().map(|handler| handler.name());
        let known: HashSet<&str> = handlers.chain(self.service.effect_names()).collect();
        left.retain(|name, _| !known.contains(name.as_str()));
        Ok(left)
    }

    /// Makes dead letters of all that waits, and takes the queue away with its bindings.
    ///
    /// # Errors
    /// When somebody still takes from the queue, or the database or the transport is away. What was done until
    /// then stays so, and the rest can be done later.
    pub async fn put_away(&self, orphan: &Orphan) -> Result<PutAway, Error> {
        // Handlers and effects bear names of the code, which stay as long as it runs; so does this one, then.
        let name: &'static str = orphan.name.clone().leak();
        let lost = self.empty(name).await?;
        Retries::of(self.db).hurry(name).await?;
        let departed: Arc<dyn ErasedHandler> = Arc::new(Departed(name));
        retry::try_all_due(self.db, std::slice::from_ref(&departed)).await?;
        effect::give_up_all(self.db, name, CAUSE).await?;
        let mut tx = self.db.begin().await?;
        tx.execute("delete from bus_queue where name = $1", values![name]).await?;
        tx.commit().await?;
        let waiting = "select count(*) from bus_dead where consumer = $1 and state = 'waiting'";
        let dead: Option<i64> = self.db.scalar(waiting, values![name]).await?;
        Ok(PutAway { dead: dead.unwrap_or_default(), lost })
    }

    /// Empties its queue, if it has one, and takes it away; how much came meanwhile.
    async fn empty(&self, queue: &'static str) -> Result<u64, Error> {
        let depth = match self.transport.depth(queue).await {
            Ok(depth) => depth,
            Err(TransportError::Refused(_)) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        if depth.consumers.is_some_and(|consumers| consumers > 0) {
            return Err(Error::Configuration(format!(
                "somebody still takes from {queue}: stop the earlier version first"
            )));
        }
        let mut receiver = self.transport.receive(queue).await?;
        let mut left = depth.ready;
        while left > 0
            && let Ok(batch) = timeout(PATIENCE, receiver.next(BATCH)).await
        {
            let batch = batch?;
            runner::process(self.db, &Departed(queue), &batch).await?;
            runner::settle(receiver.as_mut(), &batch).await?;
            left = left.saturating_sub(batch.len() as u64);
        }
        receiver.close().await;
        Ok(self.transport.remove(queue).await?)
    }
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
    waiting: i64,
}

/// Nothing where nothing is left.
fn orphan(name: &str, waiting: i64, depth: Result<Depth, TransportError>) -> Option<Orphan> {
    let (ready, silence) = match depth {
        Ok(depth) => (Some(depth.ready), None),
        // It has no queue, as an effect never has.
        Err(TransportError::Refused(_)) if waiting == 0 => return None,
        Err(TransportError::Refused(_)) => (Some(0), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Some(Orphan { name: name.to_owned(), ready, silence, waiting })
}

/// In the place of a handler that is no more: it gives up on everything.
struct Departed(&'static str);

impl ErasedHandler for Departed {
    fn name(&self) -> &'static str {
        self.0
    }
    fn types(&self) -> Vec<&'static str> {
        Vec::new()
    }
    fn retry(&self) -> RetryPolicy {
        RetryPolicy::DEFAULT
    }
    fn handle<'a>(&'a self, _: &'a [&'a Envelope], _: &'a mut Tx) -> BoxFuture<'a, Handled> {
        Box::pin(std::future::ready(Err(Failure::park(CAUSE))))
    }
}
