//! What became of a person's matters: found by name, mail address or id, and then everything that happened
//! across the services of this process, and for each thing that did not, why. What other services know stands
//! below, service by service, for each has its own count and its own pages.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use event::PersonId;
use serde::Deserialize;
use ui::{Html, Pager, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{super::unavailable, ControlRoom, Elsewhere, Tab, operator, text};
use crate::{
    cli::ServiceName,
    platform::Member,
    timeline::{self, Line, State as Came},
};

/// What anybody types to find somebody.
const LONGEST_SEARCH: usize = 200;
/// As many people as anyone looks through.
const MOST_PEOPLE: u32 = 25;
/// Lines on one page, the newest first.
const LINES: u32 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "people.html")]
struct SearchPage {
    t: Text,
    query: String,
    /// Whether accounts are here to be searched.
    has_accounts: bool,
    is_asked: bool,
    people: Vec<Found>,
}

struct Found {
    id: PersonId,
    name: String,
    mail: String,
}

pub(super) async fn search(
    State(room): State<ControlRoom>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let query: String = asked.q.trim().chars().take(LONGEST_SEARCH).collect();
    if let Ok(person) = query.parse::<PersonId>() {
        return Ok(Redirect::to(&format!("/operations/people/{person}")).into_response());
    }
    let t = text(&visit);
    let identity = room.member(ServiceName::Identity);
    let people = match identity {
        Some(identity) if !query.is_empty() => find(identity, &query).await?,
        _ => Vec::new(),
    };
    let (has_accounts, is_asked) = (identity.is_some(), !query.is_empty());
    let page = visit.page(t.get("people-title")).tabs(Tab::People.of(t));
    page.show(&SearchPage { t, query, has_accounts, is_asked, people })
}

async fn find(identity: &Member, query: &str) -> Result<Vec<Found>, Problem> {
    let found = identity::search(&identity.db, query, MOST_PEOPLE).await.map_err(unavailable)?;
    Ok(found.iter().map(Found::of).collect())
}

impl Found {
    fn of(person: &identity::Person) -> Self {
        let (name, mail) = (person.name.as_str().to_owned(), person.mail.as_str().to_owned());
        Self { id: person.id, name, mail }
    }
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    t: Text,
    person: PersonId,
    account: Option<Found>,
    /// Why there is none to be shown.
    no_account: Option<String>,
    /// Of one service alone.
    service: Option<&'static str>,
    /// Of whom these lines are, where it is not everybody.
    whose: Option<String>,
    summary: String,
    lines: Vec<Entry>,
    pager: Html,
    elsewhere: Elsewhere,
}

/// One line of the timeline, ready to be printed.
struct Entry {
    at: Html,
    service: &'static str,
    what: Html,
    badge: Option<(String, &'static str)>,
    why: Option<String>,
    next: Option<Html>,
    remedy: Option<String>,
    /// The dead letter.
    letter: Option<Uuid>,
    /// Who put it aside for good, if it was a person.
    by: Option<Uuid>,
}

pub(super) async fn show(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(person): Path<Uuid>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let elsewhere =
        Elsewhere::of(&room, |service| format!("/operations/{service}/people/{person}"));
    timeline_page(&visit, room.members(), PersonId(person), None, elsewhere).await
}

/// What one service alone knows.
pub(super) async fn show_part(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path((service, person)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let member = room.named(&service)?;
    let (service, members) = (Some(member.name), std::slice::from_ref(member));
    timeline_page(&visit, members, PersonId(person), service, Elsewhere::none()).await
}

async fn timeline_page(
    visit: &Visit,
    members: &[Member],
    person: PersonId,
    service: Option<ServiceName>,
    elsewhere: Elsewhere,
) -> Result<Response, Problem> {
    let t = text(visit);
    let identity = members.iter().find(|member| member.name == ServiceName::Identity);
    let known = tokio::try_join!(timeline::lines(members, person, t), account(identity, person));
    let (mut lines, account) = known.map_err(unavailable)?;
    let is_whole = service.is_none() && elsewhere.is_empty();
    if account.is_none() && lines.is_empty() && is_whole {
        return Err(Problem::not_found("nobody here has this id, and nothing is known of it"));
    }
    let summary = summary(t, &lines, is_whole);
    let pager = Pager::counted(visit.page_number(), LINES, lines.len() as u64);
    let before = usize::try_from(pager.skipped(LINES)).unwrap_or(usize::MAX);
    lines.reverse();
    let shown = lines.into_iter().skip(before).take(LINES as usize);
    let names: Vec<_> = members.iter().map(|member| member.name.name()).collect();
    let body = TimelinePage {
        t,
        person,
        no_account: no_account(t, identity, service).filter(|_| account.is_none()),
        account,
        service: service.map(ServiceName::name),
        whose: (!elsewhere.is_empty()).then(|| names.join(", ")),
        summary,
        lines: shown.map(|line| Entry::of(visit, t, line)).collect(),
        pager: pager.html(visit),
        elsewhere,
    };
    visit.page(t.get("timeline-title")).tabs(Tab::People.of(t)).show(&body)
}

/// Nothing is said of accounts on the page of another service.
fn no_account(t: Text, identity: Option<&Member>, service: Option<ServiceName>) -> Option<String> {
    match (identity, service) {
        (Some(_), _) => Some(t.get("timeline-no-account")),
        (None, None) => Some(t.get("timeline-account-elsewhere")),
        (None, Some(_)) => None,
    }
}

async fn account(identity: Option<&Member>, person: PersonId) -> Result<Option<Found>, bus::Error> {
    let Some(identity) = identity else {
        return Ok(None);
    };
    let found = identity::find(&identity.db, &person.to_string()).await?;
    Ok(found.as_ref().map(Found::of))
}

impl Entry {
    fn of(visit: &Visit, t: Text, line: Line) -> Self {
        let (is_dead, is_letter) = (line.state == Came::Dead, line.group.is_some());
        Self {
            at: visit.moment(line.at),
            badge: badge(t, line.state),
            next: line.next_at.map(|at| visit.moment(at)),
            letter: line.id.filter(|_| is_letter),
            by: line.by.as_deref().and_then(|by| by.parse().ok()),
            // The way to a dead letter is a link here.
            remedy: line.remedy.filter(|_| !is_dead),
            service: line.service,
            what: line.marked.unwrap_or_else(|| line.what.into()),
            why: line.why,
        }
    }
}

fn badge(t: Text, state: Came) -> Option<(String, &'static str)> {
    match state {
        Came::Done => None,
        Came::Waiting => Some((t.get("came-waiting"), "info")),
        Came::NotDone => Some((t.get("came-not"), "warn")),
        Came::Uncertain => Some((t.get("came-uncertain"), "warn")),
        Came::Dead => Some((t.get("came-dead"), "bad")),
    }
}

/// `12 done, 1 waiting`. That nothing is done is said only where all that is done is known.
fn summary(t: Text, lines: &[Line], is_whole: bool) -> String {
    let count = |state: Came| lines.iter().filter(|line| line.state == state).count();
    let said = [
        ("came-count-done", count(Came::Done)),
        ("came-count-waiting", count(Came::Waiting)),
        ("came-count-not", count(Came::NotDone)),
        ("came-count-uncertain", count(Came::Uncertain)),
        ("came-count-dead", count(Came::Dead)),
    ]
    .into_iter()
    .filter(|(key, count)| *count > 0 || (is_whole && *key == "came-count-done"))
    .map(|(key, count)| t.with(key, [("count", count.into())]))
    .collect::<Vec<_>>()
    .join(", ");
    if said.is_empty() { t.get("timeline-nothing") } else { said }
}
