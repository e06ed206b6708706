//! What `catalog` tells: courses and lessons, with their whole state as of a version.

use chrono::{DateTime, Utc};
use event::{CourseId, FileReference, LessonId, PersonId, QuizId, SectionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{event, identity::Language};

/// The document that a course gives to those who complete it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateDesign {
    #[default]
    Achievement,
    /// The French ministry's one-page document that funders ask for.
    CertificatDeRealisation,
}

/// A course as of a version: everything but the lessons' text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Course {
    pub course: CourseId,
    /// Rises with every change; a copy takes only what is newer.
    pub version: u64,
    /// Stable within the organisation, and in addresses: `message-queues-by-example`.
    pub key: String,
    /// The language it is taught in.
    pub language: Language,
    /// For people, in the language of the course.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// What one can do after it, a sentence each.
    #[serde(default)]
    pub objectives: Vec<String>,
    /// Estimated work in all.
    pub minutes: u32,
    /// What those who complete it are given.
    pub design: CertificateDesign,
    /// Who teaches it; none for a course that was imported by the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor: Option<PersonId>,
    /// Its lessons, in their order.
    pub sections: Vec<Section>,
    /// Its quizzes, in their order.
    pub quizzes: Vec<QuizPlace>,
    /// When it became so.
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    pub section: SectionId,
    /// For people, in the language of the course.
    pub title: String,
    /// In their order.
    pub lessons: Vec<LessonPlace>,
}

/// A published lesson's place in its course.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LessonPlace {
    pub lesson: LessonId,
    /// For people, in the language of the course.
    pub title: String,
    /// Whether it must be read to complete the course.
    pub required: bool,
    /// Estimated work.
    pub minutes: u32,
}

/// A quiz's place in its course; its questions are `assessment`'s.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QuizPlace {
    pub quiz: QuizId,
    /// For people, in the language of the course.
    pub title: String,
    /// Whether it must be passed to complete the course.
    pub required: bool,
    /// Of the whole mark, 0 to 100.
    pub pass_percent: u32,
    /// Estimated work.
    pub minutes: u32,
    /// The section after which it stands; none is the end of the course.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<SectionId>,
}

/// A course appears, or appears again after it was withdrawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CoursePublished(pub Course);

/// A course that is published changed. Carries the whole state as of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CourseUpdated(pub Course);

/// A course is taken away: no new enrolments; copies keep a tombstone of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseWithdrawn {
    pub course: CourseId,
    /// The version of the tombstone.
    pub version: u64,
    /// When it was taken away.
    pub withdrawn_at: DateTime<Utc>,
}

/// A lesson as of a version, with its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Lesson {
    pub lesson: LessonId,
    pub course: CourseId,
    /// Rises with every change; a copy takes only what is newer.
    pub version: u64,
    /// For people, in the language of the course.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Estimated work.
    pub minutes: u32,
    /// Whether it must be read to complete the course.
    pub required: bool,
    /// When it first appeared.
    pub published_at: DateTime<Utc>,
    /// Whether it came with the course's first publication, which is no news to anybody.
    #[serde(default)]
    pub initial: bool,
}

/// A lesson appears. Those who were enrolled before `published_at` are told, unless it is `initial`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LessonPublished(pub Lesson);

/// A lesson that is published changed. Carries the whole state as of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LessonUpdated(pub Lesson);

/// A lesson is taken away; copies keep a tombstone of this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LessonWithdrawn {
    pub lesson: LessonId,
    pub course: CourseId,
    /// The version of the tombstone.
    pub version: u64,
    /// When it was taken away.
    pub withdrawn_at: DateTime<Utc>,
}

/// A quiz has a place in a course, also in one that is still a draft: whoever keeps the questions can
/// let its instructor write them. Learners see a quiz once the course's own events name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QuizPlaced {
    pub quiz: QuizId,
    pub course: CourseId,
    /// Rises with every change to the course; a copy takes only what is newer.
    pub version: u64,
    /// From which the id follows, within the course; none for a quiz that was placed before keys were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For people, in the language of the course.
    pub title: String,
    /// Of the course, for people.
    pub course_title: String,
    /// The language the course is taught in.
    pub language: Language,
    /// Of the whole mark, 0 to 100.
    pub pass_percent: u32,
    /// Whose course it is; none for one that was imported by the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor: Option<PersonId>,
    /// When it became so.
    pub placed_at: DateTime<Utc>,
}

/// Somebody uploaded a course's files, with a file of questions (GIFT) for one of its quizzes among them.
/// The questions are `assessment`'s to read; what it refuses of them it shows itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QuestionsUploaded {
    pub quiz: QuizId,
    pub course: CourseId,
    /// The quiz's, within the course.
    pub key: String,
    /// The quiz's, for people, in the language of the course.
    pub title: String,
    /// Of the whole mark, 0 to 100.
    pub pass_percent: u32,
    /// Whose course it is; none for one that was imported by the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor: Option<PersonId>,
    /// The questions, in the file store; the hash tells whether what was read is what was uploaded.
    pub file: FileReference,
    /// What the file was called, for what is said of its lines.
    pub uploaded_as: String,
    /// Who uploaded it.
    pub by: PersonId,
    /// When it was uploaded.
    pub at: DateTime<Utc>,
}

macro_rules! state {
    ($event:ident, $name:literal, $subject:ident) => {
        impl event::Event for $event {
            const TYPE: &'static str = $name;
            fn subject(&self) -> String {
                self.0.$subject.to_string()
            }
            fn version(&self) -> Option<u64> {
                Some(self.0.version)
            }
        }
    };
}

state!(CoursePublished, "catalog.course-published.v1", course);
state!(CourseUpdated, "catalog.course-updated.v1", course);
event!(CourseWithdrawn, "catalog.course-withdrawn.v1", course, version version);
state!(LessonPublished, "catalog.lesson-published.v1", lesson);
state!(LessonUpdated, "catalog.lesson-updated.v1", lesson);
event!(LessonWithdrawn, "catalog.lesson-withdrawn.v1", lesson, version version);
event!(QuizPlaced, "catalog.quiz-placed.v1", quiz, version version);
event!(QuestionsUploaded, "catalog.questions-uploaded.v1", quiz);

event::one_of! {
    /// Whatever happens to a course: what a copy of it follows.
    pub enum CourseChange {
        Published(CoursePublished),
        Updated(CourseUpdated),
        Withdrawn(CourseWithdrawn),
    }
}

event::one_of! {
    /// Whatever happens to a lesson: what a copy of its text follows.
    pub enum LessonChange {
        Published(LessonPublished),
        Updated(LessonUpdated),
        Withdrawn(LessonWithdrawn),
    }
}

/// The ids that follow from keys, so that two services that import the same folder agree on them.
pub mod ids {
    use event::{CourseId, LessonId, QuizId, SectionId, derived_uuid};
    use uuid::Uuid;

    /// The namespace of Estrade's derived ids.
    const ESTRADE: Uuid = Uuid::from_u128(0x0c5b_9f04_6a8e_4f0e_9d0a_5e57_7ade_0001);

    /// The course with this key.
    #[must_use]
    pub fn course(key: &str) -> CourseId {
        CourseId(derived_uuid(ESTRADE, &format!("course/{key}")))
    }

    /// The section with this key in a course.
    #[must_use]
    pub fn section(course: CourseId, key: &str) -> SectionId {
        SectionId(derived_uuid(course.0, &format!("section/{key}")))
    }

    /// The lesson of this file name, without its ending, in a course.
    #[must_use]
    pub fn lesson(course: CourseId, key: &str) -> LessonId {
        LessonId(derived_uuid(course.0, &format!("lesson/{key}")))
    }

    /// The quiz with this key in a course.
    #[must_use]
    pub fn quiz(course: CourseId, key: &str) -> QuizId {
        QuizId(derived_uuid(course.0, &format!("quiz/{key}")))
    }
}

/// What others hold copies of: courses, without the lessons' text.
pub const COURSES: &str = "catalog.courses";
/// What others hold copies of: lessons with their text.
pub const LESSONS: &str = "catalog.lessons";

event::named! {
    /// What there is, for those who hold copies of it: one page.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct Digest(event::step::Digest) = "catalog.digest.v1";
    /// An answer to one follower: what it asked for and is not there.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesDisowned(event::step::Disowned) = "catalog.copies-disowned.v1";
}

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "catalog.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "catalog.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "catalog.export-part-ready.v1";
}
