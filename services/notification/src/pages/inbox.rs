//! The inbox: what a person was told, the newest first; each entry leads to its thing.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use ui::{Html, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{Older, moment, setting, text};
use crate::{
    api::{App, Item, place, read_inbox, read_item, unavailable},
    commands::own,
    domain::{Kind, kind_code},
    store,
};

const PAGE: usize = 20;

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    t: Text,
    unread: i64,
    unread_in_words: String,
    messages: Vec<Message>,
    /// What the page saw, for the stream that tells of what is new.
    seen: String,
    is_first_page: bool,
    next: Option<String>,
}

struct Message {
    item: Item,
    kind: String,
    /// What the link is called here, where its reader is signed in.
    action: String,
    when: Html,
}

pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(older): Query<Older>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = text(&visit);
    // Read first: what comes in between is told once too often rather than never.
    let state = store::inbox_state(&app.db, person).await.map_err(unavailable)?;
    let before = place(older.before.as_deref())?;
    let inbox = read_inbox(&app, person, setting(&app, &visit), before, PAGE).await?;
    let message = |item: Item| Message {
        kind: t.get(&format!("kind-{}", item.kind)),
        when: moment(&visit, item.at),
        action: action(t, &item),
        item,
    };
    let unread = u64::try_from(inbox.unread).unwrap_or(0);
    visit.page(t.get("inbox-title")).unread(unread).show(&InboxPage {
        t,
        unread: inbox.unread,
        unread_in_words: t.with("inbox-unread", [("count", inbox.unread.into())]),
        messages: inbox.items.into_iter().map(message).collect(),
        seen: ui::fingerprint(state),
        is_first_page: older.before.is_none(),
        next: inbox.next,
    })
}

fn action(t: Text, item: &Item) -> String {
    if item.kind == kind_code(Kind::CertificateIssued) {
        return t.get("certificate-issued-read");
    }
    item.action.clone()
}

/// Tells open pages that something is new, or was read elsewhere.
pub(super) async fn live(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let db = app.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { store::inbox_state(&db, person).await }
    })
}

/// How many are unread, as a number: for the navigation of every page.
pub(super) async fn unread(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let unread = store::unread(&app.db, person).await.map_err(unavailable)?;
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind], unread.to_string()).into_response())
}

pub(super) async fn read_all(State(app): State<App>, visit: Visit) -> Result<Redirect, Problem> {
    own::read_all(&app.db, visit.session()?.person).await?;
    Ok(Redirect::to("/inbox"))
}

pub(super) async fn read(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    own::read(&app.db, visit.session()?.person, id).await?;
    Ok(Redirect::to("/inbox"))
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    t: Text,
    item: Item,
    when: Html,
    text: Html,
}

/// Leads to the thing, and remembers that it was opened, as every mail program does: again changes
/// nothing. What an instructor wrote is shown here, for it is nowhere else.
pub(super) async fn open(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let item = read_item(&app, person, setting(&app, &visit), id).await?;
    let item = item.ok_or(own::CommandError::NoSuchItem)?;
    own::read(&app.db, person, id).await?;
    if item.kind != kind_code(Kind::Message) {
        return Ok(Redirect::to(&thing(&app, &item)).into_response());
    }
    let written = store::message_text(&app.db, item.subject.into()).await.map_err(unavailable)?;
    let page = MessagePage {
        t: text(&visit),
        when: moment(&visit, item.at),
        text: ui::markdown(&written.unwrap_or_default()),
        item,
    };
    visit.page(page.item.title.clone()).crumb("/inbox", page.t.get("inbox-title")).show(&page)
}

/// Where the thing is on this platform. The mail's link to a certificate is for everybody; here its
/// holder reads it.
fn thing(app: &App, item: &Item) -> String {
    if item.kind == kind_code(Kind::CertificateIssued) {
        return format!("/certificates/{}", item.subject);
    }
    let link = item.link.strip_prefix(app.shared.base_url.as_str()).unwrap_or(&item.link);
    if link.is_empty() { "/".to_owned() } else { link.to_owned() }
}
