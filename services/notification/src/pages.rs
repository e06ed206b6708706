//! HTML: the inbox, the settings, and the page behind a mail's unsubscribe link.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use ui::{Path, Problem, Query, Submitted, Text, Tz, Visit};
use uuid::Uuid;

use crate::{
    api::{App, Item, place, read_inbox, unavailable},
    commands,
    domain::{
        CHANNELS, Channel, KINDS, Kind, Suppression, channel_code, kind_code, suppression_code,
    },
    effects::Unsubscribe,
    store::{self, Before, DeliveryView},
    words::TEXTS,
};

const PAGE: usize = 30;
const RECENT: usize = 30;
const LARGEST_FORM: usize = 16 * 1024;
const WORKER: &str = include_str!("../assets/worker.js");
const PUSH: &str = include_str!("../assets/push.js");

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/inbox", get(inbox))
        .route("/inbox/read-all", post(read_all))
        .route("/inbox/{id}/read", post(read))
        .route("/account/notifications", get(settings).post(save_settings))
        .route("/notifications/unsubscribe/{token}", get(ask).post(unsubscribe))
        .route("/notifications/worker.js", get(|| script(WORKER)))
        .route("/notifications/push.js", get(|| script(PUSH)))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(app)
}

/// Not kept by browsers without asking: a worker that is out of date would stay so.
async fn script(text: &'static str) -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, "no-cache")], text)
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    t: Text,
    unread: i64,
    unread_in_words: String,
    messages: Vec<Message>,
    next: Option<String>,
}

struct Message {
    item: Item,
    when: String,
}

#[derive(Deserialize)]
struct Older {
    before: Option<String>,
}

async fn inbox(
    State(app): State<App>,
    visit: Visit,
    Query(older): Query<Older>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let t = Text::new(&TEXTS, visit.language);
    let before = place(older.before.as_deref())?;
    let inbox = read_inbox(&app, session.person, visit.language, before, PAGE).await?;
    let when = |item: &Item| ui::format_date_time(item.at, visit.language, visit.zone);
    visit.page(t.get("inbox-title")).show(&InboxPage {
        t,
        unread: inbox.unread,
        unread_in_words: t.with("inbox-unread", [("count", inbox.unread.into())]),
        messages: inbox.items.into_iter().map(|item| Message { when: when(&item), item }).collect(),
        next: inbox.next,
    })
}

async fn read_all(State(app): State<App>, visit: Visit) -> Result<Redirect, Problem> {
    commands::read_all(&app.db, visit.session()?.person).await?;
    Ok(Redirect::to("/inbox"))
}

async fn read(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    commands::read(&app.db, visit.session()?.person, id).await?;
    Ok(Redirect::to("/inbox"))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    t: Text,
    saved: bool,
    channels: Vec<String>,
    rows: Vec<SettingsRow>,
    recent: Vec<Recent>,
}

struct SettingsRow {
    label: String,
    choices: Vec<Choice>,
}

struct Choice {
    name: String,
    label: String,
    wanted: bool,
}

struct Recent {
    when: String,
    kind: String,
    channel: String,
    state: String,
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<String>,
}

async fn settings(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<Saved>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = Text::new(&TEXTS, visit.language);
    let chosen = store::preferences(&app.db, person).await.map_err(unavailable)?;
    let recent = store::deliveries(&app.db, person, Before::everything(), RECENT)
        .await
        .map_err(unavailable)?;
    visit.page(t.get("settings-title")).show(&SettingsPage {
        t,
        saved: query.saved.is_some(),
        channels: CHANNELS.map(|channel| channel_label(t, channel)).to_vec(),
        rows: KINDS.into_iter().map(|kind| settings_row(t, kind, &chosen)).collect(),
        recent: recent.iter().map(|delivery| shown(t, visit.zone, delivery)).collect(),
    })
}

/// A check box that is not ticked is not sent: what is missing is not wanted.
async fn save_settings(
    State(app): State<App>,
    visit: Visit,
    Submitted(ticked): Submitted<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let person = visit.session()?.person;
    let every = KINDS.into_iter().flat_map(|kind| CHANNELS.map(|channel| (kind, channel)));
    let chosen: Vec<_> = every
        .map(|(kind, channel)| {
            let name = choice_name(kind, channel);
            (kind, channel, ticked.iter().any(|(ticked, _)| *ticked == name))
        })
        .collect();
    commands::choose(&app.db, person, &chosen).await?;
    Ok(Redirect::to("/account/notifications?saved=1"))
}

fn choice_name(kind: Kind, channel: Channel) -> String {
    format!("{}.{}", kind_code(kind), channel_code(channel))
}

fn settings_row(t: Text, kind: Kind, chosen: &[(Kind, Channel, bool)]) -> SettingsRow {
    let label = kind_label(t, kind);
    let choices = chosen
        .iter()
        .filter(|(of, _, _)| *of == kind)
        .map(|(_, channel, wanted)| Choice {
            name: choice_name(kind, *channel),
            label: format!("{label}: {}", channel_label(t, *channel)),
            wanted: *wanted,
        })
        .collect();
    SettingsRow { label, choices }
}

fn shown(t: Text, zone: Tz, delivery: &DeliveryView) -> Recent {
    let state = match delivery.waits_until.filter(|_| delivery.settled_at.is_none()) {
        Some(until) => {
            let until = ui::format_date_time(until, t.language(), zone);
            t.with("state-quiet", [("until", until.into())])
        }
        None => t.get(&format!("state-{}", delivery.state)),
    };
    let reason = delivery.reason.as_deref().map(|reason| {
        let known = [Suppression::Preference, Suppression::NoDevice, Suppression::Erased];
        if known.map(suppression_code).contains(&reason) {
            t.get(&format!("reason-{reason}"))
        } else {
            reason.to_owned()
        }
    });
    Recent {
        when: ui::format_date_time(delivery.created_at, t.language(), zone),
        kind: t.get(&format!("kind-{}", delivery.kind)),
        channel: t.get(&format!("channel-{}", delivery.channel)),
        state: reason.map_or(state.clone(), |reason| format!("{state} · {reason}")),
    }
}

fn kind_label(t: Text, kind: Kind) -> String {
    t.get(&format!("kind-{}", kind_code(kind)))
}

fn channel_label(t: Text, channel: Channel) -> String {
    t.get(&format!("channel-{}", channel_code(channel)))
}

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage {
    title: String,
    text: String,
    /// What the button says, while there is something to press it for.
    button: Option<String>,
    settings: String,
}

/// Asks: many mail programs open every link by themselves, so opening it must change nothing.
async fn ask(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match Unsubscribe::open(&app.shared, &token) {
        Some(wish) => answer(&visit, "unsubscribe-question", Some(wish.kind), StatusCode::OK, true),
        None => answer(&visit, "unsubscribe-invalid", None, StatusCode::NOT_FOUND, false),
    }
}

/// The button, and a mail program's one click (RFC 8058): no session, the link alone is the proof.
async fn unsubscribe(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let Some(wish) = Unsubscribe::open(&app.shared, &token) else {
        return answer(&visit, "unsubscribe-invalid", None, StatusCode::NOT_FOUND, false);
    };
    let chosen = [(wish.kind, Channel::Mail, false)];
    match commands::choose(&app.db, wish.person, &chosen).await {
        // An erased account receives nothing anyhow.
        Ok(()) | Err(commands::CommandError::Erased) => {}
        Err(error) => return Err(error.into()),
    }
    answer(&visit, "unsubscribe-done", Some(wish.kind), StatusCode::OK, false)
}

fn answer(
    visit: &Visit,
    key: &str,
    kind: Option<Kind>,
    status: StatusCode,
    asks: bool,
) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let kind = kind.map(|kind| kind_label(t, kind)).unwrap_or_default();
    let page = UnsubscribePage {
        title: t.get("unsubscribe-title"),
        text: t.with(key, [("kind", kind.into())]),
        button: asks.then(|| t.get("unsubscribe-button")),
        settings: t.get("mail-preferences"),
    };
    visit.page(page.title.clone()).status(status).show(&page)
}
