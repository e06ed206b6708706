//! A service as the bus sees it, and what brings it to life.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    BatchHandler, Db, Effect, Handler, Migration, Transport,
    effect::{self, ErasedEffect},
    handler::{ErasedHandler, OneByOne, Together},
    relay, runner,
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
}

impl Service {
    #[must_use]
    pub fn new(name: &'static str, migrations: &'static [Migration]) -> Self {
        Self { name, migrations, publishes: Vec::new(), handlers: Vec::new(), effects: Vec::new() }
    }

    /// The event types it publishes, for documents and checks.
    #[must_use]
    pub fn publishes(mut self, types: &[&'static str]) -> Self {
        self.publishes.extend(types);
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

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    #[must_use]
    pub fn migrations(&self) -> &'static [Migration] {
        self.migrations
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

/// Brings a service to life: its relay, a runner for each handler, its retries and its effects.
///
/// Queues must have been declared before anything is published, by
/// [`Transport::declare`] for all services together: an event whose follower has no queue yet is
/// unroutable.
#[must_use]
pub fn run(service: &Service, db: &Db, transport: &Arc<dyn Transport>) -> Running {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    tasks.spawn(relay::run(db.clone(), transport.clone(), stop.clone()));
    for handler in &service.handlers {
        tasks.spawn(runner::run(db.clone(), transport.clone(), handler.clone(), stop.clone()));
    }
    tasks.spawn(runner::run_retries(db.clone(), service.handlers.clone(), stop.clone()));
    tasks.spawn(effect::run(db.clone(), service.effects.clone(), stop.clone()));
    Running { tasks, stop }
}
