//! `cargo xtask bench`: Estrade measured on one machine, in one run, beside its peers and beside nothing
//! but the broker and the database, all with the same work.
//!
//! The measured programs are in `bench/`; here they are started, timed, and compared. A figure counts only
//! if every submission was marked and told of exactly once; otherwise it is void, and the run fails.

mod certificates;
mod grading;
mod machine;
mod pages;
mod part;
mod peers;
mod platform;
mod renew;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use self::{part::Programs, table::Table};
use crate::{install, repository::Repository};

#[derive(Args, Clone)]
pub struct Options {
    /// Less of everything, in a few minutes: for a first look, not for the record
    #[arg(long)]
    quick: bool,
    /// These items only, by their numbers
    #[arg(long, value_name = "ITEM", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=7))]
    only: Vec<u8>,
    /// How the measured programs are built: `dist` is what is shipped
    #[arg(long, default_value = "release")]
    profile: String,
    /// Takes the programs as they are, and builds nothing
    #[arg(long)]
    built: bool,
    /// Writes the page with the table, for example docs/performance.md; with --only, these items' figures into it
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// How much of each is done.
pub(crate) struct Size {
    pub(crate) repetitions: usize,
    /// Of those who are compared with peers: a peer's rate differs most from one time to the next.
    pub(crate) turns: usize,
    pub(crate) submissions: u64,
    pub(crate) submissions_of_peers: u64,
    pub(crate) backlogs: [u64; 3],
    pub(crate) clicks: u64,
    pub(crate) enrolled: u64,
    pub(crate) certificates: u64,
}

const FULL: Size = Size {
    repetitions: 3,
    turns: 5,
    submissions: 60_000,
    submissions_of_peers: 6_000,
    backlogs: [1_000, 100_000, 1_000_000],
    clicks: 3_000,
    enrolled: 100_000,
    certificates: 100,
};

const QUICK: Size = Size {
    repetitions: 1,
    turns: 1,
    submissions: 20_000,
    submissions_of_peers: 2_000,
    backlogs: [1_000, 10_000, 100_000],
    clicks: 500,
    enrolled: 10_000,
    certificates: 50,
};

/// Measures, prints, and says whether every figure counts. A goal that is missed is said, and fails nothing.
pub fn run(repository: &Repository, options: &Options) -> Result<bool> {
    if options.write.is_some() {
        ensure!(!options.quick, "a quick run is not for the record");
        renew::check(&options.only)?;
    }
    let size = if options.quick { &QUICK } else { &FULL };
    let wanted = |item: u8| options.only.is_empty() || options.only.contains(&item);
    install::missing()?;
    let programs = Programs::find(repository, &options.profile, !options.built, wanted(7))?;
    let begun = Instant::now();
    let table = measure(repository, &programs, size, &wanted)?;
    println!("\n{}", table.text());
    println!("measured in {} s", begun.elapsed().as_secs());
    let missed = table.missed();
    if !missed.is_empty() {
        println!("goals missed: {}", missed.join("; "));
    }
    if let Some(path) = &options.write {
        write(repository, options, &table, path, begun.elapsed())?;
    }
    Ok(table.counts())
}

fn write(
    repository: &Repository,
    options: &Options,
    table: &Table,
    path: &Path,
    took: Duration,
) -> Result<()> {
    let file = repository.root.join(path);
    let machine = machine::describe(repository, &options.profile);
    let [commit, day] = machine::when(repository, path);
    let page = if options.only.is_empty() {
        table.page(&machine, &format!("- {commit}\n- {day}\n"), took)
    } else {
        let page = fs::read_to_string(&file);
        let page = page.with_context(|| format!("cannot read {}", path.display()))?;
        renew::renew(&page, table, &options.only, &machine, &format!("{commit}, {day}"))?
    };
    fs::write(&file, page).with_context(|| format!("cannot write {}", path.display()))
}

fn measure(
    repository: &Repository,
    programs: &Programs,
    size: &Size,
    wanted: &dyn Fn(u8) -> bool,
) -> Result<Table> {
    let mut table = Table::default();
    // First, for it is a test: where it fails, nothing that was measured before is lost.
    if wanted(7) {
        pages::measure(repository, programs, &mut table)?;
    }
    if wanted(1) || wanted(2) || wanted(5) {
        grading::measure(repository, programs, size, wanted, &mut table)?;
    }
    if wanted(2) || wanted(3) || wanted(6) {
        platform::measure(repository, programs, size, wanted, &mut table)?;
    }
    if wanted(4) {
        certificates::measure(repository, programs, size, &mut table)?;
    }
    Ok(table)
}
