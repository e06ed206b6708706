//! Forgotten passwords: asking for a mail, and choosing another by its link.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Visit};

use super::{enter, explain, mail_field, new_password_field, texts};
use crate::{
    App,
    commands::{CommandError, LinkRefused, passwords},
    domain::{Mail, Person},
    sign_in::Origin,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/forgotten-password", get(show_forgotten).post(forgotten))
        .route("/new-password", get(show_new).post(choose))
}

#[derive(Template)]
#[template(path = "forgotten_password.html")]
struct ForgottenPage {
    t: Text,
    is_sent: bool,
    form: Html,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPage<'a> {
    t: Text,
    mail: &'a str,
    form: Html,
}

/// Why a link from a mail does not work, and where to ask for another.
#[derive(Template)]
#[template(path = "link_refused.html")]
pub(super) struct LinkPage {
    pub(super) why: String,
    pub(super) help: String,
    /// Where to go next, and what stands on the link.
    pub(super) way: Option<(&'static str, String)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    sent: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    mail: String,
}

async fn show_forgotten(visit: Visit, Query(query): Query<Sent>) -> Result<Response, Problem> {
    forgotten_page(&visit, "", Vec::new(), query.sent.is_some())
}

/// The same answer whether there is an account or not, and also when this address was sent enough mails.
async fn forgotten(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Submitted(address): Submitted<Address>,
) -> Result<Response, Problem> {
    let mail = match Mail::parse(&address.mail) {
        Ok(mail) => mail,
        Err(wrong) => {
            let errors = explain(&visit, wrong.into())?;
            return forgotten_page(&visit, &address.mail, errors, false);
        }
    };
    let now = app.db.now();
    app.limits.ask(origin.0, now).map_err(CommandError::TooMany)?;
    if app.limits.mails.begin(&mail.key(), None, now).is_ok() {
        passwords::request_reset(&app.db, app.ui.key(), &mail).await?;
    }
    Ok(Redirect::to("/forgotten-password?sent=1").into_response())
}

fn forgotten_page(
    visit: &Visit,
    mail: &str,
    errors: Vec<FieldProblem>,
    is_sent: bool,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let page = visit.page(t.get("forgotten-title")).with_errors_if(!errors.is_empty());
    let form = Form::new(visit.language, "/forgotten-password", t.get("forgotten-button"))
        .field(mail_field(t, mail))
        .errors(errors);
    page.crumb("/sign-in", t.get("sign-in-title")).show(&ForgottenPage {
        t,
        is_sent,
        form: form.html()?,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chosen {
    token: String,
    password: String,
}

async fn show_new(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    match look(&app, origin, &chosen.token).await {
        Ok(person) => new_page(&visit, &person, &chosen.token, Vec::new()),
        Err(error) => refused(&visit, error),
    }
}

async fn choose(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Submitted(chosen): Submitted<Chosen>,
) -> Result<Response, Problem> {
    let person = match look(&app, origin, &chosen.token).await {
        Ok(person) => person,
        Err(error) => return refused(&visit, error),
    };
    match passwords::choose(&app.db, app.ui.key(), &chosen.token, &chosen.password).await {
        Ok(person) => enter(&app.ui, &person, "/account?saved=password"),
        Err(error @ CommandError::Link(_)) => refused(&visit, error),
        Err(error) => new_page(&visit, &person, &chosen.token, explain(&visit, error)?),
    }
}

/// Whose link it is; one that opens nothing counts as a guess.
async fn look(app: &App, origin: Origin, token: &str) -> Result<Person, CommandError> {
    let guess = app.limits.guess(origin.0, app.db.now()).map_err(CommandError::TooMany)?;
    let (_, person) = passwords::look(&app.db, app.ui.key(), token).await?;
    app.limits.was_right(guess);
    Ok(person)
}

fn new_page(
    visit: &Visit,
    person: &Person,
    token: &str,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let page = visit.page(t.get("new-password-title")).with_errors_if(!errors.is_empty());
    let form = Form::new(visit.language, "/new-password", t.get("new-password-button"))
        .field(new_password_field(t, "new-password"))
        .field(Field::hidden("token", token))
        .errors(errors);
    page.show(&NewPage { t, mail: person.mail.as_str(), form: form.html()? })
}

fn refused(visit: &Visit, error: CommandError) -> Result<Response, Problem> {
    let CommandError::Link(refused) = error else {
        return Err(error.into());
    };
    let t = texts(visit);
    let help = match refused {
        LinkRefused::Broken => "link-broken-help",
        LinkRefused::Expired => "reset-expired-help",
        LinkRefused::Used => "reset-used-help",
    };
    let page = LinkPage {
        why: t.get(refused.key()),
        help: t.get(help),
        way: Some(("/forgotten-password", t.get("forgotten-again"))),
    };
    visit.page(t.get(refused.key())).status(StatusCode::GONE).show(&page)
}
