//! The reader: a lesson's text, where it stands in the course, and the way on.

use askama::Template;
use axum::{extract::State, response::Response};
use ui::{Html, Path, Problem, Text, Visit, format_duration};

use super::{
    course::{Part, Step, lesson_address, outline},
    text,
};
use crate::{
    api::{App, editor, unavailable, visible, visible_lesson},
    domain::{Course, Lesson},
    store,
};

#[derive(Template)]
#[template(path = "lesson.html")]
struct LessonPage {
    t: Text,
    /// This lesson's.
    address: String,
    text: Html,
    /// Where it stands, in words.
    position: String,
    duration: Option<String>,
    sections: Vec<Part>,
    previous: Option<Step>,
    next: Option<Step>,
    is_signed_in: bool,
    /// To learners.
    is_shown: bool,
    may_edit: bool,
    course: Course,
    lesson: Lesson,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (course, may_edit) = visible(&app.db, &course, editor(visit.session.as_ref())).await?;
    let lesson = visible_lesson(&course, &lesson, may_edit)?.clone();
    let text_of = store::lesson_text(&app.db, lesson.id).await.map_err(unavailable)?;
    let t = text(&visit);
    let (address, sections) = (lesson_address(&course, &lesson), outline(&course, t));
    let (previous, next) = neighbours(&sections, &address);
    let page = visit
        .page(format!("{} · {}", lesson.title, course.title))
        .crumb("/courses", t.get("courses-title"))
        .crumb_in(course.language, format!("/courses/{}", course.key), course.title.clone());
    page.show(&LessonPage {
        t,
        position: position(&course, &lesson, t),
        duration: (lesson.minutes > 0).then(|| format_duration(lesson.minutes, visit.language)),
        address,
        text: ui::markdown(&text_of.unwrap_or_default()),
        sections,
        previous,
        next,
        is_signed_in: visit.session.is_some(),
        is_shown: course.shows(&lesson),
        may_edit,
        course,
        lesson,
    })
}

/// “Lesson 2 of 6”; empty for a draft.
fn position(course: &Course, lesson: &Lesson, t: Text) -> String {
    let shown: Vec<&Lesson> = course.shown().collect();
    let at = shown.iter().position(|other| other.id == lesson.id);
    at.map_or_else(String::new, |at| {
        t.with("lesson-position", [("number", (at + 1).into()), ("count", shown.len().into())])
    })
}

fn neighbours(sections: &[Part], address: &str) -> (Option<Step>, Option<Step>) {
    let steps: Vec<&Step> = sections.iter().flat_map(|part| &part.steps).collect();
    let Some(at) = steps.iter().position(|step| step.address == address) else {
        return (None, None);
    };
    let previous = at.checked_sub(1).and_then(|at| steps.get(at));
    (previous.map(|step| (*step).clone()), steps.get(at + 1).map(|step| (*step).clone()))
}
