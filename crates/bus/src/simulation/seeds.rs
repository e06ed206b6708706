//! Which seeds a test plays, and what it says of one that fails.
//!
//! `ESTRADE_SEED=7` plays that one alone and prints its trace; `ESTRADE_SEEDS=5000` plays so many.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::world::Finding;

/// Seeds played side by side, each on a thread of its own.
const THREADS: usize = 2;

/// What one seed came to.
pub struct Played {
    pub findings: Vec<Finding>,
    pub fingerprint: String,
    pub trace: Vec<String>,
}

/// Plays as many seeds as the test wants, or those that the environment names.
///
/// # Panics
/// At the first seed with a finding, saying how to play it again.
#[allow(clippy::panic, reason = "that is how a test fails")]
pub fn assert_no_findings(command: &str, seeds: u64, play: impl Fn(u64) -> Played + Sync) {
    if let Some(seed) = number("ESTRADE_SEED") {
        let played = play(seed);
        played.trace.iter().for_each(|line| println!("{line}"));
        println!("fingerprint {}", played.fingerprint);
        assert!(played.findings.is_empty(), "seed {seed}:\n{}", played.findings.join("\n"));
        return;
    }
    let failed = first_with_findings(number("ESTRADE_SEEDS").unwrap_or(seeds), play);
    if let Some((seed, played)) = failed {
        panic!(
            "seed {seed}:\n{}\nplay it again, with its trace: ESTRADE_SEED={seed} {command} -- --nocapture",
            played.findings.join("\n")
        );
    }
}

/// The lowest seed with a finding among those that were played until one was found.
pub fn first_with_findings(
    seeds: u64,
    play: impl Fn(u64) -> Played + Sync,
) -> Option<(u64, Played)> {
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None::<(u64, Played)>));
    let found = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    let play_some = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds || found().is_some() {
                return;
            }
            let played = play(seed);
            let mut found = found();
            if !played.findings.is_empty() && found.as_ref().is_none_or(|(one, _)| seed < *one) {
                *found = Some((seed, played));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(play_some);
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[allow(clippy::panic, reason = "a test that was asked for something else")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not “{text}”")))
}
