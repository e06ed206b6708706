//! Enrolments as an administrator uploads them: a line for each, with a mail address, a course's key
//! and, for those who like, the language that the course is in.

use event::Language;

use super::csv;

pub(crate) const MOST_LINES: usize = 5_000;
pub(crate) const MOST_BYTES: usize = 1024 * 1024;
/// Characters of a cell; no address and no key is longer.
const LONGEST_CELL: usize = 254;

/// One line that asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// As editors count, from 1.
    pub(crate) number: u32,
    /// All of the line, where it could not be taken apart.
    pub(crate) mail: String,
    pub(crate) course: String,
    pub(crate) language: Option<Language>,
    /// What is wrong with the line itself.
    pub(crate) fault: Option<Reason>,
}

/// Why a line was refused. The names are kept in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A quote is not closed, or there are too few or too many cells.
    Unreadable,
    NoMail,
    NoCourse,
    UnknownLanguage,
    UnknownMail,
    UnknownCourse,
    WithdrawnCourse,
    /// The course is taught in another.
    OtherLanguage,
}

impl Reason {
    pub(crate) const ALL: [Self; 8] = [
        Self::Unreadable,
        Self::NoMail,
        Self::NoCourse,
        Self::UnknownLanguage,
        Self::UnknownMail,
        Self::UnknownCourse,
        Self::WithdrawnCourse,
        Self::OtherLanguage,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NoMail => "no-mail",
            Self::NoCourse => "no-course",
            Self::UnknownLanguage => "unknown-language",
            Self::UnknownMail => "unknown-mail",
            Self::UnknownCourse => "unknown-course",
            Self::WithdrawnCourse => "withdrawn-course",
            Self::OtherLanguage => "other-language",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the same line may be fine later, as when its person has registered.
    pub(crate) fn may_change(self) -> bool {
        match self {
            Self::Unreadable | Self::NoMail | Self::NoCourse | Self::UnknownLanguage => false,
            Self::UnknownMail
            | Self::UnknownCourse
            | Self::WithdrawnCourse
            | Self::OtherLanguage => true,
        }
    }
}

/// What became of a line. The names are kept in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Waiting,
    Enrolled,
    /// The seat was taken already, which is fine.
    Already,
    Refused,
}

impl Outcome {
    pub(crate) const ALL: [Self; 4] = [Self::Waiting, Self::Enrolled, Self::Already, Self::Refused];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Enrolled => "enrolled",
            Self::Already => "already",
            Self::Refused => "refused",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// Why a whole upload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadFault {
    Empty,
    TooLarge,
    TooManyLines,
    /// A spreadsheet's own file, or one in an old encoding.
    NotText,
}

/// Reads an uploaded file.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, UploadFault> {
    if bytes.len() > MOST_BYTES {
        return Err(UploadFault::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| UploadFault::NotText)?;
    if text.contains('\0') { Err(UploadFault::NotText) } else { Ok(text) }
}

/// The lines that ask for something: neither empty ones, nor the one that names the columns.
pub(crate) fn lines(text: &str) -> Result<Vec<Line>, UploadFault> {
    if text.len() > MOST_BYTES {
        return Err(UploadFault::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let written = (1_u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut written = written.peekable();
    written.next_if(|(_, first)| names_columns(first));
    let lines: Vec<Line> =
        written.take(MOST_LINES + 1).map(|(number, line)| Line::read(number, line)).collect();
    match lines.len() {
        0 => Err(UploadFault::Empty),
        count if count > MOST_LINES => Err(UploadFault::TooManyLines),
        _ => Ok(lines),
    }
}

/// No address is without an `@`, so neither is a line that asks for something.
fn names_columns(line: &str) -> bool {
    let first = csv::cells(line, csv::separator(line)).and_then(|cells| cells.into_iter().next());
    let names = ["mail", "email", "e-mail", "address", "courriel", "adresse", "mél", "learner"];
    first.is_some_and(|first| names.contains(&first.to_lowercase().as_str()))
}

impl Line {
    fn read(number: u32, line: &str) -> Self {
        let bounded = |text: &str| text.chars().take(LONGEST_CELL).collect::<String>();
        let Some(cells) = csv::cells(line, csv::separator(line)) else {
            let (mail, fault) = (bounded(line.trim()), Some(Reason::Unreadable));
            return Self { number, mail, course: String::new(), language: None, fault };
        };
        let cell = |at: usize| bounded(cells.get(at).map(String::as_str).unwrap_or_default());
        let language = cell(2).to_lowercase();
        let known: Option<Language> = language.parse().ok();
        let fault = match &cells[..] {
            [mail, ..] if !is_address(mail) => Some(Reason::NoMail),
            [_] => Some(Reason::NoCourse),
            [_, course, ..] if course.is_empty() => Some(Reason::NoCourse),
            [_, _, _, rest @ ..] if rest.iter().any(|cell| !cell.is_empty()) => {
                Some(Reason::Unreadable)
            }
            _ if !language.is_empty() && known.is_none() => Some(Reason::UnknownLanguage),
            _ => None,
        };
        Self { number, mail: cell(0).to_lowercase(), course: cell(1), language: known, fault }
    }
}

/// Whether it could be one; whose it is, the copies of persons say.
pub(crate) fn is_address(text: &str) -> bool {
    let is_short = text.chars().count() <= LONGEST_CELL;
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    is_short && parts.is_some() && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_read_with_their_numbers() {
        let text =
            "\u{feff}Mail;Course\r\n\r\nAna@Example.org;queues\r\n\"bo@example.org\",queues, FR\n";
        let lines = lines(text).unwrap();
        let line = |number, mail: &str, language| Line {
            number,
            mail: mail.into(),
            course: "queues".into(),
            language,
            fault: None,
        };
        assert_eq!(
            lines,
            [line(3, "ana@example.org", None), line(4, "bo@example.org", Some(Language::Fr))]
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        let cases = [
            ("ana@example.org", Reason::NoCourse),
            ("ana@example.org,", Reason::NoCourse),
            ("ana,queues", Reason::NoMail),
            ("@,queues", Reason::NoMail),
            (",queues", Reason::NoMail),
            ("a na@example.org,queues", Reason::NoMail),
            ("ana@example.org,queues,de", Reason::UnknownLanguage),
            ("ana@example.org,queues,fr,more", Reason::Unreadable),
            ("\"ana@example.org,queues", Reason::Unreadable),
        ];
        for (line, expected) in cases {
            assert_eq!(lines(line).unwrap()[0].fault, Some(expected), "{line}");
        }
        let open = format!(" \"Ana@example.org,{}", "x".repeat(300));
        let kept = lines(&open).unwrap().remove(0).mail;
        assert!(kept.starts_with("\"Ana@example.org,xxx") && kept.len() == 254, "{kept}");
        let trailing = lines("ana@example.org;queues;;;").unwrap();
        assert_eq!(trailing[0].fault, None);
    }

    #[test]
    fn what_is_empty_or_too_large_is_refused_whole() {
        assert_eq!(lines("\n \n"), Err(UploadFault::Empty));
        assert_eq!(lines("mail,course\n"), Err(UploadFault::Empty));
        let line = "a@b.c,q\n";
        assert_eq!(lines(&line.repeat(MOST_LINES)).unwrap().len(), MOST_LINES);
        assert_eq!(lines(&line.repeat(MOST_LINES + 1)), Err(UploadFault::TooManyLines));
        assert_eq!(lines(&"x".repeat(MOST_BYTES + 1)), Err(UploadFault::TooLarge));
        assert_eq!(decode(b"caf\xe9"), Err(UploadFault::NotText));
        assert_eq!(decode(b"PK\0"), Err(UploadFault::NotText));
    }

    #[test]
    fn each_name_reads_as_itself() {
        assert!(Reason::ALL.into_iter().all(|reason| Reason::parse(reason.name()) == Some(reason)));
        let outcomes = Outcome::ALL.into_iter();
        assert!(outcomes.into_iter().all(|it| Outcome::parse(it.name()) == Some(it)));
    }
}
