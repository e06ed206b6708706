//! What instructors see of a course: its quizzes, what came of them, and the uploads that filled them.

use std::collections::BTreeMap;

use bus::{Error, FromQueryResult, Read, Tx, Value, containing, placeholders, values};
use chrono::{DateTime, Utc};
use event::{AttemptId, CourseId, QuizId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{QuizHead, QuizRow, attempts::stage, narrow};
use crate::domain::{ResultQuery, Shown, Sort, Stage};

/// The quizzes of a course that have questions here, by title.
pub(crate) async fn quizzes_of(
    db: &impl Read,
    course: CourseId,
    limit: u32,
) -> Result<Vec<QuizHead>, Error> {
    let sql = format!(
        "select id, course, key, title, pass_percent, max_attempts, version from quiz \
         where course = $1 order by title, id limit {limit}"
    );
    let rows: Vec<QuizRow> = db.all(&sql, values![course.0]).await?;
    Ok(rows.into_iter().map(QuizHead::from).collect())
}

/// What came of a quiz so far.
#[derive(FromQueryResult)]
pub(crate) struct QuizTotals {
    pub(crate) quiz: Uuid,
    pub(crate) attempts: i64,
    pub(crate) learners: i64,
    /// But for those of somebody erased, whose words are gone.
    pub(crate) awaiting: i64,
    pub(crate) graded: i64,
    pub(crate) passed: i64,
    /// Of graded attempts, 0 to 100; for people to read, never to decide by.
    pub(crate) mean_percent: Option<f64>,
}

/// Attempts with the same outcome are counted first, and weighed together: they are many, and an index holds
/// all that is asked of them, in this order. Everybody's first attempt has the number 1.
fn totals(which: &str) -> String {
    format!(
        "select g.quiz as quiz, cast(sum(g.made) as bigint) as attempts, \
         cast(sum(case when g.number = 1 then g.made else 0 end) as bigint) as learners, \
         (select count(*) from attempt a where a.quiz = g.quiz and a.share is null \
         and a.state = 'awaiting_marking' and a.learner not in {ERASED}) as awaiting, \
         cast(sum(case when g.state = 'graded' then g.made else 0 end) as bigint) as graded, \
         cast(sum(case when g.state = 'graded' and g.passed then g.made else 0 end) as bigint) as passed, \
         100 * sum(g.made * g.share) / sum(case when g.share is not null then g.made end) as mean_percent \
         from (select quiz, share, state, passed, number, count(*) as made from attempt \
         where {which} group by quiz, share, state, passed, number) as g group by g.quiz"
    )
}

const ERASED: &str = "(select person from person_copy where erased)";

/// Of each quiz of a course that was begun at least once.
pub(crate) async fn totals_of(db: &impl Read, course: CourseId) -> Result<Vec<QuizTotals>, Error> {
    let sql = totals("quiz in (select id from quiz where course = $1)");
    db.all(&sql, values![course.0]).await
}

/// None where it was never begun.
pub(crate) async fn totals_of_quiz(
    db: &impl Read,
    quiz: QuizId,
) -> Result<Option<QuizTotals>, Error> {
    db.one(&totals("quiz = $1"), values![quiz.0]).await
}

/// An attempt among all that were made at a quiz.
pub(crate) struct ResultLine {
    pub(crate) attempt: AttemptId,
    pub(crate) name: Option<String>,
    pub(crate) is_erased: bool,
    pub(crate) number: u32,
    pub(crate) stage: Stage,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) submitted_at: Option<DateTime<Utc>>,
    pub(crate) mark: Option<Decimal>,
    pub(crate) out_of: Option<Decimal>,
    pub(crate) passed: Option<bool>,
}

#[derive(FromQueryResult)]
struct ResultRow {
    id: Uuid,
    name: Option<String>,
    erased: Option<bool>,
    number: i32,
    state: String,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    mark: Option<String>,
    out_of: Option<String>,
    passed: Option<bool>,
}

const COLUMNS: &str = "attempt.id as id, person_copy.name as name, \
    person_copy.erased as erased, attempt.number as number, attempt.state as state, \
    attempt.started_at as started_at, attempt.submitted_at as submitted_at, \
    attempt.mark as mark, attempt.out_of as out_of, attempt.passed as passed";

/// The last condition leaves nobody out: with it SQLite finds a person in the index that holds the key, and where
/// nothing else is asked of them, as for an order by name, it reads no more.
const NAMED: &str = "left join person_copy on person_copy.person = attempt.learner \
    and person_copy.search_key >= ''";

/// A page of the attempts at a quiz that the query finds; the pages count from 1. It is chosen first, and only
/// what stands on it is looked up: an attempt is large.
pub(crate) async fn page_of_results(
    db: &impl Read,
    quiz: QuizId,
    query: &ResultQuery,
    page: u32,
    size: u32,
) -> Result<Vec<ResultLine>, Error> {
    let mut values = values![quiz.0];
    let named = if query.sort == Sort::Name { NAMED } else { "" };
    let found = found(query, named, &mut values);
    let order = order(query.sort);
    let skipped = u64::from(page.saturating_sub(1)) * u64::from(size);
    let sql = format!(
        "select {COLUMNS} from (select attempt.id as id {found} order by {order} \
         limit {size} offset {skipped}) as chosen \
         join attempt on attempt.id = chosen.id {NAMED} order by {order}"
    );
    let rows: Vec<ResultRow> = db.all(&sql, values).await?;
    rows.into_iter().map(ResultLine::try_from).collect()
}

/// Equal marks stand as in the index, which is then walked and not sorted.
fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "attempt.id desc",
        Sort::Name => {
            "nullif(person_copy.search_key, '') nulls last, attempt.learner, attempt.number"
        }
        Sort::Highest => {
            "attempt.share desc nulls last, attempt.state desc, attempt.passed desc, \
            attempt.number desc, attempt.id desc"
        }
        Sort::Lowest => {
            "attempt.share nulls last, attempt.state, attempt.passed, attempt.number, attempt.id"
        }
    }
}

/// How many attempts there are of which a page is shown.
pub(crate) async fn count_of_results(
    db: &impl Read,
    quiz: QuizId,
    query: &ResultQuery,
) -> Result<u64, Error> {
    let mut values = values![quiz.0];
    let found = found(query, "", &mut values);
    let count: Option<i64> = db.scalar(&format!("select count(*) {found}"), values).await?;
    Ok(count.map_or(0, i64::unsigned_abs))
}

/// The attempts at a quiz that the query finds, newest first, before one.
pub(crate) async fn results(
    db: &impl Read,
    quiz: QuizId,
    query: &ResultQuery,
    before: Option<AttemptId>,
    limit: u32,
) -> Result<Vec<ResultLine>, Error> {
    let mut values = values![quiz.0, before.map_or(Uuid::max(), Uuid::from)];
    let found = found(query, NAMED, &mut values);
    let sql = format!(
        "select {COLUMNS} {found} and attempt.id < $2 order by attempt.id desc limit {limit}"
    );
    let rows: Vec<ResultRow> = db.all(&sql, values).await?;
    rows.into_iter().map(ResultLine::try_from).collect()
}

/// The attempts that the query finds. Who was erased, and who has no name here yet, is found by no name.
fn found(query: &ResultQuery, named: &str, values: &mut Vec<Value>) -> String {
    let mut sql = format!("from attempt {named} where attempt.quiz = $1");
    sql += match query.shown {
        Shown::Everything => "",
        Shown::Waiting => " and attempt.state = 'awaiting_marking'",
        Shown::Passed => " and attempt.state = 'graded' and attempt.passed",
        Shown::Failed => " and attempt.state = 'graded' and not attempt.passed",
    };
    if let Some(learner) = query.learner {
        values.push(learner.0.into());
        sql += &format!(" and attempt.learner = ${}", values.len());
    }
    if !query.search.is_empty() {
        values.push(containing(&query.search).into());
        sql += &format!(
            " and attempt.learner in \
             (select person from person_copy where search_key like ${} escape '!')",
            values.len()
        );
    }
    sql
}

impl TryFrom<ResultRow> for ResultLine {
    type Error = Error;

    fn try_from(row: ResultRow) -> Result<Self, Error> {
        Ok(Self {
            attempt: AttemptId(row.id),
            name: row.name.filter(|name| !name.is_empty()),
            is_erased: row.erased.unwrap_or(false),
            number: row.number.unsigned_abs(),
            stage: stage(row.state)?,
            started_at: row.started_at,
            submitted_at: row.submitted_at,
            mark: row.mark.and_then(|mark| mark.parse().ok()),
            out_of: row.out_of.and_then(|out_of| out_of.parse().ok()),
            passed: row.passed,
        })
    }
}

/// Which graded first attempts there are: where it is the same, so are their statistics.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult)]
pub(crate) struct Sample {
    pub(crate) attempts: i64,
    pub(crate) newest: Option<DateTime<Utc>>,
}

/// Each learner's first attempt, where it is graded and its words are not erased.
fn of_the_sample() -> String {
    format!(
        "from attempt where quiz = $1 and number = 1 and state = 'graded' and learner not in {ERASED}"
    )
}

pub(crate) async fn sample(db: &impl Read, quiz: QuizId) -> Result<Sample, Error> {
    let sql = format!("select count(*) as attempts, max(graded_at) as newest {}", of_the_sample());
    let sample = db.one(&sql, values![quiz.0]).await?;
    Ok(sample.unwrap_or(Sample { attempts: 0, newest: None }))
}

/// What was answered in one sampled attempt, as JSON.
#[derive(FromQueryResult)]
pub(crate) struct SampledAttempt {
    pub(crate) id: Uuid,
    pub(crate) quiz_version: i64,
    pub(crate) answers: String,
    pub(crate) hand_marks: String,
}

/// Sampled attempts, newest first, before one.
pub(crate) async fn sampled(
    db: &impl Read,
    quiz: QuizId,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<SampledAttempt>, Error> {
    let sql = format!(
        "select id, quiz_version, answers, hand_marks {} and id < $2 \
         order by id desc limit {limit}",
        of_the_sample()
    );
    db.all(&sql, values![quiz.0, before.unwrap_or(Uuid::max())]).await
}

/// What the last upload of a quiz left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRefusal {
    pub(crate) line: usize,
    pub(crate) english: String,
    pub(crate) french: String,
}

pub(crate) struct Upload {
    pub(crate) file: String,
    pub(crate) accepted: u32,
    pub(crate) refused: Vec<UploadRefusal>,
    pub(crate) uploaded_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct UploadRow {
    file: String,
    accepted: i32,
    refused: String,
    uploaded_at: DateTime<Utc>,
}

/// Keeps what an upload came to, in the place of the one before. `false` if a newer one is known.
pub(crate) async fn keep_upload(tx: &mut Tx, quiz: QuizId, upload: &Upload) -> Result<bool, Error> {
    let kept = tx
        .execute(
            "insert into quiz_upload (quiz, file, accepted, refused, uploaded_at) \
         values ($1, $2, $3, $4, $5) on conflict (quiz) do update set file = excluded.file, \
         accepted = excluded.accepted, refused = excluded.refused, \
         uploaded_at = excluded.uploaded_at where quiz_upload.uploaded_at <= excluded.uploaded_at",
            values![
                quiz.0,
                upload.file.as_str(),
                narrow(upload.accepted),
                serde_json::to_string(&upload.refused)?,
                upload.uploaded_at
            ],
        )
        .await?;
    Ok(kept == 1)
}

pub(crate) async fn last_upload(db: &impl Read, quiz: QuizId) -> Result<Option<Upload>, Error> {
    let row: Option<UploadRow> = db
        .one(
            "select file, accepted, refused, uploaded_at from quiz_upload where quiz = $1",
            values![quiz.0],
        )
        .await?;
    let upload = |row: UploadRow| {
        Ok(Upload {
            file: row.file,
            accepted: row.accepted.unsigned_abs(),
            refused: serde_json::from_str(&row.refused)?,
            uploaded_at: row.uploaded_at,
        })
    };
    row.map(upload).transpose()
}

#[derive(FromQueryResult)]
struct RefusedRow {
    quiz: Uuid,
    refused: String,
}

/// How many questions the last upload of each of these quizzes left out; those of which none was are absent.
pub(crate) async fn refused_of(
    db: &impl Read,
    quizzes: &[QuizId],
) -> Result<BTreeMap<QuizId, usize>, Error> {
    if quizzes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "select quiz, refused from quiz_upload where refused <> '[]' and quiz in {}",
        placeholders(1, quizzes.len())
    );
    let rows: Vec<RefusedRow> =
        db.all(&sql, quizzes.iter().map(|quiz| quiz.0.into()).collect()).await?;
    let counted = |row: RefusedRow| {
        let refused: Vec<UploadRefusal> = serde_json::from_str(&row.refused)?;
        Ok((QuizId(row.quiz), refused.len()))
    };
    rows.into_iter().map(counted).collect()
}

/// Puts away the list of what was refused.
pub(crate) async fn drop_upload(tx: &mut Tx, quiz: QuizId) -> Result<(), Error> {
    tx.execute("delete from quiz_upload where quiz = $1", values![quiz.0]).await?;
    Ok(())
}
