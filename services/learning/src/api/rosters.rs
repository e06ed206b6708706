//! The JSON API of those who teach: who takes a course, and messages to them.

#![allow(unused_qualifications, reason = "utoipa's macro qualifies what it repeats")]

use axum::extract::State;
use chrono::{DateTime, Utc};
use event::{CourseId, EnrolmentId, Role};
use serde::{Deserialize, Serialize};
use ui::{FieldProblem, Json, Path, Problem, Query, Session};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::App;
use crate::{
    commands::{self, Refusal},
    domain::{Draft, DraftFault, LONGEST_SUBJECT, LONGEST_TEXT, Shown, Sort, fold},
    store::{self, CourseCopy, RosterLine, RosterQuery},
};

const PAGE: u64 = 50;
const LONGEST_SEARCH: usize = 100;
const MOST_MESSAGES: u64 = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(roster, enrol))
        .routes(routes!(remove))
        .routes(routes!(messages, send))
}

async fn taught(app: &App, session: &Session, course: Uuid) -> Result<CourseCopy, Problem> {
    session.require(&[Role::Instructor, Role::Administrator])?;
    Ok(commands::taught(&app.db, session, CourseId(course)).await?)
}

#[derive(Deserialize, IntoParams)]
struct RosterParams {
    /// Part of a name or a mail address; accents and case do not matter.
    q: Option<String>,
    /// `everybody`, `underway` or `completed`.
    show: Option<String>,
    /// `name`, `progress`, `activity`, `silence` or `enrolled`.
    sort: Option<String>,
    /// From 1; fifty learners are on one.
    page: Option<u32>,
}

/// Who takes a course.
#[derive(Serialize, ToSchema)]
struct RosterView {
    enrolled: i64,
    completed: i64,
    /// How many the question finds.
    found: u64,
    learners: Vec<LearnerView>,
}

#[derive(Serialize, ToSchema)]
struct LearnerView {
    enrolment: Uuid,
    learner: Uuid,
    /// Absent until it has arrived here.
    name: Option<String>,
    mail: Option<String>,
    /// Required lessons read and required quizzes passed.
    steps_done: u64,
    steps: usize,
    enrolled_at: DateTime<Utc>,
    active_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

/// Who takes a course of mine, and how far they are.
#[utoipa::path(get, path = "/api/v1/rosters/{course}", tag = "learning",
    params(("course" = Uuid, Path), RosterParams),
    responses((status = 200, body = RosterView), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn roster(
    State(app): State<App>,
    session: Session,
    Path(course): Path<Uuid>,
    Query(params): Query<RosterParams>,
) -> Result<Json<RosterView>, Problem> {
    let copy = taught(&app, &session, course).await?;
    let search: String = params.q.unwrap_or_default().chars().take(LONGEST_SEARCH).collect();
    let query = RosterQuery {
        search: fold(&search),
        shown: chosen("show", params.show.as_deref(), Shown::parse)?,
        sort: chosen("sort", params.sort.as_deref(), Sort::parse)?,
    };
    let offset = u64::from(params.page.unwrap_or(1).saturating_sub(1)) * PAGE;
    let size = store::roster_size(&app.db, copy.course, &query).await.map_err(Refusal::from)?;
    let lines = store::roster(&app.db, copy.course, &copy.outline, &query, offset, PAGE).await;
    let steps = copy.outline.required_steps();
    let lines = lines.map_err(Refusal::from)?.into_iter();
    Ok(Json(RosterView {
        enrolled: size.attendance.enrolled,
        completed: size.attendance.completed,
        found: size.found.unsigned_abs(),
        learners: lines.map(|line| learner(line, steps)).collect(),
    }))
}

fn chosen<T: Default>(
    field: &str,
    asked: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Problem> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(T::default());
    };
    parse(asked).ok_or_else(|| Problem::invalid(field, "this is none of the documented words"))
}

fn learner(line: RosterLine, steps: usize) -> LearnerView {
    LearnerView {
        enrolment: line.enrolment.0,
        learner: line.learner.0,
        name: line.name,
        mail: line.mail,
        steps_done: line.done,
        steps,
        enrolled_at: line.enrolled_at,
        active_at: line.active_at,
        completed_at: line.completed_at,
    }
}

#[derive(Deserialize, ToSchema)]
struct NewLearner {
    /// Of somebody who has an account.
    mail: String,
}

/// A seat that was taken for somebody.
#[derive(Serialize, ToSchema)]
struct EnrolledView {
    enrolment: Uuid,
    /// Whether it was free before.
    is_new: bool,
}

/// Enrol somebody by mail address; enrolling twice is enrolling once.
#[utoipa::path(post, path = "/api/v1/rosters/{course}", tag = "learning",
    params(("course" = Uuid, Path)), request_body = NewLearner,
    responses((status = 200, body = EnrolledView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn enrol(
    State(app): State<App>,
    session: Session,
    Path(course): Path<Uuid>,
    Json(new): Json<NewLearner>,
) -> Result<Json<EnrolledView>, Problem> {
    let copy = taught(&app, &session, course).await?;
    let enrolled = commands::enrol_by_mail(&app.db, &copy, &new.mail).await?;
    Ok(Json(EnrolledView { enrolment: enrolled.enrolment.0, is_new: enrolled.is_new }))
}

/// Take somebody's seat away; doing it again changes nothing.
#[utoipa::path(delete, path = "/api/v1/rosters/{course}/{enrolment}", tag = "learning",
    params(("course" = Uuid, Path), ("enrolment" = Uuid, Path)),
    responses((status = 200), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn remove(
    State(app): State<App>,
    session: Session,
    Path((course, enrolment)): Path<(Uuid, Uuid)>,
) -> Result<(), Problem> {
    let copy = taught(&app, &session, course).await?;
    Ok(commands::remove(&app.db, copy.course, EnrolmentId(enrolment)).await?)
}

/// A message that was sent to all who take a course.
#[derive(Serialize, ToSchema)]
struct MessageView {
    message: Uuid,
    subject: String,
    /// Markdown.
    text: String,
    /// How many had a seat when it was sent.
    recipients: u64,
    sent_at: DateTime<Utc>,
}

/// Messages that were sent to a course of mine, the newest hundred.
#[utoipa::path(get, path = "/api/v1/rosters/{course}/messages", tag = "learning",
    params(("course" = Uuid, Path)),
    responses((status = 200, body = Vec<MessageView>), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn messages(
    State(app): State<App>,
    session: Session,
    Path(course): Path<Uuid>,
) -> Result<Json<Vec<MessageView>>, Problem> {
    let copy = taught(&app, &session, course).await?;
    let sent = store::messages(&app.db, copy.course, 0, MOST_MESSAGES).await;
    let view = |sent: store::SentMessage| MessageView {
        message: sent.id.0,
        subject: sent.subject,
        text: sent.text,
        recipients: sent.recipients,
        sent_at: sent.sent_at,
    };
    Ok(Json(sent.map_err(Refusal::from)?.into_iter().map(view).collect()))
}

#[derive(Deserialize, ToSchema)]
struct NewMessage {
    /// Chosen by the sender: sending with the same one again sends nothing.
    form: Uuid,
    /// One line.
    subject: String,
    /// Markdown.
    text: String,
}

/// What came of sending.
#[derive(Serialize, ToSchema)]
struct SentView {
    message: Uuid,
    recipients: u64,
}

/// Write to all who take a course of mine; the same form twice is one message.
#[utoipa::path(post, path = "/api/v1/rosters/{course}/messages", tag = "learning",
    params(("course" = Uuid, Path)), request_body = NewMessage,
    responses((status = 200, body = SentView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn send(
    State(app): State<App>,
    session: Session,
    Path(course): Path<Uuid>,
    Json(new): Json<NewMessage>,
) -> Result<Json<SentView>, Problem> {
    let copy = taught(&app, &session, course).await?;
    let draft = Draft::parse(&new.subject, &new.text).map_err(wrong)?;
    let sent = commands::send_message(&app.db, &copy, session.person, new.form, draft).await?;
    Ok(Json(SentView { message: sent.message.0, recipients: sent.recipients }))
}

fn wrong(faults: Vec<DraftFault>) -> Problem {
    let errors = faults.into_iter().map(|fault| {
        let (field, detail) = match fault {
            DraftFault::NoSubject => ("subject", "give a subject".to_owned()),
            DraftFault::LongSubject => {
                ("subject", format!("shorten it to {LONGEST_SUBJECT} characters"))
            }
            DraftFault::NoText => ("text", "give a text".to_owned()),
            DraftFault::LongText => ("text", format!("shorten it to {LONGEST_TEXT} characters")),
        };
        FieldProblem { field: field.to_owned(), detail }
    });
    let mut problem = Problem::invalid("message", "this message cannot be sent like this");
    problem.errors = errors.collect();
    problem
}
