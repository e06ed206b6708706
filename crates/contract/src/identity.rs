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
    /// Rises with every change; a copy takes only what is newer.
    pub version: u64,
    /// As the person writes it.
    pub name: String,
    /// Where mail reaches the person.
    pub mail: String,
    pub language: Language,
    /// IANA name, `Europe/Paris`.
    pub time_zone: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// When the account was opened.
    pub registered_at: DateTime<Utc>,
}

/// Somebody has an account. Carries who this is, as of the first version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonRegistered(pub Person);

/// A person changed: name, language, time zone or roles. Carries the whole state as of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonUpdated(pub Person);

/// Every service forgets what tells who this was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonErased {
    pub person: PersonId,
    /// The version after the last that told who this was.
    pub version: u64,
    /// When it was decided.
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

/// What others hold copies of: who there is.
pub const PERSONS: &str = "identity.persons";

event::named! {
    /// What there is, for those who hold copies of it: one page.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct Digest(event::step::Digest) = "identity.digest.v1";
    /// An answer to one follower: what it asked for and is not there.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesDisowned(event::step::Disowned) = "identity.copies-disowned.v1";
}
