//! What there is to say, and how each kind of it reaches people.

use chrono::{DateTime, Utc};
pub use contract::notification::Channel;
use contract::{
    assessment::AttemptGraded,
    certification::{CertificateIssued, CertificateRevoked, RevocationCause},
    notification,
};
use event::{
    AddressChangeId, AttemptId, CertificateId, CourseId, EnrolmentId, ExportId, FileReference,
    InvitationId, LessonId, MessageId, PasswordResetId, QuizId,
};
use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a message is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Enrolment,
    NewLesson,
    /// Of an instructor to all who take a course.
    Message,
    QuizGraded,
    CertificateIssued,
    CertificateRevoked,
    /// Of a course that one teaches.
    EssaysToMark,
    ExportReady,
    PasswordReset,
    /// To an address that is to be confirmed.
    AddressChange,
    /// To the address before.
    AddressChanged,
    Invitation,
    /// A person tries a device.
    Test,
}

/// The kinds that people may switch off, in the order in which they are shown.
pub(crate) const KINDS: [Kind; 7] = [
    Kind::Enrolment,
    Kind::NewLesson,
    Kind::Message,
    Kind::QuizGraded,
    Kind::CertificateIssued,
    Kind::CertificateRevoked,
    Kind::EssaysToMark,
];
const OTHER_KINDS: [Kind; 6] = [
    Kind::ExportReady,
    Kind::PasswordReset,
    Kind::AddressChange,
    Kind::AddressChanged,
    Kind::Invitation,
    Kind::Test,
];
pub(crate) const CHANNELS: [Channel; 3] = [Channel::Mail, Channel::Push, Channel::Inbox];

impl Kind {
    /// Whether people choose if they are told of it. What they asked for themselves they are told.
    pub(crate) fn is_chosen(self) -> bool {
        KINDS.contains(&self)
    }

    /// The channels over which it goes at all.
    pub(crate) fn channels(self) -> &'static [Channel] {
        match self {
            Self::ExportReady => &[Channel::Mail, Channel::Inbox],
            Self::PasswordReset | Self::AddressChange | Self::AddressChanged | Self::Invitation => {
                &[Channel::Mail]
            }
            Self::Test => &[Channel::Push],
            _ => &CHANNELS,
        }
    }

    /// Whether it waits for the end of quiet hours. Somebody waits for what opens the door.
    pub(crate) fn can_wait(self) -> bool {
        let is_urgent = matches!(
            self,
            Self::PasswordReset
                | Self::AddressChange
                | Self::AddressChanged
                | Self::Invitation
                | Self::Test
        );
        !is_urgent
    }

    /// Whether it leads to what opens an account, and so concerns the person and their mails alone.
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::PasswordReset | Self::AddressChange)
    }

    /// As events tell it. Their list of kinds is closed, so that what came after it is told to nobody;
    /// the person sees it among what was sent to them.
    pub(crate) fn told(self) -> Option<notification::Kind> {
        match self {
            Self::Enrolment => Some(notification::Kind::Enrolment),
            Self::NewLesson => Some(notification::Kind::NewLesson),
            Self::QuizGraded => Some(notification::Kind::QuizGraded),
            Self::CertificateIssued => Some(notification::Kind::CertificateIssued),
            _ => None,
        }
    }
}

/// What a message says, before it is said in somebody's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    Enrolment {
        enrolment: EnrolmentId,
    },
    NewLesson {
        lesson: LessonId,
        title: String,
    },
    Message {
        message: MessageId,
        subject: String,
        /// Markdown; the inbox keeps none, for the message itself is kept once.
        text: String,
    },
    QuizGraded {
        attempt: AttemptId,
        quiz: QuizId,
        mark: String,
        out_of: String,
        passed: bool,
    },
    CertificateIssued {
        certificate: CertificateId,
        code: String,
        pdf: FileReference,
    },
    CertificateRevoked {
        certificate: CertificateId,
        /// In the sentence that everybody may read; why in words is on the certificate's page.
        cause: Option<RevocationCause>,
        /// The one in its place.
        replaced_by: Option<CertificateId>,
    },
    EssaysToMark {
        course: CourseId,
    },
    ExportReady {
        export: ExportId,
        expires_at: DateTime<Utc>,
    },
    PasswordReset {
        reset: PasswordResetId,
        /// Sealed until the mail is written.
        link: String,
        expires_at: DateTime<Utc>,
    },
    AddressChange {
        change: AddressChangeId,
        /// The address to be confirmed.
        to: String,
        /// Sealed until the mail is written.
        link: String,
        expires_at: DateTime<Utc>,
    },
    AddressChanged {
        change: AddressChangeId,
        /// The address before.
        to: String,
    },
    Invitation {
        invitation: InvitationId,
        /// Sealed until the mail is written.
        link: String,
        expires_at: DateTime<Utc>,
    },
    Test {
        device: Uuid,
    },
}

impl Notice {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Enrolment { .. } => Kind::Enrolment,
            Self::NewLesson { .. } => Kind::NewLesson,
            Self::Message { .. } => Kind::Message,
            Self::QuizGraded { .. } => Kind::QuizGraded,
            Self::CertificateIssued { .. } => Kind::CertificateIssued,
            Self::CertificateRevoked { .. } => Kind::CertificateRevoked,
            Self::EssaysToMark { .. } => Kind::EssaysToMark,
            Self::ExportReady { .. } => Kind::ExportReady,
            Self::PasswordReset { .. } => Kind::PasswordReset,
            Self::AddressChange { .. } => Kind::AddressChange,
            Self::AddressChanged { .. } => Kind::AddressChanged,
            Self::Invitation { .. } => Kind::Invitation,
            Self::Test { .. } => Kind::Test,
        }
    }

    /// What the fact is about: an enrolment, a lesson, an attempt, a certificate, a course.
    pub(crate) fn subject(&self) -> Uuid {
        match self {
            Self::Enrolment { enrolment } => enrolment.0,
            Self::NewLesson { lesson, .. } => lesson.0,
            Self::Message { message, .. } => message.0,
            Self::QuizGraded { attempt, .. } => attempt.0,
            Self::CertificateIssued { certificate, .. }
            | Self::CertificateRevoked { certificate, .. } => certificate.0,
            Self::EssaysToMark { course } => course.0,
            Self::ExportReady { export, .. } => export.0,
            Self::PasswordReset { reset, .. } => reset.0,
            Self::AddressChange { change, .. } | Self::AddressChanged { change, .. } => change.0,
            Self::Invitation { invitation, .. } => invitation.0,
            Self::Test { device } => *device,
        }
    }

    /// Where it goes, if not to the address of the account.
    pub(crate) fn addressed_to(&self) -> Option<&str> {
        match self {
            Self::AddressChange { to, .. } | Self::AddressChanged { to, .. } => Some(to),
            _ => None,
        }
    }

    /// As an inbox keeps it: a message's text is kept once for all who have it.
    pub(crate) fn for_inbox(&self) -> Self {
        match self {
            Self::Message { message, subject, .. } => {
                Self::Message { message: *message, subject: subject.clone(), text: String::new() }
            }
            other => other.clone(),
        }
    }

    pub(crate) fn of_mark(it: &AttemptGraded) -> Self {
        Self::QuizGraded {
            attempt: it.attempt,
            quiz: it.quiz,
            mark: rounded(it.mark),
            out_of: rounded(it.out_of),
            passed: it.passed,
        }
    }

    pub(crate) fn of_certificate(it: &CertificateIssued) -> Self {
        Self::CertificateIssued {
            certificate: it.certificate,
            code: it.code.clone(),
            pdf: it.pdf.clone(),
        }
    }

    pub(crate) fn of_revocation(it: &CertificateRevoked) -> Self {
        Self::CertificateRevoked {
            certificate: it.certificate,
            cause: it.cause,
            replaced_by: it.replaced_by,
        }
    }
}

/// To two places, as the attempt's own page shows it.
fn rounded(exact: Decimal) -> String {
    exact.round_dp_with_strategy(2, MidpointAwayFromZero).normalize().to_string()
}

pub(crate) fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Enrolment => "enrolment",
        Kind::NewLesson => "new-lesson",
        Kind::Message => "message",
        Kind::QuizGraded => "quiz-graded",
        Kind::CertificateIssued => "certificate-issued",
        Kind::CertificateRevoked => "certificate-revoked",
        Kind::EssaysToMark => "essays-to-mark",
        Kind::ExportReady => "export-ready",
        Kind::PasswordReset => "password-reset",
        Kind::AddressChange => "address-change",
        Kind::AddressChanged => "address-changed",
        Kind::Invitation => "invitation",
        Kind::Test => "test",
    }
}

pub(crate) fn kind_of(code: &str) -> Option<Kind> {
    KINDS.into_iter().chain(OTHER_KINDS).find(|kind| kind_code(*kind) == code)
}

/// A kind that people may switch off.
pub(crate) fn chosen_kind_of(code: &str) -> Option<Kind> {
    kind_of(code).filter(|kind| kind.is_chosen())
}

pub(crate) fn channel_code(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "mail",
        Channel::Push => "push",
        Channel::Inbox => "inbox",
    }
}

pub(crate) fn channel_of(code: &str) -> Option<Channel> {
    CHANNELS.into_iter().find(|channel| channel_code(*channel) == code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_read_back() {
        for kind in KINDS.into_iter().chain(OTHER_KINDS) {
            assert_eq!(kind_of(kind_code(kind)), Some(kind));
            assert_eq!(chosen_kind_of(kind_code(kind)), Some(kind).filter(|it| it.is_chosen()));
        }
        for channel in CHANNELS {
            assert_eq!(channel_of(channel_code(channel)), Some(channel));
        }
    }

    #[test]
    fn marks_are_told_to_two_places() {
        for (exact, told) in [("5.3333333", "5.33"), ("0.125", "0.13"), ("17.50", "17.5")] {
            assert_eq!(rounded(exact.parse().unwrap()), told);
        }
    }

    /// Unsubscribe links that were sent long ago hold the names of kinds.
    #[test]
    fn a_kind_is_written_as_events_write_it() {
        for kind in KINDS.into_iter().chain(OTHER_KINDS) {
            let own = serde_json::to_string(&kind).unwrap();
            assert_eq!(own, format!("\"{}\"", kind_code(kind)));
            if let Some(told) = kind.told() {
                assert_eq!(own, serde_json::to_string(&told).unwrap());
            }
        }
    }
}
