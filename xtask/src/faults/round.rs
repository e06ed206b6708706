//! One round: load, a strike in the middle of it, and the ledger afterwards.

use std::{
    fs,
    io::Read,
    process::Stdio,
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use private_nodes::Guarded;
use serde::Deserialize;

use super::{
    Broker,
    chance::Chance,
    fault::Fault,
    platform::{Nodes, Platform},
    strike::{self, Strikes},
};

const LONGEST_START: Duration = Duration::from_secs(60);
const LONGEST_ROUND: Duration = Duration::from_secs(300);
/// More than come while the longest fault is on.
const MOST_LEARNERS: &str = "600";
const MOST_SHOWN: usize = 12;
const LONGEST_SHOWN: usize = 300;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What came of one round.
#[derive(Debug, Default)]
pub struct Round {
    pub strikes: u32,
    /// The processes that died, by name.
    pub victims: Vec<String>,
    pub verdict: Verdict,
    /// From the end of the fault until nothing was on its way any more, while the load went on.
    pub well_after: Duration,
    pub took: Duration,
    /// What should not have been, beside losses and doublings.
    pub wrong: Vec<String>,
}

/// What `estrade load` found.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Verdict {
    pub acknowledged: u64,
    pub missing: i64,
    pub twice: i64,
    pub turned_away: u64,
    /// Answers that nobody should get, whatever goes on: a 500.
    pub broken: u64,
    /// Answers that asked for patience: a 503.
    pub put_off: u64,
    pub uncertain: i64,
    pub refused: i64,
    pub longest_answer_ms: u64,
    pub longest_others_ms: u64,
    pub well_at: u64,
    pub findings: Vec<String>,
}

impl Round {
    pub fn is_well(&self) -> bool {
        let verdict = &self.verdict;
        verdict.missing == 0
            && verdict.twice == 0
            && verdict.turned_away == 0
            && verdict.broken == 0
            && self.wrong.is_empty()
    }

    fn take(&mut self, strikes: Strikes) {
        self.strikes = strikes.count;
        self.victims = strikes.victims;
        let missed = strikes.missed.iter();
        self.wrong.extend(missed.map(|name| format!("{name} was to die, and did not")));
    }

    /// What does not follow from this fault.
    fn out_of_place(&self, fault: Fault) -> Vec<String> {
        let (verdict, nothing) = (&self.verdict, fault == Fault::Nothing);
        let wrong = [
            (!nothing && self.strikes == 0, "the fault did not strike"),
            (nothing && verdict.put_off > 0, "people were put off, and nothing had happened"),
            (nothing && verdict.uncertain > 0, "mails are uncertain, and nothing had happened"),
            (
                fault != Fault::MailRefused && verdict.refused > 0,
                "mails were refused, and no server was told to",
            ),
        ];
        let wrong = wrong.into_iter().filter(|(is_so, _)| *is_so);
        wrong.map(|(_, what)| what.to_owned()).collect()
    }

    /// For whoever watches.
    pub fn line(&self, fault: Fault, broker: Broker) -> String {
        let verdict = &self.verdict;
        let mut line = format!(
            "{:<9} {:<28} {:>2} struck, {:>5} acknowledged, {} missing, {} twice, {} broken, \
             {} put off, {} uncertain, {} refused, answers within {:.1} s, well after {:.1} s ({:.1} s)",
            broker.name(),
            fault.name(),
            self.strikes,
            verdict.acknowledged,
            verdict.missing,
            verdict.twice,
            verdict.broken,
            verdict.put_off,
            verdict.uncertain,
            verdict.refused,
            verdict.longest_answer_ms as f64 / 1000.0,
            self.well_after.as_secs_f64(),
            self.took.as_secs_f64(),
        );
        if !self.victims.is_empty() {
            line.push_str("\n      died: ");
            line.push_str(&self.victims.join(", "));
        }
        for finding in self.findings() {
            line.push_str("\n      ");
            line.push_str(&finding);
        }
        line
    }

    /// What is wrong, in words: the first of it, and how much more there is.
    pub fn findings(&self) -> Vec<String> {
        let all = self.wrong.iter().chain(&self.verdict.findings);
        let mut shown: Vec<String> = all
            .clone()
            .take(MOST_SHOWN)
            .map(|one| one.chars().take(LONGEST_SHOWN).collect())
            .collect();
        let more = all.count().saturating_sub(shown.len());
        if more > 0 {
            shown.push(format!("… and {more} more"));
        }
        shown
    }
}

pub fn play(
    platform: &mut Platform,
    nodes: &mut Nodes,
    fault: Fault,
    chance: &mut Chance,
    short: bool,
) -> Result<Round> {
    let begun = Instant::now();
    let deaths = unmeant(platform);
    strike::prepare(platform, fault, chance);
    let before = lines(platform);
    let mut load = Load::start(platform, chance, short)?;
    let moment = before + chance.between(4, if short { 12 } else { 30 });
    let mut round = Round::default();
    if load.reaches(platform, moment) {
        match strike::strike(platform, nodes, fault, chance) {
            Ok(strikes) => round.take(strikes),
            Err(error) => round.wrong.push(format!("the strike went wrong: {error:#}")),
        }
    } else {
        round.wrong.push("the load did not begin".to_owned());
    }
    let healed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
    match load.finish() {
        Ok(verdict) => round.verdict = platform.since_last(verdict),
        Err(error) => round.wrong.push(format!("no verdict: {error:#}")),
    }
    round.well_after = Duration::from_millis(round.verdict.well_at.saturating_sub(healed));
    strike::clean_up(platform, nodes, fault)?;
    let unmeant = unmeant(platform).saturating_sub(deaths);
    if unmeant > 0 {
        round.wrong.push(format!("{unmeant} times a process ended by itself: see the logs"));
    }
    round.wrong.extend(round.out_of_place(fault));
    round.took = begun.elapsed();
    Ok(round)
}

/// Facts in the ledger.
fn lines(platform: &Platform) -> u64 {
    let ledger = fs::read(platform.ledger()).unwrap_or_default();
    ledger.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Deaths that nobody meant.
fn unmeant(platform: &Platform) -> u32 {
    platform.slots().iter().map(|slot| slot.deaths.saturating_sub(slot.meant)).sum()
}

/// The driver at work.
struct Load {
    child: Guarded,
    output: JoinHandle<String>,
    log: String,
}

impl Load {
    fn start(platform: &Platform, chance: &mut Chance, short: bool) -> Result<Self> {
        let log = platform.keep().join("log/load.log").display().to_string();
        let mut command = platform.command("load")?;
        command.arg("load").arg("--ledger").arg(platform.ledger());
        command.arg("--mails").arg(platform.mails());
        command.args(["--seed", &chance.between(1, u64::from(u32::MAX)).to_string()]);
        let (at_least, at_once) = if short { ("4", "5") } else { ("8", "8") };
        command.args(["--at-least", at_least, "--at-once", at_once, "--learners", MOST_LEARNERS]);
        for slot in platform.slots().iter() {
            command.arg("--at").arg(format!("{}=http://127.0.0.1:{}", slot.service, slot.port));
        }
        let mut child = Guarded::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let mut output = child.stdout().context("the load's output is not at hand")?;
        let output = thread::spawn(move || {
            let mut text = String::new();
            output.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        });
        Ok(Self { child, output, log })
    }

    /// Waits until so many facts stand in the ledger.
    fn reaches(&mut self, platform: &Platform, count: u64) -> bool {
        let begun = Instant::now();
        while lines(platform) < count {
            if begun.elapsed() > LONGEST_START || !self.child.is_running() {
                return false;
            }
            thread::sleep(LOOK_EVERY);
        }
        true
    }

    /// Nobody new comes; waits for those who are there, and for the verdict.
    fn finish(mut self) -> Result<Verdict> {
        drop(self.child.stdin());
        if !self.child.ends_within(LONGEST_ROUND) {
            self.child.kill();
        }
        let output = self.output.join().unwrap_or_default();
        let last = output.lines().last().unwrap_or_default();
        serde_json::from_str(last).with_context(|| format!("see {}", self.log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_well_only_if_all_died_who_should_and_nobody_got_a_500() {
        let mut round = Round::default();
        round.take(Strikes { count: 8, victims: vec!["catalog".to_owned()], missed: Vec::new() });
        assert!(round.is_well() && round.out_of_place(Fault::Kill).is_empty());
        round.verdict.broken = 1;
        assert!(!round.is_well());
        let mut round = Round::default();
        round.take(Strikes { count: 7, victims: Vec::new(), missed: vec!["insight".to_owned()] });
        assert!(!round.is_well() && round.findings()[0].contains("insight"));
    }

    #[test]
    fn where_nothing_happens_nobody_waits_and_every_mail_is_certain() {
        let mut round = Round::default();
        assert!(round.out_of_place(Fault::Nothing).is_empty());
        assert_eq!(round.out_of_place(Fault::Kill).len(), 1);
        round.verdict = Verdict { put_off: 1, uncertain: 1, refused: 1, ..Verdict::default() };
        assert_eq!(round.out_of_place(Fault::Nothing).len(), 3);
    }
}
