//! Accepting an invitation, by the link in its mail.

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Visit};

use super::{
    enter, explain, language_field, likely_zone, name_field, new_password_field,
    passwords::LinkPage, roles_in_words, texts, unavailable, zone_field,
};
use crate::{
    App,
    commands::{
        CommandError, LinkRefused,
        invitations::{self, Acceptance},
        organisation,
    },
    domain::{invitation::Invitation, parse_language},
    sign_in::Origin,
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/invitation", get(show).post(accept))
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    t: Text,
    organisation: String,
    mail: &'a str,
    roles: String,
    form: Html,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    token: String,
    name: String,
    password: String,
    language: String,
    time_zone: String,
}

async fn show(
    State(app): State<App>,
    mut visit: Visit,
    origin: Origin,
    Query(asked): Query<Written>,
) -> Result<Response, Problem> {
    let invitation = match look(&app, origin, &asked.token).await {
        Ok(invitation) => invitation,
        Err(error) => return refused(&visit, error),
    };
    let language = invitation.invited.language;
    // Whoever comes here for the first time reads in the language of the invitation.
    visit.language = language;
    let written = Written {
        token: asked.token,
        name: invitation.invited.name.as_str().to_owned(),
        language: language.code().to_owned(),
        time_zone: likely_zone(language).name().to_owned(),
        ..Written::default()
    };
    page(&app, &visit, &invitation, &written, Vec::new()).await
}

async fn accept(
    State(app): State<App>,
    mut visit: Visit,
    origin: Origin,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let invitation = match look(&app, origin, &written.token).await {
        Ok(invitation) => invitation,
        Err(error) => return refused(&visit, error),
    };
    visit.language = parse_language(&written.language).unwrap_or(visit.language);
    match accepted(&app, &written).await {
        Ok(person) => enter(&app.ui, &person, "/courses"),
        Err(error @ CommandError::Link(_)) => refused(&visit, error),
        Err(error) => page(&app, &visit, &invitation, &written, explain(&visit, error)?).await,
    }
}

async fn accepted(app: &App, written: &Written) -> Result<crate::Person, CommandError> {
    let acceptance = Acceptance {
        name: written.name.clone(),
        password: written.password.clone(),
        language: parse_language(&written.language)?,
        time_zone: written.time_zone.clone(),
    };
    invitations::accept(&app.db, app.ui.key(), &written.token, acceptance).await
}

/// Whom a link invites; one that opens nothing counts as a guess.
async fn look(app: &App, origin: Origin, token: &str) -> Result<Invitation, CommandError> {
    let guess = app.limits.guess(origin.0, app.db.now()).map_err(CommandError::TooMany)?;
    let invitation = invitations::look(&app.db, app.ui.key(), token).await?;
    app.limits.was_right(guess);
    Ok(invitation)
}

async fn page(
    app: &App,
    visit: &Visit,
    invitation: &Invitation,
    written: &Written,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let organisation = organisation::present(&app.db, &app.set_up).await.map_err(unavailable)?;
    let page = visit.page(t.get("invitation-title")).with_errors_if(!errors.is_empty());
    let form = Form::new(visit.language, "/invitation", t.get("invitation-button"))
        .field(name_field(t, &written.name))
        .field(new_password_field(t, "password"))
        .field(language_field(t, &written.language))
        .field(zone_field(t, &written.time_zone))
        .field(Field::hidden("token", written.token.as_str()))
        .errors(errors);
    page.show(&InvitationPage {
        t,
        organisation: organisation.details.name,
        mail: invitation.invited.mail.as_str(),
        roles: roles_in_words(t, &invitation.invited.roles),
        form: form.html()?,
    })
}

fn refused(visit: &Visit, error: CommandError) -> Result<Response, Problem> {
    let CommandError::Link(refused) = error else {
        return Err(error.into());
    };
    let t = texts(visit);
    let (help, way) = match refused {
        LinkRefused::Broken => ("link-broken-help", None),
        LinkRefused::Expired => ("invitation-expired-help", None),
        LinkRefused::Used => ("invitation-used-help", Some(("/sign-in", t.get("sign-in-title")))),
    };
    let page = LinkPage { why: t.get(refused.key()), help: t.get(help), way };
    visit.page(t.get(refused.key())).status(StatusCode::GONE).show(&page)
}
