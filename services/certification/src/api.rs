//! The JSON API of `certification`: a holder's own certificates, revoking, and verifying for all.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use event::{CertificateId, Role};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Session};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    code::Code,
    commands::{self, Refusal, Terms},
    domain::{Cause, Certificate, State as Standing},
    store,
};

/// More certificates than anybody earns.
pub(crate) const MOST_CERTIFICATES: u32 = 500;

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(pdf))
        .routes(routes!(revoke))
        .routes(routes!(reissue))
        .routes(routes!(verify))
        .with_state(app)
}

/// A certificate, for its holder and for administrators.
#[derive(Serialize, ToSchema)]
struct CertificateView {
    certificate: Uuid,
    learner: Uuid,
    course: Uuid,
    title: String,
    /// `rendering`, `issued`, `failed`, `revoked` or `erased`.
    state: &'static str,
    code: String,
    /// The public page that says whether it holds.
    verification_url: String,
    issued_at: DateTime<Utc>,
    completed_at: DateTime<Utc>,
    /// Where its PDF is, once it is made.
    pdf: Option<String>,
    revoked_at: Option<DateTime<Utc>>,
    revocation_reason: Option<String>,
    /// `details`, `mistake`, `conditions`, `request`, or `replaced` by another.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_cause: Option<&'static str>,
    /// The one that it was issued in the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<Uuid>,
    /// The one that was issued in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<Uuid>,
    /// Characters that no font here draws, and that are boxes on the PDF; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_glyphs: Option<String>,
    /// Why its PDF could not be made; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// What whoever has the code may know.
#[derive(Serialize, ToSchema)]
struct VerificationView {
    code: String,
    /// `valid`, `revoked`, or `erased` at its holder's request.
    state: &'static str,
    /// Unless they were erased.
    person: Option<String>,
    course: String,
    organisation: String,
    issued: NaiveDate,
    started: NaiveDate,
    completed: NaiveDate,
    revoked_at: Option<DateTime<Utc>>,
    /// Why: `details` were wrong, it was a `mistake`, `conditions` were not met, at the holder's
    /// `request`, or it was `replaced`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    /// The code of the one that was issued in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct Revocation {
    /// For the holder; the public page tells when, and the cause.
    reason: String,
    /// For everybody: `details`, `mistake`, `conditions` or `request`.
    #[serde(default)]
    cause: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct Reissue {
    /// For the holder.
    reason: String,
}

/// My certificates, newest first.
#[utoipa::path(get, path = "/api/v1/certificates", tag = "certification",
    responses((status = 200, body = Vec<CertificateView>)))]
async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Vec<CertificateView>>, Problem> {
    let certificates = store::certificates_of(&app.db, session.person, MOST_CERTIFICATES)
        .await
        .map_err(Refusal::from)?;
    let view = |certificate: &Certificate| view(certificate, &session);
    Ok(Json(certificates.iter().map(view).collect()))
}

/// One of my certificates; administrators see all.
#[utoipa::path(get, path = "/api/v1/certificates/{certificate}", tag = "certification",
    responses((status = 200, body = CertificateView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    session: Session,
    Path(certificate): Path<Uuid>,
) -> Result<Json<CertificateView>, Problem> {
    let certificate = visible(&app, &session, certificate).await?;
    Ok(Json(view(&certificate, &session)))
}

/// A certificate's PDF.
#[utoipa::path(get, path = "/api/v1/certificates/{certificate}/pdf", tag = "certification",
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 304),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn pdf(
    State(app): State<App>,
    session: Session,
    Path(certificate): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    send_pdf(&app, &session, certificate, &headers, Disposition::Attachment).await
}

/// A browser shows a PDF with an object and styles of its own making.
pub(crate) const PDF_POLICY: &str =
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Whether a file is to be kept, or shown by the browser.
#[derive(Clone, Copy)]
pub(crate) enum Disposition {
    Attachment,
    Inline,
}

pub(crate) async fn send_pdf(
    app: &App,
    session: &Session,
    certificate: Uuid,
    headers: &HeaderMap,
    disposition: Disposition,
) -> Result<Response, Problem> {
    let certificate = visible(app, session, certificate).await?;
    let Some(pdf) = &certificate.pdf else {
        return Err(without_pdf(certificate.state).into());
    };
    let tag = format!("\"{}\"", pdf.sha256);
    let answer = if knows(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let bytes = app.files.get(pdf).await;
        let bytes = bytes.map_err(|error| Problem::unavailable(&error))?;
        file(&certificate, bytes.into(), disposition)
    };
    Ok(tagged(answer, &tag))
}

/// Revoke a certificate, for administrators; its page says so from now on. Again changes nothing.
#[utoipa::path(post, path = "/api/v1/certificates/{certificate}/revoke", tag = "certification",
    request_body = Revocation, responses((status = 200, body = CertificateView),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn revoke(
    State(app): State<App>,
    session: Session,
    Path(certificate): Path<Uuid>,
    Json(revocation): Json<Revocation>,
) -> Result<Json<CertificateView>, Problem> {
    session.require(&[Role::Administrator])?;
    let certificate = CertificateId(certificate);
    let cause = match revocation.cause.as_deref() {
        None => None,
        Some(name) => Some(Cause::chosen(name).ok_or_else(|| {
            Problem::invalid("cause", "give details, mistake, conditions or request")
        })?),
    };
    let revoked = commands::revoke(&app.db, certificate, cause, &revocation.reason).await?;
    Ok(Json(view(&revoked, &session)))
}

/// Issue another in a certificate's place, for administrators: with its holder's present name, under a
/// new code. The one before says that it was replaced, once the new one is ready. Again gives the same.
#[utoipa::path(post, path = "/api/v1/certificates/{certificate}/reissue", tag = "certification",
    request_body = Reissue, responses((status = 200, body = CertificateView),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn reissue(
    State(app): State<App>,
    session: Session,
    Path(certificate): Path<Uuid>,
    Json(wish): Json<Reissue>,
) -> Result<Json<CertificateView>, Problem> {
    session.require(&[Role::Administrator])?;
    let new = issue_anew(&app, CertificateId(certificate), &wish.reason).await?;
    Ok(Json(view(&new, &session)))
}

pub(crate) async fn issue_anew(
    app: &App,
    certificate: CertificateId,
    reason: &str,
) -> Result<Certificate, Refusal> {
    let issuer = app.issuer().await?;
    let terms = Terms { issuer: &issuer, base_url: app.ui.base_url() };
    commands::reissue(&app.db, certificate, reason, &terms).await
}

/// Whether a certificate holds; for everybody. The code may be written as people write it.
#[utoipa::path(get, path = "/api/v1/certificates/verify/{code}", tag = "certification",
    security(()), responses((status = 200, body = VerificationView), (status = 404, body = Problem)))]
async fn verify(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Json<VerificationView>, Problem> {
    let code: Code = code
        .parse()
        .map_err(|error: crate::code::CodeError| Problem::not_found(error.to_string()))?;
    let certificate = public(&app, code).await?.ok_or_else(|| {
        Problem::not_found(format!("no certificate has the code {code}: check each letter"))
    })?;
    let replaced_by = replacement(&app, &certificate).await?;
    let view = VerificationView::from(certificate);
    Ok(Json(VerificationView { replaced_by: replaced_by.map(|code| code.to_string()), ..view }))
}

/// The code of the one that was issued in its place.
pub(crate) async fn replacement(
    app: &App,
    certificate: &Certificate,
) -> Result<Option<Code>, Problem> {
    match certificate.replaced_by {
        None => Ok(None),
        Some(by) => {
            store::public_code(&app.db, by).await.map_err(|error| Problem::unavailable(&error))
        }
    }
}

/// The certificate with this code, if it is one that was given out.
pub(crate) async fn public(app: &App, code: Code) -> Result<Option<Certificate>, Problem> {
    let found = store::certificate_by_code(&app.db, code)
        .await
        .map_err(|error| Problem::unavailable(&error))?;
    Ok(found.filter(|certificate| certificate.state.is_public()))
}

/// Another's certificate is no certificate.
pub(crate) async fn visible(
    app: &App,
    session: &Session,
    id: Uuid,
) -> Result<Certificate, Refusal> {
    let found = store::certificate(&app.db, CertificateId(id)).await?;
    found
        .filter(|known| known.learner == session.person || session.is(Role::Administrator))
        .ok_or(Refusal::NoSuchCertificate)
}

pub(crate) fn without_pdf(state: Standing) -> Refusal {
    match state {
        Standing::Erased => Refusal::Erased,
        Standing::Failed => Refusal::Failed,
        Standing::Rendering | Standing::Issued | Standing::Revoked => Refusal::NotReady,
    }
}

fn view(certificate: &Certificate, session: &Session) -> CertificateView {
    let for_administrators = session.is(Role::Administrator);
    let revocation = certificate.revocation.as_ref();
    let glyphs = certificate.missing_glyphs.clone();
    CertificateView {
        certificate: certificate.id.0,
        learner: certificate.learner.0,
        course: certificate.course.0,
        title: certificate.facts.course.clone(),
        state: certificate.state.name(),
        code: certificate.facts.code.to_string(),
        verification_url: certificate.facts.verification_url.clone(),
        issued_at: certificate.issued_at,
        completed_at: certificate.completed_at,
        pdf: pdf_address(certificate),
        revoked_at: revocation.map(|revocation| revocation.at),
        revocation_reason: revocation.and_then(|revocation| revocation.reason.clone()),
        revocation_cause: cause(certificate),
        replaces: certificate.replaces.map(|other| other.0),
        replaced_by: certificate.replaced_by.map(|other| other.0),
        missing_glyphs: (for_administrators && !glyphs.is_empty()).then_some(glyphs),
        failure: certificate.failure.clone().filter(|_| for_administrators),
    }
}

/// Where its PDF is, once it is made.
pub(crate) fn pdf_address(certificate: &Certificate) -> Option<String> {
    let address = || format!("/api/v1/certificates/{}/pdf", certificate.id);
    certificate.pdf.is_some().then(address)
}

fn cause(certificate: &Certificate) -> Option<&'static str> {
    certificate.revocation.as_ref().and_then(|revocation| revocation.cause).map(Cause::name)
}

impl From<Certificate> for VerificationView {
    fn from(certificate: Certificate) -> Self {
        let cause = cause(&certificate);
        let facts = certificate.facts;
        let state = match certificate.state {
            Standing::Revoked => "revoked",
            Standing::Erased => "erased",
            Standing::Issued | Standing::Rendering | Standing::Failed => "valid",
        };
        Self {
            code: facts.code.to_string(),
            state,
            person: Some(facts.person).filter(|person| !person.is_empty()),
            course: facts.course,
            organisation: facts.organisation.name,
            issued: facts.issued,
            started: facts.started,
            completed: facts.completed,
            revoked_at: certificate.revocation.map(|revocation| revocation.at),
            cause,
            replaced_by: None,
        }
    }
}

fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == tag || one == "*")
    })
}

fn file(certificate: &Certificate, bytes: Body, disposition: Disposition) -> Response {
    let how = match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    let fallback = format!("certificate-{}.pdf", certificate.facts.code);
    let name = percent_encoded(&certificate.file_name());
    let disposition = format!("{how}; filename=\"{fallback}\"; filename*=UTF-8''{name}");
    let mut answer = Response::new(bytes);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PDF_POLICY));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    answer
}

fn tagged(mut answer: Response, tag: &str) -> Response {
    let headers = answer.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    // Kept by the holder's browser, and asked for again each time: it may be revoked or erased.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answer
}

/// As RFC 8187 wants a file name that is not ASCII.
fn percent_encoded(name: &str) -> String {
    let encoded = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    name.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_in_any_script_goes_into_a_header() {
        assert_eq!(percent_encoded("Lan é.pdf"), "Lan%20%C3%A9.pdf");
        assert!(HeaderValue::from_str(&percent_encoded("欧\r\n\"")).is_ok());
    }
}
