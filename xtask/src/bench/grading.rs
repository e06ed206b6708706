//! Items 1, 2 (its first half) and 5: submissions from a queue, graded into a database.

use std::fs;

use anyhow::Result;
use private_nodes::{Postgres, RabbitMq};
use serde_json::Value;

use super::{
    Size,
    part::{Programs, Running},
    peers::Peers,
    table::{self, Table, Wanted},
};
use crate::repository::Repository;

/// Graded within a moment, and so measured more than once.
const SHORT: u64 = 10_000;
const OFTEN: usize = 5;
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
    if !wanted(1) && !wanted(5) {
        return Ok(());
    }
    println!("==> starting RabbitMQ and PostgreSQL");
    let folder = repository.target.join("bench/nodes");
    let (broker, database) = (RabbitMq::start(&folder)?, Postgres::start(&folder)?);
    let mut ground = Ground { programs, url: broker.amqp_url(), broker, database, databases: 0 };
    if wanted(1) {
        println!("==> 1. grading, RabbitMQ and PostgreSQL");
        for _ in 0..size.repetitions {
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
        for backlog in size.backlogs {
            ground.backlog(backlog, table)?;
        }
        flatness(size, table);
    }
    Ok(())
}

fn faster(table: &Table) -> &'static str {
    let rate = |what| table.median(1, what).unwrap_or(0.0);
    if rate(BARE) > rate(BARE_ONE) { BARE } else { BARE_ONE }
}

/// What a long backlog costs: the rate should not fall more than the broker alone has it fall, and the
/// memory should not grow.
fn flatness(size: &Size, table: &mut Table) {
    let [few, _, many] = size.backlogs;
    let over = |table: &Table, of: fn(u64) -> String| {
        Some(table.median(5, &of(many))? / table.median(5, &of(few))?)
    };
    let (ours, theirs) = (over(table, ours), over(table, theirs));
    let memory = {
        let median = |backlog| table.median(5, &memory(backlog));
        median(many).zip(median(few)).map(|(many, few)| many / few)
    };
    if let (Some(ours), Some(theirs), Some(memory)) = (ours, theirs, memory) {
        table.add(5, &format!("{ESTRADE}: rate with {many} over rate with {few}"), ours, "");
        table.add(5, &format!("{BARE}: rate with {many} over rate with {few}"), theirs, "");
        let what = format!("rate with {many} over rate with {few}, {ESTRADE}’s over the {BARE}’");
        table.goal(&what, ours / theirs, Wanted::AtLeast(0.9), "");
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

impl Ground<'_> {
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

    /// Beside the bare loops, since the broker itself is slower with a long queue than with a short one.
    fn backlog(&mut self, backlog: u64, table: &mut Table) -> Result<()> {
        let (ours, theirs) = (ours(backlog), theirs(backlog));
        for _ in 0..if backlog > SHORT { 1 } else { OFTEN } {
            let (watched, peak) = self.estrade(backlog)?;
            table.add_exact(5, &ours, &watched);
            table.add_cost(5, &ours, &watched);
            table.add(5, &memory(backlog), peak, "MB");
            let watched = self.bare(backlog, "3")?;
            table.add_exact(5, &theirs, &watched);
            table.add_cost(5, &theirs, &watched);
        }
        table.ratio(5, &ours, &theirs, Some(0.7));
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
