//! A course: what one will be able to do, its outline, and the way in.

use askama::Template;
use axum::{extract::State, response::Response};
use event::{CourseId, SectionId};
use ui::{Html, Path, Problem, Text, Visit, format_date, format_duration};

use super::text;
use crate::{
    api::{App, editor, unavailable, visible},
    domain::{Course, Lesson, Section, State as Shown},
    store::{self, Seat},
};

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage {
    t: Text,
    summary: Html,
    facts: Vec<String>,
    certificate: String,
    /// The class of its colour.
    tint: &'static str,
    sections: Vec<Part>,
    first: Option<String>,
    /// Of whoever is enrolled: since when, or that it is completed.
    standing: Option<String>,
    is_signed_in: bool,
    is_open: bool,
    may_edit: bool,
    course: Course,
}

/// A section with something in it.
pub(super) struct Part {
    /// Empty for what stands at the end, outside the sections.
    pub title: String,
    pub steps: Vec<Step>,
}

/// A lesson or a quiz, where it stands in the course.
#[derive(Clone)]
pub(super) struct Step {
    /// A quiz's page is the assessment's.
    pub address: String,
    pub title: String,
    pub note: String,
    pub required: bool,
    pub is_quiz: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, may_edit) = visible(&app.db, &course, editor(visit.session.as_ref())).await?;
    let standing = standing(&app, &visit, course.id).await?;
    let t = text(&visit);
    let page = visit.page(course.title.clone()).crumb("/courses", t.get("courses-title"));
    let sections = outline(&course, t);
    let lessons = sections.iter().flat_map(|part| &part.steps).find(|step| !step.is_quiz);
    page.show(&CoursePage {
        t,
        summary: ui::markdown(&course.summary),
        facts: facts(&course, t),
        certificate: t.get(&format!("certificate-{}", super::teaching::design_code(course.design))),
        first: lessons.map(|step| step.address.clone()),
        tint: ui::tint(course.id),
        sections,
        standing,
        is_signed_in: visit.session.is_some(),
        is_open: course.state == Shown::Published,
        may_edit,
        course,
    })
}

/// By this service's own copy, so a moment after enrolling.
async fn standing(app: &App, visit: &Visit, course: CourseId) -> Result<Option<String>, Problem> {
    let Some(session) = &visit.session else {
        return Ok(None);
    };
    let seat = store::seat(&app.db, session.person, course).await.map_err(unavailable)?;
    Ok(seat.map(|seat| in_words(&seat, visit)))
}

fn in_words(seat: &Seat, visit: &Visit) -> String {
    let (key, date) = match seat.completed_at {
        Some(date) => ("course-completed", date),
        None => ("course-enrolled", seat.enrolled_at),
    };
    let date = format_date(date, visit.language, visit.zone);
    text(visit).with(key, [("date", date.into())])
}

fn facts(course: &Course, t: Text) -> Vec<String> {
    let mut facts = vec![t.get(&format!("language-{}", course.language.code()))];
    if course.minutes > 0 {
        facts.push(format_duration(course.minutes, t.language()));
    }
    facts.push(t.with("lessons", [("count", course.shown().count().into())]));
    if !course.quizzes.is_empty() {
        facts.push(t.with("quizzes", [("count", course.quizzes.len().into())]));
    }
    facts
}

/// What learners see, in the order in which they go through it.
pub(super) fn outline(course: &Course, t: Text) -> Vec<Part> {
    let of_section = |section: &Section| {
        let lessons = course.shown_in(section.id).map(|lesson| lesson_step(course, lesson, t));
        let steps = lessons.chain(quiz_steps(course, Some(section.id), t)).collect();
        Part { title: section.title.clone(), steps }
    };
    let last = Part { title: String::new(), steps: quiz_steps(course, None, t).collect() };
    let outline = course.sections.iter().map(of_section).chain([last]);
    outline.filter(|part| !part.steps.is_empty()).collect()
}

fn lesson_step(course: &Course, lesson: &Lesson, t: Text) -> Step {
    let note = if lesson.minutes == 0 {
        String::new()
    } else {
        format_duration(lesson.minutes, t.language())
    };
    Step {
        address: lesson_address(course, lesson),
        title: lesson.title.clone(),
        note,
        required: lesson.required,
        is_quiz: false,
    }
}

pub(super) fn lesson_address(course: &Course, lesson: &Lesson) -> String {
    format!("/courses/{}/lessons/{}", course.key, lesson.key)
}

fn quiz_steps(course: &Course, after: Option<SectionId>, t: Text) -> impl Iterator<Item = Step> {
    course.quizzes.iter().filter(move |quiz| quiz.section == after).map(move |quiz| Step {
        address: format!("/quizzes/{}", quiz.id),
        title: quiz.title.clone(),
        note: t.with("quiz", [("percent", quiz.pass_percent.into())]),
        required: quiz.required,
        is_quiz: true,
    })
}
