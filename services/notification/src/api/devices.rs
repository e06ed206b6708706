//! Devices that receive push messages, and the key with which they subscribe.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, unavailable};
use crate::{
    commands::{self, own},
    domain::{Device, device_name},
    effects, store,
};

/// A browser's push subscription.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewDevice {
    /// As the browser gave it: an https address of its push service.
    endpoint: String,
    /// The browser's public key, base64url.
    p256dh: String,
    /// The browser's secret, base64url.
    auth: String,
    /// The endpoint that this one takes the place of, where the push service gave the browser another.
    #[serde(default)]
    replaces: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceBody {
    id: Uuid,
    /// The push service's host.
    service: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Devices {
    devices: Vec<DeviceBody>,
}

/// Your devices that receive push messages.
#[utoipa::path(get, path = "/api/v1/me/devices", tag = "notification",
    responses((status = 200, body = Devices)))]
pub(super) async fn devices(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Devices>, Problem> {
    let devices = store::devices(&app.db, &[session.person]).await.map_err(unavailable)?;
    let devices = devices.into_values().flatten().map(|device| shown(device.id, &device)).collect();
    Ok(Json(Devices { devices }))
}

/// Registers a device for push. Registering it again changes nothing; one that takes the place of another bears its name.
#[utoipa::path(post, path = "/api/v1/me/devices", tag = "notification", request_body = NewDevice,
    responses((status = 200, body = DeviceBody), (status = 422, body = Problem)))]
pub(super) async fn add_device(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    Json(body): Json<NewDevice>,
) -> Result<Json<DeviceBody>, Problem> {
    let device = device(&app, &body)?;
    let browser = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let name = device_name(browser.unwrap_or_default());
    let replaced = body.replaces.as_deref();
    let id = own::add_device(&app.db, session.person, &device, &name, replaced).await?;
    Ok(Json(shown(id, &device)))
}

/// Stops push messages to a device.
#[utoipa::path(delete, path = "/api/v1/me/devices/{id}", tag = "notification",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn remove_device(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    own::remove_device(&app.db, session.person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn device(app: &App, body: &NewDevice) -> Result<Device, Problem> {
    let allow_private = app.shared.config.push.allow_private_endpoints;
    if let Some(problem) = effects::endpoint_problem(&body.endpoint, allow_private) {
        return Err(Problem::invalid("endpoint", problem));
    }
    let (p256dh, auth) = (bytes("p256dh", &body.p256dh)?, bytes("auth", &body.auth)?);
    if effects::device_keys(&p256dh, &auth).is_none() {
        return Err(Problem::invalid(
            "p256dh",
            "p256dh must be a P-256 public key (65 bytes) and auth 16 bytes: give them as the browser did",
        ));
    }
    Ok(Device { id: Uuid::now_v7(), endpoint: body.endpoint.clone(), p256dh, auth })
}

fn bytes(field: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let wrong = || Problem::invalid(field, "give base64url, as the browser did");
    if text.len() > 200 {
        return Err(wrong());
    }
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| wrong())
}

fn shown(id: Uuid, device: &Device) -> DeviceBody {
    DeviceBody { id, service: push_service(&device.endpoint).to_owned() }
}

/// The host of a push service's address.
pub(crate) fn push_service(endpoint: &str) -> &str {
    let after = endpoint.split_once("://").map_or("", |(_, after)| after);
    after.split('/').next().unwrap_or("")
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PushKey {
    /// The platform's VAPID public key, base64url: what a browser's `applicationServerKey` takes.
    key: String,
}

/// The key with which a browser subscribes to push.
#[utoipa::path(get, path = "/api/v1/push-key", tag = "notification",
    responses((status = 200, body = PushKey)))]
pub(super) async fn push_key(State(app): State<App>) -> Result<Json<PushKey>, Problem> {
    let configured = app.shared.config.push.vapid_private_key.as_deref();
    if let Some(key) = configured.and_then(effects::public_push_key) {
        return Ok(Json(PushKey { key }));
    }
    let key = match store::push_key(&app.db).await.map_err(unavailable)? {
        Some(row) => row.public_key,
        None => made_push_key(&app).await.map_err(unavailable)?,
    };
    Ok(Json(PushKey { key }))
}

async fn made_push_key(app: &App) -> Result<String, bus::Error> {
    let mut tx = app.db.begin().await?;
    let key = commands::push_key(&mut tx, &app.shared).await?;
    tx.commit().await?;
    Ok(key.public_key)
}
