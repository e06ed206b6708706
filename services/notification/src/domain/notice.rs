//! What there is to say, and how each kind of it reaches people.

use chrono::{DateTime, Utc};
pub use contract::notification::Channel;
use contract::{assessment::AttemptGraded, certification::CertificateIssued, notification};
use event::{
    AttemptId, CertificateId, EnrolmentId, ExportId, FileReference, InvitationId, LessonId,
    MessageId, PasswordResetId, QuizId,
};
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
    ExportReady,
    PasswordReset,
    Invitation,
    /// A person tries a device.
    Test,
}

/// The kinds that people may switch off, in the order in which they are shown.
pub(crate) const KINDS: [Kind; 5] =
    [Kind::Enrolment, Kind::NewLesson, Kind::Message, Kind::QuizGraded, Kind::CertificateIssued];
const OTHER_KINDS: [Kind; 4] =
    [Kind::ExportReady, Kind::PasswordReset, Kind::Invitation, Kind::Test];
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
            Self::PasswordReset | Self::Invitation => &[Channel::Mail],
            Self::Test => &[Channel::Push],
            _ => &CHANNELS,
        }
    }

    /// Whether it waits for the end of quiet hours. Somebody waits for what opens the door.
    pub(crate) fn can_wait(self) -> bool {
        !matches!(self, Self::PasswordReset | Self::Invitation | Self::Test)
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
            Self::ExportReady { .. } => Kind::ExportReady,
            Self::PasswordReset { .. } => Kind::PasswordReset,
            Self::Invitation { .. } => Kind::Invitation,
            Self::Test { .. } => Kind::Test,
        }
    }

    /// What the fact is about: an enrolment, a lesson, an attempt, a certificate.
    pub(crate) fn subject(&self) -> Uuid {
        match self {
            Self::Enrolment { enrolment } => enrolment.0,
            Self::NewLesson { lesson, .. } => lesson.0,
            Self::Message { message, .. } => message.0,
            Self::QuizGraded { attempt, .. } => attempt.0,
            Self::CertificateIssued { certificate, .. } => certificate.0,
            Self::ExportReady { export, .. } => export.0,
            Self::PasswordReset { reset, .. } => reset.0,
            Self::Invitation { invitation, .. } => invitation.0,
            Self::Test { device } => *device,
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
            mark: it.mark.normalize().to_string(),
            out_of: it.out_of.normalize().to_string(),
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
}

pub(crate) fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Enrolment => "enrolment",
        Kind::NewLesson => "new-lesson",
        Kind::Message => "message",
        Kind::QuizGraded => "quiz-graded",
        Kind::CertificateIssued => "certificate-issued",
        Kind::ExportReady => "export-ready",
        Kind::PasswordReset => "password-reset",
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
