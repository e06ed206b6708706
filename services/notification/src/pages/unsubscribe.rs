//! The page behind a mail's unsubscribe link: no session, the link alone is the proof.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use ui::{Path, Problem, Text, Visit};

use super::kind_label;
use crate::{
    api::App,
    commands::own::{self, CommandError},
    domain::{Channel, Kind},
    effects::Unsubscribe,
    words::TEXTS,
};

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
pub(super) async fn ask(
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
pub(super) async fn unsubscribe(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let Some(wish) = Unsubscribe::open(&app.shared, &token) else {
        return answer(&visit, "unsubscribe-invalid", None, StatusCode::NOT_FOUND, false);
    };
    let chosen = [(wish.kind, Channel::Mail, false)];
    match own::choose(&app.db, wish.person, &chosen).await {
        // An erased account receives nothing anyhow.
        Ok(()) | Err(CommandError::Erased) => {}
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
