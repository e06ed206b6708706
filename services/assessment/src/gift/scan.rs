//! Escapes: a backslash before one of `: # = { } ~ n \` makes it plain text; before anything else
//! it is a backslash. One extension of ours: `-\>` is an arrow that separates nothing.

use std::borrow::Cow;

use super::MOST_ANSWERS;

const ESCAPABLE: &[u8] = b":#={}~n\\";

/// The places and bytes of a text that belong to no escape.
pub fn unescaped(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let bytes = text.as_bytes();
    let mut next = 0;
    std::iter::from_fn(move || {
        while bytes.get(next) == Some(&b'\\') && is_escapable(bytes.get(next + 1)) {
            next += 2;
        }
        let place = next;
        next += 1;
        bytes.get(place).map(|byte| (place, *byte))
    })
}

fn is_escapable(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| ESCAPABLE.contains(byte))
}

/// Where a mark such as `::` first stands unescaped.
pub fn find(text: &str, mark: &str) -> Option<usize> {
    places(text, mark).next()
}

/// Where it stands last.
pub fn rfind(text: &str, mark: &str) -> Option<usize> {
    places(text, mark).last()
}

fn places(text: &str, mark: &str) -> impl Iterator<Item = usize> {
    unescaped(text)
        .map(|(place, _)| place)
        .filter(move |place| text.as_bytes()[*place..].starts_with(mark.as_bytes()))
}

/// What stands before and after the first such mark.
pub fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    find(text, mark).map(|place| (&text[..place], &text[place + mark.len()..]))
}

/// An answer and the mark it starts with.
pub struct Segment<'a> {
    pub mark: u8,
    pub text: &'a str,
}

/// What stands before the first of these marks, and each mark with what follows it: one more than
/// a question may have at the most, so that a file of marks alone takes no memory.
pub fn segments<'a>(text: &'a str, marks: &[u8]) -> (&'a str, Vec<Segment<'a>>) {
    let marked = unescaped(text).filter(|(_, byte)| marks.contains(byte));
    let starts: Vec<(usize, u8)> = marked.take(MOST_ANSWERS + 1).collect();
    let lead = starts.first().map_or(text, |(first, _)| &text[..*first]);
    let ends = starts.iter().skip(1).map(|(place, _)| *place).chain([text.len()]);
    let segment = |(&(start, mark), end): (&(usize, u8), usize)| Segment {
        mark,
        text: &text[start + 1..end],
    };
    (lead, starts.iter().zip(ends).map(segment).collect())
}

/// The text with its escapes read, without spaces around it.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.peek().copied() {
            Some('n') => plain.push('\n'),
            Some(escaped @ (':' | '#' | '=' | '{' | '}' | '~' | '\\')) => plain.push(escaped),
            Some('>') if plain.ends_with('-') => plain.push('>'),
            _ => {
                plain.push('\\');
                continue;
            }
        }
        characters.next();
    }
    plain.trim().to_owned()
}

/// `\r\n` and a lone `\r` as `\n`.
pub fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r"\~ \= \# \{ \} \:", "~ = # { } :")]
    #[case(r"a\nb", "a\nb")]
    #[case(r"a\\nb", r"a\nb")]
    #[case(r"\a \\ \", r"\a \ \")]
    #[case(r"a -\> b", "a -> b")]
    #[case(r"a -\\> b", r"a -\> b")]
    #[case(r"\>", r"\>")]
    #[case(r" é\n ", "é")]
    fn escapes(#[case] escaped: &str, #[case] plain: &str) {
        assert_eq!(unescape(escaped), plain);
    }

    #[rstest]
    #[case(r"a#b", Some(1))]
    #[case(r"\#b#", Some(3))]
    #[case(r"\\#b", Some(2))]
    #[case(r"\\\#b", None)]
    fn marks_that_count(#[case] text: &str, #[case] place: Option<usize>) {
        assert_eq!(find(text, "#"), place);
    }

    #[test]
    fn the_last_of_overlapping_marks() {
        assert_eq!(rfind("a#####b", "####"), Some(2));
    }

    #[test]
    fn segments_begin_with_their_marks() {
        let (lead, segments) = segments(r"x ~a\~ =b", b"~=");
        assert_eq!(lead, "x ");
        let segments: Vec<_> =
            segments.iter().map(|segment| (segment.mark, segment.text)).collect();
        assert_eq!(segments, [(b'~', r"a\~ "), (b'=', "b")]);
    }
}
