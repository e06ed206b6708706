//! The operator's pages. They show what is, as it is at the moment, and decide nothing that the JSON API
//! and the command line could not decide too. For operators alone: an administrator who is to operate the
//! platform is given the role.

mod copies;
mod decide;
mod elsewhere;
mod health;
mod letters;
mod overview;
mod person;
mod retries;
mod settled;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
use event::Role;
use ui::{Problem, Session, Tabs, Text, Visit};

pub(super) use self::words::{Age, caption};
use self::{elsewhere::Elsewhere, words::Badge};
use super::{ControlRoom, picture};
use crate::{TEXTS, cli::ServiceName, platform::Member};

pub(super) fn routes(room: ControlRoom) -> Router {
    Router::new()
        .route("/operations", get(overview::show))
        .route("/operations/dead", get(letters::all_groups))
        .route("/operations/dead/settled", get(settled::show_all))
        .route("/operations/people", get(person::search))
        .route("/operations/people/{person}", get(person::show))
        .route("/operations/copies", get(copies::show))
        .route("/operations/copies/repair", post(copies::repair))
        .route("/operations/health", get(health::show))
        .route("/operations/health/live", get(health::live))
        .route("/operations/{service}", get(overview::show_service))
        .route("/operations/{service}/copies", get(copies::show_service))
        .route("/operations/{service}/copies/ask", post(copies::ask))
        .route("/operations/{service}/copies/repair", post(copies::repair_owned))
        .route("/operations/{service}/dead", get(letters::groups))
        .route("/operations/{service}/dead/settled", get(settled::show))
        .route(
            "/operations/{service}/dead/replay",
            get(decide::confirm_replay).post(decide::replay),
        )
        .route(
            "/operations/{service}/dead/discard",
            get(decide::confirm_discard).post(decide::discard),
        )
        .route("/operations/{service}/dead/groups/{group}", get(letters::group))
        .route("/operations/{service}/dead/letters/{id}", get(letters::letter))
        .route("/operations/{service}/people/{person}", get(person::show_part))
        .merge(picture::routes())
        .merge(elsewhere::SCRIPT.route())
        .with_state(room)
}

/// Who operates the platform; nobody else gets further.
pub(super) fn operator(visit: &Visit) -> Result<&Session, Problem> {
    visit.require(&[Role::Operator])
}

pub(super) fn text(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

/// The pages that stand side by side; the variant is the one that is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Dead,
    People,
    Copies,
    Picture,
    Health,
}

impl Tab {
    pub(super) fn of(self, t: Text) -> Tabs {
        [
            (Self::Overview, "/operations", t.get("tab-overview")),
            (Self::Dead, "/operations/dead", t.get("tab-dead")),
            (Self::People, "/operations/people", t.get("tab-people")),
            (Self::Copies, "/operations/copies", t.get("tab-copies")),
            (Self::Picture, "/operations/picture", t.get("tab-picture")),
            (Self::Health, "/operations/health", t.get("tab-health")),
        ]
        .into_iter()
        .fold(Tabs::new(t.get("tabs")), |tabs, (tab, address, label)| {
            tabs.tab(address, label, tab == self)
        })
    }
}

impl ControlRoom {
    /// The service that an address names, which this process runs.
    pub(super) fn named(&self, name: &str) -> Result<&Member, Problem> {
        let known = ServiceName::ALL.into_iter().find(|known| known.name() == name);
        let Some(known) = known else {
            return Err(Problem::not_found(format!(
                "there is no service {name}: /operations shows those that there are"
            )));
        };
        self.member(known).ok_or_else(|| {
            Problem::not_found(format!(
                "this process does not run {name}: see `estrade routes` for who answers its pages"
            ))
        })
    }
}
