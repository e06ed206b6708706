//! Items 1, 2 (its first half) and 5: submissions from a queue, graded into a database.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use private_nodes::{Postgres, RabbitMq};
use serde_json::Value;

use super::{
    Size,
    part::{Programs, Running},
    peers::Peers,
    table::{self, Table, Wanted},
};
use crate::repository::Repository;

/// The shortest backlog is graded within a moment, and so measured more often than the others.
const OFTEN: usize = 5;
/// What a rate must keep of itself where ten times as much waits.
const FLAT: f64 = 0.9;
const ESTRADE: &str = "Estrade";
const BARE_ONE: &str = "a bare loop";
const BARE: &str = "three bare loops";
const CELERY: &str = "Celery, two processes";
const FASTSTREAM: &str = "FastStream, two processes";

pub(crate) fn measure(
    repository: &Repository,
    programs: &Programs,
    size: &Size,
    wanted: &dyn Fn(u8) -> bool,
    table: &mut Table,
) -> Result<()> {
    if wanted(2) {
        println!("==> 2. grading, embedded");
        for _ in 0..size.repetitions {
            embedded(repository, programs, size.submissions, table)?;
        }
    }
    let folder = repository.target.join("bench/nodes");
    if wanted(1) {
        println!("==> 1. grading, RabbitMQ and PostgreSQL");
        let mut ground = Ground::new(programs, RabbitMq::start(&folder)?, &folder)?;
        for _ in 0..size.turns {
            ground.repetition(repository, size, table)?;
        }
        let bare = faster(table);
        table.ratio(1, ESTRADE, bare, Some(0.7));
        table.ratio(1, ESTRADE, CELERY, Some(20.0));
        table.ratio(1, ESTRADE, FASTSTREAM, Some(8.0));
        // What this machine lets anybody reach.
        table.ratio(1, bare, CELERY, None);
    }
    if wanted(5) {
        println!("==> 5. backlogs");
        let mut ground = Ground::new(programs, RabbitMq::start_for_backlogs(&folder)?, &folder)?;
        ground.backlogs(size, table)?;
        flatness(size, table);
    }
    Ok(())
}

fn faster(table: &Table) -> &'static str {
    let rate = |what| table.median(1, what).unwrap_or(0.0);
    if rate(BARE) > rate(BARE_ONE) { BARE } else { BARE_ONE }
}

/// What a long backlog costs: neither should the rate fall nor the memory grow. The broker may have its
/// part in a fall, which the loops show. No rate of the shortest backlog counts: it is over with its start.
fn flatness(size: &Size, table: &mut Table) {
    let [few, some, many] = size.backlogs;
    table.ratio(5, &ours(few), &theirs(few), None);
    for backlog in [some, many] {
        table.ratio(5, &ours(backlog), &theirs(backlog), Some(0.7));
    }
    table.ratio(5, &ours(many), &ours(some), Some(FLAT));
    table.ratio(5, &theirs(many), &theirs(some), None);
    let over = |of: fn(u64) -> String, less: u64| {
        Some(table.median(5, &of(many))? / table.median(5, &of(less))?)
    };
    let kept = over(ours, some).zip(over(theirs, some));
    let memory = over(memory, few);
    if let Some((ours_, theirs_)) = kept {
        let (many, some) = (ours(many), ours(some));
        let what = format!("{many} / {some}, {ESTRADE}’s over the {BARE}’");
        table.goal(&what, ours_ / theirs_, Wanted::AtLeast(FLAT), "");
    }
    if let Some(memory) = memory {
        let what = format!("peak memory with {many} over peak memory with {few}");
        table.goal(&what, memory, Wanted::AtMost(1.5), "");
    }
}

fn ours(backlog: u64) -> String {
    format!("{backlog} waiting")
}

fn theirs(backlog: u64) -> String {
    format!("{backlog} waiting, {BARE}")
}

fn memory(backlog: u64) -> String {
    format!("{backlog} waiting, peak memory")
}

/// A broker and a database that nobody else uses.
struct Ground<'a> {
    programs: &'a Programs,
    broker: RabbitMq,
    /// The broker's.
    url: String,
    database: Postgres,
    databases: u32,
}

impl<'a> Ground<'a> {
    fn new(programs: &'a Programs, broker: RabbitMq, folder: &Path) -> Result<Self> {
        let (url, database) = (broker.amqp_url(), Postgres::start(folder)?);
        Ok(Self { programs, broker, url, database, databases: 0 })
    }

    /// Everybody once, each with queues and a database of its own.
    fn repetition(
        &mut self,
        repository: &Repository,
        size: &Size,
        table: &mut Table,
    ) -> Result<()> {
        let estrade = self.estrade(size.submissions)?.0;
        table.add_exact(1, ESTRADE, &estrade);
        table.add_cost(1, ESTRADE, &estrade);
        for (loops, name) in [("1", BARE_ONE), ("3", BARE)] {
            let watched = self.bare(size.submissions, loops)?;
            table.add_exact(1, name, &watched);
            table.add_cost(1, name, &watched);
        }
        let count = size.submissions_of_peers;
        let url = self.fresh("prepare-bare")?;
        let peers = Peers::new(repository, self.programs, &self.url, &url)?;
        self.fill(0)?;
        peers.fill_celery(self.programs, count)?;
        self.settle()?;
        let celery = self.watched(vec![peers.start_celery()?], &url, "mark", count)?;
        table.add_exact(1, CELERY, &celery);
        let url = self.fresh("prepare-bare")?;
        let peers = Peers::new(repository, self.programs, &self.url, &url)?;
        self.fill(count)?;
        let faststream = self.watched(peers.start_faststream()?, &url, "mark", count)?;
        table.add_exact(1, FASTSTREAM, &faststream);
        Ok(())
    }

    /// Estrade's grader; what was watched, and its peak of memory.
    fn estrade(&mut self, count: u64) -> Result<(Value, f64)> {
        let url = self.fresh("prepare-grade")?;
        self.fill(count)?;
        let arguments = ["grade", "--broker", &self.url, "--database", &url];
        let grader = self.programs.start(&arguments)?;
        let watched = self.watch(&url, "assessment.attempt", count, &[&grader]);
        let memory = grader.peak_memory();
        grader.stop();
        Ok((watched?, memory?))
    }

    fn bare(&mut self, count: u64, loops: &str) -> Result<Value> {
        let url = self.fresh("prepare-bare")?;
        self.fill(count)?;
        let arguments = ["bare", "--broker", &self.url, "--database", &url, "--loops", loops];
        let bare = self.programs.start(&arguments)?;
        self.watched(vec![bare], &url, "mark", count)
    }

    /// Long backlogs take turns with each other too: a machine is not the same for half an hour.
    fn backlogs(&mut self, size: &Size, table: &mut Table) -> Result<()> {
        let [few, some, many] = size.backlogs;
        for _ in 0..OFTEN {
            self.backlog(few, table)?;
        }
        for _ in 0..size.repetitions {
            self.backlog(some, table)?;
            self.backlog(many, table)?;
        }
        Ok(())
    }

    /// Beside the bare loops, since the broker itself may be slower with a long queue than with a short one.
    fn backlog(&mut self, backlog: u64, table: &mut Table) -> Result<()> {
        let (ours, theirs) = (ours(backlog), theirs(backlog));
        let (watched, peak) = self.estrade(backlog)?;
        table.add_exact(5, &ours, &watched);
        table.add_cost(5, &ours, &watched);
        table.add(5, &memory(backlog), peak, "MB");
        let watched = self.bare(backlog, "3")?;
        table.add_exact(5, &theirs, &watched);
        table.add_cost(5, &theirs, &watched);
        Ok(())
    }

    fn watched(
        &self,
        running: Vec<Running>,
        database: &str,
        kept_in: &str,
        count: u64,
    ) -> Result<Value> {
        let watched = self.watch(database, kept_in, count, &running.iter().collect::<Vec<_>>());
        running.into_iter().for_each(Running::stop);
        watched
    }

    /// Looks on until all is graded; of those who run, and of what they stand on, the processor time too.
    fn watch(
        &self,
        database: &str,
        kept_in: &str,
        count: u64,
        running: &[&Running],
    ) -> Result<Value> {
        let (count, seconds) = (count.to_string(), (60 + count / 500).to_string());
        let programs = self.costing(running);
        let mut arguments = vec!["watch", "--broker", &self.url, "--database", database];
        arguments.extend(["--table", kept_in, "--count", &count, "--seconds", &seconds]);
        arguments.extend(programs.iter().flat_map(|program| ["--program", program]));
        self.programs.part(&arguments)
    }

    /// Whose processor time is told. Peers are several processes, and are compared by their rate alone.
    fn costing(&self, running: &[&Running]) -> Vec<String> {
        let [itself] = running else {
            return Vec::new();
        };
        let nodes = [
            (table::BROKER, self.broker.process_id()),
            (table::DATABASE, self.database.process_id()),
        ];
        let nodes = nodes.into_iter().filter_map(|(name, process)| Some((name, process?)));
        let all = std::iter::once((table::ITSELF, itself.process_id())).chain(nodes);
        all.map(|(name, process)| format!("{name}={process}")).collect()
    }

    fn fill(&self, count: u64) -> Result<()> {
        self.programs.part(&["fill", "--broker", &self.url, "--count", &count.to_string()])?;
        self.settle()
    }

    /// Nobody's clock runs while the broker still puts away what was filled in.
    fn settle(&self) -> Result<()> {
        let process = self.broker.process_id().context("RabbitMQ does not run")?;
        self.programs.part(&["settle", "--process", &process.to_string()])?;
        Ok(())
    }

    /// A new database with its tables.
    fn fresh(&mut self, prepare: &str) -> Result<String> {
        self.databases += 1;
        let url = self.database.create_database(&format!("bench{}", self.databases))?;
        self.programs.part(&[prepare, "--database", &url])?;
        Ok(url)
    }
}

fn embedded(
    repository: &Repository,
    programs: &Programs,
    count: u64,
    table: &mut Table,
) -> Result<()> {
    let folder = repository.target.join("bench/embedded");
    fs::remove_dir_all(&folder).ok();
    let (data, count) = (folder.to_string_lossy().into_owned(), count.to_string());
    let watched = programs.part(&["embedded", "--data", &data, "--count", &count])?;
    table.add_exact(2, "Estrade, embedded", &watched);
    fs::remove_dir_all(&folder).ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::FULL;

    #[test]
    fn a_long_backlog_is_held_against_a_shorter_one_and_the_shortest_is_for_information() {
        let mut table = Table::default();
        for (backlog, rate, of_loops) in
            [(1_000, 2_000.0, 10_000.0), (100_000, 5_000.0, 6_000.0), (1_000_000, 4_000.0, 4_500.0)]
        {
            table.add(5, &ours(backlog), rate, "/s");
            table.add(5, &theirs(backlog), of_loops, "/s");
        }
        table.add(5, &memory(1_000), 60.0, "MB");
        table.add(5, &memory(1_000_000), 80.0, "MB");
        flatness(&FULL, &mut table);
        assert_eq!(table.missed(), ["1000000 waiting / 100000 waiting: 0.80, at least 0.9"]);
        let text = table.text();
        for row in [
            "| 1000 waiting / 1000 waiting, three bare loops | none is set | 0.20 |",
            "| 100000 waiting / 100000 waiting, three bare loops | at least 0.7 | 0.83 |",
            "| 1000000 waiting, three bare loops / 100000 waiting, three bare loops | none is set | 0.75 |",
            "| 1000000 waiting / 100000 waiting, Estrade’s over the three bare loops’ | at least 0.9 | 1.07 |",
            "| peak memory with 1000000 over peak memory with 1000 | at most 1.5 | 1.33 |",
        ] {
            assert!(text.contains(row), "{row}: {text}");
        }
    }

    #[test]
    fn what_is_void_is_held_against_nothing() {
        let mut table = Table::default();
        table.add(5, &ours(100_000), 5_000.0, "/s");
        table.add_exact(5, &ours(1_000_000), &serde_json::json!({ "exact": false }));
        flatness(&FULL, &mut table);
        assert!(!table.text().contains("1000000 waiting /") && !table.counts());
    }
}
