//! This service's copies of courses, enrolments and persons. Each takes only what is newer, or what is of the
//! same version and of another hash: that repairs it.

use std::collections::BTreeMap;

use bus::{BatchHandler, Error, FromQueryResult, Handler, Read, Tx, step::Copies, values};
use contract::{
    catalog::{COURSES, QuizPlace},
    identity::PERSONS,
    learning::ENROLMENTS,
};
use event::{CourseId, EnrolmentId, Language, PersonId, QuizId};
use uuid::Uuid;

use super::{narrow, signed, unsigned};
use crate::handlers::{CopyCourse, CopyEnrolment, CopyPerson};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies {
        tables: &[("course_copy", "course"), ("course_card", "course")],
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
            serde_json::to_string(&card.places)?
        ])
    };
    let rows: Result<Vec<_>, Error> = cards.iter().map(row).collect();
    tx.insert_many(
        "insert into course_card (course, version, title, language, instructor, places) values",
        rows?,
        "on conflict (course) do update set version = excluded.version, title = excluded.title, \
         language = excluded.language, instructor = excluded.instructor, places = excluded.places \
         where course_card.version <= excluded.version",
    )
    .await?;
    Ok(())
}

/// A quiz's place in a course, as of a version of the course.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PlacedQuiz {
    pub(crate) quiz: QuizId,
    pub(crate) course: CourseId,
    pub(crate) version: u64,
    pub(crate) key: Option<String>,
    pub(crate) title: String,
    pub(crate) pass_percent: u32,
    pub(crate) course_title: String,
    pub(crate) language: Language,
    pub(crate) instructor: Option<PersonId>,
}

/// Keeps where quizzes stand, drafts of courses included. What is newer stays.
pub(crate) async fn place_quiz(tx: &mut Tx, placed: &PlacedQuiz) -> Result<(), Error> {
    tx.execute(
        "insert into placed_quiz (quiz, course, version, key, title, pass_percent, course_title, \
         language, instructor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         on conflict (quiz) do update set course = excluded.course, version = excluded.version, \
         key = excluded.key, title = excluded.title, pass_percent = excluded.pass_percent, \
         course_title = excluded.course_title, language = excluded.language, \
         instructor = excluded.instructor where placed_quiz.version < excluded.version",
        values![
            placed.quiz.0,
            placed.course.0,
            signed(placed.version),
            placed.key.clone(),
            placed.title.as_str(),
            narrow(placed.pass_percent),
            placed.course_title.as_str(),
            placed.language.code(),
            placed.instructor.map(Uuid::from)
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct PlacedRow {
    quiz: Uuid,
    course: Uuid,
    version: i64,
    key: Option<String>,
    title: String,
    pass_percent: i32,
    course_title: String,
    language: String,
    instructor: Option<Uuid>,
}

/// The quizzes that were placed in a course, newest place first.
pub(crate) async fn placed_in(db: &impl Read, course: CourseId) -> Result<Vec<PlacedQuiz>, Error> {
    let rows: Vec<PlacedRow> = db
        .all(
            "select quiz, course, version, key, title, pass_percent, course_title, language, \
             instructor from placed_quiz where course = $1 order by version desc, title, quiz",
            values![course.0],
        )
        .await?;
    Ok(rows.into_iter().map(PlacedQuiz::from).collect())
}

impl From<PlacedRow> for PlacedQuiz {
    fn from(row: PlacedRow) -> Self {
        Self {
            quiz: QuizId(row.quiz),
            course: CourseId(row.course),
            version: unsigned(row.version),
            key: row.key,
            title: row.title,
            pass_percent: row.pass_percent.unsigned_abs(),
            course_title: row.course_title,
            language: row.language.parse().unwrap_or_default(),
            instructor: row.instructor.map(PersonId),
        }
    }
}

#[derive(FromQueryResult)]
struct CardRow {
    version: i64,
    title: String,
    language: String,
    instructor: Option<Uuid>,
    places: String,
}

/// None where nothing was heard of the course yet.
pub(crate) async fn course_card(
    db: &impl Read,
    course: CourseId,
) -> Result<Option<CourseCard>, Error> {
    let row: Option<CardRow> = db
        .one(
            "select version, title, language, instructor, places from course_card \
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
