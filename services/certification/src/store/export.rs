//! What `certification` keeps of a person, for an export: certificates with the facts they were made from,
//! and their PDFs.

use bus::{Error, FileReference, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use contract::export::as_json;
use event::PersonId;
use serde::Serialize;
use uuid::Uuid;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    certificates: Vec<Certificate>,
}

#[derive(FromQueryResult, Serialize)]
struct Certificate {
    id: Uuid,
    course: Uuid,
    code: String,
    state: String,
    #[serde(serialize_with = "as_json")]
    facts: String,
    issued_at: DateTime<Utc>,
    completed_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revocation_reason: Option<String>,
    #[serde(skip)]
    pdf_key: Option<String>,
    #[serde(skip)]
    pdf_sha256: Option<String>,
    #[serde(skip)]
    pdf_size: Option<i64>,
}

impl Kept {
    /// The PDFs of those that have one.
    pub(crate) fn documents(&self) -> Vec<FileReference> {
        self.certificates.iter().filter_map(Certificate::pdf).collect()
    }
}

impl Certificate {
    fn pdf(&self) -> Option<FileReference> {
        Some(FileReference {
            key: self.pdf_key.clone()?,
            sha256: self.pdf_sha256.clone()?,
            size: self.pdf_size?.unsigned_abs(),
        })
    }
}

const CERTIFICATES: &str = "select id, course, code, state, facts, issued_at, completed_at, revoked_at, revocation_reason, \
     pdf_key, pdf_sha256, pdf_size from certificate where learner = $1 order by issued_at, id";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    Ok(Kept { certificates: db.all(CERTIFICATES, values![person.0]).await? })
}
