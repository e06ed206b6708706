//! Courses that come as files: a folder with `course.toml`, or a bare folder of Markdown.
//!
//! [`read_folder`] reads and checks, and touches no database; [`import`] makes the catalogue equal
//! to what was read, and publishes it. The same files again change nothing. Questions in `*.gift`
//! are the assessment's: only a quiz's place is noted here.
//!
//! The importing is the files' word: it overwrites what was changed in imported parts through the
//! API, once the files differ from those imported last. Sections, lessons and quizzes that were added
//! through the API stay. A bare folder says little, and so changes little of a course that is there: its
//! lessons, and quizzes that are new.

mod apply;
mod bare;
mod clean;
mod folder;
mod front_matter;
mod manifest;
pub(crate) mod upload;
mod zip;

pub use apply::{Imported, Outcome, import};
pub(crate) use apply::{fingerprint, take};

use std::{
    fmt,
    path::{Path, PathBuf},
};

use contract::catalog::CertificateDesign;
use event::Language;
use serde::{Deserialize, Serialize};

use crate::domain::Said;
use folder::Folder;

/// So many notes, and so many names of files that were left out, help somebody.
const NOTED: usize = 50;

/// A course as its files say it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CourseSource {
    pub key: String,
    pub language: Language,
    pub title: String,
    pub summary: String,
    pub objectives: Vec<String>,
    pub minutes: u32,
    pub design: CertificateDesign,
    pub sections: Vec<SectionSource>,
    pub quizzes: Vec<QuizSource>,
    /// It came without a `course.toml`: its details and its sections are made up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bare: bool,
    /// What the reader should know, such as the files that were left out.
    #[serde(skip)]
    pub notes: Vec<Said>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SectionSource {
    pub key: String,
    pub title: String,
    pub lessons: Vec<LessonSource>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonSource {
    /// From the file's name.
    pub key: String,
    pub title: String,
    /// Markdown.
    pub text: String,
    pub minutes: u32,
    pub required: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuizSource {
    pub key: String,
    pub title: String,
    /// Where its questions lie, for the assessment to read. It is there and within the folder.
    #[serde(skip)]
    pub file: PathBuf,
    pub required: bool,
    pub pass_percent: u32,
    pub minutes: u32,
    /// The key of the section after which it stands.
    pub section: Option<String>,
}

/// What is wrong with the files: where, what, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportError {
    pub file: PathBuf,
    pub line: Option<usize>,
    pub problem: Said,
}

impl ImportError {
    fn new(file: &Path, line: impl Into<Option<usize>>, problem: impl Into<Said>) -> Self {
        Self { file: file.to_owned(), line: line.into(), problem: problem.into() }
    }
}

/// All that is wrong with the files; a folder with anything wrong in it is not imported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportErrors(pub Vec<ImportError>);

impl From<ImportError> for ImportErrors {
    fn from(error: ImportError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for ImportErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(formatter, "{end}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ImportErrors {}

/// All that went well, or all that did not.
fn all<T>(
    results: impl IntoIterator<Item = Result<T, ImportError>>,
) -> Result<Vec<T>, ImportErrors> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(ImportErrors(wrong)) }
}

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}", self.problem)
    }
}

impl std::error::Error for ImportError {}

/// Reads a course from a folder of either kind. Reads files, so call it off the async threads.
///
/// # Errors
/// What is wrong, each with its file and line.
pub fn read_folder(path: &Path) -> Result<CourseSource, ImportErrors> {
    read(&mut Folder::open(path)?)
}

fn read(folder: &mut Folder) -> Result<CourseSource, ImportErrors> {
    if folder.has(manifest::FILE) { manifest::read(folder) } else { bare::read(folder) }
}

#[cfg(test)]
mod tests;
