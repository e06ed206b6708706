//! Essays wait for a person, and the person's marks make the result.

use super::*;

const ESSAYS: &str = "::One::Tell{}\n\n::Two::A{=a}\n\n::Three::Tell more{}";

#[tokio::test]
async fn an_attempt_with_essays_waits_and_is_graded_with_the_last_mark() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(ESSAYS, 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    for (question, answer) in questions.iter().zip(["Long ago", "a", "And then"]) {
        stage.save(learner, &attempt, question, text(answer)).await;
    }
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    assert_eq!(stage.show(learner, &attempt).await["state"], "awaiting_marking");
    assert_eq!(stage.count("assessment.attempt-awaits-marking.v1").await, 1);

    let page = stage.ok(teacher(), "GET", "/api/v1/marking?limit=1", None).await;
    let waiting = &page["attempts"][0];
    assert_eq!(waiting["attempt"], json!(attempt));
    assert_eq!(waiting["essays"][1]["essay"], "And then");
    assert_eq!(waiting["essays"].as_array().unwrap().len(), 2);
    let rest = format!("/api/v1/marking?after={}", page["next"].as_str().unwrap());
    assert_eq!(stage.ok(teacher(), "GET", &rest, None).await["attempts"], json!([]));

    let path =
        |question: usize| format!("/api/v1/attempts/{attempt}/marks/{}", questions[question]);
    let good = json!({ "mark": "0,5", "comment": "More of it" });
    let half = stage.ok(teacher(), "PUT", &path(0), Some(good.clone())).await;
    assert_eq!(half["state"], "awaiting_marking");
    stage.ok(teacher(), "PUT", &path(0), Some(good)).await;
    let (status, _) = stage.ask(teacher(), "PUT", &path(1), Some(json!({ "mark": "1" }))).await;
    assert_eq!(status, StatusCode::CONFLICT, "a machine has marked this one");
    let last = stage.ok(teacher(), "PUT", &path(2), Some(json!({ "mark": "0" }))).await;
    assert_eq!((&last["state"], &last["result"]["passed"]), (&json!("graded"), &json!(true)));
    stage.ok(teacher(), "PUT", &path(2), Some(json!({ "mark": "0" }))).await;

    assert_eq!(stage.count("assessment.attempt-graded.v1").await, 1);
    let shown = stage.show(learner, &attempt).await;
    let first = &shown["result"]["questions"][&questions[0]];
    assert_eq!(
        (&first["mark"], &first["feedback"][0]["text"]),
        (&json!("0.5"), &json!("More of it"))
    );
    let tally = crate::tally(&stage.scene.db).await.unwrap();
    assert_eq!((tally.submitted, tally.graded, tally.awaiting, tally.doubled), (1, 1, 0, 0));
}

#[tokio::test]
async fn marks_are_given_by_those_who_teach_and_within_bounds() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(ESSAYS, 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[0], text("Long ago")).await;
    let path = format!("/api/v1/attempts/{attempt}/marks/{}", questions[0]);
    let give = |who: Session, mark: Value| stage.ask(who, "PUT", &path, Some(mark));
    let (status, _) = give(teacher(), json!({ "mark": "1" })).await;
    assert_eq!(status, StatusCode::CONFLICT, "not submitted yet");
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let (status, _) = give(learner_session(learner), json!({ "mark": "1" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = stage.ask(learner_session(learner), "GET", "/api/v1/marking", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for mark in ["1.1", "-0.1", "NaN", "", "1e400", "79228162514264337593543950335"] {
        let (status, _) = give(teacher(), json!({ "mark": mark })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{mark}");
    }
    let long = json!({ "mark": "1", "comment": "x".repeat(5_001) });
    assert_eq!(give(teacher(), long).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = stage.ask(teacher(), "GET", "/api/v1/marking?limit=-1", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
