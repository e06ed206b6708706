//! JSON: the inbox, preferences, devices and what was sent. Everybody sees their own alone.
#![allow(unused_qualifications, reason = "utoipa writes the type of a query with its path")]

use std::sync::Arc;

use axum::{
    extract::{FromRef, State},
    http::StatusCode,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{CourseId, Language, PersonId};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Query, Session, Ui};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    commands::{self, CommandError, Shared},
    domain::{
        Channel, Device, InvalidQuietHours, Kind, QuietHours, channel_code, channel_of, kind_code,
        kind_of,
    },
    effects,
    store::{self, Before, DeliveryView, InboxItem},
    words::words,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
const MOST_PREFERENCES: usize = 100;

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) ui: Ui,
    pub(crate) shared: Arc<Shared>,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(inbox))
        .routes(routes!(read))
        .routes(routes!(read_all))
        .routes(routes!(preferences, choose))
        .routes(routes!(quiet_hours, keep_quiet, end_quiet))
        .routes(routes!(deliveries))
        .routes(routes!(devices, add_device))
        .routes(routes!(remove_device))
        .routes(routes!(push_key))
        .with_state(app)
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Paging {
    /// `next` of the page before.
    before: Option<String>,
    /// At most 200; 50 if not given.
    limit: Option<u32>,
}

impl Paging {
    fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(PAGE) {
            limit @ 1..=LARGEST_PAGE => Ok(limit as usize),
            _ => Err(Problem::invalid("limit", format!("give 1 to {LARGEST_PAGE}"))),
        }
    }

    fn before(&self) -> Result<Before, Problem> {
        place(self.before.as_deref())
    }
}

/// A place in a list, as `next` wrote it.
pub(crate) fn place(text: Option<&str>) -> Result<Before, Problem> {
    let Some(text) = text else {
        return Ok(Before::everything());
    };
    let read = || {
        let (micros, id) = text.split_once('_')?;
        let time = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
        let is_dated = (0..=9999).contains(&chrono::Datelike::year(&time));
        is_dated.then_some(())?;
        Some(Before { time, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Problem::invalid("before", "give what “next” of the page before said"))
}

pub(crate) fn next_place(time: DateTime<Utc>, id: Uuid) -> String {
    format!("{}_{id}", time.timestamp_micros())
}

/// A page of the inbox, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    /// Unread messages in all.
    pub(crate) unread: i64,
    pub(crate) items: Vec<Item>,
    /// For `?before=`, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// One message, in the reader's language as of now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    /// enrolment, new-lesson, quiz-graded or certificate-issued
    pub(crate) kind: &'static str,
    /// What it is about: an enrolment, a lesson, an attempt or a certificate.
    pub(crate) subject: Uuid,
    pub(crate) course: Uuid,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) action: String,
    pub(crate) link: String,
    pub(crate) at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_at: Option<DateTime<Utc>>,
}

/// What you were told, the newest first.
#[utoipa::path(get, path = "/api/v1/me/inbox", tag = "notification", params(Paging),
    responses((status = 200, body = Inbox), (status = 401, body = Problem)))]
async fn inbox(
    State(app): State<App>,
    session: Session,
    Query(paging): Query<Paging>,
) -> Result<Json<Inbox>, Problem> {
    let (before, limit) = (paging.before()?, paging.limit()?);
    Ok(Json(read_inbox(&app, session.person, session.language, before, limit).await?))
}

pub(crate) async fn read_inbox(
    app: &App,
    person: PersonId,
    language: Language,
    before: Before,
    limit: usize,
) -> Result<Inbox, Problem> {
    let rows = store::inbox_items(&app.db, person, before, limit).await.map_err(unavailable)?;
    let courses: Vec<CourseId> = rows.iter().map(|row| row.course).collect();
    let courses = store::courses(&app.db, &courses).await.map_err(unavailable)?;
    let next = rows.last().filter(|_| rows.len() == limit);
    let next = next.map(|row| next_place(row.created_at, row.id));
    let items = rows
        .into_iter()
        .filter_map(|row| Some(item(app, language, courses.get(&row.course)?, row)))
        .collect();
    let unread = store::unread(&app.db, person).await.map_err(unavailable)?;
    Ok(Inbox { unread, items, next })
}

fn item(app: &App, language: Language, course: &crate::domain::CourseText, row: InboxItem) -> Item {
    let words = words(language, &row.notice, course, &app.shared.base_url);
    Item {
        id: row.id,
        kind: kind_code(row.notice.kind()),
        subject: row.notice.subject(),
        course: row.course.0,
        title: words.subject,
        text: words.body,
        action: words.action,
        link: words.link,
        at: row.created_at,
        read_at: row.read_at,
    }
}

/// How many are still unread.
#[derive(Debug, Serialize, ToSchema)]
struct Unread {
    unread: i64,
}

/// Marks a message as read; doing so again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/inbox/{id}/read", tag = "notification",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Unread), (status = 404, body = Problem)))]
async fn read(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<Unread>, Problem> {
    commands::read(&app.db, session.person, id).await?;
    unread(&app, session.person).await
}

/// Marks all messages as read.
#[utoipa::path(post, path = "/api/v1/me/inbox/read-all", tag = "notification",
    responses((status = 200, body = Unread)))]
async fn read_all(State(app): State<App>, session: Session) -> Result<Json<Unread>, Problem> {
    commands::read_all(&app.db, session.person).await?;
    unread(&app, session.person).await
}

async fn unread(app: &App, person: PersonId) -> Result<Json<Unread>, Problem> {
    let unread = store::unread(&app.db, person).await.map_err(unavailable)?;
    Ok(Json(Unread { unread }))
}

/// Whether a kind of message is wanted over a channel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Preference {
    /// enrolment, new-lesson, quiz-graded or certificate-issued
    pub(crate) kind: String,
    /// mail, push or inbox
    pub(crate) channel: String,
    pub(crate) wanted: bool,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Preferences {
    preferences: Vec<Preference>,
}

/// What you are told, and how. Everything is wanted until you say otherwise; push needs a device.
#[utoipa::path(get, path = "/api/v1/me/notification-preferences", tag = "notification",
    responses((status = 200, body = Preferences)))]
async fn preferences(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Preferences>, Problem> {
    show_preferences(&app, session.person).await
}

/// Changes what is given, leaves the rest, and answers with all.
#[utoipa::path(put, path = "/api/v1/me/notification-preferences", tag = "notification",
    request_body = Preferences,
    responses((status = 200, body = Preferences), (status = 422, body = Problem)))]
async fn choose(
    State(app): State<App>,
    session: Session,
    Json(body): Json<Preferences>,
) -> Result<Json<Preferences>, Problem> {
    if body.preferences.len() > MOST_PREFERENCES {
        return Err(Problem::invalid("preferences", "give each kind and channel once at most"));
    }
    let chosen: Vec<_> = body.preferences.iter().map(chosen).collect::<Result<_, _>>()?;
    commands::choose(&app.db, session.person, &chosen).await?;
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
    let kind = kind_of(&preference.kind).ok_or_else(|| {
        Problem::invalid("kind", "give enrolment, new-lesson, quiz-graded or certificate-issued")
    })?;
    let channel = channel_of(&preference.channel)
        .ok_or_else(|| Problem::invalid("channel", "give mail, push or inbox"))?;
    Ok((kind, channel, preference.wanted))
}

/// The hours of each day in which no mail and no push message is sent, by the clock of your time zone.
#[derive(Debug, Deserialize, ToSchema)]
struct NewQuietHours {
    /// 22:00
    begin: String,
    /// 07:00; earlier than the beginning, it is the next day's.
    end: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct QuietHoursBody {
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
async fn quiet_hours(
    State(app): State<App>,
    session: Session,
) -> Result<Json<QuietHoursBody>, Problem> {
    show_quiet_hours(&app, session.person).await
}

/// Sets your quiet hours: what would be sent in them is sent at their end.
#[utoipa::path(put, path = "/api/v1/me/quiet-hours", tag = "notification",
    request_body = NewQuietHours,
    responses((status = 200, body = QuietHoursBody), (status = 422, body = Problem)))]
async fn keep_quiet(
    State(app): State<App>,
    session: Session,
    Json(body): Json<NewQuietHours>,
) -> Result<Json<QuietHoursBody>, Problem> {
    let hours = QuietHours::parse(&body.begin, &body.end).map_err(|wrong| {
        let field = if wrong == InvalidQuietHours::Begin { "begin" } else { "end" };
        Problem::invalid(field, wrong.to_string())
    })?;
    commands::keep_quiet(&app.db, session.person, Some(hours)).await?;
    show_quiet_hours(&app, session.person).await
}

/// Takes your quiet hours away. What waits for their end already still does.
#[utoipa::path(delete, path = "/api/v1/me/quiet-hours", tag = "notification",
    responses((status = 204)))]
async fn end_quiet(State(app): State<App>, session: Session) -> Result<StatusCode, Problem> {
    commands::keep_quiet(&app.db, session.person, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_quiet_hours(app: &App, person: PersonId) -> Result<Json<QuietHoursBody>, Problem> {
    let hours = store::quiet_hours(&app.db, person).await.map_err(unavailable)?;
    let readers = store::readers(&app.db, &[person]).await.map_err(unavailable)?;
    let zone = readers.get(&person).map(|reader| reader.time_zone).unwrap_or_default();
    Ok(Json(QuietHoursBody {
        begin: hours.map(|hours| hours.begin()),
        end: hours.map(|hours| hours.end()),
        time_zone: zone.name().to_owned(),
    }))
}

/// One message over one channel, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    id: Uuid,
    /// enrolment, new-lesson, quiz-graded or certificate-issued
    kind: String,
    /// mail, push or inbox
    channel: String,
    /// What it is about: an enrolment, a lesson, an attempt or a certificate.
    subject: Uuid,
    course: Uuid,
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
            course: view.course,
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
struct Deliveries {
    deliveries: Vec<DeliveryBody>,
    /// For `?before=`, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What was sent to you, and what was not and why, the newest first.
#[utoipa::path(get, path = "/api/v1/me/deliveries", tag = "notification", params(Paging),
    responses((status = 200, body = Deliveries)))]
async fn deliveries(
    State(app): State<App>,
    session: Session,
    Query(paging): Query<Paging>,
) -> Result<Json<Deliveries>, Problem> {
    let (before, limit) = (paging.before()?, paging.limit()?);
    let rows =
        store::deliveries(&app.db, session.person, before, limit).await.map_err(unavailable)?;
    let next = rows.last().filter(|_| rows.len() == limit);
    let next = next.map(|row| next_place(row.created_at, row.id));
    Ok(Json(Deliveries { deliveries: rows.into_iter().map(DeliveryBody::from).collect(), next }))
}

/// A browser's push subscription.
#[derive(Debug, Deserialize, ToSchema)]
struct NewDevice {
    /// As the browser gave it: an https address of its push service.
    endpoint: String,
    /// The browser's public key, base64url.
    p256dh: String,
    /// The browser's secret, base64url.
    auth: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct DeviceBody {
    id: Uuid,
    /// The push service's host.
    service: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Devices {
    devices: Vec<DeviceBody>,
}

/// Your devices that receive push messages.
#[utoipa::path(get, path = "/api/v1/me/devices", tag = "notification",
    responses((status = 200, body = Devices)))]
async fn devices(State(app): State<App>, session: Session) -> Result<Json<Devices>, Problem> {
    let devices = store::devices(&app.db, &[session.person]).await.map_err(unavailable)?;
    let devices = devices.into_values().flatten().map(|device| shown(device.id, &device)).collect();
    Ok(Json(Devices { devices }))
}

/// Registers a device for push. Registering it again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/devices", tag = "notification", request_body = NewDevice,
    responses((status = 200, body = DeviceBody), (status = 422, body = Problem)))]
async fn add_device(
    State(app): State<App>,
    session: Session,
    Json(body): Json<NewDevice>,
) -> Result<Json<DeviceBody>, Problem> {
    let device = device(&app, &body)?;
    let id = commands::add_device(&app.db, session.person, &device).await?;
    Ok(Json(shown(id, &device)))
}

/// Stops push messages to a device.
#[utoipa::path(delete, path = "/api/v1/me/devices/{id}", tag = "notification",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_device(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    commands::remove_device(&app.db, session.person, id).await?;
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
    let after = device.endpoint.split_once("://").map_or("", |(_, after)| after);
    DeviceBody { id, service: after.split('/').next().unwrap_or("").to_owned() }
}

#[derive(Debug, Serialize, ToSchema)]
struct PushKey {
    /// The platform's VAPID public key, base64url: what a browser's `applicationServerKey` takes.
    key: String,
}

/// The key with which a browser subscribes to push.
#[utoipa::path(get, path = "/api/v1/push-key", tag = "notification",
    responses((status = 200, body = PushKey)))]
async fn push_key(State(app): State<App>) -> Result<Json<PushKey>, Problem> {
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

pub(crate) fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match &error {
            CommandError::Database(error) => Self::unavailable(error),
            CommandError::Erased | CommandError::TooManyDevices => {
                Self::conflict(error.to_string())
            }
            CommandError::NoSuchItem | CommandError::NoSuchDevice => {
                Self::not_found(error.to_string())
            }
        }
    }
}
