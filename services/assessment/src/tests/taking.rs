//! Learners who take a quiz: start, save, submit, and what they must not do.

use super::*;

#[tokio::test]
async fn a_learner_takes_a_quiz_and_sees_the_result() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    assert_eq!(questions.len(), 3);
    let (status, saved) = stage.save(learner, &attempt, &questions[0], text("A ")).await;
    assert_eq!((status, &saved["answer"]["text"]), (StatusCode::OK, &json!("A ")));
    let picked = json!({ "kind": "choice", "picked": [0] });
    stage.save(learner, &attempt, &questions[2], picked).await;
    let (resumed, _) = stage.start(learner, quiz).await;
    assert_eq!(resumed, attempt, "an attempt in progress goes on");

    let open = stage.show(learner, &attempt).await;
    assert_eq!((&open["state"], &open["result"]), (&json!("in_progress"), &Value::Null));
    assert!(!open.to_string().contains("well done"), "nothing is given away before the end");
    let submitted = stage.submit(learner, &attempt).await;
    assert_eq!((&submitted["state"], &submitted["result"]), (&json!("submitted"), &Value::Null));

    stage.drain().await;
    let graded = stage.show(learner, &attempt).await;
    let result = &graded["result"];
    assert_eq!(graded["state"], "graded");
    assert_eq!((&result["mark"], &result["out_of"]), (&json!("1.5"), &json!("3")));
    assert_eq!((&result["percent"], &result["passed"]), (&json!("50"), &json!(false)));
    let first = &result["questions"][&questions[0]];
    assert_eq!((&first["verdict"], &first["mark"]), (&json!("right"), &json!("1")));
    assert_eq!(first["feedback"][0]["text"], "well done");
    assert_eq!(result["questions"][&questions[1]]["verdict"], "unanswered");
    let overview =
        stage.ok(learner_session(learner), "GET", &format!("/api/v1/quizzes/{quiz}"), None).await;
    assert_eq!((&overview["questions"], &overview["out_of"]), (&json!(3), &json!("3")));
    assert_eq!(
        (&overview["attempts"][0]["mark"], &overview["attempts"][0]["passed"]),
        (&json!("1.5"), &json!(false))
    );
}

#[tokio::test]
async fn submitting_twice_is_once() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.submit(learner, &attempt).await;
    assert_eq!(stage.submit(learner, &attempt).await["state"], "submitted");
    stage.drain().await;
    assert_eq!(stage.submit(learner, &attempt).await["state"], "graded");
    assert_eq!(stage.count("assessment.attempt-submitted.v1").await, 1);
    let (status, problem) = stage.save(learner, &attempt, &questions[0], text("a")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("was submitted"), "{problem}");
}

#[tokio::test]
async fn two_clicks_at_once_are_one() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let learner = stage.enrolled().await;
    let starts = futures::future::join_all((0..8).map(|_| stage.start(learner, quiz))).await;
    let attempt = &starts[0].0;
    assert!(starts.iter().all(|(other, _)| other == attempt));
    let questions = &starts[0].1;
    futures::future::join_all(
        questions.iter().map(|question| stage.save(learner, attempt, question, text("a"))),
    )
    .await;
    futures::future::join_all((0..8).map(|_| stage.submit(learner, attempt))).await;
    assert_eq!(stage.count("assessment.attempt-submitted.v1").await, 1);
}

#[tokio::test]
async fn only_who_is_enrolled_takes_a_quiz() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let path = format!("/api/v1/quizzes/{quiz}/attempts");
    let (status, problem) = stage.ask(learner_session(PersonId::new()), "POST", &path, None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["detail"], "enrol first; if you enrolled a moment ago, try again");
    let mut french = learner_session(PersonId::new());
    french.language = Language::Fr;
    let (_, problem) = stage.ask(french, "POST", &path, None).await;
    assert!(problem["detail"].as_str().unwrap().starts_with("inscrivez-vous"));
    let nowhere = format!("/api/v1/quizzes/{}/attempts", QuizId::new());
    let (status, _) = stage.ask(learner_session(PersonId::new()), "POST", &nowhere, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_s_attempt_is_not_there() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let (learner, stranger) = (stage.enrolled().await, stage.enrolled().await);
    let (attempt, questions) = stage.start(learner, quiz).await;
    let (status, _) = stage.save(stranger, &attempt, &questions[0], text("a")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for (method, path) in [("GET", ""), ("POST", "/submit")] {
        let path = format!("/api/v1/attempts/{attempt}{path}");
        let (status, _) = stage.ask(learner_session(stranger), method, &path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    let path = format!("/api/v1/attempts/{attempt}");
    stage.ok(teacher(), "GET", &path, None).await;
    let (status, _) = stage.ask(teacher(), "POST", &format!("{path}/submit"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "who teaches sees it and does not submit it");
}

#[tokio::test]
async fn attempts_are_counted_and_limited() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, Some(2)).await;
    let learner = stage.enrolled().await;
    for number in 1..=2 {
        let (attempt, _) = stage.start(learner, quiz).await;
        assert_eq!(stage.submit(learner, &attempt).await["number"], number);
    }
    let path = format!("/api/v1/quizzes/{quiz}/attempts");
    let (status, problem) = stage.ask(learner_session(learner), "POST", &path, None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["detail"], "all 2 attempts at this quiz are used up");
}

#[tokio::test]
async fn hostile_answers_are_refused_with_a_reason() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(GIFT, 60, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    let hostile = [
        json!(null),
        json!([]),
        json!({}),
        json!("a"),
        json!({ "kind": "wish", "text": "10/10" }),
        json!({ "kind": "choice", "picked": [18446744073709551615_u64] }),
        json!({ "kind": "choice", "picked": [-1] }),
        json!({ "kind": "text", "text": "x".repeat(1_001) }),
        json!({ "kind": "text", "text": 7 }),
        json!({ "kind": "text", "text": "\u{0}" }),
        json!({ "kind": "match", "pairs": [{ "item": 99, "answer": "" }] }),
    ];
    for answer in hostile {
        let shown = answer.to_string();
        let (status, problem) = stage.save(learner, &attempt, &questions[0], answer).await;
        assert!(status.is_client_error(), "{shown}: {status}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }
    let (status, _) =
        stage.save(learner, &attempt, &uuid::Uuid::nil().to_string(), text("a")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = stage.save(learner, "../..", "%00", text("a")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(stage.show(learner, &attempt).await["answers"], json!({}));
}

#[tokio::test]
async fn all_answers_together_are_limited_too() {
    let stage = Stage::new().await;
    let gift = "Tell{}\n\n".repeat(20);
    let quiz = stage.quiz(&gift, 60, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    let mut last = StatusCode::OK;
    for question in &questions {
        last = stage.save(learner, &attempt, question, text(&"\u{1f600}".repeat(20_000))).await.0;
    }
    assert_eq!(last, StatusCode::UNPROCESSABLE_ENTITY);
    stage.submit(learner, &attempt).await;
}
