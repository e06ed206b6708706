//! What the cohort was told "yes" to: the driver's own account, kept outside the platform and held
//! against its databases when the books are closed.

use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Default)]
pub(super) struct Account {
    registered: AtomicU32,
    enrolled: AtomicU32,
    lessons_read: AtomicU32,
    attempts_submitted: AtomicU32,
    finished: AtomicU32,
}

/// Something that a learner was told "yes" to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Registered,
    Enrolled,
    LessonRead,
    AttemptSubmitted,
    Finished,
}

impl Account {
    pub(super) fn note(&self, fact: Fact) {
        self.counter(fact).fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self, fact: Fact) -> u32 {
        self.counter(fact).load(Ordering::Relaxed)
    }

    fn counter(&self, fact: Fact) -> &AtomicU32 {
        match fact {
            Fact::Registered => &self.registered,
            Fact::Enrolled => &self.enrolled,
            Fact::LessonRead => &self.lessons_read,
            Fact::AttemptSubmitted => &self.attempts_submitted,
            Fact::Finished => &self.finished,
        }
    }
}
