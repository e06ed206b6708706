//! The account of whoever asks, as it is now: a session knows a person's roles and language alone.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use bus::Db;
use event::Role;
use ui::{Problem, Session, Ui};

use crate::{TEXTS, domain::Person, store};

/// Extracting it refuses those who are not signed in.
pub(crate) struct Account {
    pub(crate) person: Person,
    pub(crate) session: Session,
}

impl<S> FromRequestParts<S> for Account
where
    Db: FromRef<S>,
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, state).await?;
        let known = store::person(&Db::from_ref(state), session.person).await;
        let known = known.map_err(|error| Problem::unavailable(&error))?;
        let person = known.ok_or_else(|| {
            Problem::unauthorised(
                "this account is no longer there: register, or sign in with another",
            )
        })?;
        Ok(Self { person, session })
    }
}

impl Account {
    /// By the roles that the person has now.
    pub(crate) fn require_administrator(&self) -> Result<(), Problem> {
        if self.person.roles.contains(Role::Administrator) {
            return Ok(());
        }
        let problem = Problem::forbidden("only administrators may do this; ask one");
        Err(problem.worded(&TEXTS, "administrators-only", []))
    }
}
