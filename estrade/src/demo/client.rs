//! One person at a keyboard: the HTTP API as anybody would use it, with a patience that ends.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

const FIRST_PAUSE: Duration = Duration::from_millis(40);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often a request is made before giving up: about half a minute.
const PATIENCE: u32 = 40;

/// Someone who calls the API, signed in or not.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    address: String,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(address: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, address: address.to_owned(), token: None })
    }

    /// Signs in.
    pub(super) async fn sign_in(&mut self, mail: &str, password: &str) -> anyhow::Result<()> {
        let body = serde_json::json!({ "mail": mail, "password": password });
        let answer = self.post("/api/v1/tokens", &body).await?;
        let token = answer["token"].as_str().context("the answer holds no token")?;
        self.token = Some(token.to_owned());
        Ok(())
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None, is_catching_up).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), is_catching_up).await
    }

    /// As [`post`](Client::post), where "not found" and "conflict" are answers and not a delay.
    pub(super) async fn post_once(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), is_away).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body), is_catching_up).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, path, Some(body), is_away).await
    }

    /// Calls, and calls again while the answer is "not yet": what a person does who sees "try again".
    /// Every call that the demo makes may be made twice.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        is_not_yet: fn(StatusCode) -> bool,
    ) -> anyhow::Result<Value> {
        let mut pause = FIRST_PAUSE;
        let mut last = String::new();
        for _ in 0..PATIENCE {
            match self.send(method.clone(), path, body).await {
                Ok(response) if response.status().is_success() => return read(response).await,
                Ok(response) if is_not_yet(response.status()) => {
                    last = format!("{}: {}", response.status(), response.text().await?);
                }
                Ok(response) => {
                    let status = response.status();
                    bail!("{method} {path}: {status}: {}", response.text().await?);
                }
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        bail!("{method} {path}: still not after {PATIENCE} tries: {last}")
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }
}

/// A copy that has not caught up yet says 404 or 409 and asks to try again.
fn is_catching_up(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND || status == StatusCode::CONFLICT || is_away(status)
}

/// The service is away or asks for patience.
fn is_away(status: StatusCode) -> bool {
    status == StatusCode::SERVICE_UNAVAILABLE
        || status == StatusCode::BAD_GATEWAY
        || status == StatusCode::TOO_MANY_REQUESTS
}

async fn read(response: Response) -> anyhow::Result<Value> {
    let text = response.text().await?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).context("the answer is no JSON")
}
