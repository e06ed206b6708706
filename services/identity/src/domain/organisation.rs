//! Whose platform it is: what stands on certificates, on the page of legal mentions and above mails.

use chrono::{DateTime, Utc};
use event::{FileReference, OrganisationId, derived_uuid};
use uuid::Uuid;

use super::{Invalid, Reason, bounded, is_deceptive, picture::Picture};

pub(crate) const LONGEST_NAME: usize = 200;
pub(crate) const LONGEST_LINE: usize = 200;
pub(crate) const LONGEST_LEGAL: usize = 10_000;
const MOST_ADDRESS_LINES: usize = 6;
const MOST_YEARS: u8 = 99;

/// There is one.
pub(crate) fn id() -> OrganisationId {
    OrganisationId(derived_uuid(Uuid::NAMESPACE_OID, "the organisation"))
}

/// The organisation as of a version; 0 before anybody wrote anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub(crate) version: u64,
    pub(crate) details: Details,
    pub(crate) logo: Option<Logo>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What an administrator writes. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// A line break between its lines.
    pub address: String,
    /// Plain text, with line breaks.
    pub legal_en: String,
    pub legal_fr: String,
    pub activity_number: String,
    pub representative: String,
    pub capacity: String,
    /// Where certificates are signed.
    pub place: String,
    /// For how many years what a certificate rests on is kept.
    pub retention_years: String,
}

/// A picture that was looked at, in the file store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logo {
    pub(crate) file: FileReference,
    pub(crate) picture: Picture,
}

impl Organisation {
    /// Before anybody wrote anything: as the platform was set up.
    pub(crate) fn unwritten(details: Details) -> Self {
        Self { version: 0, details, logo: None, updated_at: DateTime::UNIX_EPOCH }
    }

    /// Gives whether anything changed; the version rises if so.
    pub(crate) fn change(&mut self, details: Details, now: DateTime<Utc>) -> bool {
        let changed = Self { details, ..self.clone() };
        self.become_if_new(changed, now)
    }

    /// Gives whether it is another one; the version rises if so.
    pub(crate) fn show(&mut self, logo: Option<Logo>, now: DateTime<Utc>) -> bool {
        let changed = Self { logo, ..self.clone() };
        self.become_if_new(changed, now)
    }

    fn become_if_new(&mut self, changed: Self, now: DateTime<Utc>) -> bool {
        if changed == *self && self.version > 0 {
            return false;
        }
        *self = Self { version: self.version + 1, updated_at: now, ..changed };
        true
    }
}

impl Details {
    /// Trimmed, or all that is wrong.
    pub(crate) fn parse(self) -> Result<Self, Vec<Invalid>> {
        let mut wrong = Vec::new();
        let mut keep = |parsed: Result<String, Invalid>| {
            parsed.unwrap_or_else(|invalid| {
                wrong.push(invalid);
                String::new()
            })
        };
        let parsed = Self {
            name: keep(name(&self.name)),
            address: keep(address(&self.address)),
            activity_number: keep(line("activity_number", &self.activity_number)),
            representative: keep(line("representative", &self.representative)),
            capacity: keep(line("capacity", &self.capacity)),
            place: keep(line("place", &self.place)),
            retention_years: keep(years("retention_years", &self.retention_years)),
            legal_fr: keep(lines("legal_fr", &self.legal_fr)),
            legal_en: keep(lines("legal_en", &self.legal_en)),
        };
        if wrong.is_empty() { Ok(parsed) } else { Err(wrong) }
    }

    pub(crate) fn address_lines(&self) -> impl Iterator<Item = &str> {
        self.address.lines()
    }
}

fn name(text: &str) -> Result<String, Invalid> {
    let wrong = Invalid { field: "name", reason: Reason::OrganisationName };
    line("name", text).ok().filter(|name| !name.is_empty()).ok_or(wrong)
}

/// One line, or nothing.
fn line(field: &'static str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let long = Invalid { field, reason: Reason::TextLong(LONGEST_LINE) };
    let text = bounded(text, LONGEST_LINE).ok_or(long)?;
    if text.chars().any(is_deceptive) {
        return Err(Invalid { field, reason: Reason::TextCharacters });
    }
    Ok(text)
}

/// A number of them, or nothing.
fn years(field: &'static str, text: &str) -> Result<String, Invalid> {
    let wrong = Invalid { field, reason: Reason::Years(MOST_YEARS) };
    match text.trim() {
        "" => Ok(String::new()),
        text => {
            let years = text.parse::<u8>().ok().filter(|years| (1..=MOST_YEARS).contains(years));
            years.map(|years| years.to_string()).ok_or(wrong)
        }
    }
}

fn address(text: &str) -> Result<String, Invalid> {
    let field = "address";
    let kept: Vec<String> = text
        .lines()
        .filter(|text| !text.trim().is_empty())
        .take(MOST_ADDRESS_LINES + 1)
        .map(|text| line(field, text))
        .collect::<Result<_, _>>()?;
    if kept.len() > MOST_ADDRESS_LINES {
        return Err(Invalid { field, reason: Reason::Lines(MOST_ADDRESS_LINES) });
    }
    Ok(kept.join("\n"))
}

/// As many lines as one likes, or nothing.
fn lines(field: &'static str, text: &str) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let long = Invalid { field, reason: Reason::TextLong(LONGEST_LEGAL) };
    let text = bounded(&text, LONGEST_LEGAL).ok_or(long)?;
    if text.chars().any(|c| is_deceptive(c) && c != '\n') {
        return Err(Invalid { field, reason: Reason::TextCharacters });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn details() -> Details {
        Details {
            name: " École du Fleuve ".into(),
            address: "12 quai des Brumes\r\n\r\n29200 Brest ".into(),
            legal_fr: "Un\r\n\r\nDeux".into(),
            place: " Brest".into(),
            retention_years: "05".into(),
            ..Details::default()
        }
    }

    #[test]
    fn what_is_written_is_trimmed_and_bounded() {
        let parsed = details().parse().unwrap();
        assert_eq!(parsed.name, "École du Fleuve");
        assert_eq!(parsed.address, "12 quai des Brumes\n29200 Brest");
        assert_eq!(parsed.legal_fr, "Un\n\nDeux");
        assert_eq!((parsed.place.as_str(), parsed.retention_years.as_str()), ("Brest", "5"));
        let wrong = Details {
            name: "\t".into(),
            address: "a\n".repeat(7),
            capacity: "a\u{202e}b".into(),
            legal_en: "x".repeat(LONGEST_LEGAL + 1),
            retention_years: "a hundred".into(),
            ..details()
        };
        let fields: Vec<&str> =
            wrong.parse().unwrap_err().iter().map(|invalid| invalid.field).collect();
        assert_eq!(fields, ["name", "address", "capacity", "retention_years", "legal_en"]);
    }

    #[test]
    fn a_version_rises_only_when_something_changes() {
        let now = DateTime::UNIX_EPOCH;
        let mut organisation = Organisation::unwritten(details());
        assert!(
            organisation.change(details(), now),
            "what was set up is told once it is confirmed"
        );
        assert!(!organisation.change(details(), now));
        assert!(!organisation.show(None, now));
        assert_eq!(organisation.version, 1);
    }
}
