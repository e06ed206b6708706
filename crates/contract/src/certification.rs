//! What `certification` tells: certificates issued and revoked.

use chrono::{DateTime, Utc};
use event::{CertificateId, CourseId, EnrolmentId, FileReference, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{event, identity::Language};

/// A certificate is ready: its facts and its PDF never change from here on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateIssued {
    pub certificate: CertificateId,
    pub learner: PersonId,
    pub course: CourseId,
    pub enrolment: EnrolmentId,
    /// What is printed under the QR code; whoever has it can verify the certificate.
    pub code: String,
    pub language: Language,
    pub issued_at: DateTime<Utc>,
    pub pdf: FileReference,
}

/// A certificate no longer holds; its public page says so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRevoked {
    pub certificate: CertificateId,
    pub learner: PersonId,
    pub course: CourseId,
    pub reason: String,
    pub revoked_at: DateTime<Utc>,
}

event!(CertificateIssued, "certification.certificate-issued.v1", certificate);
event!(CertificateRevoked, "certification.certificate-revoked.v1", certificate);
