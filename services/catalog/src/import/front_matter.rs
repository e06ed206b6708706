//! The few lines between `---` at the top of a Markdown file: `key: value`, as far as a lesson needs.
//! Keys that mean nothing here, lists and nested values are passed over.

use std::path::Path;

use super::ImportError;
use crate::domain::said;

const LINES: usize = 200;

/// A file's front matter, and the text after it.
#[derive(Debug)]
pub(super) struct Parted<'a> {
    fields: Vec<(&'a str, &'a str, usize)>,
    pub text: &'a str,
}

impl<'a> Parted<'a> {
    /// Parts a file. One without front matter has no fields.
    pub fn of(file: &Path, content: &'a str) -> Result<Self, ImportError> {
        let Some(rest) = content.strip_prefix("---\n") else {
            return Ok(Self { fields: Vec::new(), text: content });
        };
        let mut fields = Vec::new();
        let mut at = "---\n".len();
        for (index, line) in rest.split_inclusive('\n').take(LINES).enumerate() {
            at += line.len();
            if matches!(line.trim_end(), "---" | "...") {
                return Ok(Self { fields, text: &content[at..] });
            }
            let is_nested = line.starts_with([' ', '\t', '-', '#']);
            if let (Some((key, value)), false) = (line.split_once(':'), is_nested) {
                fields.push((key.trim(), unquote(value.trim()), index + 2));
            }
        }
        Err(ImportError::new(
            file,
            1,
            said!(
                "the front matter does not end within {LINES} lines: close it with a line “---”",
                "l’en-tête ne se termine pas dans les {LINES} premières lignes : fermez-le par une ligne « --- »"
            ),
        ))
    }

    /// A field's value and its line, unless it is empty.
    pub fn get(&self, key: &str) -> Option<(&'a str, usize)> {
        self.fields
            .iter()
            .find(|(found, value, _)| *found == key && !value.is_empty())
            .map(|(_, value, line)| (*value, *line))
    }

    /// A number of minutes.
    pub fn minutes(&self, file: &Path, key: &str) -> Result<Option<u32>, ImportError> {
        let Some((value, line)) = self.get(key) else {
            return Ok(None);
        };
        let minutes =
            value.parse().ok().filter(|minutes| *minutes <= crate::domain::limits::MINUTES);
        minutes.map(Some).ok_or_else(|| {
            let problem = said!(
                "“{key}” is a number of minutes, not “{value}”",
                "« {key} » est un nombre de minutes, et non « {value} »"
            );
            ImportError::new(file, line, problem)
        })
    }
}

fn unquote(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.trim();
        }
    }
    value
}
