//! Dead letters: by cause, one group's, and a single one with all that is known of it.

use askama::Template;
use axum::{extract::State, response::Response};
use bus::{DeadGroup, DeadLetters};
use serde::Deserialize;
use ui::{Html, Pager, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{
    super::{
        content::{self, Reader},
        state, unavailable,
        view::LetterView,
        waiting,
    },
    ControlRoom, Elsewhere, Tab, operator, text,
    words::number,
};
use crate::platform::Member;

/// Letters on one page.
pub(super) const SOME: u32 = 50;
/// Groups on one page.
const GROUPS: u32 = 20;
/// Characters of a cause in a list, and of a content; the rest is for those who ask for all of it.
pub(super) const LONGEST_CAUSE: usize = 400;
const LONGEST_CONTENT: usize = 20_000;

#[derive(Template)]
#[template(path = "dead.html")]
struct DeadPageBody {
    t: Text,
    /// Of one service alone.
    service: Option<&'static str>,
    /// Of whom these are, where it is not everybody.
    whose: Option<String>,
    notice: Option<String>,
    groups: Vec<GroupCard>,
    pager: Html,
    elsewhere: Elsewhere,
}

/// The letters of one cause.
struct GroupCard {
    service: &'static str,
    key: String,
    consumer: String,
    cause: String,
    count: String,
    first: Html,
    last: Html,
    example: Uuid,
}

impl GroupCard {
    fn of(visit: &Visit, t: Text, member: &Member, group: DeadGroup) -> Self {
        let letters = [("letters", group.letters.into()), ("people", group.people.into())];
        Self {
            service: member.name.name(),
            count: t.with("dead-count", letters),
            first: visit.moment(group.first_at),
            last: visit.moment(group.last_at),
            key: group.key,
            consumer: group.consumer,
            cause: cut(&group.cause, LONGEST_CAUSE),
            example: group.example,
        }
    }
}

/// What was done, as the page after it says it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Done {
    replayed: Option<u64>,
    unreadable: Option<u64>,
    nobody_there: Option<u64>,
    discarded: Option<u64>,
}

impl Done {
    fn words(&self, t: Text) -> Option<String> {
        if let Some(count) = self.discarded {
            return Some(t.with("dead-discarded", [("count", count.into())]));
        }
        let replayed = t.with("dead-replayed", [("count", self.replayed?.into())]);
        let left = |key: &str, count: Option<u64>| {
            let count = count.filter(|count| *count > 0)?;
            Some(t.with(key, [("count", count.into())]))
        };
        let unreadable = left("dead-unreadable", self.unreadable);
        let nobody_there = left("dead-nobody-there", self.nobody_there);
        let said = [Some(replayed), unreadable, nobody_there];
        Some(said.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

pub(super) async fn all_groups(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let t = text(&visit);
    let mut groups = Vec::new();
    for member in room.members() {
        let own = state::groups(member).await?;
        groups.extend(own.into_iter().map(|group| (member, group)));
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.letters));
    let pager = pager(&visit, groups.len());
    let card = |(member, group)| GroupCard::of(&visit, t, member, group);
    let groups = of_page(&pager, groups).map(card).collect();
    let (service, notice, whose) = (None, None, room.whose());
    let elsewhere = Elsewhere::of(&room, |service| format!("/operations/{service}/dead"));
    let pager = pager.html(&visit);
    let body = DeadPageBody { t, service, whose, notice, groups, pager, elsewhere };
    visit.page(t.get("dead-title")).tabs(Tab::Dead.of(t)).show(&body)
}

pub(super) async fn groups(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let groups = state::groups(member).await?;
    let pager = pager(&visit, groups.len());
    let card = |group| GroupCard::of(&visit, t, member, group);
    let body = DeadPageBody {
        t,
        service: Some(member.name.name()),
        whose: Some(member.name.name().to_owned()),
        notice: done.words(t),
        pager: pager.html(&visit),
        groups: of_page(&pager, groups).map(card).collect(),
        elsewhere: Elsewhere::none(),
    };
    let title = t.with("dead-title-of", [("service", member.name.name().into())]);
    visit.page(title).tabs(Tab::Dead.of(t)).show(&body)
}

fn pager(visit: &Visit, groups: usize) -> Pager {
    Pager::counted(visit.page_number(), GROUPS, groups as u64)
}

fn of_page<T>(pager: &Pager, all: Vec<T>) -> impl Iterator<Item = T> {
    let before = usize::try_from(pager.skipped(GROUPS)).unwrap_or(usize::MAX);
    all.into_iter().skip(before).take(GROUPS as usize)
}

/// The beginning of a text.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().take(longest).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Before {
    pub(super) before: Option<String>,
}

#[derive(Template)]
#[template(path = "letters.html")]
struct GroupPage {
    t: Text,
    service: &'static str,
    group: String,
    letters: Vec<LetterLine>,
    next: Option<String>,
}

struct LetterLine {
    id: Uuid,
    about: String,
    cause: String,
    attempts: i32,
    died: Html,
}

pub(super) async fn group(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path((service, group)): Path<(String, String)>,
    Query(query): Query<Before>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let (found, next) = waiting::page(member, Some(&group), query.before.as_deref(), SOME).await?;
    if found.is_empty() && query.before.is_none() {
        return Err(Problem::not_found("none of this group waits any more: it was decided about"));
    }
    let letters = found
        .into_iter()
        .map(|dead| LetterLine {
            id: dead.id,
            about: dead.event_type,
            cause: cut(&dead.cause, LONGEST_CAUSE),
            attempts: dead.attempts,
            died: visit.moment(dead.died_at),
        })
        .collect();
    let body = GroupPage { t, service: member.name.name(), group, letters, next };
    let page = visit.page(t.get("letters-title")).tabs(Tab::Dead.of(t));
    page.show(&body)
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage {
    t: Text,
    service: &'static str,
    letters: Vec<LetterDetails>,
}

struct LetterDetails {
    view: LetterView,
    about: String,
    state: String,
    is_waiting: bool,
    died: Html,
    tried: Vec<Html>,
    settled: Option<Html>,
    /// Who decided, if it was a person.
    settled_by: Option<Uuid>,
    content: String,
    bytes: Option<String>,
    is_hidden: bool,
    is_cut: bool,
}

pub(super) async fn letter(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path((service, id)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let reader = Reader::of(operator(&visit)?);
    let (t, member) = (text(&visit), room.named(&service)?);
    let found = DeadLetters::of(&member.db).show(id).await.map_err(unavailable)?;
    if found.is_empty() {
        return Err(Problem::not_found("no dead letter of this service has this id"));
    }
    let details = |dead: bus::Dead| {
        let about = dead.event_type.clone();
        LetterDetails::of(&visit, t, reader, about, LetterView::from(dead))
    };
    let letters = found.into_iter().map(details).collect();
    let body = LetterPage { t, service: member.name.name(), letters };
    visit.page(t.get("letter-title")).tabs(Tab::Dead.of(t)).show(&body)
}

impl LetterDetails {
    fn of(visit: &Visit, t: Text, reader: Reader, about: String, mut view: LetterView) -> Self {
        let is_administrator = reader == Reader::Administrator;
        let mut is_hidden = content::hide(&mut view.content, reader);
        let bytes = view.bytes.take();
        let length = bytes.as_ref().map(|bytes| number(bytes.len(), t.language()));
        // What cannot be read cannot be searched for names either.
        is_hidden |= bytes.is_some() && !is_administrator;
        let shown = bytes.filter(|_| is_administrator);
        let longest = shown.as_ref().map_or(0, |bytes| bytes.chars().count());
        let content = serde_json::to_string_pretty(&view.content).unwrap_or_default();
        let tried = view.tried_at.iter().filter_map(|at| at.parse().ok());
        Self {
            state: t.get(match view.state.as_str() {
                "waiting" => "letter-waiting",
                "replayed" => "letter-replayed",
                _ => "letter-discarded",
            }),
            is_waiting: view.state == "waiting",
            died: visit.moment(view.died_at),
            tried: tried.map(|at| visit.moment(at)).collect(),
            settled: view.settled_at.map(|at| visit.moment(at)),
            settled_by: view.settled_by.as_deref().and_then(|by| by.parse().ok()),
            is_cut: content.chars().count().max(longest) > LONGEST_CONTENT,
            content: cut(&content, LONGEST_CONTENT),
            bytes: shown.map(|bytes| cut(&bytes, LONGEST_CONTENT)).or_else(|| {
                length.map(|length| t.with("letter-bytes", [("count", length.into())]))
            }),
            is_hidden,
            about: if view.kind == "undecodable" { String::new() } else { about },
            view,
        }
    }
}
