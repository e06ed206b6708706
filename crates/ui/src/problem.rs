//! A refusal that helps: `application/problem+json`, RFC 9457.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use event::Language;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Argument, StaticLoader, text_with};

/// Why something was refused, and what to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The same for every problem of its kind.
    pub title: Cow<'static, str>,
    /// What happened here, and what to do about it.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Seconds; said in the header.
    #[serde(skip)]
    retry_after: Option<u32>,
    /// Of the detail.
    #[serde(skip)]
    pub(crate) language: Language,
    #[serde(skip)]
    wording: Option<Box<Wording>>,
}

/// The detail in every language, for pages.
#[derive(Clone, Debug)]
struct Wording {
    en: String,
    fr: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    pub detail: String,
}

impl Problem {
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Refused");
        Self {
            status: status.as_u16(),
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            language: Language::En,
            wording: None,
        }
    }

    /// Says the same to people, in whichever language they read: a message of the crate's own, which a page
    /// shows in the place of the detail. `Problem::conflict("…").worded(&TEXTS, "already-graded", [])`.
    #[must_use]
    pub fn worded<const N: usize>(
        self,
        texts: &StaticLoader,
        key: &str,
        arguments: [(&'static str, Argument<'_>); N],
    ) -> Self {
        let say = |language| text_with(texts, language, key, &arguments);
        let wording = Wording { en: say(Language::En), fr: say(Language::Fr) };
        Self { wording: Some(Box::new(wording)), ..self }
    }

    /// The detail for a page, if it was [`worded`](Self::worded).
    #[must_use]
    pub fn in_words(&self, language: Language) -> Option<&str> {
        let wording = self.wording.as_deref()?;
        Some(match language {
            Language::En => &wording.en,
            Language::Fr => &wording.fr,
        })
    }

    /// Says that the detail is in this language; without it, it is English.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// 400: it cannot even be read.
    #[must_use]
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401.
    #[must_use]
    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 403.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 409: not in the present state.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 422: readable, and wrong in one field.
    #[must_use]
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail.clone());
        problem.errors.push(FieldProblem { field: field.into(), detail });
        problem
    }

    /// 429: again in so many seconds.
    #[must_use]
    pub fn too_many(detail: impl Into<String>, seconds: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).after(seconds)
    }

    /// Says in how many seconds it may be tried again.
    #[must_use]
    pub fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// 503: not this request's fault; logged here, once, and not told to the one who asks.
    #[must_use]
    pub fn unavailable(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a request could not be served");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "this cannot be served right now; nothing was changed: try again in a moment",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // For `secure`, which shows it as a page to those who read pages.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TEXTS;

    #[test]
    fn a_worded_problem_speaks_to_programs_and_to_people() {
        let problem =
            Problem::forbidden("too big").worded(&TEXTS, "wrong-size", [("megabytes", 5.into())]);
        assert_eq!(problem.detail, "too big");
        assert!(problem.in_words(Language::Fr).is_some_and(|words| words.contains("5\u{a0}Mo")));
        assert_eq!(Problem::forbidden("no").in_words(Language::Fr), None);
    }
}
