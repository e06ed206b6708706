//! The list of published courses, with a search by words and language.

use askama::Template;
use axum::{extract::State, response::Response};
use event::Language;
use serde::Deserialize;
use ui::{Field, Form, Html, Pager, Problem, Query, Text, Visit, format_duration};

use super::text;
use crate::{
    api::{App, unavailable},
    domain::search,
    store::{self, Filter, Listed},
};

pub(super) const PAGE: u32 = 24;
/// Nobody types more.
const LONGEST_QUESTION: usize = 200;
/// Of a summary, on a card.
const GLANCE: usize = 180;

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    language: String,
}

#[derive(Template)]
#[template(path = "courses.html")]
struct CoursesPage {
    t: Text,
    search: Html,
    /// How many there are, in words.
    found: String,
    /// On no page.
    is_empty: bool,
    cards: Vec<Card>,
    pager: Html,
    is_narrowed: bool,
    /// What was typed is looked for in lessons too.
    question: String,
}

struct Card {
    /// The class of its colour.
    tint: &'static str,
    address: String,
    language: String,
    language_name: String,
    title: String,
    summary: String,
    facts: Vec<String>,
    certificate: String,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let t = text(&visit);
    let question: String = query.q.trim().chars().take(LONGEST_QUESTION).collect();
    let language: Option<Language> = query.language.parse().ok();
    let filter = Filter {
        language,
        words: search::words(&question),
        limit: PAGE.into(),
        ..Filter::default()
    };
    let total = store::count(&app.db, &filter).await.map_err(unavailable)?.unsigned_abs();
    let pager = Pager::counted(visit.page_number(), PAGE, total);
    let filter = Filter { offset: offset(&pager), ..filter };
    let courses = store::list(&app.db, &filter).await.map_err(unavailable)?;
    let is_narrowed = language.is_some() || !filter.words.is_empty();
    let shown = CoursesPage {
        t,
        search: search_form(&visit, t, &question, language)?,
        found: t.with("courses-found", [("count", total.into())]),
        is_empty: total == 0,
        cards: courses.into_iter().map(|course| card(t, course)).collect(),
        pager: pager.html(&visit),
        is_narrowed,
        question,
    };
    visit.page(t.get("courses-title")).show(&shown)
}

/// How many courses stand on the pages before the one that is shown.
pub(super) fn offset(pager: &Pager) -> i64 {
    i64::try_from(pager.skipped(PAGE)).unwrap_or(i64::MAX)
}

fn search_form(
    visit: &Visit,
    t: Text,
    question: &str,
    language: Option<Language>,
) -> Result<Html, Problem> {
    let languages = [("", "courses-all"), ("en", "language-en"), ("fr", "language-fr")];
    let options = languages.map(|(code, key)| (code.to_owned(), t.get(key))).into();
    Form::search(visit.language, "/courses", t.get("courses-search-button"))
        .field(
            Field::search("q", t.get("courses-search"))
                .value(question)
                .longest(LONGEST_QUESTION)
                .optional(),
        )
        .field(
            Field::select("language", t.get("courses-language"), options)
                .value(language.map_or("", Language::code))
                .optional(),
        )
        .html()
}

fn card(t: Text, course: Listed) -> Card {
    let mut facts = Vec::new();
    if course.minutes > 0 {
        facts.push(format_duration(course.minutes.unsigned_abs(), t.language()));
    }
    facts.push(t.with("lessons", [("count", course.lessons.into())]));
    if course.quizzes > 0 {
        facts.push(t.with("quizzes", [("count", course.quizzes.into())]));
    }
    Card {
        tint: ui::tint(course.id.into()),
        address: format!("/courses/{}", course.key),
        language_name: t.get(&format!("language-{}", course.language)),
        language: course.language,
        title: course.title,
        summary: glance(&course.summary),
        facts,
        certificate: t.get(&format!("certificate-{}", course.design)),
    }
}

/// The beginning of a text, cut between words.
fn glance(text: &str) -> String {
    let plain: String = text.chars().filter(|letter| !matches!(letter, '*' | '#' | '`')).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = words.char_indices().nth(GLANCE) else {
        return words;
    };
    let end = words[..cut].rfind(' ').unwrap_or(cut);
    format!("{} …", &words[..end])
}
