//! Taking a quiz: start or go on, save answers, submit.

use bus::Tx;
use contract::assessment::AttemptSubmitted;
use event::{AttemptId, CourseId, PersonId, QuestionId, QuizId};

use super::{Desk, Refusal, Sitting, Viewer, visible};
use crate::{
    domain::{
        Answer, Attempt, AttemptRecord, AttemptRefused, NextAttempt, Stage, Submission,
        next_attempt,
    },
    store,
};

/// Bytes of JSON. They travel in an event, and a broker's messages are limited.
const LONGEST_ANSWERS: usize = 1024 * 1024;

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

/// Saves one answer, in the place of the one before.
pub(crate) async fn save(
    desk: &Desk,
    learner: PersonId,
    attempt: AttemptId,
    question: QuestionId,
    answer: Answer,
) -> Result<Sitting, Refusal> {
    let form = Form { answers: vec![(question, answer)], counter: None };
    let mut saved = save_all(desk, learner, attempt, form).await?;
    match saved.refused.pop() {
        Some((_, refused)) => Err(refused.into()),
        None => Ok(saved.sitting),
    }
}

/// What became of a form with several answers.
pub(crate) struct Saved {
    pub(crate) sitting: Sitting,
    /// Answers that do not fit; the others are saved.
    pub(crate) refused: Vec<(QuestionId, AttemptRefused)>,
}

/// Answers as they were sent.
pub(crate) struct Form {
    pub(crate) answers: Vec<(QuestionId, Answer)>,
    /// Rises with every form that a page sends; none where a program saves one answer.
    pub(crate) counter: Option<u64>,
}

/// Saves what fits of several answers. A form that is older than what is saved comes too late: a slow
/// line or another window would put old answers in the place of newer ones.
pub(crate) async fn save_all(
    desk: &Desk,
    learner: PersonId,
    attempt: AttemptId,
    form: Form,
) -> Result<Saved, Refusal> {
    let mut tx = desk.db.begin().await?;
    let (mut sitting, mut open) = hold(desk, &mut tx, learner, attempt).await?;
    let Form { answers, counter } = form;
    if counter.is_some_and(|counter| counter < sitting.record.saved) {
        return Err(Refusal::SavedElsewhere);
    }
    let counter = next_counter(counter, sitting.record.saved);
    let mut refused = Vec::new();
    for (question, answer) in answers {
        match open.save_answer(&sitting.quiz, question, answer) {
            Ok(()) => {}
            Err(AttemptRefused::AlreadySubmitted) => {
                return Err(AttemptRefused::AlreadySubmitted.into());
            }
            Err(reason) => refused.push((question, reason)),
        }
    }
    let text = store::answers_as_json(&open.answers)?;
    if text.len() > LONGEST_ANSWERS {
        return Err(Refusal::AnswersTooLong { limit: LONGEST_ANSWERS });
    }
    if open.answers != sitting.record.answers {
        store::save_answers(&mut tx, attempt, &text, counter).await?;
        sitting.record.answers = open.answers;
        sitting.record.saved = counter;
        tx.commit().await?;
    }
    Ok(Saved { sitting, refused })
}

/// A browser without script sends back the counter that it was given; what it saves is newer all the
/// same. The largest is far beyond any clock, and fits the database.
fn next_counter(sent: Option<u64>, known: u64) -> u64 {
    const LARGEST: u64 = 1 << 53;
    match sent {
        None => known,
        Some(sent) => sent.max(known + 1).min(LARGEST),
    }
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
        .map(|(question, answer)| Ok((*question, serde_json::to_value(answer)?)))
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
async fn hold(
    desk: &Desk,
    tx: &mut Tx,
    learner: PersonId,
    attempt: AttemptId,
) -> Result<(Sitting, Attempt), Refusal> {
    let record = store::hold_attempt(tx, attempt).await?;
    let record = record.filter(|record| record.learner == learner).ok_or(Refusal::NoSuchAttempt)?;
    let quiz = desk.quiz_of(tx, &record).await?;
    let open = record.attempt(&quiz);
    Ok((Sitting { record, quiz }, open))
}
