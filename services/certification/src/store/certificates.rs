//! Certificates: written once, and what became of them.

use bus::{Error, FileReference, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CertificateId, CourseId, EnrolmentId, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::{
    code::Code,
    design::Facts,
    domain::{Cause, Certificate, Revocation, State, folded},
};

pub(super) const CERTIFICATE: &str = "select id, learner, course, state, facts, issued_at, completed_at, \
    pdf_key, pdf_sha256, pdf_size, missing_glyphs, failure, revoked_at, revocation_reason, \
    revocation_cause, replaces, replaced_by from certificate";

#[derive(FromQueryResult)]
pub(super) struct CertificateRow {
    id: Uuid,
    learner: Uuid,
    course: Uuid,
    state: String,
    facts: String,
    issued_at: DateTime<Utc>,
    completed_at: DateTime<Utc>,
    pdf_key: Option<String>,
    pdf_sha256: Option<String>,
    pdf_size: Option<i64>,
    missing_glyphs: String,
    failure: Option<String>,
    revoked_at: Option<DateTime<Utc>>,
    revocation_reason: Option<String>,
    revocation_cause: Option<String>,
    replaces: Option<Uuid>,
    replaced_by: Option<Uuid>,
}

impl TryFrom<CertificateRow> for Certificate {
    type Error = Error;

    fn try_from(row: CertificateRow) -> Result<Self, Error> {
        let state = State::parse(&row.state).ok_or_else(|| {
            Error::Configuration(format!(
                "certificate {} is in the state “{}”, which this version does not know",
                row.id, row.state
            ))
        })?;
        let reason = row.revocation_reason;
        let cause = row.revocation_cause.as_deref().and_then(Cause::parse);
        Ok(Self {
            id: CertificateId(row.id),
            learner: PersonId(row.learner),
            course: CourseId(row.course),
            state,
            facts: serde_json::from_str(&row.facts)?,
            issued_at: row.issued_at,
            completed_at: row.completed_at,
            pdf: reference(row.pdf_key, row.pdf_sha256, row.pdf_size),
            missing_glyphs: row.missing_glyphs,
            failure: row.failure,
            revocation: row.revoked_at.map(|at| Revocation { at, cause, reason }),
            replaces: row.replaces.map(CertificateId),
            replaced_by: row.replaced_by.map(CertificateId),
        })
    }
}

fn reference(
    key: Option<String>,
    sha256: Option<String>,
    size: Option<i64>,
) -> Option<FileReference> {
    Some(FileReference { key: key?, sha256: sha256?, size: unsigned(size?) })
}

pub(crate) async fn certificate(
    db: &impl Read,
    id: CertificateId,
) -> Result<Option<Certificate>, Error> {
    let sql = format!("{CERTIFICATE} where id = $1");
    let row: Option<CertificateRow> = db.one(&sql, values![id.0]).await?;
    row.map(Certificate::try_from).transpose()
}

pub(crate) async fn certificate_by_code(
    db: &impl Read,
    code: Code,
) -> Result<Option<Certificate>, Error> {
    let sql = format!("{CERTIFICATE} where code = $1");
    let row: Option<CertificateRow> = db.one(&sql, values![code.to_string()]).await?;
    row.map(Certificate::try_from).transpose()
}

/// A learner's, newest first.
pub(crate) async fn certificates_of(
    db: &impl Read,
    learner: PersonId,
    limit: u32,
) -> Result<Vec<Certificate>, Error> {
    let sql = format!("{CERTIFICATE} where learner = $1 order by issued_at desc, id limit {limit}");
    let rows: Vec<CertificateRow> = db.all(&sql, values![learner.0]).await?;
    rows.into_iter().map(Certificate::try_from).collect()
}

/// A learner's that still name them.
pub(crate) async fn named_certificates(
    db: &impl Read,
    learner: PersonId,
) -> Result<Vec<Certificate>, Error> {
    let sql = format!("{CERTIFICATE} where learner = $1 and state <> 'erased' order by id");
    let rows: Vec<CertificateRow> = db.all(&sql, values![learner.0]).await?;
    rows.into_iter().map(Certificate::try_from).collect()
}

/// Whether there is one already, in whatever state.
pub(crate) async fn is_issued(
    db: &impl Read,
    learner: PersonId,
    course: CourseId,
) -> Result<bool, Error> {
    let found: Option<String> = db
        .scalar(
            "select state from certificate where learner = $1 and course = $2",
            values![learner.0, course.0],
        )
        .await?;
    Ok(found.is_some())
}

/// A certificate about to be written.
pub(crate) struct New<'a> {
    pub(crate) id: CertificateId,
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) enrolment: EnrolmentId,
    pub(crate) completed_at: DateTime<Utc>,
    pub(crate) state: State,
    pub(crate) facts: &'a Facts,
    /// The one that it is issued in the place of, and why.
    pub(crate) replaces: Option<(CertificateId, &'a str)>,
}

/// Writes a new certificate; `false` if the learner has one of this course, the one in whose place it is
/// has another already, or the code is taken.
pub(crate) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<bool, Error> {
    let now = tx.now();
    let inserted = tx
        .execute(
            "insert into certificate (id, learner, course, enrolment, code, state, facts, \
             issued_at, completed_at, missing_glyphs, replaces, reissue_reason, search) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $12) on conflict do nothing",
            values![
                new.id.0,
                new.learner.0,
                new.course.0,
                new.enrolment.0,
                new.facts.code.to_string(),
                new.state.name(),
                serde_json::to_string(new.facts)?,
                now,
                new.completed_at,
                new.replaces.map(|(replaced, _)| replaced.0),
                new.replaces.map(|(_, reason)| reason.to_owned()),
                sought(new.facts)
            ],
        )
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn enrolment_of(
    db: &impl Read,
    id: CertificateId,
) -> Result<Option<EnrolmentId>, Error> {
    let found: Option<Uuid> =
        db.scalar("select enrolment from certificate where id = $1", values![id.0]).await?;
    Ok(found.map(EnrolmentId))
}

/// What a certificate is found by, besides its code.
pub(super) fn sought(facts: &Facts) -> String {
    folded(&format!("{} {}", facts.person, facts.course))
}

/// What is told of a certificate that has just become ready.
pub(crate) struct Ready {
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) enrolment: EnrolmentId,
    pub(crate) facts: Facts,
    pub(crate) issued_at: DateTime<Utc>,
    /// The one that it was issued in the place of, and why.
    pub(crate) replaces: Option<(CertificateId, String)>,
}

#[derive(FromQueryResult)]
struct ReadyRow {
    learner: Uuid,
    course: Uuid,
    enrolment: Uuid,
    facts: String,
    issued_at: DateTime<Utc>,
    replaces: Option<Uuid>,
    reissue_reason: Option<String>,
}

/// Notes the PDF of one that waited for it; `None` if it did not, or no longer does.
pub(crate) async fn mark_issued(
    tx: &mut Tx,
    id: CertificateId,
    pdf: &FileReference,
    missing_glyphs: &str,
) -> Result<Option<Ready>, Error> {
    let row: Option<ReadyRow> = tx
        .one(
            "update certificate set state = 'issued', pdf_key = $1, pdf_sha256 = $2, \
             pdf_size = $3, missing_glyphs = $4, failure = null \
             where id = $5 and state in ('rendering', 'failed') \
             returning learner, course, enrolment, facts, issued_at, replaces, reissue_reason",
            values![pdf.key.clone(), pdf.sha256.clone(), signed(pdf.size), missing_glyphs, id.0],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Ready {
        learner: PersonId(row.learner),
        course: CourseId(row.course),
        enrolment: EnrolmentId(row.enrolment),
        facts: serde_json::from_str(&row.facts)?,
        issued_at: row.issued_at,
        replaces: row
            .replaces
            .map(|replaced| (CertificateId(replaced), row.reissue_reason.unwrap_or_default())),
    }))
}

pub(crate) async fn mark_failed(tx: &mut Tx, id: CertificateId, cause: &str) -> Result<(), Error> {
    tx.execute(
        "update certificate set state = 'failed', failure = $1 \
         where id = $2 and state in ('rendering', 'failed')",
        values![cause, id.0],
    )
    .await?;
    Ok(())
}

/// `false` if it is not one that holds.
pub(crate) async fn mark_revoked(
    tx: &mut Tx,
    id: CertificateId,
    cause: Option<Cause>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let revoked = tx
        .execute(
            "update certificate set state = 'revoked', revoked_at = $1, revocation_reason = $2, \
             revocation_cause = $3 where id = $4 and state = 'issued'",
            values![now, reason, cause.map(Cause::name), id.0],
        )
        .await?;
    Ok(revoked == 1)
}

/// Why it was issued in another's place, if it was.
pub(crate) async fn reissue_reason(
    db: &impl Read,
    id: CertificateId,
) -> Result<Option<String>, Error> {
    db.scalar(
        "select reissue_reason from certificate where id = $1 and reissue_reason is not null",
        values![id.0],
    )
    .await
}

/// Notes which one was issued in its place.
pub(crate) async fn mark_replaced(
    tx: &mut Tx,
    replaced: CertificateId,
    by: CertificateId,
) -> Result<(), Error> {
    tx.execute("update certificate set replaced_by = $1 where id = $2", values![by.0, replaced.0])
        .await?;
    Ok(())
}

/// What differs as soon as one of a learner's certificates is new or becomes something else.
pub(crate) async fn state_of(db: &impl Read, learner: PersonId) -> Result<String, Error> {
    let rows: Vec<StateRow> = db
        .all(
            "select state, count(*) as count from certificate where learner = $1 \
             group by state order by state",
            values![learner.0],
        )
        .await?;
    let lines: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.state, row.count)).collect();
    Ok(lines.join(" "))
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
    count: i64,
}

/// Takes away what tells who the holder is. When it was revoked stays; why may name somebody.
pub(crate) async fn erase(tx: &mut Tx, id: CertificateId, facts: &Facts) -> Result<(), Error> {
    tx.execute(
        "update certificate set state = 'erased', facts = $1, pdf_key = null, pdf_sha256 = null, \
         pdf_size = null, missing_glyphs = '', failure = null, revocation_reason = null, \
         reissue_reason = null, search = '' where id = $2",
        values![serde_json::to_string(facts)?, id.0],
    )
    .await?;
    Ok(())
}

/// What the database counts, for reconciling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Tally {
    /// Certificates with their PDF, the revoked ones too; those of erased people are in no number.
    pub issued: i64,
    /// Whose PDF is being made.
    pub rendering: i64,
    /// Whose PDF could not be made.
    pub failed: i64,
    /// Learners with more than one first certificate of a course, and codes on more than one certificate.
    /// One that was issued in another's place is not a second.
    pub doubled: i64,
}

pub(crate) async fn tally(db: &impl Read) -> Result<Tally, Error> {
    let tally = db
        .one(
            "select count(case when state in ('issued', 'revoked') then 1 end) as issued, \
             count(case when state = 'rendering' then 1 end) as rendering, \
             count(case when state = 'failed' then 1 end) as failed, \
             (select count(*) from (select 1 as one from certificate \
             where replaces is null group by learner, course \
             having count(*) > 1) as pairs) + \
             (select count(*) from (select 1 as one from certificate group by code \
             having count(*) > 1) as codes) as doubled \
             from certificate",
            values![],
        )
        .await?;
    Ok(tally.unwrap_or(Tally { issued: 0, rendering: 0, failed: 0, doubled: 0 }))
}

#[derive(FromQueryResult)]
struct FileRow {
    pdf_key: Option<String>,
    pdf_sha256: Option<String>,
    pdf_size: Option<i64>,
}

pub(crate) async fn files(db: &impl Read) -> Result<Vec<FileReference>, Error> {
    let rows: Vec<FileRow> = db
        .all(
            "select pdf_key, pdf_sha256, pdf_size from certificate where pdf_key is not null",
            values![],
        )
        .await?;
    let file = |row: FileRow| reference(row.pdf_key, row.pdf_sha256, row.pdf_size);
    Ok(rows.into_iter().filter_map(file).collect())
}
