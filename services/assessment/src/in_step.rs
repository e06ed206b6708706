//! Staying in step: the marks that others copy, and the copies here.

use bus::{Error, Tx, step};
use contract::{
    assessment::{AttemptGraded, CopiesCompared, CopiesDisowned, CopiesWanted, Digest, MARKS},
    catalog, identity, learning,
    own::AssessmentStepTask,
    step::{Stamp, hash},
};
use event::Event;
use uuid::Uuid;

use crate::store;

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "assessment.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] =
        &[catalog::Digest::TYPE, learning::Digest::TYPE, identity::Digest::TYPE];
    const DISOWNED: &'static [&'static str] = &[
        catalog::CopiesDisowned::TYPE,
        learning::CopiesDisowned::TYPE,
        identity::CopiesDisowned::TYPE,
    ];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}

/// Tells the present marks to those who lack them.
pub(crate) struct KeepInStep;

impl step::Owner for KeepInStep {
    const NAME: &'static str = "assessment.keep-in-step";
    const KINDS: &'static [&'static str] = &[MARKS];
    const COMPARED: &'static [&'static str] = &[learning::CopiesCompared::TYPE];
    const WANTED: &'static [&'static str] = &[learning::CopiesWanted::TYPE];
    type Digest = Digest;
    type Disowned = CopiesDisowned;
    type Task = AssessmentStepTask;

    async fn stamps(
        &self,
        tx: &mut Tx,
        _: &str,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Stamp>, Error> {
        let told = store::told_marks(tx, after, most).await?;
        Ok(told.iter().map(stamp).collect())
    }

    async fn send(
        &self,
        tx: &mut Tx,
        _: &str,
        ids: &[Uuid],
        queue: &str,
    ) -> Result<Vec<Uuid>, Error> {
        let told = store::told_marks_of(tx, ids).await?;
        for graded in &told {
            tx.publish_to(graded, queue)?;
        }
        Ok(told.iter().map(|graded| graded.attempt.0).collect())
    }

    async fn overtake(&self, tx: &mut Tx, _: &str, id: Uuid, version: u64) -> Result<(), Error> {
        store::overtake(tx, id, version).await
    }
}

fn stamp(graded: &AttemptGraded) -> Stamp {
    Stamp { id: graded.attempt.0, version: graded.version, hash: hash(graded) }
}
