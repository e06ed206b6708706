//! HTML: the inbox, what a person is told and when, their devices, what was sent to them, and the page
//! behind a mail's unsubscribe link.

mod deliveries;
mod devices;
mod inbox;
mod settings;
mod unsubscribe;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use ui::{Text, Visit};

use crate::{
    api::App,
    domain::{Channel, Kind, channel_code, kind_code},
    words::{Setting, TEXTS},
};

const LARGEST_FORM: usize = 16 * 1024;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/inbox", get(inbox::list))
        .route("/inbox/live", get(inbox::live))
        .route("/inbox/unread", get(inbox::unread))
        .route("/inbox/read-all", post(inbox::read_all))
        .route("/inbox/{id}", get(inbox::open))
        .route("/inbox/{id}/read", post(inbox::read))
        .route("/account/notifications", get(settings::show).post(settings::save))
        .route("/account/notifications/quiet-hours", post(settings::keep_quiet))
        .route("/account/notifications/quiet-hours/end", post(settings::end_quiet))
        .route("/account/devices", get(devices::list))
        .route("/account/devices/{id}/try", post(devices::try_one))
        .route("/account/devices/{id}/remove", post(devices::remove))
        .route("/account/deliveries", get(deliveries::list))
        .route(
            "/notifications/unsubscribe/{token}",
            get(unsubscribe::ask).post(unsubscribe::unsubscribe),
        )
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(app)
}

/// Where a list goes on.
#[derive(Deserialize)]
struct Older {
    before: Option<String>,
}

/// What was done just now, to be said on the page that follows.
#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

impl Done {
    /// In words, if it is one of these.
    fn in_words(&self, t: Text, known: &[&str]) -> Option<String> {
        let done = self.done.as_deref()?;
        known.contains(&done).then(|| t.get(&format!("done-{done}")))
    }
}

fn text(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

fn setting<'a>(app: &'a App, visit: &Visit) -> Setting<'a> {
    Setting { language: visit.language, zone: visit.zone, base_url: &app.shared.base_url }
}

fn kind_label(t: Text, kind: Kind) -> String {
    t.get(&format!("kind-{}", kind_code(kind)))
}

fn channel_label(t: Text, channel: Channel) -> String {
    t.get(&format!("channel-{}", channel_code(channel)))
}

fn moment(visit: &Visit, at: DateTime<Utc>) -> ui::Html {
    visit.moment(at)
}
