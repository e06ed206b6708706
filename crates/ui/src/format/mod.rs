//! Dates, times and numbers as people write them, in French and in English.

mod read;
mod span;

use std::fmt::Display;

use chrono::{DateTime, Datelike, Timelike, Utc};
pub use chrono_tz::Tz;
use event::Language;

pub use read::{parse_local, parse_number};
pub use span::{format_duration, format_relative, format_size};

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The zone of an IANA name, `Europe/Paris`.
#[must_use]
pub fn time_zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// `24 November 2026`, `1er novembre 2026`.
#[must_use]
pub fn format_date(date: DateTime<Utc>, language: Language, zone: Tz) -> String {
    let date = date.with_timezone(&zone);
    let month = date.month0() as usize;
    match language {
        Language::En => format!("{} {} {}", date.day(), ENGLISH_MONTHS[month], date.year()),
        Language::Fr => {
            let first = if date.day() == 1 { "er" } else { "" };
            format!("{}{first} {} {}", date.day(), FRENCH_MONTHS[month], date.year())
        }
    }
}

/// `14:05`, `14 h 05`.
#[must_use]
pub fn format_time(date: DateTime<Utc>, language: Language, zone: Tz) -> String {
    let date = date.with_timezone(&zone);
    match language {
        Language::En => format!("{:02}:{:02}", date.hour(), date.minute()),
        Language::Fr => format!("{}\u{a0}h\u{a0}{:02}", date.hour(), date.minute()),
    }
}

/// `24 November 2026 at 14:05 (CET)`, `24 novembre 2026 à 14 h 05 (CET)`.
#[must_use]
pub fn format_date_time(date: DateTime<Utc>, language: Language, zone: Tz) -> String {
    let at = match language {
        Language::En => "at",
        Language::Fr => "à",
    };
    format!(
        "{} {at} {} ({})",
        format_date(date, language, zone),
        format_time(date, language, zone),
        date.with_timezone(&zone).format("%Z")
    )
}

/// A number with its thousands apart and its decimal mark: `1,234.5`, `1 234,5`. It takes whatever
/// prints as a plain decimal, so that a mark is never a float.
#[must_use]
pub fn format_number(number: impl Display, language: Language) -> String {
    let text = number.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let (apart, mark) = match language {
        Language::En => (',', '.'),
        Language::Fr => ('\u{202f}', ','),
    };
    let mut out = sign.to_owned();
    let digits = whole.chars().count();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (digits - index).is_multiple_of(3) {
            out.push(apart);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push(mark);
        out.push_str(fraction);
    }
    out
}

/// `85%`, `85 %`: the number is already out of a hundred.
#[must_use]
pub fn format_percent(number: impl Display, language: Language) -> String {
    match language {
        Language::En => format!("{}%", format_number(number, language)),
        Language::Fr => format!("{}\u{a0}%", format_number(number, language)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_in_both_languages_and_in_the_reader_s_zone() {
        let date: DateTime<Utc> = "2026-10-31T23:05:00Z".parse().unwrap();
        let paris = time_zone("Europe/Paris").unwrap();
        assert_eq!(format_date(date, Language::En, Tz::UTC), "31 October 2026");
        assert_eq!(format_date(date, Language::Fr, paris), "1er novembre 2026");
        assert_eq!(format_date_time(date, Language::En, paris), "1 November 2026 at 00:05 (CET)");
        assert_eq!(format_time(date, Language::Fr, paris), "0\u{a0}h\u{a0}05");
        assert_eq!(time_zone("Mars/Olympus"), None);
    }

    #[test]
    fn numbers_in_both_languages() {
        assert_eq!(format_number("1234567.50", Language::En), "1,234,567.50");
        assert_eq!(format_number("1234.5", Language::Fr), "1\u{202f}234,5");
        assert_eq!(format_number(-999, Language::En), "−999");
        assert_eq!(format_percent("66.7", Language::Fr), "66,7\u{a0}%");
        assert_eq!(format_percent(85, Language::En), "85%");
    }
}
