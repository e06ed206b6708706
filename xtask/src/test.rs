//! `cargo xtask test`: the one thing that checks the project.

use std::{
    io::{BufRead, BufReader, Write, stdout},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use private_nodes::Guarded;

use crate::{faults, install, nodes::Nodes, repository::Repository, tidy};

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
    let exited_well = watch(&mut command, summary)?;
    if summary.passed + summary.failed == 0 {
        eprintln!("error: no test was run");
    }
    Ok(exited_well && summary.failed == 0 && summary.passed > 0)
}

/// Runs the tests, shows what they print, and adds up their results.
fn watch(command: &mut Command, summary: &mut Summary) -> Result<bool> {
    let mut child = Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let output = child.stdout().context("the tests' output is not at hand")?;
    for line in BufReader::new(output).split(b'\n') {
        let mut line = line.context("cannot read the tests' output")?;
        summary.add(&String::from_utf8_lossy(&line));
        line.push(b'\n');
        stdout().write_all(&line).context("cannot show the tests' output")?;
    }
    Ok(child.wait()?.success())
}

/// What all test binaries together report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    passed: usize,
    failed: usize,
}

impl Summary {
    /// Takes in a line like `test result: ok. 7 passed; 0 failed; 0 ignored; …`, and no other.
    fn add(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else {
            return;
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
}

#[cfg(test)]
mod tests {
    use super::Summary;

    #[test]
    fn results_are_added_up() {
        let mut summary = Summary::default();
        for line in [
            "running 2 tests",
            "test a ... ok",
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.12s",
            "noise without an end test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            summary.add(line);
        }
        assert_eq!(summary, Summary { passed: 10, failed: 2 });
    }
}
