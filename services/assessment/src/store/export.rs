//! What `assessment` keeps of a person, for an export: attempts, with answers and marks,
//! and how marks were corrected.

use bus::{Error, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use contract::export::as_json;
use event::PersonId;
use serde::Serialize;
use uuid::Uuid;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    attempts: Vec<Attempt>,
    /// Of the person's own marks, and by the person of others'.
    corrections: Vec<Correction>,
}

#[derive(FromQueryResult, Serialize)]
struct Attempt {
    id: Uuid,
    course: Uuid,
    quiz: Uuid,
    quiz_title: Option<String>,
    number: i32,
    state: String,
    #[serde(serialize_with = "as_json")]
    answers: String,
    /// What a person marked by hand, with comments.
    #[serde(serialize_with = "as_json")]
    hand_marks: String,
    mark: Option<String>,
    out_of: Option<String>,
    passed: Option<bool>,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    graded_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult, Serialize)]
struct Correction {
    attempt: Uuid,
    question: Uuid,
    mark_before: String,
    mark_after: String,
    reason: String,
    corrected_at: DateTime<Utc>,
}

const CORRECTIONS: &str = "select attempt, question, mark_before, mark_after, reason, corrected_at \
     from mark_correction where corrected_by = $1 \
     or attempt in (select id from attempt where learner = $1) order by corrected_at, id";

const ATTEMPTS: &str = "select a.id, a.course, a.quiz, q.title as quiz_title, a.number, a.state, a.answers, \
     a.hand_marks, a.mark, a.out_of, a.passed, a.started_at, a.submitted_at, a.graded_at \
     from attempt a left join quiz q on q.id = a.quiz where a.learner = $1 order by a.started_at, a.id";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    let of = || values![person.0];
    Ok(Kept {
        attempts: db.all(ATTEMPTS, of()).await?,
        corrections: db.all(CORRECTIONS, of()).await?,
    })
}
