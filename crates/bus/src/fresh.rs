//! What was committed in this process a moment ago and is to be sent now, so that the relay need not read
//! it back from the database. All of it is in the outbox as well: it may be forgotten at any time, and
//! losing it loses nothing.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{sync::Notify, time::timeout};
use uuid::Uuid;

use crate::{
    Db,
    outbox::{self, NewRow, Row, Waiting},
};

const MOST_ROWS: usize = 8_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// While more than this waits for the relay, handlers take up nothing more.
const ROOM: usize = 1_000;
/// But so long only: a relay that cannot send must stop nobody who can work.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

#[derive(Default)]
pub(crate) struct Fresh {
    kept: Mutex<Kept>,
    taken: Notify,
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
    /// What is being committed, and comes here then. The outbox may show it before.
    announced: HashSet<Uuid>,
}

/// What a transaction gives to the relay once it is committed. Dropped before, it was not, or nobody knows.
pub(crate) struct Announced {
    db: Db,
    rows: Vec<Row>,
}

impl Announced {
    pub(crate) fn of(db: &Db, published: &[NewRow], now: DateTime<Utc>) -> Self {
        let mut kept = db.inner.fresh.kept();
        let mut rows = Vec::new();
        if kept.open {
            let at_once = published.iter().filter(|row| row.goes_at_once(now));
            rows.extend(at_once.map(NewRow::fresh));
            kept.announced.extend(outbox::shown(&rows));
        }
        drop(kept);
        Self { db: db.clone(), rows }
    }

    pub(crate) fn commit(mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.db.inner.fresh.kept().add(rows);
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let mut kept = self.db.inner.fresh.kept();
        for id in outbox::shown(&self.rows) {
            kept.announced.remove(&id);
        }
    }
}

impl Kept {
    /// All of them or none: no flight is torn apart.
    fn add(&mut self, rows: Vec<Row>) {
        for id in outbox::shown(&rows) {
            self.announced.remove(&id);
        }
        if !self.open || self.distrusted || self.missed {
            return;
        }
        let bytes = self.bytes + bytes(&rows);
        if self.rows.len() + rows.len() > MOST_ROWS || bytes > MOST_BYTES {
            self.missed = true;
            return;
        }
        self.bytes = bytes;
        self.rows.extend(rows);
    }

    fn lost_some(&self) -> bool {
        self.distrusted || (self.missed && self.rows.is_empty())
    }
}

fn bytes(rows: &[Row]) -> usize {
    rows.iter().map(|row| row.data.len()).sum()
}

impl Fresh {
    /// The oldest: so many, and the rest of their last flight.
    pub(crate) fn take(&self, most: usize) -> Vec<Row> {
        let mut kept = self.kept();
        let mut count = if kept.distrusted { 0 } else { most.min(kept.rows.len()) };
        while kept.rows.get(count).is_some_and(Row::is_led) {
            count += 1;
        }
        let rows: Vec<Row> = kept.rows.drain(..count).collect();
        kept.bytes -= bytes(&rows);
        self.taken.notify_waiters();
        rows
    }

    /// Lets the relay catch up. Handlers that outrun it would take the broker's time and the processor's from it,
    /// and all that they tell would be told late, and read back from the outbox first.
    pub(crate) async fn wait_for_room(&self) {
        let room = async {
            loop {
                let taken = self.taken.notified();
                if self.kept().rows.len() <= ROOM {
                    return;
                }
                taken.await;
            }
        };
        // Room or not, it goes on.
        let _ = timeout(LONGEST_WAIT, room).await;
    }

    /// Whether what is committed in this process is here, or comes after what is.
    pub(crate) fn is_reliable(&self) -> bool {
        let kept = self.kept();
        kept.open && !kept.lost_some()
    }

    /// Whether the outbox holds what should be here, however old it is.
    pub(crate) fn lost_some(&self) -> bool {
        self.kept().lost_some()
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

    /// Those of the outbox's that are not here and do not come here.
    pub(crate) fn unknown(&self, mut waiting: Vec<Waiting>) -> Vec<Waiting> {
        let kept = self.kept();
        let known: HashSet<Uuid> = outbox::shown(&kept.rows).collect();
        waiting.retain(|row| !known.contains(&row.id) && !kept.announced.contains(&row.id));
        waiting
    }

    /// Whether the relay of this process sends what is committed in it.
    pub(crate) fn open(&self, open: bool) {
        let mut kept = self.kept();
        if kept.open != open {
            let announced = std::mem::take(&mut kept.announced);
            *kept = Kept { open, announced, ..Kept::default() };
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
