//! Attempts: begun, answered, submitted. Their marks are in `marks`.

use std::collections::BTreeMap;

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{AttemptId, CourseId, PersonId, QuestionId, QuizId};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{narrow, signed, unsigned};
use crate::domain::{Answer, AttemptRecord, Stage};

const COLUMNS: &str = "id, quiz, quiz_version, course, learner, number, state, answers, \
                       hand_marks, started_at, submitted_at, graded_at, saved, writers, version";

#[derive(FromQueryResult)]
struct AttemptRow {
    id: Uuid,
    quiz: Uuid,
    quiz_version: i64,
    course: Uuid,
    learner: Uuid,
    number: i32,
    state: String,
    answers: String,
    hand_marks: String,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    graded_at: Option<DateTime<Utc>>,
    saved: i64,
    writers: String,
    version: i64,
}

impl TryFrom<AttemptRow> for AttemptRecord {
    type Error = Error;

    fn try_from(row: AttemptRow) -> Result<Self, Error> {
        Ok(Self {
            id: AttemptId(row.id),
            quiz: QuizId(row.quiz),
            quiz_version: unsigned(row.quiz_version),
            course: CourseId(row.course),
            learner: PersonId(row.learner),
            number: row.number.unsigned_abs(),
            stage: stage(row.state)?,
            answers: json(&row.answers)?,
            hand_marks: json(&row.hand_marks)?,
            started_at: row.started_at,
            submitted_at: row.submitted_at,
            graded_at: row.graded_at,
            saved: unsigned(row.saved),
            writers: json(&row.writers)?,
            version: unsigned(row.version),
        })
    }
}

pub(super) fn stage(state: String) -> Result<Stage, Error> {
    Ok(serde_json::from_value(serde_json::Value::String(state))?)
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    Ok(serde_json::from_str(text)?)
}

pub(crate) async fn attempt(
    db: &impl Read,
    attempt: AttemptId,
) -> Result<Option<AttemptRecord>, Error> {
    let sql = format!("select {COLUMNS} from attempt where id = $1");
    let row = db.one::<AttemptRow>(&sql, values![attempt.0]).await?;
    row.map(AttemptRecord::try_from).transpose()
}

/// As [`attempt`], and nobody else changes it before this transaction ends: the update, which
/// changes nothing, locks the row on both engines.
pub(crate) async fn hold_attempt(
    tx: &mut Tx,
    attempt: AttemptId,
) -> Result<Option<AttemptRecord>, Error> {
    let sql = format!("update attempt set state = state where id = $1 returning {COLUMNS}");
    let row = tx.one::<AttemptRow>(&sql, values![attempt.0]).await?;
    row.map(AttemptRecord::try_from).transpose()
}

/// Whose courses a list is limited to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    All,
    /// This instructor's, and those that have none.
    TaughtBy(PersonId),
}

impl Scope {
    /// Two values, for `$2` and `$3` of [`IN_SCOPE`].
    fn values(self) -> (bool, Uuid) {
        match self {
            Self::All => (true, Uuid::nil()),
            Self::TaughtBy(person) => (false, person.0),
        }
    }
}

const IN_SCOPE: &str = "($2 or exists (select 1 from course_card where \
    course_card.course = attempt.course \
    and (course_card.instructor is null or course_card.instructor = $3)))";

/// Nobody marks the words of somebody erased: they are gone.
const HAS_WORDS: &str = "not exists (select 1 from person_copy where \
    person_copy.person = attempt.learner and person_copy.erased)";

/// Where a page of a list begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Begin {
    After(Option<AttemptId>),
    Skipping(u64),
}

/// Attempts that wait for a person's marks, in the order in which they were begun.
pub(crate) async fn awaiting(
    db: &impl Read,
    scope: Scope,
    course: Option<CourseId>,
    from: Begin,
    limit: u32,
) -> Result<Vec<AttemptRecord>, Error> {
    let (after, skipped) = match from {
        Begin::After(after) => (after.map_or(Uuid::nil(), Uuid::from), 0),
        Begin::Skipping(skipped) => (Uuid::nil(), skipped),
    };
    let of_course = if course.is_some() { "and course = $4" } else { "" };
    let sql = format!(
        "select {COLUMNS} from attempt where state = 'awaiting_marking' and id > $1 \
         and {IN_SCOPE} and {HAS_WORDS} {of_course} order by id limit {limit} \
         offset {skipped}"
    );
    let (all, person) = scope.values();
    let mut values = values![after, all, person];
    values.extend(course.map(|course| course.0.into()));
    let rows: Vec<AttemptRow> = db.all(&sql, values).await?;
    rows.into_iter().map(AttemptRecord::try_from).collect()
}

/// How many attempts of a course wait for a person's marks.
#[derive(FromQueryResult)]
pub(crate) struct AwaitingCount {
    pub(crate) course: Uuid,
    pub(crate) title: Option<String>,
    /// Of the title.
    pub(crate) language: Option<String>,
    pub(crate) waiting: i64,
}

pub(crate) async fn awaiting_by_course(
    db: &impl Read,
    scope: Scope,
    limit: u32,
) -> Result<Vec<AwaitingCount>, Error> {
    let sql = format!(
        "select attempt.course as course, max(card.title) as title, max(card.language) as language, \
         count(*) as waiting \
         from attempt left join course_card as card on card.course = attempt.course \
         where attempt.state = 'awaiting_marking' and attempt.id > $1 and {IN_SCOPE} \
         and {HAS_WORDS} group by attempt.course order by max(card.title), attempt.course \
         limit {limit}"
    );
    let (all, person) = scope.values();
    db.all(&sql, values![Uuid::nil(), all, person]).await
}

/// How many attempts wait for a person's marks, of all that a list is limited to.
pub(crate) async fn awaiting_in_scope(db: &impl Read, scope: Scope) -> Result<u64, Error> {
    let sql = format!(
        "select count(*) from attempt where state = 'awaiting_marking' and id > $1 \
         and {IN_SCOPE} and {HAS_WORDS}"
    );
    let (all, person) = scope.values();
    let count: Option<i64> = db.scalar(&sql, values![Uuid::nil(), all, person]).await?;
    Ok(count.map_or(0, i64::unsigned_abs))
}

/// How many attempts of a course wait for a person's marks.
pub(crate) async fn awaiting_in(db: &impl Read, course: CourseId) -> Result<u64, Error> {
    let sql = format!(
        "select count(*) from attempt where state = 'awaiting_marking' and course = $1 \
         and {HAS_WORDS}"
    );
    let count: Option<i64> = db.scalar(&sql, values![course.0]).await?;
    Ok(count.map_or(0, i64::unsigned_abs))
}

/// An attempt in a list.
pub(crate) struct AttemptLine {
    pub(crate) attempt: AttemptId,
    pub(crate) number: u32,
    pub(crate) stage: Stage,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) submitted_at: Option<DateTime<Utc>>,
    pub(crate) mark: Option<Decimal>,
    pub(crate) out_of: Option<Decimal>,
    pub(crate) passed: Option<bool>,
}

#[derive(FromQueryResult)]
struct LineRow {
    id: Uuid,
    number: i32,
    state: String,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    mark: Option<String>,
    out_of: Option<String>,
    passed: Option<bool>,
}

/// A learner's attempts at a quiz, newest first.
pub(crate) async fn attempts_of(
    db: &impl Read,
    quiz: QuizId,
    learner: PersonId,
    limit: u32,
) -> Result<Vec<AttemptLine>, Error> {
    let sql = format!(
        "select id, number, state, started_at, submitted_at, mark, out_of, passed from attempt \
         where quiz = $1 and learner = $2 order by number desc limit {limit}"
    );
    let rows: Vec<LineRow> = db.all(&sql, values![quiz.0, learner.0]).await?;
    let line = |row: LineRow| {
        Ok(AttemptLine {
            attempt: AttemptId(row.id),
            number: row.number.unsigned_abs(),
            stage: stage(row.state)?,
            started_at: row.started_at,
            submitted_at: row.submitted_at,
            mark: row.mark.and_then(|mark| mark.parse().ok()),
            out_of: row.out_of.and_then(|out_of| out_of.parse().ok()),
            passed: row.passed,
        })
    };
    rows.into_iter().map(line).collect()
}

/// What a learner has done at a quiz so far.
pub(crate) struct History {
    pub(crate) open: Option<AttemptId>,
    pub(crate) attempts: u32,
}

#[derive(FromQueryResult)]
struct OpenRow {
    id: Uuid,
}

pub(crate) async fn history(
    db: &impl Read,
    quiz: QuizId,
    learner: PersonId,
) -> Result<History, Error> {
    let open: Option<OpenRow> = db
        .one(
            "select id from attempt where quiz = $1 and learner = $2 and state = 'in_progress'",
            values![quiz.0, learner.0],
        )
        .await?;
    let attempts: Option<i32> = db
        .scalar(
            "select coalesce(max(number), 0) from attempt where quiz = $1 and learner = $2",
            values![quiz.0, learner.0],
        )
        .await?;
    Ok(History {
        open: open.map(|row| AttemptId(row.id)),
        attempts: attempts.unwrap_or(0).unsigned_abs(),
    })
}

/// Writes an attempt that begins. `false` if another was begun meanwhile.
pub(crate) async fn begin_attempt(tx: &mut Tx, new: &AttemptRecord) -> Result<bool, Error> {
    let written = tx
        .execute(
            "insert into attempt (id, quiz, quiz_version, course, learner, number, state, answers, \
             started_at, version) values ($1, $2, $3, $4, $5, $6, $7, '{}', $8, 0) \
             on conflict do nothing",
            values![
                new.id.0,
                new.quiz.0,
                signed(new.quiz_version),
                new.course.0,
                new.learner.0,
                narrow(new.number),
                new.stage.as_str(),
                new.started_at
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Keeps the answers of an attempt in progress, and who knows them. `false` if it is not any more.
pub(crate) async fn save_answers(tx: &mut Tx, record: &AttemptRecord) -> Result<bool, Error> {
    let saved = tx
        .execute(
            "update attempt set answers = $1, saved = $2, writers = $3 \
             where id = $4 and state = 'in_progress'",
            values![
                answers_as_json(&record.answers)?,
                signed(record.saved),
                serde_json::to_string(&record.writers)?,
                record.id.0
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// Closes an attempt in progress. `false` if it is not any more.
pub(crate) async fn mark_submitted(
    tx: &mut Tx,
    attempt: AttemptId,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    let closed = tx
        .execute(
            "update attempt set state = 'submitted', submitted_at = $1 \
             where id = $2 and state = 'in_progress'",
            values![at, attempt.0],
        )
        .await?;
    Ok(closed == 1)
}

/// As it is stored.
pub(crate) fn answers_as_json(answers: &BTreeMap<QuestionId, Answer>) -> Result<String, Error> {
    Ok(serde_json::to_string(answers)?)
}
