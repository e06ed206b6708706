//! The pages of `identity`: coming in, one's own account, people, invitations, the organisation. They work
//! without JavaScript.

mod account;
mod address;
mod data;
mod entering;
mod invitation;
mod invitations;
mod organisation;
mod passwords;
mod people;

use axum::{
    Router,
    http::{HeaderName, HeaderValue},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use chrono::Utc;
use chrono_tz::{TZ_VARIANTS, Tz};
use event::{Language, Role};
use ui::{Field, FieldProblem, Problem, Session, Text, Ui, Visit, ZONE_COOKIE, local_path};

use crate::{
    App, TEXTS,
    commands::CommandError,
    domain::{Invalid, LONGEST_MAIL, LONGEST_NAME, LONGEST_PASSWORD, Person, Roles},
    sign_in,
};

const A_YEAR: i64 = 365 * 24 * 3600;

/// The session's and the time zone's.
type Cookies = AppendHeaders<[(HeaderName, HeaderValue); 2]>;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .merge(entering::routes())
        .merge(passwords::routes())
        .merge(account::routes())
        .merge(address::routes())
        .merge(data::routes())
        .merge(people::routes())
        .merge(invitations::routes())
        .merge(invitation::routes())
        .merge(organisation::routes())
        .with_state(app)
}

fn texts(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

/// What is wrong, in the reader's language, for the form to show; or a refusal, if no form can mend it.
fn explain(visit: &Visit, error: CommandError) -> Result<Vec<FieldProblem>, Problem> {
    let t = texts(visit);
    let in_words = |field: &str, key| FieldProblem { field: field.to_owned(), detail: t.get(key) };
    match error {
        CommandError::Invalid(wrong) => {
            Ok(wrong.iter().map(|wrong| explain_field(t, *wrong)).collect())
        }
        CommandError::MailTaken => Ok(vec![in_words("mail", "mail-taken")]),
        CommandError::LastAdministrator => Ok(vec![in_words("roles", "last-administrator")]),
        other => Err(other.into()),
    }
}

fn explain_field(t: Text, wrong: Invalid) -> FieldProblem {
    let most = wrong.reason.most();
    FieldProblem {
        field: wrong.field.to_owned(),
        detail: t.with(wrong.reason.key(), [("most", most.into())]),
    }
}

/// Signs somebody in who has just shown who they are.
fn enter(ui: &Ui, person: &Person, next: &str) -> Result<Response, Problem> {
    let session = sign_in::session(person, Utc::now());
    let cookies = session_cookies(ui, &session, person)?;
    Ok((cookies, Redirect::to(local_path(next))).into_response())
}

/// Where somebody's own work is, for those who came to no page in particular.
fn workplace(person: &Person) -> &'static str {
    let places = [
        (Role::Administrator, "/people"),
        (Role::Instructor, "/teaching"),
        (Role::Operator, "/operations"),
    ];
    let place = places.into_iter().find(|(role, _)| person.roles.contains(*role));
    place.map_or("/learning", |(_, place)| place)
}

fn leave(ui: &Ui, to: &str) -> Response {
    let gone = |name| ui.cookie(name, "", 0);
    (AppendHeaders([gone(Session::COOKIE), gone(ZONE_COOKIE)]), Redirect::to(to)).into_response()
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

/// Of somebody who chooses one; it is never written back.
fn new_password_field(t: Text, label: &str) -> Field {
    Field::password("password", t.get(label))
        .hint(t.get("password-hint"))
        .autocomplete("new-password")
        .longest(LONGEST_PASSWORD)
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

/// A zone to begin with, before somebody says theirs.
fn likely_zone(language: Language) -> Tz {
    match language {
        Language::En => Tz::UTC,
        Language::Fr => Tz::Europe__Paris,
    }
}

/// Boxes for these roles, ticked where the person has them.
fn roles_field(t: Text, offered: &[Role], held: impl Fn(Role) -> bool) -> Field {
    let option = |role: &Role| (word(*role).to_owned(), t.get(role_key(*role)), held(*role));
    Field::checks("roles", t.get("roles"), offered.iter().map(option).collect())
}

fn roles_in_words(t: Text, roles: &Roles) -> String {
    let words: Vec<String> = roles.as_slice().iter().map(|role| t.get(role_key(*role))).collect();
    words.join(", ")
}

const ROLES: [Role; 4] = [Role::Learner, Role::Instructor, Role::Administrator, Role::Operator];

/// A role as it stands in a form or an address.
fn word(role: Role) -> &'static str {
    match role {
        Role::Learner => "learner",
        Role::Instructor => "instructor",
        Role::Administrator => "administrator",
        Role::Operator => "operator",
    }
}

fn role_of(text: &str) -> Option<Role> {
    ROLES.into_iter().find(|role| word(*role) == text)
}

fn role_key(role: Role) -> &'static str {
    match role {
        Role::Learner => "role-learner",
        Role::Instructor => "role-instructor",
        Role::Administrator => "role-administrator",
        Role::Operator => "role-operator",
    }
}
