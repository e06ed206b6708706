//! Celery and FastStream, from PyPI.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::part::{Programs, Running};
use crate::{install, repository::Repository};

/// A virtual environment with the peers in it, and what they need to know.
pub(crate) struct Peers {
    python: PathBuf,
    folder: PathBuf,
    quiz: PathBuf,
    log: PathBuf,
    broker: String,
    database: String,
}

/// Installs the peers into `target/bench/peers`, unless they are there; the interpreter that sees them.
pub(crate) fn python(repository: &Repository) -> Result<PathBuf> {
    let wanted = fs::read_to_string(repository.root.join("bench/peers/requirements.txt"))?;
    let environment = repository.target.join("bench/peers");
    let (python, installed) = (environment.join("bin/python"), environment.join("installed.txt"));
    install::for_peers()?;
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("    installing the peers from PyPI");
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(Command::new(&python).args(pip).arg(repository.root.join("bench/peers/requirements.txt")))?;
    fs::write(installed, wanted)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: see above");
    Ok(())
}

impl Peers {
    pub(crate) fn new(
        repository: &Repository,
        programs: &Programs,
        broker: &str,
        database: &str,
    ) -> Result<Self> {
        let python = python(repository)?;
        let quiz = repository.target.join("bench/quiz.json");
        fs::write(&quiz, programs.part(&["quiz"])?.to_string())?;
        let folder = repository.root.join("bench/peers");
        let log = repository.target.join("bench/peers.log");
        let (broker, database) = (broker.to_owned(), database.to_owned());
        Ok(Self { python, folder, quiz, log, broker, database })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.python);
        command
            .current_dir(&self.folder)
            .env("BENCH_BROKER", &self.broker)
            .env("BENCH_DATABASE", &self.database)
            .env("BENCH_QUIZ", &self.quiz)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Celery's own client puts the submissions into Celery's own queue: it writes messages of its own.
    pub(crate) fn fill_celery(&self, programs: &Programs, count: u64) -> Result<()> {
        let mut source = Command::new(&programs.bench)
            .args(["submissions", "--count", &count.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let submissions = source.stdout.take().context("no submissions")?;
        let status = self.command().arg("celery_peer.py").stdin(submissions).status()?;
        ensure!(status.success() && source.wait()?.success(), "Celery's queue was not filled");
        Ok(())
    }

    pub(crate) fn start_celery(&self) -> Result<Running> {
        Running::start_quietly(
            self.command().args([
                "-m",
                "celery",
                "-A",
                "celery_peer",
                "worker",
                "--pool=prefork",
                "--concurrency=2",
                "--loglevel=ERROR",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
            ]),
            &self.log,
        )
    }

    pub(crate) fn start_faststream(&self) -> Result<Vec<Running>> {
        (0..2)
            .map(|_| Running::start_quietly(self.command().arg("faststream_peer.py"), &self.log))
            .collect()
    }
}
