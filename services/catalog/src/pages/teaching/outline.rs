//! A course as its author sees it: its state, its sections with their lessons and quizzes, and what may
//! be done with each.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use event::{CourseId, SectionId};
use serde::Deserialize;
use ui::{
    CourseTabs, Field, FieldProblem, Form, Html, Path, Problem, Query, Submitted, Text, Visit,
    format_duration,
};
use uuid::Uuid;

use super::{
    super::{own, refused, text, wrong},
    Badge, Done, FormPage, framed, handover,
};
use crate::{
    api::{App, unavailable},
    commands::{self, CommandError},
    domain::{Course, Draft, Editor, Lesson, Quiz, Refusal, State as Shown, Way, limits},
    store::{self, Address},
};

#[derive(Template)]
#[template(path = "teaching/course.html")]
struct CoursePage {
    t: Text,
    done: Option<String>,
    /// Who teaches it, in words.
    instructor: String,
    may_be_handed_over: bool,
    state: Badge,
    waiting: Option<String>,
    sections: Vec<Part>,
    /// At the end, outside the sections.
    quizzes: Vec<Place>,
    new_section: Html,
    is_published: bool,
    was_withdrawn: bool,
    may_be_deleted: bool,
    course: Course,
}

struct Part {
    id: SectionId,
    title: String,
    lessons: Vec<Place>,
    quizzes: Vec<Place>,
    is_first: bool,
    is_last: bool,
}

/// A lesson or a quiz in the outline.
struct Place {
    id: Uuid,
    title: String,
    note: String,
    badge: Option<Badge>,
    is_first: bool,
    is_last: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let own = own(&app, &visit, &course).await?;
    let shape = Shape { done: done.said(text(&visit)), ..Shape::default() };
    page(&app, &visit, own, shape).await
}

/// What the page shows besides.
#[derive(Default)]
struct Shape {
    done: Option<String>,
    /// Of a section that was not added.
    title: String,
    errors: Vec<FieldProblem>,
}

async fn page(
    app: &App,
    visit: &Visit,
    (course, editor): (Course, Editor),
    Shape { done, title, errors }: Shape,
) -> Result<Response, Problem> {
    let t = text(visit);
    let drafts = store::drafts(&app.db, course.id).await.map_err(unavailable)?;
    let instructor = handover::instructor(app, t, &course).await?;
    let has_errors = !errors.is_empty();
    let waiting = waiting(&course, &drafts);
    let is_published = course.state == Shown::Published;
    let shown = visit
        .page(course.title.clone())
        .crumb("/teaching", t.get("teaching-title"))
        .tabs(CourseTabs::Editor.of(visit, course.id))
        .with_errors_if(has_errors);
    shown.show(&CoursePage {
        t,
        done,
        instructor,
        may_be_handed_over: course.may_be_handed_over_by(editor).is_ok(),
        state: Badge::of(t, course.state),
        waiting: (is_published && waiting > 0)
            .then(|| t.with("waiting", [("count", waiting.into())])),
        sections: parts(&course, &drafts, t),
        quizzes: places(&course, None, t),
        new_section: section_form(visit, &course, title, errors)?,
        is_published,
        was_withdrawn: course.state == Shown::Withdrawn,
        may_be_deleted: course.may_be_deleted().is_ok(),
        course,
    })
}

/// Lessons that are written and not shown.
fn waiting(course: &Course, drafts: &[Draft]) -> usize {
    let unpublished = course.lessons.iter().filter(|lesson| lesson.state == Shown::Draft);
    unpublished.count() + drafts.len()
}

fn parts(course: &Course, drafts: &[Draft], t: Text) -> Vec<Part> {
    let count = course.sections.len();
    let part = |(index, section): (usize, &crate::domain::Section)| {
        let (is_first, is_last) = (index == 0, index + 1 == count);
        let lessons: Vec<&Lesson> = course.lessons_in(section.id).collect();
        let last = lessons.len().saturating_sub(1);
        let lessons = lessons.into_iter().enumerate().map(|(at, lesson)| Place {
            is_first: is_first && at == 0,
            is_last: is_last && at == last,
            ..lesson_place(course, lesson, drafts, t)
        });
        Part {
            id: section.id,
            title: section.title.clone(),
            lessons: lessons.collect(),
            quizzes: places(course, Some(section.id), t),
            is_first,
            is_last,
        }
    };
    course.sections.iter().enumerate().map(part).collect()
}

fn lesson_place(course: &Course, lesson: &Lesson, drafts: &[Draft], t: Text) -> Place {
    let badge = if drafts.iter().any(|draft| draft.lesson == lesson.id) {
        Some(Badge { look: "warn", words: t.get("lesson-changed") })
    } else if lesson.state == Shown::Draft {
        Some(Badge { look: "info", words: t.get("state-draft") })
    } else {
        course.shows(lesson).then(|| Badge::of(t, Shown::Published))
    };
    let mut notes = Vec::new();
    if lesson.minutes > 0 {
        notes.push(format_duration(lesson.minutes, t.language()));
    }
    if !lesson.required {
        notes.push(t.get("optional"));
    }
    let (id, title, note) = (lesson.id.0, lesson.title.clone(), notes.join(" "));
    Place { id, title, note, badge, is_first: false, is_last: false }
}

fn places(course: &Course, section: Option<SectionId>, t: Text) -> Vec<Place> {
    let place = |quiz: &Quiz| {
        let mut note = t.with("quiz", [("percent", quiz.pass_percent.into())]);
        if !quiz.required {
            note = format!("{note} {}", t.get("optional"));
        }
        let (id, title) = (quiz.id.0, quiz.title.clone());
        Place { id, title, note, badge: None, is_first: true, is_last: true }
    };
    course.quizzes.iter().filter(|quiz| quiz.section == section).map(place).collect()
}

fn section_form(
    visit: &Visit,
    course: &Course,
    title: String,
    errors: Vec<FieldProblem>,
) -> Result<Html, Problem> {
    let t = text(visit);
    let address = format!("/teaching/{}/sections", course.id);
    Form::new(visit.language, address, t.get("section-add"))
        .field(
            Field::text("title", t.get("section-title"))
                .value(title)
                .longest(limits::TITLE_CHARS)
                .language(course.language),
        )
        .errors(errors)
        .html()
}

#[derive(Deserialize)]
pub(super) struct SectionTitle {
    #[serde(default)]
    title: String,
}

pub(super) async fn add_section(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(new): Submitted<SectionTitle>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let rule = |course: &mut Course| course.new_section(&new.title);
    match commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await {
        Ok(_) => Ok(back(course.id, "added")),
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            let shape = Shape { title: new.title, errors, done: None };
            page(&app, &visit, (course, editor), shape).await
        }
    }
}

pub(super) async fn section(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let found = course.sections.iter().find(|found| found.id.0 == section);
    let missing = || refused(Refusal::Missing("section").into(), visit.language);
    let title = found.ok_or_else(missing)?.title.clone();
    rename_page(&visit, &course, section, title, Vec::new())
}

pub(super) async fn rename_section(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
    Submitted(new): Submitted<SectionTitle>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let rule = |course: &mut Course| course.rename_section(SectionId(section), &new.title);
    match commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await {
        Ok(_) => Ok(back(course.id, "saved")),
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            rename_page(&visit, &course, section, new.title, errors)
        }
    }
}

fn rename_page(
    visit: &Visit,
    course: &Course,
    section: Uuid,
    title: String,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let has_errors = !errors.is_empty();
    let address = format!("/teaching/{}/sections/{section}", course.id);
    let form = Form::new(visit.language, address, t.get("save"))
        .field(
            Field::text("title", t.get("section-title"))
                .value(title)
                .longest(limits::TITLE_CHARS)
                .language(course.language),
        )
        .back(format!("/teaching/{}", course.id), t.get("back"))
        .errors(errors)
        .html()?;
    let shown = framed(visit, course, t.get("section-rename")).with_errors_if(has_errors);
    shown.show(&FormPage { title: t.get("section-rename"), lead: String::new(), form })
}

/// Which button was pressed.
#[derive(Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    way: String,
}

impl Step {
    pub(super) fn way(&self) -> Way {
        if self.way == "up" { Way::Up } else { Way::Down }
    }
}

pub(super) async fn move_section(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
    Submitted(step): Submitted<Step>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.move_section(SectionId(section), step.way());
    change(&app, &visit, &course, rule, &format!("moved#section-{section}")).await
}

pub(super) async fn delete_section(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.delete_section(SectionId(section));
    change(&app, &visit, &course, rule, "deleted").await
}

/// Changes a course by a rule that needs no form, and goes back to its outline: to the row that `done` names,
/// as `moved#lesson-…`.
pub(super) async fn change(
    app: &App,
    visit: &Visit,
    course: &str,
    rule: impl Fn(&mut Course) -> Result<(), Refusal> + Send + Sync,
    done: &str,
) -> Result<Response, Problem> {
    let (course, editor) = own(app, visit, course).await?;
    let changed: Result<_, CommandError> =
        commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await;
    changed.map_err(|error| refused(error, visit.language))?;
    Ok(back(course.id, done))
}

pub(super) fn back(course: CourseId, done: &str) -> Response {
    Redirect::to(&format!("/teaching/{course}?done={done}")).into_response()
}
