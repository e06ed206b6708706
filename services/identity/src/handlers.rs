//! What `identity` hears: those who hold copies of persons and of the organisation, when they ask; and the
//! parts of an export, as each service writes its own.

use bus::{Error, Handled, Handler, Received, Tx, step};
use contract::{
    assessment, catalog, certification,
    identity::{CopiesDisowned, Digest, ORGANISATION, PERSONS, PersonErased, PersonUpdated},
    insight, learning, notification,
    own::{ExportExpired, IdentityStepTask},
    step::{GONE, Stamp, hash},
};
use event::Event;
use uuid::Uuid;

use crate::{
    commands::{exports, organisation::told as told_organisation, told},
    domain::organisation as rules,
    store::{self, Known},
};

/// Tells who there is, and who was erased, to those who lack it.
pub(crate) struct KeepInStep;

impl step::Owner for KeepInStep {
    const NAME: &'static str = "identity.keep-in-step";
    const KINDS: &'static [&'static str] = &[PERSONS, ORGANISATION];
    const COMPARED: &'static [&'static str] = &[
        catalog::CopiesCompared::TYPE,
        learning::CopiesCompared::TYPE,
        assessment::CopiesCompared::TYPE,
        certification::CopiesCompared::TYPE,
        notification::CopiesCompared::TYPE,
        insight::CopiesCompared::TYPE,
    ];
    const WANTED: &'static [&'static str] = &[
        catalog::CopiesWanted::TYPE,
        learning::CopiesWanted::TYPE,
        assessment::CopiesWanted::TYPE,
        certification::CopiesWanted::TYPE,
        notification::CopiesWanted::TYPE,
        insight::CopiesWanted::TYPE,
    ];
    type Digest = Digest;
    type Disowned = CopiesDisowned;
    type Task = IdentityStepTask;

    async fn stamps(
        &self,
        tx: &mut Tx,
        kind: &str,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Stamp>, Error> {
        if kind == ORGANISATION {
            let stamp = organisation_stamp(tx).await?;
            return Ok(stamp.into_iter().filter(|stamp| stamp.id > after).collect());
        }
        let known = store::known(tx, after, most).await?;
        Ok(known.iter().map(stamp).collect())
    }

    async fn send(
        &self,
        tx: &mut Tx,
        kind: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> Result<Vec<Uuid>, Error> {
        if kind == ORGANISATION {
            return send_organisation(tx, ids, queue).await;
        }
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

    async fn overtake(&self, tx: &mut Tx, kind: &str, id: Uuid, version: u64) -> Result<(), Error> {
        if kind == ORGANISATION {
            return store::organisation::overtake(tx, version).await;
        }
        store::overtake(tx, id, version).await
    }
}

async fn organisation_stamp(tx: &Tx) -> Result<Option<Stamp>, Error> {
    let written = store::organisation::organisation(tx).await?;
    Ok(written.map(|written| Stamp {
        id: rules::id().0,
        version: written.version,
        hash: hash(&told_organisation(&written)),
    }))
}

async fn send_organisation(tx: &mut Tx, ids: &[Uuid], queue: &str) -> Result<Vec<Uuid>, Error> {
    let written = store::organisation::organisation(tx).await?;
    let Some(written) = written.filter(|_| ids.contains(&rules::id().0)) else {
        return Ok(Vec::new());
    };
    tx.publish_to(&told_organisation(&written), queue)?;
    Ok(vec![rules::id().0])
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

event::one_of! {
    /// A part of an export, from whichever service wrote it.
    pub enum ExportPart {
        Catalog(catalog::ExportPartReady),
        Learning(learning::ExportPartReady),
        Assessment(assessment::ExportPartReady),
        Certification(certification::ExportPartReady),
        Notification(notification::ExportPartReady),
        Insight(insight::ExportPartReady),
    }
}

/// Collects the parts of exports.
pub(crate) struct CollectExports;

impl Handler for CollectExports {
    const NAME: &'static str = "identity.collect-exports";
    type Event = ExportPart;

    async fn handle(&self, event: &Received<ExportPart>, tx: &mut Tx) -> Handled {
        let service = event::owner(&event.envelope.event_type);
        let part = match &event.data {
            ExportPart::Catalog(part) => &part.0,
            ExportPart::Learning(part) => &part.0,
            ExportPart::Assessment(part) => &part.0,
            ExportPart::Certification(part) => &part.0,
            ExportPart::Notification(part) => &part.0,
            ExportPart::Insight(part) => &part.0,
        };
        Ok(exports::take_part(tx, service, part).await?)
    }
}

/// Deletes what expired.
pub(crate) struct ExpireExports;

impl Handler for ExpireExports {
    const NAME: &'static str = "identity.expire-exports";
    type Event = ExportExpired;

    async fn handle(&self, event: &Received<ExportExpired>, tx: &mut Tx) -> Handled {
        Ok(exports::expire(tx, event.export).await?)
    }
}
