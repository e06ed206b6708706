//! One block of text as one question.

use super::{
    LONGEST_CATEGORY, LONGEST_TEXT, LONGEST_TITLE, MOST_TAGS, answers,
    blocks::Block,
    refusal::{Fault, Reason},
    scan,
};
use crate::domain::{Format, Kind, QuestionContent, Text};

/// Where the answers stood in a sentence that goes on after them.
const GAP: &str = "_____";

/// Reads a block; its category is the caller's to add.
pub fn read<'a>(block: &'a Block<'_>) -> Result<QuestionContent, Fault<'a>> {
    let text = block.text.trim();
    if let Some(place) = text.find('\0') {
        return Err(Fault::at(&text[place..], Reason::Nul));
    }
    let (title, rest) = title(text)?;
    let parts = parts(rest)?;
    let stem = parts.stem();
    let text = formatted(&stem, Format::Moodle);
    if text.text.is_empty() {
        return Err(Fault::at(rest, Reason::NoText));
    }
    let text = not_too_long(rest, text)?;
    let (kind, general_feedback) = match parts.answers {
        Some(inside) => answers_and_feedback(inside, text.format)?,
        None => (Kind::Description, None),
    };
    let (author_id, tags) = labels(&block.comments);
    Ok(QuestionContent { title, text, kind, general_feedback, category: None, author_id, tags })
}

/// The path of a `$CATEGORY:` line; an empty one goes back to none.
pub fn category(path: &str) -> Result<Option<String>, Reason> {
    let path = scan::unescape(path);
    if path.contains('\0') {
        return Err(Reason::Nul);
    }
    if path.chars().nth(LONGEST_CATEGORY).is_some() {
        return Err(Reason::CategoryTooLong { limit: LONGEST_CATEGORY });
    }
    Ok((!path.is_empty()).then_some(path))
}

/// Text with its format, said by a `[html]` before it or else inherited.
pub fn formatted(text: &str, inherited: Format) -> Text {
    let named = text.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match named.and_then(|(name, rest)| Some((format(name)?, rest))) {
        Some((format, rest)) => Text::new(format, scan::unescape(rest)),
        None => Text::new(inherited, scan::unescape(text)),
    }
}

/// As [`formatted`], for what is none when it is empty.
pub fn feedback(text: &str, inherited: Format) -> Result<Option<Text>, Fault<'_>> {
    let read = not_too_long(text, formatted(text, inherited))?;
    Ok((!read.text.is_empty()).then_some(read))
}

pub fn not_too_long(at: &str, text: Text) -> Result<Text, Fault<'_>> {
    if text.text.chars().nth(LONGEST_TEXT).is_some() {
        return Err(Fault::at(at, Reason::TextTooLong { limit: LONGEST_TEXT }));
    }
    Ok(text)
}

fn format(name: &str) -> Option<Format> {
    match name {
        "html" => Some(Format::Html),
        "markdown" => Some(Format::Markdown),
        "plain" => Some(Format::Plain),
        "moodle" => Some(Format::Moodle),
        _ => None,
    }
}

fn title(text: &str) -> Result<(Option<String>, &str), Fault<'_>> {
    let Some(rest) = text.strip_prefix("::") else {
        return Ok((None, text));
    };
    let Some((title, rest)) = scan::split_once(rest, "::") else {
        return Err(Fault::at(text, Reason::TitleNotClosed));
    };
    let title = scan::unescape(title);
    if title.chars().nth(LONGEST_TITLE).is_some() {
        return Err(Fault::at(text, Reason::TitleTooLong { limit: LONGEST_TITLE }));
    }
    Ok(((!title.is_empty()).then_some(title), rest.trim()))
}

struct Parts<'a> {
    before: &'a str,
    answers: Option<&'a str>,
    after: &'a str,
}

impl Parts<'_> {
    fn stem(&self) -> String {
        match self.answers {
            Some(_) if !self.after.is_empty() => format!("{}{GAP}{}", self.before, self.after),
            _ => self.before.to_owned(),
        }
    }
}

fn parts(text: &str) -> Result<Parts<'_>, Fault<'_>> {
    let mut braces = scan::unescaped(text).filter(|(_, byte)| matches!(byte, b'{' | b'}'));
    let (open, close) = match (braces.next(), braces.next(), braces.next()) {
        (None, _, _) => {
            return Ok(Parts { before: text, answers: None, after: "" });
        }
        (Some((place, b'}')), _, _) => {
            return Err(Fault::at(&text[place..], Reason::BraceNotOpened));
        }
        (Some((place, _)), None, _) => {
            return Err(Fault::at(&text[place..], Reason::BraceNotClosed));
        }
        (Some((open, _)), Some((close, b'}')), None) => (open, close),
        (_, Some((_, b'}')), Some((place, b'}'))) => {
            return Err(Fault::at(&text[place..], Reason::BraceNotOpened));
        }
        (_, Some((_, b'}')), Some((place, _))) | (_, Some((place, _)), _) => {
            return Err(Fault::at(&text[place..], Reason::SecondBrace));
        }
    };
    Ok(Parts {
        before: &text[..open],
        answers: Some(&text[open + 1..close]),
        after: &text[close + 1..],
    })
}

fn answers_and_feedback(inside: &str, format: Format) -> Result<(Kind, Option<Text>), Fault<'_>> {
    let mark = "####";
    let Some(place) = scan::rfind(inside, mark) else {
        return Ok((answers::read(inside.trim(), format)?, None));
    };
    let general = feedback(&inside[place + mark.len()..], format)?;
    Ok((answers::read(inside[..place].trim(), format)?, general))
}

/// `[id:…]` and `[tag:…]` in comments; the first id counts.
fn labels(comments: &[&str]) -> (Option<String>, Vec<String>) {
    let all = |name: &'static str| comments.iter().flat_map(move |comment| labelled(comment, name));
    let mut tags: Vec<String> = Vec::new();
    for tag in all("[tag:").take(MOST_TAGS) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    (all("[id:").next(), tags)
}

fn labelled<'a>(comment: &'a str, name: &'static str) -> impl Iterator<Item = String> + 'a {
    let mut rest = comment;
    std::iter::from_fn(move || {
        loop {
            rest = rest.split_once(name)?.1;
            let (label, after) = until_bracket(rest)?;
            rest = after;
            let fits = !label.is_empty() && label.chars().nth(LONGEST_TITLE).is_none();
            if fits && !label.contains('\0') {
                return Some(label);
            }
        }
    })
}

/// Up to a `]` that no backslash stands before.
fn until_bracket(text: &str) -> Option<(String, &str)> {
    let mut label = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        match character {
            ']' => return Some((label.trim().to_owned(), &text[place + 1..])),
            '\\' => {
                let escaped = characters.next_if(|(_, next)| matches!(next, ']' | '\\'));
                label.push(escaped.map_or('\\', |(_, next)| next));
            }
            other => label.push(other),
        }
    }
    None
}
