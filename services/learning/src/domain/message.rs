//! What an instructor writes to a course.

use event::{CourseId, MessageId, PersonId, derived_uuid};
use uuid::Uuid;

pub(crate) const LONGEST_SUBJECT: usize = 150;
pub(crate) const LONGEST_TEXT: usize = 20_000;

/// A message that can be sent: one line, and Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// What keeps a message from being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DraftFault {
    NoSubject,
    LongSubject,
    NoText,
    LongText,
}

impl Draft {
    pub(crate) fn parse(subject: &str, text: &str) -> Result<Self, Vec<DraftFault>> {
        let subject = in_one_line(subject);
        let text = text.trim().replace("\r\n", "\n");
        let faults = [
            (subject.is_empty(), DraftFault::NoSubject),
            (subject.chars().count() > LONGEST_SUBJECT, DraftFault::LongSubject),
            (text.is_empty(), DraftFault::NoText),
            (text.chars().count() > LONGEST_TEXT, DraftFault::LongText),
        ];
        let faults: Vec<DraftFault> =
            faults.into_iter().filter_map(|(is_so, fault)| is_so.then_some(fault)).collect();
        if faults.is_empty() { Ok(Self { subject, text }) } else { Err(faults) }
    }
}

/// No line break gets into a mail's subject.
fn in_one_line(text: &str) -> String {
    let plain: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The id of what an author sends off from one form. Sending it off again is the same message, and
/// nobody can take another's id.
pub(crate) fn message_id(course: CourseId, author: PersonId, form: Uuid) -> MessageId {
    MessageId(derived_uuid(course.0, &format!("message/{author}/{form}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_subject_is_one_line_and_nothing_is_missing_or_too_long() {
        let draft = Draft::parse(" Hello\r\nBcc: all ", " **Hi**\r\nthere ").unwrap();
        assert_eq!(draft, Draft { subject: "Hello Bcc: all".into(), text: "**Hi**\nthere".into() });
        assert_eq!(Draft::parse(" ", "\n"), Err(vec![DraftFault::NoSubject, DraftFault::NoText]));
        let long = |length: usize| "é".repeat(length);
        assert!(Draft::parse(&long(LONGEST_SUBJECT), &long(LONGEST_TEXT)).is_ok());
        assert_eq!(
            Draft::parse(&long(LONGEST_SUBJECT + 1), &long(LONGEST_TEXT + 1)),
            Err(vec![DraftFault::LongSubject, DraftFault::LongText])
        );
    }
}
