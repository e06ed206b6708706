//! The SQL of `learning`: seats, progress and copies of courses here; the rest in the modules below.

pub(crate) mod export;
mod messages;
mod people;
mod roster;
mod standings;
mod told;
mod uploads;

pub(crate) use messages::*;
pub(crate) use people::*;
pub(crate) use roster::*;
pub(crate) use standings::*;
pub(crate) use told::*;
pub(crate) use uploads::*;

use std::collections::{BTreeSet, HashMap};

use bus::{
    BatchHandler, Error, FromQueryResult, Handler, Read, Tx, Value, placeholders, step::Copies,
    values,
};
use chrono::{DateTime, Utc};
use contract::{
    assessment::{AttemptGraded, MARKS},
    catalog::{COURSES, Course},
    identity::PERSONS,
    learning::QuizResult,
    step::{GONE, hash},
};
use event::{AttemptId, CourseId, EnrolmentId, LessonId, PersonId, QuizId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    domain::{Enrolment, Graded, Outline, Progress, Seat},
    handlers::{CopyCourse, CopyPerson, TakeResult},
};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies::in_table(COURSES, CopyCourse::NAME, "course_copy", "course"),
    // Of an attempt whose mark its owner does not have, none may ever come: nothing is on its way.
    Copies {
        tables: &[("quiz_result", "attempt"), ("awaited_result", "attempt")],
        ..Copies::in_table(MARKS, TakeResult::NAME, "quiz_result", "attempt")
    },
    Copies::in_table(PERSONS, CopyPerson::NAME, "person_copy", "person"),
];

/// The columns of a seat.
const SEAT: &str = "id, learner, course, version, active, enrolled_at, completed_at";

#[derive(FromQueryResult)]
struct EnrolmentRow {
    id: Uuid,
    learner: Uuid,
    course: Uuid,
    version: i64,
    active: bool,
    enrolled_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

impl From<EnrolmentRow> for Enrolment {
    fn from(row: EnrolmentRow) -> Self {
        Self {
            id: EnrolmentId(row.id),
            learner: PersonId(row.learner),
            course: CourseId(row.course),
            version: unsigned(row.version),
            state: if row.active { Seat::Active } else { Seat::Cancelled },
            enrolled_at: row.enrolled_at,
            completed_at: row.completed_at,
        }
    }
}

pub(crate) async fn enrolment(db: &impl Read, id: EnrolmentId) -> Result<Option<Enrolment>, Error> {
    let sql = format!("select {SEAT} from enrolment where id = $1");
    Ok(db.one::<EnrolmentRow>(&sql, values![id.0]).await?.map(Enrolment::from))
}

/// As [`enrolment`], and nobody else changes it before this transaction ends: the update, which changes
/// nothing, locks the row on both engines. Whoever holds several takes them in the order of their ids, so that
/// no two wait for each other.
pub(crate) async fn hold_enrolment(
    tx: &mut Tx,
    id: EnrolmentId,
) -> Result<Option<Enrolment>, Error> {
    let sql = format!("update enrolment set version = version where id = $1 returning {SEAT}");
    Ok(tx.one::<EnrolmentRow>(&sql, values![id.0]).await?.map(Enrolment::from))
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Holds all seats of a learner.
async fn hold_enrolments_of(tx: &mut Tx, learner: PersonId) -> Result<(), Error> {
    let sql = "select id from enrolment where learner = $1 order by id";
    for seat in tx.all::<IdRow>(sql, values![learner.0]).await? {
        hold_enrolment(tx, EnrolmentId(seat.id)).await?;
    }
    Ok(())
}

/// What comes first among a learner's seats: what is under way, then what is completed.
const RANK: &str = "case when not active then 0 when completed_at is not null then 1 else 2 end";

/// A learner's seats: those under way, then the completed, then the given-up ones, each the newest
/// first.
pub(crate) async fn enrolments_of(
    db: &impl Read,
    learner: PersonId,
    offset: u64,
    limit: u32,
) -> Result<Vec<Enrolment>, Error> {
    let sql = format!(
        "select {SEAT} from enrolment where learner = $1 \
         order by {RANK} desc, enrolled_at desc, id desc limit {limit} offset {offset}"
    );
    let rows = db.all::<EnrolmentRow>(&sql, values![learner.0]).await?;
    Ok(rows.into_iter().map(Enrolment::from).collect())
}

/// Seats of a course that are taken and not completed, by id, after a given one.
pub(crate) async fn open_enrolments(
    db: &impl Read,
    course: CourseId,
    after: Option<EnrolmentId>,
    limit: u32,
) -> Result<Vec<Enrolment>, Error> {
    let sql = format!(
        "select {SEAT} from enrolment where course = $1 and id > $2 and active \
         and completed_at is null order by id limit {limit}"
    );
    let after = after.map_or(Uuid::nil(), Uuid::from);
    let rows = db.all::<EnrolmentRow>(&sql, values![course.0, after]).await?;
    Ok(rows.into_iter().map(Enrolment::from).collect())
}

/// Notes a seat that nobody ever took before; `false` if it was taken meanwhile.
pub(crate) async fn add_enrolment(tx: &mut Tx, enrolment: &Enrolment) -> Result<bool, Error> {
    let added = tx
        .execute(
            "insert into enrolment (id, learner, course, version, active, enrolled_at) \
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            values![
                enrolment.id.0,
                enrolment.learner.0,
                enrolment.course.0,
                signed(enrolment.version),
                enrolment.state == Seat::Active,
                enrolment.enrolled_at
            ],
        )
        .await?;
    if added == 1 {
        place_in_rosters(tx, enrolment.learner, Some(enrolment.course)).await?;
    }
    Ok(added == 1)
}

/// Notes that a seat, which is held, was given up or taken again. What was completed there stays.
pub(crate) async fn change_enrolment(tx: &mut Tx, enrolment: &Enrolment) -> Result<(), Error> {
    let cancelled_at = (enrolment.state == Seat::Cancelled).then(|| tx.now());
    tx.execute(
        "update enrolment set version = $2, active = $3, enrolled_at = $4, cancelled_at = $5 \
         where id = $1",
        values![
            enrolment.id.0,
            signed(enrolment.version),
            enrolment.state == Seat::Active,
            enrolment.enrolled_at,
            cancelled_at
        ],
    )
    .await?;
    place_in_rosters(tx, enrolment.learner, Some(enrolment.course)).await
}

/// Notes the completion; `false` if it was noted before.
pub(crate) async fn mark_completed(
    tx: &mut Tx,
    enrolment: EnrolmentId,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    let marked = tx
        .execute(
            "update enrolment set completed_at = $1, progress = $3 \
             where id = $2 and completed_at is null",
            values![at, enrolment.0, signed(COMPLETED)],
        )
        .await?;
    Ok(marked == 1)
}

/// Notes that a lesson was read; `false` if it was before.
pub(crate) async fn mark_read(
    tx: &mut Tx,
    enrolment: EnrolmentId,
    lesson: LessonId,
) -> Result<bool, Error> {
    let now = tx.now();
    let marked = tx
        .execute(
            "insert into lesson_read (enrolment, lesson, read_at) values ($1, $2, $3) \
             on conflict (enrolment, lesson) do nothing",
            values![enrolment.0, lesson.0, now],
        )
        .await?;
    if marked == 1 {
        note_activity(tx, enrolment, now).await?;
    }
    Ok(marked == 1)
}

#[derive(FromQueryResult)]
struct LessonRow {
    lesson: Uuid,
}

#[derive(FromQueryResult)]
pub(super) struct ResultRow {
    attempt: Uuid,
    quiz: Uuid,
    mark: String,
    out_of: String,
    passed: bool,
}

pub(crate) async fn progress(db: &impl Read, enrolment: &Enrolment) -> Result<Progress, Error> {
    let lessons: Vec<LessonRow> = db
        .all("select lesson from lesson_read where enrolment = $1", values![enrolment.id.0])
        .await?;
    let results: Vec<ResultRow> = db
        .all(
            "select attempt, quiz, mark, out_of, passed from quiz_result \
             where learner = $1 and course = $2",
            values![enrolment.learner.0, enrolment.course.0],
        )
        .await?;
    let read: BTreeSet<LessonId> = lessons.into_iter().map(|row| LessonId(row.lesson)).collect();
    Ok(Progress::new(read, results.into_iter().map(graded).collect()))
}

pub(super) fn graded(row: ResultRow) -> Graded {
    Graded {
        result: QuizResult {
            quiz: QuizId(row.quiz),
            attempt: AttemptId(row.attempt),
            mark: decimal(&row.mark),
            out_of: decimal(&row.out_of),
        },
        passed: row.passed,
    }
}

/// Takes a result if it is newer than the one known, or another of the same version. `false` if it
/// is not.
pub(crate) async fn save_result(tx: &mut Tx, graded: &AttemptGraded) -> Result<bool, Error> {
    let saved = tx
        .execute(
            "insert into quiz_result (attempt, version, learner, course, quiz, mark, out_of, passed, \
             hash, graded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (attempt) do update set \
             version = excluded.version, mark = excluded.mark, out_of = excluded.out_of, \
             passed = excluded.passed, hash = excluded.hash, graded_at = excluded.graded_at \
             where quiz_result.version < excluded.version \
             or (quiz_result.version = excluded.version and quiz_result.hash <> excluded.hash)",
            values![
                graded.attempt.0,
                signed(graded.version),
                graded.learner.0,
                graded.course.0,
                graded.quiz.0,
                graded.mark.to_string(),
                graded.out_of.to_string(),
                graded.passed,
                hash(graded),
                graded.graded_at
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// This service's copy of a course.
#[derive(Clone)]
pub(crate) struct CourseCopy {
    pub(crate) course: CourseId,
    /// Empty in a copy that was made before keys were kept.
    pub(crate) key: String,
    pub(crate) instructor: Option<PersonId>,
    pub(crate) withdrawn: bool,
    pub(crate) outline: Outline,
    /// The course's version that has this outline.
    pub(crate) outline_version: u64,
}

const COURSE: &str =
    "select course, key, instructor, withdrawn, outline, outline_version from course_copy";

#[derive(FromQueryResult)]
struct CourseRow {
    course: Uuid,
    key: String,
    instructor: Option<Uuid>,
    withdrawn: bool,
    outline: String,
    outline_version: i64,
}

impl TryFrom<CourseRow> for CourseCopy {
    type Error = Error;

    fn try_from(row: CourseRow) -> Result<Self, Error> {
        Ok(Self {
            course: CourseId(row.course),
            key: row.key,
            instructor: row.instructor.map(PersonId),
            withdrawn: row.withdrawn,
            outline: serde_json::from_str(&row.outline)?,
            outline_version: unsigned(row.outline_version),
        })
    }
}

pub(crate) async fn course(db: &impl Read, course: CourseId) -> Result<Option<CourseCopy>, Error> {
    let sql = format!("{COURSE} where course = $1");
    let row: Option<CourseRow> = db.one(&sql, values![course.0]).await?;
    row.map(CourseCopy::try_from).transpose()
}

pub(crate) async fn courses(
    db: &impl Read,
    courses: impl IntoIterator<Item = CourseId>,
) -> Result<HashMap<CourseId, CourseCopy>, Error> {
    let ids: Vec<Value> = courses.into_iter().map(|course| course.0.into()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("{COURSE} where course in {}", placeholders(1, ids.len()));
    let copies = db.all::<CourseRow>(&sql, ids).await?.into_iter().map(CourseCopy::try_from);
    copies.map(|copy| copy.map(|copy| (copy.course, copy))).collect()
}

/// The courses with these keys; of two with one key, which a catalogue never has, one that is open.
pub(crate) async fn courses_by_key(
    db: &impl Read,
    keys: &BTreeSet<String>,
) -> Result<HashMap<String, CourseCopy>, Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<Value> = keys.iter().map(|key| key.as_str().into()).collect();
    let sql = format!(
        "{COURSE} where key in {} order by withdrawn desc, course",
        placeholders(1, keys.len())
    );
    let copies = db.all::<CourseRow>(&sql, keys).await?.into_iter().map(CourseCopy::try_from);
    copies.map(|copy| copy.map(|copy| (copy.key.clone(), copy))).collect()
}

/// Courses that can be named by their keys, in the order of these.
pub(crate) async fn open_courses(db: &impl Read, most: u64) -> Result<Vec<CourseCopy>, Error> {
    let sql = format!("{COURSE} where not withdrawn and key <> '' order by key limit {most}");
    db.all::<CourseRow>(&sql, values![]).await?.into_iter().map(CourseCopy::try_from).collect()
}

/// Takes an outline if it is newer than the one known, even where the course was withdrawn since:
/// who is enrolled goes on; or if the copy is of this version and was made from something else.
/// `false` if it is neither.
pub(crate) async fn copy_outline(
    tx: &mut Tx,
    course: &Course,
    outline: &Outline,
) -> Result<bool, Error> {
    let text = serde_json::to_string(outline)?;
    let copied = tx
        .execute(
            "insert into course_copy (course, version, withdrawn, outline, outline_version, hash, \
             key, instructor) values ($1, $2, $3, $4, $2, $5, $6, $7) \
             on conflict (course) do update set key = excluded.key, \
             instructor = excluded.instructor, outline = excluded.outline, outline_version = excluded.outline_version, \
             withdrawn = case when course_copy.version <= excluded.version \
             then excluded.withdrawn else course_copy.withdrawn end, \
             hash = case when course_copy.version <= excluded.version \
             then excluded.hash else course_copy.hash end, \
             version = case when course_copy.version < excluded.version \
             then excluded.version else course_copy.version end \
             where course_copy.outline_version < excluded.outline_version \
             or (course_copy.version = excluded.version and course_copy.hash <> excluded.hash)",
            values![
                course.course.0,
                signed(course.version),
                false,
                text,
                hash(course),
                course.key.as_str(),
                course.instructor.map(|instructor| instructor.0)
            ],
        )
        .await?;
    Ok(copied == 1)
}

/// Notes that a course was withdrawn, if that is newer than what is known; its outline stays.
pub(crate) async fn withdraw_course(
    tx: &mut Tx,
    course: CourseId,
    version: u64,
) -> Result<(), Error> {
    let nothing = serde_json::to_string(&Outline::default())?;
    tx.execute(
        "insert into course_copy (course, version, withdrawn, outline, outline_version, hash) \
         values ($1, $2, $3, $4, $5, $6) on conflict (course) do update set \
         version = excluded.version, withdrawn = excluded.withdrawn, hash = excluded.hash \
         where course_copy.version < excluded.version \
         or (course_copy.version = excluded.version and course_copy.hash <> excluded.hash)",
        values![course.0, signed(version), true, nothing, 0_i64, GONE],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct VersionRow {
    course: Uuid,
    version: i64,
}

pub(crate) async fn course_versions(db: &impl Read) -> Result<Vec<(CourseId, u64)>, Error> {
    let rows: Vec<VersionRow> =
        db.all("select course, version from course_copy order by course", values![]).await?;
    Ok(rows.into_iter().map(|row| (CourseId(row.course), unsigned(row.version))).collect())
}

#[derive(FromQueryResult)]
pub(crate) struct Counts {
    pub(crate) enrolled: i64,
    pub(crate) completed: i64,
    pub(crate) learners: i64,
    pub(crate) results: i64,
    pub(crate) lessons_read: i64,
}

pub(crate) async fn counts(db: &impl Read) -> Result<Option<Counts>, Error> {
    db.one(
        "select count(*) as enrolled, count(completed_at) as completed, \
         count(distinct learner) as learners, (select count(*) from quiz_result) as results, \
         (select count(*) from lesson_read) as lessons_read \
         from enrolment where active",
        values![],
    )
    .await
}

/// How many took a seat in a course before a time, and have it still.
pub(crate) async fn enrolled_before(
    db: &impl Read,
    course: CourseId,
    time: DateTime<Utc>,
) -> Result<i64, Error> {
    let count = db
        .scalar(
            "select count(*) from enrolment where course = $1 and active and enrolled_at < $2",
            values![course.0, time],
        )
        .await?;
    Ok(count.unwrap_or(0))
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn unsigned(version: i64) -> u64 {
    u64::try_from(version).unwrap_or(0)
}

/// Written by [`save_result`] alone, from a decimal.
fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}
