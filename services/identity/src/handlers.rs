//! What `identity` hears: those who hold copies of persons, when they ask.

use bus::{Error, Tx, step};
use contract::{
    assessment, certification,
    identity::{CopiesDisowned, Digest, PERSONS, PersonErased, PersonUpdated},
    insight, learning, notification,
    step::{GONE, Stamp, hash},
};
use event::Event;
use uuid::Uuid;

use crate::{
    commands::told,
    store::{self, Known},
};

event::named! {
    /// What it has to do next to keep copies in step. It tells itself alone.
    pub(crate) struct StepTask(step::Task) = "identity.step-task.v1";
}

/// Tells who there is, and who was erased, to those who lack it.
pub(crate) struct KeepInStep;

impl step::Owner for KeepInStep {
    const NAME: &'static str = "identity.keep-in-step";
    const KINDS: &'static [&'static str] = &[PERSONS];
    const COMPARED: &'static [&'static str] = &[
        learning::CopiesCompared::TYPE,
        assessment::CopiesCompared::TYPE,
        certification::CopiesCompared::TYPE,
        notification::CopiesCompared::TYPE,
        insight::CopiesCompared::TYPE,
    ];
    const WANTED: &'static [&'static str] = &[
        learning::CopiesWanted::TYPE,
        assessment::CopiesWanted::TYPE,
        certification::CopiesWanted::TYPE,
        notification::CopiesWanted::TYPE,
        insight::CopiesWanted::TYPE,
    ];
    type Digest = Digest;
    type Disowned = CopiesDisowned;
    type Task = StepTask;

    async fn stamps(
        &self,
        tx: &mut Tx,
        _: &str,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Stamp>, Error> {
        let known = store::known(tx, after, most).await?;
        Ok(known.iter().map(stamp).collect())
    }

    async fn send(
        &self,
        tx: &mut Tx,
        _: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> Result<Vec<Uuid>, Error> {
        let mut sent = Vec::new();
        for known in store::known_of(tx, ids).await? {
            sent.push(stamp(&known).id);
            match known {
                Known::Person(person) => tx.publish_to(&PersonUpdated(told(&person)), queue)?,
                Known::Erased { id: person, version, erased_at } => {
                    tx.publish_to(&PersonErased { person, version, erased_at }, queue)?;
                }
            }
        }
        Ok(sent)
    }

    async fn overtake(&self, tx: &mut Tx, _: &str, id: Uuid, version: u64) -> Result<(), Error> {
        store::overtake(tx, id, version).await
    }
}

fn stamp(known: &Known) -> Stamp {
    match known {
        Known::Person(person) => {
            Stamp { id: person.id.0, version: person.version, hash: hash(&told(person)) }
        }
        Known::Erased { id, version, .. } => {
            Stamp { id: id.0, version: *version, hash: GONE.to_owned() }
        }
    }
}
