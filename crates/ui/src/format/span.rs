//! How long, how long ago, how large.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use event::Language;

use super::{format_date, format_number};
use crate::{TEXTS, text, text_with};

/// A moment as seen from now: “just now”, “3 hours ago”, “in 2 days”; beyond a month its date.
#[must_use]
pub fn format_relative(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    language: Language,
    zone: Tz,
) -> String {
    let between = at - now;
    let away = between.abs();
    if away < TimeDelta::minutes(1) {
        return text(&TEXTS, language, "just-now");
    }
    let (unit, count) = match away {
        _ if away < TimeDelta::hours(1) => ("minutes", away.num_minutes()),
        _ if away < TimeDelta::days(1) => ("hours", away.num_hours()),
        _ if away < TimeDelta::days(31) => ("days", away.num_days()),
        _ => return format_date(at, language, zone),
    };
    let key =
        if between > TimeDelta::zero() { format!("in-{unit}") } else { format!("ago-{unit}") };
    text_with(&TEXTS, language, &key, &[("count", count.into())])
}

/// `45 min`, `1 h`, `1 h 30 min`; in French `1 h 30`.
#[must_use]
pub fn format_duration(minutes: u32, language: Language) -> String {
    match (minutes / 60, minutes % 60, language) {
        (0, minutes, _) => format!("{minutes}\u{a0}min"),
        (hours, 0, _) => format!("{hours}\u{a0}h"),
        (hours, minutes, Language::En) => format!("{hours}\u{a0}h {minutes}\u{a0}min"),
        (hours, minutes, Language::Fr) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    }
}

/// `812 bytes`, `1.4 MB`, `1,4 Mo`: by thousands, as people's machines show it.
#[must_use]
pub fn format_size(bytes: u64, language: Language) -> String {
    if bytes < 1_000 {
        return text_with(&TEXTS, language, "size-bytes", &[("count", bytes.into())]);
    }
    let units = match language {
        Language::En => ["kB", "MB", "GB", "TB"],
        Language::Fr => ["ko", "Mo", "Go", "To"],
    };
    let mut tenths = bytes.div_ceil(100);
    let mut unit = units[0];
    for larger in &units[1..] {
        if tenths < 10_000 {
            break;
        }
        tenths = tenths.div_ceil(1_000);
        unit = larger;
    }
    let number = match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, fraction) if whole < 10 => format!("{whole}.{fraction}"),
        (whole, _) => (whole + 1).to_string(),
    };
    format!("{}\u{a0}{unit}", format_number(number, language))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn moments_as_seen_from_now() {
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let said =
            |delta: TimeDelta, language| format_relative(now + delta, now, language, Tz::UTC);
        for (delta, english, french) in [
            (TimeDelta::seconds(-59), "just now", "à l’instant"),
            (TimeDelta::seconds(-60), "1 minute ago", "il y a 1\u{a0}minute"),
            (TimeDelta::minutes(-59), "59 minutes ago", "il y a 59\u{a0}minutes"),
            (TimeDelta::hours(-3), "3 hours ago", "il y a 3\u{a0}heures"),
            (TimeDelta::hours(-25), "1 day ago", "il y a 1\u{a0}jour"),
            (TimeDelta::days(30), "in 30 days", "dans 30\u{a0}jours"),
            (TimeDelta::hours(1), "in 1 hour", "dans 1\u{a0}heure"),
            (TimeDelta::days(-40), "15 October 2026", "15 octobre 2026"),
        ] {
            assert_eq!(said(delta, Language::En), english);
            assert_eq!(said(delta, Language::Fr), french);
        }
    }

    #[test]
    fn durations_and_sizes() {
        assert_eq!(format_duration(45, Language::En), "45\u{a0}min");
        assert_eq!(format_duration(60, Language::Fr), "1\u{a0}h");
        assert_eq!(format_duration(95, Language::En), "1\u{a0}h 35\u{a0}min");
        assert_eq!(format_duration(605, Language::Fr), "10\u{a0}h\u{a0}05");
        for (bytes, english, french) in [
            (0, "0 bytes", "0\u{a0}octet"),
            (1, "1 byte", "1\u{a0}octet"),
            (999, "999 bytes", "999\u{a0}octets"),
            (1_000, "1\u{a0}kB", "1\u{a0}ko"),
            (1_432_000, "1.5\u{a0}MB", "1,5\u{a0}Mo"),
            (52_000_000, "52\u{a0}MB", "52\u{a0}Mo"),
            (999_999, "1\u{a0}MB", "1\u{a0}Mo"),
            (7_000_000_000_000, "7\u{a0}TB", "7\u{a0}To"),
        ] {
            assert_eq!(format_size(bytes, Language::En), english);
            assert_eq!(format_size(bytes, Language::Fr), french);
        }
    }
}
