//! What the JSON looks like.

use chrono::{DateTime, Utc};
use contract::catalog::CertificateDesign;
use event::Language;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::{Course, Lesson, Section, State},
    store::Listed,
};

/// Courses, a page of them.
#[derive(Serialize, ToSchema)]
pub struct CoursesView {
    pub courses: Vec<ListedView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ListedView {
    pub course: Uuid,
    pub key: String,
    pub state: String,
    pub version: i64,
    pub language: String,
    pub title: String,
    pub summary: String,
    pub minutes: i32,
}

#[derive(Serialize, ToSchema)]
pub struct CourseView {
    pub course: Uuid,
    pub key: String,
    /// `draft`, `published` or `withdrawn`.
    pub state: &'static str,
    pub version: u64,
    #[schema(value_type = String)]
    pub language: Language,
    pub title: String,
    pub summary: String,
    pub objectives: Vec<String>,
    pub minutes: u32,
    #[schema(value_type = String)]
    pub design: CertificateDesign,
    pub instructor: Option<Uuid>,
    pub sections: Vec<SectionView>,
    pub quizzes: Vec<QuizView>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct SectionView {
    pub section: Uuid,
    pub title: String,
    pub lessons: Vec<LessonPlaceView>,
}

#[derive(Serialize, ToSchema)]
pub struct LessonPlaceView {
    pub lesson: Uuid,
    pub key: String,
    pub state: &'static str,
    pub title: String,
    pub required: bool,
    pub minutes: u32,
}

#[derive(Serialize, ToSchema)]
pub struct QuizView {
    pub quiz: Uuid,
    pub title: String,
    pub required: bool,
    pub pass_percent: u32,
    pub minutes: u32,
    /// The section after which it stands; none is the end of the course.
    pub section: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct LessonView {
    pub lesson: Uuid,
    pub key: String,
    pub course: Uuid,
    pub section: Uuid,
    /// `draft` or `published`.
    pub state: &'static str,
    pub version: u64,
    pub title: String,
    pub required: bool,
    pub minutes: u32,
    pub published_at: Option<DateTime<Utc>>,
    /// Markdown.
    pub text: String,
    /// The same, safe to show.
    pub html: String,
}

pub fn state(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Published => "published",
        State::Withdrawn => "withdrawn",
    }
}

impl From<Listed> for ListedView {
    fn from(row: Listed) -> Self {
        Self {
            course: row.id,
            key: row.key,
            state: row.state,
            version: row.version,
            language: row.language,
            title: row.title,
            summary: row.summary,
            minutes: row.minutes,
        }
    }
}

impl CourseView {
    /// With drafts for those who may edit it.
    pub fn of(course: &Course, may_edit: bool) -> Self {
        Self {
            course: course.id.0,
            key: course.key.clone(),
            state: state(course.state),
            version: course.version,
            language: course.language,
            title: course.title.clone(),
            summary: course.summary.clone(),
            objectives: course.objectives.clone(),
            minutes: course.minutes,
            design: course.design,
            instructor: course.instructor.map(|person| person.0),
            sections: course
                .sections
                .iter()
                .map(|section| section_view(course, section, may_edit))
                .collect(),
            quizzes: quiz_views(course),
            updated_at: course.updated_at,
        }
    }
}

fn section_view(course: &Course, section: &Section, may_edit: bool) -> SectionView {
    let is_seen = |lesson: &&Lesson| {
        lesson.section == section.id
            && (lesson.state == State::Published || may_edit && lesson.state == State::Draft)
    };
    let lessons = course.lessons.iter().filter(is_seen).map(lesson_place).collect();
    SectionView { section: section.id.0, title: section.title.clone(), lessons }
}

fn lesson_place(lesson: &Lesson) -> LessonPlaceView {
    LessonPlaceView {
        lesson: lesson.id.0,
        key: lesson.key.clone(),
        state: state(lesson.state),
        title: lesson.title.clone(),
        required: lesson.required,
        minutes: lesson.minutes,
    }
}

fn quiz_views(course: &Course) -> Vec<QuizView> {
    let view = |quiz: &crate::domain::Quiz| QuizView {
        quiz: quiz.id.0,
        title: quiz.title.clone(),
        required: quiz.required,
        pass_percent: quiz.pass_percent,
        minutes: quiz.minutes,
        section: quiz.section.map(|section| section.0),
    };
    course.quizzes.iter().map(view).collect()
}

impl LessonView {
    pub fn of(course: &Course, lesson: &Lesson, text: String) -> Self {
        Self {
            lesson: lesson.id.0,
            key: lesson.key.clone(),
            course: course.id.0,
            section: lesson.section.0,
            state: state(lesson.state),
            version: lesson.version,
            title: lesson.title.clone(),
            required: lesson.required,
            minutes: lesson.minutes,
            published_at: lesson.published_at,
            html: ui::markdown(&text).to_string(),
            text,
        }
    }
}
