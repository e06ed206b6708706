//! The JSON API of operations: what waits in a service, its dead letters, how its copies stand, and what
//! of its work concerns one person. Each service serves its own part, the same for all, for operators and
//! administrators alone.

#![allow(unused_qualifications, reason = "utoipa's macro qualifies what it repeats")]

use std::sync::Arc;

use axum::{extract::FromRef, extract::State, http::StatusCode};
use bus::{
    Backlog, Concerning, DeadLetters, Orphans, Outboxes, Replayed, Transport, Which, sessions, step,
};
use event::{PersonId, Role};
use serde::Deserialize;
use ui::{Json, Path, Problem, Query, Session, Ui};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    LONGEST_REASON, MOST_REHEARSED,
    content::Reader,
    settled, unavailable,
    view::{
        ComparisonsView, DiscardedView, GroupView, GroupsView, LettersView, QueuesView,
        RehearsalView, ReplayedView, WorkView,
    },
    waiting,
};
use crate::platform::Member;

/// Letters on one page.
const MOST_LETTERS: u32 = 200;
const SOME_LETTERS: u32 = 50;

/// One service, as its operators reach it.
#[derive(Clone)]
struct Operated {
    member: Member,
    transport: Arc<dyn Transport>,
    outboxes: Outboxes,
    ui: Ui,
}

impl FromRef<Operated> for Ui {
    fn from_ref(operated: &Operated) -> Self {
        operated.ui.clone()
    }
}

/// The routes of one service, under `/api/v1/operations/<service>`.
pub(crate) fn routes(
    member: &Member,
    transport: &Arc<dyn Transport>,
    outboxes: Outboxes,
    ui: &Ui,
) -> OpenApiRouter {
    let name = member.service.name();
    let ui = ui.with_sessions(sessions::since(&member.db));
    let (member, transport) = (member.clone(), transport.clone());
    let operated = Operated { member, transport, outboxes, ui };
    let mut own = OpenApiRouter::new()
        .routes(routes!(queues))
        .routes(routes!(groups))
        .routes(routes!(letters))
        .routes(routes!(letter))
        .routes(routes!(replay))
        .routes(routes!(discard))
        .routes(routes!(comparisons))
        .routes(routes!(work))
        .with_state(operated);
    name_operations(&mut own, name);
    OpenApiRouter::new().nest(&format!("/api/v1/operations/{name}"), own)
}

/// An operation's id is the same in no two services.
fn name_operations(router: &mut OpenApiRouter, service: &str) {
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let id = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{service}_{id}"));
        }
    }
}

fn refuse_all_but_operators(session: &Session) -> Result<(), Problem> {
    session.require(&[Role::Operator, Role::Administrator])
}

/// What waits in each queue and for each effect of this service, why something is tried again, and what is
/// left of those that it has no more.
#[utoipa::path(get, path = "/queues", tag = "operations",
    responses((status = 200, body = QueuesView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn queues(
    State(operated): State<Operated>,
    session: Session,
) -> Result<Json<QueuesView>, Problem> {
    refuse_all_but_operators(&session)?;
    let Operated { member: Member { service, db, .. }, transport, outboxes, .. } = &operated;
    let backlog = Backlog::of(service, db, transport.as_ref(), outboxes).await;
    let view = QueuesView::of(service.name(), backlog.map_err(unavailable)?);
    let view = view.with_orphans(Orphans::of(service, db, transport.as_ref())).await;
    let view = view.map_err(unavailable)?.with_retries(db).await;
    Ok(Json(view.map_err(unavailable)?))
}

/// The dead letters that wait for a decision, grouped by their cause, the largest group first.
#[utoipa::path(get, path = "/dead", tag = "operations",
    responses((status = 200, body = GroupsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn groups(
    State(operated): State<Operated>,
    session: Session,
) -> Result<Json<GroupsView>, Problem> {
    refuse_all_but_operators(&session)?;
    let groups = DeadLetters::of(&operated.member.db).groups().await.map_err(unavailable)?;
    Ok(Json(GroupsView { groups: groups.into_iter().map(GroupView::from).collect() }))
}

#[derive(Deserialize, IntoParams)]
struct LettersQuery {
    /// The key of a group.
    group: Option<String>,
    /// The `next` of the page before.
    before: Option<String>,
    /// At most 200; 50 if left out.
    limit: Option<u32>,
    /// Those that were replayed or discarded, the latest decision first; false if left out.
    #[serde(default)]
    settled: bool,
}

/// Single dead letters that wait, the newest first, or were decided about, with their events. Of people's
/// names, addresses and texts only administrators see more than •••.
#[utoipa::path(get, path = "/dead/letters", tag = "operations", params(LettersQuery),
    responses((status = 200, body = LettersView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn letters(
    State(operated): State<Operated>,
    session: Session,
    Query(query): Query<LettersQuery>,
) -> Result<Json<LettersView>, Problem> {
    refuse_all_but_operators(&session)?;
    let member = &operated.member;
    let (group, before) = (query.group.as_deref(), query.before.as_deref());
    let limit = query.limit.unwrap_or(SOME_LETTERS).clamp(1, MOST_LETTERS);
    let (found, next) = if query.settled {
        let page = settled::page(std::slice::from_ref(member), group, before, limit).await?;
        (page.letters.into_iter().map(|(_, dead)| dead).collect(), page.next)
    } else {
        waiting::page(member, group, before, limit).await?
    };
    Ok(Json(LettersView::of(found, next, Reader::of(&session))))
}

/// One dead letter, or several: an event can be dead for several handlers.
#[utoipa::path(get, path = "/dead/letters/{id}", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 200, body = LettersView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn letter(
    State(operated): State<Operated>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<LettersView>, Problem> {
    refuse_all_but_operators(&session)?;
    let found = DeadLetters::of(&operated.member.db).show(id).await.map_err(unavailable)?;
    if found.is_empty() {
        return Err(Problem::not_found("no dead letter of this service has this id"));
    }
    Ok(Json(LettersView::of(found, None, Reader::of(&session))))
}

/// Which dead letters: give `id`, `group` or `all`, and only one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Selection {
    #[serde(default)]
    id: Option<Uuid>,
    /// With `id`: for this handler or effect alone.
    #[serde(default)]
    consumer: Option<String>,
    /// The key of a group.
    #[serde(default)]
    group: Option<String>,
    /// All that wait in this service.
    #[serde(default)]
    all: bool,
}

impl Selection {
    fn which(&self) -> Result<Which<'_>, Problem> {
        let consumer = self.consumer.as_deref();
        match (self.id, self.group.as_deref(), self.all) {
            (Some(id), None, false) => Ok(Which::Letter { id, consumer }),
            (None, Some(group), false) if consumer.is_none() => Ok(Which::Group(group)),
            (None, None, true) if consumer.is_none() => Ok(Which::All),
            _ => Err(Problem::invalid(
                "which",
                "say which: an `id` (with a `consumer`, if you like), a `group`, or `all`: true",
            )),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayRequest {
    which: Selection,
    /// Says what would come of it, and changes nothing: handlers run in a transaction that is rolled
    /// back, effects are not performed.
    #[serde(default)]
    dry_run: bool,
}

/// Gives dead letters once more to the handlers and effects that gave up on them, and to no others.
#[utoipa::path(post, path = "/dead/replay", tag = "operations", request_body = ReplayRequest,
    responses((status = 200, body = ReplayedView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn replay(
    State(operated): State<Operated>,
    session: Session,
    Json(wanted): Json<ReplayRequest>,
) -> Result<Json<ReplayedView>, Problem> {
    refuse_all_but_operators(&session)?;
    let which = wanted.which.which()?;
    let letters = DeadLetters::of(&operated.member.db);
    let waiting = some(letters.count(which).await.map_err(unavailable)?)?;
    if wanted.dry_run {
        let rehearsed = letters.rehearse(&operated.member.service, which, MOST_REHEARSED).await;
        let rehearsed = rehearsed.map_err(unavailable)?;
        let rehearsed = rehearsed.into_iter().map(RehearsalView::from).collect();
        return Ok(Json(ReplayedView::of(waiting, Replayed::default(), rehearsed)));
    }
    let by = session.person.to_string();
    let done = letters.replay_all(&operated.member.service, which, Some(&by)).await;
    Ok(Json(ReplayedView::of(waiting, done.map_err(unavailable)?, Vec::new())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DiscardRequest {
    which: Selection,
    /// Why; it is kept.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Puts dead letters aside for good. The reason is kept, and who gave it.
#[utoipa::path(post, path = "/dead/discard", tag = "operations", request_body = DiscardRequest,
    responses((status = 200, body = DiscardedView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn discard(
    State(operated): State<Operated>,
    session: Session,
    Json(wanted): Json<DiscardRequest>,
) -> Result<(StatusCode, Json<DiscardedView>), Problem> {
    refuse_all_but_operators(&session)?;
    let which = wanted.which.which()?;
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Problem::invalid("reason", "say why, in at most 2,000 characters"));
    }
    let by = session.person.to_string();
    let letters = DeadLetters::of(&operated.member.db);
    let discarded = letters.discard_all(which, reason, Some(&by)).await.map_err(unavailable)?;
    Ok((StatusCode::OK, Json(DiscardedView { discarded: some(discarded)? })))
}

/// What the last comparison of each kind of copies found, the kinds in their order.
#[utoipa::path(get, path = "/copies", tag = "operations",
    responses((status = 200, body = ComparisonsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn comparisons(
    State(operated): State<Operated>,
    session: Session,
) -> Result<Json<ComparisonsView>, Problem> {
    refuse_all_but_operators(&session)?;
    let Member { service, db, .. } = &operated.member;
    let comparisons = step::comparisons(db).await.map_err(unavailable)?;
    Ok(Json(ComparisonsView::of(service, comparisons)))
}

/// What of this service's work concerns a person and is not done: to be sent, to be tried again, to be
/// done in the outside world, given up on, or put aside for good.
#[utoipa::path(get, path = "/people/{id}/work", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 200, body = WorkView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn work(
    State(operated): State<Operated>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<WorkView>, Problem> {
    refuse_all_but_operators(&session)?;
    let concerning = Concerning::of(&operated.member.db, PersonId(id)).await;
    Ok(Json(WorkView::of(concerning.map_err(unavailable)?, Reader::of(&session))))
}

fn some(count: u64) -> Result<u64, Problem> {
    if count == 0 {
        return Err(Problem::not_found("no such dead letter waits in this service"));
    }
    Ok(count)
}
