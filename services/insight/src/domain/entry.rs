//! What of an event belongs in a person's timeline: who, what, when, and the ids of what it was
//! about. Nothing else of the event is kept, so that nothing personal is.

use std::collections::BTreeMap;

use contract::identity::{PasswordResetRequested, PersonErased, SessionsEnded};
use event::{Envelope, Event as _};
use serde_json::Value;
use uuid::Uuid;

/// The fields that name a person to whom something happened.
const PERSON_FIELDS: &[&str] = &["learner", "person"];

/// One event in one person's timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub field: &'static str,
    pub person: Uuid,
    pub course: Option<Uuid>,
    /// The other ids in the event, by their fields' names.
    pub ids: BTreeMap<String, Uuid>,
}

/// A person in a batch of events, and whether one of them erases this person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Person {
    pub person: Uuid,
    pub erased: bool,
}

/// Whether an event belongs in a timeline. Who forgot a password or chose another is nobody's business, and
/// of an export only that it was asked for and that it is there: its parts are the services' own.
#[must_use]
pub fn is_kept(event_type: &str) -> bool {
    ![PasswordResetRequested::TYPE, SessionsEnded::TYPE].contains(&event_type)
        && !event_type.ends_with(".export-part-ready.v1")
}

/// The entries that an event makes. One that names nobody, or that cannot be read, makes none.
#[must_use]
pub fn entries(envelope: &Envelope) -> Vec<(Entry, Person)> {
    if !is_kept(&envelope.event_type) {
        return Vec::new();
    }
    let Ok(Value::Object(data)) = serde_json::from_str(&envelope.data) else {
        return Vec::new();
    };
    let id = |value: &Value| value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    let mut ids: BTreeMap<String, Uuid> =
        data.iter().filter_map(|(field, value)| Some((field.clone(), id(value)?))).collect();
    let people: Vec<_> =
        PERSON_FIELDS.iter().filter_map(|field| Some((*field, ids.remove(*field)?))).collect();
    // The teacher of a course is no part of what happened to others.
    ids.remove("instructor");
    let course = ids.get("course").copied();
    let erased = envelope.event_type == PersonErased::TYPE;
    let entry = |(field, person)| {
        (Entry { field, person, course, ids: ids.clone() }, Person { person, erased })
    };
    people.into_iter().map(entry).collect()
}

/// The message that tells an event type: `timeline-learning-learner-enrolled-v1`.
#[must_use]
pub fn sentence_key(event_type: &str) -> String {
    format!("timeline-{}", event_type.replace('.', "-"))
}
