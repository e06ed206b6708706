//! Text made fit for paper: hostile or careless characters out, dates, durations and numbers in words.

use chrono::{Datelike, NaiveDate};
use event::Language;
use rust_decimal::Decimal;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const LONGEST_NAME: usize = 400;
const LONGEST_LINE: usize = 140;
/// More marks than this on one letter is no language's spelling; it would print over other lines.
const MOST_MARKS: usize = 6;
/// A word this long gets places where a line may break.
const LONGEST_WORD: usize = 40;

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

/// Text to print, and the direction it is read in.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(super) struct Text {
    text: String,
    rtl: bool,
}

impl Text {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// What has the page's room to itself: a person's name, a course's title.
pub(super) fn name(text: &str) -> Text {
    printable(text, LONGEST_NAME)
}

/// What shares the page with others: one line of a list, an address.
pub(super) fn line(text: &str) -> Text {
    printable(text, LONGEST_LINE)
}

pub(super) fn date(date: NaiveDate, language: Language) -> String {
    let month = date.month0() as usize;
    let (months, day) = match language {
        Language::Fr if date.day() == 1 => (FRENCH_MONTHS, "1er".to_owned()),
        Language::Fr => (FRENCH_MONTHS, date.day().to_string()),
        Language::En => (ENGLISH_MONTHS, date.day().to_string()),
    };
    let month = months.get(month).copied().unwrap_or_default();
    format!("{day}\u{a0}{month}\u{a0}{}", date.year())
}

/// `14 h 30`, `45 min`, or nothing for a duration of nothing. French and English alike.
pub(super) fn duration(minutes: u32) -> Option<String> {
    match (minutes / 60, minutes % 60) {
        (0, 0) => None,
        (0, minutes) => Some(format!("{minutes}\u{a0}min")),
        (hours, 0) => Some(format!("{hours}\u{a0}h")),
        (hours, minutes) => Some(format!("{hours}\u{a0}h\u{a0}{minutes:02}\u{a0}min")),
    }
}

pub(super) fn decimal(number: Decimal, language: Language) -> String {
    let plain = number.round_dp(2).normalize().to_string();
    match language {
        Language::Fr => plain.replace('.', ","),
        Language::En => plain,
    }
}

fn printable(text: &str, longest: usize) -> Text {
    let single_spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut printed = String::new();
    let mut characters = 0;
    let mut marks = 0;
    let mut word = 0;
    for character in single_spaced.nfc().filter(|character| !is_unwanted(*character)) {
        if characters == longest {
            printed.push('…');
            break;
        }
        marks = if is_combining_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            continue;
        }
        word = if character == ' ' { 0 } else { word + 1 };
        if word > LONGEST_WORD && marks == 0 && character.is_alphanumeric() {
            printed.push('\u{200b}');
            word = 1;
        }
        printed.push(character);
        characters += 1;
    }
    let rtl = reads_right_to_left(&printed);
    Text { text: printed, rtl }
}

/// Controls, and the marks that reorder what follows them: on a certificate they could only deceive.
fn is_unwanted(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The first letter decides, as Unicode's bidirectional algorithm has it (P2).
fn reads_right_to_left(text: &str) -> bool {
    text.chars().find(|character| character.is_alphabetic()).is_some_and(|letter| {
        matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn dates_are_written_out() {
        assert_eq!(date(day(2026, 8, 1), Language::Fr), "1er\u{a0}août\u{a0}2026");
        assert_eq!(date(day(2026, 11, 22), Language::Fr), "22\u{a0}novembre\u{a0}2026");
        assert_eq!(date(day(2026, 12, 1), Language::En), "1\u{a0}December\u{a0}2026");
    }

    #[test]
    fn durations_are_hours_and_minutes() {
        assert_eq!(duration(0), None);
        assert_eq!(duration(45).unwrap(), "45\u{a0}min");
        assert_eq!(duration(840).unwrap(), "14\u{a0}h");
        assert_eq!(duration(845).unwrap(), "14\u{a0}h\u{a0}05\u{a0}min");
    }

    #[test]
    fn marks_are_written_as_the_language_writes_numbers() {
        let mark = Decimal::new(17_500, 3);
        assert_eq!(decimal(mark, Language::Fr), "17,5");
        assert_eq!(decimal(mark, Language::En), "17.5");
        assert_eq!(decimal(Decimal::new(0, 2), Language::Fr), "0");
    }

    #[test]
    fn what_deceives_or_breaks_a_line_is_left_out() {
        assert_eq!(name(" Ada\n\tLovelace\u{0}").text, "Ada Lovelace");
        assert_eq!(name("Ada\u{202e}ecalevoL").text, "AdaecalevoL");
        assert_eq!(
            name(&format!("e{}", "\u{323}".repeat(1000))).text.chars().count(),
            1 + MOST_MARKS
        );
        assert_eq!(name("Nguye\u{302}\u{303}n").text, "Nguyễn");
    }

    #[test]
    fn long_text_is_cut_and_long_words_may_break() {
        assert!(line(&"a b ".repeat(500)).text.ends_with('…'));
        assert_eq!(line(&"W".repeat(100)).text.matches('\u{200b}').count(), 2);
    }

    #[test]
    fn the_first_letter_gives_the_direction() {
        assert!(name("(1) محمد Ali").rtl);
        assert!(name("דוד").rtl);
        assert!(!name("Ali محمد").rtl);
    }
}
