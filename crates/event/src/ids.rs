//! Typed ids: a `PersonId` is no `CourseId`, though both are UUIDs on the wire and in the database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, ordered by the time of its making (UUIDv7).
            #[must_use]
            #[allow(clippy::new_without_default, reason = "two calls never give the same id")]
            pub fn new() -> Self {
                Self(crate::fresh_uuid())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

typed_id! {
    /// A person with an account: learner, instructor, administrator, operator.
    PersonId;
    CourseId;
    SectionId;
    LessonId;
    QuizId;
    QuestionId;
    /// One try of one learner at one quiz.
    AttemptId;
    /// One learner's seat in one course.
    EnrolmentId;
    CertificateId;
    /// One message of an instructor to all who take a course.
    MessageId;
    /// One message to one person over one channel.
    DeliveryId;
    /// Somebody asked to open an account by mail; sent again it stays the same.
    InvitationId;
    /// One forgotten password.
    PasswordResetId;
    /// One wish to be reached at another mail address.
    AddressChangeId;
    /// One time that a person asked for everything that is kept of them.
    ExportId;
    /// Whose platform it is.
    OrganisationId;
}

/// The id that two services reach independently for the same thing: a UUIDv5 of its name within
/// its parent. It is how a catalogue's course and an assessment's quiz agree without asking.
#[must_use]
pub fn derived_uuid(parent: Uuid, name: &str) -> Uuid {
    Uuid::new_v5(&parent, name.as_bytes())
}
