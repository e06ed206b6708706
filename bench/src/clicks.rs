//! A learner's click: an attempt is submitted over HTTP, and looked at until it is graded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::submissions;

const PASSWORD: &str = "correct horse battery staple";
const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(url: &str, count: u64, learners: u64) -> Result<Value> {
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let mut all = Vec::new();
    for number in 0..learners {
        all.push(Arc::new(Learner::enrolled(http.clone(), url, number).await?));
    }
    let begun = Instant::now();
    let mut at_work = tokio::task::JoinSet::new();
    for learner in all {
        at_work.spawn(async move { learner.click(count / learners).await });
    }
    let mut took = Vec::new();
    while let Some(clicked) = at_work.join_next().await {
        took.extend(clicked??);
    }
    took.sort_unstable();
    let at = |percent: usize| {
        let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let clicks = u32::try_from(took.len())?;
    let rate = f64::from(clicks) / begun.elapsed().as_secs_f64();
    Ok(json!({ "clicks": clicks, "rate": rate, "p50": at(50), "p99": at(99) }))
}

struct Learner {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Learner {
    async fn enrolled(http: reqwest::Client, url: &str, number: u64) -> Result<Self> {
        let mut learner = Self { http, url: url.to_owned(), token: String::new() };
        let mail = format!("learner{number}@example.org");
        learner
            .patiently(
                Method::POST,
                "/api/v1/people",
                json!({ "name": format!("Learner {number}"), "mail": mail, "password": PASSWORD,
                    "language": "en", "time_zone": "Europe/Paris" }),
            )
            .await?;
        let credentials = json!({ "mail": mail, "password": PASSWORD });
        let token = learner.patiently(Method::POST, "/api/v1/tokens", credentials).await?;
        token["token"].as_str().context("no token")?.clone_into(&mut learner.token);
        let course = json!({ "course": submissions::course() });
        learner.patiently(Method::POST, "/api/v1/enrolments", course).await?;
        Ok(learner)
    }

    /// One attempt after the other; how long each took from its submit to its mark.
    async fn click(&self, count: u64) -> Result<Vec<Duration>> {
        let quiz = submissions::quiz()?;
        let mut took = Vec::new();
        for number in 0..count {
            let path = format!("/api/v1/quizzes/{}/attempts", quiz.id);
            let begun = self.patiently(Method::POST, &path, json!({})).await?;
            let attempt = begun["attempt"].as_str().context("no attempt")?.to_owned();
            let submission = submissions::submission(&quiz, number)?;
            for (question, given) in submission.answers.iter().take(2) {
                let path = format!("/api/v1/attempts/{attempt}/answers/{question}");
                self.patiently(Method::PUT, &path, given.read()?).await?;
            }
            took.push(self.submit(&attempt).await?);
        }
        Ok(took)
    }

    async fn submit(&self, attempt: &str) -> Result<Duration> {
        let clicked = Instant::now();
        let path = format!("/api/v1/attempts/{attempt}");
        self.patiently(Method::POST, &format!("{path}/submit"), json!({})).await?;
        loop {
            let seen = self.patiently(Method::GET, &path, Value::Null).await?;
            if seen["state"] == "graded" {
                return Ok(clicked.elapsed());
            }
            if clicked.elapsed() > PATIENCE {
                bail!("the attempt {attempt} is not graded: {seen}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Asks again while a copy is on its way.
    async fn patiently(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let since = Instant::now();
        loop {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.url));
            if !self.token.is_empty() {
                request = request.bearer_auth(&self.token);
            }
            if !body.is_null() {
                request = request.json(&body);
            }
            let answer = request.send().await?;
            let status = answer.status();
            if status.is_success() {
                return Ok(answer.json().await.unwrap_or(Value::Null));
            }
            let late = matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT);
            if !late || since.elapsed() > PATIENCE {
                bail!("{method} {path}: {status} {}", answer.text().await?);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
