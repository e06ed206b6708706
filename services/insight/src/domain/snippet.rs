//! Text as a list of results shows it.

use super::Words;

const BEFORE: usize = 60;
const LENGTH: usize = 220;

/// Markdown without its marks and addresses.
#[must_use]
pub fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    for line in markdown.lines() {
        let line = line.trim();
        if line.starts_with("```")
            || line.starts_with("~~~")
            || line.starts_with("|-")
            || line.starts_with("| -")
        {
            continue;
        }
        plain_line(line.trim_start_matches(['#', '>', '-', '*', '+', ' ']), &mut out);
        out.push('\n');
    }
    out
}

fn plain_line(mut line: &str, out: &mut String) {
    while let Some(at) = line.find(['*', '`', '[', ']', '|', '!']) {
        out.push_str(&line[..at]);
        let rest = &line[at..];
        let link = rest.strip_prefix("](").and_then(|target| target.split_once(')'));
        line = match link {
            Some((_, after)) => after,
            None if rest.starts_with('!') && !rest.starts_with("![") => {
                out.push('!');
                &rest[1..]
            }
            None => &rest[1..],
        };
    }
    out.push_str(line);
}

/// The part of a plain text around the first word that was looked for, or its beginning.
#[must_use]
pub fn snippet(text: &str, words: &Words) -> String {
    let clean: Vec<&str> = text.split_whitespace().collect();
    let hit = clean.iter().position(|word| words.hit(word)).unwrap_or(0);
    let mut first = hit;
    let mut letters = 0;
    while first > 0 && letters + clean[first - 1].chars().count() < BEFORE {
        first -= 1;
        letters += clean[first].chars().count() + 1;
    }
    let mut out = String::new();
    let mut left = LENGTH;
    for word in &clean[first..] {
        let word: String = word.chars().take(LENGTH).collect();
        let length = word.chars().count() + 1;
        if length > left {
            break;
        }
        left -= length;
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word);
    }
    let is_cut = out.split(' ').count() < clean.len() - first;
    format!("{}{out}{}", if first > 0 { "… " } else { "" }, if is_cut { " …" } else { "" })
}

/// A piece of a text, and whether it was looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub text: String,
    pub is_hit: bool,
}

/// A text in pieces: the words that were looked for, and what stands between them.
#[must_use]
pub fn marked(text: &str, words: &Words) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let is_hit = words.hit(piece);
        let (word, space) = match is_hit {
            true => piece.split_at(piece.trim_end().len()),
            false => ("", piece),
        };
        if is_hit {
            parts.push(Part { text: word.to_owned(), is_hit });
        }
        match parts.last_mut() {
            Some(last) if !last.is_hit => last.text.push_str(space),
            _ if space.is_empty() => {}
            _ => parts.push(Part { text: space.to_owned(), is_hit: false }),
        }
    }
    parts
}
