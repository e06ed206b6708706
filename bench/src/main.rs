//! What `cargo xtask bench` measures, one subcommand for each part in it. Each prints one JSON object.
//!
//! It starts no broker, no database and no other program, and takes no median: that is xtask's.

mod bare;
mod certificates;
mod clicks;
mod embedded;
mod fill;
mod grade;
mod lesson;
mod processor;
mod settle;
mod submissions;
mod watch;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// As the platform has, for all who are measured here.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
#[command(name = "bench", about = "The parts of `cargo xtask bench`")]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Empty the queues and put submissions into the first
    Fill {
        #[arg(long)]
        broker: String,
        #[arg(long)]
        count: u64,
    },
    /// Wait until a broker has put away what it was filled with
    Settle {
        #[arg(long, value_name = "PID")]
        process: u32,
    },
    /// Make the tables of Estrade's grader, with the quiz
    PrepareGrade {
        #[arg(long)]
        database: String,
    },
    /// Estrade's grader, until told to stop
    Grade {
        #[arg(long)]
        broker: String,
        #[arg(long)]
        database: String,
    },
    /// Make the table of the bare loop and of the peers
    PrepareBare {
        #[arg(long)]
        database: String,
    },
    /// The bare loop, until told to stop
    Bare {
        #[arg(long)]
        broker: String,
        #[arg(long)]
        database: String,
        #[arg(long, default_value_t = 2)]
        loops: u32,
    },
    /// Wait for the marks, and count them on the broker and in the database
    Watch {
        #[arg(long)]
        broker: String,
        #[arg(long)]
        database: String,
        #[arg(long)]
        table: String,
        #[arg(long)]
        count: u64,
        #[arg(long, default_value_t = 120)]
        seconds: u64,
        /// Whose processor time is told besides
        #[arg(long = "program", value_name = "NAME=PID")]
        programs: Vec<processor::Program>,
    },
    /// Grade on the embedded queue and SQLite, in one process
    Embedded {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        count: u64,
    },
    /// Submit attempts over HTTP and look until they are graded
    Clicks {
        #[arg(long)]
        url: String,
        #[arg(long)]
        count: u64,
        #[arg(long, default_value_t = 8)]
        learners: u64,
    },
    /// Enrol so many in a course of a platform at work, publish a lesson over its API, wait for the last inbox
    Lesson {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        url: String,
        /// Who may publish
        #[arg(long)]
        mail: String,
        #[arg(long)]
        password: String,
        #[arg(long)]
        enrolled: u64,
    },
    /// Make a certificate, given its facts as JSON, so many times
    Certificates { facts: PathBuf, count: u32 },
    /// Print the quiz as JSON, for the peers
    Quiz,
    /// Print submissions as JSON, one a line, for the peer whose client writes its own messages
    Submissions {
        #[arg(long)]
        count: u64,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    // As the platform does.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_thp_disable(true)?;
    // Only a second choice fails.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let said = match Arguments::parse().part {
        Part::Fill { broker, count } => fill::run(&broker, count).await?,
        Part::Settle { process } => settle::run(process).await?,
        Part::PrepareGrade { database } => done(grade::prepare(&database).await?),
        Part::Grade { broker, database } => done(grade::run(&broker, &database).await?),
        Part::PrepareBare { database } => done(bare::prepare(&database).await?),
        Part::Bare { broker, database, loops } => done(bare::run(&broker, &database, loops).await?),
        Part::Watch { broker, database, table, count, seconds, programs } => {
            let limit = Duration::from_secs(seconds);
            watch::run(&broker, &database, &table, count, limit, &programs).await?
        }
        Part::Embedded { data, count } => embedded::run(&data, count).await?,
        Part::Clicks { url, count, learners } => clicks::run(&url, count, learners).await?,
        Part::Lesson { data, url, mail, password, enrolled } => {
            let publisher = lesson::Publisher::sign_in(&url, &mail, &password).await?;
            lesson::run(&data, publisher, enrolled).await?
        }
        Part::Certificates { facts, count } => certificates::run(&facts, count)?,
        Part::Quiz => serde_json::to_value(submissions::quiz()?)?,
        Part::Submissions { count } => return print_submissions(count),
    };
    println!("{said}");
    Ok(())
}

fn done((): ()) -> serde_json::Value {
    serde_json::json!({ "done": true })
}

fn print_submissions(count: u64) -> Result<()> {
    let quiz = submissions::quiz()?;
    for number in 0..count {
        println!("{}", serde_json::to_string(&submissions::submission(&quiz, number)?)?);
    }
    Ok(())
}

/// Resolves at SIGTERM or Ctrl-C.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
