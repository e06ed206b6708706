//! The shape in which each service tells that its part of an export is written. Each has a name of its
//! own for it, made with [`event::named!`].

use chrono::{DateTime, Utc};
use event::{ExportId, FileReference, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one service keeps of a person, as a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    pub export: ExportId,
    pub person: PersonId,
    /// JSON in the file store, for `identity` to collect and to delete.
    pub file: FileReference,
    /// Documents that belong to it, such as certificates. They stay their owner's.
    #[serde(default)]
    pub documents: Vec<FileReference>,
    /// When it was written.
    pub made_at: DateTime<Utc>,
}

impl Part {
    #[must_use]
    pub fn subject(&self) -> String {
        self.export.to_string()
    }
}
