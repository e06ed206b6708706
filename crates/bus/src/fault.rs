//! Points at which a process can be made to die, for `cargo xtask faults`: before and after a commit,
//! before and after an acknowledgement. `ESTRADE_FAULT=<point>:<n>` ends it at the n-th time it gets there,
//! at once and without a word, as a kill -9 would.
//!
//! In builds without debug assertions, and so in every release, there is nothing here.

/// Where a process may die.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Point {
    /// A transaction has written everything and is not committed.
    BeforeCommit,
    /// It is committed, and nobody has been told.
    AfterCommit,
    /// A batch is committed, and the transport still holds it.
    BeforeAck,
    /// The transport was told, and nothing else was done.
    AfterAck,
    /// The transport owns what was sent, and the outbox does not know.
    SentNotMarked,
    /// The outside world was acted upon, and it is not recorded.
    PerformedNotRecorded,
}

/// Dies here, if it is here that it should.
#[cfg(not(debug_assertions))]
pub(crate) const fn point(_: Point) {}

#[cfg(debug_assertions)]
pub(crate) use armed::point;

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };

    use super::Point;

    struct Fault {
        point: String,
        left: AtomicU32,
    }

    pub(crate) fn point(here: Point) {
        static FAULT: OnceLock<Option<Fault>> = OnceLock::new();
        let Some(fault) = FAULT.get_or_init(wanted) else {
            return;
        };
        if fault.point == name(here) && fault.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    }

    fn wanted() -> Option<Fault> {
        let wanted = std::env::var("ESTRADE_FAULT").ok()?;
        let (point, left) = wanted.split_once(':')?;
        Some(Fault { point: point.to_owned(), left: AtomicU32::new(left.parse().ok()?) })
    }

    fn name(point: Point) -> &'static str {
        match point {
            Point::BeforeCommit => "before-commit",
            Point::AfterCommit => "after-commit",
            Point::BeforeAck => "before-ack",
            Point::AfterAck => "after-ack",
            Point::SentNotMarked => "sent-not-marked",
            Point::PerformedNotRecorded => "performed-not-recorded",
        }
    }
}
