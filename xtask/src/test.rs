//! `cargo xtask test`: the one thing that checks the project.

use std::{
    collections::BTreeSet,
    io::{Write, stdout},
    process::{Command, Stdio},
    sync::mpsc::RecvTimeoutError,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use private_nodes::Guarded;

use crate::{faults, install, nodes::Nodes, repository::Repository, tidy};

/// No test takes so long on a slow machine, and each says when it ends: longer silence is a test that hangs.
const LONGEST_SILENCE: Duration = Duration::from_secs(900);

/// Runs every check, each even where one before it has failed; says whether all passed.
pub fn run(repository: &Repository, allow_missing: bool) -> Result<bool> {
    let mut failed = Vec::new();
    timed("install what is missing", install::missing)?;
    let mut check = |name: &'static str, outcome: Result<bool>| {
        let passed = outcome.unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            false
        });
        if !passed {
            failed.push(name);
        }
    };
    check("format", timed("format", || cargo(repository, &["fmt", "--all", "--check"])));
    check("clippy", timed("clippy", || cargo(repository, CLIPPY)));
    check("tidy", timed("tidy", || tidy::run(repository)));
    check("build", timed("build", || cargo(repository, &["test", "--workspace", "--no-run"])));
    let nodes = timed("start RabbitMQ and PostgreSQL", || Nodes::start(&repository.target))?;
    let mut summary = Summary::default();
    check("tests", timed("tests", || tests(repository, &nodes, &mut summary)));
    check("faults", timed("faults, a short run", || faults::short(repository, allow_missing)));
    timed("stop RabbitMQ and PostgreSQL", || drop(nodes));
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    println!("\n{} passed, {} failed", summary.passed, summary.failed);
    Ok(failed.is_empty())
}

const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];

/// Announces a step, and how long it took.
fn timed<T>(name: &str, step: impl FnOnce() -> T) -> T {
    println!("==> {name}");
    let begun = Instant::now();
    let outcome = step();
    println!("    {name}: {}", seconds(begun.elapsed()));
    outcome
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn cargo(repository: &Repository, arguments: &[&str]) -> Result<bool> {
    let child = Guarded::spawn(repository.cargo().args(arguments).stdin(Stdio::null()))?;
    Ok(child.wait()?.success())
}

fn tests(repository: &Repository, nodes: &Nodes, summary: &mut Summary) -> Result<bool> {
    let mut command = repository.cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).envs(nodes.environment());
    let mut child = Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    if !watch(&mut child, summary, LONGEST_SILENCE)? {
        tell_what_hangs(summary);
        return Ok(false);
    }
    let exited_well = child.wait()?.success();
    if summary.passed + summary.failed == 0 {
        eprintln!("error: no test was run");
    }
    Ok(exited_well && summary.failed == 0 && summary.passed > 0)
}

/// Shows what the tests print, and adds up their results; says whether they were heard to their end.
fn watch(child: &mut Guarded, summary: &mut Summary, silence: Duration) -> Result<bool> {
    let lines = child.lines();
    loop {
        match lines.recv_timeout(silence) {
            Ok(line) => {
                let mut line = line.context("cannot read the tests' output")?;
                summary.add(&String::from_utf8_lossy(&line));
                line.push(b'\n');
                stdout().write_all(&line).context("cannot show the tests' output")?;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(true),
            Err(RecvTimeoutError::Timeout) => return Ok(false),
        }
    }
}

/// Whoever reads it later has nothing else to go by.
fn tell_what_hangs(summary: &Summary) {
    eprintln!("error: nothing was heard of the tests for {}", seconds(LONGEST_SILENCE));
    for test in &summary.running {
        eprintln!("    not ended: {test}");
    }
    let shown = ["-e", "--forest", "-o", "pid,etimes,stat,wchan:20,args"];
    // Without procps there is no more to tell.
    let _ = Command::new("ps").args(shown).env("COLUMNS", "160").status();
}

/// What all test binaries together report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    passed: usize,
    failed: usize,
    /// The tests that have been running for long.
    running: BTreeSet<String>,
}

impl Summary {
    /// Takes in a line like `test result: ok. 7 passed; 0 failed; 0 ignored; …`, and those of a test that
    /// takes long.
    fn add(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else {
            return self.follow(line);
        };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split("; ") {
            match count.split_once(' ').map(|(number, what)| (number.parse().unwrap_or(0), what)) {
                Some((number, "passed")) => self.passed += number,
                Some((number, "failed")) => self.failed += number,
                _ => {}
            }
        }
    }

    fn follow(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("test ") else { return };
        if let Some((test, _)) = said.split_once(" has been running for over ") {
            self.running.insert(test.to_owned());
        } else if let Some((test, _)) = said.split_once(" ... ") {
            self.running.remove(test);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_test_that_hangs_is_noticed() {
        let says = |script: &str, silence| {
            let mut command = Command::new("sh");
            let mut child =
                Guarded::spawn(command.args(["-c", script]).stdout(Stdio::piped())).unwrap();
            watch(&mut child, &mut Summary::default(), silence).unwrap()
        };
        assert!(!says("echo it runs; exec sleep 60", Duration::from_millis(300)));
        assert!(says("echo it runs", Duration::from_secs(60)));
    }

    #[test]
    fn results_are_added_up() {
        let mut summary = Summary::default();
        for line in [
            "running 2 tests",
            "test a ... ok",
            "test b has been running for over 60 seconds",
            "test c has been running for over 60 seconds",
            "test c ... FAILED",
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.12s",
            "noise without an end test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            summary.add(line);
        }
        let running = ["b".to_owned()].into();
        assert_eq!(summary, Summary { passed: 10, failed: 2, running });
    }
}
