//! Correcting a mark that a person gave: another takes its place, with a reason that stays with the attempt.
//! Where the attempt is graded, others are told its new mark under a higher version.

use event::{AttemptId, QuestionId};
use rust_decimal::Decimal;

use super::{
    Desk, GivenMark, Refusal, Sitting, Viewer,
    marking::{hand_mark, hold, settle},
};
use crate::{
    domain::{AttemptRefused, HandMark, Question, Stage},
    store,
};

const LONGEST_REASON: usize = 500;

/// A question of an attempt that a person marked.
pub(crate) struct Marked {
    pub(crate) sitting: Sitting,
    pub(crate) question: Question,
    pub(crate) by_hand: HandMark,
}

/// Refuses whoever may not mark it, and questions that no person marked.
pub(crate) async fn marked_one(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
    question: QuestionId,
) -> Result<Marked, Refusal> {
    let record = store::attempt(&desk.db, attempt).await?.ok_or(Refusal::NoSuchAttempt)?;
    if !viewer.may_teach(&desk.db, record.course).await? {
        return Err(Refusal::NoSuchAttempt);
    }
    let quiz = desk.quiz_of(&desk.db, &record).await?;
    let by_hand = record.hand_marks.get(&question).cloned();
    let (Some(by_hand), Some(question)) = (by_hand, quiz.question(question).cloned()) else {
        return Err(AttemptRefused::NothingToCorrect.into());
    };
    Ok(Marked { sitting: Sitting { record, quiz }, question, by_hand })
}

/// Another mark, as it was written.
pub(crate) struct Correction {
    pub(crate) given: GivenMark,
    pub(crate) reason: String,
    /// The mark that was looked at; none where a program corrects it.
    pub(crate) seen: Option<Decimal>,
}

/// Puts a mark in the place of one that a person gave. The same mark again changes nothing.
pub(crate) async fn correct_mark(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
    correction: Correction,
) -> Result<Sitting, Refusal> {
    let Correction { given: GivenMark { question, mark, comment }, reason, seen } = correction;
    let reason = worded(&reason)?;
    let by_hand = hand_mark(&mark, comment)?;
    let mut tx = desk.db.begin().await?;
    let (mut record, quiz) = hold(desk, &mut tx, viewer, attempt).await?;
    let before = record.hand_marks.get(&question).cloned();
    if before.as_ref() == Some(&by_hand) {
        return Ok(Sitting { record, quiz });
    }
    let mark_before = before.map_or(Decimal::ZERO, |before| before.mark);
    if seen.is_some_and(|seen| seen != mark_before) {
        return Err(Refusal::MarkChanged);
    }
    let mark_after = by_hand.mark;
    let mut corrected = record.attempt(&quiz);
    let mark = corrected.correct_mark(&quiz, question, by_hand, tx.now())?;
    record.hand_marks = corrected.hand_marks;
    let is_told = record.stage == Stage::Graded;
    if is_told {
        settle(&mut tx, &mut record, &mark)?;
    }
    store::save_hand_marks(&mut tx, &record, &mark).await?;
    let kept = store::MarkCorrection {
        question,
        mark_before,
        mark_after,
        corrected_by: viewer.person,
        reason,
        version: is_told.then_some(record.version),
        corrected_at: tx.now(),
    };
    store::keep_correction(&mut tx, attempt, &kept).await?;
    tx.commit().await?;
    Ok(Sitting { record, quiz })
}

fn worded(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim().replace("\r\n", "\n");
    if reason.is_empty() || reason.chars().nth(LONGEST_REASON).is_some() {
        return Err(Refusal::Reason { limit: LONGEST_REASON });
    }
    Ok(reason)
}
