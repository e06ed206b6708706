//! The table, fault by fault: on the terminal, and in the document that keeps the latest.

use std::{
    collections::BTreeMap, fmt::Write, fs, path::Path, process::Command, thread, time::Duration,
};

use anyhow::{Context, Result};

use super::{Broker, fault::Fault, round::Round};

const BEGIN: &str = "<!-- table: begin, written by `cargo xtask faults --write` -->";
const END: &str = "<!-- table: end -->";

/// What the table was made from, so that it can be made again.
pub struct Made {
    pub command: String,
    pub commit: String,
    pub seed: u64,
    pub rounds: u32,
    /// Whether a fault that could not be done is let pass.
    pub allow_missing: bool,
}

pub struct Table {
    made: Made,
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
    pub fn new(made: Made) -> Self {
        Self { made, took: Duration::ZERO, rows: Vec::new() }
    }

    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub fn took(&mut self, time: Duration) {
        self.took = time;
    }

    /// Nothing lost, nothing twice, and every fault that was asked for did strike.
    pub fn is_well(&self) -> bool {
        let rounds = || self.rows.iter().flat_map(|row| &row.rounds);
        let all_done = self.rows.iter().all(|row| row.not_run.is_none());
        rounds().next().is_some()
            && rounds().all(Round::is_well)
            && (all_done || self.made.allow_missing)
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
        let Made { command, commit, seed, rounds, .. } = &self.made;
        let mut text = format!(
            "Made on commit {commit} with seed {seed} and {rounds} {} of each fault, by\n`{command}`\n\
             on {}, {} processor threads, {} of memory; {:.0} minutes.\n\n",
            if *rounds == 1 { "round" } else { "rounds" },
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
        text.push_str(&self.victims());
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

    /// Which processes died, where it was processes.
    fn victims(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let died = row.victims();
            if !died.is_empty() {
                let _ = writeln!(text, "- {}, {}: {died}", row.fault.name(), row.broker.name());
            }
        }
        if text.is_empty() { text } else { format!("\nWho died, process by process:\n\n{text}") }
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
            let _ = writeln!(text, "NOT WELL: see above (seed {})", self.made.seed);
        }
        text
    }
}

const HEADINGS: [&str; 13] = [
    "fault",
    "broker",
    "rounds",
    "strikes",
    "acknowledged",
    "missing",
    "twice",
    "broken",
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

    /// By name, each with how often if there were more rounds than one.
    fn victims(&self) -> String {
        let mut died: BTreeMap<&str, usize> = BTreeMap::new();
        for name in self.rounds.iter().flat_map(|round| &round.victims) {
            *died.entry(name).or_default() += 1;
        }
        let often = |(name, count): (&str, usize)| match count {
            1 => name.to_owned(),
            count => format!("{name} × {count}"),
        };
        died.into_iter().map(often).collect::<Vec<_>>().join(", ")
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
            sum(|round| i64::try_from(round.verdict.broken).unwrap_or(i64::MAX)).to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(allow_missing: bool) -> Table {
        let mut table = Table::new(Made {
            command: "cargo xtask faults --seed 7".to_owned(),
            commit: "abc".to_owned(),
            seed: 7,
            rounds: 2,
            allow_missing,
        });
        let mut row = Row::new(Fault::Kill, Broker::Embedded);
        let victims = vec!["catalog".to_owned(), "assessment 2".to_owned()];
        row.add(Round { strikes: 2, victims, ..Round::default() });
        row.add(Round { strikes: 1, victims: vec!["catalog".to_owned()], ..Round::default() });
        table.add(row);
        table
    }

    #[test]
    fn a_table_says_what_it_was_made_from_and_who_died() {
        let text = table(false).as_markdown();
        assert!(text.contains("commit abc") && text.contains("seed 7 and 2 rounds"), "{text}");
        assert!(text.contains("`cargo xtask faults --seed 7`"), "{text}");
        assert!(text.contains("- kill, embedded: assessment 2, catalog × 2"), "{text}");
    }

    #[test]
    fn what_was_asked_for_and_could_not_be_done_fails_the_run_unless_it_is_let_pass() {
        for (allow_missing, well) in [(false, false), (true, true)] {
            let mut table = table(allow_missing);
            assert!(table.is_well());
            let mut row = Row::new(Fault::DiskFull, Broker::Embedded);
            row.not_run("no small disk: run it as root");
            table.add(row);
            assert_eq!(table.is_well(), well);
            assert!(table.as_text().contains("not run: no small disk: run it as root"));
        }
    }
}
