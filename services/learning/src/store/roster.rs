//! Who is enrolled in a course, page by page. Those who were erased are in no list and no number.

use bus::{Error, FromQueryResult, Read, Tx, Value, containing, values};
use chrono::{DateTime, Utc};
use event::{CourseId, EnrolmentId, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::domain::{Outline, Shown, Sort};

/// What of a roster is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct RosterQuery {
    /// Folded, and part of a name or an address; empty finds everybody.
    pub(crate) search: String,
    pub(crate) shown: Shown,
    pub(crate) sort: Sort,
}

/// One who is enrolled.
#[derive(Clone, Debug)]
pub(crate) struct RosterLine {
    pub(crate) enrolment: EnrolmentId,
    pub(crate) learner: PersonId,
    /// `None` until the copy of the person has arrived.
    pub(crate) name: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) enrolled_at: DateTime<Utc>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    /// Required steps that are done.
    pub(crate) done: u64,
    pub(crate) active_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    learner: Uuid,
    name: Option<String>,
    mail: Option<String>,
    enrolled_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    done: i64,
    active_at: DateTime<Utc>,
}

impl From<Row> for RosterLine {
    fn from(row: Row) -> Self {
        Self {
            enrolment: EnrolmentId(row.id),
            learner: PersonId(row.learner),
            name: row.name,
            mail: row.mail,
            enrolled_at: row.enrolled_at,
            completed_at: row.completed_at,
            done: unsigned(row.done),
            active_at: row.active_at,
        }
    }
}

/// Written as equations: for PostgreSQL a boolean alone is no condition on an index of it.
const ENROLLED: &str =
    "from enrolment e where e.course = $1 and e.active = true and e.erased = false";

/// A page of a roster. It is chosen in an index that holds all that is asked for, and only those on the
/// page are looked up, and what they have done counted.
pub(crate) async fn roster(
    db: &impl Read,
    course: CourseId,
    outline: &Outline,
    query: &RosterQuery,
    offset: u64,
    limit: u64,
) -> Result<Vec<RosterLine>, Error> {
    let mut values = values![course.0];
    let done = done(outline, &mut values);
    let found = found(query, &mut values);
    let order = order(query.sort);
    let sql = format!(
        "select e.id, e.learner, p.name, p.mail, e.enrolled_at, e.completed_at, \
         {done} as done, e.active_at \
         from (select e.id {found} order by {order} limit {limit} offset {offset}) as chosen \
         join enrolment e on e.id = chosen.id left join person_copy p on p.person = e.learner \
         order by {order}"
    );
    let rows: Vec<Row> = db.all(&sql, values).await?;
    Ok(rows.into_iter().map(RosterLine::from).collect())
}

/// Each is the order of an index, forwards or backwards.
fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Name => "e.sort_key, e.id",
        Sort::Progress => "e.progress desc, e.sort_key, e.id",
        Sort::Activity => "e.active_at desc, e.id desc",
        Sort::Silence => "e.active_at, e.id",
        Sort::Enrolled => "e.enrolled_at desc, e.id desc",
    }
}

/// Writes down where a person's seats, which are held, stand in rosters: by their name, and by when they were
/// last seen at the course, which a mark says nothing of: whoever gives it may be somebody else; and what they
/// are found by. What it is made of may arrive in any order.
pub(super) async fn place_in_rosters(
    tx: &mut Tx,
    learner: PersonId,
    course: Option<CourseId>,
) -> Result<(), Error> {
    let mut values = values![learner.0];
    let mut one = "";
    if let Some(course) = course {
        values.push(course.0.into());
        one = " and course = $2";
    }
    let sql = format!(
        "update enrolment set \
         sort_key = coalesce((select p.sort_key from person_copy p where p.person = $1), ''), \
         search_key = coalesce((select p.search_key from person_copy p where p.person = $1), ''), \
         erased = coalesce((select p.erased from person_copy p where p.person = $1), false), \
         active_at = (select max(seen.at) from (select enrolment.enrolled_at as at union all \
         select max(r.read_at) from lesson_read r where r.enrolment = enrolment.id union all \
         select max(a.submitted_at) from awaited_result a where a.learner = enrolment.learner \
         and a.course = enrolment.course) as seen) where learner = $1{one}"
    );
    tx.execute(&sql, values).await?;
    Ok(())
}

/// As [`place_in_rosters`], for one who was just seen: reading must stay cheap.
pub(super) async fn note_activity(
    tx: &mut Tx,
    enrolment: EnrolmentId,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let sql = "update enrolment set active_at = $1 where id = $2 and active_at < $1";
    tx.execute(sql, values![at, enrolment.0]).await?;
    Ok(())
}

/// The `progress` of a seat that completed its course: it stands before all that are under way, whatever
/// the course asks for now.
pub(super) const COMPLETED: u64 = 100_000;

/// Notes how many required steps are done, of a seat that is held and under way.
pub(crate) async fn note_progress(
    tx: &mut Tx,
    enrolment: EnrolmentId,
    done: u64,
) -> Result<(), Error> {
    let sql = "update enrolment set progress = $1 \
               where id = $2 and completed_at is null and progress <> $1";
    tx.execute(sql, values![signed(done), enrolment.0]).await?;
    Ok(())
}

/// As [`note_progress`], of all seats of a course that asks for something else now.
pub(crate) async fn note_progress_of_all(
    tx: &mut Tx,
    course: CourseId,
    outline: &Outline,
) -> Result<(), Error> {
    let mut values = values![course.0];
    let done = done(outline, &mut values);
    let sql = format!(
        "update enrolment as e set progress = {done} \
         where e.course = $1 and e.completed_at is null and e.progress <> {done}"
    );
    tx.execute(&sql, values).await?;
    Ok(())
}

/// The enrolled whom the query finds.
fn found(query: &RosterQuery, values: &mut Vec<Value>) -> String {
    format!("{ENROLLED}{}", asked_for(query, values))
}

/// What the query asks of a seat beyond that it is held.
fn asked_for(query: &RosterQuery, values: &mut Vec<Value>) -> String {
    let shown = match query.shown {
        Shown::Everybody => "",
        Shown::Underway => " and e.completed_at is null",
        Shown::Completed => " and e.completed_at is not null",
    };
    if query.search.is_empty() {
        return shown.to_owned();
    }
    values.push(containing(&query.search).into());
    format!("{shown} and e.search_key like ${} escape '!'", values.len())
}

/// The number of required steps that are done, of the `e` of a query.
fn done(outline: &Outline, values: &mut Vec<Value>) -> String {
    let lessons = outline.lessons.iter().filter(|place| place.required).map(|place| place.lesson.0);
    let quizzes = outline.quizzes.iter().filter(|place| place.required).map(|place| place.quiz.0);
    let lessons = one_of("r.lesson", lessons, values);
    let quizzes = one_of("q.quiz", quizzes, values);
    format!(
        "((select count(*) from lesson_read r where r.enrolment = e.id and {lessons}) + \
         (select count(distinct q.quiz) from quiz_result q where q.learner = e.learner \
         and q.course = e.course and q.passed and {quizzes}))"
    )
}

fn one_of(column: &str, ids: impl Iterator<Item = Uuid>, values: &mut Vec<Value>) -> String {
    let mut numbers = Vec::new();
    for id in ids {
        values.push(id.into());
        numbers.push(format!("${}", values.len()));
    }
    if numbers.is_empty() {
        "false".to_owned()
    } else {
        format!("{column} in ({})", numbers.join(","))
    }
}

/// How many take a course, and how many of them completed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Attendance {
    pub(crate) enrolled: i64,
    pub(crate) completed: i64,
}

/// The columns of an [`Attendance`].
const COUNTED: &str = "count(*) as enrolled, count(e.completed_at) as completed";

pub(crate) async fn attendance(db: &impl Read, course: CourseId) -> Result<Attendance, Error> {
    let sql = format!("select {COUNTED} {ENROLLED}");
    Ok(db.one(&sql, values![course.0]).await?.unwrap_or_default())
}

/// How many take a course, and how many of them a query finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct RosterSize {
    #[sea_orm(nested)]
    pub(crate) attendance: Attendance,
    pub(crate) found: i64,
}

/// Where a search is on, one walk over everybody tells both.
pub(crate) async fn roster_size(
    db: &impl Read,
    course: CourseId,
    query: &RosterQuery,
) -> Result<RosterSize, Error> {
    if query.search.is_empty() {
        let attendance = attendance(db, course).await?;
        let found = match query.shown {
            Shown::Everybody => attendance.enrolled,
            Shown::Underway => attendance.enrolled - attendance.completed,
            Shown::Completed => attendance.completed,
        };
        return Ok(RosterSize { attendance, found });
    }
    let mut values = values![course.0];
    let asked_for = asked_for(query, &mut values);
    let sql = format!(
        "select {COUNTED}, count(case when true{asked_for} then 1 end) as found {ENROLLED}"
    );
    Ok(db.one(&sql, values).await?.unwrap_or_default())
}
