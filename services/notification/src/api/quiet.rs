//! Quiet hours: when a person is left in peace.

use axum::{extract::State, http::StatusCode};
use event::PersonId;
use serde::{Deserialize, Serialize};
use ui::{Json, Problem, Session, Tz};
use utoipa::ToSchema;

use super::{App, unavailable};
use crate::{commands::own, domain::QuietHours, store};

/// The hours of each day in which no mail and no push message is sent, by the clock of your time zone.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewQuietHours {
    /// 22:00
    begin: String,
    /// 07:00; earlier than the beginning, it is the next day's.
    end: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuietHoursBody {
    /// Absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    begin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    /// Yours, as your account has it.
    time_zone: String,
}

/// When you are left in peace. The inbox is filled all the same.
#[utoipa::path(get, path = "/api/v1/me/quiet-hours", tag = "notification",
    responses((status = 200, body = QuietHoursBody)))]
pub(super) async fn quiet_hours(
    State(app): State<App>,
    session: Session,
) -> Result<Json<QuietHoursBody>, Problem> {
    show_quiet_hours(&app, session.person).await
}

/// Sets your quiet hours: what would be sent in them is sent at their end.
#[utoipa::path(put, path = "/api/v1/me/quiet-hours", tag = "notification",
    request_body = NewQuietHours,
    responses((status = 200, body = QuietHoursBody), (status = 422, body = Problem)))]
pub(super) async fn keep_quiet(
    State(app): State<App>,
    session: Session,
    Json(body): Json<NewQuietHours>,
) -> Result<Json<QuietHoursBody>, Problem> {
    let hours = QuietHours::parse(&body.begin, &body.end)
        .map_err(|wrong| Problem::invalid(wrong.field(), wrong.to_string()))?;
    own::keep_quiet(&app.db, session.person, Some(hours)).await?;
    show_quiet_hours(&app, session.person).await
}

/// Takes your quiet hours away. What waits for their end already still does.
#[utoipa::path(delete, path = "/api/v1/me/quiet-hours", tag = "notification",
    responses((status = 204)))]
pub(super) async fn end_quiet(
    State(app): State<App>,
    session: Session,
) -> Result<StatusCode, Problem> {
    own::keep_quiet(&app.db, session.person, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_quiet_hours(app: &App, person: PersonId) -> Result<Json<QuietHoursBody>, Problem> {
    let (hours, zone) = own_quiet_hours(app, person).await?;
    Ok(Json(QuietHoursBody {
        begin: hours.map(|hours| hours.begin()),
        end: hours.map(|hours| hours.end()),
        time_zone: zone.name().to_owned(),
    }))
}

/// A person's quiet hours, and the time zone whose clock they go by.
pub(crate) async fn own_quiet_hours(
    app: &App,
    person: PersonId,
) -> Result<(Option<QuietHours>, Tz), Problem> {
    let hours = store::quiet_hours(&app.db, person).await.map_err(unavailable)?;
    let readers = store::readers(&app.db, &[person]).await.map_err(unavailable)?;
    let zone = readers.get(&person).map(|reader| reader.time_zone).unwrap_or_default();
    Ok((hours, zone))
}
