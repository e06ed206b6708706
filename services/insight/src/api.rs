//! Searching and reading a timeline, as JSON.

#![allow(unused_qualifications, reason = "utoipa's macro qualifies what it repeats")]

use std::collections::BTreeMap;

use axum::extract::{FromRef, State};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{Language, PersonId, Role};
use serde::{Deserialize, Serialize};
use ui::{Html, Json, Path, Problem, Query, Session, Text, Ui, titled};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    TEXTS,
    domain::{Words, sentence_key, snippet},
    store::{self, After, Hit, Shown},
};

const QUERY_CHARS: usize = 200;
const CURSOR_CHARS: usize = 80;
const PAGE: i64 = 20;
const LARGEST_PAGE: i64 = 100;

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub db: Db,
    pub ui: Ui,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(timeline)).with_state(app)
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct SearchQuery {
    /// Words; all of them must be there. Accents and case do not matter.
    pub q: Option<String>,
    /// `en` or `fr`.
    pub language: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 20 when absent.
    pub limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Results {
    pub results: Vec<ResultView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ResultView {
    /// `course` or `lesson`.
    pub kind: String,
    pub title: String,
    /// The part of the text around the first hit.
    pub snippet: String,
    pub language: String,
    pub course: Uuid,
    pub course_title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<Uuid>,
    /// Its page.
    pub address: String,
}

/// Finds published courses and lessons; hits in titles come first.
#[utoipa::path(get, path = "/api/v1/search", tag = "insight", params(SearchQuery),
    responses((status = 200, body = Results), (status = 422, body = Problem)))]
async fn search(
    State(app): State<App>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Results>, Problem> {
    if query.q.as_deref().unwrap_or_default().trim().is_empty() {
        return Err(Problem::invalid("q", "give the words to look for as “q”"));
    }
    find(&app.db, query).await.map(Json)
}

pub(crate) async fn find(db: &Db, query: SearchQuery) -> Result<Results, Problem> {
    let text = query.q.unwrap_or_default();
    if text.chars().count() > QUERY_CHARS {
        return Err(Problem::invalid(
            "q",
            format!("at most {QUERY_CHARS} characters are taken: give fewer words"),
        ));
    }
    let language: Option<Language> = query
        .language
        .filter(|code| !code.is_empty())
        .map(|code| code.parse())
        .transpose()
        .map_err(|error: String| Problem::invalid("language", error))?;
    let after = query.after.map(|cursor| parse_after(&cursor)).transpose()?;
    let words = Words::of(&text);
    if words.is_empty() {
        return Ok(Results { results: Vec::new(), next: None });
    }
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let mut hits =
        store::search(db, &words, language, after, limit + 1).await.map_err(unavailable)?;
    let has_more = cut_page(&mut hits, limit);
    let next =
        hits.last().filter(|_| has_more).map(|hit| format!("{}.{}", hit.score, hit.document));
    Ok(Results { results: hits.into_iter().map(|hit| result(hit, &words)).collect(), next })
}

/// Drops what was read beyond the page, and gives whether there was any.
fn cut_page<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    rows.truncate(page);
    has_more
}

fn result(hit: Hit, words: &Words) -> ResultView {
    let lesson = (hit.kind == "lesson").then_some(hit.document);
    let course = format!("/courses/{}", hit.course_key);
    ResultView {
        snippet: snippet(&hit.text, words),
        address: lesson.map_or(course.clone(), |lesson| format!("{course}/lessons/{lesson}")),
        kind: hit.kind,
        title: hit.title,
        language: hit.language,
        course: hit.course,
        course_title: hit.course_title,
        lesson,
    }
}

fn parse_after(cursor: &str) -> Result<After, Problem> {
    let (score, document) = parse_cursor(cursor)?;
    Ok(After { score, document })
}

/// A number and an id, with a dot between them.
fn parse_cursor(cursor: &str) -> Result<(i64, Uuid), Problem> {
    let parts = Some(cursor).filter(|cursor| cursor.len() <= CURSOR_CHARS).and_then(|cursor| {
        let (number, id) = cursor.split_once('.')?;
        Some((number.parse().ok()?, Uuid::try_parse(id).ok()?))
    });
    parts.ok_or_else(|| Problem::invalid("after", "give the “next” of the page before, as it is"))
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct TimelineQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 20 when absent.
    pub limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Timeline {
    pub entries: Vec<EntryView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EntryView {
    pub event: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    pub at: DateTime<Utc>,
    /// What happened, in the asker's language.
    pub text: String,
    pub course: Option<Uuid>,
    /// The ids of what it was about.
    pub ids: BTreeMap<String, Uuid>,
}

/// What happened to a person, newest first: one's own, or anybody's for operators and administrators.
#[utoipa::path(get, path = "/api/v1/timelines/{person}", tag = "insight",
    params(("person" = Uuid, Path), TimelineQuery),
    responses((status = 200, body = Timeline), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn timeline(
    State(app): State<App>,
    session: Session,
    Path(person): Path<PersonId>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Timeline>, Problem> {
    let sees_all = session.is(Role::Operator) || session.is(Role::Administrator);
    if session.person != person && !sees_all {
        return Err(Problem::not_found(
            "there is no such person here, or their timeline is not yours to see",
        ));
    }
    let (rows, next) = happened(&app.db, person, query).await?;
    let t = Text::new(&TEXTS, session.language);
    Ok(Json(Timeline { entries: rows.into_iter().map(|row| entry(row, t)).collect(), next }))
}

/// A page of what happened, and where the next begins.
pub(crate) async fn happened(
    db: &Db,
    person: PersonId,
    query: TimelineQuery,
) -> Result<(Vec<Shown>, Option<String>), Problem> {
    let latest = db.now() + chrono::TimeDelta::days(366);
    let before = match query.after {
        Some(cursor) => {
            let (micros, event) = parse_cursor(&cursor)?;
            // PostgreSQL refuses times before its own beginning.
            let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
            (time.clamp(DateTime::UNIX_EPOCH, latest), event)
        }
        None => (latest, Uuid::max()),
    };
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let mut rows = store::timeline(db, person, before, limit + 1).await.map_err(unavailable)?;
    let has_more = cut_page(&mut rows, limit);
    let cursor = |row: &Shown| format!("{}.{}", row.happened_at.timestamp_micros(), row.event);
    let next = rows.last().filter(|_| has_more).map(cursor);
    Ok((rows, next))
}

pub(crate) fn entry(row: Shown, t: Text) -> EntryView {
    EntryView {
        text: sentence(&row, t),
        event: row.event,
        event_type: row.event_type,
        at: row.happened_at,
        course: row.course,
        ids: serde_json::from_str(&row.ids).unwrap_or_default(),
    }
}

/// What happened, in words.
pub(crate) fn sentence(row: &Shown, t: Text) -> String {
    said(row, t, str::to_owned)
}

/// The same for a page, where the titles say in which language they are: that of the course.
pub(crate) fn marked_sentence(row: &Shown, t: Text) -> Html {
    let language = row.course_language.as_deref().and_then(|code| code.parse::<Language>().ok());
    t.mark(&said(row, t, titled), language)
}

/// A type that nobody has words for yet is shown as it is.
fn said(row: &Shown, t: Text, title: fn(&str) -> String) -> String {
    let event_type = row.event_type.as_str();
    let is_known = contract::ALL.iter().any(|known| known.event_type == event_type);
    if !is_known {
        return event_type.to_owned();
    }
    let course = row.course_title.as_deref().map(title);
    let step = row.step_title.as_deref().map(title);
    let known = match (&course, &step) {
        (Some(_), Some(_)) => "step",
        (Some(_), None) => "yes",
        (None, _) => "no",
    };
    let arguments = [
        ("known", known.into()),
        ("course", course.unwrap_or_default().into()),
        ("step", step.unwrap_or_default().into()),
    ];
    let sentence = t.with(&sentence_key(event_type), arguments);
    if sentence.starts_with('⟦') { event_type.to_owned() } else { sentence }
}

fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}
