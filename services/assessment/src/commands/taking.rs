//! Taking a quiz: start or go on, submit. Saving answers is in `saving`.

use bus::Tx;
use contract::assessment::{AttemptSubmitted, GivenAnswer};
use event::{AttemptId, CourseId, PersonId, QuizId};

use super::{Desk, Refusal, Sitting, Viewer, visible};
use crate::{
    domain::{Attempt, AttemptRecord, NextAttempt, Stage, Submission, next_attempt},
    store,
};

/// Starts an attempt, or gives the one in progress.
pub(crate) async fn start(
    desk: &Desk,
    learner: PersonId,
    quiz: QuizId,
) -> Result<Sitting, Refusal> {
    let head = store::quiz(&desk.db, quiz).await?.ok_or(Refusal::NoSuchQuiz)?;
    may_take(desk, learner, head.course).await?;
    // A click at the same moment may be quicker; the second round then goes on with what it began.
    for _ in 0..2 {
        if let Some(sitting) = resume_or_begin(desk, learner, quiz).await? {
            return Ok(sitting);
        }
    }
    Err(Refusal::Overtaken)
}

async fn may_take(desk: &Desk, learner: PersonId, course: CourseId) -> Result<(), Refusal> {
    if store::is_enrolled(&desk.db, learner, course).await? {
        return Ok(());
    }
    let withdrawn = store::is_withdrawn(&desk.db, course).await?;
    Err(if withdrawn { Refusal::Withdrawn } else { Refusal::NotEnrolled })
}

/// `None` if another was begun meanwhile.
async fn resume_or_begin(
    desk: &Desk,
    learner: PersonId,
    quiz: QuizId,
) -> Result<Option<Sitting>, Refusal> {
    let mut tx = desk.db.begin().await?;
    refuse_the_erased(&tx, learner).await?;
    let head = store::quiz(&tx, quiz).await?.ok_or(Refusal::NoSuchQuiz)?;
    let questions = desk.quizzes.one(&tx, quiz, head.version).await?;
    let questions = questions.ok_or(Refusal::NoSuchQuiz)?;
    if questions.out_of().is_zero() {
        return Err(Refusal::NothingAsked);
    }
    let history = store::history(&tx, quiz, learner).await?;
    if let NextAttempt::Resume(open) = next_attempt(&questions, history.open, history.attempts)? {
        tx.rollback().await?;
        return read(desk, Viewer::learner(learner), open).await.map(Some);
    }
    let record = AttemptRecord {
        id: AttemptId::new(),
        quiz,
        quiz_version: head.version,
        course: head.course,
        learner,
        number: history.attempts + 1,
        stage: Stage::InProgress,
        answers: Default::default(),
        hand_marks: Default::default(),
        started_at: tx.now(),
        submitted_at: None,
        graded_at: None,
        saved: 0,
        writers: Default::default(),
        version: 0,
    };
    if !store::begin_attempt(&mut tx, &record).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(Sitting { record, quiz: questions }))
}

/// An attempt as it stands.
pub(crate) async fn read(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
) -> Result<Sitting, Refusal> {
    let record = visible(&desk.db, viewer, attempt).await?;
    let quiz = desk.quiz_of(&desk.db, &record).await?;
    Ok(Sitting { record, quiz })
}

/// Gives the attempt in. Twice is once: the second changes nothing, and tells nobody.
pub(crate) async fn submit(
    desk: &Desk,
    learner: PersonId,
    attempt: AttemptId,
) -> Result<Sitting, Refusal> {
    let mut tx = desk.db.begin().await?;
    let (mut sitting, mut open) = hold(desk, &mut tx, learner, attempt).await?;
    let now = tx.now();
    let is_first = open.submit(now) == Submission::First
        && store::mark_submitted(&mut tx, attempt, now).await?;
    if !is_first {
        return Ok(sitting);
    }
    sitting.record.stage = Stage::Submitted;
    sitting.record.submitted_at = Some(now);
    let submitted = submitted(&sitting.record, now).map_err(bus::Error::from)?;
    tx.publish(&submitted)?;
    tx.commit().await?;
    Ok(sitting)
}

fn submitted(
    record: &AttemptRecord,
    submitted_at: chrono::DateTime<chrono::Utc>,
) -> Result<AttemptSubmitted, serde_json::Error> {
    let answers = record
        .answers
        .iter()
        .map(|(question, answer)| Ok((*question, GivenAnswer::of(answer)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    Ok(AttemptSubmitted {
        attempt: record.id,
        quiz: record.quiz,
        quiz_version: record.quiz_version,
        course: record.course,
        learner: record.learner,
        number: record.number,
        submitted_at,
        answers,
    })
}

/// One's own attempt, locked until the transaction ends.
pub(super) async fn hold(
    desk: &Desk,
    tx: &mut Tx,
    learner: PersonId,
    attempt: AttemptId,
) -> Result<(Sitting, Attempt), Refusal> {
    let record = store::hold_attempt(tx, attempt).await?;
    let record = record.filter(|record| record.learner == learner).ok_or(Refusal::NoSuchAttempt)?;
    refuse_the_erased(tx, learner).await?;
    let quiz = desk.quiz_of(tx, &record).await?;
    let open = record.attempt(&quiz);
    Ok((Sitting { record, quiz }, open))
}

/// A session lasts longer than its account, if that was erased elsewhere.
async fn refuse_the_erased(tx: &Tx, learner: PersonId) -> Result<(), Refusal> {
    if store::is_erased(tx, learner).await? { Err(Refusal::Erased) } else { Ok(()) }
}
