//! The JSON API of `identity`: accounts, tokens, and people for administrators. What else there is is in the
//! modules.

mod exports;
mod invitations;
mod organisation;

use axum::{extract::State, http::StatusCode, response::IntoResponse};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{PersonId, Role};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Query, Session};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    account::Account,
    commands::{self, NewPerson},
    domain::{Change, Name, Person, Roles, parse_language, parse_time_zone},
    sign_in::{self, Origin},
    store::finding::{self, Wanted},
};

const MOST_PEOPLE: u32 = 200;
const SOME_PEOPLE: u32 = 50;

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::<App>::new()
        .routes(routes!(register, list))
        .routes(routes!(assign_roles))
        .routes(routes!(issue_token))
        .routes(routes!(me, change_me, erase_me))
        .merge(exports::routes())
        .merge(invitations::routes())
        .merge(organisation::routes())
        .with_state(app)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    #[schema(max_length = 120)]
    name: String,
    #[schema(max_length = 254)]
    mail: String,
    #[schema(min_length = 10, max_length = 128, format = Password)]
    password: String,
    /// `en` or `fr`; English if left out.
    #[serde(default)]
    language: Option<String>,
    /// IANA name; UTC if left out.
    #[serde(default)]
    #[schema(example = "Europe/Paris")]
    time_zone: Option<String>,
}

/// A person, as shown to themselves and to administrators.
#[derive(Serialize, ToSchema)]
struct PersonView {
    id: Uuid,
    version: u64,
    name: String,
    mail: String,
    /// `en` or `fr`.
    language: &'static str,
    time_zone: &'static str,
    /// Of `learner`, `instructor`, `administrator` and `operator`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    registered_at: DateTime<Utc>,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            version: person.version,
            name: person.name.as_str().to_owned(),
            mail: person.mail.as_str().to_owned(),
            language: person.language.code(),
            time_zone: person.time_zone.name(),
            roles: person.roles.as_slice().to_vec(),
            registered_at: person.registered_at,
        }
    }
}

/// Registers a person as a learner.
#[utoipa::path(post, path = "/api/v1/people", tag = "identity", security(()), request_body = Registration,
    responses((status = 201, body = PersonView), (status = 409, body = Problem, description = "The mail address has an account"), (status = 422, body = Problem), (status = 429, body = Problem, description = "Too many accounts, or addresses that have one; see Retry-After")))]
async fn register(
    State(app): State<App>,
    origin: Origin,
    Json(wanted): Json<Registration>,
) -> Result<(StatusCode, Json<PersonView>), Problem> {
    let language = wanted.language.as_deref().map_or(Ok(Default::default()), parse_language);
    let new = NewPerson {
        name: wanted.name,
        mail: wanted.mail,
        password: wanted.password,
        language: language.map_err(commands::CommandError::from)?,
        time_zone: wanted.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        roles: vec![Role::Learner],
    };
    let person = sign_in::register(&app, new, origin).await?;
    Ok((StatusCode::CREATED, Json(person.into())))
}

#[derive(Deserialize, ToSchema)]
struct Credentials {
    mail: String,
    #[schema(format = Password)]
    password: String,
}

/// A bearer token and whose it is.
#[derive(Serialize, ToSchema)]
struct TokenView {
    token: String,
    expires_at: DateTime<Utc>,
    person: PersonView,
}

/// Signs in: the token goes into “Authorization: Bearer …”.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "identity", security(()), request_body = Credentials,
    responses((status = 201, body = TokenView), (status = 401, body = Problem, description = "Unknown mail address or wrong password"), (status = 429, body = Problem, description = "Too many wrong passwords; see Retry-After")))]
async fn issue_token(
    State(app): State<App>,
    origin: Origin,
    Json(claimed): Json<Credentials>,
) -> Result<(StatusCode, Json<TokenView>), Problem> {
    let person = sign_in::sign_in(&app, &claimed.mail, &claimed.password, origin).await?;
    let session = sign_in::session(&person, Utc::now());
    let token = session.seal(app.ui.key()).map_err(|error| Problem::unavailable(&error))?;
    let view = TokenView { token, expires_at: session.expires, person: person.into() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// The account of whoever asks.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity",
    responses((status = 200, body = PersonView), (status = 401, body = Problem)))]
async fn me(account: Account) -> Json<PersonView> {
    Json(account.person.into())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Changes {
    #[serde(default)]
    name: Option<String>,
    /// `en` or `fr`.
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    #[schema(example = "Europe/Paris")]
    time_zone: Option<String>,
}

impl Changes {
    fn parse(self) -> Result<Change, commands::CommandError> {
        Ok(Change {
            roles: None,
            name: self.name.as_deref().map(Name::parse).transpose()?,
            language: self.language.as_deref().map(parse_language).transpose()?,
            time_zone: self.time_zone.as_deref().map(parse_time_zone).transpose()?,
        })
    }
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/v1/me", tag = "identity", request_body = Changes,
    responses((status = 200, body = PersonView), (status = 401, body = Problem), (status = 422, body = Problem)))]
async fn change_me(
    State(db): State<Db>,
    Account { person, .. }: Account,
    Json(changes): Json<Changes>,
) -> Result<Json<PersonView>, Problem> {
    Ok(Json(commands::change(&db, person.id, changes.parse()?).await?.into()))
}

/// Erases the account of whoever asks, here and in every service. Their sessions end with it.
#[utoipa::path(delete, path = "/api/v1/me", tag = "identity",
    responses((status = 204), (status = 401, body = Problem), (status = 409, body = Problem, description = "The last administrator")))]
async fn erase_me(State(app): State<App>, session: Session) -> Result<impl IntoResponse, Problem> {
    commands::erase(&app.db, session.person).await?;
    Ok((StatusCode::NO_CONTENT, [app.ui.cookie(Session::COOKIE, "", 0)]))
}

#[derive(Deserialize)]
struct Page {
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// At most 200; 50 if left out.
    limit: Option<u32>,
    /// A part of the name or the mail address.
    #[serde(default)]
    q: String,
    role: Option<Role>,
}

#[derive(Serialize, ToSchema)]
struct PeopleView {
    people: Vec<PersonView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Uuid>,
}

/// All people in the order of their registration, for administrators.
#[utoipa::path(get, path = "/api/v1/people", tag = "identity",
    params(("after" = Option<Uuid>, Query, description = "The `next` of the page before"), ("limit" = Option<u32>, Query, description = "At most 200; 50 if left out"), ("q" = Option<String>, Query, description = "A part of the name or the mail address"), ("role" = Option<String>, Query, description = "`learner`, `instructor`, `administrator` or `operator`")),
    responses((status = 200, body = PeopleView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(db): State<Db>,
    account: Account,
    Query(page): Query<Page>,
) -> Result<Json<PeopleView>, Problem> {
    account.require_administrator()?;
    let limit = page.limit.unwrap_or(SOME_PEOPLE).clamp(1, MOST_PEOPLE);
    let wanted = Wanted { text: page.q, role: page.role };
    let found = finding::after(&db, &wanted, page.after.map(PersonId), limit + 1).await;
    let mut found = found.map_err(|error| Problem::unavailable(&error))?;
    let is_last = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| !is_last).map(|person| person.id.0);
    Ok(Json(PeopleView { people: found.into_iter().map(PersonView::from).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// Of `learner`, `instructor`, `administrator` and `operator`; at least one.
    #[schema(value_type = Vec<String>, max_items = 4)]
    roles: Vec<Role>,
}

/// Gives a person these roles and no others, for administrators. If they are others than before, sessions that
/// are open end, and the person signs in again.
#[utoipa::path(put, path = "/api/v1/people/{id}/roles", tag = "identity", request_body = Assignment,
    params(("id" = Uuid, Path)),
    responses((status = 200, body = PersonView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem, description = "The last administrator")))]
async fn assign_roles(
    State(db): State<Db>,
    account: Account,
    Path(id): Path<Uuid>,
    Json(wanted): Json<Assignment>,
) -> Result<Json<PersonView>, Problem> {
    account.require_administrator()?;
    let roles = Roles::parse(wanted.roles).map_err(commands::CommandError::from)?;
    Ok(Json(commands::assign_roles(&db, PersonId(id), roles).await?.into()))
}
