//! Makes the same certificate over and over, for `cargo xtask bench`: `certificates FACTS.json COUNT`.

use std::{error::Error, fs, time::Instant};

use certification::{design::Facts, render::render};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: certificates FACTS.json COUNT";
    let facts: Facts = serde_json::from_str(&fs::read_to_string(arguments.next().ok_or(usage)?)?)?;
    let count: u32 = arguments.next().ok_or(usage)?.parse()?;
    let bytes = render(&facts)?.pdf.len();
    let begun = Instant::now();
    for number in 0..count {
        // Each its own person, so that nothing of the last one serves again.
        let person = format!("{} {number}", facts.person);
        let made = render(&Facts { person, ..facts.clone() })?;
        if !made.archival {
            return Err("it is no PDF/A".into());
        }
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    println!("{}", serde_json::json!({ "rate": rate, "bytes": bytes }));
    Ok(())
}
