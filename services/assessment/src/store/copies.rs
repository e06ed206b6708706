//! This service's copies of courses, enrolments and persons. Each takes only what is newer, or what is of the
//! same version and of another hash: that repairs it.

use std::collections::BTreeMap;

use bus::{BatchHandler, Error, FromQueryResult, Handler, Read, Tx, step::Copies, values};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{COURSES, QuizPlace},
    identity::PERSONS,
    learning::ENROLMENTS,
};
use event::{CourseId, EnrolmentId, Language, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::handlers::{CopyCourse, CopyEnrolment, CopyPerson};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies {
        tables: &[("course_copy", "course"), ("course_card", "course"), ("told_place", "course")],
        ..Copies::in_table(COURSES, CopyCourse::NAME, "course_copy", "course")
    },
    Copies::in_table(ENROLMENTS, CopyEnrolment::NAME, "enrolment_copy", "enrolment"),
    Copies::in_table(PERSONS, CopyPerson::NAME, "person_copy", "person"),
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

/// What a course shows of itself to those who teach it. It outlives a withdrawal: essays may still wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CourseCard {
    pub(crate) version: u64,
    pub(crate) title: String,
    pub(crate) language: Language,
    /// None: any instructor.
    pub(crate) instructor: Option<PersonId>,
    /// The quizzes that stand in it, in their order.
    pub(crate) places: Vec<QuizPlace>,
    /// When it became so; none for a card that was made before this was kept.
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// Keeps the newest card of each course that was heard of, before or after its withdrawal.
pub(crate) async fn copy_cards(
    tx: &mut Tx,
    cards: &BTreeMap<CourseId, CourseCard>,
) -> Result<(), Error> {
    let row = |(course, card): (&CourseId, &CourseCard)| {
        Ok(values![
            course.0,
            signed(card.version),
            card.title.as_str(),
            card.language.code(),
            card.instructor.map(Uuid::from),
            serde_json::to_string(&card.places)?,
            card.updated_at
        ])
    };
    let rows: Result<Vec<_>, Error> = cards.iter().map(row).collect();
    tx.insert_many(
        "insert into course_card (course, version, title, language, instructor, places, updated_at) \
         values",
        rows?,
        "on conflict (course) do update set version = excluded.version, title = excluded.title, \
         language = excluded.language, instructor = excluded.instructor, places = excluded.places, \
         updated_at = excluded.updated_at \
         where course_card.version <= excluded.version",
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct CardRow {
    version: i64,
    title: String,
    language: String,
    instructor: Option<Uuid>,
    places: String,
    updated_at: Option<DateTime<Utc>>,
}

/// None where nothing was heard of the course yet.
pub(crate) async fn course_card(
    db: &impl Read,
    course: CourseId,
) -> Result<Option<CourseCard>, Error> {
    let row: Option<CardRow> = db
        .one(
            "select version, title, language, instructor, places, updated_at from course_card \
             where course = $1",
            values![course.0],
        )
        .await?;
    let card = |row: CardRow| {
        Ok(CourseCard {
            version: unsigned(row.version),
            title: row.title,
            language: row.language.parse().unwrap_or_default(),
            instructor: row.instructor.map(PersonId),
            places: serde_json::from_str(&row.places)?,
            updated_at: row.updated_at,
        })
    };
    row.map(card).transpose()
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

pub(crate) async fn is_published(db: &impl Read, course: CourseId) -> Result<bool, Error> {
    let found: Option<i64> = db
        .scalar(
            "select count(*) from course_copy where course = $1 and not withdrawn",
            values![course.0],
        )
        .await?;
    Ok(found.unwrap_or(0) > 0)
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
