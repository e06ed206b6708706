//! The inbox: what a person was told, in their language as of now.

use axum::extract::State;
use bus::Read;
use chrono::{DateTime, Utc};
use event::{CourseId, PersonId};
use serde::Serialize;
use ui::{Html, Json, Path, Problem, Query, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, Paging, next_place, unavailable};
use crate::{
    commands::own,
    domain::{CourseText, kind_code},
    store::{self, Before, InboxItem},
    words::{Setting, marked_words, words},
};

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
    /// enrolment, new-lesson, message, quiz-graded, certificate-issued, certificate-revoked,
    /// essays-to-mark or export-ready
    pub(crate) kind: &'static str,
    /// What it is about: an enrolment, a lesson, a message, an attempt, a certificate, a course or an
    /// export.
    pub(crate) subject: Uuid,
    /// Absent where it concerns none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) course: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) text: String,
    /// Both for a page, where a course's titles say in which language they are.
    #[serde(skip)]
    pub(crate) marked_title: Html,
    #[serde(skip)]
    pub(crate) marked_text: Html,
    pub(crate) action: String,
    pub(crate) link: String,
    pub(crate) at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_at: Option<DateTime<Utc>>,
}

/// What you were told, the newest first.
#[utoipa::path(get, path = "/api/v1/me/inbox", tag = "notification", params(Paging),
    responses((status = 200, body = Inbox), (status = 401, body = Problem)))]
pub(super) async fn inbox(
    State(app): State<App>,
    session: Session,
    Query(paging): Query<Paging>,
) -> Result<Json<Inbox>, Problem> {
    let (before, limit) = (paging.before()?, paging.limit()?);
    let setting = Setting::of(session.language, &app.shared.base_url);
    Ok(Json(read_inbox(&app, session.person, setting, before, limit).await?))
}

pub(crate) async fn read_inbox(
    app: &App,
    person: PersonId,
    setting: Setting<'_>,
    before: Before,
    limit: usize,
) -> Result<Inbox, Problem> {
    let rows = store::inbox_items(&app.db, person, before, limit).await.map_err(unavailable)?;
    let next = next_place(&rows, limit, |row| (row.created_at, row.id));
    let items = in_words(&app.db, setting, rows).await?;
    let unread = store::unread(&app.db, person).await.map_err(unavailable)?;
    Ok(Inbox { unread, items, next })
}

/// One of a person's messages.
pub(crate) async fn read_item(
    app: &App,
    person: PersonId,
    setting: Setting<'_>,
    id: Uuid,
) -> Result<Option<Item>, Problem> {
    let row = store::inbox_item(&app.db, person, id).await.map_err(unavailable)?;
    Ok(in_words(&app.db, setting, row.into_iter().collect()).await?.pop())
}

async fn in_words(
    db: &impl Read,
    setting: Setting<'_>,
    rows: Vec<InboxItem>,
) -> Result<Vec<Item>, Problem> {
    let courses: Vec<CourseId> = rows.iter().filter_map(|row| row.course).collect();
    let courses = store::courses(db, &courses).await.map_err(unavailable)?;
    let item = |row: InboxItem| {
        let course = match row.course {
            Some(course) => Some(courses.get(&course)?),
            None => None,
        };
        Some(item(setting, course, row))
    };
    Ok(rows.into_iter().filter_map(item).collect())
}

fn item(setting: Setting<'_>, course: Option<&CourseText>, row: InboxItem) -> Item {
    let words = words(setting, &row.notice, course);
    let (marked_title, marked_text) = marked_words(setting, &row.notice, course);
    Item {
        id: row.id,
        kind: kind_code(row.notice.kind()),
        subject: row.notice.subject(),
        course: row.course.map(|course| course.0),
        title: words.subject,
        text: words.body,
        marked_title,
        marked_text,
        action: words.action,
        link: words.link,
        at: row.created_at,
        read_at: row.read_at,
    }
}

/// How many are still unread.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unread {
    unread: i64,
}

/// Marks a message as read; doing so again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/inbox/{id}/read", tag = "notification",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Unread), (status = 404, body = Problem)))]
pub(super) async fn read(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<Unread>, Problem> {
    own::read(&app.db, session.person, id).await?;
    unread(&app, session.person).await
}

/// Marks all messages as read.
#[utoipa::path(post, path = "/api/v1/me/inbox/read-all", tag = "notification",
    responses((status = 200, body = Unread)))]
pub(super) async fn read_all(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Unread>, Problem> {
    own::read_all(&app.db, session.person).await?;
    unread(&app, session.person).await
}

async fn unread(app: &App, person: PersonId) -> Result<Json<Unread>, Problem> {
    let unread = store::unread(&app.db, person).await.map_err(unavailable)?;
    Ok(Json(Unread { unread }))
}
