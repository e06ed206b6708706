//! What a message says, in a person's language: the same words for mail, push and inbox.

use chrono::{DateTime, Utc};
use contract::certification::RevocationCause;
use event::{CertificateId, Language};
use ui::{Argument, Html, Text, Tz, titled};

use crate::domain::{CourseText, Notice, kind_code, one_line};

ui::texts!(pub(crate) TEXTS);

const LONGEST_TITLE: usize = 120;
const LONGEST_SUBJECT: usize = 200;

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// One line.
    pub(crate) subject: String,
    pub(crate) body: String,
    /// What the link is called.
    pub(crate) action: String,
    pub(crate) link: String,
}

/// For whom, and from where, something is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) language: Language,
    /// In which times are told.
    pub(crate) zone: Tz,
    pub(crate) base_url: &'a str,
}

impl<'a> Setting<'a> {
    /// For who is in no known time zone.
    pub(crate) fn of(language: Language, base_url: &'a str) -> Self {
        Self { language, zone: Tz::UTC, base_url }
    }
}

pub(crate) fn words(setting: Setting<'_>, notice: &Notice, course: Option<&CourseText>) -> Words {
    let [subject, body, action] = said(setting, notice, course, str::to_owned);
    Words { subject, body, action, link: link(notice, course, setting.base_url) }
}

/// Subject and body for a page, where a course's titles say in which language they are.
pub(crate) fn marked_words(
    setting: Setting<'_>,
    notice: &Notice,
    course: Option<&CourseText>,
) -> (Html, Html) {
    let [subject, body, _] = said(setting, notice, course, titled);
    let t = Text::new(&TEXTS, setting.language);
    let language = course.and_then(|course| course.language);
    (t.mark(&subject, language), t.mark(&body, language))
}

/// Subject, body and what the link is called; titles of a course as `title` gives them.
fn said(
    setting: Setting<'_>,
    notice: &Notice,
    course: Option<&CourseText>,
    title: fn(&str) -> String,
) -> [String; 3] {
    let code = kind_code(notice.kind());
    let language = setting.language;
    let values = values(setting, notice, course, title);
    let arguments: Vec<(&'static str, Argument<'_>)> =
        values.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let say = |part: &str| ui::text_with(&TEXTS, language, &format!("{code}-{part}"), &arguments);
    [one_line(&say("subject"), LONGEST_SUBJECT), say("body"), say("action")]
}

fn values(
    setting: Setting<'_>,
    notice: &Notice,
    course: Option<&CourseText>,
    title: fn(&str) -> String,
) -> Vec<(&'static str, String)> {
    let language = setting.language;
    let short = |text: &str| title(&one_line(text, LONGEST_TITLE));
    let mut values = vec![("course", course.map(|it| short(&it.title)).unwrap_or_default())];
    match notice {
        Notice::Enrolment { .. }
        | Notice::EssaysToMark { .. }
        | Notice::AddressChanged { .. }
        | Notice::Test { .. } => {}
        Notice::NewLesson { title, .. } => values.push(("lesson", short(title))),
        Notice::Message { subject, .. } => {
            values.push(("subject", one_line(subject, LONGEST_TITLE)));
        }
        Notice::QuizGraded { quiz, mark, out_of, passed, .. } => {
            let quiz = course.and_then(|course| course.quizzes.get(quiz));
            values.push(("quiz", quiz_in_words(language, quiz.map(|it| short(it.as_str())))));
            values.push(("mark", decimal(language, mark)));
            values.push(("total", decimal(language, out_of)));
            values.push(("passed", if *passed { "yes" } else { "no" }.to_owned()));
        }
        Notice::CertificateIssued { code, .. } => values.push(("code", one_line(code, 60))),
        Notice::CertificateRevoked { cause, replaced_by, .. } => {
            values.push(("cause", cause_code(*cause, *replaced_by).to_owned()));
        }
        Notice::ExportReady { expires_at, .. }
        | Notice::PasswordReset { expires_at, .. }
        | Notice::AddressChange { expires_at, .. }
        | Notice::Invitation { expires_at, .. } => {
            values.push(("until", moment(setting, *expires_at)));
        }
    }
    values
}

fn quiz_in_words(language: Language, title: Option<String>) -> String {
    match title {
        Some(title) => ui::text_with(&TEXTS, language, "quiz-title", &[("title", title.into())]),
        None => ui::text(&TEXTS, language, "quiz-untitled"),
    }
}

/// What the words of a revocation hang on.
fn cause_code(cause: Option<RevocationCause>, replaced_by: Option<CertificateId>) -> &'static str {
    match cause {
        _ if replaced_by.is_some() => "replaced",
        Some(RevocationCause::Details) => "details",
        Some(RevocationCause::Mistake) => "mistake",
        Some(RevocationCause::Conditions) => "conditions",
        Some(RevocationCause::Request) => "request",
        Some(RevocationCause::Replaced) => "replaced",
        None => "unsaid",
    }
}

fn moment(setting: Setting<'_>, at: DateTime<Utc>) -> String {
    ui::format_date_time(at, setting.language, setting.zone)
}

/// A decimal as people of this language write it.
pub(crate) fn decimal(language: Language, number: &str) -> String {
    match language {
        Language::En => number.to_owned(),
        Language::Fr => number.replace('.', ","),
    }
}

/// Where it leads; what is sealed leads to the platform until the mail is written.
fn link(notice: &Notice, course: Option<&CourseText>, base_url: &str) -> String {
    match (notice, course) {
        (Notice::CertificateIssued { code, .. }, _) => {
            format!("{base_url}/verify/{}", in_path(code))
        }
        (Notice::CertificateRevoked { certificate, replaced_by, .. }, _) => {
            format!("{base_url}/certificates/{}", replaced_by.unwrap_or(*certificate))
        }
        (Notice::EssaysToMark { course }, _) => format!("{base_url}/marking?course={course}"),
        (Notice::QuizGraded { attempt, .. }, _) => format!("{base_url}/attempts/{attempt}"),
        (Notice::NewLesson { lesson, .. }, Some(course)) => {
            format!("{base_url}/courses/{}/lessons/{lesson}", course.course)
        }
        (Notice::Enrolment { .. } | Notice::Message { .. }, Some(course)) => {
            format!("{base_url}/courses/{}", course.course)
        }
        (Notice::ExportReady { .. }, _) => format!("{base_url}/account/data"),
        (Notice::AddressChanged { .. }, _) => format!("{base_url}/account"),
        (Notice::Test { .. }, _) => format!("{base_url}/account/devices"),
        _ => base_url.to_owned(),
    }
}

/// A text as one part of an address.
fn in_path(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_in_both_languages() {
        let (english, french) =
            (include_str!("../locales/en/main.ftl"), include_str!("../locales/fr/main.ftl"));
        assert_eq!(ui::untranslated(english, french), Vec::<String>::new());
    }

    #[test]
    fn a_hostile_key_stays_in_its_part_of_the_address() {
        assert_eq!(in_path("a/../b?c#d\r\n"), "a%2F..%2Fb%3Fc%23d%0D%0A");
    }
}
