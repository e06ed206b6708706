//! Essays wait for a person, and the person's marks make the result.

use super::*;

const ESSAYS: &str = "::One::Tell{}\n\n::Two::A{=a}\n\n::Three::Tell more{}";

#[tokio::test]
async fn an_attempt_with_essays_waits_and_is_graded_with_the_last_mark() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
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
    stage.taught_by(None).await;
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

/// A mark that a person gave is corrected with a reason, which stays; others are told the newer mark.
#[tokio::test]
async fn a_mistyped_mark_is_corrected() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    stage.named(author.person, "Professor Plum").await;
    let quiz = stage.quiz("::One::Tell{}\n\n::Two::A{=a}", 80, None).await;
    let learner = stage.enrolled().await;
    stage.named(learner, "Ana").await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    for (question, answer) in questions.iter().zip(["Long ago", "a"]) {
        stage.save(learner, &attempt, question, text(answer)).await;
    }
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let api = format!("/api/v1/attempts/{attempt}/marks/{}", questions[0]);
    stage.ok(author.clone(), "PUT", &api, Some(json!({ "mark": "0.1" }))).await;
    let shown = stage.page(&author, &format!("/attempts/{attempt}")).await;
    let path = format!("/marking/{attempt}/{}", questions[0]);
    assert!(shown.contains(&format!("href=\"{path}\"")), "{shown}");
    let own = stage.page(&learner_session(learner), &format!("/attempts/{attempt}")).await;
    assert!(!own.contains(&path), "a learner corrects nothing: {own}");

    let page = stage.page(&author, &path).await;
    assert!(page.contains("Given so far: 0.1 / 1") && page.contains("Long ago"), "{page}");
    let form = |mark: &'static str, reason: &'static str, seen: &'static str| {
        [("mark", mark), ("comment", "Well said"), ("reason", reason), ("seen", seen)]
    };
    for (form, wrong) in [
        (form("1", " ", "0.1"), "Say why the mark changes."),
        (form("one", "Mistyped", "0.1"), "This is no number"),
        (form("1.5", "Mistyped", "0.1"), "The mark is 1.5: it must be from 0 to 1.<"),
        (form("1", "Mistyped", "0.4"), "Somebody else has corrected this mark meanwhile"),
    ] {
        let (status, page) = stage.browse(&author, &path, Some(&form)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(page.contains(wrong) && page.contains("Well said"), "{wrong}: {page}");
    }
    let french = Session { language: Language::Fr, ..author.clone() };
    assert!(stage.page(&french, &path).await.contains("value=\"0,1\""), "as it is written there");
    let (_, page) = stage.browse(&french, &path, Some(&form("1,5", "Mistyped", "0.1"))).await;
    assert!(page.contains("La note est de 1,5 : elle doit aller de 0 à 1.<"), "{page}");
    let good = form("1", "I mistyped <it>", "0.1");
    for _ in 0..2 {
        let next = stage.post(&author, &path, &good).await;
        assert_eq!(next, format!("/attempts/{attempt}?done=corrected"), "twice is once");
    }
    assert_corrected(&stage, &author, learner, &attempt).await;

    let (status, _) = stage.browse(&teacher(), &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another's course");
    let machine = format!("/marking/{attempt}/{}", questions[1]);
    assert_eq!(stage.browse(&author, &machine, None).await.0, StatusCode::CONFLICT);
    let again = json!({ "mark": "0.5", "reason": "On reflection" });
    let view = stage.ok(author.clone(), "PUT", &api, Some(again)).await;
    assert_eq!(view["result"]["mark"], "1.5");
    let (status, _) = stage.ask(author, "PUT", &api, Some(json!({ "mark": "1" }))).await;
    assert_eq!(status, StatusCode::CONFLICT, "without a reason it stays final");
}

async fn assert_corrected(stage: &Stage, author: &Session, learner: PersonId, attempt: &str) {
    let published = stage.scene.published().await;
    let told: Vec<contract::assessment::AttemptGraded> = published
        .iter()
        .filter(|envelope| envelope.event_type == "assessment.attempt-graded.v1")
        .map(|envelope| envelope.open().unwrap())
        .collect();
    let told: Vec<(u64, String, bool)> =
        told.iter().map(|it| (it.version, it.mark.to_string(), it.passed)).collect();
    assert_eq!(told, [(1, "1.1".to_owned(), false), (2, "2".to_owned(), true)]);
    let tally = crate::tally(&stage.scene.db).await.unwrap();
    assert_eq!((tally.graded, tally.doubled), (1, 0), "a correction is no double");
    let page = stage.page(author, &format!("/attempts/{attempt}")).await;
    for part in ["Question 1: from 0.1 to 1", "Professor Plum", "I mistyped &#60;it&#62;"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let own = stage.page(&learner_session(learner), &format!("/attempts/{attempt}")).await;
    assert!(own.contains("Passed: 2 / 2") && own.contains("I mistyped"), "{own}");
    assert!(!own.contains("Professor Plum"), "who it was is between those who teach: {own}");
}

/// While another essay waits nobody was told a mark yet, and the history begins all the same.
#[tokio::test]
async fn a_mark_is_corrected_while_another_essay_waits_and_reasons_go_with_their_learner() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz(ESSAYS, 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    for place in [0, 2] {
        stage.save(learner, &attempt, &questions[place], text("Long ago")).await;
    }
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let path = |place: usize| format!("/api/v1/attempts/{attempt}/marks/{}", questions[place]);
    stage.ok(teacher(), "PUT", &path(0), Some(json!({ "mark": "0.1" }))).await;
    let corrected = json!({ "mark": "1", "reason": "SECRET" });
    let view = stage.ok(teacher(), "PUT", &path(0), Some(corrected)).await;
    assert_eq!(view["state"], "awaiting_marking");
    assert_eq!(stage.count("assessment.attempt-graded.v1").await, 0);
    let last = stage.ok(teacher(), "PUT", &path(2), Some(json!({ "mark": "1" }))).await;
    assert_eq!(last["result"]["mark"], "2");
    assert_eq!(stage.count("assessment.attempt-graded.v1").await, 1);
    assert_eq!(crate::tally(&stage.scene.db).await.unwrap().doubled, 0);

    assert!(stage.scene.state(&[]).await.contains("SECRET"));
    let erased = contract::identity::PersonErased {
        person: learner,
        version: 2,
        erased_at: bus::testing::start(),
    };
    stage.scene.deliver(&[bus::testing::envelope(&erased)]).await;
    assert!(!stage.scene.state(&[]).await.contains("SECRET"));
}
