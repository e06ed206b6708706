//! Reading what comes in: axum's extractors with refusals that are [`Problem`]s.
//!
//! PostgreSQL stores no NUL character, so none gets past here.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Problem, TEXTS};

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(axum::http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        if !is_json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send JSON, with “Content-Type: application/json”",
            ));
        }
        refuse_nul(&body)?;
        axum::Json::from_bytes(&body).map(|axum::Json(value)| Self(value)).map_err(unreadable)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn unreadable(rejection: JsonRejection) -> Problem {
    Problem::new(rejection.status(), rejection.body_text())
}

fn refuse_nul(body: &[u8]) -> Result<(), Problem> {
    if body.contains(&0) || escapes_nul(body) {
        return Err(nul("the text holds a NUL character: take it out"));
    }
    Ok(())
}

/// Whether it holds `\u0000`, and not the text of it, whose backslash is escaped itself.
fn escapes_nul(body: &[u8]) -> bool {
    let is_escape = |at: usize| {
        let backslashes = || body[..=at].iter().rev().take_while(|byte| **byte == b'\\').count();
        body[at..].starts_with(br"\u0000") && !backslashes().is_multiple_of(2)
    };
    body.iter().enumerate().any(|(at, byte)| *byte == b'\\' && is_escape(at))
}

/// The variable parts of the address.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found("no address holds a NUL character").worded(
                &TEXTS,
                "refused-404-help",
                [],
            ));
        }
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection| {
                Problem::not_found(rejection.body_text()).worded(&TEXTS, "refused-404-help", [])
            })
    }
}

/// What stands behind the question mark.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(nul("the query holds a NUL character: take it out"));
        }
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| {
                Problem::unreadable(rejection.body_text()).worded(&TEXTS, "wrong-query", [])
            })
    }
}

/// A form that was posted, `application/x-www-form-urlencoded`.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Submitted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(whole, state)
            .await
            .map_err(|rejection| wrong_form(rejection.status(), rejection.body_text()))?;
        if body.contains(&0) || body.windows(3).any(|window| window == b"%00") {
            return Err(nul("the text holds a NUL character: take it out"));
        }
        axum::Form::<T>::from_request(Request::from_parts(parts, body.into()), state)
            .await
            .map(|axum::Form(value)| Self(value))
            .map_err(|rejection| wrong_form(rejection.status(), rejection.body_text()))
    }
}

/// A form's fields as they came, for forms whose fields are not known beforehand or come several times:
/// `Submitted(answers): Submitted<ui::Answers>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub Vec<(String, String)>);

impl Answers {
    /// The first of this name; empty if there is none, as a field that was left empty.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All of this name: a group of boxes, or lines that repeat.
    pub fn all<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether there is one of this name: a box that is ticked, a button that was pressed.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

fn wrong_form(status: StatusCode, detail: String) -> Problem {
    let key = if status == StatusCode::PAYLOAD_TOO_LARGE { "wrong-length" } else { "wrong-form" };
    Problem::new(status, detail).worded(&TEXTS, key, [])
}

fn nul(detail: &str) -> Problem {
    Problem::unreadable(detail).worded(&TEXTS, "wrong-character", [])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{
        Router,
        body::Body,
        routing::{get, post},
    };
    use tower::ServiceExt;

    use super::*;

    #[derive(Deserialize)]
    struct Named {
        name: String,
    }

    async fn status(method: &str, address: &str, kind: &str, body: &[u8]) -> StatusCode {
        let router: Router = Router::new()
            .route("/json", post(async |Json(named): Json<Named>| named.name))
            .route(
                "/many",
                post(async |Submitted(many): Submitted<Answers>| {
                    assert_eq!(many.all("a").collect::<Vec<_>>(), ["1", "2"]);
                    assert!(many.has("b") && !many.has("c") && many.get("c").is_empty());
                }),
            )
            .route("/form", post(async |Submitted(named): Submitted<Named>| named.name))
            .route("/query", get(async |Query(named): Query<Named>| named.name))
            .route("/path/{number}", get(async |Path(number): Path<u8>| number.to_string()));
        let request = Request::builder().method(method).uri(address).header("content-type", kind);
        let request = request.body(Body::from(body.to_vec())).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        if answer.status() != StatusCode::OK {
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
        }
        answer.status()
    }

    #[tokio::test]
    async fn hostile_input_is_refused_as_a_problem() {
        let (json, form) = ("application/json", "application/x-www-form-urlencoded");
        let cases: &[(&str, &str, &str, &[u8], u16)] = &[
            ("POST", "/json", json, br#"{"name": "Ana"}"#, 200),
            ("POST", "/json", json, br#"{"name": "A\u0000"}"#, 400),
            ("POST", "/json", json, br#"{"name": "the text \\u0000"}"#, 200),
            ("POST", "/json", json, br#"{"name": "A\\\u0000"}"#, 400),
            ("POST", "/json", json, b"{", 400),
            ("POST", "/json", json, b"\xff\xfe", 400),
            ("POST", "/json", json, br#"{"name": 1}"#, 422),
            ("POST", "/json", "text/plain", br#"{"name": "Ana"}"#, 415),
            ("POST", "/form", form, b"name=Ana", 200),
            ("POST", "/form", form, b"name=A%00", 400),
            ("POST", "/many", form, b"a=1&b=&a=2", 200),
            ("POST", "/form", form, b"other=1", 422),
            ("POST", "/form", json, b"name=Ana", 415),
            ("GET", "/query?name=Ana", json, b"", 200),
            ("GET", "/query?name=A%00", json, b"", 400),
            ("GET", "/query", json, b"", 400),
            ("GET", "/path/7", json, b"", 200),
            ("GET", "/path/700", json, b"", 404),
            ("GET", "/path/%00", json, b"", 404),
        ];
        for (method, address, kind, body, expected) in cases {
            let answered = status(method, address, kind, body).await;
            assert_eq!(answered, *expected, "{method} {address} {}", String::from_utf8_lossy(body));
        }
        let deep = format!("{{\"name\": {}", "[".repeat(100_000));
        assert_eq!(status("POST", "/json", json, deep.as_bytes()).await, 422);
    }
}
