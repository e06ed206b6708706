//! The JSON API of administrators: enrolling many at once.

use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use event::Role;
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Session};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::App;
use crate::{
    commands::{self, Refusal},
    domain::{MOST_BYTES, MOST_LINES, Outcome, Reason, UploadFault, lines},
    store::{self, UploadedLine},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(report))
        // A text grows when it is written as JSON.
        .layer(DefaultBodyLimit::max(2 * MOST_BYTES))
}

#[derive(Deserialize, ToSchema)]
struct NewUpload {
    /// Chosen by the sender: sending with the same one again changes nothing.
    form: Uuid,
    /// A line for each enrolment: mail address, a course's key and, optionally, the course's language.
    lines: String,
}

/// Where the report is.
#[derive(Serialize, ToSchema)]
struct UploadView {
    upload: Uuid,
}

/// What became of an upload so far.
#[derive(Serialize, ToSchema)]
struct ReportView {
    upload: Uuid,
    uploaded_at: DateTime<Utc>,
    /// Absent while lines wait.
    finished_at: Option<DateTime<Utc>>,
    waiting: u64,
    enrolled: u64,
    /// Enrolled before; nothing changed for them.
    already: u64,
    refused: Vec<RefusedView>,
}

#[derive(Serialize, ToSchema)]
struct RefusedView {
    line: u32,
    /// All of the line, where it could not be taken apart.
    mail: String,
    course: String,
    /// `unreadable`, `no-mail`, `no-course`, `unknown-language`, `unknown-mail`, `unknown-course`,
    /// `withdrawn-course` or `other-language`.
    reason: &'static str,
}

/// Enrol many at once. It is answered at once and worked off after; twice is once.
#[utoipa::path(post, path = "/api/v1/enrolment-uploads", tag = "learning", request_body = NewUpload,
    responses((status = 200, body = UploadView), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn upload(
    State(app): State<App>,
    session: Session,
    Json(new): Json<NewUpload>,
) -> Result<Json<UploadView>, Problem> {
    session.require(&[Role::Administrator])?;
    let lines = lines(&new.lines).map_err(wrong)?;
    let upload = commands::upload(&app.db, session.person, new.form, &lines).await?;
    Ok(Json(UploadView { upload }))
}

fn wrong(fault: UploadFault) -> Problem {
    let detail = match fault {
        UploadFault::Empty => "give at least one line".to_owned(),
        UploadFault::TooLarge => "send at most 1 MB at once".to_owned(),
        UploadFault::TooManyLines => format!("send at most {MOST_LINES} lines at once"),
        UploadFault::NotText => "send text in UTF-8".to_owned(),
    };
    Problem::invalid("lines", detail)
}

/// What became of an upload, with every refused line.
#[utoipa::path(get, path = "/api/v1/enrolment-uploads/{upload}", tag = "learning",
    params(("upload" = Uuid, Path)),
    responses((status = 200, body = ReportView), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn report(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<ReportView>, Problem> {
    session.require(&[Role::Administrator])?;
    let upload = store::upload(&app.db, id).await.map_err(Refusal::from)?;
    let upload = upload.ok_or(Refusal::NoSuchUpload)?;
    let most = u64::try_from(MOST_LINES).unwrap_or(u64::MAX);
    let refused = store::uploaded_lines(&app.db, id, Outcome::Refused, 0, most).await;
    Ok(Json(ReportView {
        upload: upload.id,
        uploaded_at: upload.uploaded_at,
        finished_at: upload.finished_at,
        waiting: upload.counts.waiting,
        enrolled: upload.counts.enrolled,
        already: upload.counts.already,
        refused: refused.map_err(Refusal::from)?.into_iter().map(refused_view).collect(),
    }))
}

fn refused_view(uploaded: UploadedLine) -> RefusedView {
    RefusedView {
        line: uploaded.line.number,
        mail: uploaded.line.mail,
        course: uploaded.line.course,
        reason: uploaded.reason.map_or("", Reason::name),
    }
}
