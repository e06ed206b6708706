//! The use cases of `certification`: issue, finish, revoke, issue anew, forget.

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
    design::Facts,
    domain::{self, Cause, Certificate, Holder, Issuance, Issuer, Outline, State},
    effects::{DeletePdf, RenderCertificate, RenderJob, Stored},
    store::{self, New, PersonCopy},
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
    #[error("say why, in {LONGEST_REASON} characters at most")]
    Reason,
    #[error("another certificate was issued in the place of this one already: look at that one")]
    Replaced,
    #[error("its holder is not known here yet: try again in a moment")]
    UnknownHolder,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("{MOST_CODES} new codes were all taken: the source of random numbers is broken")]
    Codes,
    #[error(transparent)]
    Store(#[from] bus::Error),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::NoSuchCertificate => Self::not_found(refusal.to_string()),
            Refusal::NotReady
            | Refusal::Failed
            | Refusal::Erased
            | Refusal::Replaced
            | Refusal::UnknownHolder => Self::conflict(refusal.to_string()),
            Refusal::Reason => Self::invalid("reason", refusal.to_string()),
            Refusal::Store(error) => Self::unavailable(error),
            Refusal::Randomness(_) | Refusal::Codes => Self::unavailable(&refusal),
        }
    }
}

/// What is the same for every issue.
pub(crate) struct Terms<'a> {
    pub(crate) issuer: &'a Issuer,
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
) -> Result<(), Refusal> {
    if store::is_issued(tx, completed.learner, completed.course).await? {
        return Ok(());
    }
    for _ in 0..MOST_CODES {
        let code = Code::generate()?;
        let issuance =
            Issuance { code, now: tx.now(), issuer: terms.issuer, base_url: terms.base_url };
        let (state, facts) = frozen(completed, outline, &person, &issuance);
        let new = New {
            id: Certificate::id_of(completed.learner, completed.course),
            learner: completed.learner,
            course: completed.course,
            enrolment: completed.enrolment,
            completed_at: completed.completed_at,
            state,
            facts: &facts,
            replaces: None,
        };
        if store::insert(tx, &new).await? {
            return Ok(request(tx, new.id, new.learner, state, &facts)?);
        }
        if store::is_issued(tx, completed.learner, completed.course).await? {
            return Ok(());
        }
    }
    Err(Refusal::Codes)
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
    certificate: CertificateId,
    learner: PersonId,
    state: State,
    facts: &Facts,
) -> Result<(), bus::Error> {
    if state != State::Rendering {
        return Ok(());
    }
    let job = RenderJob { certificate, person: Some(learner), facts: facts.clone() };
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
    if let Some((replaced, reason)) = &ready.replaces {
        replace(tx, *replaced, certificate, reason).await?;
    }
    tx.publish(&CertificateIssued {
        certificate,
        learner: ready.learner,
        course: ready.course,
        enrolment: ready.enrolment,
        code: ready.facts.code.to_string(),
        language: ready.facts.language,
        issued_at: ready.issued_at,
        pdf,
        replaces: ready.replaces.map(|(replaced, _)| replaced),
    })
}

/// The one before holds until the one in its place is ready. If it was revoked already, that stays.
async fn replace(
    tx: &mut Tx,
    replaced: CertificateId,
    by: CertificateId,
    reason: &str,
) -> Result<(), bus::Error> {
    let now = tx.now();
    let cause = Some(Cause::Replaced);
    if store::mark_revoked(tx, replaced, cause, reason, now).await?
        && let Some(revoked) = store::certificate(tx, replaced).await?
    {
        let told = told(&revoked, cause, reason, now);
        tx.publish(&CertificateRevoked { replaced_by: Some(by), ..told })?;
    }
    store::mark_replaced(tx, replaced, by).await
}

/// Takes a certificate's worth; its page says so from now on. Revoking twice is revoking once.
pub(crate) async fn revoke(
    db: &Db,
    certificate: CertificateId,
    cause: Option<Cause>,
    reason: &str,
) -> Result<Certificate, Refusal> {
    let reason = read_reason(reason)?;
    let mut tx = db.begin().await?;
    let now = tx.now();
    if store::mark_revoked(&mut tx, certificate, cause, reason, now).await? {
        let revoked = known(&tx, certificate).await?;
        tx.publish(&told(&revoked, cause, reason, now))?;
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

fn told(
    certificate: &Certificate,
    cause: Option<Cause>,
    reason: &str,
    now: DateTime<Utc>,
) -> CertificateRevoked {
    CertificateRevoked {
        certificate: certificate.id,
        learner: certificate.learner,
        course: certificate.course,
        reason: reason.to_owned(),
        revoked_at: now,
        replaced_by: None,
        cause: cause.map(Cause::told),
    }
}

fn read_reason(reason: &str) -> Result<&str, Refusal> {
    let reason = reason.trim();
    let is_said = !reason.is_empty() && reason.chars().count() <= LONGEST_REASON;
    is_said.then_some(reason).ok_or(Refusal::Reason)
}

/// Issues a certificate in another's place: under a new code, with its holder's present name and in the
/// organisation's present name. Gives the new one; doing so again gives the same.
pub(crate) async fn reissue(
    db: &Db,
    certificate: CertificateId,
    reason: &str,
    terms: &Terms<'_>,
) -> Result<Certificate, Refusal> {
    let reason = read_reason(reason)?;
    let mut tx = db.begin().await?;
    let old = known(&tx, certificate).await?;
    let id = Certificate::id_in_place_of(old.id);
    if let Some(begun) = store::certificate(&tx, id).await? {
        return Ok(begun);
    }
    may_be_replaced(&old)?;
    let holder = match store::lock_person(&mut tx, old.learner).await? {
        Some(PersonCopy::Known(holder)) => holder,
        Some(PersonCopy::Erased) => return Err(Refusal::Erased),
        None => return Err(Refusal::UnknownHolder),
    };
    let enrolment = store::enrolment_of(&tx, old.id).await?.ok_or(Refusal::NoSuchCertificate)?;
    for _ in 0..MOST_CODES {
        let (code, now) = (Code::generate()?, tx.now());
        let issuance = Issuance { code, now, issuer: terms.issuer, base_url: terms.base_url };
        let facts = domain::renewed(&old.facts, &holder, &issuance);
        let new = New {
            id,
            learner: old.learner,
            course: old.course,
            enrolment,
            completed_at: old.completed_at,
            state: State::Rendering,
            facts: &facts,
            replaces: Some((old.id, reason)),
        };
        if store::insert(&mut tx, &new).await? {
            request(&mut tx, id, old.learner, State::Rendering, &facts)?;
            let begun = known(&tx, id).await?;
            tx.commit().await?;
            return Ok(begun);
        }
        // Somebody else was at it too.
        if let Some(begun) = store::certificate(&tx, id).await? {
            return Ok(begun);
        }
    }
    Err(Refusal::Codes)
}

pub(crate) fn may_be_replaced(old: &Certificate) -> Result<(), Refusal> {
    match old.state {
        _ if old.replaced_by.is_some() => Err(Refusal::Replaced),
        State::Issued | State::Revoked => Ok(()),
        State::Rendering => Err(Refusal::NotReady),
        State::Failed => Err(Refusal::Failed),
        State::Erased => Err(Refusal::Erased),
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
