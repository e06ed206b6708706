//! One's own account: profile and password.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bus::Db;
use chrono::Utc;
use event::PersonId;
use serde::Deserialize;
use ui::{
    AccountTabs, Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Visit,
    local_path,
};

use super::{
    explain, language_field, name_field, new_password_field, roles_in_words, session_cookies,
    texts, zone_field,
};
use crate::{
    App,
    account::Account,
    commands::{self, CommandError, passwords},
    domain::{Change, Invalid, Name, Person, Reason, parse_language, parse_time_zone},
    sign_in,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show).post(change))
        .route("/account/language", post(change_language))
        .route("/account/password", post(change_password))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    t: Text,
    profile: Html,
    password: Html,
    mail: &'a str,
    roles: String,
    since: String,
    saved: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    name: String,
    language: String,
    time_zone: String,
}

impl From<&Person> for Settings {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.as_str().to_owned(),
            language: person.language.code().to_owned(),
            time_zone: person.time_zone.name().to_owned(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Saved {
    saved: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Passwords {
    present_password: String,
    password: String,
}

/// What was wrong with which of the two forms.
#[derive(Default)]
struct Wrong {
    profile: Vec<FieldProblem>,
    password: Vec<FieldProblem>,
}

async fn show(
    visit: Visit,
    account: Account,
    Query(query): Query<Saved>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let saved = match query.saved.as_deref() {
        Some("password") => Some(t.get("password-saved")),
        Some("address") => Some(t.get("address-saved")),
        Some(_) => Some(t.get("account-saved")),
        None => None,
    };
    let settings = Settings::from(&account.person);
    account_page(&visit, &account.person, &settings, Wrong::default(), saved)
}

/// The session is sealed again, so that the new language shows at once everywhere; it ends when it
/// would have.
async fn change(
    State(app): State<App>,
    visit: Visit,
    Account { person, session }: Account,
    Submitted(settings): Submitted<Settings>,
) -> Result<Response, Problem> {
    match changed(&app.db, person.id, &settings).await {
        Ok(person) => {
            let session = sign_in::session_until(&person, session.expires);
            let cookies = session_cookies(&app.ui, &session, &person)?;
            Ok((cookies, Redirect::to("/account?saved=1")).into_response())
        }
        Err(error) => {
            let wrong = Wrong { profile: explain(&visit, error)?, ..Wrong::default() };
            account_page(&visit, &person, &settings, wrong, None)
        }
    }
}

#[derive(Deserialize)]
struct OtherLanguage {
    language: String,
    /// The page on which it was chosen.
    #[serde(default)]
    next: String,
}

/// Chosen at the foot of any page, to which it leads back.
async fn change_language(
    State(app): State<App>,
    Account { person, session }: Account,
    Submitted(wanted): Submitted<OtherLanguage>,
) -> Result<Response, Problem> {
    let language = parse_language(&wanted.language).map_err(CommandError::from)?;
    let change = Change { roles: None, name: None, language: Some(language), time_zone: None };
    let person = commands::change(&app.db, person.id, change).await?;
    let session = sign_in::session_until(&person, session.expires);
    let cookies = session_cookies(&app.ui, &session, &person)?;
    let next = local_path(&wanted.next);
    Ok((cookies, Redirect::to(next)).into_response())
}

async fn changed(db: &Db, id: PersonId, settings: &Settings) -> Result<Person, CommandError> {
    let change = Change {
        roles: None,
        name: Some(Name::parse(&settings.name)?),
        language: Some(parse_language(&settings.language)?),
        time_zone: Some(parse_time_zone(&settings.time_zone)?),
    };
    commands::change(db, id, change).await
}

/// Other sessions are over; the one in this browser begins anew.
async fn change_password(
    State(app): State<App>,
    visit: Visit,
    Account { person, .. }: Account,
    Submitted(wanted): Submitted<Passwords>,
) -> Result<Response, Problem> {
    match password_changed(&app, &person, &wanted).await {
        Ok(()) => {
            let session = sign_in::session(&person, Utc::now());
            let cookies = session_cookies(&app.ui, &session, &person)?;
            Ok((cookies, Redirect::to("/account?saved=password")).into_response())
        }
        Err(error) => {
            let wrong = Wrong { password: explain(&visit, error)?, ..Wrong::default() };
            account_page(&visit, &person, &Settings::from(&person), wrong, None)
        }
    }
}

async fn password_changed(
    app: &App,
    person: &Person,
    wanted: &Passwords,
) -> Result<(), CommandError> {
    if !sign_in::confirm(app, person.id, &wanted.present_password).await? {
        let wrong = Invalid { field: "present_password", reason: Reason::PresentPassword };
        return Err(wrong.into());
    }
    passwords::change(&app.db, person, &wanted.password).await
}

fn account_page(
    visit: &Visit,
    person: &Person,
    settings: &Settings,
    wrong: Wrong,
    saved: Option<String>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !wrong.profile.is_empty() || !wrong.password.is_empty();
    let page = visit.page(t.get("account-title")).with_errors_if(has_errors);
    let profile = Form::new(visit.language, "/account", t.get("account-button"))
        .field(name_field(t, &settings.name))
        .field(language_field(t, &settings.language))
        .field(zone_field(t, &settings.time_zone))
        .errors(wrong.profile);
    let present = Field::password("present_password", t.get("present-password"))
        .autocomplete("current-password");
    let password = Form::new(visit.language, "/account/password", t.get("password-button"))
        .field(present)
        .field(new_password_field(t, "new-password"))
        .errors(wrong.password);
    page.tabs(AccountTabs::Profile.of(visit)).show(&AccountPage {
        t,
        profile: profile.html()?,
        password: password.html()?,
        mail: person.mail.as_str(),
        roles: roles_in_words(t, &person.roles),
        since: ui::format_date(person.registered_at, visit.language, person.time_zone),
        saved,
    })
}
