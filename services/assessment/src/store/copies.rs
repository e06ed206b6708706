//! This service's copies of courses and enrolments. Each takes only what is newer, or what is of the
//! same version and of another hash: that repairs it.

use std::collections::BTreeMap;

use bus::{BatchHandler, Error, FromQueryResult, Read, Tx, step::Copies, values};
use contract::{catalog::COURSES, learning::ENROLMENTS};
use event::{CourseId, EnrolmentId, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::handlers::{CopyCourse, CopyEnrolment};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies::in_table(COURSES, CopyCourse::NAME, "course_copy", "course"),
    Copies::in_table(ENROLMENTS, CopyEnrolment::NAME, "enrolment_copy", "enrolment"),
];

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CourseCopy {
    pub(crate) version: u64,
    pub(crate) hash: String,
    pub(crate) withdrawn: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct EnrolmentCopy {
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) version: u64,
    pub(crate) hash: String,
    pub(crate) active: bool,
}

pub(crate) async fn copy_courses(
    tx: &mut Tx,
    copies: &BTreeMap<CourseId, CourseCopy>,
) -> Result<(), Error> {
    let row = |(course, copy): (&CourseId, &CourseCopy)| {
        values![course.0, signed(copy.version), copy.withdrawn, copy.hash.as_str()]
    };
    tx.insert_many(
        "insert into course_copy (course, version, withdrawn, hash) values",
        copies.iter().map(row).collect(),
        "on conflict (course) do update set version = excluded.version, \
         withdrawn = excluded.withdrawn, hash = excluded.hash \
         where course_copy.version < excluded.version \
         or (course_copy.version = excluded.version and course_copy.hash <> excluded.hash)",
    )
    .await?;
    Ok(())
}

pub(crate) async fn copy_enrolments(
    tx: &mut Tx,
    copies: &BTreeMap<EnrolmentId, EnrolmentCopy>,
) -> Result<(), Error> {
    let row = |(enrolment, copy): (&EnrolmentId, &EnrolmentCopy)| {
        values![
            enrolment.0,
            copy.learner.0,
            copy.course.0,
            signed(copy.version),
            copy.active,
            copy.hash.as_str()
        ]
    };
    tx.insert_many(
        "insert into enrolment_copy (enrolment, learner, course, version, active, hash) values",
        copies.iter().map(row).collect(),
        "on conflict (enrolment) do update set learner = excluded.learner, \
         course = excluded.course, version = excluded.version, active = excluded.active, \
         hash = excluded.hash where enrolment_copy.version < excluded.version \
         or (enrolment_copy.version = excluded.version and enrolment_copy.hash <> excluded.hash)",
    )
    .await?;
    Ok(())
}

pub(crate) async fn is_enrolled(
    db: &impl Read,
    learner: PersonId,
    course: CourseId,
) -> Result<bool, Error> {
    let seats: Option<i64> = db
        .scalar(
            "select count(*) from enrolment_copy where learner = $1 and course = $2 and active",
            values![learner.0, course.0],
        )
        .await?;
    Ok(seats.unwrap_or(0) > 0)
}

pub(crate) async fn is_withdrawn(db: &impl Read, course: CourseId) -> Result<bool, Error> {
    let found: Option<i64> = db
        .scalar(
            "select count(*) from course_copy where course = $1 and withdrawn",
            values![course.0],
        )
        .await?;
    Ok(found.unwrap_or(0) > 0)
}

#[derive(FromQueryResult)]
struct CourseRow {
    course: Uuid,
    version: i64,
}

pub(crate) async fn course_versions(db: &impl Read) -> Result<Vec<(CourseId, u64)>, Error> {
    let rows: Vec<CourseRow> =
        db.all("select course, version from course_copy order by course", values![]).await?;
    Ok(rows.into_iter().map(|row| (CourseId(row.course), unsigned(row.version))).collect())
}
