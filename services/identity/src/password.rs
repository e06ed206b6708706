//! Hashing passwords with argon2id, away from the threads that serve requests.

use std::sync::LazyLock;

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{self, PasswordHash, SaltString, rand_core::OsRng},
};
use tokio::sync::Semaphore;

use crate::domain::Password;

/// Hashing takes 19 MiB and a core for its time: two at once leave room for everything else.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What a wrong mail address is checked against, so that it takes as long as a wrong password.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_now(SaltString::generate(&mut OsRng).as_str().as_bytes()).ok());

#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    #[error("the password cannot be hashed: {0}")]
    Hash(password_hash::Error),
    #[error("hashing was broken off")]
    BrokenOff,
}

/// By hand, for the hasher's error is no `std::error::Error`.
impl From<password_hash::Error> for HashingError {
    fn from(error: password_hash::Error) -> Self {
        Self::Hash(error)
    }
}

/// The hash to store, in PHC form with its own salt and cost.
pub(crate) async fn hash(password: Password) -> Result<String, HashingError> {
    in_turn(move || hash_now(password.bytes())).await
}

/// Whether the password is the one of this hash. Without a hash it is not, after the same time.
pub(crate) async fn verify(password: Password, hash: Option<String>) -> Result<bool, HashingError> {
    in_turn(move || {
        let known = hash.is_some();
        let Some(hash) = hash.as_deref().or(NOBODY.as_deref()) else {
            return Ok(false);
        };
        let hash = PasswordHash::new(hash)?;
        Ok(cost().verify_password(password.bytes(), &hash).is_ok() && known)
    })
    .await
}

/// OWASP's first recommendation: 19 MiB, two passes, one lane; 40 ms on a busy core.
fn cost() -> Argon2<'static> {
    Argon2::default()
}

fn hash_now(password: &[u8]) -> Result<String, HashingError> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(cost().hash_password(password, &salt)?.to_string())
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
) -> Result<T, HashingError> {
    let turn = TURNS.acquire().await.map_err(|_| HashingError::BrokenOff)?;
    // The turn goes along: who gives up waiting does not free a core that is still at work.
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
    .map_err(|_| HashingError::BrokenOff)?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let claim = |text: &str| Password::claim(text).unwrap();
        let stored = hash(claim("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, hash(claim("correct horse")).await.unwrap());
        assert!(verify(claim("correct horse"), Some(stored.clone())).await.unwrap());
        assert!(!verify(claim("correct hors"), Some(stored)).await.unwrap());
        assert!(!verify(claim("correct horse"), None).await.unwrap());
    }

    /// The decoy must cost what a real hash costs, or time would tell who has an account.
    #[test]
    fn nobody_s_hash_costs_the_same() {
        let decoy = NOBODY.as_deref().unwrap();
        assert!(decoy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{decoy}");
    }
}
