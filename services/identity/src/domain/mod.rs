//! What a person is, and what may be said of one: names, addresses and passwords parsed from hostile
//! text, roles, and versions that rise when something changes.

pub(crate) mod invitation;
pub(crate) mod organisation;
pub(crate) mod picture;

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use event::{Language, PersonId, Role};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters.
pub(crate) const LONGEST_NAME: usize = 120;
pub(crate) const LONGEST_MAIL: usize = 254;
pub(crate) const SHORTEST_PASSWORD: usize = 10;
pub(crate) const LONGEST_PASSWORD: usize = 128;

/// A field that cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    pub field: &'static str,
    pub reason: Reason,
}

/// What is wrong with a field, and what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("write a name, of 120 characters at most")]
    NameLength,
    #[error("the name holds characters that are not for names: write letters, spaces, - and '")]
    NameCharacters,
    #[error("write a mail address such as ana@example.org")]
    Mail,
    #[error("choose a password of at least 10 characters")]
    PasswordShort,
    #[error("choose a password of at most 128 characters")]
    PasswordLong,
    #[error("choose a password that is not your mail address")]
    PasswordGuessable,
    #[error("give a time zone such as Europe/Paris")]
    TimeZone,
    #[error("give en or fr")]
    Language,
    #[error("give at least one of learner, instructor, administrator")]
    Roles,
    #[error("write {0} characters at most")]
    TextLong(usize),
    #[error("take out the characters that cannot be seen")]
    TextCharacters,
    #[error("write a name, of 200 characters at most")]
    OrganisationName,
    #[error("write {0} lines at most")]
    Lines(usize),
    #[error("write a number of years, from 1 to {0}")]
    Years(u8),
    #[error("choose a PNG, JPEG or WebP picture")]
    PictureKind,
    #[error("choose a picture of at most 512 kB")]
    PictureLarge,
    #[error("choose a picture of 16 to 4,096 pixels on each side")]
    PictureSize,
    #[error("this is your mail address already")]
    PresentMail,
    #[error("this is not your present password")]
    PresentPassword,
}

impl Reason {
    /// The message that says it in the reader's language.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::NameLength => "wrong-name-length",
            Self::NameCharacters => "wrong-name-characters",
            Self::Mail => "wrong-mail",
            Self::PasswordShort => "wrong-password-short",
            Self::PasswordLong => "wrong-password-long",
            Self::PasswordGuessable => "wrong-password-guessable",
            Self::TimeZone => "wrong-time-zone",
            Self::Language => "wrong-language",
            Self::Roles => "wrong-roles",
            Self::TextLong(_) => "wrong-text-long",
            Self::TextCharacters => "wrong-text-characters",
            Self::OrganisationName => "wrong-organisation-name",
            Self::Lines(_) => "wrong-lines",
            Self::Years(_) => "wrong-years",
            Self::PictureKind => "wrong-picture-kind",
            Self::PictureLarge => "wrong-picture-large",
            Self::PictureSize => "wrong-picture-size",
            Self::PresentMail => "wrong-present-mail",
            Self::PresentPassword => "wrong-present-password",
        }
    }

    /// How many there may be, where the message says it.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::TextLong(most) | Self::Lines(most) => most,
            Self::Years(most) => most.into(),
            _ => 0,
        }
    }
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub version: u64,
    pub name: Name,
    pub mail: Mail,
    pub language: Language,
    pub time_zone: Tz,
    pub roles: Roles,
    pub registered_at: DateTime<Utc>,
}

/// What may be changed; the roles not by the person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) roles: Option<Roles>,
    pub(crate) name: Option<Name>,
    pub(crate) language: Option<Language>,
    pub(crate) time_zone: Option<Tz>,
}

impl Person {
    /// Gives whether anything changed; the version rises if so.
    pub(crate) fn change(&mut self, change: Change) -> bool {
        let mut changed = self.clone();
        changed.roles = change.roles.unwrap_or(changed.roles);
        changed.name = change.name.unwrap_or(changed.name);
        changed.language = change.language.unwrap_or(changed.language);
        changed.time_zone = change.time_zone.unwrap_or(changed.time_zone);
        if changed == *self {
            return false;
        }
        *self = Self { version: self.version + 1, ..changed };
        true
    }

    /// Gives whether the address is another one; the version rises if so.
    pub(crate) fn move_to(&mut self, mail: Mail) -> bool {
        if self.mail == mail {
            return false;
        }
        (self.mail, self.version) = (mail, self.version + 1);
        true
    }
}

/// How a text is looked for: without accents and capitals.
pub(crate) fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// What a person is called: on one line, in any script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason| Invalid { field: "name", reason };
        let text = bounded(text, LONGEST_NAME).ok_or(invalid(Reason::NameLength))?;
        if text.chars().any(is_deceptive) || !text.chars().any(char::is_alphanumeric) {
            return Err(invalid(Reason::NameCharacters));
        }
        Ok(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks that end a line or turn the direction of writing would let a name disguise what follows it.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Trimmed and composed (NFC), with at least one character and at most `longest`.
fn bounded(text: &str, longest: usize) -> Option<String> {
    // A character takes four bytes; the factor leaves room for decomposed text and spaces.
    if text.len() > longest * 16 {
        return None;
    }
    let text: String = text.trim().nfc().collect();
    (1..=longest).contains(&text.chars().count()).then_some(text)
}

/// A mail address, as its owner writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail(String);

impl Mail {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid { field: "mail", reason: Reason::Mail };
        let text = bounded(text, LONGEST_MAIL).ok_or(invalid)?;
        let (local, domain) = text.rsplit_once('@').ok_or(invalid)?;
        if is_local_part(local) && is_domain(domain) { Ok(Self(text)) } else { Err(invalid) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared: nobody has two accounts that differ by capitals.
    pub(crate) fn key(&self) -> String {
        self.0.to_lowercase().nfc().collect()
    }
}

fn is_local_part(local: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= 64 && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(allowed))
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// A password on its way to being hashed. It is never shown, not even to a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl Password {
    /// A password that somebody chooses, and not the mail address, where that is known.
    pub(crate) fn choose(text: &str, mail: Option<&Mail>) -> Result<Self, Invalid> {
        let invalid = |reason| Invalid { field: "password", reason };
        match text.chars().count() {
            ..SHORTEST_PASSWORD => Err(invalid(Reason::PasswordShort)),
            SHORTEST_PASSWORD..=LONGEST_PASSWORD
                if mail.is_some_and(|mail| text.to_lowercase() == mail.key()) =>
            {
                Err(invalid(Reason::PasswordGuessable))
            }
            SHORTEST_PASSWORD..=LONGEST_PASSWORD => Ok(Self::normalised(text)),
            _ => Err(invalid(Reason::PasswordLong)),
        }
    }

    /// A password that somebody claims: one too long is nobody's.
    pub(crate) fn claim(text: &str) -> Option<Self> {
        (text.chars().count() <= LONGEST_PASSWORD).then(|| Self::normalised(text))
    }

    /// One keyboard composes an accent where another does not (RFC 8265).
    fn normalised(text: &str) -> Self {
        Self(text.nfc().collect())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// What a person may do: at least one role, each once, in one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    pub(crate) fn parse(mut roles: Vec<Role>) -> Result<Self, Invalid> {
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            return Err(Invalid { field: "roles", reason: Reason::Roles });
        }
        Ok(Self(roles))
    }

    /// What somebody is of whom nothing else is said.
    pub(crate) fn learner() -> Self {
        Self(vec![Role::Learner])
    }

    pub(crate) fn with(&self, role: Role) -> Self {
        let mut roles = self.0.clone();
        roles.push(role);
        roles.sort_unstable();
        roles.dedup();
        Self(roles)
    }

    #[must_use]
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Role] {
        &self.0
    }
}

/// An IANA name.
pub(crate) fn parse_time_zone(text: &str) -> Result<Tz, Invalid> {
    text.parse().map_err(|_| Invalid { field: "time_zone", reason: Reason::TimeZone })
}

pub(crate) fn parse_language(code: &str) -> Result<Language, Invalid> {
    code.parse().map_err(|_| Invalid { field: "language", reason: Reason::Language })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn reason<T: fmt::Debug>(result: Result<T, Invalid>) -> Reason {
        result.unwrap_err().reason
    }

    #[test]
    fn names_of_any_script_and_no_disguise() {
        for name in ["Nguyễn Thị Ánh", "محمد عبد الله", "Llŷr ap Gruffudd", "O'Brien-Łuczak", "李"]
        {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Name::parse("  Nguye\u{302}\u{303}n ").unwrap().as_str(), "Nguyễn");
        assert_eq!(reason(Name::parse(" \t ")), Reason::NameLength);
        assert_eq!(reason(Name::parse(&"n".repeat(121))), Reason::NameLength);
        assert_eq!(reason(Name::parse(&"n".repeat(10_000_000))), Reason::NameLength);
        for name in ["a\nBcc: x", "a\u{202e}b", "...", "a\u{0}"] {
            assert_eq!(reason(Name::parse(name)), Reason::NameCharacters, "{name:?}");
        }
    }

    #[test]
    fn mail_addresses_differ_by_more_than_capitals() {
        let mail = Mail::parse(" Ana.Silva+x@Example.ORG ").unwrap();
        assert_eq!(mail.as_str(), "Ana.Silva+x@Example.ORG");
        assert_eq!(mail.key(), "ana.silva+x@example.org");
        assert!(Mail::parse("rené@exemple.fr").is_ok());
        for wrong in [
            "",
            "ana",
            "@example.org",
            "ana@",
            "a b@example.org",
            "a@b@example.org",
            ".a@b.org",
            "a..b@c.org",
            "a@b..org",
            "a@-b.org",
            "a@b.org\r\nBcc: c@d.org",
            "<a@b.org>",
            "a,b@c.org",
        ] {
            assert_eq!(reason(Mail::parse(wrong)), Reason::Mail, "{wrong:?}");
        }
        assert_eq!(reason(Mail::parse(&format!("{}@b.org", "a".repeat(65)))), Reason::Mail);
        assert_eq!(reason(Mail::parse(&format!("a@{}org", "b.".repeat(200)))), Reason::Mail);
    }

    #[test]
    fn searching_knows_no_accents_and_no_capitals() {
        assert_eq!(folded("Nguyễn Thị Ánh ÉCOLE"), "nguyen thi anh ecole");
    }

    #[test]
    fn passwords_are_long_enough_and_never_shown() {
        let mail = Mail::parse("ana.silva@example.org").unwrap();
        let choose = |text: &str| Password::choose(text, Some(&mail));
        assert_eq!(reason(choose("123456789")), Reason::PasswordShort);
        assert_eq!(reason(choose(&"x".repeat(129))), Reason::PasswordLong);
        assert_eq!(reason(choose("Ana.Silva@example.org")), Reason::PasswordGuessable);
        assert!(choose(&"é".repeat(128)).is_ok());
        assert_eq!(choose("cafe\u{301} au lait"), choose("café au lait"));
        assert_eq!(format!("{:?}", choose("correct horse").unwrap()), "Password(…)");
        assert!(Password::claim(&"x".repeat(129)).is_none());
    }

    #[test]
    fn a_version_rises_only_when_something_changes() {
        let learner = Roles::parse(vec![Role::Learner]).unwrap();
        let mut person = Person {
            id: PersonId::new(),
            version: 1,
            name: Name::parse("Ana").unwrap(),
            mail: Mail::parse("ana@example.org").unwrap(),
            language: Language::En,
            time_zone: Tz::Europe__Lisbon,
            roles: learner.clone(),
            registered_at: DateTime::UNIX_EPOCH,
        };
        assert!(!person.change(Change { language: Some(Language::En), ..Change::default() }));
        assert!(!person.change(Change { roles: Some(learner), ..Change::default() }));
        assert_eq!(person.version, 1);
        assert!(person.change(Change { language: Some(Language::Fr), ..Change::default() }));
        let roles = Some(person.roles.with(Role::Administrator));
        assert!(person.change(Change { roles, ..Change::default() }));
        assert_eq!((person.version, person.language), (3, Language::Fr));
        assert_eq!(reason(Roles::parse(vec![])), Reason::Roles);
    }
}
