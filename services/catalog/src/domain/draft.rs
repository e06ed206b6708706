//! Changes to a lesson that learners already see, kept apart until they are published; and what an
//! editor has seen of a lesson, so that nobody overwrites what somebody else wrote meanwhile.

use chrono::{DateTime, Utc};
use event::{LessonId, PersonId};

use super::{Course, Lesson, LessonChanges, Refusal, State, limits};

/// What an author writes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LessonContent {
    pub title: String,
    pub text: String,
    pub minutes: u32,
    pub required: bool,
}

impl LessonContent {
    /// The same, trimmed.
    ///
    /// # Errors
    /// When something does not fit.
    pub fn fitting(self) -> Result<Self, Refusal> {
        limits::lesson_text(&self.text)?;
        limits::minutes(self.minutes)?;
        Ok(Self { title: limits::title("title", &self.title)?, ..self })
    }
}

impl From<LessonContent> for LessonChanges {
    fn from(content: LessonContent) -> Self {
        Self {
            title: Some(content.title),
            text: Some(content.text),
            minutes: Some(content.minutes),
            required: Some(content.required),
        }
    }
}

/// A changed lesson that learners do not see yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub lesson: LessonId,
    /// The lesson's version from which it was begun.
    pub base: u64,
    /// Rises with each save.
    pub revision: u64,
    pub content: LessonContent,
    pub saved_at: DateTime<Utc>,
    pub saved_by: PersonId,
}

/// How much of a lesson somebody has seen: written in forms as `7.2`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    pub version: u64,
    /// Of its draft; 0 is none.
    pub revision: u64,
}

impl Seen {
    #[must_use]
    pub fn of(lesson: &Lesson, draft: Option<&Draft>) -> Self {
        Self { version: lesson.version, revision: draft.map_or(0, |draft| draft.revision) }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.version, self.revision)
    }
}

impl std::str::FromStr for Seen {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (version, revision) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { version: version.parse()?, revision: revision.parse()? })
    }
}

/// A lesson that somebody wants to publish, as they have seen it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chosen {
    pub lesson: LessonId,
    pub seen: Seen,
}

impl Course {
    /// Whether learners see a lesson, so that changes to it wait for a publication.
    #[must_use]
    pub fn shows(&self, lesson: &Lesson) -> bool {
        self.state == State::Published && lesson.state == State::Published
    }

    /// Publishes the course with these lessons, and takes over their drafts. Gives the drafts that are
    /// done with.
    ///
    /// # Errors
    /// When one of them is no longer what was seen, or there would be nothing to learn.
    pub fn publish_with(
        &mut self,
        chosen: &[Chosen],
        drafts: &[Draft],
    ) -> Result<Vec<Draft>, Refusal> {
        let mut done = Vec::new();
        for choice in chosen {
            let draft = drafts.iter().find(|draft| draft.lesson == choice.lesson);
            let lesson = self.lesson(choice.lesson).ok_or(Refusal::Missing("lesson"))?;
            let is_outdated = draft.is_some_and(|draft| draft.base != lesson.version);
            if Seen::of(lesson, draft) != choice.seen || is_outdated {
                return Err(Refusal::Stale);
            }
            if let Some(draft) = draft {
                self.change_lesson(choice.lesson, draft.content.clone().into())?;
                done.push(draft.clone());
            }
            self.publish_lesson(choice.lesson)?;
        }
        self.publish()?;
        Ok(done)
    }
}
