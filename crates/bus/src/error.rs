//! What can go wrong in the bus, for those who call it.

/// A database, or what was to be written to it, said no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
    /// An event or a job that does not serialise.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The transaction met an error which the caller swallowed; committing it would lose writes.
    #[error("not committed, for a statement in this transaction failed: {0}")]
    Poisoned(String),
    /// An event that no transport should have to carry: put the large part into a file.
    #[error("{event_type} would be {bytes} bytes, which is too large for an event")]
    TooLarge { event_type: &'static str, bytes: usize },
    #[error("{0}")]
    Configuration(String),
    #[error(transparent)]
    Transport(#[from] crate::transport::TransportError),
}

impl Error {
    /// Whether a unique constraint was hit: somebody else was first.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }
}
