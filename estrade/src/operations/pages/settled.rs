//! Dead letters that were decided about: who decided what, when and why, the latest decision first.

use askama::Template;
use axum::{extract::State, response::Response};
use bus::Dead;
use ui::{Html, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{
    super::settled::{self, Settled},
    Badge, ControlRoom, Elsewhere, Tab,
    letters::{Before, LONGEST_CAUSE, SOME, cut},
    operator, text,
};
use crate::platform::Member;

#[derive(Template)]
#[template(path = "settled.html")]
struct SettledPage {
    t: Text,
    title: String,
    /// Of one service alone.
    service: Option<&'static str>,
    /// Of whom these are, where it is not everybody.
    whose: Option<String>,
    letters: Vec<SettledLine>,
    /// The address of the next page.
    next: Option<String>,
    elsewhere: Elsewhere,
}

struct SettledLine {
    id: Uuid,
    service: &'static str,
    about: String,
    consumer: String,
    badge: Badge,
    when: Option<Html>,
    by: Option<By>,
    reason: Option<String>,
}

/// Who decided.
enum By {
    Person(Uuid),
    /// Whoever was at the command line.
    Command,
}

pub(super) async fn show_all(
    State(room): State<ControlRoom>,
    visit: Visit,
    Query(query): Query<Before>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let t = text(&visit);
    let found = settled::page(room.members(), None, query.before.as_deref(), SOME).await?;
    let address = "/operations/dead/settled";
    let page = SettledPage {
        title: t.get("settled-title"),
        whose: room.whose(),
        elsewhere: Elsewhere::of(&room, |service| format!("/operations/{service}/dead/settled")),
        ..SettledPage::of(&visit, t, address, found)
    };
    visit.page(page.title.as_str()).tabs(Tab::Dead.of(t)).show(&page)
}

pub(super) async fn show(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Query(query): Query<Before>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let name = member.name.name();
    let member = std::slice::from_ref(member);
    let found = settled::page(member, None, query.before.as_deref(), SOME).await?;
    let page = SettledPage {
        title: t.with("settled-title-of", [("service", name.into())]),
        service: Some(name),
        whose: Some(name.to_owned()),
        ..SettledPage::of(&visit, t, &format!("/operations/{name}/dead/settled"), found)
    };
    visit.page(page.title.as_str()).tabs(Tab::Dead.of(t)).show(&page)
}

impl SettledPage {
    /// The letters, at this address.
    fn of(visit: &Visit, t: Text, address: &str, found: Settled<'_>) -> Self {
        let letters = found.letters.into_iter();
        Self {
            t,
            title: String::new(),
            service: None,
            whose: None,
            letters: letters
                .map(|(member, dead)| SettledLine::of(visit, t, member, dead))
                .collect(),
            next: found.next.map(|next| format!("{address}?before={next}")),
            elsewhere: Elsewhere::none(),
        }
    }
}

impl SettledLine {
    fn of(visit: &Visit, t: Text, member: &Member, dead: Dead) -> Self {
        let (class, key) = match dead.state.as_str() {
            "replayed" => ("info", "letter-replayed"),
            _ => ("warn", "letter-discarded"),
        };
        Self {
            id: dead.id,
            service: member.name.name(),
            badge: Badge { class, words: t.get(key) },
            when: dead.settled_at.map(|at| visit.moment(at)),
            by: dead.settled_by.as_deref().map(By::of),
            reason: dead.reason.as_deref().map(|reason| cut(reason, LONGEST_CAUSE)),
            about: if dead.kind == "undecodable" { String::new() } else { dead.event_type },
            consumer: dead.consumer,
        }
    }
}

impl By {
    fn of(text: &str) -> Self {
        text.parse().map_or(Self::Command, Self::Person)
    }
}
