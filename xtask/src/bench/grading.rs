//! Items 1, 2 (its first half) and 5: submissions from a queue, graded into a database.

use std::fs;

use anyhow::Result;
use private_nodes::{Postgres, RabbitMq};
use serde_json::Value;

use super::{Size, part::Programs, part::Running, peers::Peers, table::Table};
use crate::repository::Repository;

/// Graded within a moment, and so measured more than once.
const SHORT: u64 = 10_000;
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
    let broker = RabbitMq::start(&folder)?;
    let database = Postgres::start(&folder)?;
    let mut ground = Ground { programs, broker: broker.amqp_url(), database, databases: 0 };
    if wanted(1) {
        println!("==> 1. grading, RabbitMQ and PostgreSQL");
        for _ in 0..size.repetitions {
            ground.repetition(repository, size, table)?;
        }
        let bare = faster(table);
        table.ratio(1, ESTRADE, bare, 0.7);
        table.ratio(1, ESTRADE, CELERY, 20.0);
        table.ratio(1, ESTRADE, FASTSTREAM, 8.0);
    }
    if wanted(5) {
        println!("==> 5. backlogs");
        for backlog in size.backlogs {
            ground.backlog(backlog, table)?;
        }
    }
    Ok(())
}

fn faster(table: &Table) -> &'static str {
    let rate = |what| table.median(1, what).unwrap_or(0.0);
    if rate(BARE) > rate(BARE_ONE) { BARE } else { BARE_ONE }
}

/// A broker and a database that nobody else uses.
struct Ground<'a> {
    programs: &'a Programs,
    broker: String,
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
        for (loops, name) in [("1", BARE_ONE), ("3", BARE)] {
            let watched = self.bare(size.submissions, loops)?;
            table.add_exact(1, name, &watched);
        }
        let count = size.submissions_of_peers;
        let url = self.fresh("prepare-bare")?;
        let peers = Peers::new(repository, self.programs, &self.broker, &url)?;
        self.fill(0)?;
        peers.fill_celery(self.programs, count)?;
        let celery = self.watched(vec![peers.start_celery()?], &url, "mark", count)?;
        table.add_exact(1, CELERY, &celery);
        let url = self.fresh("prepare-bare")?;
        let peers = Peers::new(repository, self.programs, &self.broker, &url)?;
        self.fill(count)?;
        let faststream = self.watched(peers.start_faststream()?, &url, "mark", count)?;
        table.add_exact(1, FASTSTREAM, &faststream);
        Ok(())
    }

    /// Estrade's grader; what was watched, and its peak of memory.
    fn estrade(&mut self, count: u64) -> Result<(Value, f64)> {
        let url = self.fresh("prepare-grade")?;
        self.fill(count)?;
        let broker = self.broker.clone();
        let grader = self.programs.start(&["grade", "--broker", &broker, "--database", &url])?;
        let watched = self.watch(&url, "assessment.attempt", count);
        let memory = grader.peak_memory();
        grader.stop();
        Ok((watched?, memory?))
    }

    fn bare(&mut self, count: u64, loops: &str) -> Result<Value> {
        let url = self.fresh("prepare-bare")?;
        self.fill(count)?;
        let arguments = ["bare", "--broker", &self.broker, "--database", &url, "--loops", loops];
        let bare = self.programs.start(&arguments)?;
        self.watched(vec![bare], &url, "mark", count)
    }

    /// Beside the bare loops, since the broker itself is slower with a long queue than with a short one.
    fn backlog(&mut self, backlog: u64, table: &mut Table) -> Result<()> {
        let ours = format!("{backlog} waiting");
        let theirs = format!("{backlog} waiting, {BARE}");
        for _ in 0..if backlog > SHORT { 1 } else { 3 } {
            let (watched, memory) = self.estrade(backlog)?;
            table.add_exact(5, &ours, &watched);
            table.add(5, &format!("{ours}, peak memory"), memory, "MB");
            table.add_exact(5, &theirs, &self.bare(backlog, "3")?);
        }
        table.ratio(5, &ours, &theirs, 0.7);
        Ok(())
    }

    fn watched(
        &self,
        running: Vec<Running>,
        database: &str,
        kept_in: &str,
        count: u64,
    ) -> Result<Value> {
        let watched = self.watch(database, kept_in, count);
        running.into_iter().for_each(Running::stop);
        watched
    }

    fn watch(&self, database: &str, kept_in: &str, count: u64) -> Result<Value> {
        let (count, seconds) = (count.to_string(), (60 + count / 500).to_string());
        self.programs.part(&[
            "watch",
            "--broker",
            &self.broker,
            "--database",
            database,
            "--table",
            kept_in,
            "--count",
            &count,
            "--seconds",
            &seconds,
        ])
    }

    fn fill(&self, count: u64) -> Result<()> {
        self.programs.part(&["fill", "--broker", &self.broker, "--count", &count.to_string()])?;
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
