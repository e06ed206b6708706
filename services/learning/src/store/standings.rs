//! How learners stand: many seats at once, what is awaited, and when what was done.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bus::{Error, FromQueryResult, Read, Tx, Value, placeholders, values};
use chrono::{DateTime, Utc};
use contract::assessment::{AttemptAwaitsMarking, AttemptSubmitted};
use event::{AttemptId, CourseId, EnrolmentId, LessonId, PersonId, QuizId};
use uuid::Uuid;

use super::{ResultRow, graded, note_activity};
use crate::domain::{Enrolment, Graded, Progress};

/// What a learner did in one course, and what of it has no mark yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done {
    pub(crate) progress: Progress,
    pub(crate) active_at: Option<DateTime<Utc>>,
    pub(crate) read_at: BTreeMap<LessonId, DateTime<Utc>>,
    pub(crate) awaited: BTreeMap<QuizId, Awaited>,
}

/// For whom a mark waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Awaited {
    Grader,
    /// Somebody must read it.
    Person,
}

#[derive(FromQueryResult)]
struct ReadRow {
    enrolment: Uuid,
    lesson: Uuid,
    read_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct CourseResultRow {
    course: Uuid,
    attempt: Uuid,
    quiz: Uuid,
    mark: String,
    out_of: String,
    passed: bool,
}

#[derive(FromQueryResult)]
struct AwaitedRow {
    course: Uuid,
    quiz: Uuid,
    by_person: bool,
}

#[derive(FromQueryResult)]
struct SubmittedRow {
    course: Uuid,
    submitted_at: Option<DateTime<Utc>>,
}

/// What one learner did in each of these seats, which are the learner's own.
pub(crate) async fn done(
    db: &impl Read,
    learner: PersonId,
    seats: &[Enrolment],
) -> Result<HashMap<EnrolmentId, Done>, Error> {
    if seats.is_empty() {
        return Ok(HashMap::new());
    }
    let mut reads = reads(db, seats).await?;
    let mut results = results(db, learner).await?;
    let mut awaited = awaited(db, learner).await?;
    let submitted = last_submitted(db, learner).await?;
    let done = seats.iter().map(|seat| {
        let read_at = reads.remove(&seat.id).unwrap_or_default();
        let graded = results.remove(&seat.course).unwrap_or_default();
        let last_read = read_at.values().max().copied();
        let read: BTreeSet<LessonId> = read_at.keys().copied().collect();
        let done = Done {
            progress: Progress::new(read, graded),
            active_at: last_read.max(submitted.get(&seat.course).copied()),
            read_at,
            awaited: awaited.remove(&seat.course).unwrap_or_default(),
        };
        (seat.id, done)
    });
    Ok(done.collect())
}

async fn reads(
    db: &impl Read,
    seats: &[Enrolment],
) -> Result<HashMap<EnrolmentId, BTreeMap<LessonId, DateTime<Utc>>>, Error> {
    let ids = seats.iter().map(|seat| seat.id.0.into()).collect();
    let sql = format!(
        "select enrolment, lesson, read_at from lesson_read where enrolment in {}",
        placeholders(1, seats.len())
    );
    let mut reads: HashMap<EnrolmentId, BTreeMap<_, _>> = HashMap::new();
    for row in db.all::<ReadRow>(&sql, ids).await? {
        let read = reads.entry(EnrolmentId(row.enrolment)).or_default();
        read.insert(LessonId(row.lesson), row.read_at);
    }
    Ok(reads)
}

async fn results(
    db: &impl Read,
    learner: PersonId,
) -> Result<HashMap<CourseId, Vec<Graded>>, Error> {
    let rows: Vec<CourseResultRow> = db
        .all(
            "select course, attempt, quiz, mark, out_of, passed from quiz_result where learner = $1",
            values![learner.0],
        )
        .await?;
    let mut results: HashMap<CourseId, Vec<Graded>> = HashMap::new();
    for row in rows {
        let CourseResultRow { course, attempt, quiz, mark, out_of, passed } = row;
        let result = graded(ResultRow { attempt, quiz, mark, out_of, passed });
        results.entry(CourseId(course)).or_default().push(result);
    }
    Ok(results)
}

/// When the learner last handed an attempt in, whether it has its mark by now or not.
async fn last_submitted(
    db: &impl Read,
    learner: PersonId,
) -> Result<HashMap<CourseId, DateTime<Utc>>, Error> {
    let sql = "select course, max(submitted_at) as submitted_at from awaited_result \
               where learner = $1 group by course";
    let rows: Vec<SubmittedRow> = db.all(sql, values![learner.0]).await?;
    let known = rows.into_iter().filter_map(|row| Some((CourseId(row.course), row.submitted_at?)));
    Ok(known.collect())
}

async fn awaited(
    db: &impl Read,
    learner: PersonId,
) -> Result<HashMap<CourseId, BTreeMap<QuizId, Awaited>>, Error> {
    let rows: Vec<AwaitedRow> = db
        .all(
            "select a.course, a.quiz, a.by_person from awaited_result a where a.learner = $1 \
             and not exists (select 1 from quiz_result q where q.attempt = a.attempt)",
            values![learner.0],
        )
        .await?;
    let mut awaited: HashMap<CourseId, BTreeMap<_, _>> = HashMap::new();
    for row in rows {
        let waits = if row.by_person { Awaited::Person } else { Awaited::Grader };
        let quizzes = awaited.entry(CourseId(row.course)).or_default();
        let known = quizzes.entry(QuizId(row.quiz)).or_insert(waits);
        *known = waits.max(*known);
    }
    Ok(awaited)
}

/// What changes whenever something changes on a learner's page, or about a course that is waited for.
pub(crate) async fn learner_state(
    db: &impl Read,
    learner: PersonId,
    course: Option<CourseId>,
) -> Result<String, Error> {
    #[derive(FromQueryResult)]
    struct State {
        seats: i64,
        lessons: i64,
        marks: i64,
        awaited: i64,
        courses: i64,
    }
    let course = course.map_or(Uuid::nil(), Uuid::from);
    let state: Option<State> = db
        .one(
            "select cast(coalesce(sum(e.version), 0) + count(e.completed_at) as bigint) as seats, \
             (select count(*) from lesson_read r join enrolment s on s.id = r.enrolment \
             where s.learner = $1) as lessons, \
             (select cast(coalesce(sum(q.version), 0) as bigint) from quiz_result q \
             where q.learner = $1) as marks, \
             (select count(*) from awaited_result a where a.learner = $1) as awaited, \
             (select cast(coalesce(sum(c.version), 0) as bigint) from course_copy c \
             where c.course = $2 or c.course in (select s.course from enrolment s \
             where s.learner = $1)) as courses from enrolment e where e.learner = $1",
            values![learner.0, course],
        )
        .await?;
    Ok(state.map_or_else(String::new, |it| {
        format!("{}.{}.{}.{}.{}", it.seats, it.lessons, it.marks, it.awaited, it.courses)
    }))
}

/// An attempt that has no mark yet, as far as is known.
pub(crate) struct Attempt {
    pub(crate) attempt: AttemptId,
    learner: PersonId,
    course: CourseId,
    quiz: QuizId,
    waits: Awaited,
    /// `None` where nothing was heard but that it waits.
    submitted_at: Option<DateTime<Utc>>,
}

impl Attempt {
    /// The same attempt, of which it was heard twice: that a person must mark it stays known, and when
    /// it was handed in.
    pub(crate) fn or(self, known: Option<Self>) -> Self {
        let Some(known) = known else {
            return self;
        };
        Self {
            waits: known.waits.max(self.waits),
            submitted_at: known.submitted_at.max(self.submitted_at),
            ..self
        }
    }
}

impl From<&AttemptSubmitted> for Attempt {
    fn from(told: &AttemptSubmitted) -> Self {
        let AttemptSubmitted { attempt, learner, course, quiz, submitted_at, .. } = *told;
        let submitted_at = Some(submitted_at);
        Self { attempt, learner, course, quiz, waits: Awaited::Grader, submitted_at }
    }
}

impl From<&AttemptAwaitsMarking> for Attempt {
    fn from(told: &AttemptAwaitsMarking) -> Self {
        let AttemptAwaitsMarking { attempt, learner, course, quiz, .. } = *told;
        Self { attempt, learner, course, quiz, waits: Awaited::Person, submitted_at: None }
    }
}

/// Notes attempts of which the mark is awaited, and that those were there who handed them in. Whoever reads
/// them leaves out what has its mark.
pub(crate) async fn await_results(
    tx: &mut Tx,
    attempts: &BTreeMap<AttemptId, Attempt>,
) -> Result<(), Error> {
    let rows = attempts.values().map(|it| -> Vec<Value> {
        let by_person = it.waits == Awaited::Person;
        values![it.attempt.0, it.learner.0, it.course.0, it.quiz.0, by_person, it.submitted_at]
    });
    tx.insert_many(
        "insert into awaited_result (attempt, learner, course, quiz, by_person, submitted_at) values",
        rows.collect(),
        "on conflict (attempt) do update set \
         by_person = awaited_result.by_person or excluded.by_person, \
         submitted_at = coalesce(awaited_result.submitted_at, excluded.submitted_at)",
    )
    .await?;
    for (seat, last) in last_by_seat(attempts) {
        note_activity(tx, seat, last).await?;
    }
    Ok(())
}

/// When the last of these was handed in at each seat, in the order in which seats are held.
fn last_by_seat(attempts: &BTreeMap<AttemptId, Attempt>) -> BTreeMap<EnrolmentId, DateTime<Utc>> {
    let mut seats = BTreeMap::new();
    for attempt in attempts.values() {
        let Some(at) = attempt.submitted_at else {
            continue;
        };
        let last = seats.entry(Enrolment::id_of(attempt.learner, attempt.course)).or_insert(at);
        *last = at.max(*last);
    }
    seats
}
