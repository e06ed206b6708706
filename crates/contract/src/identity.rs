//! What `identity` tells: who there is. The only events that hold a name or a mail address.

use chrono::{DateTime, Utc};
use event::PersonId;
pub use event::{Language, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event;

/// A person as of a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub person: PersonId,
    pub version: u64,
    pub name: String,
    pub mail: String,
    pub language: Language,
    /// IANA name, `Europe/Paris`.
    pub time_zone: String,
    pub roles: Vec<Role>,
    pub registered_at: DateTime<Utc>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonRegistered(pub Person);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonUpdated(pub Person);

/// Every service forgets what tells who this was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonErased {
    pub person: PersonId,
    pub version: u64,
    pub erased_at: DateTime<Utc>,
}

impl event::Event for PersonRegistered {
    const TYPE: &'static str = "identity.person-registered.v1";
    fn subject(&self) -> String {
        self.0.person.to_string()
    }
    fn version(&self) -> Option<u64> {
        Some(self.0.version)
    }
}

impl event::Event for PersonUpdated {
    const TYPE: &'static str = "identity.person-updated.v1";
    fn subject(&self) -> String {
        self.0.person.to_string()
    }
    fn version(&self) -> Option<u64> {
        Some(self.0.version)
    }
}

event!(PersonErased, "identity.person-erased.v1", person, version version);

event::one_of! {
    /// Whatever happens to a person's record: what a copy of it follows.
    pub enum PersonChange {
        Registered(PersonRegistered),
        Updated(PersonUpdated),
        Erased(PersonErased),
    }
}
