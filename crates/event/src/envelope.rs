//! The envelope around an event: CloudEvents 1.0 attributes and the JSON data.
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Event, owner};

/// An event's id, UUIDv7: the same however often it is sent, and so the key of every inbox.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub Uuid);

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An event on its way. Its data stays text until a handler asks for it, so that what nobody here
/// understands can still be kept, shown and sent on unharmed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Envelope {
    pub id: EventId,
    /// `/estrade/<service>`
    pub source: String,
    #[serde(rename = "type")]
    pub event_type: String,
    pub subject: String,
    /// The aggregate's version, where the event carries state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    pub time: DateTime<Utc>,
    /// W3C trace context, so that one click can be followed through every queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// JSON, as it was sent.
    pub data: String,
}

/// An envelope that does not hold what its reader expects.
#[derive(Debug, thiserror::Error)]
pub enum MalformedEnvelope {
    #[error("{event_type} {id}: the data does not read as this type: {source}")]
    Data { event_type: String, id: EventId, source: serde_json::Error },
    #[error("{event_type} {id}: nobody here reads this type")]
    Type { event_type: String, id: EventId },
}

impl Envelope {
    /// Seals an event at the given time under a new id.
    ///
    /// # Errors
    /// When the event does not serialise to JSON (a map with keys that are no text, for example).
    pub fn seal<E: Event>(event: &E, time: DateTime<Utc>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: EventId(crate::fresh_uuid()),
            source: format!("/estrade/{}", owner(E::TYPE)),
            event_type: E::TYPE.to_owned(),
            subject: event.subject(),
            sequence: event.version(),
            time,
            traceparent: None,
            data: serde_json::to_string(event)?,
        })
    }

    /// Reads the data as one event type. The caller has looked at `event_type`.
    ///
    /// # Errors
    /// When the data does not fit the type.
    pub fn open<E: Event>(&self) -> Result<E, MalformedEnvelope> {
        serde_json::from_str(&self.data).map_err(|source| MalformedEnvelope::Data {
            event_type: self.event_type.clone(),
            id: self.id,
            source,
        })
    }

    /// The error of a reader that was given a type it does not read.
    #[must_use]
    pub fn unexpected(&self) -> MalformedEnvelope {
        MalformedEnvelope::Type { event_type: self.event_type.clone(), id: self.id }
    }

    /// The service that published it.
    #[must_use]
    pub fn owner(&self) -> &str {
        owner(&self.event_type)
    }
}
