//! Marks: written for a whole batch with one statement, or for one attempt that a person marked.

use std::collections::BTreeSet;

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use chrono::{DateTime, Utc};
use contract::assessment::{AttemptGraded, AttemptSubmitted};
use event::{AttemptId, CourseId, PersonId, QuestionId, QuizId};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use uuid::Uuid;

use super::{narrow, signed, unsigned};
use crate::domain::{AttemptMark, AttemptRecord, Stage};

/// What grading a submitted attempt came to.
pub(crate) struct Outcome<'a> {
    pub(crate) submitted: &'a AttemptSubmitted,
    pub(crate) mark: AttemptMark,
}

impl Outcome<'_> {
    pub(crate) fn stage(&self) -> Stage {
        if self.mark.awaiting.is_empty() { Stage::Graded } else { Stage::AwaitingMarking }
    }
}

#[derive(FromQueryResult)]
struct Fresh {
    id: Uuid,
}

/// Writes the marks of attempts that have none yet, and gives those attempts. The event is the
/// truth: what it says was answered is what is kept, and an attempt that is not here is made.
///
/// No attempt may be in it twice.
pub(crate) async fn save_outcomes(
    tx: &mut Tx,
    outcomes: &[Outcome<'_>],
) -> Result<BTreeSet<AttemptId>, Error> {
    let now = tx.now();
    let rows: Result<Vec<_>, Error> = outcomes.iter().map(|outcome| row(outcome, now)).collect();
    let fresh: Vec<Fresh> = tx
        .insert_many_returning(
            "insert into attempt (id, quiz, quiz_version, course, learner, number, state, answers, \
             mark, out_of, passed, share, started_at, submitted_at, graded_at, version) values",
            rows?,
            "on conflict (id) do update set state = excluded.state, answers = excluded.answers, \
             mark = excluded.mark, out_of = excluded.out_of, passed = excluded.passed, \
             share = excluded.share, submitted_at = excluded.submitted_at, graded_at = excluded.graded_at, \
             version = attempt.version + excluded.version \
             where attempt.state in ('in_progress', 'submitted') returning id",
        )
        .await?;
    Ok(fresh.into_iter().map(|fresh| AttemptId(fresh.id)).collect())
}

fn row(outcome: &Outcome<'_>, now: DateTime<Utc>) -> Result<Vec<bus::Value>, Error> {
    let Outcome { submitted, mark } = outcome;
    let is_graded = outcome.stage() == Stage::Graded;
    Ok(values![
        submitted.attempt.0,
        submitted.quiz.0,
        signed(submitted.quiz_version),
        submitted.course.0,
        submitted.learner.0,
        narrow(submitted.number),
        outcome.stage().as_str(),
        serde_json::to_string(&submitted.answers)?,
        mark.mark.to_string(),
        mark.out_of.to_string(),
        mark.passed,
        share(outcome.stage(), mark),
        submitted.submitted_at,
        submitted.submitted_at,
        is_graded.then_some(now),
        i64::from(is_graded)
    ])
}

/// Of the whole mark, 0 to 1, for ordering and for means alone; none where there is no final mark.
fn share(stage: Stage, mark: &AttemptMark) -> Option<f64> {
    if stage != Stage::Graded {
        return None;
    }
    mark.mark.checked_div(mark.out_of)?.to_f64()
}

/// Keeps what a person marked, and the mark it comes to. `false` if it was not through grading. Whoever calls
/// holds the attempt.
pub(crate) async fn save_hand_marks(
    tx: &mut Tx,
    marked: &AttemptRecord,
    mark: &AttemptMark,
) -> Result<bool, Error> {
    let saved = tx
        .execute(
            "update attempt set state = $1, hand_marks = $2, mark = $3, out_of = $4, passed = $5, \
             share = $6, graded_at = $7, version = $8 where id = $9 \
             and state in ('awaiting_marking', 'graded')",
            values![
                marked.stage.as_str(),
                serde_json::to_string(&marked.hand_marks)?,
                mark.mark.to_string(),
                mark.out_of.to_string(),
                mark.passed,
                share(marked.stage, mark),
                marked.graded_at,
                signed(marked.version),
                marked.id.0
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// A mark that took the place of one which a person had given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct MarkCorrection {
    pub(crate) question: QuestionId,
    pub(crate) mark_before: Decimal,
    pub(crate) mark_after: Decimal,
    pub(crate) corrected_by: PersonId,
    /// Empty once the learner is erased.
    pub(crate) reason: String,
    /// Of the attempt's mark that was told then; none while essays waited.
    pub(crate) version: Option<u64>,
    pub(crate) corrected_at: DateTime<Utc>,
}

pub(crate) async fn keep_correction(
    tx: &mut Tx,
    attempt: AttemptId,
    correction: &MarkCorrection,
) -> Result<(), Error> {
    tx.execute(
        "insert into mark_correction (id, attempt, question, mark_before, mark_after, corrected_by, \
         reason, version, corrected_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values![
            event::fresh_uuid(),
            attempt.0,
            correction.question.0,
            correction.mark_before.to_string(),
            correction.mark_after.to_string(),
            correction.corrected_by.0,
            correction.reason.as_str(),
            correction.version.map(signed),
            correction.corrected_at
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct CorrectionRow {
    question: Uuid,
    mark_before: String,
    mark_after: String,
    corrected_by: Uuid,
    reason: String,
    version: Option<i64>,
    corrected_at: DateTime<Utc>,
}

/// How the marks of an attempt were corrected, the first correction first.
pub(crate) async fn corrections_of(
    db: &impl Read,
    attempt: AttemptId,
) -> Result<Vec<MarkCorrection>, Error> {
    let rows: Vec<CorrectionRow> = db
        .all(
            "select question, mark_before, mark_after, corrected_by, reason, version, corrected_at \
             from mark_correction where attempt = $1 order by id",
            values![attempt.0],
        )
        .await?;
    let correction = |row: CorrectionRow| MarkCorrection {
        question: QuestionId(row.question),
        mark_before: decimal(&row.mark_before),
        mark_after: decimal(&row.mark_after),
        corrected_by: PersonId(row.corrected_by),
        reason: row.reason,
        version: row.version.map(unsigned),
        corrected_at: row.corrected_at,
    };
    Ok(rows.into_iter().map(correction).collect())
}

#[derive(FromQueryResult)]
pub(crate) struct Counts {
    pub(crate) in_progress: i64,
    pub(crate) submitted: i64,
    pub(crate) awaiting: i64,
    pub(crate) graded: i64,
    pub(crate) graded_twice: i64,
}

pub(crate) async fn counts(db: &impl Read) -> Result<Option<Counts>, Error> {
    db.one(
        "select count(case when state = 'in_progress' then 1 end) as in_progress, \
         count(case when state <> 'in_progress' then 1 end) as submitted, \
         count(case when state = 'awaiting_marking' then 1 end) as awaiting, \
         count(case when state = 'graded' then 1 end) as graded, \
         count(case when version > 1 + (select count(mark_correction.version) from mark_correction \
         where mark_correction.attempt = attempt.id) then 1 end) as graded_twice from attempt",
        values![],
    )
    .await
}

/// Attempts beyond the first that bear the same number of the same learner at the same quiz.
pub(crate) async fn doubled_numbers(db: &impl Read) -> Result<i64, Error> {
    let doubled: Option<i64> = db
        .scalar(
            "select cast(coalesce(sum(times - 1), 0) as bigint) from \
             (select count(*) as times from attempt group by quiz, learner, number) as numbered",
            values![],
        )
        .await?;
    Ok(doubled.unwrap_or(0))
}

const GRADED: &str = "select id, version, quiz, course, learner, number, mark, out_of, passed, \
    graded_at from attempt where state = 'graded' and";

#[derive(FromQueryResult)]
struct GradedRow {
    id: Uuid,
    version: i64,
    quiz: Uuid,
    course: Uuid,
    learner: Uuid,
    number: i32,
    mark: String,
    out_of: String,
    passed: bool,
    graded_at: DateTime<Utc>,
}

impl GradedRow {
    fn told(self) -> AttemptGraded {
        AttemptGraded {
            attempt: AttemptId(self.id),
            version: unsigned(self.version),
            quiz: QuizId(self.quiz),
            course: CourseId(self.course),
            learner: PersonId(self.learner),
            number: self.number.unsigned_abs(),
            mark: decimal(&self.mark),
            out_of: decimal(&self.out_of),
            passed: self.passed,
            graded_at: self.graded_at,
        }
    }
}

/// Graded attempts as they were told, by id, after one.
pub(crate) async fn told_marks(
    db: &impl Read,
    after: Uuid,
    most: usize,
) -> Result<Vec<AttemptGraded>, Error> {
    let sql = format!("{GRADED} id > $1 order by id limit {most}");
    let rows: Vec<GradedRow> = db.all(&sql, values![after]).await?;
    Ok(rows.into_iter().map(GradedRow::told).collect())
}

/// Those of these attempts that are graded, as they were told.
pub(crate) async fn told_marks_of(
    db: &impl Read,
    ids: &[Uuid],
) -> Result<Vec<AttemptGraded>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{GRADED} id in {}", placeholders(1, ids.len()));
    let rows: Vec<GradedRow> = db.all(&sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    Ok(rows.into_iter().map(GradedRow::told).collect())
}

/// Gives marks of a lower version the one after this.
pub(crate) async fn overtake(tx: &mut Tx, attempt: Uuid, version: u64) -> Result<(), Error> {
    tx.execute(
        "update attempt set version = $2 + 1 where id = $1 and state = 'graded' and version < $2",
        values![attempt, signed(version)],
    )
    .await?;
    Ok(())
}

/// Written here alone, from a decimal.
fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}
