//! One's own certificates: to read, to download, to share; those that are being made appear by themselves.

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use event::Language;
use ui::{Html, Path, Problem, Text, Visit, titled};
use uuid::Uuid;

use super::{Badge, cause_in_words, day, text};
use crate::{
    App,
    api::{self, Disposition, MOST_CERTIFICATES},
    code::Code,
    design::Facts,
    domain::{Certificate, State as Standing},
    store,
};

#[derive(Template)]
#[template(path = "certificates.html")]
struct CertificatesPage {
    t: Text,
    cards: Vec<Card>,
    /// While one is being made, the page follows it.
    seen: Option<String>,
}

struct Card {
    id: String,
    title: String,
    /// Of the title, where it is known.
    language: Option<Language>,
    badge: Badge,
    /// Why it was revoked, as its holder was told.
    reason: Option<String>,
    issued: String,
    pdf: Option<String>,
    /// Width and height.
    picture: (u32, u32),
    /// Of its public page, once there is one.
    code: Option<String>,
}

pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = text(&visit);
    let unavailable = |error: bus::Error| Problem::unavailable(&error);
    // Read first: what comes in between is told once too often rather than never.
    let state = store::state_of(&app.db, person).await.map_err(unavailable)?;
    let certificates =
        store::certificates_of(&app.db, person, MOST_CERTIFICATES).await.map_err(unavailable)?;
    let page = CertificatesPage {
        t,
        cards: certificates.iter().map(|known| card(known, t)).collect(),
        seen: Some(ui::fingerprint(state)),
    };
    visit.page(t.get("certificates-title")).show(&page)
}

fn card(certificate: &Certificate, t: Text) -> Card {
    let (state, facts) = (certificate.state, &certificate.facts);
    Card {
        id: certificate.id.to_string(),
        title: facts.course.clone(),
        language: facts.course_language,
        badge: Badge::of(certificate, t),
        reason: certificate.revocation.as_ref().and_then(|it| it.reason.clone()),
        issued: t.with("certificate-issued-on", [("date", day(facts.issued, t).into())]),
        pdf: api::pdf_address(certificate),
        picture: facts.design.size(),
        code: state.is_public().then(|| facts.code.to_string()),
    }
}

/// Tells open pages that a certificate is ready, or no longer holds.
pub(super) async fn live(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let db = app.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { store::state_of(&db, person).await }
    })
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    t: Text,
    id: String,
    title: String,
    /// Of the title, where it is known.
    language: Option<Language>,
    badge: Badge,
    /// What the state means.
    explanation: String,
    /// Why it was revoked, for everybody and for its holder.
    cause: Option<String>,
    reason: Option<String>,
    /// The certificate that is in its place.
    replaced_by: Option<String>,
    facts: Vec<(Html, Html)>,
    is_being_made: bool,
    has_pdf: bool,
    pdf: Option<String>,
    public: Option<Code>,
    /// Width and height.
    picture: (u32, u32),
    alt: String,
}

pub(super) async fn read(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let session = visit.session()?;
    let t = text(&visit);
    let certificate = own(&app, &visit, session.person, id).await?;
    let page = page(&certificate, t);
    visit.page(page.title.clone()).crumb("/certificates", t.get("certificates-title")).show(&page)
}

/// Another's is none here, whoever asks: administrators have pages of their own.
async fn own(
    app: &App,
    visit: &Visit,
    person: event::PersonId,
    id: Uuid,
) -> Result<Certificate, Problem> {
    let certificate = api::visible(app, visit.session()?, id).await?;
    if certificate.learner == person {
        return Ok(certificate);
    }
    Err(crate::commands::Refusal::NoSuchCertificate.into())
}

fn page(certificate: &Certificate, t: Text) -> CertificatePage {
    let (state, facts) = (certificate.state, &certificate.facts);
    let key = match state {
        Standing::Revoked if certificate.replaced_by.is_some() => "replaced",
        state => state.name(),
    };
    CertificatePage {
        t,
        id: certificate.id.to_string(),
        title: facts.course.clone(),
        language: facts.course_language,
        badge: Badge::of(certificate, t),
        explanation: t.get(&format!("certificate-{key}")),
        cause: cause_in_words(certificate, t),
        reason: certificate.revocation.as_ref().and_then(|it| it.reason.clone()),
        replaced_by: certificate.replaced_by.map(|other| other.to_string()),
        facts: facts_in_words(certificate, t),
        is_being_made: state == Standing::Rendering,
        has_pdf: certificate.pdf.is_some(),
        pdf: api::pdf_address(certificate),
        public: state.is_public().then_some(facts.code),
        picture: facts.design.size(),
        alt: t.with("certificate-alt", [("course", facts.course.as_str().into())]),
    }
}

/// What the document says, for those who cannot see it, and for everybody at a glance.
pub(super) fn facts_in_words(certificate: &Certificate, t: Text) -> Vec<(Html, Html)> {
    let facts = &certificate.facts;
    let mut lines: Vec<(&str, Html)> = vec![
        ("verified-person", facts.person.as_str().into()),
        ("verified-course", title_of(facts, &facts.course, t)),
        ("verified-organisation", facts.organisation.name.as_str().into()),
        ("verified-started", day(facts.started, t).into()),
        ("verified-completed", day(facts.completed, t).into()),
        ("verified-issued", day(facts.issued, t).into()),
        ("verified-duration", ui::format_duration(facts.minutes, t.language()).into()),
        ("verified-code", facts.code.to_string().into()),
    ];
    lines.retain(|(_, text)| !text.is_empty());
    let named = |(key, text): (&str, Html)| (Html::from(t.get(key)), text);
    let mut lines: Vec<(Html, Html)> = lines.into_iter().map(named).collect();
    for result in &facts.results {
        let mark = ui::format_number(result.mark.round_dp(2).normalize(), t.language());
        let out_of = ui::format_number(result.out_of.round_dp(2).normalize(), t.language());
        let mark = t.with("verified-mark", [("mark", mark.into()), ("total", out_of.into())]);
        lines.push((title_of(facts, &result.title, t), mark.into()));
    }
    lines
}

/// A title of the course, or of something in it.
fn title_of(facts: &Facts, title: &str, t: Text) -> Html {
    t.mark(&titled(title), facts.course_language)
}

/// What the document looks like.
pub(super) async fn picture(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let certificate = api::visible(&app, visit.session()?, id).await?;
    if certificate.pdf.is_none() {
        return Err(api::without_pdf(certificate.state).into());
    }
    app.pictures.answer(certificate.facts).await
}

/// The document, shown by the browser.
pub(super) async fn pdf(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    api::send_pdf(&app, visit.session()?, id, &headers, Disposition::Inline).await
}
