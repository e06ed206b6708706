//! The table, fault by fault: on the terminal, and in the document that keeps the latest.

use std::{fmt::Write, fs, path::Path, process::Command, thread, time::Duration};

use anyhow::{Context, Result};

use super::{Broker, fault::Fault, round::Round};

const BEGIN: &str = "<!-- table: begin, written by `cargo xtask faults --write` -->";
const END: &str = "<!-- table: end -->";

pub struct Table {
    command: String,
    seed: u64,
    took: Duration,
    rows: Vec<Row>,
}

/// All rounds of one fault on one platform.
pub struct Row {
    fault: Fault,
    broker: Broker,
    rounds: Vec<Round>,
    /// Why it could not be done here.
    not_run: Option<String>,
}

impl Table {
    pub fn new(command: String, seed: u64) -> Self {
        Self { command, seed, took: Duration::ZERO, rows: Vec::new() }
    }

    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub fn took(&mut self, time: Duration) {
        self.took = time;
    }

    /// Nothing lost, nothing twice, and every fault did strike.
    pub fn is_well(&self) -> bool {
        let rounds = || self.rows.iter().flat_map(|row| &row.rounds);
        rounds().next().is_some() && rounds().all(Round::is_well)
    }

    pub fn as_text(&self) -> String {
        let cells: Vec<Vec<String>> = self.cells();
        let width =
            |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
        let mut text = String::new();
        for row in &cells {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width - cell.chars().count());
                let _ = match column {
                    0 | 1 => write!(text, "{cell}{pad}  "),
                    _ => write!(text, "{pad}{cell}  "),
                };
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text + &self.notes()
    }

    /// Puts it between the marks of a document.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let (before, rest) = text.split_once(BEGIN).with_context(|| marks(file))?;
        let (_, after) = rest.split_once(END).with_context(|| marks(file))?;
        let text = format!("{before}{BEGIN}\n\n{}\n{END}{after}", self.as_markdown());
        fs::write(file, text).with_context(|| file.display().to_string())
    }

    fn as_markdown(&self) -> String {
        let mut text = format!(
            "`{}`, {}, {} processor threads, {} of memory; {:.0} minutes.\n\n",
            self.command,
            day(),
            thread::available_parallelism().map_or(0, usize::from),
            memory(),
            (self.took.as_secs_f64() / 60.0).ceil(),
        );
        for (number, row) in self.cells().iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if number == 0 {
                let _ = writeln!(text, "| --- | --- |{}", " ---: |".repeat(HEADINGS.len() - 2));
            }
        }
        let notes = self.notes();
        if !notes.is_empty() {
            let _ = write!(text, "\n```\n{notes}```\n");
        }
        text
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let mut cells = vec![HEADINGS.map(str::to_owned).to_vec()];
        cells.extend(self.rows.iter().map(Row::cells));
        cells.push(self.total());
        cells
    }

    fn total(&self) -> Vec<String> {
        let all = Row {
            fault: Fault::Nothing,
            broker: Broker::Embedded,
            rounds: Vec::new(),
            not_run: None,
        };
        let rounds: Vec<&Round> = self.rows.iter().flat_map(|row| &row.rounds).collect();
        let mut cells = all.cells_of(&rounds);
        cells[0] = "all of these".to_owned();
        cells[1] = String::new();
        cells
    }

    /// Whatever is not right, in words.
    fn notes(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let name = format!("{}, {}", row.fault.name(), row.broker.name());
            if let Some(why) = &row.not_run {
                let _ = writeln!(text, "{name}: not run: {why}");
            }
            for round in &row.rounds {
                for finding in round.findings() {
                    let _ = writeln!(text, "{name}: {finding}");
                }
            }
        }
        if !self.is_well() {
            let _ = writeln!(text, "NOT WELL: see above (seed {})", self.seed);
        }
        text
    }
}

const HEADINGS: [&str; 12] = [
    "fault",
    "broker",
    "rounds",
    "strikes",
    "acknowledged",
    "missing",
    "twice",
    "mails uncertain",
    "mails refused",
    "longest answer, s",
    "longest wait, s",
    "well after, s",
];

impl Row {
    pub fn new(fault: Fault, broker: Broker) -> Self {
        Self { fault, broker, rounds: Vec::new(), not_run: None }
    }

    pub fn add(&mut self, round: Round) {
        self.rounds.push(round);
    }

    pub fn not_run(&mut self, why: &str) {
        self.not_run = Some(why.to_owned());
    }

    fn cells(&self) -> Vec<String> {
        self.cells_of(&self.rounds.iter().collect::<Vec<_>>())
    }

    fn cells_of(&self, rounds: &[&Round]) -> Vec<String> {
        let sum = |of: fn(&Round) -> i64| rounds.iter().map(|round| of(round)).sum::<i64>();
        let longest =
            |of: fn(&Round) -> f64| rounds.iter().map(|round| of(round)).fold(0.0, f64::max);
        let seconds = |time: f64| format!("{time:.1}");
        let lost = |round: &Round| {
            round.verdict.missing + i64::try_from(round.verdict.turned_away).unwrap_or(i64::MAX)
        };
        let mut cells = vec![
            self.fault.description().to_owned(),
            self.broker.name().to_owned(),
            rounds.len().to_string(),
            sum(|round| i64::from(round.strikes)).to_string(),
            sum(|round| i64::try_from(round.verdict.acknowledged).unwrap_or(i64::MAX)).to_string(),
            sum(lost).to_string(),
            sum(|round| round.verdict.twice).to_string(),
            sum(|round| round.verdict.uncertain).to_string(),
            sum(|round| round.verdict.refused).to_string(),
            seconds(longest(|round| round.verdict.longest_answer_ms as f64 / 1000.0)),
            seconds(longest(|round| round.verdict.longest_others_ms as f64 / 1000.0)),
            seconds(longest(|round| round.well_after.as_secs_f64())),
        ];
        if self.not_run.is_some() {
            cells[2] = "not run".to_owned();
        }
        cells
    }
}

fn marks(file: &Path) -> String {
    format!("{} has no place for the table: write the lines {BEGIN} and {END}", file.display())
}

fn day() -> String {
    let output = Command::new("date").args(["-u", "+%Y-%m-%d"]).output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

fn memory() -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib: u64 = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    format!("{} GiB", (kib + 512 * 1024) / (1024 * 1024))
}
