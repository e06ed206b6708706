//! The pages of `identity`: registering, signing in and out, and one's own account. They work without
//! JavaScript.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bus::Db;
use chrono::Utc;
use chrono_tz::{TZ_VARIANTS, Tz};
use event::{Language, PersonId, Role};
use serde::Deserialize;
use ui::{
    Field, FieldProblem, Form, Html, Problem, Query, Session, Submitted, Text, Ui, Visit,
    ZONE_COOKIE, local_path,
};

use crate::{
    App, TEXTS,
    commands::{self, CommandError, NewPerson},
    domain::{
        Change, LONGEST_MAIL, LONGEST_NAME, LONGEST_PASSWORD, Name, Person, parse_language,
        parse_time_zone,
    },
    sign_in::{self, Origin, SignInError},
    store,
};

const A_YEAR: i64 = 365 * 24 * 3600;

/// The session's and the time zone's.
type Cookies = AppendHeaders<[(HeaderName, HeaderValue); 2]>;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/register", get(show_register).post(register))
        .route("/sign-in", get(show_sign_in).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/account", get(show_account).post(change_account))
        .with_state(app)
}

/// Where to go once signed in.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Next {
    next: String,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'a> {
    t: Text,
    form: Html,
    next: &'a str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    t: Text,
    form: Html,
    next: &'a str,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    t: Text,
    form: Html,
    mail: &'a str,
    roles: String,
    since: String,
    is_saved: bool,
}

/// What was written into the form for registering; a password is never written back.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Registration {
    name: String,
    mail: String,
    password: String,
    language: String,
    time_zone: String,
    next: String,
}

async fn show_register(visit: Visit, Query(query): Query<Next>) -> Result<Response, Problem> {
    let zone = match visit.language {
        Language::En => Tz::UTC,
        Language::Fr => Tz::Europe__Paris,
    };
    let empty = Registration {
        language: visit.language.code().to_owned(),
        time_zone: zone.name().to_owned(),
        next: query.next,
        ..Registration::default()
    };
    register_page(&visit, &empty, Vec::new())
}

async fn register(
    State(app): State<App>,
    visit: Visit,
    Submitted(wanted): Submitted<Registration>,
) -> Result<Response, Problem> {
    match registered(&app.db, &wanted).await {
        Ok(person) => enter(&app.ui, &person, &wanted.next),
        Err(error) => register_page(&visit, &wanted, explain(&visit, error)?),
    }
}

async fn registered(db: &Db, wanted: &Registration) -> Result<Person, CommandError> {
    let new = NewPerson {
        name: wanted.name.clone(),
        mail: wanted.mail.clone(),
        password: wanted.password.clone(),
        language: parse_language(&wanted.language)?,
        time_zone: wanted.time_zone.clone(),
        roles: vec![Role::Learner],
    };
    commands::register_person(db, new).await
}

fn register_page(
    visit: &Visit,
    wanted: &Registration,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let page = visit.page(t.get("register-title"));
    let page = if errors.is_empty() { page } else { page.with_errors() };
    let password = Field::password("password", t.get("password"))
        .hint(t.get("password-hint"))
        .autocomplete("new-password")
        .longest(LONGEST_PASSWORD);
    let form = Form::new(visit.language, "/register", t.get("register-button"))
        .field(name_field(t, &wanted.name))
        .field(mail_field(t, &wanted.mail))
        .field(password)
        .field(language_field(t, &wanted.language))
        .field(zone_field(t, &wanted.time_zone))
        .field(Field::hidden("next", wanted.next.as_str()))
        .errors(errors);
    page.show(&RegisterPage { t, form: form.html()?, next: &wanted.next })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Credentials {
    mail: String,
    password: String,
    next: String,
}

async fn show_sign_in(visit: Visit, Query(query): Query<Next>) -> Result<Response, Problem> {
    let empty = Credentials { next: query.next, ..Credentials::default() };
    sign_in_page(&visit, &empty, None)
}

async fn sign_in(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Submitted(claimed): Submitted<Credentials>,
) -> Result<Response, Problem> {
    match sign_in::sign_in(&app, &claimed.mail, &claimed.password, origin).await {
        Ok(person) => enter(&app.ui, &person, &claimed.next),
        Err(SignInError::Wrong) => sign_in_page(&visit, &claimed, Some("sign-in-wrong")),
        Err(error) => Err(error.into()),
    }
}

fn sign_in_page(
    visit: &Visit,
    claimed: &Credentials,
    wrong: Option<&str>,
) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let page = visit.page(t.get("sign-in-title"));
    let page = if wrong.is_some() { page.with_errors() } else { page };
    let wrong = wrong.map(|key| FieldProblem { field: "mail".to_owned(), detail: t.get(key) });
    let password = Field::password("password", t.get("password")).autocomplete("current-password");
    let form = Form::new(visit.language, "/sign-in", t.get("sign-in-button"))
        .field(mail_field(t, &claimed.mail))
        .field(password)
        .field(Field::hidden("next", claimed.next.as_str()))
        .errors(wrong.into_iter().collect());
    page.show(&SignInPage { t, form: form.html()?, next: &claimed.next })
}

async fn sign_out(State(ui): State<Ui>) -> Response {
    let gone = |name| ui.cookie(name, "", 0);
    (AppendHeaders([gone(Session::COOKIE), gone(ZONE_COOKIE)]), Redirect::to("/sign-in"))
        .into_response()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    name: String,
    language: String,
    time_zone: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Saved {
    saved: Option<String>,
}

async fn show_account(
    State(db): State<Db>,
    visit: Visit,
    Query(query): Query<Saved>,
) -> Result<Response, Problem> {
    let person = account(&db, visit.session()?.person).await?;
    let settings = Settings {
        name: person.name.as_str().to_owned(),
        language: person.language.code().to_owned(),
        time_zone: person.time_zone.name().to_owned(),
    };
    account_page(&visit, &person, &settings, Vec::new(), query.saved.is_some())
}

/// The session is sealed again, so that the new language shows at once everywhere; it ends when it
/// would have.
async fn change_account(
    State(app): State<App>,
    visit: Visit,
    Submitted(settings): Submitted<Settings>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let person = account(&app.db, session.person).await?;
    match changed(&app.db, person.id, &settings).await {
        Ok(person) => {
            let session = sign_in::session_until(&person, session.expires);
            let cookies = session_cookies(&app.ui, &session, &person)?;
            Ok((cookies, Redirect::to("/account?saved=1")).into_response())
        }
        Err(error) => account_page(&visit, &person, &settings, explain(&visit, error)?, false),
    }
}

async fn changed(db: &Db, id: PersonId, settings: &Settings) -> Result<Person, CommandError> {
    let change = Change {
        name: Some(Name::parse(&settings.name)?),
        language: Some(parse_language(&settings.language)?),
        time_zone: Some(parse_time_zone(&settings.time_zone)?),
    };
    commands::change(db, id, change).await
}

fn account_page(
    visit: &Visit,
    person: &Person,
    settings: &Settings,
    errors: Vec<FieldProblem>,
    is_saved: bool,
) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let page = visit.page(t.get("account-title"));
    let page = if errors.is_empty() { page } else { page.with_errors() };
    let form = Form::new(visit.language, "/account", t.get("account-button"))
        .field(name_field(t, &settings.name))
        .field(language_field(t, &settings.language))
        .field(zone_field(t, &settings.time_zone))
        .errors(errors);
    let roles: Vec<String> =
        person.roles.as_slice().iter().map(|role| t.get(role_key(*role))).collect();
    page.show(&AccountPage {
        t,
        form: form.html()?,
        mail: person.mail.as_str(),
        roles: roles.join(", "),
        since: ui::format_date(person.registered_at, visit.language, person.time_zone),
        is_saved,
    })
}

/// An account that is gone leads to signing in, as if there were no session.
async fn account(db: &Db, id: PersonId) -> Result<Person, Problem> {
    let person = store::person(db, id).await.map_err(|error| Problem::unavailable(&error))?;
    person.ok_or_else(|| Problem::unauthorised("this account is no longer there"))
}

/// What is wrong, in the reader's language, for the form to show; or a refusal, if no form can mend it.
fn explain(visit: &Visit, error: CommandError) -> Result<Vec<FieldProblem>, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let in_words = |field: &str, key| FieldProblem { field: field.to_owned(), detail: t.get(key) };
    match error {
        CommandError::Invalid(wrong) => {
            Ok(wrong.iter().map(|wrong| in_words(wrong.field, wrong.reason.key())).collect())
        }
        CommandError::MailTaken => Ok(vec![in_words("mail", "mail-taken")]),
        other => Err(other.into()),
    }
}

fn enter(ui: &Ui, person: &Person, next: &str) -> Result<Response, Problem> {
    let session = sign_in::session(person, Utc::now());
    let cookies = session_cookies(ui, &session, person)?;
    Ok((cookies, Redirect::to(local_path(next))).into_response())
}

fn session_cookies(ui: &Ui, session: &Session, person: &Person) -> Result<Cookies, Problem> {
    let sealed = session.seal(ui.key()).map_err(|error| Problem::unavailable(&error))?;
    let seconds = (session.expires - Utc::now()).num_seconds().max(0);
    Ok(AppendHeaders([
        ui.cookie(Session::COOKIE, &sealed, seconds),
        ui.cookie(ZONE_COOKIE, person.time_zone.name(), A_YEAR),
    ]))
}

fn name_field(t: Text, value: &str) -> Field {
    Field::text("name", t.get("name"))
        .hint(t.get("name-hint"))
        .value(value)
        .autocomplete("name")
        .longest(LONGEST_NAME)
}

fn mail_field(t: Text, value: &str) -> Field {
    Field::mail("mail", t.get("mail")).value(value).autocomplete("email").longest(LONGEST_MAIL)
}

fn language_field(t: Text, value: &str) -> Field {
    let options =
        vec![("fr".to_owned(), "Français".to_owned()), ("en".to_owned(), "English".to_owned())];
    Field::select("language", t.get("language"), options).value(value)
}

/// Cities rather than the abbreviations and offsets that the database also holds.
fn zone_field(t: Text, value: &str) -> Field {
    let is_place =
        |name: &&str| *name == "UTC" || (name.contains('/') && !name.starts_with("Etc/"));
    let mut names: Vec<&str> =
        TZ_VARIANTS.iter().map(|zone| zone.name()).filter(is_place).collect();
    if value.parse::<Tz>().is_ok() && !names.contains(&value) {
        names.push(value);
    }
    let option = |name: &str| (name.to_owned(), name.replace('_', " "));
    let options = names.into_iter().map(option).collect();
    Field::select("time_zone", t.get("time-zone"), options).value(value)
}

fn role_key(role: Role) -> &'static str {
    match role {
        Role::Learner => "role-learner",
        Role::Instructor => "role-instructor",
        Role::Administrator => "role-administrator",
        Role::Operator => "role-operator",
    }
}
