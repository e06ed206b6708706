//! The same certificate over and over, for the rate and the size.

use std::{fs, path::Path, time::Instant};

use anyhow::{Result, ensure};
use certification::{design::Facts, render::render};

/// Makes so many of one's facts, a JSON file.
pub(crate) fn run(facts: &Path, count: u32) -> Result<serde_json::Value> {
    let facts: Facts = serde_json::from_str(&fs::read_to_string(facts)?)?;
    let bytes = render(&facts)?.pdf.len();
    let begun = Instant::now();
    for number in 0..count {
        // Each its own person, so that nothing of the last one serves again.
        let person = format!("{} {number}", facts.person);
        let made = render(&Facts { person, ..facts.clone() })?;
        ensure!(made.archival, "it is no PDF/A");
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    Ok(serde_json::json!({ "rate": rate, "bytes": bytes }))
}
