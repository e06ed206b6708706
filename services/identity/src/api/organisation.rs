//! The organisation: what it is, for everybody; changing it, for administrators.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use ui::{Json, Problem};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    account::Account,
    commands::organisation,
    domain::organisation::{Details, Organisation},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, write))
}

/// Whose platform it is. What is not known is empty.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationView {
    #[schema(max_length = 200)]
    name: String,
    /// Line by line.
    #[serde(default)]
    #[schema(max_items = 6)]
    address: Vec<String>,
    /// Plain text.
    #[serde(default)]
    legal_mentions_en: String,
    /// Plain text.
    #[serde(default)]
    legal_mentions_fr: String,
    #[serde(default)]
    activity_number: String,
    #[serde(default)]
    representative: String,
    #[serde(default)]
    capacity: String,
    /// Where certificates are signed.
    #[serde(default)]
    place: String,
    /// For how many years what a certificate rests on is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention_years: Option<u8>,
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        let details = organisation.details;
        Self {
            address: details.address_lines().map(str::to_owned).collect(),
            name: details.name,
            legal_mentions_en: details.legal_en,
            legal_mentions_fr: details.legal_fr,
            activity_number: details.activity_number,
            representative: details.representative,
            capacity: details.capacity,
            retention_years: details.retention_years.parse().ok(),
            place: details.place,
        }
    }
}

impl From<OrganisationView> for Details {
    fn from(view: OrganisationView) -> Self {
        Self {
            name: view.name,
            address: view.address.join("\n"),
            legal_en: view.legal_mentions_en,
            legal_fr: view.legal_mentions_fr,
            activity_number: view.activity_number,
            representative: view.representative,
            capacity: view.capacity,
            place: view.place,
            retention_years: view
                .retention_years
                .map(|years| years.to_string())
                .unwrap_or_default(),
        }
    }
}

/// The organisation, as anybody may know it.
#[utoipa::path(get, path = "/api/v1/organisation", tag = "identity", security(()),
    responses((status = 200, body = OrganisationView)))]
async fn show(State(app): State<App>) -> Result<Json<OrganisationView>, Problem> {
    let present = organisation::present(&app.db, &app.set_up).await;
    Ok(Json(present.map_err(|error| Problem::unavailable(&error))?.into()))
}

/// Writes what the organisation is, all of it, for administrators. The logo stays.
#[utoipa::path(put, path = "/api/v1/organisation", tag = "identity", request_body = OrganisationView,
    responses((status = 200, body = OrganisationView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn write(
    State(app): State<App>,
    account: Account,
    Json(wanted): Json<OrganisationView>,
) -> Result<Json<OrganisationView>, Problem> {
    account.require_administrator()?;
    let written = organisation::write(&app.db, &app.set_up, wanted.into()).await?;
    Ok(Json(written.into()))
}
