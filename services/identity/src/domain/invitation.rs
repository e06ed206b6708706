//! Who is invited, and lists of them as people paste them: CSV with commas, semicolons or tabs, as
//! spreadsheets in either language write it. A line that cannot be taken says why and harms no other.

use chrono::{DateTime, TimeDelta, Utc};
use event::{InvitationId, Language, PersonId, Role};

use super::{Invalid, Mail, Name, Roles, folded, parse_language};

/// The link works so long.
pub(crate) const VALID: TimeDelta = TimeDelta::days(14);
/// People in one list.
pub(crate) const MOST_LINES: usize = 1_000;

/// Who is to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invited {
    pub(crate) name: Name,
    pub(crate) mail: Mail,
    pub(crate) language: Language,
    pub(crate) roles: Roles,
}

/// Somebody who was invited.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) id: InvitationId,
    pub(crate) version: u64,
    pub(crate) invited: Invited,
    pub(crate) invited_by: Option<PersonId>,
    pub(crate) invited_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) state: State,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It can be accepted until it expires.
    Open,
    Accepted,
    Withdrawn,
}

/// Where an invitation stands for those who look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    Expired,
    Accepted,
    Withdrawn,
}

impl Invitation {
    pub(crate) fn standing(&self, now: DateTime<Utc>) -> Standing {
        standing(self.state, self.expires_at, now)
    }

    /// Sent again: the link before no longer works.
    pub(crate) fn sent_again(mut self, by: Option<PersonId>, now: DateTime<Utc>) -> Self {
        self.version += 1;
        self.invited_by = by;
        self.invited_at = now;
        self.expires_at = now + VALID;
        self
    }
}

/// An invitation among all of them: one that was withdrawn names nobody any more.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) id: InvitationId,
    pub(crate) who: Option<(Name, Mail)>,
    pub(crate) roles: Roles,
    pub(crate) invited_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) state: State,
}

impl Listed {
    pub(crate) fn standing(&self, now: DateTime<Utc>) -> Standing {
        standing(self.state, self.expires_at, now)
    }
}

fn standing(state: State, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Standing {
    match state {
        State::Open if now < expires_at => Standing::Waiting,
        State::Open => Standing::Expired,
        State::Accepted => Standing::Accepted,
        State::Withdrawn => Standing::Withdrawn,
    }
}

/// A list, as it was read.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// The line that names the columns, if there is one.
    pub(crate) titles: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// Lines beyond [`MOST_LINES`], as they stood there.
    pub(crate) rest: Vec<String>,
}

impl List {
    /// Some of its lines and the rest, so that they can be pasted again: under the titles they stood under.
    pub(crate) fn pasted<'a>(&'a self, lines: impl Iterator<Item = &'a str>) -> String {
        let lines: Vec<&str> = lines.chain(self.rest.iter().map(String::as_str)).collect();
        if lines.is_empty() {
            return String::new();
        }
        let titles = self.titles.as_deref().into_iter();
        titles.chain(lines).collect::<Vec<_>>().join("\n")
    }
}

/// One line of a list.
#[derive(Debug)]
pub(crate) struct Line {
    /// From 1 on, as an editor counts.
    pub(crate) number: u64,
    /// As it stood there.
    pub(crate) text: String,
    pub(crate) read: Result<Invited, Refusal>,
}

/// Why a line was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Field(Invalid),
    /// A word that is none of the roles that a list may give.
    Role(String),
    /// A quotation mark that nobody closes, or the like.
    Unreadable,
    HasAccount,
}

impl From<Invalid> for Refusal {
    fn from(wrong: Invalid) -> Self {
        Self::Field(wrong)
    }
}

/// Where each column stands.
#[derive(Clone, Copy)]
struct Columns {
    name: Option<usize>,
    mail: Option<usize>,
    language: Option<usize>,
    roles: Option<usize>,
}

impl Columns {
    const IN_ORDER: Self = Self { name: Some(0), mail: Some(1), language: Some(2), roles: Some(3) };

    /// The columns that a first line names, if it names any.
    fn named(titles: &csv::StringRecord) -> Option<Self> {
        let find = |words: &[&str]| {
            titles.iter().position(|title| words.contains(&folded(title.trim()).as_str()))
        };
        let columns = Self {
            name: find(&["name", "nom"]),
            mail: find(&["mail", "email", "e-mail", "courriel", "adresse", "address"]),
            language: find(&["language", "langue"]),
            roles: find(&["roles", "role"]),
        };
        columns.mail.is_some().then_some(columns)
    }
}

/// Reads a list. Without a line of titles the columns are name, mail, language, roles; the last two may
/// be missing.
pub(crate) fn read_list(text: &str, language: Language) -> List {
    let text = text.trim_start_matches('\u{feff}');
    let mut columns = None;
    let mut list = List::default();
    for record in records(text) {
        let Ok((number, record)) = record else {
            let (number, text) = (list.lines.len() as u64 + 1, String::new());
            list.lines.push(Line { number, text, read: Err(Refusal::Unreadable) });
            break;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let Some(known) = columns else {
            let named = Columns::named(&record);
            columns = Some(named.unwrap_or(Columns::IN_ORDER));
            match named {
                Some(_) => list.titles = Some(joined(&record)),
                None => list.lines.push(line(number, &record, Columns::IN_ORDER, language)),
            }
            continue;
        };
        if list.lines.len() == MOST_LINES {
            list.rest.push(joined(&record));
            continue;
        }
        list.lines.push(line(number, &record, known, language));
    }
    list
}

/// The lines as their cells, each with its number.
fn records(text: &str) -> impl Iterator<Item = csv::Result<(u64, csv::StringRecord)>> {
    let usual = delimiter(text);
    let mut records = reader(text, usual).into_records().peekable();
    std::iter::from_fn(move || {
        let record = match records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let next = records.peek().and_then(|next| next.as_ref().ok()?.position());
        let line = between(text, record.position(), next);
        Some(Ok((number(record.position(), line), cells(line, usual, record))))
    })
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

fn between<'a>(
    text: &'a str,
    begin: Option<&csv::Position>,
    end: Option<&csv::Position>,
) -> &'a str {
    let byte = |position: &csv::Position| usize::try_from(position.byte()).ok();
    let (begin, end) = (begin.and_then(byte).unwrap_or(0), end.and_then(byte));
    text.get(begin..end.unwrap_or(text.len())).unwrap_or_default()
}

/// What stands between the list's own delimiters; or between others, where only those make sense of the line.
fn cells(line: &str, usual: u8, record: csv::StringRecord) -> csv::StringRecord {
    let sense = |cells: &csv::StringRecord| {
        (cells.iter().any(|cell| Mail::parse(cell).is_ok()), cells.len() > 1)
    };
    if sense(&record) == (true, true) {
        return record;
    }
    let read = |delimiter| reader(line, delimiter).into_records().find_map(Result::ok);
    let others = [b'\t', b';', b','].into_iter().filter(|other| *other != usual).filter_map(read);
    // Of those that make as much, the last wins.
    others.chain([record]).max_by_key(sense).unwrap_or_default()
}

/// Whichever the first line holds most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: &u8| first.bytes().filter(|byte| byte == sign).count();
    // Of those that are as many, the last wins.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn line(number: u64, record: &csv::StringRecord, columns: Columns, language: Language) -> Line {
    Line { number, text: joined(record), read: invited(record, columns, language) }
}

/// A record begins before the empty lines above it.
fn number(begin: Option<&csv::Position>, line: &str) -> u64 {
    let empty = line.bytes().take_while(|byte| b"\r\n".contains(byte));
    let empty = empty.filter(|byte| *byte == b'\n').count() as u64;
    begin.map_or(0, |begin| begin.line() + empty)
}

/// The line as it can be pasted again.
fn joined(record: &csv::StringRecord) -> String {
    let quoted = |field: &str| {
        if field.contains([',', '"', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    };
    record.iter().map(quoted).collect::<Vec<_>>().join(",")
}

fn invited(
    record: &csv::StringRecord,
    columns: Columns,
    language: Language,
) -> Result<Invited, Refusal> {
    let field = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or_default();
    let language = match field(columns.language) {
        "" => language,
        written => parse_language(&written.to_lowercase())?,
    };
    Ok(Invited {
        name: Name::parse(field(columns.name))?,
        mail: Mail::parse(field(columns.mail))?,
        language,
        roles: roles(field(columns.roles))?,
    })
}

/// Words in either language, between spaces or signs; nothing is a learner. Nobody becomes an operator by
/// a list.
fn roles(text: &str) -> Result<Roles, Refusal> {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let known = |word: &str| role(&folded(word)).ok_or_else(|| Refusal::Role(word.to_owned()));
    let roles: Result<Vec<Role>, Refusal> = words.map(known).collect();
    match roles? {
        none if none.is_empty() => Ok(Roles::learner()),
        some => Ok(Roles::parse(some)?),
    }
}

fn role(word: &str) -> Option<Role> {
    match word {
        "learner" | "apprenant" | "apprenante" => Some(Role::Learner),
        "instructor" | "formateur" | "formatrice" => Some(Role::Instructor),
        "administrator" | "administrateur" | "administratrice" => Some(Role::Administrator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{super::Reason, *};

    fn read(text: &str) -> Vec<(u64, Result<String, Refusal>)> {
        let written = |invited: Invited| {
            let roles: Vec<String> =
                invited.roles.as_slice().iter().map(|role| format!("{role:?}")).collect();
            format!(
                "{} <{}> {} {}",
                invited.name.as_str(),
                invited.mail.as_str(),
                invited.language.code(),
                roles.join("+")
            )
        };
        let list = read_list(text, Language::Fr);
        list.lines.into_iter().map(|line| (line.number, line.read.map(written))).collect()
    }

    fn taken(text: &str) -> Vec<String> {
        read(text).into_iter().map(|(_, read)| read.unwrap()).collect()
    }

    #[test]
    fn lists_as_spreadsheets_write_them() {
        let ana = ["Ana Silva <ana@example.org> fr Learner"];
        assert_eq!(taken("Ana Silva,ana@example.org"), ana);
        assert_eq!(taken("\u{feff}Nom;Courriel\r\nAna Silva;ana@example.org\r\n"), ana);
        assert_eq!(taken("mail\tname\nana@example.org\tAna Silva\n\n"), ana);
        assert_eq!(
            taken("\"Silva, Ana\",ana@example.org,EN,\"instructor, learner\""),
            ["Silva, Ana <ana@example.org> en Learner+Instructor"]
        );
        assert_eq!(
            taken("Ana;ana@example.org;fr;formatrice, administratrice"),
            ["Ana <ana@example.org> fr Instructor+Administrator"]
        );
    }

    /// As when several lists are pasted one below the other.
    #[test]
    fn a_line_may_have_another_delimiter_than_the_list() {
        let mixed = "Ana,ana@example.org\nSilva, Bo\tbo@example.org\ten\nLi;li@example.org\n";
        let each = [
            "Ana <ana@example.org> fr Learner",
            "Silva, Bo <bo@example.org> en Learner",
            "Li <li@example.org> fr Learner",
        ];
        assert_eq!(taken(mixed), each);
        let left = read_list(mixed, Language::Fr);
        let left = left.pasted(left.lines.iter().map(|line| line.text.as_str()));
        assert_eq!(taken(&left), each, "{left}");
        let mail = Refusal::Field(Invalid { field: "mail", reason: Reason::Mail });
        assert_eq!(read("Ana,ana@example.org\n\nLi\tnowhere")[1], (3, Err(mail)));
        // What the list's own delimiter makes sense of is not taken apart by another.
        let names = "Nom;Courriel\nSilva, Ana, Dr;ana@example.org\nRuiz, Bo, Dr;nowhere";
        let read = read(names);
        assert_eq!(read[0].1, Ok("Silva, Ana, Dr <ana@example.org> fr Learner".to_owned()));
        assert!(matches!(read[1].1, Err(Refusal::Field(Invalid { field: "mail", .. }))));
    }

    #[test]
    fn a_line_that_is_refused_says_which_and_why() {
        let lines =
            read("name,mail\nAna,ana@example.org\n,b@example.org\n\nLi,nowhere\nÉ,e@x.org,tlh");
        assert_eq!(lines.len(), 4);
        let reason = |at: usize| match &lines[at] {
            (number, Err(Refusal::Field(invalid))) => (*number, invalid.reason),
            other => unreachable!("{other:?}"),
        };
        assert!(lines[0].1.is_ok());
        assert_eq!(reason(1), (3, Reason::NameLength));
        assert_eq!(reason(2), (5, Reason::Mail));
        assert_eq!(lines[3].0, 6);
        for role in ["operator", "Emperor"] {
            let none = read(&format!("Ana,ana@example.org,fr,learner {role}"));
            assert_eq!(none[0].1, Err(Refusal::Role(role.to_owned())));
        }
    }

    /// Whatever order its columns had, what is left of a list reads as it did.
    #[test]
    fn what_is_left_of_a_list_keeps_its_titles() {
        let list = read_list("mail;name\nnowhere;Li\nana@example.org;Ana", Language::Fr);
        let refused = list.lines.iter().filter(|line| line.read.is_err());
        let left = list.pasted(refused.map(|line| line.text.as_str()));
        assert_eq!(left, "mail,name\nnowhere,Li");
        let mended = left.replace("nowhere", "li@example.org");
        assert_eq!(taken(&mended), ["Li <li@example.org> fr Learner"]);
        assert_eq!(list.pasted(std::iter::empty()), "", "titles alone are no list");
    }

    #[test]
    fn a_list_is_bounded_and_never_confuses() {
        let many: String = (0..1_200).map(|number| format!("N,n{number}@example.org\n")).collect();
        let list = read_list(&many, Language::Fr);
        assert_eq!((list.lines.len(), list.rest.len()), (MOST_LINES, 200));
        assert_eq!(list.rest.last().unwrap(), "N,n1199@example.org");
        for hostile in ["", "\"", "\"\n\n\n", ",,,,\n;;;", "\u{0}", "\t"] {
            assert!(read(hostile).iter().all(|(_, read)| read.is_err()), "{hostile:?}");
        }
    }
}
