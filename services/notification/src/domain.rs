//! What there is to tell, to whom, over which channel, and when not. No async, no SQL, no clock.

mod device;
mod notice;
mod quiet;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contract::notification::Suppression;
use contract::{
    assessment::{AttemptAwaitsMarking, AttemptGraded},
    certification::{CertificateIssued, CertificateRevoked},
    identity::{AddressChangeRequested, AddressChanged, ExportReady, PasswordResetRequested},
    learning::LearnerEnrolled,
};
pub(crate) use device::{Device, OwnDevice, device_name};
use event::{CourseId, DeliveryId, Language, LessonId, MessageId, PersonId, QuizId};
pub(crate) use notice::{
    CHANNELS, KINDS, channel_code, channel_of, chosen_kind_of, kind_code, kind_of,
};
pub use notice::{Channel, Kind, Notice};
pub(crate) use quiet::{InvalidQuietHours, QuietHours};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

event::one_of! {
    /// The facts of which one person is told.
    pub enum Tellable {
        Enrolled(LearnerEnrolled),
        Graded(AttemptGraded),
        Certified(CertificateIssued),
        Revoked(CertificateRevoked),
        Exported(ExportReady),
        ForgotPassword(PasswordResetRequested),
        AddressChange(AddressChangeRequested),
        AddressChanged(AddressChanged),
    }
}

/// Something of which one person is to be told.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// The same however often, and under whatever event id, it is told: with the person and the
    /// channel it is the key of a delivery.
    pub(crate) key: String,
    /// The event that brought it.
    pub(crate) event: Uuid,
    pub(crate) person: PersonId,
    pub(crate) course: Option<CourseId>,
    pub(crate) notice: Notice,
}

impl Fact {
    pub(crate) fn of(event: Uuid, tellable: &Tellable) -> Self {
        let (person, course, version, notice) = match tellable {
            Tellable::Enrolled(it) => {
                let notice = Notice::Enrolment { enrolment: it.enrolment };
                (it.learner, Some(it.course), it.version, notice)
            }
            Tellable::Graded(it) => (it.learner, Some(it.course), it.version, Notice::of_mark(it)),
            Tellable::Certified(it) => (it.learner, Some(it.course), 1, Notice::of_certificate(it)),
            Tellable::Revoked(it) => (it.learner, Some(it.course), 1, Notice::of_revocation(it)),
            Tellable::Exported(it) => {
                let notice = Notice::ExportReady { export: it.export, expires_at: it.expires_at };
                (it.person, None, 1, notice)
            }
            Tellable::ForgotPassword(it) => {
                let (reset, link) = (it.reset, it.link.clone());
                let notice = Notice::PasswordReset { reset, link, expires_at: it.expires_at };
                (it.person, None, 1, notice)
            }
            Tellable::AddressChange(it) => {
                let (change, to, link) = (it.change, it.mail.clone(), it.link.clone());
                let notice = Notice::AddressChange { change, to, link, expires_at: it.expires_at };
                (it.person, None, 1, notice)
            }
            Tellable::AddressChanged(it) => {
                let (change, to) = (it.change, it.former_mail.clone());
                (it.person, None, 1, Notice::AddressChanged { change, to })
            }
        };
        let key = format!("{}/{}/{version}", kind_code(notice.kind()), notice.subject());
        Self { key, event, person, course, notice }
    }

    /// Essays of a course wait for its instructor: news once a day, however many there are.
    pub(crate) fn of_essays(event: Uuid, it: &AttemptAwaitsMarking, instructor: PersonId) -> Self {
        let notice = Notice::EssaysToMark { course: it.course };
        Self {
            key: format!("{}/{}/{}", kind_code(notice.kind()), it.course, it.at.date_naive()),
            event,
            person: instructor,
            course: Some(it.course),
            notice,
        }
    }

    /// What is announced is news once, whatever becomes of it later.
    pub(crate) fn of_announcement(announcement: &Announcement, person: PersonId) -> Self {
        let notice = announcement.notice();
        Self {
            key: format!("{}/{}", kind_code(notice.kind()), announcement.subject),
            event: announcement.event,
            person,
            course: Some(announcement.course),
            notice,
        }
    }
}

/// Something that all who were enrolled before it are told of: a lesson that appeared, or an
/// instructor's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    /// The lesson, or the message.
    pub(crate) subject: Uuid,
    pub(crate) event: Uuid,
    pub(crate) course: CourseId,
    pub(crate) title: String,
    pub(crate) published_at: DateTime<Utc>,
    /// A message's, in Markdown; a lesson has none here.
    pub(crate) text: Option<String>,
}

impl Announcement {
    fn notice(&self) -> Notice {
        let title = self.title.clone();
        match &self.text {
            None => Notice::NewLesson { lesson: LessonId(self.subject), title },
            Some(text) => Notice::Message {
                message: MessageId(self.subject),
                subject: title,
                text: text.clone(),
            },
        }
    }
}

/// This service's copy of a person.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) mail: String,
    pub(crate) language: Language,
    pub(crate) time_zone: Tz,
    pub(crate) quiet_hours: Option<QuietHours>,
    pub(crate) erased: bool,
}

impl Reader {
    /// When something may be sent that is not to disturb this person, if not at once.
    pub(crate) fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.quiet_hours?.until(now, self.time_zone)
    }
}

/// This service's copy of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CourseText {
    pub(crate) course: CourseId,
    pub(crate) title: String,
    /// Of the titles; none of a copy from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<Language>,
    /// The quizzes' titles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) quizzes: BTreeMap<QuizId, String>,
}

impl CourseText {
    /// With no more of the quizzes than the notice speaks of.
    pub(crate) fn narrowed_to(&self, notice: &Notice) -> Self {
        let mut narrowed = Self { quizzes: BTreeMap::new(), ..self.clone() };
        if let Notice::QuizGraded { quiz, .. } = notice
            && let Some(title) = self.quizzes.get(quiz)
        {
            narrowed.quizzes.insert(*quiz, title.clone());
        }
        narrowed
    }
}

/// Who writes the mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sender {
    pub(crate) name: String,
    /// Line by line.
    pub(crate) address: Vec<String>,
    /// What the law wants it to say of itself, in the reader's language.
    pub(crate) mentions: String,
}

/// A message to be sent by mail: complete, so that the effect looks nothing up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailJob {
    pub(crate) delivery: DeliveryId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) mail: String,
    pub(crate) language: Language,
    /// In which times are told; none where it is not known.
    #[serde(default)]
    pub(crate) zone: Option<String>,
    pub(crate) notice: Notice,
    #[serde(default)]
    pub(crate) course: Option<CourseText>,
    /// Where the organisation has not said who it is, the configuration does.
    #[serde(default)]
    pub(crate) sender: Option<Sender>,
}

/// A message to be pushed to one device: complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushJob {
    pub(crate) delivery: DeliveryId,
    /// So that whoever forgets this person finds the job, which holds their device.
    #[serde(default)]
    pub(crate) person: Option<PersonId>,
    pub(crate) device: Device,
    pub(crate) language: Language,
    pub(crate) notice: Notice,
    #[serde(default)]
    pub(crate) course: Option<CourseText>,
    /// The platform's key, sealed; none when the configuration holds it.
    pub(crate) sealed_key: Option<String>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    Sent,
    Failed,
    Suppressed,
    Uncertain,
}

impl State {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
            Self::Uncertain => "uncertain",
        }
    }
}

/// Why a message was not sent, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Preference,
    NoDevice,
    Erased,
    /// The invitation no longer holds, or was sent again.
    Withdrawn,
}

impl Reason {
    const ALL: [Self; 4] = [Self::Preference, Self::NoDevice, Self::Erased, Self::Withdrawn];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Preference => "preference",
            Self::NoDevice => "no-device",
            Self::Erased => "erased",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// As events tell it.
    pub(crate) fn told(self) -> Option<Suppression> {
        match self {
            Self::Preference => Some(Suppression::Preference),
            Self::NoDevice => Some(Suppression::NoDevice),
            Self::Erased => Some(Suppression::Erased),
            Self::Withdrawn => None,
        }
    }
}

/// Why a message is not even tried, if it is not.
pub(crate) fn suppression(
    channel: Channel,
    erased: bool,
    wanted: bool,
    devices: usize,
) -> Option<Reason> {
    match channel {
        _ if erased => Some(Reason::Erased),
        _ if !wanted => Some(Reason::Preference),
        Channel::Push if devices == 0 => Some(Reason::NoDevice),
        _ => None,
    }
}

/// A text for one line: no line breaks or other control characters, and no longer than `longest`.
/// Spaces that do not break stay, as French has them.
pub(crate) fn one_line(text: &str, longest: usize) -> String {
    let is_break = |letter: char| {
        letter == ' ' || letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
    };
    let words: Vec<&str> = text.split(is_break).filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    if words.chars().count() <= longest {
        return words;
    }
    let mut short: String = words.chars().take(longest.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// What a mail server answered, without addresses: reasons are published, and personal data is not.
pub(crate) fn without_addresses(text: &str) -> String {
    one_line(&bus::without_addresses(text), 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sent_says_why() {
        assert_eq!(suppression(Channel::Mail, true, false, 0), Some(Reason::Erased));
        assert_eq!(suppression(Channel::Push, false, false, 0), Some(Reason::Preference));
        assert_eq!(suppression(Channel::Push, false, true, 0), Some(Reason::NoDevice));
        assert_eq!(suppression(Channel::Push, false, true, 1), None);
        assert_eq!(suppression(Channel::Mail, false, true, 0), None);
    }

    #[test]
    fn one_line_is_one_line_and_short() {
        assert_eq!(one_line("a\r\nBcc: x\u{0}\u{85}b", 100), "a Bcc: x b");
        assert_eq!(one_line("Nguyễn Văn", 6), "Nguyễ…");
    }

    #[test]
    fn a_server_s_answer_loses_its_addresses() {
        assert_eq!(without_addresses("550 <eve@example.org>: unknown\r\n"), "550 … unknown");
    }
}
