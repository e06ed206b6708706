//! What is kept of a person: taking it along, and erasing the account.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::ExportId;
use serde::Deserialize;
use ui::{
    AccountTabs, Confirm, Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Visit,
};
use uuid::Uuid;

use super::{explain, leave, texts, unavailable};
use crate::{
    App,
    account::Account,
    commands::{
        self, CommandError,
        exports::{self, Standing},
    },
    domain::{Invalid, Reason},
    download, readable, sign_in,
    store::exports::{self as rows, Export},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/data", get(show))
        .route("/account/data/live", get(live))
        .route("/account/data/export", post(request))
        .route("/account/data/export/{id}", get(archive))
        .route("/account/data/erase", get(show_erase).post(erase))
        .route("/account/erased", get(erased))
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    t: Text,
    standing: Option<Standing>,
    /// What the services that are still missing keep.
    missing: Vec<String>,
    archive: Option<ArchiveView>,
    request: Html,
    seen: String,
}

struct ArchiveView {
    address: String,
    size: String,
    until: Html,
}

async fn show(State(app): State<App>, visit: Visit, account: Account) -> Result<Response, Problem> {
    let t = texts(&visit);
    let export = rows::export_of(&app.db, account.person.id).await.map_err(unavailable)?;
    let standing = match &export {
        Some(export) => Some(exports::standing(&app.db, export).await.map_err(unavailable)?),
        None => None,
    };
    let missing = match &standing {
        Some(Standing::Underway(services)) => {
            services.iter().map(|service| t.get(readable::title_key(service))).collect()
        }
        _ => Vec::new(),
    };
    let button = if export.is_some() { "export-again" } else { "export-button" };
    let request = Form::new(visit.language, "/account/data/export", t.get(button));
    let page = DataPage {
        t,
        missing,
        archive: export.and_then(|export| archive_view(&visit, export)),
        request: request.html()?,
        seen: ui::fingerprint(fingerprint(standing.as_ref())),
        standing,
    };
    visit.page(t.get("data-title")).tabs(AccountTabs::Data.of(&visit)).show(&page)
}

fn archive_view(visit: &Visit, export: Export) -> Option<ArchiveView> {
    Some(ArchiveView {
        address: format!("/account/data/export/{}", export.id),
        size: ui::format_size(export.archive?.size, visit.language),
        until: visit.moment(export.expires_at),
    })
}

fn fingerprint(standing: Option<&Standing>) -> String {
    format!("{standing:?}")
}

/// Says when a part has come in or the archive is there.
async fn live(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let db = app.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move {
            let standing = match rows::export_of(&db, person).await? {
                Some(export) => Some(exports::standing(&db, &export).await?),
                None => None,
            };
            Ok::<_, bus::Error>(fingerprint(standing.as_ref()))
        }
    })
}

async fn request(State(app): State<App>, account: Account) -> Result<Response, Problem> {
    exports::request(&app.db, &account.person).await?;
    Ok(Redirect::to("/account/data").into_response())
}

async fn archive(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    download::archive(&app, &account.person, ExportId(id)).await
}

async fn show_erase(visit: Visit, _: Account) -> Result<Response, Problem> {
    erase_page(&visit, Vec::new())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Confirmed {
    present_password: String,
}

async fn erase(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    Submitted(confirmed): Submitted<Confirmed>,
) -> Result<Response, Problem> {
    match erase_account(&app, &account, &confirmed.present_password).await {
        Ok(()) => Ok(leave(&app.ui, "/account/erased")),
        Err(error) => erase_page(&visit, explain(&visit, error)?),
    }
}

async fn erase_account(app: &App, account: &Account, password: &str) -> Result<(), CommandError> {
    if !sign_in::confirm(app, account.person.id, password).await? {
        let wrong = Invalid { field: "present_password", reason: Reason::PresentPassword };
        return Err(wrong.into());
    }
    commands::erase(&app.db, account.person.id).await
}

fn erase_page(visit: &Visit, errors: Vec<FieldProblem>) -> Result<Response, Problem> {
    let t = texts(visit);
    let page = visit.page(t.get("erase-title")).with_errors_if(!errors.is_empty());
    let present = Field::password("present_password", t.get("present-password"))
        .autocomplete("current-password");
    let form = Form::new(visit.language, "/account/data/erase", t.get("erase-button"))
        .field(present)
        .dangerous()
        .back("/account/data", t.get("erase-back"))
        .errors(errors);
    Confirm::new(t.get("erase-title"), &form)?
        .lead(t.get("erase-lead"))
        .consequence(t.get("erase-forgotten"))
        .consequence(t.get("erase-learning"))
        .consequence(t.get("erase-certificates"))
        .consequence(t.get("erase-books"))
        .consequence(t.get("erase-for-ever"))
        .show(page.crumb("/account/data", t.get("data-title")))
}

#[derive(Template)]
#[template(path = "erased.html")]
struct ErasedPage {
    t: Text,
}

async fn erased(visit: Visit) -> Result<Response, Problem> {
    let t = texts(&visit);
    visit.page(t.get("erased-title")).show(&ErasedPage { t })
}
