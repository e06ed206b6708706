//! The quiz that is graded, and the attempts at it: the same for everybody who is measured.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use assessment::domain::{Answer, Kind, Question, Quiz, identify};
use bus::{Envelope, Read};
use chrono::Utc;
use contract::{
    assessment::{AttemptSubmitted, GivenAnswer},
    catalog::ids,
};
use event::{AttemptId, CourseId, PersonId};

const GIFT: &str = include_str!("../course/quiz.gift");
const KEY: &str = "bench";
const PASS_PERCENT: u32 = 50;

/// The course in `bench/course`.
pub(crate) fn course() -> CourseId {
    ids::course(KEY)
}

/// The quiz as `assessment` keeps it.
pub(crate) fn quiz() -> Result<Quiz> {
    let parsed = assessment::gift::parse("quiz.gift", GIFT);
    ensure!(parsed.refused.is_empty(), "the quiz does not read: {:?}", parsed.refused);
    let id = ids::quiz(course(), KEY);
    Ok(Quiz {
        id,
        title: "Bench".to_owned(),
        pass_percent: PASS_PERCENT.into(),
        max_attempts: None,
        questions: identify(id, parsed.questions),
    })
}

/// Imports the quiz as an instructor would.
pub(crate) async fn import(db: &bus::Db) -> Result<()> {
    let source = assessment::QuizSource {
        key: KEY.to_owned(),
        title: "Bench".to_owned(),
        file: "quiz.gift".to_owned(),
        gift: GIFT.as_bytes().to_vec(),
        pass_percent: PASS_PERCENT,
        max_attempts: None,
    };
    assessment::import(db, course(), source).await.context("cannot import the quiz")?;
    let text: Option<String> = db.scalar("select content from quiz_version", Vec::new()).await?;
    let kept: Quiz = serde_json::from_str(&text.context("the quiz is not there")?)?;
    ensure!(kept == quiz()?, "the imported quiz is another than the one that is answered");
    Ok(())
}

/// An attempt that somebody handed in; the number makes who answers what.
pub(crate) fn submission(quiz: &Quiz, number: u64) -> Result<AttemptSubmitted> {
    let answers: BTreeMap<_, _> = (quiz.questions.iter().zip(0..))
        .map(|(question, place)| {
            Ok((question.id, GivenAnswer::of(&answer(question, number + place))?))
        })
        .collect::<Result<_>>()?;
    Ok(AttemptSubmitted {
        attempt: AttemptId::new(),
        quiz: quiz.id,
        quiz_version: 1,
        course: course(),
        learner: PersonId::new(),
        number: 1,
        submitted_at: Utc::now(),
        answers,
    })
}

fn answer(question: &Question, number: u64) -> Answer {
    let place = usize::try_from(number % 4).unwrap_or(0);
    match &question.content.kind {
        Kind::TrueFalse { .. } => Answer::TrueFalse { value: number.is_multiple_of(2) },
        Kind::MultipleChoice { choices } => {
            Answer::Choice { picked: [place % choices.len(), 0].into() }
        }
        Kind::SingleChoice { choices } => Answer::Choice { picked: [place % choices.len()].into() },
        Kind::Numerical { .. } => Answer::Number { number: (5670 + number % 4).to_string() },
        _ => Answer::Text { text: text(place).to_owned() },
    }
}

/// What makes a submission as long as most are: one KB.
fn text(place: usize) -> &'static str {
    const DEAD: &str = "Dead letter";
    const LONG: &str = "It is called a message which nobody wants to have, and which therefore goes round \
                        and round in its queue until somebody at last looks into what is wrong with it.";
    if place.is_multiple_of(2) { DEAD } else { LONG }
}

pub(crate) fn envelope(quiz: &Quiz, number: u64) -> Result<Envelope> {
    Ok(Envelope::seal(&submission(quiz, number)?, Utc::now())?)
}
