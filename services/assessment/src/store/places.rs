//! Where quizzes stand, and what their courses decide of them. Courses tell it by their own events, and quiz by
//! quiz while they are drafts. Each of the two takes only what is newer by its own versions; these count
//! different things, so between the two it is when the owner says that it became so.

use std::collections::BTreeMap;

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, Language, PersonId, QuizId};
use uuid::Uuid;

use super::{narrow, signed, unsigned};
use crate::domain::Decided;

/// Makes those who write quizzes of the same courses take turns, until their transactions end. Without it a
/// quiz that is made while its course changes would miss what the course decides.
pub(crate) async fn take_turns(
    tx: &mut Tx,
    courses: impl IntoIterator<Item = CourseId>,
) -> Result<(), Error> {
    let mut courses: Vec<CourseId> = courses.into_iter().collect();
    // Everybody locks in the same order, so that nobody waits for each other.
    courses.sort_unstable();
    courses.dedup();
    tx.insert_many(
        "insert into turns (id, turn) values",
        courses.into_iter().map(|course| values![course.0, 1_i64]).collect(),
        "on conflict (id) do update set turn = turns.turn + 1",
    )
    .await?;
    Ok(())
}

/// What a version of a course says of one of its quizzes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ToldPlace {
    pub(crate) course: CourseId,
    pub(crate) version: u64,
    pub(crate) decided: Decided,
    pub(crate) told_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Told {
    quiz: Uuid,
}

/// Keeps the newest that courses said of each quiz, and gives the quizzes of which something new was said.
/// A version that a course has left behind may still be the last that named a quiz.
pub(crate) async fn keep_places(
    tx: &mut Tx,
    places: &BTreeMap<QuizId, ToldPlace>,
) -> Result<Vec<QuizId>, Error> {
    let row = |(quiz, place): (&QuizId, &ToldPlace)| {
        values![
            quiz.0,
            place.course.0,
            signed(place.version),
            place.decided.title.as_str(),
            narrow(place.decided.pass_percent),
            place.told_at
        ]
    };
    let told: Vec<Told> = tx
        .insert_many_returning(
            "insert into told_place (quiz, course, version, title, pass_percent, told_at) values",
            places.iter().map(row).collect(),
            "on conflict (quiz) do update set course = excluded.course, \
             version = excluded.version, title = excluded.title, \
             pass_percent = excluded.pass_percent, told_at = excluded.told_at \
             where told_place.version < excluded.version or (told_place.version = excluded.version \
             and (told_place.title <> excluded.title \
             or told_place.pass_percent <> excluded.pass_percent)) returning quiz",
        )
        .await?;
    Ok(told.into_iter().map(|told| QuizId(told.quiz)).collect())
}

/// A quiz's place in a draft of a course, as of a version of the draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PlacedQuiz {
    pub(crate) quiz: QuizId,
    pub(crate) course: CourseId,
    pub(crate) version: u64,
    pub(crate) key: Option<String>,
    pub(crate) decided: Decided,
    pub(crate) course_title: String,
    pub(crate) language: Language,
    pub(crate) instructor: Option<PersonId>,
    /// None for one that was placed before this was kept.
    pub(crate) placed_at: Option<DateTime<Utc>>,
}

/// Keeps where quizzes stand, drafts of courses included. `false` if something newer is known.
pub(crate) async fn place_quiz(tx: &mut Tx, placed: &PlacedQuiz) -> Result<bool, Error> {
    let written = tx
        .execute(
            "insert into placed_quiz (quiz, course, version, key, title, pass_percent, \
             course_title, language, instructor, placed_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (quiz) do update set course = excluded.course, \
             version = excluded.version, key = excluded.key, title = excluded.title, \
             pass_percent = excluded.pass_percent, course_title = excluded.course_title, \
             language = excluded.language, instructor = excluded.instructor, \
             placed_at = excluded.placed_at where placed_quiz.version < excluded.version",
            values![
                placed.quiz.0,
                placed.course.0,
                signed(placed.version),
                placed.key.clone(),
                placed.decided.title.as_str(),
                narrow(placed.decided.pass_percent),
                placed.course_title.as_str(),
                placed.language.code(),
                placed.instructor.map(Uuid::from),
                placed.placed_at
            ],
        )
        .await?;
    Ok(written == 1)
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
    placed_at: Option<DateTime<Utc>>,
}

/// The quizzes that were placed in drafts of a course, newest place first.
pub(crate) async fn placed_in(db: &impl Read, course: CourseId) -> Result<Vec<PlacedQuiz>, Error> {
    let rows: Vec<PlacedRow> = db
        .all(
            "select quiz, course, version, key, title, pass_percent, course_title, language, \
             instructor, placed_at from placed_quiz where course = $1 \
             order by version desc, title, quiz",
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
            decided: decided(row.title, row.pass_percent),
            course_title: row.course_title,
            language: row.language.parse().unwrap_or_default(),
            instructor: row.instructor.map(PersonId),
            placed_at: row.placed_at,
        }
    }
}

#[derive(FromQueryResult)]
struct SaidRow {
    course: Uuid,
    title: String,
    pass_percent: i32,
    said_at: Option<DateTime<Utc>>,
    rank: i32,
}

/// The course in which a quiz stands, or stood last, and what it decides of it. None if nothing was heard.
pub(crate) async fn decided_of(
    db: &impl Read,
    quiz: QuizId,
) -> Result<Option<(CourseId, Decided)>, Error> {
    let rows: Vec<SaidRow> = db
        .all(
            "select course, title, pass_percent, told_at as said_at, 1 as rank from told_place \
             where quiz = $1 union all \
             select course, title, pass_percent, placed_at as said_at, 0 as rank from placed_quiz \
             where quiz = $1",
            values![quiz.0],
        )
        .await?;
    let newest = rows.into_iter().max_by_key(|row| (row.said_at, row.rank));
    Ok(newest.map(|row| (CourseId(row.course), decided(row.title, row.pass_percent))))
}

fn decided(title: String, pass_percent: i32) -> Decided {
    Decided { title, pass_percent: pass_percent.unsigned_abs() }
}
