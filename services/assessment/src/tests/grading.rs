//! The grading worker by itself, fed with events alone.

use bus::{
    Migration,
    testing::{envelope, start},
};
use contract::assessment::{AttemptSubmitted, GivenAnswer};
use event::AttemptId;

use super::*;
use crate::domain::{Quiz, identify};

pub(super) fn quiz(text: &str) -> Quiz {
    let id = QuizId::new();
    Quiz {
        id,
        title: "Test".to_owned(),
        pass_percent: 50.into(),
        max_attempts: None,
        questions: identify(id, crate::gift::parse("test.gift", text).questions),
    }
}

/// The service with a quiz that is there from the start, for scenes that begin empty.
pub(super) fn service_with(quiz: &Quiz) -> bus::Service {
    let content = serde_json::to_string(quiz).unwrap();
    assert!(!content.contains([';', '\'']), "a migration is split at its semicolons");
    let sql = format!(
        "insert into quiz_version (quiz, version, content, created_at) values (X'{}', 1, '{content}', 0)",
        quiz.id.0.simple()
    );
    let seed = Migration { name: "9999-test", sql: Box::leak(sql.into_boxed_str()) };
    let steps: Vec<Migration> =
        crate::migrations::MIGRATIONS.iter().copied().chain([seed]).collect();
    bus::Service::new("assessment", Vec::leak(steps))
        .batch_handler(crate::handlers::Grade::default())
}

fn submitted(quiz: &Quiz, version: u64, answer: Value) -> AttemptSubmitted {
    AttemptSubmitted {
        attempt: AttemptId::new(),
        quiz: quiz.id,
        quiz_version: version,
        course: CourseId::new(),
        learner: PersonId::new(),
        number: 1,
        submitted_at: start(),
        answers: [(quiz.questions[0].id, GivenAnswer::of(&answer).unwrap())].into(),
    }
}

#[tokio::test]
async fn the_event_is_enough_to_grade_by() {
    let quiz = quiz("A{=a}");
    let scene = Scene::new(service_with(&quiz), TABLES).await;
    let events: Vec<_> = (0..200).map(|_| envelope(&submitted(&quiz, 1, text("a")))).collect();
    scene.deliver_together(&events).await;
    let tally = crate::tally(&scene.db).await.unwrap();
    assert_eq!((tally.graded, tally.submitted, tally.doubled), (200, 200, 0));
    assert_eq!(scene.published().await.len(), 200);
}

#[tokio::test]
async fn a_version_that_never_comes_and_an_answer_that_does_not_read_harm_no_other() {
    let quiz = quiz("A{=a}");
    let scene = Scene::new(service_with(&quiz), TABLES).await;
    let events = [
        envelope(&submitted(&quiz, 2, text("a"))),
        envelope(&submitted(&quiz, 1, json!({ "kind": "wish" }))),
        envelope(&submitted(&quiz, 1, text("a"))),
    ];
    scene.deliver_together(&events).await;
    let mut dead = scene.dead().await;
    dead.sort();
    assert_eq!(dead.len(), 2, "{dead:#?}");
    assert!(dead.iter().any(|cause| cause.contains("version 2 of the quiz")), "{dead:#?}");
    assert!(dead.iter().any(|cause| cause.contains("does not read")), "{dead:#?}");
    assert_eq!(crate::tally(&scene.db).await.unwrap().graded, 1);
}
