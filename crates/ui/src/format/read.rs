//! Reading back what people write in fields: moments on their own clock, numbers in their own way.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use event::Language;

/// What [`Field::date_time`](crate::Field::date_time) gives, `2026-11-24T14:05`, on the clock of this zone.
/// Of an hour that comes twice the first is meant; in an hour that is skipped the clock goes on.
#[must_use]
pub fn parse_local(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let local =
        forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())?;
    let moment = match zone.from_local_datetime(&local) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment,
        LocalResult::None => {
            let before = zone.from_local_datetime(&(local - TimeDelta::hours(1))).earliest()?;
            before + TimeDelta::hours(1)
        }
    };
    Some(moment.with_timezone(&Utc))
}

/// A number as a plain decimal, `1234.5`, for any type to parse: `1 234,5` as the French write it,
/// `1,234.5` as the English do.
#[must_use]
pub fn parse_number(text: &str, language: Language) -> Option<String> {
    let text = text.trim().replace('−', "-");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let mut plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if language == Language::En && has_thousands(&plain) {
        plain = plain.replace(',', "");
    }
    let plain = plain.replace(',', ".");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain.len() > 40 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    Some(format!("{sign}{plain}"))
}

/// Whether its commas stand where thousands end: `1,5` is a half more than one, in whatever language.
fn has_thousands(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    whole.contains(',') && (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::time_zone;

    #[test]
    fn moments_on_a_person_s_clock() {
        let paris = time_zone("Europe/Paris").unwrap();
        let read = |text| parse_local(text, paris).map(|at| at.to_rfc3339());
        assert_eq!(read("2026-11-24T14:05").unwrap(), "2026-11-24T13:05:00+00:00");
        assert_eq!(read("2026-07-01T14:05:30").unwrap(), "2026-07-01T12:05:30+00:00");
        // The clocks go forward: there is no half past two; and back: there are two of them.
        assert_eq!(read("2026-03-29T02:30").unwrap(), "2026-03-29T01:30:00+00:00");
        assert_eq!(read("2026-10-25T02:30").unwrap(), "2026-10-25T00:30:00+00:00");
        for text in ["", "tomorrow", "2026-13-01T00:00", "2026-11-24"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, language, plain) in [
            ("12", Language::En, "12"),
            ("1,234.5", Language::En, "1234.5"),
            ("1,234", Language::En, "1234"),
            ("1,5", Language::En, "1.5"),
            ("1,234", Language::Fr, "1.234"),
            ("1\u{202f}234,5", Language::Fr, "1234.5"),
            (" −2,5 ", Language::Fr, "-2.5"),
        ] {
            assert_eq!(parse_number(text, language).as_deref(), Some(plain), "{text}");
        }
        for text in ["", "-", "a", "1e5", "1.2.3", ".5", "5.", "1,2,3", "９"] {
            assert_eq!(parse_number(text, Language::En), None, "{text}");
        }
    }
}
