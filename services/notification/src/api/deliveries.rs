//! What was sent to a person, and what was not and why.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use ui::{Json, Problem, Query, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, Paging, next_place, unavailable};
use crate::store::{self, DeliveryView};

/// One message over one channel, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryBody {
    id: Uuid,
    /// enrolment, new-lesson, message, quiz-graded, certificate-issued, certificate-revoked,
    /// essays-to-mark, export-ready, password-reset, address-change, address-changed or test
    kind: String,
    /// mail, push or inbox
    channel: String,
    /// What it is about: an enrolment, a lesson, a message, an attempt, a certificate, a course (whose
    /// essays wait), an export, a forgotten password, a change of address or a device.
    subject: Uuid,
    /// Absent where it concerns none.
    #[serde(skip_serializing_if = "Option::is_none")]
    course: Option<Uuid>,
    /// queued, sent, failed, suppressed, or uncertain: it may have been sent
    state: String,
    /// Why it was not sent: preference, no-device, erased, or what the outside world said.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    attempts: i32,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<DateTime<Utc>>,
    /// While it is queued: it waits for the end of quiet hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<DateTime<Utc>>,
}

impl From<DeliveryView> for DeliveryBody {
    fn from(view: DeliveryView) -> Self {
        Self {
            id: view.id,
            kind: view.kind,
            channel: view.channel,
            subject: view.subject,
            course: Some(view.course).filter(|course| !course.is_nil()),
            state: view.state,
            reason: view.reason,
            attempts: view.attempts,
            at: view.created_at,
            settled_at: view.settled_at,
            waits_until: view.waits_until.filter(|_| view.settled_at.is_none()),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deliveries {
    deliveries: Vec<DeliveryBody>,
    /// For `?before=`, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What was sent to you, and what was not and why, the newest first.
#[utoipa::path(get, path = "/api/v1/me/deliveries", tag = "notification", params(Paging),
    responses((status = 200, body = Deliveries)))]
pub(super) async fn deliveries(
    State(app): State<App>,
    session: Session,
    Query(paging): Query<Paging>,
) -> Result<Json<Deliveries>, Problem> {
    let (before, limit) = (paging.before()?, paging.limit()?);
    let rows =
        store::deliveries(&app.db, session.person, before, limit).await.map_err(unavailable)?;
    let next = next_place(&rows, limit, |row| (row.created_at, row.id));
    Ok(Json(Deliveries { deliveries: rows.into_iter().map(DeliveryBody::from).collect(), next }))
}
