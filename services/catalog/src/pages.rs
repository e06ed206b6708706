//! The catalogue's pages: the list, a course with its outline, the reader.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{Language, SectionId};
use serde::Deserialize;
use ui::{Html, Path, Problem, Query, Text, Visit};

use crate::{
    TEXTS,
    api::{App, editor, unavailable, visible, visible_lesson},
    domain::{Course, Lesson, Section, limits},
    store::{self, Filter, Listed},
};

const PAGE: usize = 30;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/courses", get(list))
        .route("/courses/{course}", get(course))
        .route("/courses/{course}/lessons/{lesson}", get(lesson))
        .with_state(app)
}

#[derive(Deserialize)]
struct ListQuery {
    language: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "courses.html")]
struct CoursesPage {
    t: Text,
    courses: Vec<Card>,
    /// `language=fr&` when that is asked for.
    kept: String,
    next: Option<String>,
}

struct Card {
    course: Listed,
    minutes: String,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let after = query.after.unwrap_or_default();
    limits::at_most("after", &after, limits::KEY_CHARS)?;
    let language: Option<Language> = query.language.and_then(|code| code.parse().ok());
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let filter = Filter { language, after, limit, ..Filter::default() };
    let mut courses = store::list(&app.db, &filter).await.map_err(unavailable)?;
    let has_more = courses.len() > PAGE;
    courses.truncate(PAGE);
    let next = courses.last().filter(|_| has_more).map(|course| course.key.clone());
    let kept =
        language.map(|language| format!("language={}&", language.code())).unwrap_or_default();
    let t = Text::new(&TEXTS, visit.language);
    let card = |course: Listed| Card { minutes: minutes(t, course.minutes.unsigned_abs()), course };
    let courses = courses.into_iter().map(card).collect();
    visit.page(t.get("courses-title")).show(&CoursesPage { t, courses, kept, next })
}

/// Empty when nobody estimated it.
fn minutes(t: Text, count: u32) -> String {
    if count == 0 { String::new() } else { t.with("minutes", [("count", count.into())]) }
}

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage {
    t: Text,
    course: Course,
    minutes: String,
    sections: Vec<Outline>,
    summary: Html,
    is_signed_in: bool,
}

/// A section with something in it.
struct Outline {
    title: String,
    items: Vec<Item>,
}

struct Item {
    /// A quiz's page is the assessment's.
    address: String,
    title: String,
    note: String,
    required: bool,
}

async fn course(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = visible(&app.db, &course, editor(visit.session.as_ref())).await?;
    let t = Text::new(&TEXTS, visit.language);
    let page = visit.page(course.title.clone());
    let (sections, summary) = (outline(&course, t), ui::markdown(&course.summary));
    let minutes = minutes(t, course.minutes);
    let is_signed_in = visit.session.is_some();
    page.show(&CoursePage { t, minutes, course, sections, summary, is_signed_in })
}

fn outline(course: &Course, t: Text) -> Vec<Outline> {
    let of_section = |section: &Section| {
        let lessons = course.shown_in(section.id).map(|lesson| lesson_item(course, lesson, t));
        let items = lessons.chain(quiz_items(course, Some(section.id), t)).collect();
        Outline { title: section.title.clone(), items }
    };
    let last = Outline { title: t.get("course-end"), items: quiz_items(course, None, t).collect() };
    let outline = course.sections.iter().map(of_section).chain([last]);
    outline.filter(|part| !part.items.is_empty()).collect()
}

fn lesson_item(course: &Course, lesson: &Lesson, t: Text) -> Item {
    Item {
        address: format!("/courses/{}/lessons/{}", course.key, lesson.key),
        title: lesson.title.clone(),
        note: minutes(t, lesson.minutes),
        required: lesson.required,
    }
}

fn quiz_items(course: &Course, after: Option<SectionId>, t: Text) -> impl Iterator<Item = Item> {
    course.quizzes.iter().filter(move |quiz| quiz.section == after).map(move |quiz| Item {
        address: format!("/quizzes/{}", quiz.id),
        title: quiz.title.clone(),
        note: t.with("quiz", [("percent", quiz.pass_percent.into())]),
        required: quiz.required,
    })
}

#[derive(Template)]
#[template(path = "lesson.html")]
struct LessonPage {
    t: Text,
    course: Course,
    lesson: Lesson,
    text: Html,
    previous: Option<Lesson>,
    next: Option<Lesson>,
    is_signed_in: bool,
}

async fn lesson(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (course, may_edit) = visible(&app.db, &course, editor(visit.session.as_ref())).await?;
    let lesson = visible_lesson(&course, &lesson, may_edit)?.clone();
    let text =
        store::lesson_text(&app.db, lesson.id).await.map_err(unavailable)?.unwrap_or_default();
    let (previous, next) = neighbours(&course, &lesson);
    let t = Text::new(&TEXTS, visit.language);
    let page = visit.page(format!("{} · {}", lesson.title, course.title));
    page.show(&LessonPage {
        t,
        previous,
        next,
        text: ui::markdown(&text),
        is_signed_in: visit.session.is_some(),
        course,
        lesson,
    })
}

fn neighbours(course: &Course, lesson: &Lesson) -> (Option<Lesson>, Option<Lesson>) {
    let shown: Vec<&Lesson> = course.shown().collect();
    let Some(at) = shown.iter().position(|other| other.id == lesson.id) else {
        return (None, None);
    };
    let previous = at.checked_sub(1).and_then(|at| shown.get(at));
    (previous.map(|lesson| (*lesson).clone()), shown.get(at + 1).map(|lesson| (*lesson).clone()))
}
