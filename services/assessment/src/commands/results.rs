//! What came of a quiz: attempts, totals, and how its questions did.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use event::{CourseId, QuizId};

use super::{CourseFace, Desk, Refusal, Viewer};
use crate::{
    domain::{Quiz, Statistics, grade_attempt_with_hand_marks},
    store::{self, QuizHead, Sample, SampledAttempt},
};

/// Attempts that statistics are made of; the newest.
const MOST_SAMPLED: u32 = 5_000;
const AT_ONCE: u32 = 500;
/// Quizzes whose statistics are kept in memory.
const MOST_KEPT: usize = 1_000;

/// Statistics at hand: they are made anew only when another attempt was graded. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    kept: Arc<Mutex<HashMap<QuizId, Made>>>,
}

/// Statistics, and the attempts that they were made of.
type Made = (Sample, Arc<Statistics>);

impl Shelf {
    fn find(&self, quiz: QuizId, sample: &Sample) -> Option<Arc<Statistics>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&quiz).filter(|(known, _)| known == sample).map(|(_, made)| Arc::clone(made))
    }

    fn keep(&self, quiz: QuizId, sample: Sample, made: &Arc<Statistics>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(quiz, (sample, Arc::clone(made)));
    }
}

/// A quiz whose results one may see.
pub(crate) struct Ledger {
    pub(crate) face: CourseFace,
    pub(crate) head: QuizHead,
    pub(crate) quiz: Arc<Quiz>,
}

pub(crate) async fn ledger(
    desk: &Desk,
    viewer: Viewer,
    course: CourseId,
    quiz: QuizId,
) -> Result<Ledger, Refusal> {
    let face = viewer.must_teach(&desk.db, course).await?;
    let head = store::quiz(&desk.db, quiz).await?.filter(|head| head.course == course);
    let head = head.ok_or(Refusal::NoSuchQuiz)?;
    let questions = desk.quizzes.one(&desk.db, quiz, head.version).await?;
    Ok(Ledger { face, head, quiz: questions.ok_or(Refusal::NoSuchQuiz)? })
}

/// How its questions did. Whoever asks has looked into the [`ledger`] before.
pub(crate) async fn statistics(desk: &Desk, quiz: QuizId) -> Result<Arc<Statistics>, Refusal> {
    let sample = store::sample(&desk.db, quiz).await?;
    if let Some(known) = desk.ledgers.find(quiz, &sample) {
        return Ok(known);
    }
    let made = Arc::new(made_anew(desk, quiz).await?);
    desk.ledgers.keep(quiz, sample, &made);
    Ok(made)
}

/// Verdicts are not kept with an attempt: they follow from its answers by the rules of grading.
async fn made_anew(desk: &Desk, quiz: QuizId) -> Result<Statistics, Refusal> {
    let mut statistics = Statistics::default();
    let mut before = None;
    for _ in 0..MOST_SAMPLED / AT_ONCE {
        let page = store::sampled(&desk.db, quiz, before, AT_ONCE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        let wanted: BTreeSet<_> =
            page.iter().map(|attempt| (quiz, attempt.quiz_version.unsigned_abs())).collect();
        let versions = desk.quizzes.all(&desk.db, &wanted).await?;
        for attempt in &page {
            if let Some(version) = versions.get(&(quiz, attempt.quiz_version.unsigned_abs())) {
                add(&mut statistics, version, attempt)?;
            }
        }
    }
    Ok(statistics)
}

fn add(
    statistics: &mut Statistics,
    quiz: &Quiz,
    attempt: &SampledAttempt,
) -> Result<(), bus::Error> {
    let answers = serde_json::from_str(&attempt.answers)?;
    let by_hand = serde_json::from_str(&attempt.hand_marks)?;
    statistics.add(&grade_attempt_with_hand_marks(quiz, &answers, &by_hand));
    Ok(())
}
