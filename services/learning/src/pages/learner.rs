//! `/learning`: my courses, how far I am, what to do next, and what is on its way.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use event::{CourseId, EnrolmentId, Language, LessonId, PersonId, QuizId};
use serde::Deserialize;
use ui::{
    Confirm, Form, Html, Pager, Path, Problem, Query, Submitted, Text, Visit, local_path, titled,
};
use uuid::Uuid;

use super::{in_words, language, texts, unavailable};
use crate::{
    api::App,
    commands::{self, Refusal},
    domain::{Enrolment, NextStep, Outline, OutlineLesson, OutlineQuiz, Seat},
    store::{self, Awaited, CourseCopy, Done},
};

const PAGE: u32 = 20;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// A course that the learner wants to take, or has to take first.
    course: Option<Uuid>,
    /// A course in which the learner has just enrolled.
    enrolled: Option<Uuid>,
    /// A course that the learner has just left.
    left: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "learning.html")]
struct LearningPage {
    t: Text,
    /// Where a browser hears that something has changed.
    live: String,
    offer: Option<Offer>,
    done: Option<Html>,
    groups: Vec<Group>,
    pager: Html,
}

/// A course that the learner asked for and has no seat in.
enum Offer {
    Awaited { course: Uuid },
    Withdrawn { title: String, language: &'static str },
    Open { course: Uuid, title: String, language: &'static str },
}

/// Courses in one state.
struct Group {
    heading: String,
    cards: Vec<Card>,
}

/// A course that the learner takes, or took.
struct Card {
    enrolment: Uuid,
    course: Uuid,
    title: String,
    language: &'static str,
    standing: Standing,
    state: String,
    steps: Option<Steps>,
    next: Option<Link>,
    /// What is on its way.
    awaited: Vec<Html>,
    active: Option<Html>,
    lessons: Vec<LessonLine>,
    quizzes: Vec<QuizLine>,
    is_withdrawn: bool,
}

impl Card {
    /// The class of the course's colour.
    fn tint(&self) -> &'static str {
        ui::tint(self.course.into())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Underway,
    Completed,
    Left,
}

struct Steps {
    done: usize,
    all: usize,
    words: String,
}

struct Link {
    address: String,
    words: Html,
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

pub(super) async fn overview(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let learner = visit.session()?.person;
    let t = texts(&visit);
    let course = asked.course.map(CourseId);
    // Read before the rest, so that what comes in between is told.
    let state = store::learner_state(&app.db, learner, course).await.map_err(unavailable)?;
    let (groups, pager) = groups(&app, &visit, learner).await.map_err(unavailable)?;
    let offer = match course {
        Some(course) => offer(&app, learner, course).await.map_err(unavailable)?,
        None => None,
    };
    let of = course.map_or_else(String::new, |course| format!("/courses/{course}"));
    let live = format!("/learning{of}/live?seen={}", ui::fingerprint(state));
    let done = just_done(&app, t, &asked).await.map_err(unavailable)?;
    let page = LearningPage { t, live, offer, done, groups, pager };
    visit.page(t.get("learning-title")).show(&page)
}

/// Tells an open page that something has changed.
pub(super) async fn live(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    follow(&app, &visit, None)
}

/// The same for a page that waits for a course.
pub(super) async fn live_with(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Response, Problem> {
    follow(&app, &visit, Some(CourseId(course)))
}

fn follow(app: &App, visit: &Visit, course: Option<CourseId>) -> Result<Response, Problem> {
    let learner = visit.session()?.person;
    let db = app.db.clone();
    ui::live(&app.ui, visit, move || {
        let db = db.clone();
        async move { store::learner_state(&db, learner, course).await }
    })
}

/// What the learner has just done, in words.
async fn just_done(app: &App, t: Text, asked: &Asked) -> Result<Option<Html>, bus::Error> {
    let (course, key) = match (asked.enrolled, asked.left) {
        (Some(course), _) => (course, "just-enrolled"),
        (None, Some(course)) => (course, "just-left"),
        (None, None) => return Ok(None),
    };
    let copy = store::course(&app.db, CourseId(course)).await?;
    Ok(copy.map(|copy| named(t, key, &copy.outline.title, copy.outline.language)))
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

/// The courses of a page, by their state.
async fn groups(
    app: &App,
    visit: &Visit,
    learner: PersonId,
) -> Result<(Vec<Group>, Html), bus::Error> {
    let page = visit.page_number();
    let offset = u64::from(page - 1) * u64::from(PAGE);
    let mut seats = store::enrolments_of(&app.db, learner, offset, PAGE + 1).await?;
    let has_more = seats.len() > PAGE as usize;
    seats.truncate(PAGE as usize);
    let courses = store::courses(&app.db, seats.iter().map(|seat| seat.course)).await?;
    let mut done = store::done(&app.db, learner, &seats).await?;
    let view = View { t: texts(visit), visit, now: app.db.now() };
    let mut groups: Vec<Group> = Vec::new();
    for seat in seats {
        let copy = courses.get(&seat.course);
        let card = view.card(&seat, copy, done.remove(&seat.id).unwrap_or_default());
        let heading = view.heading(card.standing);
        match groups.last_mut() {
            Some(group) if group.heading == heading => group.cards.push(card),
            _ => groups.push(Group { heading, cards: vec![card] }),
        }
    }
    Ok((groups, Pager::open(page, has_more).html(visit)))
}

/// How one visitor sees courses.
struct View<'a> {
    t: Text,
    visit: &'a Visit,
    now: chrono::DateTime<chrono::Utc>,
}

impl View<'_> {
    fn heading(&self, standing: Standing) -> String {
        self.t.get(match standing {
            Standing::Underway => "group-underway",
            Standing::Completed => "group-completed",
            Standing::Left => "group-left",
        })
    }

    fn card(&self, seat: &Enrolment, copy: Option<&CourseCopy>, done: Done) -> Card {
        let t = self.t;
        let is_withdrawn = copy.is_none_or(|copy| copy.withdrawn);
        let none = Outline::default();
        let outline = copy.map_or(&none, |copy| &copy.outline);
        let standing = standing(seat);
        let is_open = standing != Standing::Left && !is_withdrawn;
        let (steps_done, all) = done.progress.steps(outline);
        let counts = [("done", steps_done.into()), ("all", all.into())];
        let words = t.with("steps", counts);
        let quizzes = outline.quizzes.iter();
        Card {
            enrolment: seat.id.0,
            course: seat.course.0,
            language: language(outline),
            standing,
            state: self.state(seat),
            steps: (all > 0).then_some(Steps { done: steps_done, all, words }),
            next: is_open.then(|| next(t, seat, outline, &done)).flatten(),
            awaited: quizzes
                .clone()
                .filter_map(|place| awaited(t, outline.language, place, &done))
                .collect(),
            active: done.active_at.map(|at| self.visit.ago(at, self.now)),
            lessons: outline.lessons.iter().map(|place| lesson_line(place, &done)).collect(),
            quizzes: quizzes.map(|place| quiz_line(t, place, &done)).collect(),
            is_withdrawn,
            title: outline.title.clone(),
        }
    }

    fn state(&self, seat: &Enrolment) -> String {
        let (key, date) = match (seat.state, seat.completed_at) {
            (Seat::Cancelled, _) => return self.t.get("state-cancelled"),
            (Seat::Active, Some(date)) => ("state-completed", date),
            (Seat::Active, None) => ("enrolled-on", seat.enrolled_at),
        };
        let date = ui::format_date(date, self.visit.language, self.visit.zone);
        self.t.with(key, [("date", date.into())])
    }
}

fn standing(seat: &Enrolment) -> Standing {
    match (seat.state, seat.completed_at) {
        (Seat::Cancelled, _) => Standing::Left,
        (Seat::Active, Some(_)) => Standing::Completed,
        (Seat::Active, None) => Standing::Underway,
    }
}

fn next(t: Text, seat: &Enrolment, outline: &Outline, done: &Done) -> Option<Link> {
    let is_awaited = |quiz: QuizId| done.awaited.contains_key(&quiz);
    done.progress.next(outline, is_awaited).map(|step| match step {
        NextStep::Read(place) => Link {
            address: format!("/courses/{}/lessons/{}", seat.course, place.lesson),
            words: named(t, "next-lesson", &place.title, outline.language),
        },
        NextStep::Pass(place) => Link {
            address: format!("/quizzes/{}", place.quiz),
            words: named(t, "next-quiz", &place.title, outline.language),
        },
    })
}

fn awaited(t: Text, language: Option<Language>, place: &OutlineQuiz, done: &Done) -> Option<Html> {
    let key = match done.awaited.get(&place.quiz)? {
        Awaited::Grader => "awaited-grader",
        Awaited::Person => "awaited-person",
    };
    Some(named(t, key, &place.title, language))
}

/// A message with a title in this language in it.
fn named(t: Text, key: &str, title: &str, language: Option<Language>) -> Html {
    t.mark(&t.with(key, [("title", titled(title).into())]), language)
}

fn lesson_line(place: &OutlineLesson, done: &Done) -> LessonLine {
    LessonLine {
        lesson: place.lesson.0,
        title: place.title.clone(),
        required: place.required,
        read: done.progress.read.contains(&place.lesson),
    }
}

fn quiz_line(t: Text, place: &OutlineQuiz, done: &Done) -> QuizLine {
    let result = super::attendee::result(t, place, done);
    QuizLine { quiz: place.quiz.0, title: place.title.clone(), required: place.required, result }
}

pub(super) async fn enrol(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    match commands::enrol(&app.db, learner, CourseId(course)).await {
        Ok(_) => Ok(Redirect::to(&format!("/learning?enrolled={course}"))),
        Err(Refusal::NoSuchCourse | Refusal::Withdrawn) => Ok(to_offer(course)),
        Err(refusal) => Err(in_words(refusal)),
    }
}

/// Asks whether the learner means it.
pub(super) async fn ask_to_cancel(
    State(app): State<App>,
    visit: Visit,
    Path(enrolment): Path<Uuid>,
) -> Result<Response, Problem> {
    let learner = visit.session()?.person;
    let standing = commands::standing(&app.db, learner, EnrolmentId(enrolment)).await;
    let outline = standing.map_err(in_words)?.outline;
    let t = texts(&visit);
    let action = format!("/learning/enrolments/{enrolment}/cancel");
    let form = Form::new(t.language(), action, t.get("cancel"))
        .dangerous()
        .back("/learning", t.get("cancel-not"));
    let page = visit.page(t.get("cancel-title")).crumb("/learning", t.get("learning-title"));
    Confirm::new(t.get("cancel-title"), &form)?
        .lead(t.mark(&titled(&outline.title), outline.language))
        .consequence(t.get("cancel-kept"))
        .consequence(t.get("cancel-closed"))
        .show(page)
}

pub(super) async fn cancel(
    State(app): State<App>,
    visit: Visit,
    Path(enrolment): Path<Uuid>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    let left = commands::cancel(&app.db, learner, EnrolmentId(enrolment)).await;
    Ok(Redirect::to(&format!("/learning?left={}", left.map_err(in_words)?.course)))
}

#[derive(Deserialize)]
pub(super) struct LessonForm {
    course: Uuid,
    /// Where to go on.
    next: Option<String>,
}

pub(super) async fn read_lesson(
    State(app): State<App>,
    visit: Visit,
    Path(lesson): Path<Uuid>,
    Submitted(form): Submitted<LessonForm>,
) -> Result<Redirect, Problem> {
    let learner = visit.session()?.person;
    let seat = Enrolment::id_of(learner, CourseId(form.course));
    match commands::read_lesson(&app.db, learner, seat, LessonId(lesson)).await {
        Ok(_) => Ok(Redirect::to(form.next.as_deref().map_or("/learning", local_path))),
        Err(Refusal::NoSuchCourse | Refusal::NoSuchEnrolment | Refusal::Cancelled) => {
            Ok(to_offer(form.course))
        }
        Err(refusal) => Err(in_words(refusal)),
    }
}

/// Says what stands between a learner and a course.
fn to_offer(course: Uuid) -> Redirect {
    Redirect::to(&format!("/learning?course={course}"))
}
