//! How large things may be, and what a key looks like.

use super::Refusal;

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
        return Err(Refusal::field(field, "this must not be empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::field(field, "this must be one line, without control characters"));
    }
    at_most(field, text, TITLE_CHARS)?;
    Ok(text.to_owned())
}

/// # Errors
/// When it is longer than that.
pub fn at_most(field: &'static str, text: &str, chars: usize) -> Result<(), Refusal> {
    let count = text.chars().count();
    if count > chars {
        return Err(Refusal::field(
            field,
            format!("this has {count} characters, at most {chars} are taken: shorten it"),
        ));
    }
    if text.contains('\0') {
        return Err(Refusal::field(field, "this holds a NUL character: take it out"));
    }
    Ok(())
}

/// # Errors
/// When there are too many, or one is too long or blank.
pub fn objectives(list: &[String]) -> Result<(), Refusal> {
    if list.len() > OBJECTIVES {
        return Err(Refusal::field(
            "objectives",
            format!("there are {}, at most {OBJECTIVES} are taken", list.len()),
        ));
    }
    for objective in list {
        if objective.trim().is_empty() {
            return Err(Refusal::field(
                "objectives",
                "an objective is empty: fill it in or drop it",
            ));
        }
        at_most("objectives", objective, OBJECTIVE_CHARS)?;
    }
    Ok(())
}

/// # Errors
/// When it is more than anybody would work.
pub fn minutes(count: u32) -> Result<u32, Refusal> {
    if count > MINUTES {
        return Err(Refusal::field("minutes", format!("at most {MINUTES} are taken")));
    }
    Ok(count)
}

/// # Errors
/// When it is empty or larger than a lesson may be.
pub fn lesson_text(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::field("text", "a lesson needs a text, in Markdown"));
    }
    if text.len() > TEXT_BYTES {
        return Err(Refusal::field(
            "text",
            format!(
                "this has {} bytes, at most {TEXT_BYTES} are taken: split the lesson",
                text.len()
            ),
        ));
    }
    if text.contains('\0') {
        return Err(Refusal::field("text", "this holds a NUL character: take it out"));
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
    Err(Refusal::field(
        "key",
        format!(
            "a key has at most {KEY_CHARS} small letters (a to z), digits and single hyphens \
             between them, such as “queues-by-example”, and is no id"
        ),
    ))
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
