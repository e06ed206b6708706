//! The SQL of `assessment`: quizzes and their versions here; attempts, their marks, results, the
//! copies of others' data and where quizzes stand each in a module.

mod attempts;
mod copies;
pub(crate) mod export;
mod following;
mod marks;
mod people;
mod places;
mod results;

pub(crate) use attempts::*;
pub(crate) use copies::*;
pub(crate) use following::*;
pub(crate) use marks::*;
pub(crate) use people::*;
pub(crate) use places::*;
pub(crate) use results::*;

use bus::{Error, FromQueryResult, Read, Tx, values};
use event::{CourseId, QuizId};
use uuid::Uuid;

use crate::quizzes::VersionKey;

/// A quiz without its questions.
pub(crate) struct QuizHead {
    pub(crate) quiz: QuizId,
    pub(crate) course: CourseId,
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) pass_percent: u32,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) version: u64,
}

#[derive(FromQueryResult)]
struct QuizRow {
    id: Uuid,
    course: Uuid,
    key: String,
    title: String,
    pass_percent: i32,
    max_attempts: Option<i32>,
    version: i64,
}

impl From<QuizRow> for QuizHead {
    fn from(row: QuizRow) -> Self {
        Self {
            quiz: QuizId(row.id),
            course: CourseId(row.course),
            key: row.key,
            title: row.title,
            pass_percent: row.pass_percent.unsigned_abs(),
            max_attempts: row.max_attempts.map(i32::unsigned_abs),
            version: unsigned(row.version),
        }
    }
}

pub(crate) async fn quiz(db: &impl Read, quiz: QuizId) -> Result<Option<QuizHead>, Error> {
    let row: Option<QuizRow> = db
        .one(
            "select id, course, key, title, pass_percent, max_attempts, version from quiz \
             where id = $1",
            values![quiz.0],
        )
        .await?;
    Ok(row.map(QuizHead::from))
}

/// As [`quiz`], and nobody else changes it before this transaction ends.
pub(crate) async fn hold_quiz(tx: &mut Tx, quiz: QuizId) -> Result<Option<QuizHead>, Error> {
    let row: Option<QuizRow> = tx
        .one(
            "update quiz set version = version where id = $1 \
             returning id, course, key, title, pass_percent, max_attempts, version",
            values![quiz.0],
        )
        .await?;
    Ok(row.map(QuizHead::from))
}

/// A quiz to be written, its version still unknown.
pub(crate) struct NewQuiz<'a> {
    pub(crate) quiz: QuizId,
    pub(crate) course: CourseId,
    pub(crate) key: &'a str,
    pub(crate) title: &'a str,
    pub(crate) pass_percent: u32,
    pub(crate) max_attempts: Option<u32>,
    /// The whole quiz as JSON, and its hash.
    pub(crate) content: &'a str,
    pub(crate) hash: &'a str,
}

/// Writes a quiz that differs from the one known, and gives its new version. `None` if it does not
/// differ. Two at once each get a version of their own.
pub(crate) async fn put_quiz(tx: &mut Tx, new: &NewQuiz<'_>) -> Result<Option<u64>, Error> {
    let now = tx.now();
    let version: Option<i64> = tx
        .scalar(
            "insert into quiz (id, course, key, title, pass_percent, max_attempts, version, \
             content_hash, updated_at) values ($1, $2, $3, $4, $5, $6, 1, $7, $8) \
             on conflict (id) do update set title = excluded.title, \
             pass_percent = excluded.pass_percent, max_attempts = excluded.max_attempts, \
             version = quiz.version + 1, content_hash = excluded.content_hash, \
             updated_at = excluded.updated_at where quiz.content_hash <> excluded.content_hash \
             returning version",
            values![
                new.quiz.0,
                new.course.0,
                new.key,
                new.title,
                narrow(new.pass_percent),
                new.max_attempts.map(narrow),
                new.hash,
                now
            ],
        )
        .await?;
    let Some(version) = version else {
        return Ok(None);
    };
    tx.execute(
        "insert into quiz_version (quiz, version, content, created_at) values ($1, $2, $3, $4)",
        values![new.quiz.0, version, new.content, now],
    )
    .await?;
    Ok(Some(unsigned(version)))
}

#[derive(FromQueryResult)]
struct VersionRow {
    quiz: Uuid,
    version: i64,
    content: String,
}

/// The JSON of those versions that exist.
pub(crate) async fn quiz_versions(
    db: &impl Read,
    wanted: &[VersionKey],
) -> Result<Vec<(VersionKey, String)>, Error> {
    let sql = format!(
        "select quiz, version, content from quiz_version where (quiz, version) in (values {})",
        bus::placeholders(wanted.len(), 2)
    );
    let keys = wanted.iter().flat_map(|(quiz, version)| values![quiz.0, signed(*version)]);
    let rows: Vec<VersionRow> = db.all(&sql, keys.collect()).await?;
    let keyed = |row: VersionRow| ((QuizId(row.quiz), unsigned(row.version)), row.content);
    Ok(rows.into_iter().map(keyed).collect())
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn unsigned(version: i64) -> u64 {
    u64::try_from(version).unwrap_or(0)
}

fn narrow(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
