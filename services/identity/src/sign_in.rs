//! Coming in: registering, signing in, how often a password was wrong, and the session that follows.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use event::PersonId;
use ui::{Problem, Session};

use crate::{
    App,
    commands::{self, CommandError, NewPerson, passwords},
    domain::{Mail, Password, Person},
    password::{self, HashingError},
    store,
};

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// One answer for both, so that nobody learns who has an account.
    #[error(
        "the mail address or the password is wrong: check both, or register with POST /api/v1/people"
    )]
    Wrong,
    #[error("too many wrong passwords: try again in {0} seconds")]
    TooMany(u32),
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error(transparent)]
    Bus(#[from] bus::Error),
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match &error {
            SignInError::Wrong => Self::unauthorised(error.to_string()),
            SignInError::TooMany(wait) => CommandError::TooMany(*wait).into(),
            SignInError::Hashing(cause) => Self::unavailable(cause),
            SignInError::Bus(cause) => Self::unavailable(cause),
        }
    }
}

/// Finds out whose mail address and password these are.
pub(crate) async fn sign_in(
    app: &App,
    mail: &str,
    password: &str,
    origin: Origin,
) -> Result<Person, SignInError> {
    let (Ok(mail), Some(password)) = (Mail::parse(mail), Password::claim(password)) else {
        return Err(SignInError::Wrong);
    };
    let now = app.db.now();
    let guess = app.limits.guess(origin.0, now).map_err(SignInError::TooMany)?;
    let begun =
        app.limits.passwords.begin(&mail.key(), origin.0, now).map_err(SignInError::TooMany)?;
    let hash = store::password_hash(&app.db, &mail).await?;
    if !password::verify(password, hash).await? {
        return Err(SignInError::Wrong);
    }
    app.limits.passwords.take_back(&begun);
    app.limits.was_right(guess);
    store::person_by_mail(&app.db, &mail).await?.ok_or(SignInError::Wrong)
}

/// Registers a person. Addresses that have an account already are counted: nobody finds out whole lists of
/// them. So are accounts: nobody opens them without end.
pub(crate) async fn register(
    app: &App,
    new: NewPerson,
    origin: Origin,
) -> Result<Person, CommandError> {
    let now = app.db.now();
    let account = app.limits.open_account(origin.0, now).map_err(CommandError::TooMany)?;
    let guess = app.limits.guess(origin.0, now).map_err(CommandError::TooMany)?;
    let registered = commands::register_person(&app.db, new).await;
    if registered.is_err() {
        app.limits.was_not_opened(account);
    }
    if !matches!(registered, Err(CommandError::MailTaken)) {
        app.limits.was_right(guess);
    }
    registered
}

/// Whether somebody who is signed in knows the password: tries are counted for each person apart.
pub(crate) async fn confirm(
    app: &App,
    person: PersonId,
    password: &str,
) -> Result<bool, CommandError> {
    let begun = app.limits.passwords.begin(&person.to_string(), None, app.db.now());
    let begun = begun.map_err(CommandError::TooMany)?;
    let is_right = passwords::is_password_of(&app.db, person, password).await?;
    if is_right {
        app.limits.passwords.take_back(&begun);
    }
    Ok(is_right)
}

/// The session of somebody who signs in now.
pub(crate) fn session(person: &Person, now: DateTime<Utc>) -> Session {
    session_until(person, now + Session::LASTS)
}

pub(crate) fn session_until(person: &Person, expires: DateTime<Utc>) -> Session {
    Session {
        person: person.id,
        roles: person.roles.as_slice().to_vec(),
        language: person.language,
        expires,
    }
}

/// The address that a request comes from, where the server tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin(pub(crate) Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(address.map(|ConnectInfo(address)| address.ip())))
    }
}
