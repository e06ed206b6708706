//! What a certificate needs of a course as of one version.

use contract::catalog::{self, CertificateDesign};
use event::{Language, QuizId};
use serde::{Deserialize, Serialize};

/// What a certificate needs of a course as of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) title: String,
    pub(crate) language: Language,
    pub(crate) objectives: Vec<String>,
    pub(crate) design: CertificateDesign,
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) quizzes: Vec<Quiz>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lesson {
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quiz {
    pub(crate) quiz: QuizId,
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) pass_percent: u32,
}

impl Outline {
    pub(crate) fn of(course: &catalog::Course) -> Self {
        let lessons = course.sections.iter().flat_map(|section| &section.lessons);
        Self {
            title: course.title.clone(),
            language: course.language,
            objectives: course.objectives.clone(),
            design: course.design,
            lessons: lessons
                .map(|place| Lesson {
                    title: place.title.clone(),
                    minutes: place.minutes,
                    required: place.required,
                })
                .collect(),
            quizzes: course
                .quizzes
                .iter()
                .map(|place| Quiz {
                    quiz: place.quiz,
                    title: place.title.clone(),
                    minutes: place.minutes,
                    pass_percent: place.pass_percent,
                })
                .collect(),
        }
    }
}
