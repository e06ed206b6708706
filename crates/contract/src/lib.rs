//! Every event that crosses a service's border, one file for each owner; and, in [`own`], what a service
//! tells itself alone.
//!
//! A released event is a promise: fields are added as optional, anything else is a `.v2` beside the
//! `.v1`. `schemas/` and `samples/` hold each event's frozen JSON Schema and one sample; a test reads
//! every sample with today's types. Personal data (name, address, mail) is in `identity` alone, so
//! that erasing has one owner. Nothing here knows a database, a broker or a runtime.

pub mod assessment;
pub mod catalog;
pub mod certification;
pub mod export;
pub mod identity;
pub mod insight;
pub mod learning;
pub mod notification;
pub mod own;
pub mod step;

use event::Event;
use schemars::{JsonSchema, Schema};

/// One event type, as documents, checks and frozen samples see it.
#[derive(Clone, Copy)]
pub struct Described {
    pub event_type: &'static str,
    pub schema: fn() -> Schema,
    /// Its frozen sample.
    pub sample: &'static str,
    /// Reads a sample with today's type and writes it again; the error says what does not fit.
    pub reread: fn(&str) -> Result<serde_json::Value, serde_json::Error>,
}

impl Described {
    const fn of<E: Event + JsonSchema>(sample: &'static str) -> Self {
        let schema = || schemars::schema_for!(E);
        Self { event_type: E::TYPE, schema, sample, reread: reread::<E> }
    }
}

/// An event with the sample of that name.
macro_rules! described {
    ($event:ty, $name:literal) => {
        Described::of::<$event>(include_str!(concat!("../samples/", $name, ".json")))
    };
}

fn reread<E: Event>(sample: &str) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<E>(sample)?)
}

/// All events that others may hear, in the order of their owners.
pub const ALL: &[Described] = &[
    described!(identity::PersonRegistered, "identity.person-registered.v1"),
    described!(identity::PersonUpdated, "identity.person-updated.v1"),
    described!(identity::PersonErased, "identity.person-erased.v1"),
    described!(identity::SessionsEnded, "identity.sessions-ended.v1"),
    described!(identity::PasswordResetRequested, "identity.password-reset-requested.v1"),
    described!(identity::AddressChangeRequested, "identity.address-change-requested.v1"),
    described!(identity::AddressChanged, "identity.address-changed.v1"),
    described!(identity::PersonInvited, "identity.person-invited.v1"),
    described!(identity::InvitationWithdrawn, "identity.invitation-withdrawn.v1"),
    described!(identity::OrganisationUpdated, "identity.organisation-updated.v1"),
    described!(identity::ExportRequested, "identity.export-requested.v1"),
    described!(identity::ExportReady, "identity.export-ready.v1"),
    described!(identity::Digest, "identity.digest.v1"),
    described!(identity::CopiesDisowned, "identity.copies-disowned.v1"),
    described!(catalog::CoursePublished, "catalog.course-published.v1"),
    described!(catalog::CourseUpdated, "catalog.course-updated.v1"),
    described!(catalog::CourseWithdrawn, "catalog.course-withdrawn.v1"),
    described!(catalog::LessonPublished, "catalog.lesson-published.v1"),
    described!(catalog::LessonUpdated, "catalog.lesson-updated.v1"),
    described!(catalog::LessonWithdrawn, "catalog.lesson-withdrawn.v1"),
    described!(catalog::QuizPlaced, "catalog.quiz-placed.v1"),
    described!(catalog::QuestionsUploaded, "catalog.questions-uploaded.v1"),
    described!(catalog::Digest, "catalog.digest.v1"),
    described!(catalog::CopiesDisowned, "catalog.copies-disowned.v1"),
    described!(catalog::CopiesCompared, "catalog.copies-compared.v1"),
    described!(catalog::CopiesWanted, "catalog.copies-wanted.v1"),
    described!(catalog::ExportPartReady, "catalog.export-part-ready.v1"),
    described!(learning::LearnerEnrolled, "learning.learner-enrolled.v1"),
    described!(learning::EnrolmentCancelled, "learning.enrolment-cancelled.v1"),
    described!(learning::LessonRead, "learning.lesson-read.v1"),
    described!(learning::CourseCompleted, "learning.course-completed.v1"),
    described!(learning::MessageSent, "learning.message-sent.v1"),
    described!(learning::Digest, "learning.digest.v1"),
    described!(learning::CopiesDisowned, "learning.copies-disowned.v1"),
    described!(learning::CopiesCompared, "learning.copies-compared.v1"),
    described!(learning::CopiesWanted, "learning.copies-wanted.v1"),
    described!(learning::ExportPartReady, "learning.export-part-ready.v1"),
    described!(assessment::AttemptSubmitted, "assessment.attempt-submitted.v1"),
    described!(assessment::AttemptAwaitsMarking, "assessment.attempt-awaits-marking.v1"),
    described!(assessment::AttemptGraded, "assessment.attempt-graded.v1"),
    described!(assessment::Digest, "assessment.digest.v1"),
    described!(assessment::CopiesDisowned, "assessment.copies-disowned.v1"),
    described!(assessment::CopiesCompared, "assessment.copies-compared.v1"),
    described!(assessment::CopiesWanted, "assessment.copies-wanted.v1"),
    described!(assessment::ExportPartReady, "assessment.export-part-ready.v1"),
    described!(certification::CertificateIssued, "certification.certificate-issued.v1"),
    described!(certification::CertificateRevoked, "certification.certificate-revoked.v1"),
    described!(certification::CopiesCompared, "certification.copies-compared.v1"),
    described!(certification::CopiesWanted, "certification.copies-wanted.v1"),
    described!(certification::ExportPartReady, "certification.export-part-ready.v1"),
    described!(notification::DeliverySent, "notification.delivery-sent.v1"),
    described!(notification::DeliveryFailed, "notification.delivery-failed.v1"),
    described!(notification::DeliverySuppressed, "notification.delivery-suppressed.v1"),
    described!(notification::CopiesCompared, "notification.copies-compared.v1"),
    described!(notification::CopiesWanted, "notification.copies-wanted.v1"),
    described!(notification::ExportPartReady, "notification.export-part-ready.v1"),
    described!(insight::CopiesCompared, "insight.copies-compared.v1"),
    described!(insight::CopiesWanted, "insight.copies-wanted.v1"),
    described!(insight::ExportPartReady, "insight.export-part-ready.v1"),
];

/// What a service tells itself alone: as frozen as the others, and in no document.
pub const OWN: &[Described] = &[
    described!(own::IdentityStepTask, "identity.step-task.v1"),
    described!(own::ExportExpired, "identity.export-expired.v1"),
    described!(own::CatalogStepTask, "catalog.step-task.v1"),
    described!(own::UploadExpired, "catalog.upload-expired.v1"),
    described!(own::LearningStepTask, "learning.step-task.v1"),
    described!(own::RequirementsChanged, "learning.requirements-changed.v1"),
    described!(own::EnrolmentsUploaded, "learning.enrolments-uploaded.v1"),
    described!(own::AssessmentStepTask, "assessment.step-task.v1"),
    described!(own::AnnouncementChunk, "notification.announcement-chunk.v1"),
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
