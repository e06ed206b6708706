//! What a person is told, and how.

use axum::extract::State;
use event::PersonId;
use serde::{Deserialize, Serialize};
use ui::{Json, Problem, Session};
use utoipa::ToSchema;

use super::{App, unavailable};
use crate::{
    commands::own,
    domain::{Channel, Kind, channel_code, channel_of, chosen_kind_of, kind_code},
    store,
};

const MOST_PREFERENCES: usize = 100;

/// Whether a kind of message is wanted over a channel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Preference {
    /// enrolment, new-lesson, message, quiz-graded, certificate-issued, certificate-revoked or
    /// essays-to-mark
    kind: String,
    /// mail, push or inbox
    channel: String,
    wanted: bool,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Preferences {
    preferences: Vec<Preference>,
}

/// What you are told, and how. Everything is wanted until you say otherwise; push needs a device.
#[utoipa::path(get, path = "/api/v1/me/notification-preferences", tag = "notification",
    responses((status = 200, body = Preferences)))]
pub(super) async fn preferences(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Preferences>, Problem> {
    show_preferences(&app, session.person).await
}

/// Changes what is given, leaves the rest, and answers with all.
#[utoipa::path(put, path = "/api/v1/me/notification-preferences", tag = "notification",
    request_body = Preferences,
    responses((status = 200, body = Preferences), (status = 422, body = Problem)))]
pub(super) async fn choose(
    State(app): State<App>,
    session: Session,
    Json(body): Json<Preferences>,
) -> Result<Json<Preferences>, Problem> {
    if body.preferences.len() > MOST_PREFERENCES {
        return Err(Problem::invalid("preferences", "give each kind and channel once at most"));
    }
    let chosen: Vec<_> = body.preferences.iter().map(chosen).collect::<Result<_, _>>()?;
    own::choose(&app.db, session.person, &chosen).await?;
    show_preferences(&app, session.person).await
}

async fn show_preferences(app: &App, person: PersonId) -> Result<Json<Preferences>, Problem> {
    let chosen = store::preferences(&app.db, person).await.map_err(unavailable)?;
    let preferences = chosen
        .into_iter()
        .map(|(kind, channel, wanted)| Preference {
            kind: kind_code(kind).to_owned(),
            channel: channel_code(channel).to_owned(),
            wanted,
        })
        .collect();
    Ok(Json(Preferences { preferences }))
}

fn chosen(preference: &Preference) -> Result<(Kind, Channel, bool), Problem> {
    let kind = chosen_kind_of(&preference.kind).ok_or_else(|| {
        let kinds = "give enrolment, new-lesson, message, quiz-graded, certificate-issued, \
                     certificate-revoked or essays-to-mark";
        Problem::invalid("kind", kinds)
    })?;
    let channel = channel_of(&preference.channel)
        .ok_or_else(|| Problem::invalid("channel", "give mail, push or inbox"))?;
    Ok((kind, channel, preference.wanted))
}
