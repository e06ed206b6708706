//! The only SQL of this service: the copies of persons, courses and enrolments here; the rest in files
//! of their own.

mod announcements;
mod deliveries;
pub(crate) mod export;
mod invitations;
mod organisation;
mod reach;

pub(crate) use announcements::*;
pub(crate) use deliveries::*;
pub use deliveries::{DeliveryView, Doubled, Tally};
pub(crate) use invitations::*;
pub(crate) use organisation::*;
pub(crate) use reach::*;

use std::collections::{BTreeMap, HashMap};

use bus::{BatchHandler, Error, FromQueryResult, Handler, Read, Tx, Value, step::Copies, values};
use contract::{
    catalog::{COURSES, Course, CourseWithdrawn},
    identity::{ORGANISATION, PERSONS, Person, PersonErased},
    learning::{ENROLMENTS, EnrolmentChange},
    step::{GONE, hash},
};
use event::{CourseId, Language, PersonId};
use uuid::Uuid;

use crate::{
    domain::{CourseText, QuietHours, Reader},
    handlers::{CopyCourses, CopyEnrolments, CopyOrganisation, CopyPersons},
};

/// What this service copies of others. Of a course it keeps the description and the withdrawal, of an
/// enrolment every change; what counts is the latest.
pub(crate) const COPIES: &[Copies] = &[
    Copies::in_table(PERSONS, CopyPersons::NAME, "persons", "id"),
    Copies::in_table(ORGANISATION, CopyOrganisation::NAME, "organisation", "id"),
    Copies {
        version: "case when withdrawn > described then withdrawn else described end",
        hash: "case when withdrawn > described then 'gone' else hash end",
        ..Copies::in_table(COURSES, CopyCourses::NAME, "courses", "id")
    },
    Copies {
        only: "not exists (select 1 from enrolment_changes later \
               where later.enrolment = enrolment_changes.enrolment \
               and later.version > enrolment_changes.version)",
        ..Copies::in_table(ENROLMENTS, CopyEnrolments::NAME, "enrolment_changes", "enrolment")
    },
];

/// `$first,$first+1,…`: the inside of an `in (…)`.
fn numbered(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(",")
}

fn with_ids(mut values: Vec<Value>, ids: impl IntoIterator<Item = Uuid>) -> Vec<Value> {
    values.extend(ids.into_iter().map(Value::from));
    values
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// Takes what is newer, or of another hash; whoever is erased stays so.
pub(crate) async fn save_person(tx: &mut Tx, person: &Person) -> Result<(), Error> {
    tx.execute(
        "insert into persons (id, version, name, mail, language, time_zone, erased, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set \
         version = excluded.version, name = excluded.name, mail = excluded.mail, \
         language = excluded.language, time_zone = excluded.time_zone, hash = excluded.hash \
         where not persons.erased and (persons.version < excluded.version \
         or (persons.version = excluded.version and persons.hash <> excluded.hash))",
        values![
            person.person.0,
            signed(person.version),
            person.name.clone(),
            person.mail.clone(),
            person.language.code(),
            person.time_zone.clone(),
            false,
            hash(person)
        ],
    )
    .await?;
    Ok(())
}

/// Forgets who it was, whatever version is known.
pub(crate) async fn erase_person(tx: &mut Tx, erased: &PersonErased) -> Result<(), Error> {
    tx.execute(
        "insert into persons (id, version, name, mail, language, time_zone, erased, hash) \
         values ($1, $2, '', '', 'en', 'UTC', $3, $4) on conflict (id) do update set \
         version = excluded.version, name = '', mail = '', language = 'en', time_zone = 'UTC', \
         erased = excluded.erased, hash = excluded.hash",
        values![erased.person.0, signed(erased.version), true, GONE],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    name: String,
    mail: String,
    language: String,
    time_zone: String,
    begins: Option<String>,
    ends: Option<String>,
    erased: bool,
}

pub(crate) async fn readers(
    db: &impl Read,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Reader>, Error> {
    if persons.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select id, name, mail, language, time_zone, begins, ends, erased from persons \
         left join quiet_hours on quiet_hours.person = persons.id where id in ({})",
        numbered(1, persons.len())
    );
    let rows: Vec<PersonRow> =
        db.all(&sql, with_ids(Vec::new(), persons.iter().map(|person| person.0))).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.id), reader(row))).collect())
}

fn reader(row: PersonRow) -> Reader {
    Reader {
        person: PersonId(row.id),
        name: row.name,
        mail: row.mail,
        language: row.language.parse().unwrap_or(Language::En),
        // A zone that a later edition of the database dropped keeps nobody from being told.
        time_zone: row.time_zone.parse().unwrap_or_default(),
        quiet_hours: row
            .begins
            .zip(row.ends)
            .and_then(|(begins, ends)| QuietHours::parse(&begins, &ends).ok()),
        erased: row.erased,
    }
}

/// Takes the description that is newer, or of another hash; a withdrawal is kept beside it and takes no title away.
pub(crate) async fn save_course(tx: &mut Tx, course: &Course) -> Result<(), Error> {
    let quizzes: BTreeMap<String, &str> =
        course.quizzes.iter().map(|quiz| (quiz.quiz.to_string(), quiz.title.as_str())).collect();
    tx.execute(
        "insert into courses (id, described, course_key, title, quizzes, withdrawn, hash, instructor, \
         language) values ($1, $2, $3, $4, $5, 0, $6, $7, $8) on conflict (id) do update set \
         described = excluded.described, course_key = excluded.course_key, \
         title = excluded.title, quizzes = excluded.quizzes, hash = excluded.hash, \
         instructor = excluded.instructor, language = excluded.language \
         where courses.described < excluded.described \
         or (courses.described = excluded.described and courses.hash <> excluded.hash)",
        values![
            course.course.0,
            signed(course.version),
            course.key.clone(),
            course.title.clone(),
            serde_json::to_string(&quizzes)?,
            hash(course),
            course.instructor.map(|person| person.0),
            course.language.code()
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn withdraw_course(tx: &mut Tx, withdrawn: &CourseWithdrawn) -> Result<(), Error> {
    tx.execute(
        "insert into courses (id, described, course_key, title, quizzes, withdrawn) \
         values ($1, 0, '', '', '{}', $2) on conflict (id) do update set \
         withdrawn = excluded.withdrawn where courses.withdrawn < excluded.withdrawn",
        values![withdrawn.course.0, signed(withdrawn.version)],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct CourseRow {
    id: Uuid,
    title: String,
    language: String,
    quizzes: String,
}

/// The courses of which a description has arrived.
pub(crate) async fn courses(
    db: &impl Read,
    ids: &[CourseId],
) -> Result<HashMap<CourseId, CourseText>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select id, title, language, quizzes from courses where described > 0 and id in ({})",
        numbered(1, ids.len())
    );
    let rows: Vec<CourseRow> =
        db.all(&sql, with_ids(Vec::new(), ids.iter().map(|course| course.0))).await?;
    rows.into_iter()
        .map(|row| {
            let quizzes = serde_json::from_str(&row.quizzes)?;
            let (course, language) = (CourseId(row.id), row.language.parse::<Language>().ok());
            Ok((course, CourseText { course, title: row.title, language, quizzes }))
        })
        .collect()
}

#[derive(FromQueryResult)]
struct InstructorRow {
    id: Uuid,
    instructor: Option<Uuid>,
}

/// Who teaches these courses, of which a description has arrived; none of a course that is nobody's.
pub(crate) async fn instructors(
    db: &impl Read,
    courses: &[CourseId],
) -> Result<HashMap<CourseId, Option<PersonId>>, Error> {
    if courses.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select id, instructor from courses where described > 0 and id in ({})",
        numbered(1, courses.len())
    );
    let rows: Vec<InstructorRow> =
        db.all(&sql, with_ids(Vec::new(), courses.iter().map(|course| course.0))).await?;
    Ok(rows.into_iter().map(|row| (CourseId(row.id), row.instructor.map(PersonId))).collect())
}

/// A copy of a course, for those who compare it with the catalogue's.
#[derive(FromQueryResult, Clone, Debug, PartialEq, Eq)]
pub struct CourseCopy {
    pub course: Uuid,
    pub version: i64,
    pub title: String,
    pub withdrawn: bool,
}

pub(crate) async fn course_copies(db: &impl Read) -> Result<Vec<CourseCopy>, Error> {
    db.all(
        "select id as course, case when withdrawn > described then withdrawn else described end \
         as version, title, (withdrawn > described) as withdrawn from courses order by id",
        values![],
    )
    .await
}

/// Makes those who name the same courses or persons take turns, until their transactions end. Without
/// it two that are committed at the same moment would miss each other: an enrolment and an announcement
/// to the same course, or a telling and the erasure of the same person.
pub(crate) async fn take_turns(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<(), Error> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    // Everybody locks in the same order, so that nobody waits for each other.
    ids.sort_unstable();
    ids.dedup();
    tx.insert_many(
        "insert into turns (id, turn) values",
        ids.into_iter().map(|id| values![id, 1_i64]).collect(),
        "on conflict (id) do update set turn = turns.turn + 1",
    )
    .await?;
    Ok(())
}

fn enrolment_row(change: &EnrolmentChange) -> ((Uuid, u64), Vec<Value>) {
    match change {
        EnrolmentChange::Enrolled(it) => (
            (it.enrolment.0, it.version),
            values![
                it.enrolment.0,
                signed(it.version),
                it.learner.0,
                it.course.0,
                false,
                it.enrolled_at,
                hash(it)
            ],
        ),
        EnrolmentChange::Cancelled(it) => (
            (it.enrolment.0, it.version),
            values![
                it.enrolment.0,
                signed(it.version),
                it.learner.0,
                it.course.0,
                true,
                it.cancelled_at,
                GONE
            ],
        ),
    }
}

pub(crate) async fn save_enrolments<'a>(
    tx: &mut Tx,
    changes: impl Iterator<Item = &'a EnrolmentChange>,
) -> Result<(), Error> {
    // A change may come twice in a batch, as news and sent anew; one statement may write it once.
    let rows: BTreeMap<(Uuid, u64), Vec<Value>> = changes.map(enrolment_row).collect();
    tx.insert_many(
        "insert into enrolment_changes (enrolment, version, person, course, cancelled, changed_at, hash) \
         values",
        rows.into_values().collect(),
        "on conflict (enrolment, version) do update set person = excluded.person, \
         course = excluded.course, cancelled = excluded.cancelled, \
         changed_at = excluded.changed_at, hash = excluded.hash \
         where enrolment_changes.hash <> excluded.hash",
    )
    .await?;
    Ok(())
}
