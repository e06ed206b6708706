//! The attempts at a quiz as a file for spreadsheets, sent while it is read.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use event::{AttemptId, Language, QuizId};
use futures::stream;
use rust_decimal::Decimal;
use ui::{Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{
    super::{App, plain_number, state_key, texts},
    attempts::{Looked, learner_of},
    ledger,
};
use crate::{
    commands::Desk,
    domain::{ResultQuery, Stage, percent},
    store::{self, ResultLine},
};

/// Attempts that are read at once.
const AT_ONCE: u32 = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/results/{course}/{quiz}/attempts.csv", get(file))
}

/// The attempts that are looked at as a file for spreadsheets, newest first.
async fn file(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let ledger = ledger(&app, &visit, course, quiz).await?;
    let (t, query) = (texts(&visit), looked.query());
    let state = Sheet { desk: app.desk.clone(), quiz: QuizId(quiz), query, t, next: Next::Heading };
    let body = stream::try_unfold(state, Sheet::step);
    let name: String =
        ledger.head.key.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The file while it is written.
struct Sheet {
    desk: Desk,
    quiz: QuizId,
    query: ResultQuery,
    t: Text,
    next: Next,
}

enum Next {
    Heading,
    Before(Option<AttemptId>),
    End,
}

impl Sheet {
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, bus::Error> {
        let before = match self.next {
            Next::End => return Ok(None),
            Next::Heading => {
                self.next = Next::Before(None);
                // Spreadsheets take a file for UTF-8 by this mark.
                let heading = format!("\u{feff}{}", self.row(&self.headings()));
                return Ok(Some((heading.into(), self)));
            }
            Next::Before(before) => before,
        };
        let lines = store::results(&self.desk.db, self.quiz, &self.query, before, AT_ONCE).await?;
        let is_full = u32::try_from(lines.len()) == Ok(AT_ONCE);
        let last = lines.last().filter(|_| is_full).map(|line| line.attempt);
        self.next = last.map_or(Next::End, |last| Next::Before(Some(last)));
        let text: String = lines.iter().map(|line| self.row(&self.cells(line))).collect();
        Ok(Some((text.into(), self)))
    }

    fn headings(&self) -> Vec<String> {
        ["learner", "attempt", "state", "begun", "when", "mark", "outof", "percent", "passed"]
            .map(|column| self.t.get(&format!("column-{column}")))
            .to_vec()
    }

    fn cells(&self, line: &ResultLine) -> Vec<String> {
        let decimal = |number: Option<Decimal>| {
            number.map(|number| plain_number(self.t, number)).unwrap_or_default()
        };
        let is_graded = line.stage == Stage::Graded;
        let share = line.mark.zip(line.out_of).map(|(mark, out_of)| percent(mark, out_of));
        let at = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        vec![
            learner_of(self.t, line),
            line.number.to_string(),
            self.t.get(state_key(line.stage)),
            at(line.started_at),
            line.submitted_at.map(at).unwrap_or_default(),
            decimal(line.mark.filter(|_| is_graded)),
            decimal(line.out_of.filter(|_| is_graded)),
            decimal(share.filter(|_| is_graded)),
            match line.passed.filter(|_| is_graded) {
                Some(true) => self.t.get("yes"),
                Some(false) => self.t.get("no"),
                None => String::new(),
            },
        ]
    }

    /// Semicolons where commas are decimal, as spreadsheets there expect.
    fn row(&self, cells: &[String]) -> String {
        let apart = if self.t.language() == Language::Fr { ";" } else { "," };
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        cells.join(apart) + "\r\n"
    }
}

/// A cell that no spreadsheet takes for a formula, whatever a person calls themselves.
fn quoted(cell: &str) -> String {
    let is_number = cell.parse::<f64>().is_ok() || cell.replace(',', ".").parse::<f64>().is_ok();
    let is_formula = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_formula() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("-1,5"), "\"-1,5\"");
        assert_eq!(quoted("@a"), "\"'@a\"");
        assert_eq!(quoted("Ana; \"B\""), "\"Ana; \"\"B\"\"\"");
    }
}
