//! What a process of the platform does by itself, cut into steps: a relay's round, a runner's batch, a
//! handler's retries, an effect's job, a pass of retention. Each step calls the very functions that run in
//! production.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Place,
    fate::{StepFuture, note},
    reach,
    transport::SimulatedTransport,
    world::Mutation,
};
use crate::{
    Db, Error, Pruned, Retention, Service, Transport,
    effect::{self, ErasedEffect},
    handler::ErasedHandler,
    relay, retention, retry, runner, step,
    transport::{Delivery, Receiver, Tag},
};

/// Deliveries that a runner takes at once, at most.
const BATCH: usize = 12;
/// Between two passes of retention. They are more frequent in production, and find as little.
const BETWEEN_PASSES: TimeDelta = TimeDelta::days(1);

/// One line of work, by one worker: it takes its next step only when the one before has ended.
pub(crate) struct Lane {
    pub(crate) name: String,
    db: Db,
    work: Work,
}

enum Work {
    Relay(Slot<Arc<relay::Relay>>),
    Runner(Arc<dyn ErasedHandler>, Slot<Desk>),
    Retries(Vec<Arc<dyn ErasedHandler>>, Slot<()>),
    Effect(Arc<dyn ErasedEffect>, Slot<Uuid>),
    /// What a service does when it starts, once.
    Begin(Service, Slot<()>),
    Retention(Retention, Slot<Sweep>),
}

/// What a runner holds between its steps.
#[derive(Default)]
struct Desk {
    receiver: Option<Box<dyn Receiver>>,
    batch: Vec<Delivery>,
}

/// What retention knows between its passes.
struct Sweep {
    behind: Vec<&'static str>,
    next: DateTime<Utc>,
}

/// What a worker has with it; empty while it is at work. Whoever dies at work leaves it empty, and a
/// new process brings a new one.
struct Slot<T>(Rc<RefCell<Option<T>>>);

impl<T> Slot<T> {
    fn with(content: T) -> Self {
        Self(Rc::new(RefCell::new(Some(content))))
    }

    fn take(&self) -> Option<(T, Self)> {
        let content = self.0.borrow_mut().take()?;
        Some((content, Self(self.0.clone())))
    }

    fn put(&self, content: T) {
        *self.0.borrow_mut() = Some(content);
    }
}

/// All lanes of a service in one process, which sees its database in its own way; that of retention
/// stands apart.
pub(crate) fn of_service(service: &Service, db: &Db) -> Vec<Lane> {
    let lane = |name: String, work: Work| Lane { name, db: db.clone(), work };
    let mut lanes = vec![lane(
        format!("{}.relay", service.name()),
        Work::Relay(Slot::with(Arc::new(relay::Relay::new()))),
    )];
    for handler in &service.handlers {
        for worker in 1..=handler.side_by_side().min(2) {
            let desk = Slot::with(Desk::default());
            let name = format!("{} {worker}", handler.name());
            lanes.push(lane(name, Work::Runner(handler.clone(), desk)));
        }
    }
    lanes.push(lane(
        format!("{} begins", service.name()),
        Work::Begin(service.clone(), Slot::with(())),
    ));
    if !service.handlers.is_empty() {
        let again = Work::Retries(service.handlers.clone(), Slot::with(()));
        lanes.push(lane(format!("{}.again", service.name()), again));
    }
    for effect in &service.effects {
        for worker in 1..=effect.concurrency().min(2) {
            let owner = Slot::with(event::fresh_uuid());
            lanes.push(lane(
                format!("{} {worker}", effect.name()),
                Work::Effect(effect.clone(), owner),
            ));
        }
    }
    lanes
}

/// The lane in which a service throws away.
pub(crate) fn of_retention(service: &Service, db: &Db) -> Lane {
    let behind = service.handlers.iter().map(|handler| handler.name()).collect();
    let sweep = Slot::with(Sweep { behind, next: db.now() });
    Lane {
        name: format!("{}.retention", service.name()),
        db: db.clone(),
        work: Work::Retention(service.retention, sweep),
    }
}

impl Lane {
    pub(crate) fn is_relay(&self) -> bool {
        matches!(self.work, Work::Relay(_))
    }

    pub(crate) fn is_retention(&self) -> bool {
        matches!(self.work, Work::Retention(..))
    }

    /// Whether it has deliveries in hand between its steps.
    pub(crate) fn holds(&self) -> bool {
        let Work::Runner(_, desk) = &self.work else { return false };
        desk.0.borrow().as_ref().is_some_and(|desk| !desk.batch.is_empty())
    }

    /// Whether there may be something to do; a runner's queue tells, a database would have to be asked.
    pub(crate) fn may_have_work(&self, transport: &SimulatedTransport) -> bool {
        match &self.work {
            Work::Runner(handler, desk) => {
                let holds = |desk: &Desk| !desk.batch.is_empty();
                desk.0
                    .borrow()
                    .as_ref()
                    .is_some_and(|desk| holds(desk) || transport.is_ready(handler.name()))
            }
            Work::Relay(slot) => slot.0.borrow().is_some(),
            Work::Retries(_, slot) => slot.0.borrow().is_some(),
            Work::Effect(_, slot) => slot.0.borrow().is_some(),
            Work::Begin(_, slot) => slot.0.borrow().is_some(),
            Work::Retention(_, slot) => {
                slot.0.borrow().as_ref().is_some_and(|sweep| sweep.next <= self.db.now())
            }
        }
    }

    /// The next step, if the one before has ended. It says what it did, or nothing.
    pub(crate) fn step(
        &self,
        transport: &SimulatedTransport,
        mutation: Option<Mutation>,
    ) -> Option<StepFuture> {
        let (db, transport) = (self.db.clone(), transport.clone());
        Some(match &self.work {
            Work::Relay(slot) => {
                let (relay, slot) = slot.take()?;
                Box::pin(relay_round(db, transport, relay, slot))
            }
            Work::Runner(handler, slot) => {
                let (desk, slot) = slot.take()?;
                let runner = Runner { db, transport, handler: handler.clone(), mutation };
                Box::pin(async move {
                    let mut desk = desk;
                    let said = runner.batch(&mut desk).await;
                    slot.put(desk);
                    said
                })
            }
            Work::Retries(handlers, slot) => {
                let ((), slot) = slot.take()?;
                let handlers = handlers.clone();
                Box::pin(async move {
                    let tried = retry::try_all_due(&db, &handlers).await;
                    slot.put(());
                    match tried {
                        Ok(0) => String::new(),
                        Ok(count) => format!("tried {count} again"),
                        Err(error) => error.to_string(),
                    }
                })
            }
            Work::Begin(service, slot) => {
                let ((), _) = slot.take()?;
                let service = service.clone();
                Box::pin(async move {
                    match step::begin(&service, &db).await {
                        Ok(()) => "begun".to_owned(),
                        Err(error) => error.to_string(),
                    }
                })
            }
            Work::Effect(effect, slot) => {
                let (owner, slot) = slot.take()?;
                let effect = effect.clone();
                Box::pin(async move {
                    let done = one_job(&db, effect.as_ref(), owner, mutation).await;
                    slot.put(owner);
                    done.unwrap_or_else(|error| error.to_string())
                })
            }
            Work::Retention(kept, slot) => {
                let (sweep, slot) = slot.take()?;
                let is_hasty = mutation == Some(Mutation::ForgetsTooEarly);
                Box::pin(retention_pass(db, transport, *kept, is_hasty, (sweep, slot)))
            }
        })
    }
}

async fn relay_round(
    db: Db,
    transport: SimulatedTransport,
    relay: Arc<relay::Relay>,
    slot: Slot<Arc<relay::Relay>>,
) -> String {
    let done = relay::step(&db, &transport, &relay).await;
    slot.put(relay);
    match done {
        Ok(relay::Step::Idle) => String::new(),
        Ok(relay::Step::SentSome) => "sent".to_owned(),
        Ok(relay::Step::SomeUnknown) => "some unknown".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn retention_pass(
    db: Db,
    transport: SimulatedTransport,
    kept: Retention,
    is_hasty: bool,
    (mut sweep, slot): (Sweep, Slot<Sweep>),
) -> String {
    let done = retention::pass(&db, &transport, &mut sweep.behind, is_hasty, kept).await;
    if matches!(done, Ok(Some(_))) {
        sweep.next = db.now() + BETWEEN_PASSES;
    }
    slot.put(sweep);
    match done {
        Ok(Some(pruned)) if pruned != Pruned::default() => format!("threw away: {pruned:?}"),
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

struct Runner {
    db: Db,
    transport: SimulatedTransport,
    handler: Arc<dyn ErasedHandler>,
    mutation: Option<Mutation>,
}

impl Runner {
    /// What `runner::receive` does in one round of its loop. A batch that the database did not take is
    /// held for the next step.
    async fn batch(&self, desk: &mut Desk) -> String {
        let Some(mut receiver) = self.receiver(desk).await else {
            return "no receiver".to_owned();
        };
        if desk.batch.is_empty() {
            match receiver.next(BATCH).await {
                Ok(batch) => desk.batch = batch,
                Err(error) => return error.to_string(),
            }
        }
        if desk.batch.is_empty() {
            desk.receiver = Some(receiver);
            return String::new();
        }
        let tags: Vec<Tag> = desk.batch.iter().map(|delivery| delivery.tag).collect();
        self.note(&desk.batch);
        if self.mutation == Some(Mutation::SettlesFirst) {
            receiver.settle(&tags).await.ok();
        }
        // Standing still here, somebody else may come to hold the same.
        reach(Place::Between).await.ok();
        if let Err(error) = self.process(&desk.batch).await {
            desk.receiver = Some(receiver);
            return error.to_string();
        }
        desk.batch.clear();
        match receiver.settle(&tags).await {
            Ok(()) => {
                desk.receiver = Some(receiver);
                "handled and settled".to_owned()
            }
            Err(error) => format!("handled; {error}"),
        }
    }

    async fn receiver(&self, desk: &mut Desk) -> Option<Box<dyn Receiver>> {
        match desk.receiver.take() {
            Some(receiver) => Some(receiver),
            None => {
                desk.batch.clear();
                self.transport.receive(self.handler.name()).await.ok()
            }
        }
    }

    fn note(&self, batch: &[Delivery]) {
        for delivery in batch {
            note(|| match &delivery.content {
                Ok(envelope) => format!("took {} {}", envelope.event_type, envelope.id),
                Err(_) => "took what is no envelope".to_owned(),
            });
        }
    }

    async fn process(&self, batch: &[Delivery]) -> Result<(), Error> {
        if self.mutation != Some(Mutation::NoInbox) {
            return runner::process(&self.db, self.handler.as_ref(), batch).await;
        }
        let mut tx = self.db.begin().await?;
        for envelope in batch.iter().filter_map(|delivery| delivery.content.as_ref().ok()) {
            tx.savepoint().await?;
            match runner::attempt(self.handler.as_ref(), &[envelope], &mut tx).await {
                Ok(()) => tx.release().await?,
                Err(failure) => {
                    tx.undo().await?;
                    retry::keep(&mut tx, self.handler.as_ref(), envelope, &failure, 1).await?;
                }
            }
        }
        tx.commit().await
    }
}

async fn one_job(
    db: &Db,
    effect: &dyn ErasedEffect,
    owner: Uuid,
    mutation: Option<Mutation>,
) -> Result<String, Error> {
    let Some(mut claim) = effect::claim(db, effect.name(), owner, 1).await?.pop() else {
        return Ok(String::new());
    };
    if mutation == Some(Mutation::ForgetsAbandoned) {
        claim.abandoned = false;
    }
    note(|| format!("at {}", claim.job_key));
    let performed = effect.work(db, &claim).await?;
    Ok(format!("{performed:?}"))
}
