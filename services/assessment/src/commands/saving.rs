//! Saving answers, from whichever windows and devices an attempt is taken in. Which of them may take the place of
//! what is saved is decided by [`Attempt::merge`](crate::domain::Attempt::merge).

use event::{AttemptId, PersonId, QuestionId};

use super::{Desk, Refusal, Sitting, taking::hold};
use crate::{
    domain::{Answer, Change, Merged, Sender},
    store,
};

/// Bytes of JSON. They travel in an event, and a broker's messages are limited.
const LONGEST_ANSWERS: usize = 1024 * 1024;

/// Answers as they were sent.
pub(crate) struct Form {
    pub(crate) changes: Vec<Change>,
    pub(crate) sender: Sender,
}

/// What became of a form: what is not named here is saved.
pub(crate) struct Saved {
    pub(crate) sitting: Sitting,
    pub(crate) merged: Merged,
}

/// Saves one answer, in the place of the one before.
pub(crate) async fn save(
    desk: &Desk,
    learner: PersonId,
    attempt: AttemptId,
    question: QuestionId,
    answer: Answer,
) -> Result<Sitting, Refusal> {
    let changes = vec![Change { question, answer, seen: None }];
    let form = Form { changes, sender: Sender::default() };
    let mut saved = save_all(desk, learner, attempt, form).await?;
    match saved.merged.refused.pop() {
        Some((_, refused)) => Err(refused.into()),
        None => Ok(saved.sitting),
    }
}

/// Saves of several answers what fits, and what nobody has changed elsewhere meanwhile.
pub(crate) async fn save_all(
    desk: &Desk,
    learner: PersonId,
    attempt: AttemptId,
    form: Form,
) -> Result<Saved, Refusal> {
    let mut tx = desk.db.begin().await?;
    let (mut sitting, mut open) = hold(desk, &mut tx, learner, attempt).await?;
    let Form { changes, sender } = form;
    let record = &mut sitting.record;
    let mut writers = record.writers.clone();
    let merged = open.merge(&sitting.quiz, &mut writers, &sender, record.saved, changes)?;
    let text = store::answers_as_json(&open.answers)?;
    if text.len() > LONGEST_ANSWERS {
        return Err(Refusal::AnswersTooLong { limit: LONGEST_ANSWERS });
    }
    if open.answers != record.answers || writers != record.writers {
        record.answers = open.answers;
        record.writers = writers;
        record.saved = next_counter(sender.counter, record.saved);
        store::save_answers(&mut tx, record).await?;
        tx.commit().await?;
    }
    Ok(Saved { sitting, merged })
}

/// A browser without script sends back the counter that it was given, and a program none; what they save is newer
/// all the same. The largest is far beyond any clock, and fits the database.
fn next_counter(sent: Option<u64>, known: u64) -> u64 {
    const LARGEST: u64 = 1 << 53;
    sent.unwrap_or_default().max(known + 1).min(LARGEST)
}
