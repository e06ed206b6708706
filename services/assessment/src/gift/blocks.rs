//! Cuts a file into questions and category lines. A blank line ends a question, but not inside
//! braces that do get closed; a brace that never closes takes no other question with it.

use super::scan;

pub enum Piece<'a> {
    Category { line: usize, path: &'a str },
    Question(Block<'a>),
}

impl Piece<'_> {
    pub fn line(&self) -> usize {
        match self {
            Self::Category { line, .. } => *line,
            Self::Question(block) => block.line_of(&block.text),
        }
    }
}

/// The lines of one question, without its comments.
#[derive(Default)]
pub struct Block<'a> {
    pub text: String,
    pub comments: Vec<&'a str>,
    /// Where in the text a line begins, and its number in the file.
    lines: Vec<(usize, usize)>,
}

impl<'a> Block<'a> {
    /// The line of the file in which a part of this block's text begins.
    pub fn line_of(&self, part: &str) -> usize {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let after = self.lines.partition_point(|(offset, _)| *offset <= start);
        self.lines.get(after.saturating_sub(1)).map_or(1, |(_, line)| *line)
    }

    fn push(&mut self, line: &str, number: usize) {
        if !self.lines.is_empty() {
            self.text.push('\n');
        }
        self.lines.push((self.text.len(), number));
        self.text.push_str(line);
    }

    /// Only comments that may say something are kept.
    fn comment(&mut self, line: &'a str) {
        if line.contains("[id:") || line.contains("[tag:") {
            self.comments.push(line);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Brace {
    Opening,
    Closing,
}

/// The pieces of a text, one after the other.
pub struct Blocks<'a> {
    text: &'a str,
    /// Where the next line begins.
    at: usize,
    number: usize,
    /// The first brace found when last looked ahead, and where its line begins.
    ahead: Option<(usize, Option<Brace>)>,
}

impl<'a> Blocks<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { text, at: 0, number: 0, ahead: None }
    }

    fn next_line(&mut self) -> Option<&'a str> {
        let (line, next) = line_at(self.text, self.at)?;
        self.at = next;
        self.number += 1;
        Some(line)
    }

    /// Whether the next brace after here closes. Each line is looked at once, however often asked.
    fn closes_later(&mut self) -> bool {
        if let Some((found, brace)) = self.ahead
            && found >= self.at
        {
            return brace == Some(Brace::Closing);
        }
        let mut at = self.at;
        let brace = loop {
            let Some((line, next)) = line_at(self.text, at) else {
                break None;
            };
            if let Some(brace) = braces(line).next() {
                break Some(brace);
            }
            at = next;
        };
        self.ahead = Some((at, brace));
        brace == Some(Brace::Closing)
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let mut block = Block::default();
        let mut open = false;
        while let Some(line) = self.next_line() {
            if is_comment(line) {
                block.comment(line);
            } else if line.trim().is_empty() {
                if open && self.closes_later() {
                    block.push("", self.number);
                } else if !block.lines.is_empty() {
                    return Some(Piece::Question(block));
                } else {
                    block.comments.clear();
                }
            } else if let Some(path) = category(line).filter(|_| block.lines.is_empty()) {
                return Some(Piece::Category { line: self.number, path });
            } else {
                block.push(line, self.number);
                open = braces(line).last().map_or(open, |brace| brace == Brace::Opening);
            }
        }
        (!block.lines.is_empty()).then_some(Piece::Question(block))
    }
}

fn line_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let length = rest.find('\n').unwrap_or(rest.len());
    Some((&rest[..length], at + length + 1))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn category(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("$CATEGORY:")
}

fn braces(line: &str) -> impl Iterator<Item = Brace> {
    let counts = !is_comment(line);
    scan::unescaped(line).filter(move |_| counts).filter_map(|(_, byte)| match byte {
        b'{' => Some(Brace::Opening),
        b'}' => Some(Brace::Closing),
        _ => None,
    })
}
