//! Who is asking: a sealed session, in a cookie for browsers or as a bearer token for programs.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use chrono::{DateTime, Utc};
use event::{Language, PersonId, Role};
use serde::{Deserialize, Serialize};

use crate::{Problem, SealingKey, TEXTS, Ui, Unsealable, cookie};

const PURPOSE: &str = "session";

/// A person who is signed in. Extracting it refuses those who are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub person: PersonId,
    pub roles: Vec<Role>,
    pub language: Language,
    pub expires: DateTime<Utc>,
}

impl Session {
    /// The cookie's name.
    pub const COOKIE: &'static str = "estrade_session";

    /// The text that a cookie or a bearer token holds.
    ///
    /// # Errors
    /// Never in practice: a session serialises.
    pub fn seal(&self, key: &SealingKey) -> Result<String, Unsealable> {
        key.seal(PURPOSE, self)
    }

    /// Reads it back, if it has not expired at `now`.
    ///
    /// # Errors
    /// When it was not sealed here, was changed, or has expired.
    pub fn open(key: &SealingKey, text: &str, now: DateTime<Utc>) -> Result<Self, Unsealable> {
        let session: Self = key.open(PURPOSE, text)?;
        if session.expires <= now { Err(Unsealable) } else { Ok(session) }
    }

    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Refuses whoever has none of these roles.
    ///
    /// # Errors
    /// 403, saying which role is needed.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.iter().any(|role| self.is(*role)) {
            return Ok(());
        }
        let detail = format!("this needs one of the roles {roles:?}; ask an administrator");
        Err(Problem::forbidden(detail).worded(&TEXTS, "wrong-role", []))
    }

    pub(crate) fn from_headers(key: &SealingKey, headers: &HeaderMap) -> Option<Self> {
        let text = bearer(headers).or_else(|| cookie::value(headers, Self::COOKIE))?;
        Self::open(key, text, Utc::now()).ok()
    }
}

impl<S> FromRequestParts<S> for Session
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::from_headers(Ui::from_ref(state).key(), &parts.headers).ok_or_else(|| {
            Problem::unauthorised(
                "sign in first, or send a token from POST /api/v1/tokens as “Authorization: Bearer …”",
            )
        })
    }
}

/// A session, or nobody: for pages that everyone may see.
#[derive(Clone, Debug)]
pub struct MaybeSession(pub Option<Session>);

impl<S> FromRequestParts<S> for MaybeSession
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Session::from_headers(Ui::from_ref(state).key(), &parts.headers)))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::http::HeaderValue;
    use chrono::TimeDelta;

    use super::*;

    fn session(expires: DateTime<Utc>) -> Session {
        let (person, language) = (PersonId::new(), Language::Fr);
        Session { person, roles: vec![Role::Learner], language, expires }
    }

    #[test]
    fn it_ends_when_it_expires() {
        let (key, now) = (SealingKey::new(&[1; 32]), Utc::now());
        let session = session(now);
        let text = session.seal(&key).unwrap();
        assert_eq!(Session::open(&key, &text, now - TimeDelta::seconds(1)).unwrap(), session);
        assert!(Session::open(&key, &text, now).is_err());
    }

    /// A request with a broken token is nobody's, even if a cookie comes along: it escapes the check
    /// for other sites only as what it says it is.
    #[test]
    fn a_bearer_token_stands_before_the_cookie() {
        let key = SealingKey::new(&[1; 32]);
        let session = session(Utc::now() + TimeDelta::hours(1));
        let text = session.seal(&key).unwrap();
        let mut headers = HeaderMap::new();
        let cookie = format!("a=b; {}={text}", Session::COOKIE);
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookie).unwrap());
        assert_eq!(Session::from_headers(&key, &headers), Some(session));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer broken"));
        assert_eq!(Session::from_headers(&key, &headers), None);
    }

    #[test]
    fn a_role_that_is_missing_is_named() {
        let refused = session(Utc::now()).require(&[Role::Administrator]).unwrap_err();
        assert_eq!(refused.status, 403);
        assert!(refused.detail.contains("Administrator"));
    }
}
