//! What can go wrong with a private node, and what to do about it.

use std::{io, time::Duration};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{program} is not installed: install it with `apt-get install {package}`")]
    Missing { program: &'static str, package: &'static str },
    #[error("cannot {what}: {source}")]
    Io { what: String, source: io::Error },
    #[error("{node} did not start: {cause}; the end of its log:\n{log}")]
    DidNotStart { node: &'static str, cause: String, log: String },
    #[error("`{command}` failed: {output}")]
    Command { command: String, output: String },
    #[error("`{command}` did not answer within {limit:?}")]
    TimedOut { command: String, limit: Duration },
    #[error("{node} is not running: restart it first")]
    NotRunning { node: &'static str },
    #[error("{name:?} is no name for a database: use small letters, digits and `_`, at most 63")]
    DatabaseName { name: String },
    #[error(
        "no account `postgres`: PostgreSQL refuses to run as root; install `postgresql`, or run as another user"
    )]
    NoAccount,
    #[error("no free loopback port found")]
    NoPort,
}

/// Says what was being done when an input or output error came up.
pub(crate) trait While<T> {
    fn while_doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> While<T> for io::Result<T> {
    fn while_doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { what: what(), source })
    }
}
