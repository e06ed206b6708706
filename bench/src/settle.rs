//! Waits until a broker has put away what it was filled with. It writes on for some seconds after it has confirmed a
//! long backlog, and whoever is measured next would pay for that.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::processor::taken_by;

/// Processor time in a look, in seconds, that a broker takes for nothing.
const AT_REST: f64 = 0.05;
const LOOK: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(180);

/// The seconds that it took the broker that began with this process.
pub(crate) async fn run(process: u32) -> Result<serde_json::Value> {
    let begun = Instant::now();
    let mut before = taken_by(process)?;
    loop {
        tokio::time::sleep(LOOK).await;
        let after = taken_by(process)?;
        let took = after - before;
        if took <= AT_REST {
            return Ok(serde_json::json!({ "seconds": begun.elapsed().as_secs_f64() }));
        }
        ensure!(begun.elapsed() < LIMIT, "it does not come to rest: {took} s in the last second");
        before = after;
    }
}
