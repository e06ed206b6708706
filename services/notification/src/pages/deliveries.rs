//! What was sent to a person, and what was not and why.

use askama::Template;
use axum::{extract::State, response::Response};
use ui::{AccountTabs, Html, Problem, Query, Text, Visit, titled};

use super::{Older, moment, text};
use crate::{
    api::{App, next_place, place, unavailable},
    domain::Reason,
    store::{self, DeliveryView},
};

const PAGE: usize = 30;

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    t: Text,
    rows: Vec<Row>,
    is_first_page: bool,
    next: Option<String>,
}

struct Row {
    when: Html,
    kind: String,
    course: Option<Html>,
    channel: String,
    state: String,
    reason: Option<String>,
    /// What a mail or push server said, in its own words.
    said: Option<String>,
    /// For the eye alone; the words say the same.
    class: &'static str,
}

pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(older): Query<Older>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = text(&visit);
    let before = place(older.before.as_deref())?;
    let rows = store::deliveries(&app.db, person, before, PAGE).await.map_err(unavailable)?;
    let page = DeliveriesPage {
        t,
        next: next_place(&rows, PAGE, |row| (row.created_at, row.id)),
        rows: rows.iter().map(|delivery| row(&visit, t, delivery)).collect(),
        is_first_page: older.before.is_none(),
    };
    visit.page(t.get("deliveries-title")).tabs(AccountTabs::Notifications.of(&visit)).show(&page)
}

fn row(visit: &Visit, t: Text, delivery: &DeliveryView) -> Row {
    let reason = delivery.reason.as_deref();
    let known = reason.and_then(Reason::of);
    Row {
        when: moment(visit, delivery.created_at),
        kind: t.get(&format!("kind-{}", delivery.kind)),
        course: delivery
            .course_title
            .as_deref()
            .map(|title| t.mark(&titled(title), delivery.course_language())),
        channel: t.get(&format!("channel-{}", delivery.channel)),
        state: state_in_words(visit, t, delivery),
        reason: known.map(|reason| t.get(&format!("reason-{}", reason.code()))),
        said: reason.filter(|_| known.is_none()).map(str::to_owned),
        class: match delivery.state.as_str() {
            "sent" => "good",
            "failed" => "bad",
            "uncertain" => "warn",
            _ => "info",
        },
    }
}

fn state_in_words(visit: &Visit, t: Text, delivery: &DeliveryView) -> String {
    match delivery.waits_until.filter(|_| delivery.settled_at.is_none()) {
        Some(until) => {
            let until = ui::format_date_time(until, t.language(), visit.zone);
            t.with("state-quiet", [("until", until.into())])
        }
        None => t.get(&format!("state-{}", delivery.state)),
    }
}
