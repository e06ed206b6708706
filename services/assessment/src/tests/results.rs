//! Marking in the browser, and what came of a quiz.

use super::*;

const QUIZ: &str = "::One::A{=a}\n\n::Two::Tell{####look for dates}";

async fn submitted(stage: &Stage, quiz: QuizId, name: &str, essay: &str) -> String {
    let learner = stage.enrolled().await;
    stage.named(learner, name).await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[0], text("a")).await;
    if !essay.is_empty() {
        stage.save(learner, &attempt, &questions[1], text(essay)).await;
    }
    stage.submit(learner, &attempt).await;
    attempt
}

#[tokio::test]
async fn essays_are_marked_one_after_the_other() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz(QUIZ, 50, None).await;
    let first = submitted(&stage, quiz, "Ana Ruiz", "<b>Long</b> ago").await;
    let second = submitted(&stage, quiz, "Bo", "Later").await;
    stage.drain().await;
    let list = stage.page(&author, "/marking").await;
    assert!(
        list.contains("Ana Ruiz") && list.contains("Bo") && list.contains("Queues 1 (2)"),
        "{list}"
    );
    let narrowed = stage.page(&author, &format!("/marking?course={}", stage.course)).await;
    assert!(narrowed.contains("Ana Ruiz"));
    let elsewhere = stage.page(&author, &format!("/marking?course={}", CourseId::new())).await;
    assert!(elsewhere.contains("Nothing waits"), "{elsewhere}");

    let path = format!("/marking/{first}");
    let page = stage.page(&author, &path).await;
    assert!(page.contains("look for dates") && page.contains("Ana Ruiz"), "{page}");
    assert!(page.contains("<p>&#60;b&#62;Long&#60;/b&#62; ago</p>"), "{page}");
    let field = page.split("name=\"mark-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (mark, comment) = (format!("mark-{field}"), format!("comment-{field}"));
    let wrong = [(mark.as_str(), "2"), (comment.as_str(), "Kept")];
    let (status, page) = stage.browse(&author, &path, Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(&format!("href=\"#{mark}\"")) && page.contains("Kept"), "{page}");
    let good = [(mark.as_str(), "0,5"), (comment.as_str(), "Which year?"), ("action", "next")];
    assert_eq!(stage.post(&author, &path, &good).await, format!("/marking/{second}"));
    assert_eq!(stage.count("assessment.attempt-graded.v1").await, 1);
    let (status, place) = stage.browse(&author, &path, None).await;
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("/attempts/{first}")));
    let shown = stage.page(&author, &format!("/attempts/{first}")).await;
    assert!(shown.contains("Which year?") && shown.contains("Ana Ruiz"), "{shown}");
    let full = [(mark.as_str(), "1"), ("action", "next")];
    assert_eq!(stage.post(&author, &format!("/marking/{second}"), &full).await, "/marking");
    assert!(stage.page(&author, "/marking").await.contains("Nothing waits"));
}

#[tokio::test]
async fn results_are_counted_and_leave_as_a_file() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz(QUIZ, 50, None).await;
    let graded = submitted(&stage, quiz, "=Ana", "").await;
    submitted(&stage, quiz, "Bo", "Later").await;
    let begun = stage.enrolled().await;
    stage.start(begun, quiz).await;
    stage.drain().await;

    let course = format!("/results/{}", stage.course);
    let page = stage.page(&author, &course).await;
    assert!(page.contains("The final quiz") && page.contains("mark one"), "{page}");
    assert!(page.contains(">50%<") && page.contains(">100%<"), "mean and passed: {page}");
    let one = format!("{course}/{quiz}");
    let page = stage.page(&author, &one).await;
    for part in ["=Ana", "1 / 2", "Bo", "whose name has not arrived yet", "<dd>3</dd>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("/attempts/{graded}")));
    let file = stage.page(&author, &format!("{one}/attempts.csv")).await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 4, "{file}");
    assert!(lines[0].starts_with("\u{feff}\"Learner\",\"Attempt\""), "{file}");
    assert!(
        lines[3].starts_with("\"'=Ana\",\"1\",\"graded\"")
            && lines[3].ends_with("\"1\",\"2\",\"50\",\"yes\""),
        "{file}"
    );
    let mut french = author.clone();
    french.language = Language::Fr;
    let file = stage.page(&french, &format!("{one}/attempts.csv")).await;
    assert!(file.contains("\"Apprenant\";\"Tentative\""), "{file}");
    let page = stage.page(&french, &one).await;
    assert!(page.contains("en attente des notes"), "{page}");
}

#[tokio::test]
async fn statistics_follow_the_stored_answers() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("A{=a}\n\nB{=b}", 50, None).await;
    let path = format!("/results/{}/{quiz}/questions", stage.course);
    let page = stage.page(&author, &path).await;
    assert!(page.contains("No attempt is graded yet"), "{page}");
    for (first, second) in [("a", "b"), ("a", "x"), ("x", "x")] {
        let learner = stage.enrolled().await;
        let (attempt, questions) = stage.start(learner, quiz).await;
        stage.save(learner, &attempt, &questions[0], text(first)).await;
        stage.save(learner, &attempt, &questions[1], text(second)).await;
        stage.submit(learner, &attempt).await;
    }
    stage.drain().await;
    let page = stage.page(&author, &path).await;
    assert!(page.contains("Made from 3 graded attempts"), "{page}");
    assert!(page.contains(">66.7%<") && page.contains(">33.3%<"), "facility: {page}");
    assert_eq!(page.matches(">50%<").count(), 2, "the correlation of 1 1 0 and 1 0 0: {page}");
}
