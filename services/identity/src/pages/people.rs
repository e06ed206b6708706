//! People, for administrators: finding them, their name, roles and language, a new password by mail, erasing.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bus::Db;
use chrono::Utc;
use event::{PersonId, Role};
use serde::Deserialize;
use ui::{
    AdministrationTabs, Answers, Confirm, Field, FieldProblem, Form, Html, Pager, Path, Problem,
    Query, Submitted, Text, Visit,
};
use uuid::Uuid;

use super::{
    ROLES, explain, language_field, role_key, role_of, roles_field, roles_in_words,
    session_cookies, texts, unavailable, word,
};
use crate::{
    App, TEXTS,
    account::Account,
    commands::{self, CommandError, passwords},
    domain::{Change, Invalid, LONGEST_NAME, Name, Person, Roles, parse_language},
    sign_in,
    store::{
        self,
        finding::{self, Wanted},
    },
};

const PAGE: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(list))
        .route("/people/{id}", get(show).post(change))
        .route("/people/{id}/password-link", post(send_link))
        .route("/people/{id}/erase", get(show_erase).post(erase))
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    t: Text,
    search: Html,
    total: u64,
    people: Vec<Row>,
    pager: Html,
    is_erased: bool,
}

struct Row {
    id: PersonId,
    name: String,
    mail: String,
    roles: String,
    since: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage<'a> {
    t: Text,
    id: PersonId,
    name: &'a str,
    mail: &'a str,
    zone: String,
    since: Html,
    form: Html,
    link: Html,
    is_self: bool,
    /// Whether who looks may see what happened to this person.
    is_operator: bool,
    saved: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    role: String,
    erased: Option<String>,
}

async fn list(
    State(db): State<Db>,
    visit: Visit,
    account: Account,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let t = texts(&visit);
    let text = asked.q.chars().take(LONGEST_NAME).collect();
    let wanted = Wanted { text, role: role_of(&asked.role) };
    let total = finding::count(&db, &wanted).await.map_err(unavailable)?;
    let pager = Pager::counted(visit.page_number(), PAGE, total);
    let found = finding::page(&db, &wanted, pager.skipped(PAGE), u64::from(PAGE))
        .await
        .map_err(unavailable)?;
    let row = |person: Person| Row {
        id: person.id,
        roles: roles_in_words(t, &person.roles),
        since: ui::format_date(person.registered_at, visit.language, visit.zone),
        name: person.name.as_str().to_owned(),
        mail: person.mail.as_str().to_owned(),
    };
    let page = PeoplePage {
        t,
        search: search(&visit, &wanted)?,
        total,
        people: found.into_iter().map(row).collect(),
        pager: pager.html(&visit),
        is_erased: asked.erased.is_some(),
    };
    visit.page(t.get("people-title")).tabs(AdministrationTabs::People.of(&visit)).show(&page)
}

fn search(visit: &Visit, wanted: &Wanted) -> Result<Html, Problem> {
    let t = texts(visit);
    let mut options = vec![(String::new(), t.get("any-role"))];
    options.extend(ROLES.map(|role| (word(role).to_owned(), t.get(role_key(role)))));
    let role = wanted.role.map(word).unwrap_or_default();
    Form::search(visit.language, "/people", t.get("search-button"))
        .field(Field::search("q", t.get("search-people")).value(&wanted.text))
        .field(Field::select("role", t.get("role"), options).value(role).optional())
        .html()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Saved {
    saved: Option<String>,
}

async fn show(
    State(db): State<Db>,
    visit: Visit,
    account: Account,
    Path(id): Path<Uuid>,
    Query(query): Query<Saved>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let person = somebody(&db, PersonId(id)).await?;
    let t = texts(&visit);
    let saved = match query.saved.as_deref() {
        Some("link") => Some(t.get("password-link-sent")),
        Some(_) => Some(t.get("account-saved")),
        None => None,
    };
    let shown = (person.name.as_str(), &person);
    person_page(&visit, &account, &person, shown, Vec::new(), saved)
}

async fn somebody(db: &Db, id: PersonId) -> Result<Person, Problem> {
    let person = store::person(db, id).await.map_err(unavailable)?;
    Ok(person.ok_or(CommandError::NoSuchPerson)?)
}

async fn change(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    Path(id): Path<Uuid>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let person = somebody(&app.db, PersonId(id)).await?;
    match changed(&app.db, person.id, &answers).await {
        Ok(own) if own.id == account.person.id => changed_oneself(&app, &account, &own),
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?saved=1")).into_response()),
        Err(error) => {
            let errors = explain(&visit, error)?;
            let shown = as_written(&person, &answers);
            let name = answers.get("name");
            person_page(&visit, &account, &person, (name, &shown), errors, None)
        }
    }
}

/// The session is sealed again, as after changing one's own profile; if the roles are others it was ended, and
/// begins anew. Whoever is no administrator any more would not be let in here again.
fn changed_oneself(app: &App, account: &Account, person: &Person) -> Result<Response, Problem> {
    let session = if person.roles == account.person.roles {
        sign_in::session_until(person, account.session.expires)
    } else {
        sign_in::session(person, Utc::now())
    };
    let cookies = session_cookies(&app.ui, &session, person)?;
    let next = if person.roles.contains(Role::Administrator) {
        format!("/people/{}?saved=1", person.id)
    } else {
        "/account?saved=1".to_owned()
    };
    Ok((cookies, Redirect::to(&next)).into_response())
}

async fn changed(db: &Db, id: PersonId, answers: &Answers) -> Result<Person, CommandError> {
    commands::change(db, id, wanted(answers).map_err(CommandError::Invalid)?).await
}

/// What is to be changed, or all that is wrong with it.
fn wanted(answers: &Answers) -> Result<Change, Vec<Invalid>> {
    let parsed = (
        Name::parse(answers.get("name")),
        parse_language(answers.get("language")),
        Roles::parse(answers.all("roles").filter_map(role_of).collect()),
    );
    match parsed {
        (Ok(name), Ok(language), Ok(roles)) => Ok(Change {
            name: Some(name),
            language: Some(language),
            roles: Some(roles),
            ..Change::default()
        }),
        (name, language, roles) => {
            Err([name.err(), language.err(), roles.err()].into_iter().flatten().collect())
        }
    }
}

/// The person with what stood in the form, where it can be read.
fn as_written(person: &Person, answers: &Answers) -> Person {
    let mut shown = person.clone();
    if let Ok(roles) = Roles::parse(answers.all("roles").filter_map(role_of).collect()) {
        shown.roles = roles;
    }
    shown.language = parse_language(answers.get("language")).unwrap_or(shown.language);
    shown
}

fn person_page(
    visit: &Visit,
    account: &Account,
    person: &Person,
    (name, shown): (&str, &Person),
    errors: Vec<FieldProblem>,
    saved: Option<String>,
) -> Result<Response, Problem> {
    let (t, id) = (texts(visit), person.id);
    let name = Field::text("name", t.get("name")).value(name).longest(LONGEST_NAME);
    let form = Form::new(visit.language, format!("/people/{id}"), t.get("account-button"))
        .field(name.hint(t.get("person-name-hint")))
        .field(roles_field(t, &ROLES, |role| shown.roles.contains(role)).hint(t.get("roles-hint")))
        .field(language_field(t, shown.language.code()))
        .errors(errors.clone());
    let link = Form::new(
        visit.language,
        format!("/people/{id}/password-link"),
        t.get("password-link-button"),
    );
    let page = PersonPage {
        t,
        id,
        name: person.name.as_str(),
        mail: person.mail.as_str(),
        zone: person.time_zone.name().replace('_', " "),
        since: visit.moment(person.registered_at),
        form: form.html()?,
        link: link.html()?,
        is_self: account.person.id == id,
        is_operator: visit.is(Role::Operator),
        saved,
    };
    visit
        .page(person.name.as_str())
        .with_errors_if(!errors.is_empty())
        .tabs(AdministrationTabs::People.of(visit))
        .crumb("/people", t.get("people-title"))
        .show(&page)
}

/// An administrator's own asking is not limited.
async fn send_link(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let person = somebody(&app.db, PersonId(id)).await?;
    passwords::request_reset(&app.db, app.ui.key(), &person.mail).await?;
    Ok(Redirect::to(&format!("/people/{id}?saved=link")).into_response())
}

async fn show_erase(
    State(db): State<Db>,
    visit: Visit,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    if account.person.id.0 == id {
        return Ok(Redirect::to("/account/data/erase").into_response());
    }
    let (t, person) = (texts(&visit), somebody(&db, PersonId(id)).await?);
    let name = person.name.as_str().to_owned();
    let title = t.with("erase-person-title", [("name", name.into())]);
    let form =
        Form::new(visit.language, format!("/people/{id}/erase"), t.get("erase-person-button"));
    let form = form.dangerous().back(format!("/people/{id}"), t.get("erase-back"));
    let page = visit.page(title.as_str()).crumb("/people", t.get("people-title"));
    Confirm::new(title.as_str(), &form)?
        .lead(t.get("erase-person-lead"))
        .consequence(t.get("erase-forgotten"))
        .consequence(t.get("erase-learning"))
        .consequence(t.get("erase-certificates"))
        .consequence(t.get("erase-books"))
        .consequence(t.get("erase-for-ever"))
        .show(page)
}

/// Whoever erases their own account shows to know its password, on the page for that.
async fn erase(
    State(db): State<Db>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    if account.person.id.0 == id {
        let problem = Problem::conflict("erase your own account on the page of your data");
        return Err(problem.worded(&TEXTS, "erase-own", []));
    }
    commands::erase(&db, PersonId(id)).await?;
    Ok(Redirect::to("/people?erased=1").into_response())
}
