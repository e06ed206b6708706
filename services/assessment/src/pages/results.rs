//! What came of a course's quizzes: totals, every attempt, and how the questions did.

use askama::Template;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use event::{AttemptId, CourseId, Language, PersonId, QuizId};
use futures::stream;
use serde::Deserialize;
use ui::{CourseTabs, Field, Form, Html, Pager, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{
    App, away,
    bank::{snippet, waiting},
    course_crumb, course_title, figure, in_words, marks, percent,
    quiz::foreign,
    state_key, state_of, teacher, texts,
};
use crate::{
    commands::{self, Desk, Ledger},
    domain::{Question, ResultQuery, Shown, Sort, Stage, fold},
    store::{self, QuizHead, QuizTotals, ResultLine},
};

const PER_PAGE: u32 = 25;
/// Characters of a search; nobody's name is longer.
const LONGEST_SEARCH: usize = 100;
/// Attempts of one page of the file, which is sent while it is read.
const AT_ONCE: u32 = 500;
/// Questions of one page of statistics.
const QUESTIONS: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/results/{course}", get(course))
        .route("/results/{course}/{quiz}", get(quiz))
        .route("/results/{course}/{quiz}/questions", get(questions))
        .route("/results/{course}/{quiz}/attempts.csv", get(file))
}

#[derive(Template)]
#[template(path = "results.html")]
struct CoursePage {
    t: Text,
    course: Uuid,
    course_title: String,
    language: Option<Language>,
    /// Attempts that wait for marks, in words.
    waiting: Option<String>,
    quizzes: Vec<QuizLine>,
}

struct QuizLine {
    quiz: Uuid,
    title: String,
    learners: String,
    attempts: String,
    mean: String,
    passed: String,
    /// Where some wait for marks.
    awaiting: Option<String>,
}

async fn course(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let t = texts(&visit);
    let bank = commands::bank(&app.desk, viewer, CourseId(course)).await;
    let bank = bank.map_err(in_words(&visit))?;
    let totals = store::totals_of(&app.desk.db, CourseId(course)).await.map_err(away)?;
    let line = |(head, _): &(QuizHead, _)| {
        let total = totals.iter().find(|total| total.quiz == head.quiz.0);
        quiz_line(t, head, total)
    };
    let around = course_crumb(visit.page(t.get("results-title")), t, &bank.face, CourseId(course));
    around.tabs(CourseTabs::Results.of(&visit, course)).show(&CoursePage {
        t,
        course,
        course_title: course_title(t, &bank.face),
        language: foreign(&visit, bank.face.language),
        waiting: waiting(t, bank.waiting),
        quizzes: bank.quizzes.iter().map(line).collect(),
    })
}

fn quiz_line(t: Text, head: &QuizHead, total: Option<&QuizTotals>) -> QuizLine {
    let number =
        |count: fn(&QuizTotals) -> i64| ui::format_number(total.map_or(0, count), t.language());
    QuizLine {
        quiz: head.quiz.0,
        title: head.title.clone(),
        learners: number(|total| total.learners),
        attempts: number(|total| total.attempts),
        mean: mean_of(t, total),
        passed: passed_of(t, total),
        awaiting: total
            .filter(|total| total.awaiting > 0)
            .map(|total| t.with("results-to-mark", [("count", total.awaiting.into())])),
    }
}

fn mean_of(t: Text, total: Option<&QuizTotals>) -> String {
    total.and_then(|total| total.mean_percent).map_or_else(nothing, |mean| figure(t, mean))
}

fn passed_of(t: Text, total: Option<&QuizTotals>) -> String {
    match total {
        Some(total) if total.graded > 0 => percent(t, total.passed.into(), total.graded.into()),
        _ => nothing(),
    }
}

fn nothing() -> String {
    "–".to_owned()
}

#[derive(Template)]
#[template(path = "results_quiz.html")]
struct QuizPage {
    t: Text,
    course: Uuid,
    quiz: Uuid,
    title: String,
    language: Option<Language>,
    stats: Vec<(String, String)>,
    /// Attempts that wait for marks, in words.
    waiting: Option<String>,
    is_empty: bool,
    search: Html,
    /// Whose attempts alone are shown.
    only: Option<String>,
    found: String,
    /// The same attempts, as a file.
    download: String,
    lines: Vec<Line>,
    pager: Html,
}

struct Line {
    attempt: Uuid,
    /// Where it waits to be marked, it leads to marking.
    is_awaiting: bool,
    learner: String,
    number: u32,
    when: Html,
    state: String,
    tone: &'static str,
    marks: String,
    percent: String,
}

async fn ledger(app: &App, visit: &Visit, course: Uuid, quiz: Uuid) -> Result<Ledger, Problem> {
    let (_, viewer) = teacher(visit)?;
    let ledger = commands::ledger(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    ledger.map_err(in_words(visit))
}

/// A page of a quiz's results.
fn around<'a>(visit: &'a Visit, ledger: &Ledger, title: String) -> ui::Page<'a> {
    let (t, course) = (texts(visit), ledger.head.course);
    course_crumb(visit.page(title), t, &ledger.face, course)
        .crumb(format!("/results/{course}"), t.get("results-title"))
        .tabs(CourseTabs::Results.of(visit, course))
}

/// What of the attempts is asked for.
#[derive(Default, Deserialize)]
struct Looked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    sort: String,
    learner: Option<Uuid>,
}

impl Looked {
    fn search(&self) -> String {
        self.q.chars().take(LONGEST_SEARCH).collect()
    }

    fn query(&self) -> ResultQuery {
        ResultQuery {
            search: fold(&self.search()),
            learner: self.learner.map(PersonId),
            shown: Shown::parse(&self.show).unwrap_or_default(),
            sort: Sort::parse(&self.sort).unwrap_or_default(),
        }
    }
}

async fn quiz(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let ledger = ledger(&app, &visit, course, quiz).await?;
    let (db, id, query) = (&app.desk.db, QuizId(quiz), looked.query());
    let totals = store::totals_of_quiz(db, id).await.map_err(away)?;
    let page = visit.page_number();
    let lines = store::page_of_results(db, id, &query, page, PER_PAGE).await.map_err(away)?;
    let count = match &totals {
        Some(totals) if !query.is_narrow() => totals.attempts.unsigned_abs(),
        _ => store::count_of_results(db, id, &query).await.map_err(away)?,
    };
    let title = ledger.head.title.clone();
    around(&visit, &ledger, title.clone()).show(&QuizPage {
        t,
        course,
        quiz,
        title,
        language: foreign(&visit, ledger.face.language),
        stats: stats(t, totals.as_ref()),
        waiting: totals.as_ref().and_then(|totals| waiting(t, totals.awaiting.unsigned_abs())),
        is_empty: totals.is_none(),
        search: search_form(t, &ledger, &looked, &query)?,
        only: query.learner.map(|_| only(t, &lines)),
        found: t.with("results-found", [("count", count.into())]),
        download: download(&visit, course, quiz),
        lines: lines.iter().map(|line| line_of(&visit, t, line)).collect(),
        pager: Pager::counted(page, PER_PAGE, count).html(&visit),
    })
}

fn search_form(
    t: Text,
    ledger: &Ledger,
    looked: &Looked,
    query: &ResultQuery,
) -> Result<Html, Problem> {
    let option = |of: &str, name: &str| (name.to_owned(), t.get(&format!("results-{of}-{name}")));
    let shown = Shown::ALL.map(|it| option("show", it.name())).to_vec();
    let sorts = Sort::ALL.map(|it| option("sort", it.name())).to_vec();
    let action = format!("/results/{}/{}", ledger.head.course, ledger.head.quiz);
    Form::search(t.language(), action, t.get("results-search"))
        .field(
            Field::search("q", t.get("results-q")).longest(LONGEST_SEARCH).value(looked.search()),
        )
        .field(Field::select("show", t.get("results-show"), shown).value(query.shown.name()))
        .field(Field::select("sort", t.get("results-sort"), sorts).value(query.sort.name()))
        .html()
}

/// Whose attempts alone are shown, in words; a name only where there are some.
fn only(t: Text, lines: &[ResultLine]) -> String {
    match lines.first() {
        Some(line) => t.with("results-only", [("name", learner_of(t, line).into())]),
        None => t.get("results-one"),
    }
}

/// The address of the file that holds what is shown.
fn download(visit: &Visit, course: Uuid, quiz: Uuid) -> String {
    let list = format!("/results/{course}/{quiz}");
    visit.address_with("page", None).replacen(&list, &format!("{list}/attempts.csv"), 1)
}

fn stats(t: Text, totals: Option<&QuizTotals>) -> Vec<(String, String)> {
    let number = |count: i64| ui::format_number(count, t.language());
    vec![
        (t.get("column-learners"), number(totals.map_or(0, |totals| totals.learners))),
        (t.get("column-attempts"), number(totals.map_or(0, |totals| totals.attempts))),
        (t.get("column-mean"), mean_of(t, totals)),
        (t.get("column-passed"), passed_of(t, totals)),
        (t.get("column-awaiting"), number(totals.map_or(0, |totals| totals.awaiting))),
    ]
}

fn line_of(visit: &Visit, t: Text, line: &ResultLine) -> Line {
    let (state, tone) = state_of(t, line.stage, line.passed);
    let result = match (line.stage, line.mark, line.out_of) {
        (Stage::Graded, Some(mark), Some(out_of)) => Some((mark, out_of)),
        _ => None,
    };
    Line {
        attempt: line.attempt.0,
        is_awaiting: line.stage == Stage::AwaitingMarking && !line.is_erased,
        learner: learner_of(t, line),
        number: line.number,
        when: visit.moment(line.submitted_at.unwrap_or(line.started_at)),
        state,
        tone,
        marks: result.map_or_else(nothing, |(mark, out_of)| marks(t, mark, out_of)),
        percent: result.map_or_else(nothing, |(mark, out_of)| percent(t, mark, out_of)),
    }
}

fn learner_of(t: Text, line: &ResultLine) -> String {
    match &line.name {
        Some(name) => name.clone(),
        None if line.is_erased => t.get("person-erased"),
        None => t.get("person-unheard"),
    }
}

#[derive(Template)]
#[template(path = "results_questions.html")]
struct QuestionsPage {
    t: Text,
    course: Uuid,
    quiz: Uuid,
    language: Option<Language>,
    sample: String,
    questions: Vec<QuestionLine>,
    pager: Html,
}

struct QuestionLine {
    id: Uuid,
    number: String,
    text: String,
    attempts: String,
    facility: String,
    discrimination: String,
    advice: Option<String>,
}

async fn questions(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let ledger = ledger(&app, &visit, course, quiz).await?;
    let statistics = commands::statistics(&app.desk, QuizId(quiz)).await;
    let statistics = statistics.map_err(in_words(&visit))?;
    let asked: Vec<&Question> =
        ledger.quiz.questions.iter().filter(|question| !question.out_of().is_zero()).collect();
    let page = visit.page_number();
    let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(QUESTIONS);
    let line = |(place, question): (usize, &&Question)| {
        question_line(t, place, question, statistics.question(question.id))
    };
    let title = t.get("statistics-title");
    let shown = asked.iter().enumerate().skip(skipped).take(QUESTIONS);
    let total = u64::try_from(asked.len()).unwrap_or(u64::MAX);
    around(&visit, &ledger, title)
        .crumb_in(ledger.face.language, format!("/results/{course}/{quiz}"), &ledger.head.title)
        .show(&QuestionsPage {
            t,
            course,
            quiz,
            language: foreign(&visit, ledger.face.language),
            sample: t.with("statistics-sample", [("count", statistics.attempts().into())]),
            questions: shown.map(line).collect(),
            pager: Pager::counted(page, QUESTIONS as u32, total).html(&visit),
        })
}

fn question_line(
    t: Text,
    place: usize,
    question: &Question,
    found: Option<crate::domain::QuestionStatistics>,
) -> QuestionLine {
    let attempts = found.map_or(0, |found| found.attempts);
    let discrimination = found.and_then(|found| found.discrimination);
    QuestionLine {
        id: question.id.0,
        number: t.with("question-number", [("number", (place + 1).into())]),
        text: snippet(&question.content),
        attempts: ui::format_number(attempts, t.language()),
        facility: found.map_or_else(nothing, |found| figure(t, found.facility)),
        discrimination: discrimination.map_or_else(nothing, |found| figure(t, found)),
        advice: advice(t, attempts, found.map(|found| found.facility), discrimination),
    }
}

/// What an author may want to look at; of a handful of attempts nothing follows.
fn advice(
    t: Text,
    attempts: u64,
    facility: Option<f64>,
    discrimination: Option<f64>,
) -> Option<String> {
    const ENOUGH: u64 = 10;
    let key = match (facility, discrimination) {
        _ if attempts < ENOUGH => return None,
        (_, Some(found)) if found < 0.0 => "advice-backwards",
        (Some(found), _) if found < 20.0 => "advice-hard",
        (Some(found), _) if found > 95.0 => "advice-easy",
        (_, Some(found)) if found < 20.0 => "advice-weak",
        _ => return None,
    };
    Some(t.get(key))
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
        let decimal = |number: Option<rust_decimal::Decimal>| {
            let text = number.map(|number| number.normalize().to_string()).unwrap_or_default();
            if self.t.language() == Language::Fr { text.replace('.', ",") } else { text }
        };
        let is_graded = line.stage == Stage::Graded;
        let share = line.mark.zip(line.out_of).and_then(|(mark, out_of)| {
            Some((mark * rust_decimal::Decimal::ONE_HUNDRED).checked_div(out_of)?.round_dp(2))
        });
        let at = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
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
