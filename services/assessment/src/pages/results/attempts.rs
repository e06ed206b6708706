//! Every attempt at a quiz: searched, narrowed, sorted, and counted.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{Language, PersonId, QuizId};
use serde::Deserialize;
use ui::{Field, Form, Html, Pager, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{
    super::{App, away, bank::waiting, marks, percent, quiz::foreign, state_of, texts},
    around, ledger, mean_of, nothing, passed_of,
};
use crate::{
    commands::Ledger,
    domain::{ResultQuery, Shown, Sort, Stage, fold},
    store::{self, QuizTotals, ResultLine},
};

const PER_PAGE: u32 = 25;
/// Characters of a search; nobody's name is longer.
const LONGEST_SEARCH: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/results/{course}/{quiz}", get(quiz))
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

/// What of the attempts is asked for.
#[derive(Default, Deserialize)]
pub(super) struct Looked {
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

    pub(super) fn query(&self) -> ResultQuery {
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
    let count = match &totals {
        Some(totals) if !query.is_narrow() => totals.attempts.unsigned_abs(),
        _ => store::count_of_results(db, id, &query).await.map_err(away)?,
    };
    let pager = Pager::counted(visit.page_number(), PER_PAGE, count);
    let lines = store::page_of_results(db, id, &query, pager.page(), PER_PAGE).await;
    let lines = lines.map_err(away)?;
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
        pager: pager.html(&visit),
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
        when: line.submitted_at.map_or_else(|| nothing().into(), |at| visit.moment(at)),
        state,
        tone,
        marks: result.map_or_else(nothing, |(mark, out_of)| marks(t, mark, out_of)),
        percent: result.map_or_else(nothing, |(mark, out_of)| percent(t, mark, out_of)),
    }
}

pub(super) fn learner_of(t: Text, line: &ResultLine) -> String {
    match &line.name {
        Some(name) => name.clone(),
        None if line.is_erased => t.get("person-erased"),
        None => t.get("person-unheard"),
    }
}
