//! What open pages of learners follow: one small statement for each look.

use bus::{Error, FromQueryResult, Read, values};
use event::{PersonId, QuizId};

#[derive(FromQueryResult)]
struct Standing {
    quiz: i64,
    seats: i64,
    attempts: i64,
    submitted: i64,
    marks: i64,
}

/// Differs when a quiz is written or changed, when the learner's seats do, and when an attempt comes to stand
/// somewhere else. A quiz that is not here yet may be on its way.
pub(crate) async fn quiz_state(
    db: &impl Read,
    quiz: QuizId,
    learner: PersonId,
) -> Result<String, Error> {
    let found: Option<Standing> = db
        .one(
            "select coalesce((select q.version from quiz q where q.id = $1), 0) as quiz, \
             (select cast(coalesce(sum(e.version), 0) as bigint) from enrolment_copy e \
             where e.learner = $2) as seats, count(*) as attempts, \
             count(a.submitted_at) as submitted, \
             cast(coalesce(sum(a.version), 0) + count(a.graded_at) as bigint) as marks \
             from attempt a where a.quiz = $1 and a.learner = $2",
            values![quiz.0, learner.0],
        )
        .await?;
    Ok(found.map_or_else(String::new, |standing| {
        let Standing { quiz, seats, attempts, submitted, marks } = standing;
        format!("{quiz}/{seats}/{attempts}/{submitted}/{marks}")
    }))
}
