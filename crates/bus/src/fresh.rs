//! What was committed in this process a moment ago and is to be sent now, so that the relay need not read
//! it back from the database. All of it is in the outbox as well: it may be forgotten at any time, and
//! losing it loses nothing.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::outbox::{NewRow, Row};

const MOST_ROWS: usize = 2_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Fresh {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// There is a relay in this process, and it has the right to send.
    open: bool,
    rows: VecDeque<Row>,
    bytes: usize,
    /// More was committed than is kept, or something was taken back: the outbox must be read.
    distrusted: bool,
    /// What the relay has just read from the outbox, while word of its commit was still on its way here.
    read: HashSet<Uuid>,
}

impl Fresh {
    /// What of a transaction should be given to [`add`](Self::add) when it is committed.
    pub(crate) fn wanted(&self, published: &[NewRow], now: DateTime<Utc>) -> Vec<Row> {
        if !self.kept().open {
            return Vec::new();
        }
        published.iter().filter_map(|row| row.fresh(now)).collect()
    }

    pub(crate) fn add(&self, rows: Vec<Row>) {
        let mut kept = self.kept();
        if !kept.open || kept.distrusted {
            return;
        }
        for row in rows {
            if kept.read.contains(&row.id) {
                continue;
            }
            if kept.rows.len() == MOST_ROWS || kept.bytes + row.data.len() > MOST_BYTES {
                kept.distrusted = true;
                return;
            }
            kept.bytes += row.data.len();
            kept.rows.push_back(row);
        }
    }

    /// The oldest; `None` if the outbox must be read.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<Row>> {
        let mut kept = self.kept();
        if !kept.open || kept.distrusted {
            return None;
        }
        let count = most.min(kept.rows.len());
        let rows: Vec<Row> = kept.rows.drain(..count).collect();
        kept.bytes -= rows.iter().map(|row| row.data.len()).sum::<usize>();
        Some(rows)
    }

    /// Something was taken back from the outbox.
    pub(crate) fn distrust(&self) {
        self.kept().distrusted = true;
    }

    /// Whether the relay of this process sends what is committed in it.
    pub(crate) fn open(&self, open: bool) {
        let mut kept = self.kept();
        if kept.open != open {
            *kept = Kept { open, ..Kept::default() };
        }
    }

    /// Called before the outbox is read, where all of this stands too.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.rows.clear();
        (kept.bytes, kept.distrusted) = (0, false);
    }

    /// Called after the outbox was read.
    pub(crate) fn have_read(&self, read: &[Row]) {
        let mut kept = self.kept();
        let Kept { rows, bytes, read: known, .. } = &mut *kept;
        *known = read.iter().map(|row| row.id).collect();
        rows.retain(|row| !known.contains(&row.id));
        *bytes = rows.iter().map(|row| row.data.len()).sum();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
