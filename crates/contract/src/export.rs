//! The shape in which each service tells that its part of an export is written, and what writing it takes.
//! Each has a name of its own for the event, made with [`event::named!`].

use chrono::{DateTime, Utc};
use event::{ExportId, FileReference, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

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

/// Whose part is being written, and of which export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub export: ExportId,
    pub person: PersonId,
    pub documents: Vec<FileReference>,
}

impl Asked {
    /// Where all parts of an export lie.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("exports/{}", self.export)
    }

    /// What to tell once it is written.
    #[must_use]
    pub fn written(&self, file: FileReference, made_at: DateTime<Utc>) -> Part {
        let documents = self.documents.clone();
        Part { export: self.export, person: self.person, file, documents, made_at }
    }
}

/// Serialises a text that holds JSON as what it holds, for tables that keep it so.
///
/// # Errors
/// Those of the serialiser.
pub fn as_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str(text).unwrap_or(Value::Null).serialize(serializer)
}
