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

/// A figure, mostly one over another of the same run, and what it should be if anything was set.
struct Goal {
    what: String,
    reached: f64,
    wanted: Option<Wanted>,
    unit: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

/// Processor time of a message, in microseconds, by who took it; as many figures as repetitions.
struct Cost {
    item: u8,
    what: String,
    parts: [Vec<f64>; 3],
}

/// What takes processor time: those who are measured, and what they stand on.
pub(crate) const ITSELF: &str = "itself";
pub(crate) const BROKER: &str = "RabbitMQ";
pub(crate) const DATABASE: &str = "PostgreSQL";
const PARTS: [&str; 3] = [ITSELF, BROKER, DATABASE];

#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
    goals: Vec<Goal>,
    costs: Vec<Cost>,
    void: Vec<String>,
}

const ITEMS: [&str; 7] = [
    "Grading from RabbitMQ into PostgreSQL",
    "The embedded default, and a click's whole way",
    "One lesson published to many",
    "Certificates",
    "A backlog",
    "Idle",
    "Pages",
];

impl Table {
    /// Another figure for a line, which is made if it is not there.
    pub(crate) fn add(&mut self, item: u8, what: &str, figure: f64, unit: &'static str) {
        println!("    {what}: {}", with_unit(figure, unit));
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

    /// What a message took of the processor's time, where that was watched and is exact.
    pub(crate) fn add_cost(&mut self, item: u8, what: &str, watched: &Value) {
        let timed = watched["timed"].as_f64().unwrap_or(0.0);
        let seconds = PARTS.map(|part| watched["processor"][part].as_f64());
        let [Some(itself), Some(broker), Some(database)] = seconds else { return };
        if timed == 0.0 || watched["exact"] != Value::Bool(true) {
            return;
        }
        let known = self.costs.iter().position(|cost| cost.item == item && cost.what == what);
        let place = known.unwrap_or_else(|| {
            self.costs.push(Cost { item, what: what.to_owned(), parts: Default::default() });
            self.costs.len() - 1
        });
        for (part, seconds) in self.costs[place].parts.iter_mut().zip([itself, broker, database]) {
            part.push(seconds / timed * 1e6);
        }
    }

    /// What one line is of another, and what it should be.
    pub(crate) fn ratio(&mut self, item: u8, ours: &str, theirs: &str, at_least: Option<f64>) {
        if let (Some(ours_), Some(theirs_)) = (self.median(item, ours), self.median(item, theirs)) {
            let (what, reached) = (format!("{ours} / {theirs}"), ours_ / theirs_);
            let wanted = at_least.map(Wanted::AtLeast);
            self.goals.push(Goal { what, reached, wanted, unit: "" });
        }
    }

    pub(crate) fn at_most(&mut self, item: u8, what: &str, wanted: f64, unit: &'static str) {
        if let Some(reached) = self.median(item, what) {
            self.goal(what, reached, Wanted::AtMost(wanted), unit);
        }
    }

    pub(crate) fn goal(&mut self, what: &str, reached: f64, wanted: Wanted, unit: &'static str) {
        self.goals.push(Goal { what: what.to_owned(), reached, wanted: Some(wanted), unit });
    }

    /// The goals that were not reached, in words.
    pub(crate) fn missed(&self) -> Vec<String> {
        let missed = self.goals.iter().filter(|goal| !goal.is_met());
        missed.map(|goal| format!("{}: {}, {}", goal.what, goal.reached(), goal.wanted())).collect()
    }

    /// Whether no figure is void.
    pub(crate) fn counts(&self) -> bool {
        self.void.is_empty()
    }

    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.figures(), self.costs())
    }

    fn figures(&self) -> String {
        let mut text = String::new();
        for (item, _) in (1..).zip(ITEMS) {
            text.push_str(&self.section(item));
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "### Goals\n\n| | goal | reached |\n| --- | --- | ---: |");
        for row in self.goal_rows() {
            let _ = writeln!(text, "{row}");
        }
        for void in &self.void {
            let _ = writeln!(text, "\nVoid: {void}");
        }
        text
    }

    /// An item's figures under its name; nothing if it was not measured.
    pub(crate) fn section(&self, item: u8) -> String {
        let lines: Vec<&Line> = self.lines.iter().filter(|line| line.item == item).collect();
        let Some((_, name)) = (1..).zip(ITEMS).find(|(number, _)| *number == item) else {
            return String::new();
        };
        if lines.is_empty() {
            return String::new();
        }
        let rows: String = lines.iter().map(|line| line.row() + "\n").collect();
        format!("### {item}. {name}\n\n| | median | all |\n| --- | ---: | --- |\n{rows}\n")
    }

    pub(crate) fn goal_rows(&self) -> impl Iterator<Item = String> {
        self.goals.iter().map(Goal::row)
    }

    /// Where the processor's time goes.
    fn costs(&self) -> String {
        if self.costs.is_empty() {
            return String::new();
        }
        let mut text = format!(
            "\n### Processor time of a message, in µs\n\n| | {} | together |\n\
             | --- | ---: | ---: | ---: | ---: |\n",
            PARTS.join(" | ")
        );
        for cost in &self.costs {
            let medians = cost.parts.each_ref().map(|figures| median(figures));
            let together = number(medians.iter().sum());
            let parts = medians.map(number).join(" | ");
            let _ = writeln!(text, "| {}. {} | {parts} | {together} |", cost.item, cost.what);
        }
        text
    }

    /// The page that is kept.
    pub(crate) fn page(&self, machine: &str, when: &str, took: Duration) -> String {
        let minutes = took.as_secs().div_ceil(60);
        let (figures, costs) = (self.figures(), self.costs());
        format!(
            "{HEAD}\n{machine}{when}\nThe run took {minutes} minutes.\n\n{figures}{COMPARED}{costs}{TAIL}"
        )
    }
}

impl Line {
    /// All figures; where there is but one, that it was measured once.
    fn row(&self) -> String {
        let all: Vec<String> = self.figures.iter().map(|figure| number(*figure)).collect();
        let all = if all.len() == 1 { "once".to_owned() } else { all.join(", ") };
        let median = with_unit(median(&self.figures), self.unit);
        format!("| {} | {median} | {all} |", self.what)
    }
}

impl Goal {
    fn row(&self) -> String {
        let missed = if self.is_met() { "" } else { " (missed)" };
        format!("| {} | {} | {}{missed} |", self.what, self.wanted(), self.reached())
    }

    fn is_met(&self) -> bool {
        match self.wanted {
            Some(Wanted::AtLeast(wanted)) => self.reached >= wanted,
            Some(Wanted::AtMost(wanted)) => self.reached <= wanted,
            None => true,
        }
    }

    fn wanted(&self) -> String {
        match self.wanted {
            Some(Wanted::AtLeast(wanted)) => format!("at least {wanted} {}", self.unit),
            Some(Wanted::AtMost(wanted)) => format!("at most {wanted} {}", self.unit),
            None => "none is set".to_owned(),
        }
        .trim_end()
        .to_owned()
    }

    fn reached(&self) -> String {
        with_unit(self.reached, self.unit)
    }
}

pub(crate) const HEAD: &str = "# Performance

This page is written by `cargo xtask bench --write docs/performance.md`, and by nobody else. All of it was
measured in one run, but for an item of which it is said that it was measured alone, on one machine that did nothing
else, with everybody doing the same work. Where there are several repetitions, those who are compared take turns, and a
row shows every figure with their median; what was measured once says so in its row.

## The machine
";

const COMPARED: &str = "
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

Each peer is configured as its own documentation says for durability (`bench/peers`). RabbitMQ is set up for all of them
as the README advises (`+hmbs 4194304`), and nobody begins before it has put away what it was filled with. The peers
get 6,000 submissions, and Estrade and the loops 60,000. What is compared is a rate, whose clock starts when the first
mark is there: both counts keep everybody at work for many seconds, and no peer's queue is long enough to slow its
broker down. What a longer queue does to Estrade and to the loops is item 5.

**2.** The same with the embedded queue and SQLite files. A click is an HTTP request that submits an attempt,
answered, graded through the queue, and seen graded by the next request of the same learner, with eight
learners at work at once, on `estrade serve` with all seven services.

**3.** One lesson is published to a course with so many enrolled, on `estrade serve` with all seven services
on the embedded default. Who they are is told before the clock runs, straight to the queues of the one service
that tells them (`notification.copy-persons`, `notification.copy-enrolments`), as `identity` and `learning` would have
told it: nobody registers so many for a measurement, and the other services do not know them. The lesson is
published by a request to the API, as an instructor does it: the clock runs from before that request, over
`catalog`’s outbox and its relay, until the last row is in the last inbox. Mails go out beside it. It was measured
once.

**4.** The same certificate: A4, French text, a table of facts, a QR code where the library makes one, PDF/A.
One process each. Estrade and WeasyPrint make tagged PDF/A-2a or the nearest they can; ReportLab has no PDF/A,
no tags, and does less for its rate. No goal is set for either.

**5.** Grading as in 1, with so many waiting before the grader starts, on a RabbitMQ that is set up as the README
advises where a great deal may wait: it puts messages from its log into segment files after every 64 MB of log
(`raft.wal_max_size_bytes`) and not after 512. All pay for that at once and by the message. With 512 MB a backlog of
100,000 is over before the first of it is put away, and one of 1,000,000 has RabbitMQ do so for half a minute while it
is graded, and keep three times as much in memory. Memory is the peak of the grader. Neither rate nor memory should
depend on how much waits: of the rate with 100,000 waiting Estrade must keep nine tenths with 1,000,000, and its memory
may be half as much again as with 1,000, and no more. But the broker itself may have more to do for each message of a
long queue. So the bare loops, which have nothing that could grow, are measured with the same backlogs, and there is a
second goal for the rate, against them: of the share that they keep, Estrade must keep nine tenths. Where only the
first of the two is missed, the loops lost about as much. The two long backlogs were measured three times, in turns.
1,000 are graded in about a fifth of a second: the row measures its own start and little else. It was measured five
times and is there for information; no goal is set for its rate.

**6.** `estrade serve` with all seven services: the time from its start to the first answer of `/health/ready`, once on
an empty folder, where it makes every table first, and once on a folder with a course; on the latter, memory after ten
seconds of nothing, and processor time in those ten seconds. The binary is the one that was measured, of the profile
that the row names; `dist` is what is shipped.

**7.** How long a page takes, from the request to its last byte, over loopback, on `estrade serve` with all seven
services on the embedded default and nobody else at work. In its databases are 10,000 people and 200 courses: what the
demo leaves, multiplied, and one roster on which everybody stands. A page is asked for again and again by somebody who
may see it, and its figure is the median; lists are also searched, sorted and opened far from their beginning, and each
of these counts as a page. The ten slowest are shown, with the median of all; the goal is for the slowest. It was
measured once, by the test that watches over it (`estrade/tests/it/rendering`): among the other tests, in a build that
is not optimised, that test only finds what grows with the number of people.

## Where the time goes
";

const TAIL: &str = "
The processor time of everybody who took part was read when the clock started and when it stopped, with that of
all processes that they had started, and divided by the messages in between. *Itself* is Estrade’s grader, or the
process with the bare loops; the look at the broker that runs the clock is in RabbitMQ’s share of both.

What Estrade has PostgreSQL do beyond the loops’ one `insert` is the attempt’s row with its upsert, the outbox, the
inbox, and for up to 64 events together a note that they were sent. None of it can go without something being lost or
told twice. That note alone does not wait for the disk: if a crash takes it, the events go once more under their ids,
and everybody takes each once. How many times Celery’s rate the loops themselves have stands among the goals: it is what
this machine leaves to whoever keeps a mark in PostgreSQL and tells it through RabbitMQ with nothing between.

What a long backlog costs is seen by comparing the rows of item 5 with 100,000 and 1,000,000 waiting, column by
column. What grows for the loops as it does for Estrade has a cause that both share, such as a broker that reads back
from its segment files what it no longer holds in memory; what grows for Estrade alone is Estrade’s. The rows with
1,000 are too short for that: the system counts processor time in hundredths of a second.
";

pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

fn with_unit(figure: f64, unit: &str) -> String {
    format!("{} {unit}", number(figure)).trim_end().to_owned()
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
        table.ratio(1, "Estrade", "a bare loop", Some(0.7));
        table.ratio(1, "Estrade", "Celery", Some(20.0));
        table.add_exact(1, "Celery", &serde_json::json!({ "exact": false, "marks": 3 }));
        let text = table.text();
        assert!(text.contains("| Estrade / a bare loop | at least 0.7 | 0.80 |"), "{text}");
        assert!(text.contains("Void: Celery") && !table.counts());
    }

    #[test]
    fn a_missed_goal_is_told_in_words_and_one_that_is_not_set_cannot_be_missed() {
        let mut table = Table::default();
        table.add(4, "Typst", 30.0, "/s");
        table.add(4, "WeasyPrint", 10.0, "/s");
        table.ratio(4, "Typst", "WeasyPrint", None);
        table.at_most(4, "Typst", 40.0, "/s");
        assert!(table.missed().is_empty());
        table.goal("memory", 1.6, Wanted::AtMost(1.5), "");
        assert_eq!(table.missed(), ["memory: 1.60, at most 1.5"]);
        let text = table.text();
        assert!(text.contains("| Typst / WeasyPrint | none is set | 3.00 |"), "{text}");
        assert!(text.contains("| memory | at most 1.5 | 1.60 (missed) |"), "{text}");
        assert!(text.contains("| Typst | 30.0 /s | once |"), "{text}");
    }

    #[test]
    fn processor_time_is_told_by_message_and_of_exact_runs_alone() {
        let watched = |exact: bool| {
            let processor =
                serde_json::json!({ "itself": 0.6, "RabbitMQ": 0.8, "PostgreSQL": 0.4 });
            serde_json::json!({ "exact": exact, "timed": 10_000, "processor": processor })
        };
        let mut table = Table::default();
        table.add_cost(1, "Estrade", &watched(false));
        assert_eq!(table.costs(), "");
        table.add_cost(1, "Estrade", &watched(true));
        table.add_cost(1, "peers", &serde_json::json!({ "exact": true, "timed": 1 }));
        let costs = table.costs();
        assert!(costs.contains("| 1. Estrade | 60.0 | 80.0 | 40.0 | 180 |"), "{costs}");
        assert!(!costs.contains("peers"));
        assert!(table.page("- here\n", "", Duration::ZERO).contains(&costs));
    }

    #[test]
    fn the_page_tells_of_each_item_how_it_is_measured() {
        let mut table = Table::default();
        for item in 1..=7 {
            table.add(item, "something", 1.0, "s");
        }
        let page = table.page("- here\n", "- now\n", Duration::ZERO);
        for (item, name) in (1..).zip(ITEMS) {
            assert!(page.contains(&format!("\n### {item}. {name}\n")), "{page}");
            assert!(page.contains(&format!("\n**{item}.** ")), "{page}");
        }
    }
}
