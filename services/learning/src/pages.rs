//! The pages of `learning`: my courses, how far I am, what to do next. They work without JavaScript.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{Redirect, Response},
    routing::{get, post},
};
use event::{CourseId, EnrolmentId, LessonId, PersonId};
use serde::Deserialize;
use ui::{Path, Problem, Query, Submitted, Text, Visit, local_path};
use uuid::Uuid;

use crate::{
    TEXTS,
    api::App,
    commands::{self, Refusal},
    domain::{Enrolment, NextStep, Outline, OutlineQuiz, Progress, Seat},
    store::{self, CourseCopy},
};

const PAGE: u32 = 20;
/// Seconds after which the page looks again for a course that has not arrived.
const REFRESH: HeaderValue = HeaderValue::from_static("4");

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/learning", get(overview))
        .route("/learning/courses/{course}/enrol", post(enrol))
        .route("/learning/enrolments/{enrolment}/cancel", post(cancel))
        .route("/learning/lessons/{lesson}/read", post(read_lesson))
        .with_state(app)
}

#[derive(Deserialize)]
struct Asked {
    /// A course that the learner wants to take, or has to take first.
    course: Option<Uuid>,
    after: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "learning.html")]
struct LearningPage {
    t: Text,
    offer: Option<Offer>,
    cards: Vec<Card>,
    next: Option<Uuid>,
}

/// A course that the learner asked for and has no seat in.
enum Offer {
    Awaited { course: Uuid },
    Withdrawn { title: String, language: &'static str },
    Open { course: Uuid, title: String, language: &'static str },
}

/// A course that the learner takes, or took.
struct Card {
    enrolment: Uuid,
    course: Uuid,
    title: String,
    language: &'static str,
    state: String,
    steps: Option<Steps>,
    next: Option<Link>,
    lessons: Vec<LessonLine>,
    quizzes: Vec<QuizLine>,
    is_completed: bool,
    is_cancelled: bool,
    is_withdrawn: bool,
}

struct Steps {
    done: usize,
    all: usize,
    words: String,
}

struct Link {
    address: String,
    words: String,
}

struct LessonLine {
    lesson: Uuid,
    title: String,
    required: bool,
    read: bool,
}

struct QuizLine {
    quiz: Uuid,
    title: String,
    required: bool,
    result: String,
}

async fn overview(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let learner = visit.session()?.person;
    let t = Text::new(&TEXTS, visit.language);
    let unavailable = |error: bus::Error| Problem::unavailable(&error);
    let after = asked.after.map(EnrolmentId);
    let mut enrolments =
        store::enrolments_of(&app.db, learner, after, PAGE + 1).await.map_err(unavailable)?;
    let has_more = enrolments.len() > PAGE as usize;
    enrolments.truncate(PAGE as usize);
    let next = enrolments.last().filter(|_| has_more).map(|last| last.id.0);
    let mut cards = Vec::new();
    for enrolment in enrolments {
        cards.push(card(&app, &visit, t, enrolment).await.map_err(unavailable)?);
    }
    let offer = match asked.course {
        Some(course) => offer(&app, learner, CourseId(course)).await.map_err(unavailable)?,
        None => None,
    };
    let is_awaited = matches!(offer, Some(Offer::Awaited { .. }));
    let page = LearningPage { t, offer, cards, next };
    let mut shown = visit.page(t.get("learning-title")).show(&page)?;
    if is_awaited {
        shown.headers_mut().insert(HeaderName::from_static("refresh"), REFRESH);
    }
    Ok(shown)
}

async fn offer(
    app: &App,
    learner: PersonId,
    course: CourseId,
) -> Result<Option<Offer>, bus::Error> {
    let seat = store::enrolment(&app.db, Enrolment::id_of(learner, course)).await?;
    if seat.is_some_and(|seat| seat.state == Seat::Active) {
        return Ok(None);
    }
    let Some(CourseCopy { outline, withdrawn, .. }) = store::course(&app.db, course).await? else {
        return Ok(Some(Offer::Awaited { course: course.0 }));
    };
    let language = language(&outline);
    Ok(Some(match withdrawn {
        true => Offer::Withdrawn { title: outline.title, language },
        false => Offer::Open { course: course.0, title: outline.title, language },
    }))
}

async fn card(app: &App, visit: &Visit, t: Text, enrolment: Enrolment) -> Result<Card, bus::Error> {
    let copy = store::course(&app.db, enrolment.course).await?;
    let progress = store::progress(&app.db, &enrolment).await?;
    let is_withdrawn = copy.as_ref().is_none_or(|copy| copy.withdrawn);
    let outline = copy.map(|copy| copy.outline).unwrap_or_default();
    let is_cancelled = enrolment.state == Seat::Cancelled;
    let is_open = !is_cancelled && !is_withdrawn;
    let (done, all) = progress.steps(&outline);
    let counts = [("done", done.into()), ("all", all.into())];
    Ok(Card {
        enrolment: enrolment.id.0,
        course: enrolment.course.0,
        language: language(&outline),
        state: state(visit, t, &enrolment),
        steps: (all > 0).then(|| Steps { done, all, words: t.with("steps", counts) }),
        next: is_open.then(|| next(t, &enrolment, &outline, &progress)).flatten(),
        lessons: lessons(&outline, &progress),
        quizzes: outline.quizzes.iter().map(|place| quiz_line(t, place, &progress)).collect(),
        is_completed: enrolment.completed_at.is_some(),
        is_cancelled,
        is_withdrawn,
        title: outline.title,
    })
}

fn state(visit: &Visit, t: Text, enrolment: &Enrolment) -> String {
    let (key, date) = match (enrolment.state, enrolment.completed_at) {
        (Seat::Cancelled, _) => return t.get("state-cancelled"),
        (Seat::Active, Some(date)) => ("state-completed", date),
        (Seat::Active, None) => ("state-active", enrolment.enrolled_at),
    };
    t.with(key, [("date", ui::format_date(date, visit.language, visit.zone).into())])
}

fn next(t: Text, enrolment: &Enrolment, outline: &Outline, progress: &Progress) -> Option<Link> {
    progress.next(outline).map(|step| match step {
        NextStep::Read(place) => Link {
            address: format!("/courses/{}/lessons/{}", enrolment.course, place.lesson),
            words: t.with("next-lesson", [("title", place.title.as_str().into())]),
        },
        NextStep::Pass(place) => Link {
            address: format!("/quizzes/{}", place.quiz),
            words: t.with("next-quiz", [("title", place.title.as_str().into())]),
        },
    })
}

fn lessons(outline: &Outline, progress: &Progress) -> Vec<LessonLine> {
    let line = |place: &crate::domain::OutlineLesson| LessonLine {
        lesson: place.lesson.0,
        title: place.title.clone(),
        required: place.required,
        read: progress.read.contains(&place.lesson),
    };
    outline.lessons.iter().map(line).collect()
}

fn quiz_line(t: Text, place: &OutlineQuiz, progress: &Progress) -> QuizLine {
    let result = match progress.best.get(&place.quiz) {
        None => t.get("quiz-not-taken"),
        Some(best) => {
            let key = if best.passed { "quiz-passed" } else { "quiz-failed" };
            let number = |number| ui::format_number(number, t.language()).into();
            let result = &best.result;
            t.with(key, [("mark", number(result.mark)), ("outof", number(result.out_of))])
        }
    };
    QuizLine { quiz: place.quiz.0, title: place.title.clone(), required: place.required, result }
}

/// Empty says to a browser that the language is unknown.
fn language(outline: &Outline) -> &'static str {
    outline.language.map_or("", event::Language::code)
}

async fn enrol(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    match commands::enrol(&app.db, learner, CourseId(course)).await {
        Ok(_) => Ok(Redirect::to("/learning")),
        Err(Refusal::NoSuchCourse | Refusal::Withdrawn) => Ok(to_offer(course)),
        Err(refusal) => Err(in_words(&visit, refusal)),
    }
}

async fn cancel(
    State(app): State<App>,
    visit: Visit,
    Path(enrolment): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    commands::cancel(&app.db, learner, EnrolmentId(enrolment))
        .await
        .map_err(|refusal| in_words(&visit, refusal))?;
    Ok(Redirect::to("/learning"))
}

#[derive(Deserialize)]
struct LessonForm {
    course: Uuid,
    /// Where to go on.
    next: Option<String>,
}

async fn read_lesson(
    State(app): State<App>,
    visit: Visit,
    Path(lesson): Path<Uuid>,
    Submitted(form): Submitted<LessonForm>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    let seat = Enrolment::id_of(learner, CourseId(form.course));
    match commands::read_lesson(&app.db, learner, seat, LessonId(lesson)).await {
        Ok(_) => Ok(Redirect::to(form.next.as_deref().map_or("/learning", local_path))),
        Err(Refusal::NoSuchEnrolment | Refusal::Cancelled | Refusal::NoSuchCourse) => {
            Ok(to_offer(form.course))
        }
        Err(refusal) => Err(in_words(&visit, refusal)),
    }
}

/// Says what stands between a learner and a course.
fn to_offer(course: Uuid) -> Redirect {
    Redirect::to(&format!("/learning?course={course}"))
}

fn in_words(visit: &Visit, refusal: Refusal) -> Problem {
    let key = match &refusal {
        Refusal::NoSuchCourse => "refused-no-such-course",
        Refusal::Withdrawn => "refused-withdrawn",
        Refusal::NoSuchEnrolment => "refused-no-such-enrolment",
        Refusal::Cancelled => "refused-cancelled",
        Refusal::NoSuchLesson => "refused-no-such-lesson",
        Refusal::Store(_) => return refusal.into(),
    };
    let mut problem = Problem::from(refusal).in_language(visit.language);
    problem.detail = ui::text(&TEXTS, visit.language, key);
    problem
}
