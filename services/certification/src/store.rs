//! The SQL of `certification`.

use bus::{Error, FileReference, FromQueryResult, Handler, Read, Tx, step::Copies, values};
use chrono::{DateTime, Utc};
use contract::{
    catalog::COURSES,
    identity::PERSONS,
    learning::CourseCompleted,
    step::{GONE, Stamp},
};
use event::{CertificateId, CourseId, EnrolmentId, Language, PersonId};
use uuid::Uuid;

use crate::{
    code::Code,
    design::Facts,
    domain::{Certificate, Holder, Outline, Revocation, State},
    handlers::{CopyCourse, CopyPerson},
};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies {
        tables: &[("course_copy", "course"), ("course_outline", "course")],
        ..Copies::in_table(COURSES, CopyCourse::NAME, "course_copy", "course")
    },
    Copies::in_table(PERSONS, CopyPerson::NAME, "person_copy", "person"),
];

const CERTIFICATE: &str = "select id, learner, course, state, facts, issued_at, completed_at, \
    pdf_key, pdf_sha256, pdf_size, missing_glyphs, failure, revoked_at, revocation_reason \
    from certificate";

#[derive(FromQueryResult)]
struct CertificateRow {
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
            revocation: row.revoked_at.map(|at| Revocation { at, reason }),
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

/// Writes a new certificate; `false` if the learner has one of this course, or the code is taken.
pub(crate) async fn insert(
    tx: &mut Tx,
    completed: &CourseCompleted,
    state: State,
    facts: &Facts,
) -> Result<bool, Error> {
    let id = Certificate::id_of(completed.learner, completed.course);
    let now = tx.now();
    let inserted = tx
        .execute(
            "insert into certificate (id, learner, course, enrolment, code, state, facts, \
             issued_at, completed_at, missing_glyphs) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '') on conflict do nothing",
            values![
                id.0,
                completed.learner.0,
                completed.course.0,
                completed.enrolment.0,
                facts.code.to_string(),
                state.name(),
                serde_json::to_string(facts)?,
                now,
                completed.completed_at
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// What is told of a certificate that has just become ready.
pub(crate) struct Ready {
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) enrolment: EnrolmentId,
    pub(crate) facts: Facts,
    pub(crate) issued_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ReadyRow {
    learner: Uuid,
    course: Uuid,
    enrolment: Uuid,
    facts: String,
    issued_at: DateTime<Utc>,
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
             returning learner, course, enrolment, facts, issued_at",
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
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let revoked = tx
        .execute(
            "update certificate set state = 'revoked', revoked_at = $1, revocation_reason = $2 \
             where id = $3 and state = 'issued'",
            values![now, reason, id.0],
        )
        .await?;
    Ok(revoked == 1)
}

/// Takes away what tells who the holder is. When it was revoked stays; why may name somebody.
pub(crate) async fn erase(tx: &mut Tx, id: CertificateId, facts: &Facts) -> Result<(), Error> {
    tx.execute(
        "update certificate set state = 'erased', facts = $1, pdf_key = null, pdf_sha256 = null, \
         pdf_size = null, missing_glyphs = '', failure = null, revocation_reason = null \
         where id = $2",
        values![serde_json::to_string(facts)?, id.0],
    )
    .await?;
    Ok(())
}

/// Takes the version of a course if it is newer than the copy's, or of another hash; a tombstone
/// keeps the outlines. `false` if it is neither.
pub(crate) async fn copy_course(tx: &mut Tx, course: &Stamp) -> Result<bool, Error> {
    let copied = tx
        .execute(
            "insert into course_copy (course, version, withdrawn, hash) values ($1, $2, $3, $4) \
             on conflict (course) do update set version = excluded.version, \
             withdrawn = excluded.withdrawn, hash = excluded.hash \
             where course_copy.version < excluded.version \
             or (course_copy.version = excluded.version and course_copy.hash <> excluded.hash)",
            values![course.id, signed(course.version), course.hash == GONE, course.hash.as_str()],
        )
        .await?;
    Ok(copied == 1)
}

/// Keeps what a course was as of a version.
pub(crate) async fn keep_outline(
    tx: &mut Tx,
    course: CourseId,
    version: u64,
    outline: &Outline,
) -> Result<(), Error> {
    tx.execute(
        "insert into course_outline (course, version, outline) values ($1, $2, $3) \
         on conflict (course, version) do nothing",
        values![course.0, signed(version), serde_json::to_string(outline)?],
    )
    .await?;
    Ok(())
}

/// Forgets what a course was said to be as of a version, where that was not so.
pub(crate) async fn drop_outline(tx: &mut Tx, course: CourseId, version: u64) -> Result<(), Error> {
    tx.execute(
        "delete from course_outline where course = $1 and version = $2",
        values![course.0, signed(version)],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct OutlineRow {
    version: i64,
    outline: String,
}

/// What a course was as of a version, or the next newer one that is here, with that one's number.
pub(crate) async fn outline_from(
    db: &impl Read,
    course: CourseId,
    version: u64,
) -> Result<Option<(u64, Outline)>, Error> {
    let row: Option<OutlineRow> = db
        .one(
            "select version, outline from course_outline \
             where course = $1 and version >= $2 order by version limit 1",
            values![course.0, signed(version)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((unsigned(row.version), serde_json::from_str(&row.outline)?)))
}

#[derive(FromQueryResult)]
struct VersionRow {
    course: Uuid,
    version: i64,
}

pub(crate) async fn course_versions(db: &impl Read) -> Result<Vec<(CourseId, u64)>, Error> {
    let rows: Vec<VersionRow> =
        db.all("select course, version from course_copy order by course", values![]).await?;
    let pair = |row: VersionRow| (CourseId(row.course), unsigned(row.version));
    Ok(rows.into_iter().map(pair).collect())
}

/// This service's copy of a person.
#[derive(Clone, Debug)]
pub(crate) enum PersonCopy {
    Known(Holder),
    Erased,
}

#[derive(FromQueryResult)]
struct PersonRow {
    erased: bool,
    name: String,
    language: String,
    time_zone: String,
}

/// Reads a person's copy, and keeps it as it is until the transaction ends: an erasing at the same
/// time comes before or after, never in between. The update, which changes nothing, takes the lock.
pub(crate) async fn lock_person(
    tx: &mut Tx,
    person: PersonId,
) -> Result<Option<PersonCopy>, Error> {
    let row: Option<PersonRow> = tx
        .one(
            "update person_copy set version = version where person = $1 \
             returning erased, name, language, time_zone",
            values![person.0],
        )
        .await?;
    Ok(row.map(|row| {
        if row.erased {
            return PersonCopy::Erased;
        }
        PersonCopy::Known(Holder {
            name: row.name,
            language: row.language.parse().unwrap_or_default(),
            time_zone: row.time_zone,
        })
    }))
}

/// Takes a person if they are newer than the copy, or of another hash; no holder is a tombstone.
pub(crate) async fn copy_person(
    tx: &mut Tx,
    person: &Stamp,
    holder: Option<&Holder>,
) -> Result<(), Error> {
    let (name, language, time_zone) = holder.map_or(("", Language::default(), ""), |holder| {
        (holder.name.as_str(), holder.language, holder.time_zone.as_str())
    });
    tx.execute(
        "insert into person_copy (person, version, erased, name, language, time_zone, hash) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (person) do update set \
         version = excluded.version, erased = excluded.erased, name = excluded.name, \
         language = excluded.language, time_zone = excluded.time_zone, hash = excluded.hash \
         where person_copy.version < excluded.version \
         or (person_copy.version = excluded.version and person_copy.hash <> excluded.hash)",
        values![
            person.id,
            signed(person.version),
            holder.is_none(),
            name,
            language.code(),
            time_zone,
            person.hash.as_str()
        ],
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
    /// Learners with more than one certificate of a course, and codes on more than one certificate.
    pub doubled: i64,
}

pub(crate) async fn tally(db: &impl Read) -> Result<Tally, Error> {
    let tally = db
        .one(
            "select count(case when state in ('issued', 'revoked') then 1 end) as issued, \
             count(case when state = 'rendering' then 1 end) as rendering, \
             count(case when state = 'failed' then 1 end) as failed, \
             (select count(*) from (select 1 as one from certificate group by learner, course \
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

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
