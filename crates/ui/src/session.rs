//! Who is asking: a sealed session, in a cookie for browsers or as a bearer token for programs; and whether
//! it is over before its time, which the service that is asked has been told.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use event::{Language, PersonId, Role};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

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

    /// How long it opens what it opens.
    pub const LASTS: TimeDelta = TimeDelta::hours(12);

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

    /// As it was sealed; whether it was ended since is another question.
    pub(crate) fn sealed(ui: &Ui, headers: &HeaderMap) -> Option<Self> {
        let text = bearer(headers).or_else(|| cookie::value(headers, Self::COOKIE))?;
        Self::open(ui.key(), text, Utc::now()).ok()
    }

    /// Whether it began after all before was ended.
    fn is_since(&self, since: Option<DateTime<Utc>>) -> bool {
        since.is_none_or(|since| self.expires - Self::LASTS >= since)
    }
}

/// Tells since when a person's session must have begun: see [`Ui::with_sessions`].
pub(crate) type Since = Arc<dyn Fn(PersonId) -> Told + Send + Sync>;
pub(crate) type Told = BoxFuture<'static, Result<Option<DateTime<Utc>>, Problem>>;

/// Whose a request is. Asked once, however many arguments of a handler want to know.
#[derive(Clone, Default)]
pub(crate) struct Asker(Arc<OnceCell<Result<Option<Session>, Problem>>>);

impl Asker {
    pub(crate) async fn session(
        &self,
        ui: &Ui,
        headers: &HeaderMap,
    ) -> Result<Option<Session>, Problem> {
        self.0.get_or_init(|| holding(ui, headers)).await.clone()
    }
}

/// The session of a request, if it still holds.
async fn holding(ui: &Ui, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
    let Some(session) = Session::sealed(ui, headers) else {
        return Ok(None);
    };
    let Some(since) = ui.since() else {
        let detail = "nobody here can tell whether a session still holds";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let since = since(session.person).await?;
    Ok(Some(session).filter(|session| session.is_since(since)))
}

/// Of the request that an extractor looks at.
pub(crate) async fn session<S>(parts: &mut Parts, state: &S) -> Result<Option<Session>, Problem>
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    let asker = parts.extensions.get_or_insert_default::<Asker>().clone();
    asker.session(&Ui::from_ref(state), &parts.headers).await
}

impl<S> FromRequestParts<S> for Session
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        session(parts, state).await?.ok_or_else(|| {
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
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(session(parts, state).await?))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{
        convert::Infallible,
        io,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        Router,
        body::Body,
        http::{HeaderValue, Request},
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;
    use crate::Visit;

    fn outside() -> Ui {
        Ui::new(SealingKey::new(&[1; 32]), "http://localhost")
    }

    /// Of a page whose handler asks twice who came, to somebody with this session.
    async fn answer(ui: &Ui, session: &Session) -> StatusCode {
        let text = session.seal(ui.key()).unwrap();
        let page = Router::new().route("/", get(async |_: Visit, _: Session| "in"));
        let outside = crate::secure(page.with_state(ui.clone()), ui);
        let request = Request::get("/").header("cookie", format!("{}={text}", Session::COOKIE));
        outside.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    }

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
        let ui = outside();
        let session = session(Utc::now() + TimeDelta::hours(1));
        let text = session.seal(ui.key()).unwrap();
        let mut headers = HeaderMap::new();
        let cookie = format!("a=b; {}={text}", Session::COOKIE);
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookie).unwrap());
        assert_eq!(Session::sealed(&ui, &headers), Some(session));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer broken"));
        assert_eq!(Session::sealed(&ui, &headers), None);
    }

    #[tokio::test]
    async fn what_began_before_everything_was_ended_is_over() {
        let began = Utc::now() - TimeDelta::hours(1);
        let session = session(began + Session::LASTS);
        let second = TimeDelta::seconds(1);
        for (since, expected) in [
            (None, StatusCode::OK),
            (Some(began - second), StatusCode::OK),
            (Some(began), StatusCode::OK),
            (Some(began + second), StatusCode::SEE_OTHER),
        ] {
            let ui = outside().with_sessions(move |_| async move { Ok::<_, Infallible>(since) });
            assert_eq!(answer(&ui, &session).await, expected, "{since:?}");
        }
    }

    #[tokio::test]
    async fn nobody_is_let_in_where_nobody_can_tell() {
        let session = session(Utc::now() + Session::LASTS);
        assert_eq!(answer(&outside(), &session).await, StatusCode::SERVICE_UNAVAILABLE);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let away = outside().with_sessions(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Err(io::Error::other("away")) }
        });
        assert_eq!(answer(&away, &session).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "for both arguments and the page that says so");
    }

    #[test]
    fn a_role_that_is_missing_is_named() {
        let refused = session(Utc::now()).require(&[Role::Administrator]).unwrap_err();
        assert_eq!(refused.status, 403);
        assert!(refused.detail.contains("Administrator"));
    }
}
