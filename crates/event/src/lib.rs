//! What an event is: the [`Event`] trait, its [`Envelope`] (CloudEvents 1.0) and the typed ids that
//! travel in it.
//!
//! This crate knows serde and nothing of the world: no database, no broker, no runtime. The events
//! themselves are in `contract`; how they travel is the business of `bus`.

mod chance;
mod envelope;
mod file;
mod hear;
mod ids;
mod people;
mod person;
pub mod step;

pub use chance::{fill_seeded, fresh_uuid};
#[cfg(feature = "testing")]
pub use chance::{seed, unseed};
pub use envelope::{Envelope, EventId, MalformedEnvelope};
pub use file::FileReference;
pub use hear::{Anything, Hear};
pub use ids::{
    AddressChangeId, AttemptId, CertificateId, CourseId, DeliveryId, EnrolmentId, ExportId,
    InvitationId, LessonId, MessageId, OrganisationId, PasswordResetId, PersonId, QuestionId,
    QuizId, SectionId, derived_uuid,
};

pub use people::people;
pub use person::{Language, Role};

use serde::{Serialize, de::DeserializeOwned};

/// A fact that crosses a service's border.
///
/// Released events are promises: fields are added as optional, anything else is a `.v2` beside it.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Durable name: `<service>.<what-happened>.v<n>`, the CloudEvents `type`.
    const TYPE: &'static str;

    /// The aggregate's id, the CloudEvents `subject`.
    fn subject(&self) -> String;

    /// The aggregate's version where the event carries state; facts have none.
    fn version(&self) -> Option<u64> {
        None
    }
}

/// The service that owns an event type: `catalog` of `catalog.course-updated.v1`.
pub fn owner(event_type: &str) -> &str {
    event_type.split('.').next().unwrap_or(event_type)
}
