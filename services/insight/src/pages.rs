//! `/search` and one's own `/timeline`.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use ui::{Problem, Query, Text, Visit};

use crate::{
    TEXTS,
    api::{App, EntryView, ResultView, SearchQuery, TimelineQuery, find, happened},
};

pub(crate) fn routes(app: App) -> Router {
    Router::new().route("/search", get(search)).route("/timeline", get(timeline)).with_state(app)
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    t: Text,
    query: String,
    language: String,
    results: Vec<ResultView>,
    next: Option<String>,
}

async fn search(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Problem> {
    let asked = query.q.clone().unwrap_or_default();
    let language = query.language.clone().unwrap_or_default();
    let found = find(&app.db, query).await?;
    let t = Text::new(&TEXTS, visit.language);
    let page = SearchPage { t, query: asked, language, results: found.results, next: found.next };
    visit.page(t.get("search-title")).show(&page)
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    t: Text,
    entries: Vec<Dated>,
    next: Option<String>,
}

struct Dated {
    when: String,
    entry: EntryView,
}

async fn timeline(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<TimelineQuery>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let happened = happened(&app.db, person, visit.language, query).await?;
    let t = Text::new(&TEXTS, visit.language);
    let dated = |entry: EntryView| Dated {
        when: ui::format_date_time(entry.at, visit.language, visit.zone),
        entry,
    };
    let entries = happened.entries.into_iter().map(dated).collect();
    visit.page(t.get("timeline-title")).show(&TimelinePage { t, entries, next: happened.next })
}
