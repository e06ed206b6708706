//! The one who owns: digests, and sending anew what is asked for.

use std::{collections::HashSet, marker::PhantomData, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use event::{
    Envelope, Event, MalformedEnvelope, owner as owner_of,
    step::{Compared, Digest, Disowned, Stamp, Task, Wanted},
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{Copies, EVERY, FIRST, read};
use crate::{Error, Failure, Handled, Handler, Hear, Read, Received, Tx, values};

/// Things sent anew in one transaction.
const SENT_AT_ONCE: usize = 100;
/// Beyond this no version was ever given: a follower that says so is not followed.
const HIGHEST_VERSION: u64 = 1 << 60;
const PLANNED: &str = "step/scheduled";

/// What a service owns that others hold copies of.
pub trait Owner: Send + Sync + 'static {
    /// Durable: `<service>.<handler>`, the queue in which it hears its followers and itself.
    const NAME: &'static str;
    /// What it owns: `<service>.<things>`.
    const KINDS: &'static [&'static str];
    /// The types of its followers' answers, each a [`Compared`].
    const COMPARED: &'static [&'static str];
    /// The types of its followers' wishes, each a [`Wanted`].
    const WANTED: &'static [&'static str];
    /// Entries in a page of a digest.
    const PAGE: usize = 500;
    type Digest: Event + From<Digest>;
    type Disowned: Event + From<Disowned>;
    type Task: Event + From<Task>;

    /// What the others were told of, by id, after one.
    fn stamps(
        &self,
        tx: &mut Tx,
        kind: &str,
        after: Uuid,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Stamp>, Error>> + Send;

    /// Publishes the present state of these to one queue, and gives those that there are.
    fn send(
        &self,
        tx: &mut Tx,
        kind: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> impl Future<Output = Result<Vec<Uuid>, Error>> + Send;

    /// Gives a thing the version after this one, where its own is lower: this owner was restored
    /// from an earlier time, and the others would never again take what it tells.
    fn overtake(
        &self,
        tx: &mut Tx,
        kind: &str,
        id: Uuid,
        version: u64,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// An owner whose types are forgotten.
pub(crate) trait ErasedOwner: Send + Sync {
    fn queue(&self) -> &'static str;
    fn kinds(&self) -> &'static [&'static str];
    fn plan<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), Error>>;
    fn look(&self, tx: &mut Tx, run: Uuid) -> Result<(), Error>;
    fn resend(&self, tx: &mut Tx, copies: &Copies) -> Result<(), Error>;
}

pub(crate) struct Owning<O>(Arc<O>);

impl<O> Owning<O> {
    pub(crate) fn new(owner: O) -> Self {
        Self(Arc::new(owner))
    }
}

impl<O> Clone for Owning<O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What an owner hears: itself, and its followers.
pub(crate) struct ByOwner<O> {
    heard: Heard,
    owner: PhantomData<fn() -> O>,
}

enum Heard {
    Task(Task),
    Compared(Compared),
    Wanted(Wanted),
}

impl<O: Owner> Hear for ByOwner<O> {
    fn types() -> Vec<&'static str> {
        let others = O::COMPARED.iter().chain(O::WANTED);
        std::iter::once(O::Task::TYPE).chain(others.copied()).collect()
    }

    fn read(envelope: &Envelope) -> Result<Self, MalformedEnvelope> {
        let heard = match envelope.event_type.as_str() {
            own if own == O::Task::TYPE => Heard::Task(read(envelope)?),
            answer if O::COMPARED.contains(&answer) => Heard::Compared(read(envelope)?),
            wish if O::WANTED.contains(&wish) => Heard::Wanted(read(envelope)?),
            _ => return Err(envelope.unexpected()),
        };
        Ok(Self { heard, owner: PhantomData })
    }
}

impl<O: Owner> ErasedOwner for Owning<O> {
    fn queue(&self) -> &'static str {
        O::NAME
    }

    fn kinds(&self) -> &'static [&'static str] {
        O::KINDS
    }

    fn plan<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let planned: Option<i64> = tx
                .scalar(
                    "select count(*) from bus_outbox where schedule_key = $1 and sent_at is null",
                    values![PLANNED],
                )
                .await?;
            if planned.unwrap_or(0) > 0 {
                return Ok(());
            }
            let due = tx.now() + FIRST + stagger(O::NAME);
            plan::<O>(tx, due).await
        })
    }

    fn look(&self, tx: &mut Tx, run: Uuid) -> Result<(), Error> {
        for kind in O::KINDS {
            let task = Task::Digest { run, kind: (*kind).to_owned(), page: 1, after: Uuid::nil() };
            tx.publish(&O::Task::from(task))?;
        }
        Ok(())
    }

    fn resend(&self, tx: &mut Tx, copies: &Copies) -> Result<(), Error> {
        tx.publish(&O::Task::from(Task::Resend {
            kind: copies.kind.to_owned(),
            after: Uuid::nil(),
            queue: copies.taken_by.to_owned(),
        }))
    }
}

impl<O: Owner> Handler for Owning<O> {
    const NAME: &'static str = O::NAME;
    type Event = ByOwner<O>;

    async fn handle(&self, event: &Received<ByOwner<O>>, tx: &mut Tx) -> Handled {
        match &event.heard {
            Heard::Task(task) => Ok(self.perform(task.clone(), tx).await?),
            Heard::Compared(answer) => {
                own_queues(&event.envelope, &[&answer.queue, &answer.answer_to])?;
                Ok(answer_to::<O>(answer, tx)?)
            }
            Heard::Wanted(wish) if O::KINDS.contains(&wish.kind.as_str()) => {
                own_queues(&event.envelope, &[&wish.queue])?;
                let (kind, queue) = (wish.kind.clone(), wish.queue.clone());
                let task = Task::Resend { kind, after: Uuid::nil(), queue };
                Ok(tx.publish(&O::Task::from(task))?)
            }
            // It wants something of another owner.
            Heard::Wanted(_) => Ok(()),
        }
    }
}

impl<O: Owner> Owning<O> {
    async fn perform(&self, task: Task, tx: &mut Tx) -> Result<(), Error> {
        match task {
            Task::Scheduled => {
                let due = tx.now() + EVERY;
                plan::<O>(tx, due).await?;
                self.look(tx, event::fresh_uuid())
            }
            Task::Digest { run, kind, page, after } => {
                self.digest(run, kind, page, after, tx).await
            }
            Task::Resend { kind, after, queue } => self.resend_from(kind, after, queue, tx).await,
            Task::Send { kind, copies, queue, answer_to } => {
                self.send_these(kind, copies, &queue, &answer_to, tx).await
            }
        }
    }

    async fn digest(
        &self,
        run: Uuid,
        kind: String,
        page: u32,
        after: Uuid,
        tx: &mut Tx,
    ) -> Result<(), Error> {
        let entries = self.0.stamps(tx, &kind, after, O::PAGE).await?;
        let end = entries.last().map(|entry| entry.id).filter(|_| entries.len() >= O::PAGE);
        tx.publish(&O::Digest::from(Digest {
            run,
            kind: kind.clone(),
            page,
            last: end.is_none(),
            after,
            to: end.unwrap_or(Uuid::max()),
            entries,
        }))?;
        let Some(after) = end else { return Ok(()) };
        tx.publish(&O::Task::from(Task::Digest { run, kind, page: page + 1, after }))
    }

    async fn resend_from(
        &self,
        kind: String,
        after: Uuid,
        queue: String,
        tx: &mut Tx,
    ) -> Result<(), Error> {
        let stamps = self.0.stamps(tx, &kind, after, SENT_AT_ONCE).await?;
        let ids: Vec<Uuid> = stamps.iter().map(|stamp| stamp.id).collect();
        self.0.send(tx, &kind, &ids, &queue).await?;
        match ids.last().filter(|_| ids.len() >= SENT_AT_ONCE) {
            Some(after) => tx.publish(&O::Task::from(Task::Resend { kind, after: *after, queue })),
            None => Ok(()),
        }
    }

    async fn send_these(
        &self,
        kind: String,
        copies: Vec<Stamp>,
        queue: &str,
        answer_to: &str,
        tx: &mut Tx,
    ) -> Result<(), Error> {
        let held = |copy: &&Stamp| (1..HIGHEST_VERSION).contains(&copy.version);
        for copy in copies.iter().filter(held) {
            self.0.overtake(tx, &kind, copy.id, copy.version).await?;
        }
        let ids: Vec<Uuid> = copies.iter().map(|copy| copy.id).collect();
        let known: HashSet<Uuid> = self.0.send(tx, &kind, &ids, queue).await?.into_iter().collect();
        let copies: Vec<Stamp> = copies
            .into_iter()
            .filter(|copy| copy.version > 0 && !known.contains(&copy.id))
            .collect();
        if copies.is_empty() {
            return Ok(());
        }
        tx.publish_to(&O::Disowned::from(Disowned { kind, copies }), answer_to)
    }
}

/// Sends what a follower asks for, a bounded piece at a time.
fn answer_to<O: Owner>(answer: &Compared, tx: &mut Tx) -> Result<(), Error> {
    if !O::KINDS.contains(&answer.kind.as_str()) {
        return Ok(());
    }
    for copies in answer.asked.chunks(SENT_AT_ONCE) {
        tx.publish(&O::Task::from(Task::Send {
            kind: answer.kind.clone(),
            copies: copies.to_vec(),
            queue: answer.queue.clone(),
            answer_to: answer.answer_to.clone(),
        }))?;
    }
    Ok(())
}

async fn plan<O: Owner>(tx: &mut Tx, due: DateTime<Utc>) -> Result<(), Error> {
    tx.publish_at(&O::Task::from(Task::Scheduled), due, PLANNED).await
}

/// So that the owners do not all speak at once.
fn stagger(name: &str) -> TimeDelta {
    let sum: i64 = name.bytes().map(i64::from).sum();
    TimeDelta::minutes(sum % 30)
}

/// A follower may name its own queues and no others.
fn own_queues(envelope: &Envelope, queues: &[&String]) -> Handled {
    let follower = envelope.owner();
    match queues.iter().find(|queue| owner_of(queue) != follower) {
        Some(queue) => Err(Failure::park(format!("{queue} is no queue of {follower}"))),
        None => Ok(()),
    }
}
