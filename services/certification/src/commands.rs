//! The use cases of `certification`: issue, finish, revoke, forget.

use bus::{Db, Tx};
use chrono::{DateTime, Utc};
use contract::{
    certification::{CertificateIssued, CertificateRevoked},
    learning::CourseCompleted,
};
use event::{CertificateId, PersonId};
use ui::Problem;

use crate::{
    code::{Code, NoRandomness},
    design::{Facts, Organisation},
    domain::{self, Certificate, Holder, Issuance, Outline, State},
    effects::{DeletePdf, RenderCertificate, RenderJob, Stored},
    store::{self, PersonCopy},
};

/// Two codes of eighty random bits clash never; more often than this, something else is wrong.
const MOST_CODES: usize = 5;
const LONGEST_REASON: usize = 500;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("you have no such certificate; yours are listed at GET /api/v1/certificates")]
    NoSuchCertificate,
    #[error("this certificate has no PDF yet: try again in a moment")]
    NotReady,
    #[error("this certificate's PDF could not be made; an operator was told and will try again")]
    Failed,
    #[error(
        "this certificate was erased at its holder's request: its code and its dates are all that is left"
    )]
    Erased,
    #[error("say why it is revoked, in {LONGEST_REASON} characters at most")]
    Reason,
    #[error(transparent)]
    Store(#[from] bus::Error),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::NoSuchCertificate => Self::not_found(refusal.to_string()),
            Refusal::NotReady | Refusal::Failed | Refusal::Erased => {
                Self::conflict(refusal.to_string())
            }
            Refusal::Reason => Self::invalid("reason", refusal.to_string()),
            Refusal::Store(error) => Self::unavailable(error),
        }
    }
}

/// Why a certificate could not be issued; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    #[error(transparent)]
    Store(#[from] bus::Error),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("{MOST_CODES} new codes were all taken: the source of random numbers is broken")]
    Codes,
}

/// What is the same for every issue.
pub(crate) struct Terms<'a> {
    pub(crate) organisation: &'a Organisation,
    pub(crate) base_url: &'a str,
}

/// Issues the one certificate of a learner and a course; a second time changes nothing. Whoever was
/// erased meanwhile gets one that names nobody, as if it had been issued just before.
pub(crate) async fn issue(
    tx: &mut Tx,
    completed: &CourseCompleted,
    outline: &Outline,
    person: PersonCopy,
    terms: &Terms<'_>,
) -> Result<(), IssueError> {
    if store::is_issued(tx, completed.learner, completed.course).await? {
        return Ok(());
    }
    for _ in 0..MOST_CODES {
        let code = Code::generate()?;
        let issuance = Issuance {
            code,
            now: tx.now(),
            organisation: terms.organisation,
            base_url: terms.base_url,
        };
        let (state, facts) = frozen(completed, outline, &person, &issuance);
        if store::insert(tx, completed, state, &facts).await? {
            return Ok(request(tx, completed, state, facts)?);
        }
        if store::is_issued(tx, completed.learner, completed.course).await? {
            return Ok(());
        }
    }
    Err(IssueError::Codes)
}

fn frozen(
    completed: &CourseCompleted,
    outline: &Outline,
    person: &PersonCopy,
    issuance: &Issuance<'_>,
) -> (State, Facts) {
    match person {
        PersonCopy::Known(holder) => {
            let facts = domain::facts(completed, outline, holder, issuance);
            (State::Rendering, facts)
        }
        PersonCopy::Erased => {
            let nobody = Holder {
                name: String::new(),
                language: outline.language,
                time_zone: String::new(),
            };
            let facts = domain::facts(completed, outline, &nobody, issuance);
            (State::Erased, domain::anonymous(facts))
        }
    }
}

fn request(
    tx: &mut Tx,
    completed: &CourseCompleted,
    state: State,
    facts: Facts,
) -> Result<(), bus::Error> {
    if state != State::Rendering {
        return Ok(());
    }
    let certificate = Certificate::id_of(completed.learner, completed.course);
    let job = RenderJob { certificate, person: Some(completed.learner), facts };
    tx.request::<RenderCertificate>(&certificate.to_string(), &job)
}

/// Notes that the PDF is there, and tells of it, once. If its holder was erased meanwhile the PDF
/// is deleted instead.
pub(crate) async fn finish(
    tx: &mut Tx,
    certificate: CertificateId,
    stored: Stored,
) -> Result<(), bus::Error> {
    let Stored { pdf, missing_glyphs } = stored;
    if !missing_glyphs.is_empty() {
        let code_points = missing_glyphs.escape_unicode().to_string();
        tracing::warn!(%certificate, code_points, "a certificate has characters that no font of ours draws");
    }
    let Some(ready) = store::mark_issued(tx, certificate, &pdf, &missing_glyphs).await? else {
        let known = store::certificate(tx, certificate).await?;
        if known.is_some_and(|known| known.state == State::Erased) {
            tx.request::<DeletePdf>(&pdf.sha256, &pdf)?;
        }
        return Ok(());
    };
    tx.publish(&CertificateIssued {
        certificate,
        learner: ready.learner,
        course: ready.course,
        enrolment: ready.enrolment,
        code: ready.facts.code.to_string(),
        language: ready.facts.language,
        issued_at: ready.issued_at,
        pdf,
    })
}

/// Takes a certificate's worth; its page says so from now on. Revoking twice is revoking once.
pub(crate) async fn revoke(
    db: &Db,
    certificate: CertificateId,
    reason: &str,
) -> Result<Certificate, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Refusal::Reason);
    }
    let mut tx = db.begin().await?;
    let now = tx.now();
    if store::mark_revoked(&mut tx, certificate, reason, now).await? {
        let revoked = known(&tx, certificate).await?;
        tx.publish(&told(&revoked, reason, now))?;
        tx.commit().await?;
        return Ok(revoked);
    }
    let known = known(&tx, certificate).await?;
    match known.state {
        State::Rendering => Err(Refusal::NotReady),
        State::Failed => Err(Refusal::Failed),
        State::Erased => Err(Refusal::Erased),
        State::Issued | State::Revoked => Ok(known),
    }
}

fn told(certificate: &Certificate, reason: &str, now: DateTime<Utc>) -> CertificateRevoked {
    CertificateRevoked {
        certificate: certificate.id,
        learner: certificate.learner,
        course: certificate.course,
        reason: reason.to_owned(),
        revoked_at: now,
    }
}

async fn known(db: &impl bus::Read, certificate: CertificateId) -> Result<Certificate, Refusal> {
    let known = store::certificate(db, certificate).await?;
    known.ok_or(Refusal::NoSuchCertificate)
}

/// Forgets who was erased: their certificates name nobody, and their PDFs are deleted. A PDF that is
/// just being made is not stopped but deleted when it is done: stopped, it could be left behind.
pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), bus::Error> {
    for certificate in store::named_certificates(tx, person).await? {
        if let Some(pdf) = &certificate.pdf {
            tx.request::<DeletePdf>(&pdf.sha256, pdf)?;
        }
        store::erase(tx, certificate.id, &domain::anonymous(certificate.facts)).await?;
    }
    Ok(())
}
