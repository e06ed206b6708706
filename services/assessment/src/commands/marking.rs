//! Marking essays: what waits for a person, and the marks a person gives.

use bus::Tx;
use contract::assessment::AttemptGraded;
use event::{AttemptId, QuestionId};

use super::{Desk, Refusal, Sitting};
use crate::{
    domain::{AttemptMark, AttemptRecord, Format, HandMark, Question, Stage, Text, parse_number},
    store,
};

const LONGEST_COMMENT: usize = 5_000;
/// As many places as marks have.
const PLACES: u32 = 7;

/// An attempt with the questions that wait for a person.
pub(crate) struct Awaiting {
    pub(crate) sitting: Sitting,
    pub(crate) mark: AttemptMark,
}

impl Awaiting {
    pub(crate) fn questions(&self) -> impl Iterator<Item = &Question> {
        let waits = |question: &&Question| self.mark.awaiting.contains(&question.id);
        self.sitting.quiz.questions.iter().filter(waits)
    }
}

/// A page of the attempts that wait, in the order in which they were begun.
pub(crate) async fn waiting(
    desk: &Desk,
    after: Option<AttemptId>,
    limit: u32,
) -> Result<Vec<Awaiting>, Refusal> {
    let mut waiting = Vec::new();
    for record in store::awaiting(&desk.db, after, limit).await? {
        let quiz = desk.quiz_of(&desk.db, &record).await?;
        if let Some(mark) = record.attempt(&quiz).mark().cloned() {
            waiting.push(Awaiting { sitting: Sitting { record, quiz }, mark });
        }
    }
    Ok(waiting)
}

/// Takes a person's mark for an essay. With the last one the attempt is graded, and others are
/// told. The same mark again changes nothing.
pub(crate) async fn give_mark(
    desk: &Desk,
    attempt: AttemptId,
    question: QuestionId,
    mark: &str,
    comment: Option<String>,
) -> Result<Sitting, Refusal> {
    let by_hand = hand_mark(mark, comment)?;
    let mut tx = desk.db.begin().await?;
    let held = store::hold_attempt(&mut tx, attempt).await?;
    let mut record = held.ok_or(Refusal::NoSuchAttempt)?;
    let quiz = desk.quiz_of(&tx, &record).await?;
    if record.hand_marks.get(&question) == Some(&by_hand) {
        return Ok(Sitting { record, quiz });
    }
    let mut marked = record.attempt(&quiz);
    let mark = marked.mark_essay(&quiz, question, by_hand, tx.now())?;
    record.hand_marks = marked.hand_marks;
    if mark.awaiting.is_empty() {
        settle(&mut tx, &mut record, &mark)?;
    }
    store::save_hand_marks(&mut tx, &record, &mark).await?;
    tx.commit().await?;
    Ok(Sitting { record, quiz })
}

fn hand_mark(mark: &str, comment: Option<String>) -> Result<HandMark, Refusal> {
    let mark = parse_number(mark).ok_or(Refusal::MarkNotANumber)?;
    let comment = comment.filter(|comment| !comment.trim().is_empty());
    if comment.as_ref().is_some_and(|text| text.chars().nth(LONGEST_COMMENT).is_some()) {
        return Err(Refusal::CommentTooLong { limit: LONGEST_COMMENT });
    }
    Ok(HandMark {
        mark: mark.round_dp(PLACES).normalize(),
        comment: comment.map(|comment| Text::new(Format::Plain, comment)),
    })
}

fn settle(tx: &mut Tx, record: &mut AttemptRecord, mark: &AttemptMark) -> Result<(), bus::Error> {
    let graded_at = tx.now();
    record.stage = Stage::Graded;
    record.graded_at = Some(graded_at);
    record.version += 1;
    tx.publish(&AttemptGraded {
        attempt: record.id,
        version: record.version,
        quiz: record.quiz,
        course: record.course,
        learner: record.learner,
        number: record.number,
        mark: mark.mark,
        out_of: mark.out_of,
        passed: mark.passed,
        graded_at,
    })
}
