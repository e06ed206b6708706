//! `cargo xtask faults`: the platform as real processes, under load, and everything that happens to real
//! platforms happening to it. After each round the driver's ledger is held against what the platform has.
//!
//! Where the strikes fall is drawn from a seed; how the machine schedules is not, so a seed repeats the
//! plan and not the run. The load and the judge are `estrade load`; nothing here knows a service's tables.

mod chance;
mod disk;
mod fault;
mod mail;
mod platform;
mod proxy;
mod round;
mod strike;
mod table;

use std::{fs, path::PathBuf, process::Command, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use self::{
    chance::Chance,
    fault::{Fault, Ground},
    platform::{Nodes, Platform, Setting},
    table::{Made, Row, Table},
};
use crate::{install, repository::Repository};

#[derive(Args, Clone)]
pub struct Options {
    /// Draws where each fault strikes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often each fault strikes
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// On this only, instead of on all three
    #[arg(long)]
    broker: Option<Broker>,
    /// These faults only, by the names in the table
    #[arg(long, value_name = "FAULT")]
    only: Vec<String>,
    /// A few faults under a small load, as `cargo xtask test` wants them
    #[arg(long)]
    short: bool,
    /// Takes target/debug/estrade as it is, and builds nothing
    #[arg(long)]
    built: bool,
    /// Lets a fault be left out that this machine cannot do; without it, the run fails
    #[arg(long)]
    allow_missing: bool,
    /// Writes the table into this file, between its two marks
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What carries the messages, and where the services keep their data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Broker {
    /// The embedded queue and SQLite
    Embedded,
    /// One RabbitMQ and PostgreSQL
    Rabbitmq,
    /// Three RabbitMQ nodes and PostgreSQL
    Cluster,
}

impl Broker {
    fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Rabbitmq => "rabbitmq",
            Self::Cluster => "cluster",
        }
    }
}

/// Runs all rounds; says whether nothing was lost and nothing happened twice.
pub fn run(repository: &Repository, options: &Options) -> Result<bool> {
    check_names(options)?;
    install::missing()?;
    if !options.built {
        build(repository)?;
    }
    run_built(repository, options)
}

/// A short run of the binary that the tests have built.
pub fn short(repository: &Repository, allow_missing: bool) -> Result<bool> {
    let options = Options {
        seed: 1,
        rounds: 1,
        broker: None,
        only: Vec::new(),
        short: true,
        built: true,
        allow_missing,
        write: None,
    };
    run_built(repository, &options)
}

fn run_built(repository: &Repository, options: &Options) -> Result<bool> {
    let folder = repository.target.join("faults");
    platform::clear(&folder)?;
    // A build that comes meanwhile changes nothing here.
    let binary = folder.join("estrade");
    fs::hard_link(repository.target.join("debug/estrade"), &binary)
        .context("no target/debug/estrade")?;
    let begun = Instant::now();
    let mut table = Table::new(Made {
        command: command(options),
        commit: repository.commit(options.write.as_deref()),
        seed: options.seed,
        rounds: options.rounds,
        allow_missing: options.allow_missing,
    });
    for broker in [Broker::Embedded, Broker::Rabbitmq, Broker::Cluster] {
        let faults = chosen(broker, options);
        if faults.is_empty() {
            continue;
        }
        println!("==> {}: {} faults", broker.name(), faults.len());
        let mut nodes = Nodes::start(broker, &folder)?;
        for ground in [Ground::Folder, Ground::MailServer, Ground::SmallDisk, Ground::Proxy] {
            let of_these = faults.iter().copied().filter(|fault| fault.ground(broker) == ground);
            let setting = Setting { binary: &binary, folder: &folder, broker, ground };
            play(&setting, &mut nodes, of_these.collect(), options, &mut table)?;
        }
    }
    table.took(begun.elapsed());
    println!("\n{}", table.as_text());
    if let Some(file) = &options.write {
        table.write(&repository.root.join(file))?;
    }
    Ok(table.is_well())
}

/// All rounds on one platform; one that has lost something makes place for a new one.
fn play(
    setting: &Setting<'_>,
    nodes: &mut Nodes,
    faults: Vec<Fault>,
    options: &Options,
    table: &mut Table,
) -> Result<()> {
    let mut platform: Option<Platform> = None;
    for fault in faults {
        let mut row = Row::new(fault, setting.broker);
        for number in 0..options.rounds {
            let mut chance = Chance::of(options.seed, setting.broker.name(), fault.name(), number);
            let mut here = match platform.take() {
                Some(platform) => platform,
                None => match Platform::start(setting, nodes)? {
                    Ok(platform) => platform,
                    Err(refused) => {
                        row.not_run(&refused);
                        break;
                    }
                },
            };
            let round = round::play(&mut here, nodes, fault, &mut chance, options.short)?;
            println!("    {}", round.line(fault, setting.broker));
            if round.is_well() {
                platform = Some(here);
            } else {
                println!("    its logs are kept in {}", here.keep().display());
            }
            row.add(round);
        }
        table.add(row);
    }
    Ok(())
}

fn chosen(broker: Broker, options: &Options) -> Vec<Fault> {
    if options.broker.is_some_and(|only| only != broker) {
        return Vec::new();
    }
    let wanted = |fault: &Fault| match options.only.is_empty() {
        true => !options.short || fault.is_in_the_short_run(broker),
        false => options.only.iter().any(|name| name == fault.name()),
    };
    fault::ALL.into_iter().filter(|fault| fault.happens_on(broker)).filter(wanted).collect()
}

fn check_names(options: &Options) -> Result<()> {
    let names: Vec<&str> = fault::ALL.iter().map(|fault| fault.name()).collect();
    for name in &options.only {
        ensure!(
            names.contains(&name.as_str()),
            "no fault {name:?}; there are {}",
            names.join(", ")
        );
    }
    ensure!(options.rounds > 0, "no rounds: give 1 or more");
    Ok(())
}

/// With debug assertions: a release has no points to die at.
fn build(repository: &Repository) -> Result<()> {
    println!("==> build estrade, with its points to die at");
    let mut cargo: Command = repository.cargo();
    let status = cargo.args(["build", "--quiet", "--workspace", "--bin", "estrade"]).status();
    ensure!(status.context("cannot run cargo")?.success(), "estrade does not build");
    Ok(())
}

fn command(options: &Options) -> String {
    let mut words = vec!["cargo xtask faults".to_owned(), format!("--seed {}", options.seed)];
    words.push(format!("--rounds {}", options.rounds));
    words.extend(options.broker.map(|broker| format!("--broker {}", broker.name())));
    words.extend(options.only.iter().map(|name| format!("--only {name}")));
    let flags = [
        (options.short, "--short"),
        (options.built, "--built"),
        (options.allow_missing, "--allow-missing"),
    ];
    words.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.to_owned()));
    words.extend(options.write.as_ref().map(|file| format!("--write {}", file.display())));
    words.join(" ")
}
