//! Text as a list of results shows it.

use super::Words;

const BEFORE: usize = 60;
const LENGTH: usize = 220;
/// Where there would be lines, a heading would run into the sentence below it.
const BETWEEN_BLOCKS: &str = " · ";

/// Markdown without its marks and addresses. A blank line stands between blocks, and between the cells of a
/// table.
#[must_use]
pub fn plain(markdown: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in markdown.lines().map(str::trim) {
        if is_border(line) {
            goes_on = false;
        } else if let Some(cells) = line.strip_prefix('|') {
            blocks.extend(cells.split('|').map(|cell| plain_line(cell.trim())));
            goes_on = false;
        } else {
            let text = plain_line(line.trim_start_matches(['#', '>', '-', '*', '+', ' ']));
            match blocks.last_mut().filter(|_| goes_on && !is_beginning(line)) {
                Some(block) => {
                    block.push('\n');
                    block.push_str(&text);
                }
                None => blocks.push(text),
            }
            goes_on = !line.starts_with('#');
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n")
}

/// What stands between blocks: nothing, a fence, a rule, the line below a table's head.
fn is_border(line: &str) -> bool {
    line.starts_with("```")
        || line.starts_with("~~~")
        || line.chars().all(|letter| matches!(letter, '|' | '-' | ':' | ' '))
}

/// A heading, or an entry of a list.
fn is_beginning(line: &str) -> bool {
    let after_number = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with(". ");
    is_numbered || ["#", "- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
}

fn plain_line(mut line: &str) -> String {
    let mut out = String::with_capacity(line.len());
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
    out
}

/// The part of a plain text around the first word that was looked for, or its beginning.
#[must_use]
pub fn snippet(text: &str, words: &Words) -> String {
    let all = spaced(text);
    let hit = all.iter().position(|(_, word)| words.hit(word)).unwrap_or(0);
    let mut first = hit;
    let mut letters = 0;
    while first > 0 && letters + length(all[first - 1]) <= BEFORE {
        first -= 1;
        letters += length(all[first]);
    }
    let mut out = String::new();
    let (mut left, mut shown) = (LENGTH, 0);
    for (gap, word) in &all[first..] {
        let gap = if shown == 0 { "" } else { *gap };
        let word: String = word.chars().take(LENGTH).collect();
        let taken = length((gap, word.as_str()));
        if taken > left {
            break;
        }
        left -= taken;
        out.push_str(gap);
        out.push_str(&word);
        shown += 1;
    }
    let is_cut = first + shown < all.len();
    format!("{}{out}{}", if first > 0 { "… " } else { "" }, if is_cut { " …" } else { "" })
}

/// The words of a plain text, each with what parts it from the one before.
fn spaced(text: &str) -> Vec<(&'static str, &str)> {
    let mut words = Vec::new();
    let mut gap = " ";
    for line in text.lines() {
        if line.trim().is_empty() {
            gap = BETWEEN_BLOCKS;
        }
        for word in line.split_whitespace() {
            words.push((std::mem::replace(&mut gap, " "), word));
        }
    }
    words
}

fn length((gap, word): (&str, &str)) -> usize {
    gap.chars().count() + word.chars().count()
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
