//! Registering, signing in and signing out.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use event::Role;
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Ui, Visit};

use super::{
    enter, explain, language_field, leave, likely_zone, mail_field, name_field, new_password_field,
    texts, workplace, zone_field,
};
use crate::{
    App,
    commands::{CommandError, NewPerson},
    domain::{Person, parse_language},
    sign_in::{self, Origin, SignInError},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/register", get(show_register).post(register))
        .route("/sign-in", get(show_sign_in).post(sign_in))
        .route("/sign-out", post(sign_out))
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
    let empty = Registration {
        language: visit.language.code().to_owned(),
        time_zone: likely_zone(visit.language).name().to_owned(),
        next: query.next,
        ..Registration::default()
    };
    register_page(&visit, &empty, Vec::new())
}

async fn register(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Submitted(wanted): Submitted<Registration>,
) -> Result<Response, Problem> {
    match registered(&app, &wanted, origin).await {
        Ok(person) => enter(&app.ui, &person, &wanted.next),
        Err(error) => register_page(&visit, &wanted, explain(&visit, error)?),
    }
}

async fn registered(
    app: &App,
    wanted: &Registration,
    origin: Origin,
) -> Result<Person, CommandError> {
    let new = NewPerson {
        name: wanted.name.clone(),
        mail: wanted.mail.clone(),
        password: wanted.password.clone(),
        language: parse_language(&wanted.language)?,
        time_zone: wanted.time_zone.clone(),
        roles: vec![Role::Learner],
    };
    sign_in::register(app, new, origin).await
}

fn register_page(
    visit: &Visit,
    wanted: &Registration,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let page = visit.page(t.get("register-title")).with_errors_if(!errors.is_empty());
    let form = Form::new(visit.language, "/register", t.get("register-button"))
        .field(name_field(t, &wanted.name))
        .field(mail_field(t, &wanted.mail))
        .field(new_password_field(t, "password"))
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
        Ok(person) if claimed.next.is_empty() => enter(&app.ui, &person, workplace(&person)),
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
    let t = texts(visit);
    let page = visit.page(t.get("sign-in-title")).with_errors_if(wrong.is_some());
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
    leave(&ui, "/sign-in")
}
