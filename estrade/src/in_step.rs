//! `estrade reconcile` and `estrade resend`: copies are held against their owners, repaired, and
//! looked at again. Over events alone, beside services that run anywhere, or with none running: the
//! command brings the part of each service that keeps copies in step, which reaches nobody outside.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::bail;
use bus::{Running, step};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Verdict,
    cli::{ReconcileOptions, ResendOptions, ServiceName},
    config::Config,
    platform::{Declared, Member, Platform},
};

/// Repairs are on their way for a while; so often they are looked for.
const LOOKS: u32 = 8;
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Between two looks: what was asked for is sent and taken.
const PAUSE: Duration = Duration::from_millis(400);

/// What became of one follower's copies of one kind.
#[derive(Serialize, Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) kind: String,
    owner: String,
    pub(crate) follower: String,
    /// Whether it answered the last look in time.
    pub(crate) answered: bool,
    pub(crate) compared: i64,
    missing: i64,
    older: i64,
    differing: i64,
    newer: i64,
    surplus: i64,
    pub(crate) repaired: i64,
    /// Still not as the owner's.
    pub(crate) left: i64,
}

#[derive(Serialize, Clone, Debug)]
pub(crate) struct Report {
    pub(crate) in_step: bool,
    looks: u32,
    pub(crate) copies: Vec<Line>,
}

#[cfg(test)]
impl Report {
    /// Of one follower for each of these: whether it answered, what was repaired, what is left.
    pub(crate) fn example(lines: &[(bool, i64, i64)]) -> Self {
        let line = |&(answered, repaired, left): &(bool, i64, i64)| Line {
            answered,
            repaired,
            left,
            ..Line::default()
        };
        let in_step = lines.iter().all(|(answered, _, left)| *answered && *left == 0);
        Self { in_step, looks: 1, copies: lines.iter().map(line).collect() }
    }
}

pub(crate) async fn reconcile(
    config: Config,
    options: &ReconcileOptions,
) -> anyhow::Result<Verdict> {
    let stage = Stage::open(config, options.wait).await?;
    let report = stage.watch().until_in_step(|_, _| true).await;
    stage.close().await;
    tell(&report?, options.json)
}

pub(crate) async fn resend(config: Config, options: &ResendOptions) -> anyhow::Result<Verdict> {
    let stage = Stage::open(config, options.wait).await?;
    let report = stage.resend(options.from, options.to).await;
    stage.close().await;
    tell(&report?, options.json)
}

/// The platform, with the part at work that keeps copies in step.
struct Stage {
    platform: Platform,
    running: Vec<Running>,
    patience: Duration,
}

/// Whose copies: kind and follower.
type Pair = (String, &'static str);

impl Stage {
    async fn open(config: Config, wait: u64) -> anyhow::Result<Self> {
        let platform = Platform::open(config, &ServiceName::ALL).await?;
        if let Declared::Later(cause) = platform.declare().await? {
            eprintln!(
                "estrade: {cause}; what is asked for waits in the outboxes until the broker is back"
            );
        }
        let run = |member: &Member| {
            bus::run(&member.service.step_alone(), &member.db, &platform.transport)
        };
        let running = platform.members.iter().map(run).collect();
        Ok(Self { platform, running, patience: Duration::from_secs(wait) })
    }

    async fn close(self) {
        for running in self.running {
            running.stop().await;
        }
        self.platform.close().await;
    }

    async fn resend(&self, from: ServiceName, to: ServiceName) -> anyhow::Result<Report> {
        let member = |name| self.platform.members.iter().find(move |member| member.name == name);
        let (Some(owner), Some(follower)) = (member(from), member(to)) else {
            bail!("{} and {} are not both here", from.name(), to.name());
        };
        let kinds = step::resend(&owner.service, &owner.db, &follower.service).await?;
        if kinds.is_empty() {
            bail!(
                "{} copies nothing of {}: `estrade reconcile` shows who copies what",
                to.name(),
                from.name()
            );
        }
        let is_wanted = |kind: &str, name: &str| kinds.contains(&kind) && name == to.name();
        self.watch().until_in_step(is_wanted).await
    }

    fn watch(&self) -> Watch<'_> {
        Watch { members: &self.platform.members, patience: self.patience }
    }
}

/// Looks at copies whose owners and followers are both among these services, which are at work.
pub(crate) struct Watch<'a> {
    pub(crate) members: &'a [Member],
    /// How long after the last word nothing more is awaited.
    pub(crate) patience: Duration,
}

impl Watch<'_> {
    /// Looks; where something differs, which repairs it, looks again. Who does not answer in time is
    /// not waited for once more, and keeps nobody else from being brought in step.
    pub(crate) async fn until_in_step(
        &self,
        wanted: impl Fn(&str, &str) -> bool,
    ) -> anyhow::Result<Report> {
        let mut pairs = self.pairs(wanted);
        let mut lines: BTreeMap<Pair, Line> = BTreeMap::new();
        for looks in 1.. {
            let found = self.look(&pairs).await?;
            for pair in &pairs {
                let line = lines.entry(pair.clone()).or_insert_with(|| Line::of(pair));
                line.take(found.get(pair), looks == 1);
            }
            let is_open = |pair: &Pair| lines[pair].answered && lines[pair].left > 0;
            if looks >= LOOKS || !pairs.iter().any(is_open) {
                let in_step = lines.values().all(|line| line.answered && line.left == 0);
                return Ok(Report { in_step, looks, copies: lines.into_values().collect() });
            }
            pairs.retain(|pair| lines[pair].answered);
            tokio::time::sleep(PAUSE).await;
        }
        bail!("no look was taken")
    }

    fn pairs(&self, wanted: impl Fn(&str, &str) -> bool) -> Vec<Pair> {
        let of = |member: &Member| {
            let name = member.name.name();
            member.service.copies().iter().map(move |copies| (copies.kind.to_owned(), name))
        };
        let all = self.members.iter().flat_map(of);
        all.filter(|(kind, follower)| wanted(kind, follower)).collect()
    }

    /// Has the owners publish their digests, and waits for what their followers found; no longer
    /// than the patience after the last word.
    async fn look(&self, pairs: &[Pair]) -> anyhow::Result<BTreeMap<Pair, step::Comparison>> {
        let run = Uuid::now_v7();
        for member in self.members {
            let is_wanted = |kind: &&str| pairs.iter().any(|(wanted, _)| wanted == kind);
            if member.service.owned_kinds().iter().any(is_wanted) {
                step::look(&member.service, &member.db, run).await?;
            }
        }
        let (mut heard, mut moved) = (0, Instant::now());
        loop {
            let found = self.found(run).await?;
            let pages = found.values().map(|comparison| comparison.pages).sum::<i64>();
            if pages > heard {
                (heard, moved) = (pages, Instant::now());
            }
            let complete = |pair: &Pair| found.get(pair).is_some_and(step::Comparison::is_complete);
            if pairs.iter().all(complete) || moved.elapsed() > self.patience {
                return Ok(found);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn found(&self, run: Uuid) -> anyhow::Result<BTreeMap<Pair, step::Comparison>> {
        let mut found = BTreeMap::new();
        for member in self.members {
            let comparisons = step::comparisons(&member.db).await?.into_iter();
            found.extend(
                comparisons
                    .filter(|comparison| comparison.run == run)
                    .map(|comparison| ((comparison.kind.clone(), member.name.name()), comparison)),
            );
        }
        Ok(found)
    }
}

impl Line {
    fn of((kind, follower): &Pair) -> Self {
        Self {
            kind: kind.clone(),
            owner: event::owner(kind).to_owned(),
            follower: (*follower).to_owned(),
            ..Self::default()
        }
    }

    /// The first look says what differed, the last what still does.
    fn take(&mut self, found: Option<&step::Comparison>, is_first: bool) {
        let Some(found) = found.filter(|found| found.is_complete()) else {
            self.answered = false;
            return;
        };
        self.answered = true;
        self.compared = found.compared;
        self.left = found.drift();
        if is_first {
            self.missing = found.missing;
            self.older = found.older;
            self.differing = found.differing;
            self.newer = found.newer;
            self.surplus = found.surplus;
        }
        let differed = self.missing + self.older + self.differing + self.newer + self.surplus;
        self.repaired = (differed - self.left).max(0);
    }
}

fn tell(report: &Report, as_json: bool) -> anyhow::Result<Verdict> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        print(report);
    }
    Ok(if report.in_step { Verdict::Well } else { Verdict::Wrong })
}

fn print(report: &Report) {
    println!(
        "{:<22} {:<14} {:>8} {:>8} {:>7} {:>9} {:>6} {:>8} {:>9} {:>6}",
        "owner and things",
        "follower",
        "compared",
        "missing",
        "older",
        "differing",
        "newer",
        "surplus",
        "repaired",
        "left"
    );
    for line in &report.copies {
        println!(
            "{:<22} {:<14} {:>8} {:>8} {:>7} {:>9} {:>6} {:>8} {:>9} {:>6}",
            line.kind,
            line.follower,
            line.compared,
            line.missing,
            line.older,
            line.differing,
            line.newer,
            line.surplus,
            line.repaired,
            if line.answered { line.left.to_string() } else { "?".to_owned() }
        );
    }
    println!();
    println!("{}", sentence(report));
}

fn sentence(report: &Report) -> String {
    let silent: Vec<&str> = report
        .copies
        .iter()
        .filter(|line| !line.answered)
        .map(|line| line.follower.as_str())
        .collect();
    if !silent.is_empty() {
        return format!(
            "No answer in time from {}: see `estrade queues` and `estrade dead list`, or give it \
             longer with --wait.",
            silent.join(", ")
        );
    }
    let repaired: i64 = report.copies.iter().map(|line| line.repaired).sum();
    let left: i64 = report.copies.iter().map(|line| line.left).sum();
    match (repaired, left) {
        (0, 0) => "All copies are in step with their owners.".to_owned(),
        (repaired, 0) => {
            format!("{repaired} copies were repaired; another look found all of them in step.")
        }
        (_, left) => format!(
            "{left} copies are still not as their owners': see `estrade dead list` for what could not \
             be taken."
        ),
    }
}
