//! The way of one learner through the course, and of those who teach it, over the HTTP API.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use assessment::domain::Answer;
use event::{Language, QuestionId};
use serde_json::{Value, json};

use super::{
    account::{Account, Fact},
    client::Client,
    cohort::{Learner, Way},
    course::DemoCourse,
};

/// Everybody's password; the accounts are there to look around with.
pub(crate) const PASSWORD: &str = "estrade-demo-2026";

/// A learner's whole way.
pub(crate) async fn learn(
    client: &mut Client,
    learner: &Learner,
    course: &DemoCourse,
    account: &Account,
) -> anyhow::Result<()> {
    register(client, learner).await.with_context(|| format!("learner {}", learner.number))?;
    let mail = learner.mail.clone();
    account.note(Fact::Registered { mail: mail.clone() });
    let enrolment = client.post("/api/v1/enrolments", &json!({ "course": course.course })).await?;
    let enrolment = enrolment["enrolment"].as_str().context("no enrolment")?.to_owned();
    account.note(Fact::Enrolled { mail: mail.clone(), enrolment: enrolment.clone() });
    let lessons = required_lessons(client, &enrolment).await?;
    let reads = if learner.way == Way::StopsReading {
        1 + learner.seed as usize % 2
    } else {
        lessons.len()
    };
    for lesson in lessons.iter().take(reads) {
        client.get(&format!("/api/v1/courses/{}/lessons/{lesson}", course.course)).await?;
        client
            .put(&format!("/api/v1/enrolments/{enrolment}/lessons/{lesson}/read"), &json!({}))
            .await?;
        account.note(Fact::LessonRead { enrolment: enrolment.clone(), lesson: lesson.clone() });
    }
    take_quiz(client, learner, course, account).await?;
    let completes = matches!(learner.way, Way::Passes | Way::FailsAndTriesAgain);
    account.note(Fact::Finished { mail, enrolment, completes });
    Ok(())
}

pub(super) async fn register(client: &mut Client, learner: &Learner) -> anyhow::Result<()> {
    let zone = if learner.language == Language::Fr { "Europe/Paris" } else { "Europe/London" };
    let body = json!({
        "name": learner.name, "mail": learner.mail, "password": PASSWORD,
        "language": learner.language, "time_zone": zone,
    });
    let mut registered = client.post_once("/api/v1/people", &body).await;
    // Whoever got no answer the first time finds the account made.
    if registered.as_ref().is_err_and(|error| error.to_string().contains("409")) {
        registered = Ok(Value::Null);
    }
    registered?;
    client.sign_in(&learner.mail, PASSWORD).await
}

pub(super) async fn required_lessons(
    client: &Client,
    enrolment: &str,
) -> anyhow::Result<Vec<String>> {
    let progress = client.get(&format!("/api/v1/enrolments/{enrolment}")).await?;
    let lessons = progress["lessons"].as_array().context("no lessons")?;
    Ok(lessons
        .iter()
        .filter(|lesson| lesson["required"] == Value::Bool(true))
        .filter_map(|lesson| lesson["lesson"].as_str().map(str::to_owned))
        .collect())
}

async fn take_quiz(
    client: &Client,
    learner: &Learner,
    course: &DemoCourse,
    account: &Account,
) -> anyhow::Result<()> {
    let nothing = BTreeMap::new();
    let attempts: &[&BTreeMap<QuestionId, Answer>] = match learner.way {
        Way::StopsReading => &[],
        Way::Passes => &[&course.right],
        Way::FailsAndTriesAgain => &[&course.wrong, &course.right],
        Way::ScoresNothing => &[&nothing],
        Way::StopsInTheQuiz => return start_and_stop(client, course, account).await,
    };
    for answers in attempts {
        attempt(client, learner, course, answers, account).await?;
    }
    Ok(())
}

/// One attempt, given in, and its mark waited for, as a learner waits. What a person must mark takes
/// its time: nobody waits for that.
pub(super) async fn attempt(
    client: &Client,
    learner: &Learner,
    course: &DemoCourse,
    answers: &BTreeMap<QuestionId, Answer>,
    account: &Account,
) -> anyhow::Result<()> {
    let attempt = start(client, course).await?;
    for (question, answer) in answers {
        save(client, &attempt, *question, answer, account).await?;
    }
    client.post(&format!("/api/v1/attempts/{attempt}/submit"), &json!({})).await?;
    account.note(Fact::AttemptSubmitted {
        mail: learner.mail.clone(),
        attempt: attempt.clone(),
        answers: answers.len(),
    });
    let submitted = Instant::now();
    while state(client, &attempt).await? == "submitted" {
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    client.waited_for_others(submitted);
    Ok(())
}

async fn start_and_stop(
    client: &Client,
    course: &DemoCourse,
    account: &Account,
) -> anyhow::Result<()> {
    let attempt = start(client, course).await?;
    for (question, answer) in course.right.iter().take(3) {
        save(client, &attempt, *question, answer, account).await?;
    }
    Ok(())
}

async fn save(
    client: &Client,
    attempt: &str,
    question: QuestionId,
    answer: &Answer,
    account: &Account,
) -> anyhow::Result<()> {
    let answer = serde_json::to_value(answer)?;
    client.put(&format!("/api/v1/attempts/{attempt}/answers/{question}"), &answer).await?;
    let (attempt, question) = (attempt.to_owned(), question.to_string());
    account.note(Fact::AnswerSaved { attempt, question, answer });
    Ok(())
}

async fn start(client: &Client, course: &DemoCourse) -> anyhow::Result<String> {
    let path = format!("/api/v1/quizzes/{}/attempts", course.quiz);
    let attempt = client.post(&path, &json!({})).await?;
    Ok(attempt["attempt"].as_str().context("no attempt")?.to_owned())
}

async fn state(client: &Client, attempt: &str) -> anyhow::Result<String> {
    let view = client.get(&format!("/api/v1/attempts/{attempt}")).await?;
    Ok(view["state"].as_str().context("no state")?.to_owned())
}

/// The instructor, while the cohort is at work: a new lesson, and another title.
pub(crate) async fn teach(client: &Client, course: &DemoCourse) -> anyhow::Result<()> {
    let path = format!("/api/v1/courses/{}", course.course);
    let before = client.get(&path).await?;
    let section = before["sections"]
        .as_array()
        .and_then(|sections| sections.last()?["section"].as_str())
        .context("the course has no section")?;
    let lesson = json!({
        "section": section, "title": course.extra.title, "text": course.extra.text,
        "minutes": course.extra.minutes, "required": false, "publish": true,
    });
    client.post_once(&format!("{path}/lessons"), &lesson).await?;
    let now = client.get(&path).await?;
    let edition = if course.language == Language::Fr { "nouvelle édition" } else { "new edition" };
    let renamed = json!({
        "title": format!("{} ({edition})", course.title), "version": now["version"],
    });
    client.patch(&path, &renamed).await?;
    Ok(())
}

/// The instructor marks every essay that waits, until told that none will come.
pub(crate) async fn mark_essays(
    client: Client,
    done: tokio_util::sync::CancellationToken,
) -> anyhow::Result<()> {
    loop {
        let last_round = done.is_cancelled();
        let waiting = client.get("/api/v1/marking").await?;
        let attempts = waiting["attempts"].as_array().cloned().unwrap_or_default();
        for attempt in &attempts {
            mark(&client, attempt).await?;
        }
        if attempts.is_empty() && last_round {
            return Ok(());
        }
        if attempts.is_empty() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn mark(client: &Client, attempt: &Value) -> anyhow::Result<()> {
    let id = attempt["attempt"].as_str().context("no attempt")?;
    let essays = attempt["essays"].as_array().context("no essays")?;
    for essay in essays {
        let question = essay["question"].as_str().context("no question")?;
        let body =
            json!({ "mark": "0.8", "comment": "Clear, and to the point. / Clair et précis." });
        client.put(&format!("/api/v1/attempts/{id}/marks/{question}"), &body).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        Json, Router,
        http::StatusCode,
        routing::{post, put},
    };

    use super::*;

    #[tokio::test]
    async fn each_answer_that_was_taken_is_noted_and_none_that_was_refused() {
        let turns = Arc::new(AtomicUsize::new(0));
        let answered = move || {
            let is_taken = turns.fetch_add(1, Ordering::Relaxed) < 2;
            async move { if is_taken { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY } }
        };
        let started = || async { Json(json!({ "attempt": "a" })) };
        let platform = Router::new()
            .route("/api/v1/quizzes/{quiz}/attempts", post(started))
            .route("/api/v1/attempts/{attempt}/answers/{question}", put(answered));
        let client = Client::before(platform).await.unwrap();
        let (course, account) = (DemoCourse::load(Language::En).unwrap(), Account::default());
        assert!(start_and_stop(&client, &course, &account).await.is_err());
        let taken = course.right.iter().take(2).map(|(question, answer)| Fact::AnswerSaved {
            attempt: "a".to_owned(),
            question: question.to_string(),
            answer: serde_json::to_value(answer).unwrap(),
        });
        assert_eq!(account.facts(), taken.collect::<Vec<_>>());
    }
}
