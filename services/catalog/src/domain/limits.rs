//! How large things may be, and what a key looks like.

use super::{Refusal, Unfit};

pub const TITLE_CHARS: usize = 200;
pub const SUMMARY_CHARS: usize = 4_000;
pub const OBJECTIVES: usize = 30;
pub const OBJECTIVE_CHARS: usize = 500;
pub const KEY_CHARS: usize = 100;
/// A year of working days.
pub const MINUTES: u32 = 100_000;
/// What a page shows without cutting it.
pub const TEXT_BYTES: usize = 512 * 1024;
pub const SECTIONS: usize = 100;
pub const LESSONS: usize = 300;
/// Withdrawn ones count, for they keep their versions.
pub const LESSONS_EVER: usize = 2_000;
pub const QUIZZES: usize = 50;

/// A title: not blank, on one line, not too long. Gives it trimmed.
///
/// # Errors
/// When it is none.
pub fn title(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::field(field, Unfit::Empty));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::field(field, Unfit::NotOneLine));
    }
    at_most(field, text, TITLE_CHARS)?;
    Ok(text.to_owned())
}

/// # Errors
/// When it is longer than that.
pub fn at_most(field: &'static str, text: &str, chars: usize) -> Result<(), Refusal> {
    let count = text.chars().count();
    if count > chars {
        return Err(Refusal::field(field, Unfit::TooLong { count, limit: chars }));
    }
    if text.contains('\0') {
        return Err(Refusal::field(field, Unfit::Nul));
    }
    Ok(())
}

/// # Errors
/// When there are too many, or one is too long or blank.
pub fn objectives(list: &[String]) -> Result<(), Refusal> {
    if list.len() > OBJECTIVES {
        return Err(Refusal::field(
            "objectives",
            Unfit::TooMany { count: list.len(), limit: OBJECTIVES },
        ));
    }
    for objective in list {
        if objective.trim().is_empty() {
            return Err(Refusal::field("objectives", Unfit::EmptyObjective));
        }
        at_most("objectives", objective, OBJECTIVE_CHARS)?;
    }
    Ok(())
}

/// # Errors
/// When it is more than anybody would work.
pub fn minutes(count: u32) -> Result<u32, Refusal> {
    if count > MINUTES {
        return Err(Refusal::field("minutes", Unfit::TooMuch { limit: MINUTES }));
    }
    Ok(count)
}

/// # Errors
/// When it is empty or larger than a lesson may be.
pub fn lesson_text(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::field("text", Unfit::NoText));
    }
    if text.len() > TEXT_BYTES {
        return Err(Refusal::field("text", Unfit::TooLarge { bytes: text.len() }));
    }
    if text.contains('\0') {
        return Err(Refusal::field("text", Unfit::Nul));
    }
    Ok(())
}

/// A key, as it stands in addresses: `message-queues-by-example`.
///
/// # Errors
/// When it holds anything but small letters, digits and single hyphens, or looks like an id.
pub fn key(text: &str) -> Result<(), Refusal> {
    let shape = text.len() <= KEY_CHARS
        && text.split('-').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    if shape && uuid::Uuid::try_parse(text).is_err() {
        return Ok(());
    }
    Err(Refusal::field("key", Unfit::NoKey))
}

/// A part of the whole mark, from 0 to 100.
///
/// # Errors
/// When it is more.
pub fn percent(count: u32) -> Result<u32, Refusal> {
    if count > 100 {
        return Err(Refusal::field("pass_percent", Unfit::TooMuch { limit: 100 }));
    }
    Ok(count)
}

/// The key that a title or a file name suggests: accents folded, anything else a hyphen.
#[must_use]
pub fn slug(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let mut slug = String::new();
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            'œ' => slug.push_str("oe"),
            'æ' => slug.push_str("ae"),
            'ß' => slug.push_str("ss"),
            'đ' => slug.push('d'),
            'ø' => slug.push('o'),
            'ł' => slug.push('l'),
            '\u{0300}'..='\u{036f}' => {}
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
        if slug.len() >= KEY_CHARS {
            break;
        }
    }
    slug.truncate(KEY_CHARS);
    slug.trim_matches('-').to_owned()
}
