//! One person at a keyboard: the HTTP API as anybody would use it, with a patience that ends.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use super::account::Account;
use crate::{cli::ServiceName, routes};

const FIRST_PAUSE: Duration = Duration::from_millis(40);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a request is made again before giving up.
const PATIENCE: Duration = Duration::from_secs(40);

/// Where the platform is: one address, or one or more for each service.
#[derive(Clone)]
pub(crate) enum Place {
    Front(String),
    Services(Arc<BTreeMap<ServiceName, Vec<String>>>),
}

/// Someone who calls the API, signed in or not.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    place: Place,
    token: Option<String>,
    patience: Duration,
    account: Option<Arc<Account>>,
}

impl Client {
    pub(crate) fn new(address: &str) -> anyhow::Result<Self> {
        Self::at(Place::Front(address.to_owned()))
    }

    pub(crate) fn at(place: Place) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, place, token: None, patience: PATIENCE, account: None })
    }

    /// Waits longer, and notes how long.
    pub(crate) fn patient(self, patience: Duration, account: Arc<Account>) -> Self {
        Self { patience, account: Some(account), ..self }
    }

    /// Somebody else, at the same place and as patient.
    pub(crate) fn stranger(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Somebody before what answers like this.
    #[cfg(test)]
    pub(crate) async fn before(platform: axum::Router) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let client = Self::new(&format!("http://{}", listener.local_addr()?))?;
        tokio::spawn(axum::serve(listener, platform).into_future());
        Ok(client)
    }

    /// Signs in.
    pub(crate) async fn sign_in(&mut self, mail: &str, password: &str) -> anyhow::Result<()> {
        let body = serde_json::json!({ "mail": mail, "password": password });
        let answer = self.post("/api/v1/tokens", &body).await?;
        let token = answer["token"].as_str().context("the answer holds no token")?;
        self.token = Some(token.to_owned());
        Ok(())
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None, is_catching_up).await
    }

    /// As [`get`](Client::get), where "not found" is an answer: there is none.
    pub(crate) async fn find(&self, path: &str) -> anyhow::Result<Option<Value>> {
        match self.call(Method::GET, path, None, is_away).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.to_string().contains(": 404") => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), is_catching_up).await
    }

    /// As [`post`](Client::post), where "not found" and "conflict" are answers and not a delay.
    pub(crate) async fn post_once(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), is_away).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body), is_catching_up).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, path, Some(body), is_away).await
    }

    /// Calls a single time, whatever comes of it.
    pub(crate) async fn post_now(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let response = self.send(&Method::POST, path, Some(body), 0).await?;
        let status = response.status();
        if status.is_success() {
            return read(response).await;
        }
        let said = format!("{status}: {}", response.text().await.unwrap_or_default());
        self.note_refusal(status, &Method::POST, path, &said);
        bail!("POST {path}: {said}")
    }

    /// Somebody who looked again and again has what they waited for.
    pub(crate) fn waited_for_others(&self, since: Instant) {
        if let Some(account) = &self.account {
            account.waited_for_others(since.elapsed());
        }
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
        let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
        let (mut last, mut behind) = (String::new(), false);
        for turn in 0.. {
            match self.send(&method, path, body, turn).await {
                Ok(response) if response.status().is_success() => match read(response).await {
                    Ok(answer) => {
                        self.note_wait(begun.elapsed(), behind);
                        return Ok(answer);
                    }
                    // Cut off on its way; asking again is harmless.
                    Err(error) => last = error.to_string(),
                },
                Ok(response) => {
                    let status = response.status();
                    last = format!("{status}: {}", response.text().await.unwrap_or_default());
                    let is_noted = self.note_refusal(status, &method, path, &last);
                    if !is_not_yet(status) && !is_noted {
                        bail!("{method} {path}: {last}");
                    }
                    behind |= is_catching_up(status) && !is_away(status);
                }
                Err(error) => last = error.to_string(),
            }
            if begun.elapsed() > self.patience {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.note_wait(begun.elapsed(), behind);
        bail!("{method} {path}: still not after {:?}: {last}", self.patience)
    }

    fn note_wait(&self, time: Duration, behind: bool) {
        match &self.account {
            Some(account) if behind => account.waited_for_others(time),
            Some(account) => account.waited_for_answer(time),
            None => {}
        }
    }

    /// Where waits are noted, a server's refusals are noted too, and survived: those that ask for
    /// patience, and those that should never be given. Says whether it was one.
    fn note_refusal(&self, status: StatusCode, method: &Method, path: &str, said: &str) -> bool {
        let Some(account) = self.account.as_ref().filter(|_| status.is_server_error()) else {
            return false;
        };
        if is_away(status) {
            account.was_put_off();
        } else {
            account.got_broken(format!("{method} {path}: {said}"));
        }
        true
    }

    async fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        turn: usize,
    ) -> reqwest::Result<Response> {
        let address = match &self.place {
            Place::Front(address) => address.as_str(),
            Place::Services(services) => {
                let replicas = services.get(&routes::service_of(path));
                let replicas = replicas.map_or(&[][..], Vec::as_slice);
                replicas.get(turn % replicas.len().max(1)).map_or("", String::as_str)
            }
        };
        let mut request = self.http.request(method.clone(), format!("{address}{path}"));
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
        || status == StatusCode::INSUFFICIENT_STORAGE
        || status == StatusCode::TOO_MANY_REQUESTS
}

async fn read(response: Response) -> anyhow::Result<Value> {
    let text = response.text().await?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).context("the answer is no JSON")
}
