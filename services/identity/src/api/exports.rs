//! Everything that is kept of the person who asks.

use axum::{extract::State, http::StatusCode, response::Response};
use bus::Db;
use chrono::{DateTime, Utc};
use event::ExportId;
use serde::Serialize;
use ui::{Json, Path, Problem};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    account::Account,
    commands::exports::{self, Standing},
    download,
    store::exports::{self as rows, Export},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(request, show)).routes(routes!(archive))
}

/// An export, and how far it is.
#[derive(Serialize, ToSchema)]
struct ExportView {
    id: Uuid,
    /// `underway`, `ready` or `failed`.
    state: &'static str,
    requested_at: DateTime<Utc>,
    /// It is deleted then.
    expires_at: DateTime<Utc>,
    /// The services whose part is not there yet.
    missing: Vec<&'static str>,
    /// Bytes of the archive, once it is ready.
    size: Option<u64>,
}

async fn view(db: &Db, export: Export) -> Result<ExportView, Problem> {
    let standing = exports::standing(db, &export).await;
    let (state, missing) = match standing.map_err(|error| Problem::unavailable(&error))? {
        Standing::Underway(missing) => ("underway", missing),
        Standing::Ready => ("ready", Vec::new()),
        Standing::Failed => ("failed", Vec::new()),
    };
    Ok(ExportView {
        id: export.id.0,
        state,
        requested_at: export.requested_at,
        expires_at: export.expires_at,
        missing,
        size: export.archive.map(|archive| archive.size),
    })
}

/// Asks for everything that is kept of whoever asks. While one is on its way, asking again is the same.
#[utoipa::path(post, path = "/api/v1/me/export", tag = "identity",
    responses((status = 202, body = ExportView), (status = 401, body = Problem)))]
async fn request(
    State(db): State<Db>,
    account: Account,
) -> Result<(StatusCode, Json<ExportView>), Problem> {
    let export = exports::request(&db, &account.person).await?;
    Ok((StatusCode::ACCEPTED, Json(view(&db, export).await?)))
}

/// The export of whoever asks, if there is one.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "identity",
    responses((status = 200, body = ExportView), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn show(State(db): State<Db>, account: Account) -> Result<Json<ExportView>, Problem> {
    let export = rows::export_of(&db, account.person.id).await;
    let export = export.map_err(|error| Problem::unavailable(&error))?;
    let none =
        || Problem::not_found("no export was asked for, or it has expired: POST asks for one");
    Ok(Json(view(&db, export.ok_or_else(none)?).await?))
}

/// The archive, a ZIP, for the person alone.
#[utoipa::path(get, path = "/api/v1/me/export/{id}/archive", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/zip"), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn archive(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    download::archive(&app, &account.person, ExportId(id)).await
}
