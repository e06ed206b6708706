//! What a service tells itself alone: the next piece of a long work, or what is due later.
//!
//! No other service publishes or hears these, and no document names them. They are promises all the
//! same: while a platform is upgraded they lie in queues and outboxes, written by the release before.

use event::{CourseId, EnrolmentId, ExportId, PersonId, step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event;

event::named! {
    /// What `identity` has to do next to keep copies in step.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct IdentityStepTask(step::Task) = "identity.step-task.v1";
    /// What `catalog` has to do next to keep copies in step.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CatalogStepTask(step::Task) = "catalog.step-task.v1";
    /// What `learning` has to do next to keep copies in step.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct LearningStepTask(step::Task) = "learning.step-task.v1";
    /// What `assessment` has to do next to keep copies in step.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct AssessmentStepTask(step::Task) = "assessment.step-task.v1";
}

/// An export's time is over: `identity` tells itself when it is due.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExportExpired {
    pub export: ExportId,
}

/// Nobody decided on an upload in time: `catalog` tells itself when that is so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UploadExpired {
    pub upload: Uuid,
}

/// A course asks for something else now: `learning` looks at its seats again. A chunk tells the next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequirementsChanged {
    pub course: CourseId,
    /// The seats behind this one; none for all.
    pub after: Option<EnrolmentId>,
}

/// There are uploaded lines that `learning` is to work off. It holds no address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EnrolmentsUploaded {
    pub upload: Uuid,
}

/// The next part of an announcement's readers is to be told by `notification`. A chunk of those who
/// follow `after` publishes the chunk after it; a chunk that names its people does not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AnnouncementChunk {
    /// The lesson, or the message.
    #[serde(rename = "lesson")]
    pub subject: Uuid,
    /// The readers behind this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PersonId>,
    /// These readers and no others, where any are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<PersonId>,
}

event!(ExportExpired, "identity.export-expired.v1", export);
event!(UploadExpired, "catalog.upload-expired.v1", upload);
event!(RequirementsChanged, "learning.requirements-changed.v1", course);
event!(EnrolmentsUploaded, "learning.enrolments-uploaded.v1", upload);
event!(AnnouncementChunk, "notification.announcement-chunk.v1", subject);
