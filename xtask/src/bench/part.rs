//! The measured programs: built, run, and looked at from outside.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use private_nodes::Guarded;
use serde_json::Value;

use crate::repository::Repository;

const STOP: Duration = Duration::from_secs(20);
/// Always built together, so that what they depend on has the same features for all.
const PACKAGES: [&str; 4] = ["--package", "bench", "--package", "estrade"];
/// The end-to-end tests, as cargo names them.
const SUITE: &str = "it";

pub(crate) struct Programs {
    /// How they were built.
    pub(crate) profile: String,
    pub(crate) bench: PathBuf,
    pub(crate) estrade: PathBuf,
    /// The end-to-end suite.
    pub(crate) suite: PathBuf,
}

impl Programs {
    /// Builds them if asked; the suite, which takes as long again, only for whoever needs it.
    pub(crate) fn find(
        repository: &Repository,
        profile: &str,
        build: bool,
        needs_suite: bool,
    ) -> Result<Self> {
        let folder = repository.target.join(if profile == "dev" { "debug" } else { profile });
        let programs = Self {
            profile: profile.to_owned(),
            bench: folder.join("bench"),
            estrade: folder.join("estrade"),
            suite: repository.target.join("bench").join(format!("suite-{profile}")),
        };
        // First: cargo leaves a server of the suite's build where ours belongs, and the suite starts
        // whatever is there.
        if build && needs_suite {
            build_suite(repository, profile, &programs.suite)?;
        }
        if build {
            build_programs(repository, profile)?;
        }
        // A program that is missed only at its turn costs all that was measured before.
        let suite = needs_suite.then_some(&programs.suite);
        for program in [&programs.bench, &programs.estrade].into_iter().chain(suite) {
            ensure!(program.is_file(), "there is no {}: leave --built out", program.display());
        }
        ensure!(
            !needs_suite || !is_stale(repository, &programs.suite)?,
            "the suite is older than its tests: leave --built out"
        );
        Ok(programs)
    }

    /// A part that runs to its end; the JSON that it prints.
    pub(crate) fn part(&self, arguments: &[&str]) -> Result<Value> {
        said(Command::new(&self.bench).args(arguments))
    }

    /// A part that runs until it is told to stop.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Running> {
        Running::start(Command::new(&self.bench).args(arguments))
    }
}

fn build_programs(repository: &Repository, profile: &str) -> Result<()> {
    let mut command = repository.cargo();
    command.args(["build", "--profile", profile]).args(PACKAGES).stdin(Stdio::null());
    ensure!(Guarded::spawn(&mut command)?.wait()?.success(), "it does not build: see above");
    Ok(())
}

/// Builds the end-to-end suite, and puts it where it is found without cargo.
fn build_suite(repository: &Repository, profile: &str, place: &Path) -> Result<()> {
    let mut command = repository.cargo();
    command.args(["test", "--no-run", "--profile", profile]).args(PACKAGES);
    command.args(["--test", SUITE, "--message-format", "json-render-diagnostics"]);
    let mut child = Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let said = child.stdout().context("what cargo says is not at hand")?;
    let mut suite = None;
    for line in BufReader::new(said).lines() {
        suite = executable(&line.context("cannot read what cargo says")?).or(suite);
    }
    ensure!(child.wait()?.success(), "the end-to-end suite does not build: see above");
    let suite = suite.context("cargo does not say where the end-to-end suite is")?;
    fs::create_dir_all(place.parent().unwrap_or(place))?;
    fs::copy(&suite, place).with_context(|| format!("cannot copy {}", suite.display()))?;
    Ok(())
}

/// Whether one of the end-to-end tests was changed after the suite was built.
fn is_stale(repository: &Repository, suite: &Path) -> Result<bool> {
    let built = fs::metadata(suite)?.modified()?;
    let files = repository.files()?;
    let tests = files.iter().filter(|file| file.starts_with("estrade/tests/"));
    // Git still lists what was deleted and not yet committed.
    let times =
        tests.filter_map(|file| fs::metadata(repository.root.join(file)).ok()?.modified().ok());
    Ok(times.max().is_some_and(|changed| changed > built))
}

/// The suite, if it is what cargo tells of in this line.
fn executable(line: &str) -> Option<PathBuf> {
    let said: Value = serde_json::from_str(line).ok()?;
    let executable = said["executable"].as_str()?;
    (said["target"]["name"] == SUITE).then(|| executable.into())
}

/// Runs a command that prints one JSON value.
pub(crate) fn said(command: &mut Command) -> Result<Value> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: see above");
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?} prints no JSON"))
}

/// A program at work, which ends with us.
pub(crate) struct Running(Guarded);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Self(Guarded::spawn(command)?))
    }

    /// As [`start`](Self::start); what it complains of goes into a file.
    pub(crate) fn start_quietly(command: &mut Command, log: &Path) -> Result<Self> {
        let log = fs::File::options().create(true).append(true).open(log)?;
        Self::start(command.stderr(log))
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.0.id()
    }

    /// The most memory it ever had, in MB.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        self.memory("VmHWM:")
    }

    pub(crate) fn present_memory(&self) -> Result<f64> {
        self.memory("VmRSS:")
    }

    fn memory(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(self.proc().join("status"))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes: f64 = line
            .and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .context("the system does not tell how much memory it has")?;
        Ok(kilobytes / 1024.0)
    }

    /// Seconds of processor time so far.
    pub(crate) fn processor(&self) -> Result<f64> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = fs::read_to_string(self.proc().join("stat"))?;
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2);
        Ok(ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND)
    }

    fn proc(&self) -> PathBuf {
        Path::new("/proc").join(self.process_id().to_string())
    }

    pub(crate) fn stop(mut self) {
        self.0.terminate();
        if !self.0.ends_within(STOP) {
            self.0.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suite_is_found_in_what_cargo_says() {
        let found = |name: &str, made: Value| {
            let target = serde_json::json!({ "kind": ["test"], "name": name });
            executable(&serde_json::json!({ "target": target, "executable": made }).to_string())
        };
        assert_eq!(found("it", "/target/it-1".into()), Some("/target/it-1".into()));
        assert_eq!(found("estrade", "/target/estrade".into()), None);
        assert_eq!(found("it", Value::Null), None);
        assert_eq!(executable("warning: this is no JSON"), None);
    }
}
