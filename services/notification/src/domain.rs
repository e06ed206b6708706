//! What there is to tell, to whom, over which channel, and when not. No async, no SQL, no clock.

mod quiet;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
pub use contract::notification::{Channel, Kind, Suppression};
use contract::{
    assessment::AttemptGraded, certification::CertificateIssued, learning::LearnerEnrolled,
};
use event::{
    AttemptId, CertificateId, CourseId, DeliveryId, EnrolmentId, FileReference, Language, LessonId,
    PersonId, QuizId,
};
pub(crate) use quiet::{InvalidQuietHours, QuietHours};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) const KINDS: [Kind; 4] =
    [Kind::Enrolment, Kind::NewLesson, Kind::QuizGraded, Kind::CertificateIssued];
pub(crate) const CHANNELS: [Channel; 3] = [Channel::Mail, Channel::Push, Channel::Inbox];

event::one_of! {
    /// The facts of which one person is told.
    pub enum Tellable {
        Enrolled(LearnerEnrolled),
        Graded(AttemptGraded),
        Certified(CertificateIssued),
    }
}

/// What a message says, before it is said in somebody's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    Enrolment { enrolment: EnrolmentId },
    NewLesson { lesson: LessonId, title: String },
    QuizGraded { attempt: AttemptId, quiz: QuizId, mark: String, out_of: String, passed: bool },
    CertificateIssued { certificate: CertificateId, code: String, pdf: FileReference },
}

impl Notice {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Enrolment { .. } => Kind::Enrolment,
            Self::NewLesson { .. } => Kind::NewLesson,
            Self::QuizGraded { .. } => Kind::QuizGraded,
            Self::CertificateIssued { .. } => Kind::CertificateIssued,
        }
    }

    /// What the fact is about: an enrolment, a lesson, an attempt, a certificate.
    pub(crate) fn subject(&self) -> Uuid {
        match self {
            Self::Enrolment { enrolment } => enrolment.0,
            Self::NewLesson { lesson, .. } => lesson.0,
            Self::QuizGraded { attempt, .. } => attempt.0,
            Self::CertificateIssued { certificate, .. } => certificate.0,
        }
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
    pub(crate) course: CourseId,
    pub(crate) notice: Notice,
}

impl Fact {
    pub(crate) fn of(event: Uuid, tellable: &Tellable) -> Self {
        let (person, course, version, notice) = match tellable {
            Tellable::Enrolled(it) => {
                let notice = Notice::Enrolment { enrolment: it.enrolment };
                (it.learner, it.course, it.version, notice)
            }
            Tellable::Graded(it) => (it.learner, it.course, it.version, graded(it)),
            Tellable::Certified(it) => {
                let notice = Notice::CertificateIssued {
                    certificate: it.certificate,
                    code: it.code.clone(),
                    pdf: it.pdf.clone(),
                };
                (it.learner, it.course, 1, notice)
            }
        };
        let key = format!("{}/{}/{version}", kind_code(notice.kind()), notice.subject());
        Self { key, event, person, course, notice }
    }

    /// A lesson is news once, whatever becomes of it later.
    pub(crate) fn of_announcement(announcement: &Announcement, person: PersonId) -> Self {
        let notice =
            Notice::NewLesson { lesson: announcement.lesson, title: announcement.title.clone() };
        Self {
            key: format!("{}/{}", kind_code(Kind::NewLesson), announcement.lesson),
            event: announcement.event,
            person,
            course: announcement.course,
            notice,
        }
    }
}

fn graded(it: &AttemptGraded) -> Notice {
    Notice::QuizGraded {
        attempt: it.attempt,
        quiz: it.quiz,
        mark: it.mark.normalize().to_string(),
        out_of: it.out_of.normalize().to_string(),
        passed: it.passed,
    }
}

/// A lesson that all who were enrolled before it appeared are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) lesson: LessonId,
    pub(crate) event: Uuid,
    pub(crate) course: CourseId,
    pub(crate) title: String,
    pub(crate) published_at: DateTime<Utc>,
}

/// Internal to this service: the next part of an announcement's readers is to be told. A chunk of
/// those who follow `after` publishes the chunk after it; a chunk that names its people does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncementChunk {
    pub lesson: LessonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<PersonId>,
}

impl event::Event for AnnouncementChunk {
    const TYPE: &'static str = "notification.announcement-chunk.v1";
    fn subject(&self) -> String {
        self.lesson.to_string()
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

/// A browser that asked for push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) p256dh: Vec<u8>,
    pub(crate) auth: Vec<u8>,
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
    pub(crate) notice: Notice,
    pub(crate) course: CourseText,
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
    pub(crate) course: CourseText,
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

/// Why a message is not even tried, if it is not.
pub(crate) fn suppression(
    channel: Channel,
    erased: bool,
    wanted: bool,
    devices: usize,
) -> Option<Suppression> {
    match channel {
        _ if erased => Some(Suppression::Erased),
        _ if !wanted => Some(Suppression::Preference),
        Channel::Push if devices == 0 => Some(Suppression::NoDevice),
        _ => None,
    }
}

pub(crate) fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Enrolment => "enrolment",
        Kind::NewLesson => "new-lesson",
        Kind::QuizGraded => "quiz-graded",
        Kind::CertificateIssued => "certificate-issued",
    }
}

pub(crate) fn kind_of(code: &str) -> Option<Kind> {
    KINDS.into_iter().find(|kind| kind_code(*kind) == code)
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

pub(crate) fn suppression_code(reason: Suppression) -> &'static str {
    match reason {
        Suppression::Preference => "preference",
        Suppression::NoDevice => "no-device",
        Suppression::Erased => "erased",
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
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    one_line(&words.join(" "), 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for kind in KINDS {
            assert_eq!(kind_of(kind_code(kind)), Some(kind));
        }
        for channel in CHANNELS {
            assert_eq!(channel_of(channel_code(channel)), Some(channel));
        }
    }

    #[test]
    fn what_is_not_sent_says_why() {
        assert_eq!(suppression(Channel::Mail, true, false, 0), Some(Suppression::Erased));
        assert_eq!(suppression(Channel::Push, false, false, 0), Some(Suppression::Preference));
        assert_eq!(suppression(Channel::Push, false, true, 0), Some(Suppression::NoDevice));
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
