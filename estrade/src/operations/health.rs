//! The doctor's examination for a page. It opens every database anew, and waits for the broker and the mail
//! server as long as they may take; no page waits for that. It is a job of its own that the page looks at:
//! one at a time in each language, for what it finds are words. The latest is kept in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use event::Language;
use ui::Text;

use super::ControlRoom;
use crate::doctor::{self, Finding};

/// What is younger is not examined again: else the page that shows it would begin the next.
const FRESH: TimeDelta = TimeDelta::seconds(10);

/// What is known in each language.
#[derive(Default)]
pub(super) struct Examinations(Mutex<BTreeMap<Language, Known>>);

#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) is_under_way: bool,
    pub(super) latest: Option<Examination>,
}

/// One that came to its end.
#[derive(Clone)]
pub(super) struct Examination {
    pub(super) ended_at: DateTime<Utc>,
    pub(super) outcome: Outcome,
}

#[derive(Clone)]
pub(super) enum Outcome {
    Found(Arc<[Finding]>),
    /// It could not be carried through; why is in the log.
    BrokenOff,
}

impl Known {
    /// Differs when the page would look different.
    pub(super) fn shown(&self) -> String {
        let ended_at = self.latest.as_ref().map(|latest| latest.ended_at);
        format!("{} {ended_at:?}", self.is_under_way)
    }
}

impl Examinations {
    /// What is known, and whether whoever asks is to examine.
    fn ask(&self, language: Language, now: DateTime<Utc>) -> (Known, bool) {
        let mut all = self.all();
        let known = all.entry(language).or_default();
        let is_fresh = known.latest.as_ref().is_some_and(|latest| now - latest.ended_at < FRESH);
        let begins = !known.is_under_way && !is_fresh;
        known.is_under_way |= begins;
        (known.clone(), begins)
    }

    fn end(&self, language: Language, examination: Examination) {
        let known = Known { is_under_way: false, latest: Some(examination) };
        self.all().insert(language, known);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Language, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ControlRoom {
    /// What the latest examination in this language found. Another begins if it is not fresh.
    pub(super) fn examine(&self, t: Text) -> Known {
        let language = t.language();
        let (known, begins) = self.0.examinations.ask(language, Utc::now());
        if begins {
            let room = self.clone();
            tokio::spawn(async move {
                let outcome = room.examined(t).await;
                let examination = Examination { ended_at: Utc::now(), outcome };
                room.0.examinations.end(language, examination);
            });
        }
        known
    }

    /// In a task of its own, so that it has an end even if it panics.
    async fn examined(&self, t: Text) -> Outcome {
        let room = self.clone();
        let looking = async move { doctor::look(&room.0.config, Some(room.transport()), t).await };
        match tokio::spawn(looking).await.map_err(anyhow::Error::from).flatten() {
            Ok(findings) => Outcome::Found(findings.into()),
            Err(error) => {
                tracing::error!(%error, "the doctor could not look");
                Outcome::BrokenOff
            }
        }
    }

    /// As [`examine`](Self::examine), and none begins.
    pub(super) fn known_health(&self, language: Language) -> Known {
        self.0.examinations.all().get(&language).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_examination_at_a_time_and_another_when_it_is_not_fresh() {
        let (examinations, begin) = (Examinations::default(), DateTime::UNIX_EPOCH);
        let ask = |language, seconds| {
            let (known, begins) = examinations.ask(language, begin + TimeDelta::seconds(seconds));
            (begins, known.is_under_way, known.latest.is_some())
        };
        assert_eq!(ask(Language::En, 0), (true, true, false));
        assert_eq!(ask(Language::En, 60), (false, true, false), "another is under way");
        assert_eq!(ask(Language::Fr, 60), (true, true, false), "in other words");
        let ended_at = begin + TimeDelta::seconds(60);
        examinations.end(Language::En, Examination { ended_at, outcome: Outcome::BrokenOff });
        assert_eq!(ask(Language::En, 69), (false, false, true), "it is fresh");
        assert_eq!(ask(Language::Fr, 69), (false, true, false), "and says nothing of the other");
        assert_eq!(ask(Language::En, 70), (true, true, true), "meanwhile the latest is shown");
    }
}
