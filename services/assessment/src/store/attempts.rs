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
                       hand_marks, started_at, submitted_at, graded_at, version";

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
            version: unsigned(row.version),
        })
    }
}

fn stage(state: String) -> Result<Stage, Error> {
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

/// Attempts that wait for a person's marks, in the order in which they were begun.
pub(crate) async fn awaiting(
    db: &impl Read,
    after: Option<AttemptId>,
    limit: u32,
) -> Result<Vec<AttemptRecord>, Error> {
    let sql = format!(
        "select {COLUMNS} from attempt where state = 'awaiting_marking' and id > $1 \
         order by id limit {limit}"
    );
    let after = after.map_or(Uuid::nil(), Uuid::from);
    let rows: Vec<AttemptRow> = db.all(&sql, values![after]).await?;
    rows.into_iter().map(AttemptRecord::try_from).collect()
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

/// Keeps the answers of an attempt in progress, written as JSON. `false` if it is not any more.
pub(crate) async fn save_answers(
    tx: &mut Tx,
    attempt: AttemptId,
    answers: &str,
) -> Result<bool, Error> {
    let saved = tx
        .execute(
            "update attempt set answers = $1 where id = $2 and state = 'in_progress'",
            values![answers, attempt.0],
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
