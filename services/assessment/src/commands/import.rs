//! Importing a quiz from GIFT. A bad question is refused with its file, its line and the reason,
//! and the others go in.

use bus::{Db, Tx};
use contract::catalog::ids;
use event::{CourseId, Language, QuizId};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::places;
use crate::{
    domain::{Quiz, QuizRefused, identify},
    gift, store,
};

pub(super) const LONGEST_KEY: usize = 100;
pub(super) const LONGEST_TITLE: usize = 255;

/// A quiz to be imported.
#[derive(Clone, Debug)]
pub struct QuizSource {
    /// Stable within the course.
    pub key: String,
    /// Counts until the course has a place for it, and decides; so does the pass mark.
    pub title: String,
    /// The file's name, for the refusals.
    pub file: String,
    pub gift: Vec<u8>,
    /// From 0 to 100.
    pub pass_percent: u32,
    /// None: as many as one likes.
    pub max_attempts: Option<u32>,
}

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Imported {
    #[schema(value_type = uuid::Uuid)]
    pub quiz: QuizId,
    pub key: String,
    pub version: u64,
    pub outcome: Outcome,
    pub questions: usize,
    pub refused: Vec<Refused>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// A question that did not go in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Refused {
    pub file: String,
    pub line: usize,
    pub reason: String,
}

/// Nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{file}: no question in it can be used: {}", list(refused))]
    NothingGood { file: String, refused: Vec<Refused> },
    #[error("{file}: {reason}")]
    Quiz { file: String, reason: QuizRefused },
    #[error(
        "the quiz's {field} is empty or longer than {limit} characters: write one of 1 to {limit}"
    )]
    Length { field: &'static str, limit: usize },
    #[error(transparent)]
    Store(#[from] bus::Error),
}

impl ImportError {
    /// The same reason in French.
    pub(crate) fn in_french(&self) -> String {
        match self {
            Self::NothingGood { .. } => "aucune question n'est utilisable".to_owned(),
            Self::Quiz { reason, .. } => reason.in_french(),
            Self::Length { limit, .. } => {
                format!("vide, ou plus long que {limit} caractères : écrivez-en de 1 à {limit}")
            }
            Self::Store(error) => error.to_string(),
        }
    }
}

fn list(refused: &[Refused]) -> String {
    const SHOWN: usize = 5;
    if refused.is_empty() {
        return "it is empty".to_owned();
    }
    let shown = refused.iter().take(SHOWN);
    let lines: Vec<String> =
        shown.map(|refused| format!("line {}: {}", refused.line, refused.reason)).collect();
    let rest = refused.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    lines.join("; ") + &more
}

/// Imports a quiz, with reasons in English. The same again changes nothing; what has changed makes
/// a new version, and attempts in progress keep theirs.
///
/// # Errors
/// When no question can be used, nobody could take the quiz, or the database is away.
pub async fn import(
    db: &Db,
    course: CourseId,
    source: QuizSource,
) -> Result<Imported, ImportError> {
    import_in(db, course, source, Language::En).await
}

/// As [`import`], with reasons in a language.
pub(crate) async fn import_in(
    db: &Db,
    course: CourseId,
    source: QuizSource,
    language: Language,
) -> Result<Imported, ImportError> {
    let (quiz, refused) = read(ids::quiz(course, &source.key), &source, language)?;
    let mut tx = db.begin().await?;
    let (version, outcome) = put(&mut tx, course, &source.key, &quiz).await?;
    if outcome != Outcome::Unchanged {
        tx.commit().await?;
    }
    let questions = quiz.questions.len();
    Ok(Imported { quiz: quiz.id, key: source.key, version, outcome, questions, refused })
}

/// As [`import`], within a transaction, for a quiz whose id is known.
pub(crate) async fn put_source(
    tx: &mut Tx,
    course: CourseId,
    quiz: QuizId,
    source: &QuizSource,
) -> Result<Outcome, ImportError> {
    let (mut quiz, _) = read(quiz, source, Language::En)?;
    if let Some(known) = store::quiz(tx, quiz.id).await? {
        quiz.max_attempts = known.max_attempts;
    }
    Ok(put(tx, course, &source.key, &quiz).await?.1)
}

/// A reason of the domain or of the reader, in a language.
pub(crate) fn say(language: Language, english: String, french: String) -> String {
    match language {
        Language::En => english,
        Language::Fr => french,
    }
}

fn read(
    id: QuizId,
    source: &QuizSource,
    language: Language,
) -> Result<(Quiz, Vec<Refused>), ImportError> {
    within("key", &source.key, LONGEST_KEY)?;
    within("title", &source.title, LONGEST_TITLE)?;
    let parsed = gift::parse_bytes(&source.file, &source.gift);
    let refused = |refusal: gift::Refusal| Refused {
        file: refusal.file.to_string(),
        line: refusal.line,
        reason: say(language, refusal.reason.to_string(), refusal.reason.in_french()),
    };
    let refused: Vec<Refused> = parsed.refused.into_iter().map(refused).collect();
    if parsed.questions.is_empty() {
        return Err(ImportError::NothingGood { file: source.file.clone(), refused });
    }
    let quiz = Quiz {
        id,
        title: source.title.trim().to_owned(),
        pass_percent: source.pass_percent.into(),
        max_attempts: source.max_attempts,
        questions: identify(id, parsed.questions),
    };
    let unfit = |reason| ImportError::Quiz { file: source.file.clone(), reason };
    quiz.validate().map_err(unfit)?;
    Ok((quiz, refused))
}

pub(super) fn within(field: &'static str, text: &str, limit: usize) -> Result<(), ImportError> {
    let fits = !text.trim().is_empty()
        && text.chars().nth(limit).is_none()
        && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(ImportError::Length { field, limit }) }
}

pub(crate) fn hash(content: &str) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn put(
    tx: &mut Tx,
    course: CourseId,
    key: &str,
    quiz: &Quiz,
) -> Result<(u64, Outcome), ImportError> {
    places::begin_writing(tx, course).await?;
    match places::write(tx, course, key, quiz).await? {
        Some(version) => {
            let outcome = if version == 1 { Outcome::Created } else { Outcome::Updated };
            Ok((version, outcome))
        }
        None => {
            let known = store::quiz(tx, quiz.id).await?;
            Ok((known.map_or(1, |known| known.version), Outcome::Unchanged))
        }
    }
}
