//! Devices that receive push messages: which there are, whether they still receive anything, trying one.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use ui::{AccountTabs, Html, Path, Problem, Query, Text, Visit};
use uuid::Uuid;

use super::{Done, moment, text};
use crate::{
    api::{App, push_service, unavailable},
    commands::own::{self, CommandError},
    domain::OwnDevice,
    store,
};

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    t: Text,
    done: Option<String>,
    refused: Option<String>,
    devices: Vec<Shown>,
}

struct Shown {
    id: Uuid,
    /// By which the browser that has it knows itself.
    endpoint: String,
    name: String,
    /// Who takes messages to it.
    service: String,
    added: Html,
    gone: Option<Html>,
}

pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = text(&visit);
    let devices = store::own_devices(&app.db, person).await.map_err(unavailable)?;
    visit.page(t.get("devices-title")).tabs(AccountTabs::Devices.of(&visit)).show(&DevicesPage {
        t,
        done: done.in_words(t, &["tried", "removed"]),
        refused: done.in_words(t, &["too-often", "gone"]),
        devices: devices.iter().map(|device| shown(&visit, t, device)).collect(),
    })
}

fn shown(visit: &Visit, t: Text, own: &OwnDevice) -> Shown {
    let name = if own.name.is_empty() { t.get("device-unnamed") } else { own.name.clone() };
    Shown {
        id: own.device.id,
        endpoint: own.device.endpoint.clone(),
        name,
        service: push_service(&own.device.endpoint).to_owned(),
        added: moment(visit, own.added_at),
        gone: own.gone_at.map(|at| moment(visit, at)),
    }
}

/// Sends a message to one device.
pub(super) async fn try_one(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let person = visit.session()?.person;
    let done = match own::try_device(&app.db, &app.shared, person, id).await {
        Ok(()) => "tried",
        Err(CommandError::DeviceGone) => "gone",
        Err(CommandError::TooManyTrials) => "too-often",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/account/devices?done={done}")))
}

pub(super) async fn remove(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Problem> {
    own::remove_device(&app.db, visit.session()?.person, id).await?;
    Ok(Redirect::to("/account/devices?done=removed"))
}
