//! The figures of a run, as text and as the page that is kept.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;

/// One measured thing: as many figures as there were repetitions.
struct Line {
    item: u8,
    what: String,
    figures: Vec<f64>,
    unit: &'static str,
}

/// One figure over another, of the same run, and what it should be.
struct Goal {
    what: String,
    reached: f64,
    wanted: f64,
    unit: &'static str,
    at_most: bool,
}

#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
    goals: Vec<Goal>,
    void: Vec<String>,
}

const ITEMS: [&str; 6] = [
    "Grading from RabbitMQ into PostgreSQL",
    "The embedded default, and a click's whole way",
    "One lesson published to many",
    "Certificates",
    "A backlog",
    "Idle",
];

impl Table {
    /// Another figure for a line, which is made if it is not there.
    pub(crate) fn add(&mut self, item: u8, what: &str, figure: f64, unit: &'static str) {
        println!("    {what}: {} {unit}", number(figure));
        let known = self.lines.iter_mut().find(|line| line.item == item && line.what == what);
        match known {
            Some(line) => line.figures.push(figure),
            None => {
                let what = what.to_owned();
                self.lines.push(Line { item, what, figures: vec![figure], unit });
            }
        }
    }

    /// As [`add`](Self::add), if what was watched is exact.
    pub(crate) fn add_exact(&mut self, item: u8, what: &str, watched: &Value) {
        if watched["exact"] == Value::Bool(true) {
            self.add(item, what, watched["rate"].as_f64().unwrap_or(0.0), "/s");
        } else {
            println!("    {what}: void, {watched}");
            self.void.push(format!("{what}: {watched}"));
        }
    }

    pub(crate) fn median(&self, item: u8, what: &str) -> Option<f64> {
        let line = self.lines.iter().find(|line| line.item == item && line.what == what)?;
        Some(median(&line.figures))
    }

    /// What one line should be of another.
    pub(crate) fn ratio(&mut self, item: u8, ours: &str, theirs: &str, wanted: f64) {
        if let (Some(ours_), Some(theirs_)) = (self.median(item, ours), self.median(item, theirs)) {
            let what = format!("{ours} / {theirs}");
            let reached = ours_ / theirs_;
            self.goals.push(Goal { what, reached, wanted, unit: "", at_most: false });
        }
    }

    pub(crate) fn at_most(&mut self, item: u8, what: &str, wanted: f64, unit: &'static str) {
        if let Some(reached) = self.median(item, what) {
            self.goals.push(Goal { what: what.to_owned(), reached, wanted, unit, at_most: true });
        }
    }

    /// Whether no figure is void.
    pub(crate) fn counts(&self) -> bool {
        self.void.is_empty()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (item, name) in (1..).zip(ITEMS) {
            let lines: Vec<&Line> = self.lines.iter().filter(|line| line.item == item).collect();
            if lines.is_empty() {
                continue;
            }
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "### {item}. {name}\n\n| | median | all |\n| --- | ---: | --- |");
            for line in lines {
                let all: Vec<String> = line.figures.iter().map(|figure| number(*figure)).collect();
                let _ = writeln!(
                    text,
                    "| {} | {} {} | {} |",
                    line.what,
                    number(median(&line.figures)),
                    line.unit,
                    all.join(", ")
                );
            }
            text.push('\n');
        }
        let _ = writeln!(text, "### Goals\n\n| | goal | reached |\n| --- | --- | ---: |");
        for goal in &self.goals {
            let (sign, met) = if goal.at_most {
                ("at most", goal.reached <= goal.wanted)
            } else {
                ("at least", goal.reached >= goal.wanted)
            };
            let missed = if met { "" } else { " (missed)" };
            let _ = writeln!(
                text,
                "| {} | {sign} {} {} | {} {}{missed} |",
                goal.what,
                goal.wanted,
                goal.unit,
                number(goal.reached),
                goal.unit
            );
        }
        for void in &self.void {
            let _ = writeln!(text, "\nVoid: {void}");
        }
        text
    }

    /// The page that is kept.
    pub(crate) fn page(&self, machine: &str, took: Duration) -> String {
        let minutes = took.as_secs().div_ceil(60);
        format!("{HEAD}\n{machine}\nThe run took {minutes} minutes.\n\n{}{TAIL}", self.text())
    }
}

const HEAD: &str = "# Performance

This page is written by `cargo xtask bench --write docs/performance.md`, and by nobody else. All of it was
measured in one run, on one machine that did nothing else, with everybody doing the same work. Where there
are three repetitions, those who are compared take turns.

## The machine
";

const TAIL: &str = "
## What is compared

**1.** A submission of 1 KB (a quiz of eight questions) waits in a quorum queue. It is graded, its mark is
committed to PostgreSQL (`synchronous_commit` on), attempt-graded is published to a topic exchange, persistent
and mandatory, and confirmed by the one quorum queue that is bound; then it is acknowledged. The clock runs from
the first mark that is seen on the broker to the last; afterwards the marks in the database and the
messages on the broker are counted, attempt by attempt, and a figure that is not exact is void.

- *Estrade* is the real service: handler, inbox, outbox, relay, retries, in one process. What it tells, it
  tells once, whatever crashes; no other of these does.
- *A bare loop* is lapin and sqlx with nothing between: a batch of 200, one `insert … unnest`, the same message
  on the wire, confirms in flight together, one ack. It is measured with one loop and with three side by
  side, as many as Estrade has; the goal is against the faster.
- *Celery 5 with psycopg*: two processes, acks late, quorum queues, confirmed publishing, prefetch 64 each.
- *FastStream with asyncpg*: two processes, prefetch 100, confirms awaited, a pool of eight, uvloop, orjson.

Each peer is configured as its own documentation says for durability (`bench/peers`).

**2.** The same with the embedded queue and SQLite files. A click is an HTTP request that submits an attempt,
answered, graded through the queue, and seen graded by the next request of the same learner, with eight
learners at work at once, on `estrade serve` with all seven services.

**3.** One lesson is published to a course with so many enrolled, on `estrade serve` with all seven services
on the embedded default. Until the last row is in the last inbox; mails go out beside it.

**4.** The same certificate: A4, French text, a table of facts, a QR code where the library makes one, PDF/A.
One process each. Estrade and WeasyPrint make tagged PDF/A-2a or the nearest they can; ReportLab has no PDF/A.

**5.** Grading as in 1, with so many waiting before the grader starts. Memory is the peak of the grader. The
broker itself has more to do for each message of a long queue, so the bare loops are measured with the same.

**6.** `estrade serve` on an empty folder: memory after ten seconds of nothing, processor time in those ten
seconds, and the time from its start to the first answer of `/health/ready`.

## Where the time goes

Both cores are full in item 1. Counted by process in runs of 60,000, a message of Estrade's costs about 180 µs of
processor time: 75 to 85 in RabbitMQ, 45 in PostgreSQL, 56 to 62 in Estrade. A bare loop's costs 150 to 160: as much in
RabbitMQ, 12 to 16 in PostgreSQL, 60 in itself. What Estrade adds is in PostgreSQL: the attempt's row with its upsert
(23 µs), the outbox (10), the inbox (8), and the note that it was sent (9). None of it can go without something being
lost or told twice.

In item 5 the broker's own share grows from 80 µs for a message of a short queue to 140 with 400,000 waiting, for
Estrade and for bare loops alike: RabbitMQ 3.10 reads a long quorum queue back from its segment files, and both queues'
states are large. Estrade's own share and PostgreSQL's stay as they are.
";

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

fn number(figure: f64) -> String {
    let places = match figure.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{figure:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn goals_are_held_against_medians_and_void_figures_are_shown() {
        let mut table = Table::default();
        for rate in [7.0, 9.0, 8.0] {
            table.add(1, "Estrade", rate, "/s");
            table.add(1, "a bare loop", 10.0, "/s");
        }
        table.ratio(1, "Estrade", "a bare loop", 0.7);
        table.ratio(1, "Estrade", "Celery", 20.0);
        table.add_exact(1, "Celery", &serde_json::json!({ "exact": false, "marks": 3 }));
        let text = table.text();
        assert!(text.contains("| Estrade / a bare loop | at least 0.7  | 0.80  |"), "{text}");
        assert!(text.contains("Void: Celery") && !table.counts());
    }
}
