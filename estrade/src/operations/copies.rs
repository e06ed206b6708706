//! Bringing copies back in step on an operator's word: what `estrade reconcile` does, beside the services
//! that run here, as a job of its own that a page looks at. One at a time; what it found is kept in
//! memory until the next.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bus::step;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ControlRoom;
use crate::{
    cli::ServiceName,
    in_step::{Report, Watch},
    platform::Member,
};

/// How long after the last word of a follower nothing more is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// The last repair that somebody asked for.
#[derive(Default)]
pub(super) struct Repair(Mutex<Option<Job>>);

#[derive(Clone)]
pub(super) struct Job {
    /// Of whose things alone the copies are compared.
    pub(super) owner: Option<ServiceName>,
    pub(super) began_at: DateTime<Utc>,
    pub(super) outcome: Outcome,
}

#[derive(Clone)]
pub(super) enum Outcome {
    UnderWay,
    Done(DateTime<Utc>, Report),
    /// It could not be carried through; why is in the log.
    BrokenOff(DateTime<Utc>),
}

impl Job {
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.outcome, Outcome::UnderWay)
    }
}

impl Repair {
    pub(super) fn last(&self) -> Option<Job> {
        self.job().clone()
    }

    /// `false` while another is under way.
    fn begin(&self, owner: Option<ServiceName>, now: DateTime<Utc>) -> bool {
        let mut job = self.job();
        if job.as_ref().is_some_and(Job::is_under_way) {
            return false;
        }
        *job = Some(Job { owner, began_at: now, outcome: Outcome::UnderWay });
        true
    }

    fn end(&self, outcome: Outcome) {
        if let Some(job) = self.job().as_mut() {
            job.outcome = outcome;
        }
    }

    fn job(&self) -> MutexGuard<'_, Option<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ControlRoom {
    /// Begins a repair of all copies whose owner or follower runs here, or of all copies of what one service
    /// owns. `false` while one is under way.
    pub(super) fn repair(&self, owner: Option<ServiceName>) -> bool {
        if !self.0.repair.begin(owner, Utc::now()) {
            return false;
        }
        let room = self.clone();
        tokio::spawn(async move {
            let outcome = match mend(room.members(), owner).await {
                Ok(report) => Outcome::Done(Utc::now(), report),
                Err(error) => {
                    tracing::error!(%error, "a repair of copies broke off");
                    Outcome::BrokenOff(Utc::now())
                }
            };
            room.0.repair.end(outcome);
        });
        true
    }

    pub(super) fn last_repair(&self) -> Option<Job> {
        self.0.repair.last()
    }
}

/// Owners that run elsewhere are asked for all that is copied here, unless it is about one owner alone; followers
/// that run elsewhere get something to compare with, and ask for what they lack.
async fn mend(members: &[Member], owner: Option<ServiceName>) -> anyhow::Result<Report> {
    let is_meant = |member: &&Member| owner.is_none_or(|name| member.name == name);
    let owners: Vec<&Member> = members.iter().filter(is_meant).collect();
    let is_owned =
        |kind: &str| owners.iter().any(|member| member.service.owned_kinds().contains(&kind));
    let is_copied_here = |kind: &&str| {
        let mut copies = members.iter().flat_map(|member| member.service.copies());
        copies.any(|copies| copies.kind == *kind)
    };
    for Member { service, db, .. } in &owners {
        if owner.is_none() && service.copies().iter().any(|copies| !is_owned(copies.kind)) {
            step::ask(service, db).await?;
        }
        if !service.owned_kinds().iter().any(is_copied_here) {
            step::look(service, db, Uuid::now_v7()).await?;
        }
    }
    let watch = Watch { members, patience: PATIENCE };
    watch.until_in_step(|kind, _| is_owned(kind)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repair_at_a_time() {
        let repair = Repair::default();
        assert!(repair.last().is_none());
        let begin = |owner| repair.begin(owner, DateTime::UNIX_EPOCH);
        assert!(begin(Some(ServiceName::Catalog)));
        assert!(!begin(None));
        repair.end(Outcome::BrokenOff(DateTime::UNIX_EPOCH));
        assert!(begin(None));
    }
}
