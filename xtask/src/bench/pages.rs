//! Item 7: how long a page takes where 10,000 people and 200 courses are in the databases.
//!
//! The end-to-end suite knows how to measure that (`estrade/tests/it/rendering`). Here its test is run in an
//! optimised build, against the very server that all other items measure, and what it prints is read.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use private_nodes::Guarded;

use super::{
    part::Programs,
    table::{self, Table, Wanted},
};
use crate::repository::Repository;

const TEST: &str = "rendering";
/// What is promised of each page, in milliseconds.
const LIMIT: f64 = 10.0;
/// So many stand in the table one by one.
const SLOWEST: usize = 10;

pub(crate) fn measure(
    repository: &Repository,
    programs: &Programs,
    table: &mut Table,
) -> Result<()> {
    println!("==> 7. pages");
    let (pages, has_passed) = run(repository, programs)?;
    add(table, pages, has_passed)
}

/// A page as it was asked for, and the median of its times in milliseconds.
struct Page {
    what: String,
    time: f64,
}

/// Runs the test, shows what it prints, and says whether it passed.
fn run(repository: &Repository, programs: &Programs) -> Result<(Vec<Page>, bool)> {
    let mut command = Command::new(&programs.suite);
    command.args([TEST, "--nocapture"]).current_dir(repository.root.join("estrade"));
    let mut child = Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let output = child.stdout().context("what the test prints is not at hand")?;
    let mut pages = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what the test prints")?;
        println!("{line}");
        pages.extend(Page::read(&line));
    }
    Ok((pages, child.wait()?.success()))
}

/// The slowest pages, the median of all, and the goal. A page that is too slow fails the test, and misses
/// the goal; where the test fails for anything else, its figures say nothing.
fn add(table: &mut Table, mut pages: Vec<Page>, has_passed: bool) -> Result<()> {
    pages.sort_by(|one, other| other.time.total_cmp(&one.time));
    let slowest = pages.first().context("the test measured no page: see above")?.time;
    ensure!(has_passed || slowest > LIMIT, "the test of the pages failed: see above");
    for page in pages.iter().take(SLOWEST) {
        table.add(7, &page.what, page.time, "ms");
    }
    let times: Vec<f64> = pages.iter().map(|page| page.time).collect();
    let all = format!("all {} pages, their median", times.len());
    table.add(7, &all, table::median(&times), "ms");
    table.goal("the slowest page", slowest, Wanted::AtMost(LIMIT), "ms");
    Ok(())
}

impl Page {
    /// Reads a line such as `  12.34 ms  /people?page=300 (administrator)`, and no other. The first may
    /// follow the test's name.
    fn read(line: &str) -> Option<Self> {
        let (before, asked) = line.split_once(" ms  /")?;
        let time = before.split_whitespace().last()?.parse().ok()?;
        let (path, visitor) = asked.trim_end().rsplit_once(" (")?;
        Some(Self { what: format!("`/{path}` ({visitor}"), time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first takes 12.4 ms, the last 0.4 ms.
    fn pages() -> Vec<Page> {
        let lines = (0..=12).map(|number| format!("   {number}.40 ms  /page/{number} (learner)"));
        lines.rev().filter_map(|line| Page::read(&line)).collect()
    }

    #[test]
    fn the_lines_of_pages_are_read_and_no_others() {
        let read = |line: &str| Page::read(line).map(|page| (page.what, page.time));
        let roster = "  12.23 ms  /roster/{course}?q=gar&sort=progress (instructor)";
        let what = "`/roster/{course}?q=gar&sort=progress` (instructor)".to_owned();
        assert_eq!(read(roster), Some((what.clone(), 12.23)));
        assert_eq!(read(&format!("test rendering::a ... {roster}")), Some((what, 12.23)));
        assert_eq!(read("   0.61 ms  / (nobody)"), Some(("`/` (nobody)".to_owned(), 0.61)));
        for other in ["running 1 test", "a ms  /b (c)", "", "test result: ok. 1 passed; 0 failed"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn the_slowest_ten_are_listed_with_the_median_of_all() -> Result<()> {
        let mut table = Table::default();
        add(&mut table, pages(), false)?;
        let text = table.text();
        let first = "| `/page/12` (learner) | 12.4 ms | once |\n| `/page/11` (learner) | 11.4 ms |";
        assert!(text.contains(first), "{text}");
        assert!(text.contains("`/page/3`") && !text.contains("`/page/2`"), "{text}");
        assert!(text.contains("| all 13 pages, their median | 6.40 ms | once |"), "{text}");
        assert!(text.contains("| the slowest page | at most 10 ms | 12.4 ms (missed) |"), "{text}");
        Ok(())
    }

    #[test]
    fn a_test_that_fails_though_no_page_is_slow_counts_for_nothing() {
        let quick = || pages().split_off(3);
        let mut table = Table::default();
        assert!(add(&mut table, quick(), false).is_err());
        assert!(add(&mut table, Vec::new(), true).is_err());
        assert!(!table.text().contains("slowest"));
        assert!(add(&mut table, quick(), true).is_ok() && table.missed().is_empty());
    }
}
