//! A service as the bus sees it, and what brings it to life.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use event::Event;

use crate::{
    BatchHandler, Db, Effect, Handler, Migration, Transport,
    effect::{self, ErasedEffect},
    handler::{ErasedHandler, OneByOne, Together},
    meters, migrations, relay,
    retention::{self, Retention},
    runner, sqlite,
    step::{self, ErasedFollower, ErasedOwner},
    transport::Queue,
};

/// What a service declares to the bus.
#[derive(Clone)]
pub struct Service {
    name: &'static str,
    migrations: &'static [Migration],
    publishes: Vec<&'static str>,
    pub(crate) handlers: Vec<Arc<dyn ErasedHandler>>,
    pub(crate) effects: Vec<Arc<dyn ErasedEffect>>,
    pub(crate) owner: Option<Arc<dyn ErasedOwner>>,
    pub(crate) follower: Option<Arc<dyn ErasedFollower>>,
    pub(crate) retention: Retention,
}

impl Service {
    #[must_use]
    pub fn new(name: &'static str, migrations: &'static [Migration]) -> Self {
        Self {
            name,
            migrations,
            publishes: Vec::new(),
            handlers: Vec::new(),
            effects: Vec::new(),
            owner: None,
            follower: None,
            retention: Retention::DEFAULT,
        }
    }

    /// The event types it publishes, for documents and checks.
    #[must_use]
    pub fn publishes(mut self, types: &[&'static str]) -> Self {
        self.publishes.extend(types);
        self
    }

    /// How long what is done with is kept.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    #[must_use]
    pub fn handler(mut self, handler: impl Handler) -> Self {
        self.handlers.push(Arc::new(OneByOne(handler)));
        self
    }

    #[must_use]
    pub fn batch_handler(mut self, handler: impl BatchHandler) -> Self {
        self.handlers.push(Arc::new(Together(handler)));
        self
    }

    #[must_use]
    pub fn effect(mut self, effect: impl Effect) -> Self {
        self.effects.push(Arc::new(effect));
        self
    }

    /// It owns what others hold copies of: it publishes digests and sends anew what is asked for.
    #[must_use]
    pub fn owner<O: step::Owner>(mut self, owner: O) -> Self {
        let owner = step::Owning::new(owner);
        self.publishes.extend([O::Digest::TYPE, O::Disowned::TYPE]);
        self.owner = Some(Arc::new(owner.clone()));
        self.handler(owner)
    }

    /// It holds copies of what others own: it compares them with digests and asks for what it lacks.
    #[must_use]
    pub fn follower<F: step::Follower>(mut self) -> Self {
        self.publishes.extend([F::Compared::TYPE, F::Wanted::TYPE]);
        self.follower = Some(Arc::new(step::Following::<F>::new()));
        self.handler(step::Following::<F>::new())
    }

    /// Where it keeps its copies of what others own.
    #[must_use]
    pub fn copies(&self) -> &'static [step::Copies] {
        self.follower.as_ref().map_or(&[], |follower| follower.copies())
    }

    /// What it owns that others may hold copies of.
    #[must_use]
    pub fn owned_kinds(&self) -> &'static [&'static str] {
        self.owner.as_ref().map_or(&[], |owner| owner.kinds())
    }

    /// The part of it that keeps copies in step: an operator's command can run it beside the service
    /// or in its place. Nothing of it reaches the outside world.
    #[must_use]
    pub fn step_alone(&self) -> Self {
        let mut part = self.clone();
        let own = [
            self.owner.as_ref().map(|owner| owner.queue()),
            self.follower.as_ref().map(|follower| follower.queue()),
        ];
        let queues: Vec<&str> = own
            .into_iter()
            .flatten()
            .chain(self.copies().iter().map(|copies| copies.taken_by))
            .collect();
        part.handlers.retain(|handler| queues.contains(&handler.name()));
        part.effects.clear();
        part
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    #[must_use]
    pub fn migrations(&self) -> &'static [Migration] {
        self.migrations
    }

    /// All that make the schema of its database, the bus's own first.
    pub fn schema(&self) -> impl Iterator<Item = &'static Migration> {
        migrations::schema(self.migrations)
    }

    #[must_use]
    pub fn published_types(&self) -> &[&'static str] {
        &self.publishes
    }

    /// The queues it takes from, with their bindings.
    #[must_use]
    pub fn queues(&self) -> Vec<Queue> {
        self.handlers.iter().map(|handler| runner::queue_of(handler.as_ref())).collect()
    }

    #[must_use]
    pub fn effect_names(&self) -> Vec<&'static str> {
        self.effects.iter().map(|effect| effect.name()).collect()
    }
}

/// A service at work.
pub struct Running {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Running {
    /// Finishes what is in hand, gives back what is not, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Brings a service to life: its relay, the runners of each handler, its retries and its effects.
///
/// Queues must have been declared before anything is published, by
/// [`Transport::declare`] for all services together: an event whose follower has no queue yet is
/// unroutable.
#[must_use]
pub fn run(service: &Service, db: &Db, transport: &Arc<dyn Transport>) -> Running {
    meters::begin(service);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    for part in parts(service, db, transport, &stop) {
        tasks.spawn(part);
    }
    Running { tasks, stop }
}

/// What a living service does, each until it is told to stop.
pub(crate) fn parts(
    service: &Service,
    db: &Db,
    transport: &Arc<dyn Transport>,
    stop: &CancellationToken,
) -> Vec<BoxFuture<'static, ()>> {
    let with = || (db.clone(), transport.clone());
    let (own, carrier) = with();
    let mut parts: Vec<BoxFuture<'static, ()>> =
        vec![Box::pin(relay::run(own, carrier, stop.clone()))];
    for handler in &service.handlers {
        for _ in 0..handler.side_by_side() {
            let (own, carrier) = with();
            parts.push(Box::pin(runner::run(own, carrier, handler.clone(), stop.clone())));
        }
    }
    let (handlers, effects) = (service.handlers.clone(), service.effects.clone());
    parts.push(Box::pin(runner::run_retries(db.clone(), handlers, stop.clone())));
    parts.push(Box::pin(effect::run(db.clone(), effects, stop.clone())));
    let queues = service.handlers.iter().map(|handler| handler.name()).collect();
    let (own, carrier) = with();
    let kept = service.retention;
    parts.push(Box::pin(retention::run(own, carrier, queues, kept, stop.clone())));
    parts.push(Box::pin(sqlite::keep_statistics(db.clone(), stop.clone())));
    parts
}
