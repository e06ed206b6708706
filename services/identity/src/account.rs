//! The account of whoever asks, as it is now: a session may outlive a role, a password, or the account
//! itself.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use bus::Db;
use event::Role;
use ui::{Problem, Session, Ui};

use crate::{TEXTS, domain::Person, sign_in, store};

/// Extracting it refuses those who are not signed in, and sessions that no longer hold.
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
        Self::of(&Db::from_ref(state), session).await?.ok_or_else(|| {
            Problem::unauthorised(
                "this account is no longer there: register, or sign in with another",
            )
        })
    }
}

impl Account {
    /// None if the account is no longer there; a session that no longer holds is refused.
    pub(crate) async fn of(db: &Db, session: Session) -> Result<Option<Self>, Problem> {
        let known = store::account(db, session.person).await;
        match known.map_err(|error| Problem::unavailable(&error))? {
            Some((person, from)) if sign_in::is_since(&session, from) => {
                Ok(Some(Self { person, session }))
            }
            Some(_) => Err(Problem::unauthorised("the password was changed: sign in again")),
            None => Ok(None),
        }
    }

    /// By the roles that the person has now.
    pub(crate) fn require_administrator(&self) -> Result<(), Problem> {
        if self.person.roles.contains(Role::Administrator) {
            return Ok(());
        }
        let problem = Problem::forbidden("only administrators may do this; ask one");
        Err(problem.worded(&TEXTS, "administrators-only", []))
    }
}
