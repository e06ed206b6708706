//! `/search` and one's own `/timeline`.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::Language;
use ui::{AccountTabs, Field, Form, Html, Problem, Query, Text, Visit};
use uuid::Uuid;

use crate::{
    TEXTS,
    api::{
        App, EntryView, ResultView, SearchQuery, TimelineQuery, entry, find, happened,
        marked_sentence,
    },
    domain::{Part, Words, marked},
    store::Shown,
};

pub(crate) fn routes(app: App) -> Router {
    Router::new().route("/search", get(search)).route("/timeline", get(timeline)).with_state(app)
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    t: Text,
    form: Html,
    has_asked: bool,
    found: Vec<Found>,
    next: Option<String>,
}

/// A result, with the words that were looked for marked.
struct Found {
    address: String,
    language: String,
    kind: String,
    is_lesson: bool,
    title: Vec<Part>,
    snippet: Vec<Part>,
    course: Option<(String, String)>,
}

async fn search(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Problem> {
    let asked = query.q.clone().unwrap_or_default();
    // As in the catalogue: what is no language narrows nothing.
    let language = query.language.clone().filter(|code| code.parse::<Language>().is_ok());
    let results = find(&app.db, SearchQuery { language: language.clone(), ..query }).await?;
    let t = Text::new(&TEXTS, visit.language);
    let words = Words::of(&asked);
    let found = results.results.into_iter().map(|result| found(t, result, &words));
    let page = SearchPage {
        t,
        form: search_form(t, &asked, language.as_deref().unwrap_or_default())?,
        has_asked: !asked.trim().is_empty(),
        found: found.collect(),
        next: results.next.map(|next| visit.address_with("after", Some(&next))),
    };
    visit.page(t.get("search-title")).show(&page)
}

fn search_form(t: Text, asked: &str, language: &str) -> Result<Html, Problem> {
    let languages = [("", "search-all"), ("en", "search-english"), ("fr", "search-french")];
    let languages = languages.map(|(code, key)| (code.to_owned(), t.get(key))).to_vec();
    Form::search(t.language(), "/search", t.get("search-button"))
        .field(Field::search("q", t.get("search-words")).longest(200).value(asked))
        .field(Field::select("language", t.get("search-language"), languages).value(language))
        .html()
}

fn found(t: Text, result: ResultView, words: &Words) -> Found {
    let is_lesson = result.lesson.is_some();
    let course = result.address.split("/lessons/").next().unwrap_or_default().to_owned();
    Found {
        kind: t.get(if is_lesson { "search-lesson" } else { "search-course" }),
        is_lesson,
        title: marked(&result.title, words),
        snippet: marked(&result.snippet, words),
        course: is_lesson.then_some((course, result.course_title)),
        address: result.address,
        language: result.language,
    }
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    t: Text,
    days: Vec<Day>,
    next: Option<String>,
}

/// What happened on one day, in the reader's own zone.
struct Day {
    date: String,
    moments: Vec<Moment>,
}

struct Moment {
    at: String,
    machine: String,
    text: Html,
    address: Option<String>,
    tone: &'static str,
}

async fn timeline(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<TimelineQuery>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let (happened, next) = happened(&app.db, person, query).await?;
    let t = Text::new(&TEXTS, visit.language);
    let days = days(&visit, t, happened);
    let next = next.map(|next| visit.address_with("after", Some(&next)));
    visit.page(t.get("timeline-title")).tabs(AccountTabs::Timeline.of(&visit)).show(&TimelinePage {
        t,
        days,
        next,
    })
}

fn days(visit: &Visit, t: Text, happened: Vec<Shown>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in happened {
        let date = ui::format_date(row.happened_at, visit.language, visit.zone);
        let moment = moment(visit, t, row);
        match days.last_mut() {
            Some(day) if day.date == date => day.moments.push(moment),
            _ => days.push(Day { date, moments: vec![moment] }),
        }
    }
    days
}

fn moment(visit: &Visit, t: Text, row: Shown) -> Moment {
    let text = marked_sentence(&row, t);
    let entry = entry(row, t);
    Moment {
        at: ui::format_time(entry.at, visit.language, visit.zone),
        machine: entry.at.to_rfc3339(),
        address: address(&entry),
        tone: tone(&entry.event_type),
        text,
    }
}

/// Where one sees what became of it.
fn address(entry: &EntryView) -> Option<String> {
    let id =
        |name: &str| entry.ids.get(name).copied().or(entry.course.filter(|_| name == "course"));
    let at = |path: &str, id: Uuid| format!("{path}/{id}");
    match entry.event_type.split('.').next()? {
        "learning" => id("course").map(|course| at("/courses", course)),
        "assessment" => id("attempt").map(|attempt| at("/attempts", attempt)),
        "certification" => Some("/certificates".to_owned()),
        "notification" => Some("/inbox".to_owned()),
        "identity" => Some("/account".to_owned()),
        _ => None,
    }
}

/// What is good news, and what is not; the words say it too.
fn tone(event_type: &str) -> &'static str {
    match event_type {
        "learning.course-completed.v1" | "certification.certificate-issued.v1" => "good",
        "certification.certificate-revoked.v1" | "notification.delivery-failed.v1" => "bad",
        _ => "",
    }
}
