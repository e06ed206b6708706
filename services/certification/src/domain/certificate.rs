//! A certificate and what holds of it: whether it is made, holds, was revoked, and why.

use chrono::{DateTime, Utc};
use contract::certification::RevocationCause;
use event::{CertificateId, CourseId, FileReference, PersonId, derived_uuid};

use crate::design::Facts;

/// One learner's certificate of one course.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Certificate {
    pub(crate) id: CertificateId,
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) state: State,
    pub(crate) facts: Facts,
    /// When it was decided, which is the date that is printed.
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) completed_at: DateTime<Utc>,
    pub(crate) pdf: Option<FileReference>,
    /// Characters that no font of ours draws; for operators.
    pub(crate) missing_glyphs: String,
    /// Why there is no PDF; for operators.
    pub(crate) failure: Option<String>,
    pub(crate) revocation: Option<Revocation>,
    /// The one that it was issued in the place of.
    pub(crate) replaces: Option<CertificateId>,
    /// The one that was issued in its place, once that is ready.
    pub(crate) replaced_by: Option<CertificateId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revocation {
    pub(crate) at: DateTime<Utc>,
    /// For everybody; none where nobody said so.
    pub(crate) cause: Option<Cause>,
    /// For the holder and administrators; gone when the holder is erased.
    pub(crate) reason: Option<String>,
}

/// Why a certificate no longer holds, as the public page says it: it names nobody and accuses nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
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

impl Cause {
    /// Those that an administrator chooses from.
    pub(crate) const CHOSEN: [Self; 4] =
        [Self::Details, Self::Mistake, Self::Conditions, Self::Request];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Mistake => "mistake",
            Self::Conditions => "conditions",
            Self::Request => "request",
            Self::Replaced => "replaced",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = Self::CHOSEN.into_iter().chain([Self::Replaced]);
        all.into_iter().find(|cause| cause.name() == name)
    }

    /// As events tell it.
    pub(crate) fn told(self) -> RevocationCause {
        match self {
            Self::Details => RevocationCause::Details,
            Self::Mistake => RevocationCause::Mistake,
            Self::Conditions => RevocationCause::Conditions,
            Self::Request => RevocationCause::Request,
            Self::Replaced => RevocationCause::Replaced,
        }
    }

    /// One of those that may be chosen.
    pub(crate) fn chosen(name: &str) -> Option<Self> {
        Self::parse(name).filter(|cause| *cause != Self::Replaced)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its facts stand; its PDF is being made.
    Rendering,
    Issued,
    /// Its PDF could not be made; an operator can have it tried again from the dead letters.
    Failed,
    Revoked,
    /// Its holder was erased.
    Erased,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rendering => "rendering",
            Self::Issued => "issued",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Erased => "erased",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [Self::Rendering, Self::Issued, Self::Failed, Self::Revoked, Self::Erased];
        all.into_iter().find(|state| state.name() == name)
    }

    /// Whether the public page knows it: nobody was given the code of one that is not ready.
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Issued | Self::Revoked | Self::Erased)
    }
}

impl Certificate {
    /// The id of the one certificate that a learner can have of a course.
    pub(crate) fn id_of(learner: PersonId, course: CourseId) -> CertificateId {
        CertificateId(derived_uuid(course.0, &format!("certificate/{learner}")))
    }

    /// The id of the one certificate that can be issued in another's place.
    pub(crate) fn id_in_place_of(replaced: CertificateId) -> CertificateId {
        CertificateId(derived_uuid(replaced.0, "reissue"))
    }

    /// What its file is called on its holder's machine.
    pub(crate) fn file_name(&self) -> String {
        let facts = &self.facts;
        let name = format!("{} – {}", short(&facts.course), short(&facts.person));
        let allowed = |character: char| {
            if character.is_control() || "/\\:*?\"<>|".contains(character) {
                ' '
            } else {
                character
            }
        };
        let name: String = name.chars().map(allowed).collect();
        let words: Vec<&str> = name.split_whitespace().collect();
        format!("{}.pdf", words.join(" "))
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
