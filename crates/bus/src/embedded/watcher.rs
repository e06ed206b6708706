//! Who waits for what: wakes receivers, at once for what this process sends and within about 20 ms
//! for what others do, and keeps the leases of those who hold something.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{MissedTickBehavior, interval, sleep},
};

use super::store::Store;
use crate::transport::TransportError;

const POLL: Duration = Duration::from_millis(20);
/// Longer than the poll, and than the grain of a file's time.
const YOUNG: Duration = Duration::from_millis(200);
/// Every so many polls, a second, whatever the log's age: for leases that ran out.
const LOOK_AT_ALL: u64 = 50;
const AFTER_AN_ERROR: Duration = Duration::from_millis(500);

/// Those who take from queues in this process.
#[derive(Default)]
pub struct Watcher {
    taking: Mutex<Taking>,
    /// How many they are, for the tasks that rest while there are none.
    takers: watch::Sender<usize>,
    look: Notify,
    look_at_all: Notify,
}

#[derive(Default)]
struct Taking {
    owners: HashSet<i64>,
    /// How often something came to each queue, as far as is known here.
    queues: HashMap<i64, watch::Sender<i64>>,
}

impl Watcher {
    /// From now on the owner's leases are kept; the answer changes when something comes.
    pub fn enter(&self, owner: i64, queue: i64) -> watch::Receiver<i64> {
        let mut taking = self.taking();
        taking.owners.insert(owner);
        let news = taking.queues.entry(queue).or_insert_with(|| watch::channel(0).0).subscribe();
        self.takers.send_replace(taking.owners.len());
        news
    }

    pub fn leave(&self, owner: i64) {
        let mut taking = self.taking();
        taking.owners.remove(&owner);
        self.takers.send_replace(taking.owners.len());
        taking.queues.retain(|_, news| news.receiver_count() > 0);
    }

    /// Queues, and how often something has come to each.
    pub fn stirred(&self, queues: &[(i64, i64)]) {
        let taking = self.taking();
        for (queue, count) in queues {
            if let Some(news) = taking.queues.get(queue) {
                news.send_if_modified(|known| {
                    let more = *known < *count;
                    *known = (*known).max(*count);
                    more
                });
            }
        }
    }

    /// Something can be taken again though nothing came.
    fn freed(&self, queues: &[i64]) {
        let taking = self.taking();
        for news in queues.iter().filter_map(|queue| taking.queues.get(queue)) {
            news.send_modify(|_| ());
        }
    }

    /// Ends all waiting with an error; what is still held is no longer kept.
    pub fn close(&self) {
        let mut taking = self.taking();
        taking.queues.clear();
        taking.owners.clear();
        self.takers.send_replace(0);
    }

    /// Lets each find out by itself what is wrong.
    fn wake_all(&self) {
        for news in self.taking().queues.values() {
            news.send_modify(|_| ());
        }
    }

    fn owners(&self) -> Vec<i64> {
        self.taking().owners.iter().copied().collect()
    }

    async fn until_somebody_takes(&self) {
        // The sender is our own, so that the channel never closes.
        let _ = self.takers.subscribe().wait_for(|takers| *takers > 0).await;
    }

    fn taking(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the log's age every 20 ms, from a thread of its own: waking the runtime so often would
/// cost ten times as much. What is young may have changed since the last look, and is asked.
pub fn poll(watcher: &Weak<Watcher>, log: &Path) {
    for round in 0_u64.. {
        std::thread::sleep(POLL);
        let Some(watcher) = watcher.upgrade() else {
            return;
        };
        if *watcher.takers.borrow() == 0 {
            continue;
        }
        if round.is_multiple_of(LOOK_AT_ALL) {
            watcher.look_at_all.notify_one();
        } else if !rests(log) {
            watcher.look.notify_one();
        }
    }
}

/// Nobody has written for a while. A clock that was set back makes this false, never wrongly true.
fn rests(log: &Path) -> bool {
    let written = std::fs::metadata(log).and_then(|log| log.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > YOUNG))
}

/// Asks the file when [`poll`] says so, and wakes those for whom something came.
pub async fn watch(watcher: Arc<Watcher>, store: Arc<Store>) {
    let mut seen = None;
    loop {
        let look_at_all = tokio::select! {
            () = watcher.look_at_all.notified() => true,
            () = watcher.look.notified() => false,
        };
        if let Err(error) = look(&watcher, &store, &mut seen, look_at_all).await {
            tracing::debug!(%error, "looking for news in the queue file");
            watcher.wake_all();
            sleep(AFTER_AN_ERROR).await;
        }
    }
}

async fn look(
    watcher: &Watcher,
    store: &Store,
    seen: &mut Option<i64>,
    look_at_all: bool,
) -> Result<(), TransportError> {
    let version = store.data_version().await?;
    if *seen != Some(version) {
        watcher.stirred(&store.stirred().await?);
        *seen = Some(version);
    }
    if look_at_all {
        store.check_file()?;
        watcher.freed(&store.expired().await?);
    }
    Ok(())
}

/// Three signs of life within a lease. With nothing held nothing is written.
pub async fn keep_leases(watcher: Arc<Watcher>, store: Arc<Store>) {
    let mut ticks = interval(store.lease() / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        watcher.until_somebody_takes().await;
        ticks.tick().await;
        if let Err(error) = store.renew(&watcher.owners()).await {
            tracing::warn!(%error, "leases could not be renewed; what is held may come again");
        }
    }
}
