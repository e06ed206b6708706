//! What is done with this repository beside building it: `cargo xtask --help`.
//!
//! Nothing here is part of the product, and nothing here knows a service.

mod bench;
mod events;
mod faults;
mod install;
mod nodes;
mod repository;
mod screens;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use repository::Repository;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks and tools for people who work on Estrade")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything: format, clippy, tidy, and all tests on a real broker and a real database
    ///
    /// Installs RabbitMQ, PostgreSQL, Chromium and Node through apt where they are missing, and starts private
    /// nodes of the first two; with ESTRADE_TEST_AMQP_URL and ESTRADE_TEST_DATABASE_URL set, it uses those instead.
    Test {
        /// Lets a fault be left out that this machine cannot do, such as a full disk
        #[arg(long)]
        allow_missing: bool,
    },
    /// Check the borders between crates and the rules of the house
    Tidy,
    /// Measure Estrade on this machine, beside its peers and beside nothing at all
    Bench(bench::Options),
    /// Write docs/events.md and docs/asyncapi.json from the code
    Events,
    /// Hit the platform with every fault, under load, and look what was lost or happened twice
    Faults(faults::Options),
    /// Take the pictures of docs/screens anew, in Chromium
    Screens,
    /// Start a private RabbitMQ and PostgreSQL, print where they are, and keep them until Ctrl-C
    Nodes,
}

fn main() -> ExitCode {
    let succeeded = run(Arguments::parse().task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        false
    });
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(task: Task) -> Result<bool> {
    let repository = Repository::find()?;
    match task {
        Task::Test { allow_missing } => test::run(&repository, allow_missing),
        Task::Tidy => tidy::run(&repository),
        Task::Bench(options) => bench::run(&repository, &options),
        Task::Events => events::write(&repository).map(|()| true),
        Task::Faults(options) => faults::run(&repository, &options),
        Task::Screens => screens::take(&repository),
        Task::Nodes => nodes::keep(&repository.target).map(|()| true),
    }
}
