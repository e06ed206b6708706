//! What `identity` tells: who there is, who is invited, whose platform it is. The only events that hold a
//! name or a mail address. Addresses that open something travel sealed (`SealingKey::seal_link` in `ui`).

use chrono::{DateTime, Utc};
use event::{
    AddressChangeId, ExportId, FileReference, InvitationId, OrganisationId, PasswordResetId,
    PersonId,
};
pub use event::{Language, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event;

/// A person as of a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub person: PersonId,
    /// Rises with every change; a copy takes only what is newer.
    pub version: u64,
    /// As the person writes it.
    pub name: String,
    /// Where mail reaches the person.
    pub mail: String,
    pub language: Language,
    /// IANA name, `Europe/Paris`.
    pub time_zone: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// When the account was opened.
    pub registered_at: DateTime<Utc>,
}

/// Somebody has an account. Carries who this is, as of the first version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonRegistered(pub Person);

/// A person changed: name, mail address, language, time zone or roles. Carries the whole state as of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonUpdated(pub Person);

/// Every service forgets what tells who this was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonErased {
    pub person: PersonId,
    /// The version after the last that told who this was.
    pub version: u64,
    /// When it was decided.
    pub erased_at: DateTime<Utc>,
}

/// What a person began before an instant opens nothing any more: the password or the roles were changed, or
/// the person was erased. Of several the latest holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionsEnded {
    pub person: PersonId,
    /// A session that began earlier is over.
    pub since: DateTime<Utc>,
}

impl event::Event for PersonRegistered {
    const TYPE: &'static str = "identity.person-registered.v1";
    fn subject(&self) -> String {
        self.0.person.to_string()
    }
    fn version(&self) -> Option<u64> {
        Some(self.0.version)
    }
}

impl event::Event for PersonUpdated {
    const TYPE: &'static str = "identity.person-updated.v1";
    fn subject(&self) -> String {
        self.0.person.to_string()
    }
    fn version(&self) -> Option<u64> {
        Some(self.0.version)
    }
}

/// Somebody forgot their password: a mail leads to choosing another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordResetRequested {
    pub person: PersonId,
    pub reset: PasswordResetId,
    /// Where to choose another one: sealed, for whoever reads the address may use it, and it is meant
    /// for the mail alone.
    pub link: String,
    pub requested_at: DateTime<Utc>,
    /// The link works until then, and once.
    pub expires_at: DateTime<Utc>,
}

/// A person wants to be reached at another address: a mail to that one leads to confirming it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AddressChangeRequested {
    pub person: PersonId,
    pub change: AddressChangeId,
    /// The other address, where the mail goes.
    pub mail: String,
    /// Where to confirm it: sealed, for it is meant for the mail alone.
    pub link: String,
    pub requested_at: DateTime<Utc>,
    /// The link works until then, and once.
    pub expires_at: DateTime<Utc>,
}

/// A person is reached at another address from now on, which person-updated tells; the one before is told
/// of it by a last mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AddressChanged {
    pub person: PersonId,
    pub change: AddressChangeId,
    /// The address before, where the mail goes.
    pub former_mail: String,
    pub changed_at: DateTime<Utc>,
}

/// Somebody is asked by mail to open an account. Sent again it has the next version and another link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonInvited {
    pub invitation: InvitationId,
    /// Rises whenever it is sent again.
    pub version: u64,
    /// As the one who invites writes it.
    pub name: String,
    /// Where the invitation goes.
    pub mail: String,
    pub language: Language,
    /// Where to accept: sealed, for whoever reads the address may use it, and it is meant for the mail
    /// alone.
    pub link: String,
    /// What the account may do.
    pub roles: Vec<Role>,
    /// Who invites; absent from the command line.
    pub invited_by: Option<PersonId>,
    /// When this was sent.
    pub invited_at: DateTime<Utc>,
    /// The link works until then, and once.
    pub expires_at: DateTime<Utc>,
}

/// An invitation no longer holds; a mail that is still to be sent is not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InvitationWithdrawn {
    pub invitation: InvitationId,
    /// The version after the last that was sent.
    pub version: u64,
    pub withdrawn_at: DateTime<Utc>,
}

/// Whose platform it is, as of a version: printed on certificates, and who writes the mails.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OrganisationUpdated {
    pub organisation: OrganisationId,
    /// Rises with every change; a copy takes only what is newer.
    pub version: u64,
    /// As it calls itself.
    pub name: String,
    /// Its postal address, line by line.
    pub address: Vec<String>,
    /// What the law wants it to say of itself.
    pub legal_mentions: LegalMentions,
    /// The number under which a training provider is registered.
    pub activity_number: Option<String>,
    /// Who signs for it.
    pub representative: Option<String>,
    /// In which capacity.
    pub capacity: Option<String>,
    pub logo: Option<Logo>,
    pub updated_at: DateTime<Utc>,
    /// The town where certificates are signed; not said, it is as the platform was set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// For how many years what a certificate rests on is kept; not said, it is as the platform was set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_years: Option<u8>,
}

/// In each language; empty where nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LegalMentions {
    pub en: String,
    pub fr: String,
}

impl LegalMentions {
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }
}

/// A picture in the file store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Logo {
    pub file: FileReference,
    /// `image/png`, `image/jpeg` or `image/webp`, as its content says.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A person wants everything that is kept of them: each service writes its part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExportRequested {
    pub export: ExportId,
    pub person: PersonId,
    pub requested_at: DateTime<Utc>,
}

/// All parts are there, as one archive that the person alone can download.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExportReady {
    pub export: ExportId,
    pub person: PersonId,
    pub ready_at: DateTime<Utc>,
    /// It is deleted then.
    pub expires_at: DateTime<Utc>,
}

event!(PersonErased, "identity.person-erased.v1", person, version version);
event!(SessionsEnded, "identity.sessions-ended.v1", person);
event!(PasswordResetRequested, "identity.password-reset-requested.v1", reset);
event!(AddressChangeRequested, "identity.address-change-requested.v1", person);
event!(AddressChanged, "identity.address-changed.v1", person);
event!(PersonInvited, "identity.person-invited.v1", invitation, version version);
event!(InvitationWithdrawn, "identity.invitation-withdrawn.v1", invitation, version version);
event!(OrganisationUpdated, "identity.organisation-updated.v1", organisation, version version);
event!(ExportRequested, "identity.export-requested.v1", export);
event!(ExportReady, "identity.export-ready.v1", export);

event::one_of! {
    /// Whatever happens to a person's record: what a copy of it follows.
    pub enum PersonChange {
        Registered(PersonRegistered),
        Updated(PersonUpdated),
        Erased(PersonErased),
    }
}

event::one_of! {
    /// Whatever happens to an invitation: what its mail follows.
    pub enum InvitationChange {
        Invited(PersonInvited),
        Withdrawn(InvitationWithdrawn),
    }
}

/// What others hold copies of: whose platform it is.
pub const ORGANISATION: &str = "identity.organisation";

/// What others hold copies of: who there is.
pub const PERSONS: &str = "identity.persons";

event::named! {
    /// What there is, for those who hold copies of it: one page.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct Digest(event::step::Digest) = "identity.digest.v1";
    /// An answer to one follower: what it asked for and is not there.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesDisowned(event::step::Disowned) = "identity.copies-disowned.v1";
}
