//! What a message says, in a person's language: the same words for mail, push and inbox.

use event::Language;
use ui::Argument;

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

pub(crate) fn words(
    language: Language,
    notice: &Notice,
    course: &CourseText,
    base_url: &str,
) -> Words {
    let code = kind_code(notice.kind());
    let values = values(language, notice, course);
    let arguments: Vec<(&'static str, Argument<'_>)> =
        values.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let say = |part: &str| ui::text_with(&TEXTS, language, &format!("{code}-{part}"), &arguments);
    Words {
        subject: one_line(&say("subject"), LONGEST_SUBJECT),
        body: say("body"),
        action: say("action"),
        link: link(notice, course, base_url),
    }
}

fn values(language: Language, notice: &Notice, course: &CourseText) -> Vec<(&'static str, String)> {
    let mut values = vec![("course", one_line(&course.title, LONGEST_TITLE))];
    match notice {
        Notice::Enrolment { .. } => {}
        Notice::NewLesson { title, .. } => values.push(("lesson", one_line(title, LONGEST_TITLE))),
        Notice::QuizGraded { quiz, mark, out_of, passed, .. } => {
            let title = course.quizzes.get(quiz).map(|title| one_line(title, LONGEST_TITLE));
            let quiz = match title {
                Some(title) => {
                    ui::text_with(&TEXTS, language, "quiz-title", &[("title", title.into())])
                }
                None => ui::text(&TEXTS, language, "quiz-untitled"),
            };
            values.push(("quiz", quiz));
            values.push(("mark", decimal(language, mark)));
            values.push(("total", decimal(language, out_of)));
            values.push(("passed", if *passed { "yes" } else { "no" }.to_owned()));
        }
        Notice::CertificateIssued { code, .. } => values.push(("code", one_line(code, 60))),
    }
    values
}

/// A decimal as people of this language write it.
pub(crate) fn decimal(language: Language, number: &str) -> String {
    match language {
        Language::En => number.to_owned(),
        Language::Fr => number.replace('.', ","),
    }
}

fn link(notice: &Notice, course: &CourseText, base_url: &str) -> String {
    match notice {
        Notice::CertificateIssued { code, .. } => format!("{base_url}/verify/{}", in_path(code)),
        Notice::NewLesson { lesson, .. } => {
            format!("{base_url}/courses/{}/lessons/{lesson}", course.course)
        }
        Notice::Enrolment { .. } | Notice::QuizGraded { .. } => {
            format!("{base_url}/courses/{}", course.course)
        }
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
