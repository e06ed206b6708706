//! The binary: command line, configuration and wiring. What the platform does is in the services.

mod admin;
mod cli;
mod config;
mod dead;
mod demo;
mod doctor;
mod events;
mod health;
mod http;
mod import;
mod in_step;
mod load;
mod metrics;
mod operations;
mod platform;
#[cfg(test)]
mod promised;
mod proxies;
mod queues;
mod routes;
mod serve;
#[cfg(test)]
mod simulation;
mod telemetry;
mod timeline;
mod unread;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use config::Config;

ui::texts!(pub(crate) TEXTS);

/// What a message costs is in good part memory taken and given back, often by another thread: a fifth less
/// processor time for a graded submission than with the C library's, a tenth less than with mimalloc.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Exit status of a command that ran and found something wrong.
const FOUND_WRONG: u8 = 1;
/// Exit status of a command that could not run.
const COULD_NOT_RUN: u8 = 2;
/// Exit status of a command that nobody listens to any more: that of others whom SIGPIPE ends.
const READER_GONE: i32 = 141;

fn main() -> ExitCode {
    end_with_the_reader();
    take_small_pages();
    let cli = Cli::parse();
    start_logging(&cli);
    // The libraries use whatever provider of TLS the process has chosen. Only a second choice fails.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("estrade: the machine gives no threads: {error}");
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    let outcome = runtime.block_on(run(cli));
    // Whatever a thread is still at, as the look-up of a name, is of no use any more.
    runtime.shutdown_background();
    match outcome {
        Ok(Verdict::Well) => ExitCode::SUCCESS,
        Ok(Verdict::Wrong) => ExitCode::from(FOUND_WRONG),
        Err(error) => {
            eprintln!("estrade: {}", told(&error));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// An error with its causes. Of a database's each says again what the next one says: that is told once.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.contains(&cause) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&cause);
    }
    told
}

/// Whoever reads what is printed may have seen enough (`estrade queues | head`): nothing went wrong, and nothing
/// more is said. `println!` tells it by a panic, and Rust ignores the signal that would have ended us.
fn end_with_the_reader() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.to_string();
        if text.contains("failed printing to std") && text.contains("Broken pipe") {
            std::process::exit(READER_GONE);
        }
        otherwise(panic);
    }));
}

/// The allocator asks for pages of 2 MB where the kernel has them: a platform with nothing to do then holds half as
/// much memory again, most of it free. Where it cannot be had otherwise, more memory is all that comes of it.
#[cfg(target_os = "linux")]
fn take_small_pages() {
    let _ = nix::sys::prctl::set_thp_disable(true);
}

#[cfg(not(target_os = "linux"))]
fn take_small_pages() {}

/// What a command found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Well,
    Wrong,
}

async fn run(cli: Cli) -> anyhow::Result<Verdict> {
    if let Command::Demo(options) = &cli.command {
        return demo::run(&cli.settings, options).await;
    }
    let config = Config::load(&cli.settings)?;
    match cli.command {
        Command::Serve(options) => serve::run(config, &options).await,
        Command::Import(options) => import::run(config, &options).await,
        Command::Admin(options) => admin::run(config, options).await,
        Command::Queues(options) => queues::run(config, &options).await,
        Command::Dead(options) => dead::run(config, options).await,
        Command::Timeline(options) => timeline::run(config, &options).await,
        Command::Reconcile(options) => in_step::reconcile(config, &options).await,
        Command::Resend(options) => in_step::resend(config, &options).await,
        Command::Doctor(options) => doctor::run(config, &options).await,
        Command::Config => {
            println!("{}", config.shown()?);
            Ok(Verdict::Well)
        }
        Command::Load(options) => load::run(config, &options).await,
        Command::Routes => Ok(routes::print()),
        Command::Events(options) => events::print(&config, &options),
        Command::Demo(_) => Ok(Verdict::Well),
    }
}

fn start_logging(cli: &Cli) {
    use tracing_subscriber::EnvFilter;
    let quiet = !matches!(cli.command, Command::Serve(_));
    // lapin writes whole messages into its log; what matters of it, the transport says itself.
    let default = if quiet { "error,lapin=off" } else { "info,sqlx=warn,lapin=off" };
    let filter = EnvFilter::try_from_env("ESTRADE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if cli.settings.json_logs { logs.json().init() } else { logs.init() }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::told;

    #[test]
    fn a_cause_that_is_said_already_is_not_said_again() {
        let away = anyhow!("pool timed out").context("Connection Error: pool timed out");
        let error = away.context("cannot look");
        assert_eq!(told(&error), "cannot look: Connection Error: pool timed out");
        assert_eq!(told(&anyhow!("that is all")), "that is all");
    }
}
