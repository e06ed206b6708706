//! The pages of `assessment`. For learners: a quiz before it is taken, an attempt while it is taken, and
//! its result. For those who teach: the question bank, marking, results. They work without JavaScript.

mod asked;
mod attempt;
mod bank;
mod correction;
mod filled;
mod marking;
mod quiz;
mod results;
mod rich;
mod unsaved;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{Redirect, Response},
    routing::get,
};
use event::{CourseId, Language, Role};
use rust_decimal::Decimal;
use ui::{CourseTabs, Path, Problem, Session, Text, Visit};
use uuid::Uuid;

use crate::{
    TEXTS,
    api::{App, viewer},
    commands::{CourseFace, Refusal, Viewer},
    domain::{self, Stage},
    store::Who,
};

pub(crate) fn routes(app: App) -> Router {
    let learner = Router::new().merge(quiz::routes()).merge(attempt::routes());
    let teacher = Router::new()
        .route("/question-bank", get(async || Redirect::to("/teaching")))
        .route("/results", get(async || Redirect::to("/teaching")))
        .route("/question-bank/{course}/live", get(arrival))
        .merge(bank::routes())
        .merge(marking::routes())
        .merge(correction::routes())
        .merge(results::routes());
    learner.merge(teacher).with_state(app)
}

/// Refuses whoever does not teach.
fn teacher(visit: &Visit) -> Result<(&Session, Viewer), Problem> {
    let session = visit.session()?;
    session.require(&[Role::Instructor, Role::Administrator])?;
    Ok((session, viewer(session)))
}

fn texts(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

/// Refusals in the reader's language, as sentences.
fn in_words(visit: &Visit) -> impl Fn(Refusal) -> Problem + use<> {
    let language = visit.language;
    move |refusal| {
        let mut problem = refusal.problem(language);
        problem.detail = ui::sentence(&problem.detail);
        for error in &mut problem.errors {
            error.detail = ui::sentence(&error.detail);
        }
        problem
    }
}

fn away(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

/// The course's title, or a word for a course of which nothing was heard yet.
fn course_title(t: Text, face: &CourseFace) -> String {
    face.title.clone().unwrap_or_else(|| t.get("course-unheard"))
}

/// What stands in the place of a course's quizzes until the course has arrived here.
#[derive(Template)]
#[template(path = "course_awaited.html")]
struct AwaitedPage {
    t: Text,
    title: String,
    course: Uuid,
    /// Where the browser hears that it has arrived.
    live: String,
}

/// The page of a course of which nothing was heard that this viewer may teach. It does not tell whether another
/// has such a draft, and turns into what was asked for by itself.
fn awaited(
    visit: &Visit,
    course: Uuid,
    (tab, title): (CourseTabs, &str),
) -> Result<Response, Problem> {
    let t = texts(visit);
    let live = format!("/question-bank/{course}/live?seen={}", ui::fingerprint(false));
    let page = course_crumb(visit.page(t.get(title)), t, &CourseFace::default(), CourseId(course));
    page.tabs(tab.of(visit, course)).show(&AwaitedPage { t, title: t.get(title), course, live })
}

/// Says when a course arrives that this viewer may teach.
async fn arrival(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let db = app.desk.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { viewer.may_teach(&db, CourseId(course)).await }
    })
}

/// The page above those of a course.
fn course_crumb<'a>(
    page: ui::Page<'a>,
    t: Text,
    face: &CourseFace,
    course: CourseId,
) -> ui::Page<'a> {
    let language = face.title.is_some().then_some(face.language);
    page.crumb_in(language, format!("/teaching/{course}"), course_title(t, face))
}

/// A person's name, or what to say in its place.
fn name_of(t: Text, who: Option<&Who>) -> String {
    match who {
        Some(Who::Named(name)) => name.clone(),
        Some(Who::Erased) => t.get("person-erased"),
        None => t.get("person-unheard"),
    }
}

/// `17.5 / 20`, to two places, as the reader writes numbers.
fn marks(t: Text, mark: Decimal, out_of: Decimal) -> String {
    let number = |number| ui::format_number(domain::rounded(number), t.language());
    t.with("marks", [("mark", number(mark).into()), ("outof", number(out_of).into())])
}

/// To two places.
fn percent(t: Text, mark: Decimal, out_of: Decimal) -> String {
    ui::format_percent(domain::percent(mark, out_of), t.language())
}

/// All of a number, for a field or a file: with the reader's decimal mark, and nothing between its digits.
fn plain_number(t: Text, number: Decimal) -> String {
    let plain = number.normalize().to_string();
    match t.language() {
        Language::En => plain,
        Language::Fr => plain.replace('.', ","),
    }
}

/// A figure to look at, to one place.
fn figure(t: Text, figure: f64) -> String {
    let rounded = format!("{figure:.1}");
    let plain = rounded.strip_suffix(".0").unwrap_or(&rounded);
    ui::format_percent(if plain == "-0" { "0" } else { plain }, t.language())
}

fn state_key(stage: Stage) -> &'static str {
    match stage {
        Stage::InProgress => "attempt-in-progress",
        Stage::Submitted => "attempt-submitted",
        Stage::AwaitingMarking => "attempt-awaiting",
        Stage::Graded => "attempt-graded",
    }
}

/// Where an attempt stands, in a word, and the word's class in the style sheet.
fn state_of(t: Text, stage: Stage, passed: Option<bool>) -> (String, &'static str) {
    match (stage, passed) {
        (Stage::Graded, Some(true)) => (t.get("attempt-passed"), "good"),
        (Stage::Graded, Some(false)) => (t.get("attempt-failed"), "bad"),
        (stage @ Stage::InProgress, _) => (t.get(state_key(stage)), "info"),
        (stage, _) => (t.get(state_key(stage)), "warn"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_rounded_in_one_way_and_written_in_the_reader_s() {
        let (english, french) = (Text::new(&TEXTS, Language::En), Text::new(&TEXTS, Language::Fr));
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        // Half a hundredth goes up, in lists as in the result.
        assert_eq!(percent(english, 1.into(), 32.into()), "3.13%");
        assert_eq!(marks(english, number("0.3333333"), 1.into()), "0.33 / 1");
        assert_eq!(marks(french, number("17.50"), 20.into()), "17,5 / 20");
        assert_eq!(plain_number(english, number("1234.50")), "1234.5");
        assert_eq!(plain_number(french, number("-33.33333")), "-33,33333");
    }
}
