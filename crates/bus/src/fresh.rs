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

const MOST_ROWS: usize = 8_000;
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
    /// Something of it was taken back: the outbox must be read instead.
    distrusted: bool,
    /// More was committed than is kept; it is in the outbox, behind all of this.
    missed: bool,
    /// What the relay has in hand since it last read the outbox, while word of its commit may still be on its
    /// way here.
    in_hand: HashSet<Uuid>,
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
            if kept.in_hand.contains(&row.id) {
                continue;
            }
            if kept.missed
                || kept.rows.len() == MOST_ROWS
                || kept.bytes + row.data.len() > MOST_BYTES
            {
                kept.missed = true;
                return;
            }
            kept.bytes += row.data.len();
            kept.rows.push_back(row);
        }
    }

    /// The oldest.
    pub(crate) fn take(&self, most: usize) -> Vec<Row> {
        let mut kept = self.kept();
        let count = if kept.distrusted { 0 } else { most.min(kept.rows.len()) };
        let rows: Vec<Row> = kept.rows.drain(..count).collect();
        kept.bytes -= rows.iter().map(|row| row.data.len()).sum::<usize>();
        rows
    }

    /// Whether what is committed in this process is here, or comes after what is.
    pub(crate) fn is_reliable(&self) -> bool {
        self.kept().open && !self.lost_some()
    }

    /// Whether the outbox holds what should be here, however old it is.
    pub(crate) fn lost_some(&self) -> bool {
        let kept = self.kept();
        kept.distrusted || (kept.missed && kept.rows.is_empty())
    }

    /// Something was taken back from the outbox.
    pub(crate) fn distrust(&self) {
        self.kept().distrusted = true;
    }

    /// Called before the outbox is read. What cannot be relied on is forgotten, and will be found there.
    pub(crate) fn trust(&self) {
        let mut kept = self.kept();
        if kept.distrusted {
            kept.rows.clear();
            kept.bytes = 0;
        }
        (kept.distrusted, kept.missed) = (false, false);
    }

    /// Those of the outbox's that are not here.
    pub(crate) fn unknown(&self, mut waiting: Vec<Uuid>) -> Vec<Uuid> {
        let kept = self.kept();
        let known: HashSet<Uuid> = kept.rows.iter().map(|row| row.id).collect();
        waiting.retain(|id| !known.contains(id));
        waiting
    }

    /// What the relay has in hand, now that it has read the outbox.
    pub(crate) fn in_hand(&self, ids: impl Iterator<Item = Uuid>) {
        let mut kept = self.kept();
        let Kept { rows, bytes, in_hand, .. } = &mut *kept;
        *in_hand = ids.collect();
        rows.retain(|row| !in_hand.contains(&row.id));
        *bytes = rows.iter().map(|row| row.data.len()).sum();
    }

    /// Whether the relay of this process sends what is committed in it.
    pub(crate) fn open(&self, open: bool) {
        let mut kept = self.kept();
        if kept.open != open {
            *kept = Kept { open, ..Kept::default() };
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
