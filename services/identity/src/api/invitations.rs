//! Invitations, for administrators.

use axum::{extract::State, http::StatusCode};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{InvitationId, Role};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Query};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    account::Account,
    commands::{
        CommandError,
        invitations::{self, Outcome},
    },
    domain::{
        Invalid, Mail, Name, Roles,
        invitation::{Invitation, Invited, MOST_LINES, Standing},
        parse_language,
    },
    store::invitations as rows,
};

const PAGE: u64 = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(invite, list))
        .routes(routes!(withdraw))
        .routes(routes!(resend))
}

/// Somebody who is to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[schema(max_length = 120)]
    name: String,
    #[schema(max_length = 254)]
    mail: String,
    /// `en` or `fr`; English if left out.
    #[serde(default)]
    language: Option<String>,
    /// Of `learner`, `instructor` and `administrator`; a learner if left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Guests {
    #[schema(max_items = 1000)]
    people: Vec<Wanted>,
}

/// What came of inviting one of them.
#[derive(Serialize, ToSchema)]
struct OutcomeView {
    mail: String,
    /// `sent`, `was-sent` (there is one that still works), `has-account` or `refused`.
    outcome: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct OutcomesView {
    /// In the order of the request.
    people: Vec<OutcomeView>,
}

/// Invites people by mail. One who is refused harms no other; inviting twice is once.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "identity", request_body = Guests,
    responses((status = 200, body = OutcomesView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn invite(
    State(app): State<App>,
    account: Account,
    Json(guests): Json<Guests>,
) -> Result<Json<OutcomesView>, Problem> {
    account.require_administrator()?;
    if guests.people.len() > MOST_LINES {
        return Err(Problem::invalid("people", format!("invite {MOST_LINES} at most at once")));
    }
    let mails: Vec<String> = guests.people.iter().map(|wanted| wanted.mail.clone()).collect();
    let parsed: Vec<Result<Invited, Invalid>> = guests.people.into_iter().map(invited).collect();
    let good: Vec<Invited> = parsed.iter().flatten().cloned().collect();
    let by = Some(account.person.id);
    let mut sent = invitations::invite(&app.db, app.ui.key(), by, &good).await?.into_iter();
    let views = mails.into_iter().zip(parsed).map(|(mail, parsed)| match parsed {
        Ok(_) => view_of(mail, sent.next()),
        Err(wrong) => refused(mail, wrong),
    });
    Ok(Json(OutcomesView { people: views.collect() }))
}

fn invited(wanted: Wanted) -> Result<Invited, Invalid> {
    Ok(Invited {
        name: Name::parse(&wanted.name)?,
        mail: Mail::parse(&wanted.mail)?,
        language: wanted.language.as_deref().map_or(Ok(Default::default()), parse_language)?,
        roles: roles(wanted.roles)?,
    })
}

/// Nobody is invited as an operator.
fn roles(roles: Vec<Role>) -> Result<Roles, Invalid> {
    match roles {
        none if none.is_empty() => Ok(Roles::learner()),
        some => Roles::parse(some.into_iter().filter(|role| *role != Role::Operator).collect()),
    }
}

fn view_of(mail: String, outcome: Option<Outcome>) -> OutcomeView {
    let (outcome, invitation) = match outcome {
        Some(Outcome::Sent(id)) => ("sent", Some(id.0)),
        Some(Outcome::WasSent) | None => ("was-sent", None),
        Some(Outcome::HasAccount) => ("has-account", None),
    };
    OutcomeView { mail, outcome, reason: None, invitation }
}

fn refused(mail: String, wrong: Invalid) -> OutcomeView {
    let mail = mail.chars().take(254).collect();
    OutcomeView { mail, outcome: "refused", reason: Some(wrong.to_string()), invitation: None }
}

/// An invitation.
#[derive(Serialize, ToSchema)]
struct InvitationView {
    id: Uuid,
    name: String,
    mail: String,
    /// `en` or `fr`.
    language: &'static str,
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    invited_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// `waiting`, `expired` or `accepted`.
    state: &'static str,
}

impl InvitationView {
    fn of(invitation: Invitation, now: DateTime<Utc>) -> Self {
        let state = match invitation.standing(now) {
            Standing::Waiting => "waiting",
            Standing::Expired => "expired",
            Standing::Accepted => "accepted",
            Standing::Withdrawn => "withdrawn",
        };
        let invited = invitation.invited;
        Self {
            id: invitation.id.0,
            name: invited.name.as_str().to_owned(),
            mail: invited.mail.as_str().to_owned(),
            language: invited.language.code(),
            roles: invited.roles.as_slice().to_vec(),
            invited_at: invitation.invited_at,
            expires_at: invitation.expires_at,
            state,
        }
    }
}

#[derive(Deserialize)]
struct Leaf {
    /// From 1 on.
    page: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct InvitationsView {
    invitations: Vec<InvitationView>,
    /// Of all pages together.
    total: u64,
}

/// Invitations, the newest first; those that were withdrawn are forgotten.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "identity",
    params(("page" = Option<u32>, Query, description = "From 1 on; 100 on each")),
    responses((status = 200, body = InvitationsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(db): State<Db>,
    account: Account,
    Query(leaf): Query<Leaf>,
) -> Result<Json<InvitationsView>, Problem> {
    account.require_administrator()?;
    let skip = u64::from(leaf.page.unwrap_or(1).max(1) - 1) * PAGE;
    let unavailable = |error| Problem::unavailable(&error);
    let found = rows::page(&db, skip, PAGE).await.map_err(unavailable)?;
    let total = rows::count(&db).await.map_err(unavailable)?;
    let now = db.now();
    let invitations = found.into_iter().map(|found| InvitationView::of(found, now)).collect();
    Ok(Json(InvitationsView { invitations, total }))
}

/// Withdraws an invitation: its link no longer works, and whom it was for is forgotten.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem, description = "It was accepted")))]
async fn withdraw(
    State(db): State<Db>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    account.require_administrator()?;
    invitations::withdraw(&db, InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends an invitation again, with a new link; the one before no longer works.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resending", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 202), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem, description = "The mail address has an account by now")))]
async fn resend(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    account.require_administrator()?;
    let by = Some(account.person.id);
    let sent = invitations::resend(&app.db, app.ui.key(), by, InvitationId(id)).await;
    sent.map(|()| StatusCode::ACCEPTED).map_err(CommandError::into)
}
