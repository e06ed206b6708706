//! The pages of `certification`: verifying, for everybody, and one's own certificates.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use chrono::{NaiveDate, NaiveTime};
use event::Language;
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Tz, Visit};

use crate::{
    App, TEXTS,
    api::{self, MOST_CERTIFICATES},
    code::{Code, CodeError},
    domain::{Certificate, State as Standing},
    store,
};

/// Names are for whoever holds the code, not for search engines.
const NOT_INDEXED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
const LONGEST_CODE: usize = 64;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/certificates", get(mine))
        .route("/verify", get(ask).post(submit))
        .route("/verify/{code}", get(verify))
        .with_state(app)
}

#[derive(Template)]
#[template(path = "certificates.html")]
struct CertificatesPage {
    t: Text,
    cards: Vec<Card>,
}

struct Card {
    title: String,
    /// In words.
    state: String,
    reason: Option<String>,
    issued: String,
    pdf: Option<String>,
    /// Of its public page, once there is one.
    code: Option<String>,
}

async fn mine(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let session = visit.session()?;
    let t = Text::new(&TEXTS, visit.language);
    let certificates = store::certificates_of(&app.db, session.person, MOST_CERTIFICATES)
        .await
        .map_err(|error| Problem::unavailable(&error))?;
    let cards = certificates.iter().map(|known| card(known, t)).collect();
    visit.page(t.get("certificates-title")).show(&CertificatesPage { t, cards })
}

fn card(certificate: &Certificate, t: Text) -> Card {
    let (state, facts) = (certificate.state, &certificate.facts);
    let revocation = certificate.revocation.as_ref();
    Card {
        title: facts.course.clone(),
        state: t.get(&format!("certificate-{}", state.name())),
        reason: revocation.and_then(|revocation| revocation.reason.clone()),
        issued: t.with("certificate-issued-on", [("date", day(facts.issued, t).into())]),
        pdf: api::pdf_address(certificate),
        code: state.is_public().then(|| facts.code.to_string()),
    }
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    t: Text,
    form: Html,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    code: String,
}

async fn ask(visit: Visit) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let form = form(t, "", None)?;
    visit.page(t.get("verify-title")).show(&VerifyPage { t, form })
}

async fn submit(visit: Visit, Submitted(asked): Submitted<Asked>) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    match asked.code.parse::<Code>() {
        Ok(code) => Ok(Redirect::to(&format!("/verify/{code}")).into_response()),
        Err(error) => {
            let form = form(t, &asked.code, Some(in_words(t, error)))?;
            let page = visit.page(t.get("verify-title")).with_errors();
            page.show(&VerifyPage { t, form })
        }
    }
}

fn form(t: Text, code: &str, error: Option<String>) -> Result<Html, Problem> {
    let code: String = code.chars().take(LONGEST_CODE).collect();
    let field = Field::text("code", t.get("verify-code"))
        .value(code)
        .hint(t.get("verify-hint"))
        .autocomplete("off")
        .longest(LONGEST_CODE);
    let errors = error.map(|detail| FieldProblem { field: "code".to_owned(), detail });
    Form::new(t.language(), "/verify", t.get("verify-button"))
        .field(field)
        .errors(errors.into_iter().collect())
        .html()
}

fn in_words(t: Text, error: CodeError) -> String {
    match error {
        CodeError::Length => t.get("verify-wrong-length"),
        CodeError::Character(character) => {
            t.with("verify-wrong-character", [("character", character.to_string().into())])
        }
    }
}

#[derive(Template)]
#[template(path = "verified.html")]
struct VerifiedPage {
    t: Text,
    /// Whether it holds, in words.
    verdict: String,
    is_valid: bool,
    explanation: String,
    /// Of whom, unless they were erased.
    person: Option<String>,
    course: String,
    organisation: String,
    started: String,
    completed: String,
    issued: String,
    code: Code,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownPage {
    t: Text,
    explanation: String,
    form: Html,
}

async fn verify(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let parsed = match code.parse::<Code>() {
        Ok(parsed) => parsed,
        Err(error) => return unknown(&visit, t, &code, in_words(t, error)),
    };
    let Some(certificate) = api::public(&app, parsed).await? else {
        let explanation = t.with("verify-unknown", [("code", parsed.to_string().into())]);
        return unknown(&visit, t, &code, explanation);
    };
    let page = verified(certificate, t);
    let answer = visit.page(page.verdict.clone()).show(&page)?;
    Ok(([NOT_INDEXED], answer).into_response())
}

fn unknown(visit: &Visit, t: Text, code: &str, explanation: String) -> Result<Response, Problem> {
    let form = form(t, code, None)?;
    let page = visit.page(t.get("verify-unknown-title")).status(StatusCode::NOT_FOUND);
    page.show(&UnknownPage { t, explanation, form })
}

fn verified(certificate: Certificate, t: Text) -> VerifiedPage {
    let key = match certificate.state {
        Standing::Revoked => "revoked",
        Standing::Erased => "erased",
        Standing::Issued | Standing::Rendering | Standing::Failed => "valid",
    };
    let revoked = certificate.revocation.as_ref().map(|revocation| {
        let date = ui::format_date(revocation.at, t.language(), Tz::UTC);
        t.with("verify-revoked-on", [("date", date.into())])
    });
    let facts = certificate.facts;
    let explanation = t.with(
        &format!("verify-{key}-help"),
        [("organisation", facts.organisation.name.as_str().into())],
    );
    VerifiedPage {
        t,
        verdict: t.get(&format!("verify-{key}")),
        is_valid: certificate.state == Standing::Issued,
        explanation: revoked.map_or(explanation.clone(), |on| format!("{on} {explanation}")),
        person: Some(facts.person).filter(|person| !person.is_empty()),
        course: facts.course,
        organisation: facts.organisation.name,
        started: day(facts.started, t),
        completed: day(facts.completed, t),
        issued: day(facts.issued, t),
        code: facts.code,
    }
}

/// A date as it is printed, whatever the reader's time zone.
fn day(date: NaiveDate, t: Text) -> String {
    let language: Language = t.language();
    ui::format_date(date.and_time(NaiveTime::MIN).and_utc(), language, Tz::UTC)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_is_in_both_languages() {
        let english = include_str!("../locales/en/main.ftl");
        let french = include_str!("../locales/fr/main.ftl");
        assert!(ui::untranslated(english, french).is_empty());
        assert!(ui::untranslated(french, english).is_empty());
    }
}
