//! The time as the platform sees it: the system's, or one that a test moves by hand.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

/// No honest lease reaches further ahead. It is seconds long, and whoever looks at it has looked at the clock
/// a minute ago at most: one that does was given by a clock that was wrong, or has been set back since.
pub(crate) const HORIZON: TimeDelta = TimeDelta::minutes(2);

/// Where the time comes from. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Microseconds since 1970, moved by [`Clock::advance`] alone.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// Moves a manual clock; the system's clock is not ours to move.
    pub fn advance(&self, by: TimeDelta) {
        if let (Self::Manual(now), Some(micros)) = (self, by.num_microseconds()) {
            now.fetch_add(micros, Ordering::SeqCst);
        }
    }

    /// Whole microseconds, which is what both databases keep.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self {
            Self::System => Utc::now().timestamp_micros(),
            Self::Manual(now) => now.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }
}
