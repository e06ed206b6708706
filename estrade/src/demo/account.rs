//! What the cohort was told "yes" to: the driver's own account, kept outside the platform and held
//! against its databases when the books are closed.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Facts as they become known, in memory, and in a file where they must outlive this process.
#[derive(Default)]
pub(crate) struct Account {
    facts: Mutex<Vec<Fact>>,
    file: Option<Mutex<File>>,
    enrolled: AtomicU32,
    lessons_read: AtomicU32,
    attempts_submitted: AtomicU32,
    finished: AtomicU32,
    waits: Mutex<Waits>,
}

/// Something that somebody was told "yes" to; of names also what they were asked to be, for a request whose
/// answer was lost may have gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub(crate) enum Fact {
    Registered {
        mail: String,
    },
    Enrolled {
        mail: String,
        enrolment: String,
    },
    LessonRead {
        enrolment: String,
        lesson: String,
    },
    AnswerSaved {
        attempt: String,
        question: String,
        answer: Value,
    },
    /// Given in, with so many answers saved before.
    AttemptSubmitted {
        mail: String,
        attempt: String,
        answers: usize,
    },
    /// Did all there was to do for this learner; whether it completes the course.
    Finished {
        mail: String,
        enrolment: String,
        completes: bool,
    },
    /// Asked for all that is kept of them, and was told that it is ready.
    Exported {
        mail: String,
        export: String,
    },
    /// A lesson that learners see.
    LessonPublished {
        course: String,
        title: String,
    },
    /// Another name was asked for, and nothing is known yet.
    NameAsked {
        of: Bearer,
        name: String,
    },
    Named {
        of: Bearer,
        name: String,
    },
}

/// What bears a name that somebody changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bearer {
    /// By its id.
    Course(String),
    Organisation,
}

/// Which facts to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Enrolled,
    LessonRead,
    AttemptSubmitted,
    Finished,
}

/// The longest that anybody waited, and what should not have been answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits {
    /// For a service that was away, or slow.
    pub(crate) answer: Duration,
    /// For what one service must hear from another: a copy, a mark.
    pub(crate) others: Duration,
    /// Answers that blame nobody and help nobody: 500 and its like.
    pub(crate) broken: Vec<String>,
    /// Answers that asked for patience: 503 and its like.
    pub(crate) put_off: u64,
}

impl Account {
    /// An account that goes on in a file: what stands there already counts too.
    pub(crate) fn in_file(path: &Path) -> anyhow::Result<Self> {
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let mut account = Self::default();
        for line in before.lines() {
            let fact = serde_json::from_str(line)
                .with_context(|| format!("{} is no ledger", path.display()))?;
            account.note(fact);
        }
        let file = File::options().create(true).append(true).open(path);
        account.file = Some(Mutex::new(file.with_context(|| path.display().to_string())?));
        Ok(account)
    }

    pub(crate) fn note(&self, fact: Fact) {
        if let Some(file) = &self.file {
            let written = serde_json::to_string(&fact).map(|line| line + "\n");
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = file.write_all(written.unwrap_or_default().as_bytes()) {
                tracing::error!(%error, "the ledger cannot be written");
            }
        }
        if let Some(of) = fact.counts_as() {
            self.counter(of).fetch_add(1, Ordering::Relaxed);
        }
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).push(fact);
    }

    pub(crate) fn count(&self, of: Of) -> u32 {
        self.counter(of).load(Ordering::Relaxed)
    }

    fn counter(&self, of: Of) -> &AtomicU32 {
        match of {
            Of::Enrolled => &self.enrolled,
            Of::LessonRead => &self.lessons_read,
            Of::AttemptSubmitted => &self.attempts_submitted,
            Of::Finished => &self.finished,
        }
    }

    /// All that somebody was told "yes" to.
    pub(crate) fn acknowledged(&self) -> usize {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.iter().filter(|fact| !matches!(fact, Fact::NameAsked { .. })).count()
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody waited for an answer.
    pub(crate) fn waited_for_answer(&self, time: Duration) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.answer = waits.answer.max(time);
    }

    /// Somebody waited for one service to hear from another.
    pub(crate) fn waited_for_others(&self, time: Duration) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.others = waits.others.max(time);
    }

    pub(crate) fn got_broken(&self, what: String) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).broken.push(what);
    }

    pub(crate) fn was_put_off(&self) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).put_off += 1;
    }

    pub(crate) fn waits(&self) -> Waits {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Fact {
    fn counts_as(&self) -> Option<Of> {
        match self {
            Self::Enrolled { .. } => Some(Of::Enrolled),
            Self::LessonRead { .. } => Some(Of::LessonRead),
            Self::AttemptSubmitted { .. } => Some(Of::AttemptSubmitted),
            Self::Finished { .. } => Some(Of::Finished),
            Self::Registered { .. }
            | Self::AnswerSaved { .. }
            | Self::Exported { .. }
            | Self::LessonPublished { .. }
            | Self::NameAsked { .. }
            | Self::Named { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_ledger_goes_on_where_it_stood_and_what_was_only_asked_for_is_no_yes() {
        let text = || "text".to_owned();
        let course = || Bearer::Course(text());
        let facts = [
            Fact::Enrolled { mail: text(), enrolment: text() },
            Fact::AnswerSaved {
                attempt: text(),
                question: text(),
                answer: json!({ "kind": "choice", "picked": [0, 2] }),
            },
            Fact::LessonPublished { course: text(), title: text() },
            Fact::NameAsked { of: course(), name: text() },
            Fact::Named { of: course(), name: text() },
            Fact::NameAsked { of: Bearer::Organisation, name: text() },
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.jsonl");
        let account = Account::in_file(&file).unwrap();
        facts.iter().for_each(|fact| account.note(fact.clone()));
        drop(account);
        let account = Account::in_file(&file).unwrap();
        assert_eq!(account.facts(), facts);
        assert_eq!((account.acknowledged(), account.count(Of::Enrolled)), (4, 1));
    }
}
