//! Importing and uploading quizzes.

use contract::catalog::ids;

use super::*;
use crate::commands::{ImportError, Outcome};

#[tokio::test]
async fn importing_twice_changes_nothing_and_a_change_makes_a_version() {
    let stage = Stage::new().await;
    let first = again(&stage, GIFT, 60).await;
    assert_eq!((first.version, first.outcome, first.questions), (1, Outcome::Created, 3));
    assert_eq!(first.quiz, ids::quiz(stage.course, "final"));
    let second = again(&stage, GIFT, 60).await;
    assert_eq!((second.version, second.outcome), (1, Outcome::Unchanged));
    let third = again(&stage, GIFT, 70).await;
    assert_eq!((third.version, third.outcome), (2, Outcome::Updated));
    let fourth = again(&stage, GIFT, 60).await;
    assert_eq!((fourth.version, fourth.outcome), (3, Outcome::Updated));
}

#[tokio::test]
async fn an_open_attempt_keeps_the_version_it_began_with() {
    let stage = Stage::new().await;
    let quiz = stage.quiz("::Q::A{=a}", 100, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    again(&stage, "::Q::A{=b}\n\n::R::C{=c}", 100).await;
    stage.save(learner, &attempt, &questions[0], text("a")).await;
    assert_eq!(stage.start(learner, quiz).await.1.len(), 1);
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    assert_eq!(stage.show(learner, &attempt).await["result"]["passed"], true);
    assert_eq!(stage.start(learner, quiz).await.1.len(), 2, "the next one is of the new version");
}

#[tokio::test]
async fn a_bad_question_is_refused_and_the_others_go_in() {
    let stage = Stage::new().await;
    let imported = again(&stage, "A{=a}\n\nB{=b\n\nC{T}", 50).await;
    assert_eq!(imported.questions, 2);
    let refused = &imported.refused[0];
    assert_eq!((refused.file.as_str(), refused.line), ("final.gift", 3));
    for nothing in ["", "B{=b", "\u{0}"] {
        let error =
            import(&stage.scene.db, stage.course, source(nothing, 50, None)).await.unwrap_err();
        assert!(matches!(error, ImportError::NothingGood { .. }), "{error}");
    }
    let nobody = import(&stage.scene.db, stage.course, source(GIFT, 101, None)).await.unwrap_err();
    assert!(nobody.to_string().contains("from 0 to 100"), "{nobody}");
}

#[tokio::test]
async fn who_teaches_uploads_a_quiz() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = ids::quiz(stage.course, "week-1");
    let path = format!("/api/v1/quizzes/{quiz}");
    let body = |gift: &str| {
        Some(
            json!({ "course": stage.course, "key": "week-1", "title": "Week 1", "pass_percent": 50, "gift": gift }),
        )
    };
    let mut french = teacher();
    french.language = Language::Fr;
    let imported = stage.ok(french.clone(), "PUT", &path, body("A{=a}\n\nB{")).await;
    assert_eq!((&imported["outcome"], &imported["questions"]), (&json!("created"), &json!(1)));
    assert!(imported["refused"][0]["reason"].as_str().unwrap().contains("n'ont pas de fin"));
    let (status, problem) = stage.ask(french, "PUT", &path, body("B{")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    let (status, _) =
        stage.ask(learner_session(PersonId::new()), "PUT", &path, body("A{=a}")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let elsewhere = format!("/api/v1/quizzes/{}", QuizId::new());
    let (status, _) = stage.ask(teacher(), "PUT", &elsewhere, body("A{=a}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = "A{=a}\n\n".repeat(500_000);
    let (status, _) = stage.ask(teacher(), "PUT", &path, body(&large)).await;
    assert_eq!(status, StatusCode::OK, "what is beyond the limit is refused by the line");
}
