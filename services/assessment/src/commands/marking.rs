//! Marking essays: what waits for a person, and the marks a person gives.

use std::{collections::BTreeMap, sync::Arc};

use bus::Tx;
use contract::assessment::AttemptGraded;
use event::{AttemptId, CourseId, Language, QuestionId};

use super::{Desk, Refusal, Sitting, Viewer, course_face};
use crate::{
    domain::{
        AttemptMark, AttemptRecord, Format, HandMark, Question, Quiz, Stage, Text, parse_number,
    },
    store::{self, Begin},
};

const LONGEST_COMMENT: usize = 5_000;
/// As many places as marks have.
const PLACES: u32 = 7;

/// An attempt with the questions that wait for a person.
pub(crate) struct Awaiting {
    pub(crate) sitting: Sitting,
    pub(crate) mark: AttemptMark,
    /// Of the course.
    pub(crate) language: Language,
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
    viewer: Viewer,
    course: Option<CourseId>,
    after: Option<AttemptId>,
    limit: u32,
) -> Result<Vec<Awaiting>, Refusal> {
    let Some(scope) = viewer.scope() else {
        return Ok(Vec::new());
    };
    let found = store::awaiting(&desk.db, scope, course, Begin::After(after), limit).await?;
    with_quizzes(desk, found).await
}

/// As [`waiting`], by the number of the page, and whether there is another.
pub(crate) async fn page_of_waiting(
    desk: &Desk,
    viewer: Viewer,
    course: Option<CourseId>,
    page: u32,
    size: u32,
) -> Result<(Vec<Awaiting>, bool), Refusal> {
    let Some(scope) = viewer.scope() else {
        return Ok((Vec::new(), false));
    };
    let from = Begin::Skipping(u64::from(page.saturating_sub(1)) * u64::from(size));
    let mut found = store::awaiting(&desk.db, scope, course, from, size + 1).await?;
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let has_next = found.len() > wanted;
    found.truncate(wanted);
    Ok((with_quizzes(desk, found).await?, has_next))
}

/// An attempt that this viewer may mark. `None` where nothing in it waits any more.
pub(crate) async fn awaiting_one(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
) -> Result<Option<Awaiting>, Refusal> {
    let record = store::attempt(&desk.db, attempt).await?.ok_or(Refusal::NoSuchAttempt)?;
    if !viewer.may_teach(&desk.db, record.course).await? {
        return Err(Refusal::NoSuchAttempt);
    }
    if record.stage != Stage::AwaitingMarking {
        return Ok(None);
    }
    Ok(with_quizzes(desk, vec![record]).await?.pop())
}

async fn with_quizzes(desk: &Desk, records: Vec<AttemptRecord>) -> Result<Vec<Awaiting>, Refusal> {
    let mut faces: BTreeMap<CourseId, Language> = BTreeMap::new();
    let mut waiting = Vec::with_capacity(records.len());
    for record in records {
        let quiz = desk.quiz_of(&desk.db, &record).await?;
        let Some(mark) = record.attempt(&quiz).mark().cloned() else { continue };
        let language = match faces.get(&record.course) {
            Some(language) => *language,
            None => course_face(&desk.db, record.course).await?.language,
        };
        faces.insert(record.course, language);
        waiting.push(Awaiting { sitting: Sitting { record, quiz }, mark, language });
    }
    Ok(waiting)
}

/// A person's mark for one essay, as it was written.
pub(crate) struct GivenMark {
    pub(crate) question: QuestionId,
    pub(crate) mark: String,
    pub(crate) comment: Option<String>,
}

/// Takes marks for several essays of one attempt. Those that are taken stay where another is refused.
pub(crate) async fn give_marks(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
    given: Vec<GivenMark>,
) -> Result<Vec<(QuestionId, Refusal)>, Refusal> {
    let mut refused = Vec::new();
    for one in given {
        let question = one.question;
        match give_mark(desk, viewer, attempt, one).await {
            Ok(_) => {}
            Err(refusal @ (Refusal::Store(_) | Refusal::NoSuchAttempt | Refusal::NoSuchQuiz)) => {
                return Err(refusal);
            }
            Err(refusal) => refused.push((question, refusal)),
        }
    }
    Ok(refused)
}

/// Takes a person's mark for an essay. With the last one the attempt is graded, and others are
/// told. The same mark again changes nothing.
pub(crate) async fn give_mark(
    desk: &Desk,
    viewer: Viewer,
    attempt: AttemptId,
    given: GivenMark,
) -> Result<Sitting, Refusal> {
    let GivenMark { question, mark, comment } = given;
    let by_hand = hand_mark(&mark, comment)?;
    let mut tx = desk.db.begin().await?;
    let (mut record, quiz) = hold(desk, &mut tx, viewer, attempt).await?;
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

/// An attempt that this viewer may mark, locked until the transaction ends.
pub(super) async fn hold(
    desk: &Desk,
    tx: &mut Tx,
    viewer: Viewer,
    attempt: AttemptId,
) -> Result<(AttemptRecord, Arc<Quiz>), Refusal> {
    let record = store::hold_attempt(tx, attempt).await?.ok_or(Refusal::NoSuchAttempt)?;
    if !viewer.may_teach(tx, record.course).await? {
        return Err(Refusal::NoSuchAttempt);
    }
    let quiz = desk.quiz_of(tx, &record).await?;
    Ok((record, quiz))
}

pub(super) fn hand_mark(mark: &str, comment: Option<String>) -> Result<HandMark, Refusal> {
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

/// Gives an attempt its mark, and tells it; the version says how often that was done.
pub(super) fn settle(
    tx: &mut Tx,
    record: &mut AttemptRecord,
    mark: &AttemptMark,
) -> Result<(), bus::Error> {
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
