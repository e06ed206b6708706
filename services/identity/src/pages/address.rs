//! Another mail address for one's account: asking for a link that goes there, and confirming by it.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use ui::{
    AccountTabs, Confirm, Field, FieldProblem, Form, Html, Page, Problem, Query, Submitted, Text,
    Visit,
};

use super::{explain, mail_field, passwords::LinkPage, texts};
use crate::{
    App,
    account::Account,
    commands::{CommandError, LinkRefused, addresses},
    domain::{Invalid, Mail, Person, Reason},
    sign_in::{self, Origin},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/address", get(show).post(ask))
        .route("/account/address/confirm", post(confirm))
}

#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage<'a> {
    t: Text,
    mail: &'a str,
    is_sent: bool,
    form: Html,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    token: String,
    sent: Option<String>,
}

/// With a link's token, the question whether to change; without one, the form to ask for a link.
async fn show(
    State(app): State<App>,
    visit: Visit,
    Account { person, .. }: Account,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if asked.token.is_empty() {
        return page(&visit, &person, "", Vec::new(), asked.sent.is_some());
    }
    match addresses::look(&app.db, app.ui.key(), person.id, &asked.token).await {
        Ok((_, mail)) => question(&visit, &person, &mail, &asked.token),
        Err(error) => refused(&visit, error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    mail: String,
    present_password: String,
}

async fn ask(
    State(app): State<App>,
    visit: Visit,
    origin: Origin,
    Account { person, .. }: Account,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response, Problem> {
    match request(&app, origin, &person, &wanted).await {
        Ok(()) => Ok(Redirect::to("/account/address?sent=1").into_response()),
        Err(CommandError::MailTaken) => {
            let detail = texts(&visit).get("invite-has-account");
            let errors = vec![FieldProblem { field: "mail".to_owned(), detail }];
            page(&visit, &person, &wanted.mail, errors, false)
        }
        Err(error) => page(&visit, &person, &wanted.mail, explain(&visit, error)?, false),
    }
}

/// Addresses that have an account already are counted, as at registering.
async fn request(
    app: &App,
    origin: Origin,
    person: &Person,
    wanted: &Wanted,
) -> Result<(), CommandError> {
    let mail = Mail::parse(&wanted.mail)?;
    if mail == person.mail {
        return Err(Invalid { field: "mail", reason: Reason::PresentMail }.into());
    }
    if !sign_in::confirm(app, person.id, &wanted.present_password).await? {
        return Err(Invalid { field: "present_password", reason: Reason::PresentPassword }.into());
    }
    count_mail(app, origin, person, &mail).map_err(CommandError::TooMany)?;
    let guess = app.limits.guess(origin.0, app.db.now()).map_err(CommandError::TooMany)?;
    let requested = addresses::request(&app.db, app.ui.key(), person.id, &mail).await;
    if !matches!(requested, Err(CommandError::MailTaken)) {
        app.limits.was_right(guess);
    }
    requested
}

/// Counts a mail against where it is asked for from, against who asks, and for where it goes: nobody has
/// mails sent to many strangers.
fn count_mail(app: &App, origin: Origin, person: &Person, mail: &Mail) -> Result<(), u32> {
    let (limits, now) = (&app.limits, app.db.now());
    limits.ask(origin.0, now)?;
    limits.addresses.begin(&person.id.to_string(), None, now)?;
    limits.mails.begin(&mail.key(), None, now).map(drop)
}

fn page(
    visit: &Visit,
    person: &Person,
    mail: &str,
    errors: Vec<FieldProblem>,
    is_sent: bool,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let framed = framed(visit).with_errors_if(!errors.is_empty());
    let present = Field::password("present_password", t.get("present-password"))
        .autocomplete("current-password");
    let form = Form::new(visit.language, "/account/address", t.get("forgotten-button"))
        .field(mail_field(t, mail).hint(t.get("address-hint")))
        .field(present)
        .back("/account", t.get("account-title"))
        .errors(errors);
    let form = form.html()?;
    framed.show(&AddressPage { t, mail: person.mail.as_str(), is_sent, form })
}

fn framed(visit: &Visit) -> Page<'_> {
    let t = texts(visit);
    visit.page(t.get("address-title")).tabs(AccountTabs::Profile.of(visit))
}

fn question(visit: &Visit, person: &Person, mail: &Mail, token: &str) -> Result<Response, Problem> {
    let t = texts(visit);
    let form = Form::new(visit.language, "/account/address/confirm", t.get("address-button"))
        .field(Field::hidden("token", token))
        .back("/account", t.get("address-back"));
    Confirm::new(t.get("address-question"), &form)?
        .lead(t.with("address-lead-of", [("mail", mail.as_str().into())]))
        .consequence(t.get("address-consequence-sign-in"))
        .consequence(t.with("address-consequence-former", [("mail", person.mail.as_str().into())]))
        .show(framed(visit))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Confirmed {
    token: String,
}

async fn confirm(
    State(app): State<App>,
    visit: Visit,
    Account { person, .. }: Account,
    Submitted(confirmed): Submitted<Confirmed>,
) -> Result<Response, Problem> {
    match addresses::confirm(&app.db, app.ui.key(), person.id, &confirmed.token).await {
        Ok(()) => Ok(Redirect::to("/account?saved=address").into_response()),
        Err(error) => refused(&visit, error),
    }
}

fn refused(visit: &Visit, error: CommandError) -> Result<Response, Problem> {
    let CommandError::Link(refused) = error else {
        return Err(error.into());
    };
    let t = texts(visit);
    let help = match refused {
        LinkRefused::Broken => "link-broken-help",
        LinkRefused::Expired | LinkRefused::Used => "address-refused-help",
    };
    let page = LinkPage {
        why: t.get(refused.key()),
        help: t.get(help),
        way: Some(("/account/address", t.get("forgotten-again"))),
    };
    visit.page(t.get(refused.key())).status(StatusCode::GONE).show(&page)
}
