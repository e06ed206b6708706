//! Estrade's grader on the embedded queue and SQLite, as on a laptop: one process, two files.

use std::{
    collections::HashSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bus::{Embedded, Location, Read, Transport};

use crate::{
    fill::{self, MARKS, WORK},
    grade, submissions,
};

const LOOK: Duration = Duration::from_millis(10);
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) async fn run(data: &Path, count: u64) -> Result<serde_json::Value> {
    std::fs::create_dir_all(data)?;
    let db = grade::open(&Location::File(data.join("assessment.db"))).await?;
    submissions::import(&db).await?;
    let transport: Arc<dyn Transport> = Arc::new(Embedded::open(&data.join("queue.db")).await?);
    transport.declare(&fill::queues()).await?;
    fill::fill(transport.as_ref(), count).await?;
    let running = bus::run(&assessment::service(), &db, &transport);
    let (first, begun) = (wait(transport.as_ref(), 1).await?, Instant::now());
    wait(transport.as_ref(), count).await?;
    let seconds = begun.elapsed().as_secs_f64();
    running.stop().await;
    let told = told(transport.as_ref()).await?;
    let marks: Option<i64> =
        db.scalar("select count(*) from attempt where graded_at is not null", Vec::new()).await?;
    let marks = u64::try_from(marks.unwrap_or(0))?;
    let left = transport.depth(WORK).await?.ready;
    transport.close().await;
    let rate = (count - first) as f64 / seconds;
    Ok(serde_json::json!({
        "rate": rate, "seconds": seconds, "marks": marks, "told": told, "left": left,
        "exact": marks == count && told == (count, count) && left == 0,
    }))
}

/// Waits until so many marks are there, and gives how many it saw.
async fn wait(transport: &dyn Transport, count: u64) -> Result<u64> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let seen = transport.depth(MARKS).await?.ready;
        if seen >= count {
            return Ok(seen);
        }
        ensure!(Instant::now() < deadline, "waited too long for {count} marks: there are {seen}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Messages, and attempts that they name.
async fn told(transport: &dyn Transport) -> Result<(u64, u64)> {
    let (mut messages, mut attempts) = (0, HashSet::new());
    let mut receiver = transport.receive(MARKS).await?;
    while transport.depth(MARKS).await?.ready > 0 {
        let batch = receiver.next(1000).await?;
        for delivery in &batch {
            let envelope = delivery.content.as_ref().ok().context("a mark does not read")?;
            attempts.insert(envelope.subject.clone());
            messages += 1;
        }
        receiver.settle(&batch.iter().map(|delivery| delivery.tag).collect::<Vec<_>>()).await?;
    }
    receiver.close().await;
    Ok((messages, u64::try_from(attempts.len())?))
}
