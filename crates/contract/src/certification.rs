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
    /// Whose it is.
    pub learner: PersonId,
    pub course: CourseId,
    /// The seat in which the course was completed.
    pub enrolment: EnrolmentId,
    /// What is printed under the QR code; whoever has it can verify the certificate.
    pub code: String,
    /// The language it is written in.
    pub language: Language,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The document in the file store; the hash tells whether what was read is what was made.
    pub pdf: FileReference,
    /// The one that it was issued in the place of, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<CertificateId>,
}

/// Why a certificate no longer holds, as everybody may read it: it names nobody and accuses nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationCause {
    /// Something that it said was wrong.
    Details,
    /// It should not have been issued.
    Mistake,
    /// What it certifies was not earned as it should have been.
    Conditions,
    /// Its holder asked for it.
    Request,
    /// Another was issued in its place.
    Replaced,
}

/// A certificate no longer holds; its public page says so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRevoked {
    pub certificate: CertificateId,
    /// Whose it was.
    pub learner: PersonId,
    pub course: CourseId,
    /// Why, as the person who revoked it wrote: for its holder and administrators.
    pub reason: String,
    /// When it ceased to hold.
    pub revoked_at: DateTime<Utc>,
    /// The one that was issued in its place, if it was revoked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<CertificateId>,
    /// Why, in the sentence that everybody may read; none where nobody chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<RevocationCause>,
}

event!(CertificateIssued, "certification.certificate-issued.v1", certificate);
event!(CertificateRevoked, "certification.certificate-revoked.v1", certificate);

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "certification.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "certification.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "certification.export-part-ready.v1";
}
