//! Whether a certificate holds: for everybody, by its code or its QR code.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use event::{Language, Role};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Tz, Visit};

use super::{NOT_INDEXED, cause_in_words, day};
use crate::{
    App, TEXTS, api,
    code::{Code, CodeError},
    domain::{Certificate, State as Standing},
};

const LONGEST_CODE: usize = 64;

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    t: Text,
    form: Html,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    code: String,
}

pub(super) async fn ask(visit: Visit) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let form = form(t, "", None)?;
    visit.page(t.get("verify-title")).show(&VerifyPage { t, form })
}

pub(super) async fn submit(
    visit: Visit,
    Submitted(asked): Submitted<Asked>,
) -> Result<Response, Problem> {
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
    class: &'static str,
    explanation: String,
    /// Why it no longer holds, without a word about anybody.
    cause: Option<String>,
    replaced_by: Option<Code>,
    /// For administrators: its page among all that were issued.
    issued: Option<String>,
    /// Of whom, unless they were erased.
    person: Option<String>,
    course: String,
    /// Of the course's title, where it is known.
    language: Option<Language>,
    organisation: String,
    started: String,
    completed: String,
    issued_on: String,
    code: Code,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownPage {
    t: Text,
    explanation: String,
    form: Html,
}

pub(super) async fn verify(
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
    let replaced_by = api::replacement(&app, &certificate).await?;
    let issued = visit.is(Role::Administrator).then(|| certificate.id.to_string());
    let page = VerifiedPage { replaced_by, issued, ..verified(certificate, t) };
    let answer = visit.page(page.verdict.clone()).show(&page)?;
    Ok(([NOT_INDEXED], answer).into_response())
}

fn unknown(visit: &Visit, t: Text, code: &str, explanation: String) -> Result<Response, Problem> {
    let form = form(t, code, None)?;
    let page = visit.page(t.get("verify-unknown-title")).status(StatusCode::NOT_FOUND);
    page.show(&UnknownPage { t, explanation, form })
}

fn verified(certificate: Certificate, t: Text) -> VerifiedPage {
    let (key, class) = match certificate.state {
        Standing::Revoked if certificate.replaced_by.is_some() => ("replaced", "warn"),
        Standing::Revoked => ("revoked", "bad"),
        Standing::Erased => ("erased", "warn"),
        Standing::Issued | Standing::Rendering | Standing::Failed => ("valid", "good"),
    };
    let cause = cause_in_words(&certificate, t).filter(|_| key == "revoked");
    let revoked = certificate.revocation.as_ref().map(|revocation| {
        let date = ui::format_date(revocation.at, t.language(), Tz::UTC);
        t.with(&format!("verify-{key}-on"), [("date", date.into())])
    });
    let facts = certificate.facts;
    let explanation = t.with(
        &format!("verify-{key}-help"),
        [("organisation", facts.organisation.name.as_str().into())],
    );
    let revoked = revoked.filter(|_| key != "erased");
    VerifiedPage {
        t,
        verdict: t.get(&format!("verify-{key}")),
        class,
        explanation: revoked.map_or(explanation.clone(), |on| format!("{on} {explanation}")),
        cause,
        replaced_by: None,
        issued: None,
        person: Some(facts.person).filter(|person| !person.is_empty()),
        course: facts.course,
        language: facts.course_language,
        organisation: facts.organisation.name,
        started: day(facts.started, t),
        completed: day(facts.completed, t),
        issued_on: day(facts.issued, t),
        code: facts.code,
    }
}
