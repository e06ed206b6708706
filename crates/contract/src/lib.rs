//! Every event that crosses a service's border, one file for each owner.
//!
//! A released event is a promise: fields are added as optional, anything else is a `.v2` beside the
//! `.v1`. `schemas/` and `samples/` hold each event's frozen JSON Schema and one sample; a test reads
//! every sample with today's types. Personal data (name, address, mail) is in `identity` alone, so
//! that erasing has one owner. Nothing here knows a database, a broker or a runtime.

pub mod assessment;
pub mod catalog;
pub mod certification;
pub mod identity;
pub mod learning;
pub mod notification;

use event::Event;
use schemars::{JsonSchema, Schema};

/// One event type, as documents, checks and frozen samples see it.
#[derive(Clone, Copy)]
pub struct Described {
    pub event_type: &'static str,
    pub schema: fn() -> Schema,
    /// Reads a sample with today's type and writes it again; the error says what does not fit.
    pub reread: fn(&str) -> Result<serde_json::Value, serde_json::Error>,
}

impl Described {
    const fn of<E: Event + JsonSchema>() -> Self {
        Self { event_type: E::TYPE, schema: || schemars::schema_for!(E), reread: reread::<E> }
    }
}

fn reread<E: Event>(sample: &str) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<E>(sample)?)
}

/// All events, in the order of their owners.
pub const ALL: &[Described] = &[
    Described::of::<identity::PersonRegistered>(),
    Described::of::<identity::PersonUpdated>(),
    Described::of::<identity::PersonErased>(),
    Described::of::<catalog::CoursePublished>(),
    Described::of::<catalog::CourseUpdated>(),
    Described::of::<catalog::CourseWithdrawn>(),
    Described::of::<catalog::LessonPublished>(),
    Described::of::<catalog::LessonUpdated>(),
    Described::of::<catalog::LessonWithdrawn>(),
    Described::of::<learning::LearnerEnrolled>(),
    Described::of::<learning::EnrolmentCancelled>(),
    Described::of::<learning::LessonRead>(),
    Described::of::<learning::CourseCompleted>(),
    Described::of::<assessment::AttemptSubmitted>(),
    Described::of::<assessment::AttemptAwaitsMarking>(),
    Described::of::<assessment::AttemptGraded>(),
    Described::of::<certification::CertificateIssued>(),
    Described::of::<certification::CertificateRevoked>(),
    Described::of::<notification::DeliverySent>(),
    Described::of::<notification::DeliveryFailed>(),
    Described::of::<notification::DeliverySuppressed>(),
];

/// Implements [`Event`] from a durable name, the field that is the subject, and, for an event that
/// carries state, the field that is its version.
macro_rules! event {
    ($event:ident, $name:literal, $subject:ident $(. $field:ident)*) => {
        impl event::Event for $event {
            const TYPE: &'static str = $name;
            fn subject(&self) -> String {
                self.$subject$(.$field)*.to_string()
            }
        }
    };
    ($event:ident, $name:literal, $subject:ident $(. $field:ident)*, version $version:ident $(. $inner:ident)*) => {
        impl event::Event for $event {
            const TYPE: &'static str = $name;
            fn subject(&self) -> String {
                self.$subject$(.$field)*.to_string()
            }
            fn version(&self) -> Option<u64> {
                Some(self.$version$(.$inner)*)
            }
        }
    };
}
pub(crate) use event;
