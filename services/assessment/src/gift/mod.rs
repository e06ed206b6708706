//! GIFT, the text format Moodle's teachers write questions in:
//! <https://docs.moodle.org/en/GIFT_format>. Read whole, written back.
//!
//! A bad question is refused with its file, its line and what to do about it; the others go in.
//! The text is hostile until read: sizes are limited, the work grows with the length alone, and
//! nothing panics. What is not done here: rendering of the formats, and files in questions.
//!
//! Where this reader is more lenient than Moodle's: blank lines inside braces, `$CATEGORY:` directly
//! followed by a question, weights after `=` in a choice, decimal commas. Where it is stricter:
//! what Moodle imports with a warning (nobody can get all the marks) is refused.

mod answers;
mod blocks;
mod question;
mod refusal;
mod scan;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::QuestionContent;
use blocks::{Blocks, Piece};
pub use refusal::{Reason, Refusal};
pub use write::to_gift;

pub const LARGEST_FILE: usize = 4 * 1024 * 1024;
pub const MOST_QUESTIONS: usize = 10_000;
/// After so many the file is not GIFT, and a longer list helps nobody.
pub const MOST_REFUSALS: usize = 1_000;
/// In characters.
pub const LONGEST_TEXT: usize = 50_000;
pub const LONGEST_TITLE: usize = 255;
pub const LONGEST_CATEGORY: usize = 1_000;
pub const MOST_ANSWERS: usize = 200;
pub const MOST_TAGS: usize = 50;

/// What a file held.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Parsed {
    pub questions: Vec<QuestionContent>,
    pub refused: Vec<Refusal>,
}

/// Reads the bytes of a file, which must be UTF-8.
#[must_use]
pub fn parse_bytes(file: &str, bytes: &[u8]) -> Parsed {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(file, text),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
            refused_whole(file, line, Reason::NotUtf8)
        }
    }
}

/// Reads a file.
#[must_use]
pub fn parse(file: &str, text: &str) -> Parsed {
    if text.len() > LARGEST_FILE {
        return refused_whole(file, 1, Reason::FileTooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = scan::with_plain_line_ends(text);
    let file: Arc<str> = file.into();
    let mut parsed = Parsed::default();
    let mut category = None;
    for piece in Blocks::of(&text) {
        if let Some(reason) = parsed.is_full() {
            parsed.refuse(&file, piece.line(), reason);
            break;
        }
        match piece {
            Piece::Category { line, path } => match question::category(path) {
                Ok(path) => category = path,
                Err(reason) => parsed.refuse(&file, line, reason),
            },
            Piece::Question(block) => match question::read(&block) {
                Ok(content) => {
                    parsed.questions.push(QuestionContent { category: category.clone(), ..content })
                }
                Err(fault) => parsed.refuse(&file, block.line_of(fault.at), fault.reason),
            },
        }
    }
    parsed
}

fn refused_whole(file: &str, line: usize, reason: Reason) -> Parsed {
    Parsed { questions: vec![], refused: vec![Refusal { file: file.into(), line, reason }] }
}

impl Parsed {
    fn refuse(&mut self, file: &Arc<str>, line: usize, reason: Reason) {
        self.refused.push(Refusal { file: Arc::clone(file), line, reason });
    }

    fn is_full(&self) -> Option<Reason> {
        if self.questions.len() >= MOST_QUESTIONS {
            return Some(Reason::TooManyQuestions);
        }
        (self.refused.len() >= MOST_REFUSALS).then_some(Reason::TooManyRefusals)
    }
}
