//! A file named in an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a file that is too large for an event, and proves that it is the one that was meant
/// (the claim check pattern).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileReference {
    /// Its name in the file store.
    pub key: String,
    /// Hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}
