//! A course as its authors see it: drafts, what is shown to learners, and what the other services
//! have been told so far.
//!
//! No database, no clock. A lesson's text is carried only where it changes; otherwise its hash
//! stands for it.

mod announce;
mod arrange;
mod draft;
mod edit;
mod handover;
pub mod image;
pub mod limits;
mod refusal;
pub mod search;

pub use announce::{Announcement, Told};
pub use arrange::{NewQuiz, QuizChanges, Way};
pub use draft::{Chosen, Draft, LessonContent, Seen};
pub use edit::{CourseChanges, Editor, LessonChanges, NewLesson};
pub(crate) use refusal::said;
pub use refusal::{NoSuccessor, Obstacle, Refusal, Said, Unfit};

use chrono::{DateTime, Utc};
use contract::catalog::{self as told, CertificateDesign};
use event::{CourseId, Language, LessonId, PersonId, QuizId, SectionId};

/// Who may see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Those who may edit it.
    Draft,
    /// Everybody.
    Published,
    /// Those who may edit it, again.
    Withdrawn,
}

/// A course with everything in it but the lessons' texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    pub id: CourseId,
    pub key: String,
    pub state: State,
    /// What the others see; rises whenever something that they see changes.
    pub version: u64,
    /// Rises with each save, so that two who edit at once cannot overwrite each other unseen.
    pub revision: i64,
    pub told: Told,
    pub language: Language,
    pub title: String,
    pub summary: String,
    pub objectives: Vec<String>,
    pub minutes: u32,
    pub design: CertificateDesign,
    /// None for a course that was imported by the command line.
    pub instructor: Option<PersonId>,
    /// Of the files that were imported last.
    pub import_hash: Option<String>,
    pub updated_at: DateTime<Utc>,
    pub sections: Vec<Section>,
    /// In their order, within their sections; those withdrawn too, for their versions.
    pub lessons: Vec<Lesson>,
    pub quizzes: Vec<Quiz>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    pub id: SectionId,
    pub title: String,
    /// Whether it came with an import, and so goes when a later import lacks it.
    pub imported: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lesson {
    pub id: LessonId,
    pub section: SectionId,
    pub key: String,
    pub state: State,
    pub version: u64,
    pub told: Told,
    pub title: String,
    pub minutes: u32,
    pub required: bool,
    /// As [`Section::imported`].
    pub imported: bool,
    /// Whether it came with the course's first publication.
    pub initial: bool,
    /// When it first appeared.
    pub published_at: Option<DateTime<Utc>>,
    pub text: Text,
}

/// A lesson's Markdown: where it lies in the database its hash alone, where it is new all of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Text {
    Kept { hash: String },
    New { hash: String, text: String },
}

impl Text {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self::New { hash: hash(text.as_bytes()), text }
    }

    #[must_use]
    pub fn hash(&self) -> &str {
        match self {
            Self::Kept { hash } | Self::New { hash, .. } => hash,
        }
    }
}

/// A quiz's place; its questions are the assessment's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quiz {
    pub id: QuizId,
    /// From which the id follows; none for one that was placed before keys were kept.
    pub key: Option<String>,
    pub title: String,
    pub required: bool,
    pub pass_percent: u32,
    pub minutes: u32,
    pub section: Option<SectionId>,
    /// As [`Section::imported`].
    pub imported: bool,
}

impl Course {
    /// A draft with nothing in it.
    #[must_use]
    pub fn draft(key: &str, title: String, language: Language, now: DateTime<Utc>) -> Self {
        Self {
            id: told::ids::course(key),
            key: key.to_owned(),
            state: State::Draft,
            version: 0,
            revision: 0,
            told: Told::default(),
            language,
            title,
            summary: String::new(),
            objectives: Vec::new(),
            minutes: 0,
            design: CertificateDesign::default(),
            instructor: None,
            import_hash: None,
            updated_at: now,
            sections: Vec::new(),
            lessons: Vec::new(),
            quizzes: Vec::new(),
        }
    }

    /// The lesson, unless it is withdrawn.
    #[must_use]
    pub fn lesson(&self, id: LessonId) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id && lesson.state != State::Withdrawn)
    }

    /// A section's lessons that learners see, in their order.
    pub fn shown_in(&self, section: SectionId) -> impl Iterator<Item = &Lesson> {
        self.lessons
            .iter()
            .filter(move |lesson| lesson.section == section && lesson.state == State::Published)
    }

    /// All lessons that learners see, in the order in which they are read.
    pub fn shown(&self) -> impl Iterator<Item = &Lesson> {
        self.sections.iter().flat_map(|section| self.shown_in(section.id))
    }

    /// The course as the other services are told of it. Sections in which nothing is published yet
    /// are left out.
    #[must_use]
    pub fn face(&self) -> told::Course {
        told::Course {
            course: self.id,
            version: self.version,
            key: self.key.clone(),
            language: self.language,
            title: self.title.clone(),
            summary: self.summary.clone(),
            objectives: self.objectives.clone(),
            minutes: self.minutes,
            design: self.design,
            instructor: self.instructor,
            sections: self
                .sections
                .iter()
                .filter_map(|section| self.section_face(section))
                .collect(),
            quizzes: self.quizzes.iter().map(quiz_face).collect(),
            updated_at: self.updated_at,
        }
    }

    fn section_face(&self, section: &Section) -> Option<told::Section> {
        let lessons: Vec<_> = self.shown_in(section.id).map(lesson_face).collect();
        let has_quiz = self.quizzes.iter().any(|quiz| quiz.section == Some(section.id));
        (has_quiz || !lessons.is_empty()).then(|| told::Section {
            section: section.id,
            title: section.title.clone(),
            lessons,
        })
    }
}

fn lesson_face(lesson: &Lesson) -> told::LessonPlace {
    told::LessonPlace {
        lesson: lesson.id,
        title: lesson.title.clone(),
        required: lesson.required,
        minutes: lesson.minutes,
    }
}

fn quiz_face(quiz: &Quiz) -> told::QuizPlace {
    told::QuizPlace {
        quiz: quiz.id,
        title: quiz.title.clone(),
        required: quiz.required,
        pass_percent: quiz.pass_percent,
        minutes: quiz.minutes,
        section: quiz.section,
    }
}

/// Hexadecimal SHA-256.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
