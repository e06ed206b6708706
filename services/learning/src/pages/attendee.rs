//! `/roster/{course}/learners/{enrolment}`: how one learner stands in a course, and removing them from it.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use chrono::{DateTime, Utc};
use event::EnrolmentId;
use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use ui::{Confirm, CourseTabs, Form, Html, Path, Problem, Text, Visit};
use uuid::Uuid;

use super::{
    in_words, language,
    roster::{Steps, framed, steps},
    taught, texts,
};
use crate::{
    api::App,
    commands::{self, Attendee},
    domain::{OutlineLesson, OutlineQuiz},
    store::{Awaited, CourseCopy, Done},
};

#[derive(Template)]
#[template(path = "attendee.html")]
struct AttendeePage {
    t: Text,
    course: Uuid,
    enrolment: Uuid,
    language: &'static str,
    name: Option<String>,
    mail: String,
    completed: Option<Html>,
    enrolled: Html,
    active: Option<Html>,
    steps: Steps,
    lessons: Vec<LessonLine>,
    quizzes: Vec<QuizLine>,
}

struct LessonLine {
    title: String,
    required: bool,
    read: Option<Html>,
}

struct QuizLine {
    title: String,
    required: bool,
    result: String,
}

/// How one learner stands in the course.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((course, enrolment)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let copy = taught(&app, &visit, course).await?;
    let attendee = commands::attendee(&app.db, copy.course, EnrolmentId(enrolment)).await;
    let page = attendee_page(&visit, &copy, attendee.map_err(in_words)?, app.db.now());
    let title = page.name.clone().unwrap_or_else(|| page.t.get("person-awaited"));
    framed(&visit, &copy, CourseTabs::Roster, title)
        .crumb(format!("/roster/{course}"), page.t.get("roster-title"))
        .show(&page)
}

fn attendee_page(
    visit: &Visit,
    copy: &CourseCopy,
    attendee: Attendee,
    now: DateTime<Utc>,
) -> AttendeePage {
    let Attendee { enrolment, person, done } = attendee;
    let (t, outline) = (texts(visit), &copy.outline);
    let (steps_done, _) = done.progress.steps(outline);
    let lesson = |place: &OutlineLesson| LessonLine {
        title: place.title.clone(),
        required: place.required,
        read: done.read_at.get(&place.lesson).map(|at| visit.moment(*at)),
    };
    let quiz = |place: &OutlineQuiz| QuizLine {
        title: place.title.clone(),
        required: place.required,
        result: result(t, place, &done),
    };
    let (name, mail) = person.map(|person| (person.name, person.mail)).unzip();
    AttendeePage {
        t,
        course: copy.course.0,
        enrolment: enrolment.id.0,
        language: language(outline),
        name: name.filter(|name: &String| !name.is_empty()),
        mail: mail.unwrap_or_default(),
        completed: enrolment.completed_at.map(|at| visit.moment(at)),
        enrolled: visit.moment(enrolment.enrolled_at),
        active: done.active_at.map(|at| visit.ago(at, now)),
        steps: steps(t, outline, u64::try_from(steps_done).unwrap_or(u64::MAX)),
        lessons: outline.lessons.iter().map(lesson).collect(),
        quizzes: outline.quizzes.iter().map(quiz).collect(),
    }
}

/// What came of a quiz, in words.
pub(super) fn result(t: Text, place: &OutlineQuiz, done: &Done) -> String {
    let awaited = done.awaited.get(&place.quiz).map(|awaited| match awaited {
        Awaited::Grader => t.get("quiz-graded-now"),
        Awaited::Person => t.get("quiz-marked-soon"),
    });
    let best = done.progress.best.get(&place.quiz).map(|best| {
        let key = if best.passed { "quiz-passed" } else { "quiz-failed" };
        let rounded = |exact: Decimal| exact.round_dp_with_strategy(2, MidpointAwayFromZero);
        let number = |exact| ui::format_number(rounded(exact).normalize(), t.language()).into();
        let result = &best.result;
        t.with(key, [("mark", number(result.mark)), ("outof", number(result.out_of))])
    });
    match (best, awaited) {
        (None, None) => t.get("quiz-not-taken"),
        (Some(best), Some(awaited)) => format!("{best} · {awaited}"),
        (best, awaited) => best.or(awaited).unwrap_or_default(),
    }
}

/// Asks whether the instructor means it.
pub(super) async fn ask_to_remove(
    State(app): State<App>,
    visit: Visit,
    Path((course, enrolment)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let copy = taught(&app, &visit, course).await?;
    let attendee = commands::attendee(&app.db, copy.course, EnrolmentId(enrolment)).await;
    let person = attendee.map_err(in_words)?.person;
    let t = texts(&visit);
    let who = match person {
        Some(person) => format!("{} ({})", person.name, person.mail),
        None => t.get("person-awaited"),
    };
    let learner = format!("/roster/{course}/learners/{enrolment}");
    let form = Form::new(t.language(), format!("{learner}/remove"), t.get("remove"))
        .dangerous()
        .back(learner, t.get("remove-not"));
    let page = framed(&visit, &copy, CourseTabs::Roster, t.get("remove-title"))
        .crumb(format!("/roster/{course}"), t.get("roster-title"));
    Confirm::new(t.get("remove-title"), &form)?
        .lead(who)
        .consequence(t.get("remove-told"))
        .consequence(t.get("remove-kept"))
        .show(page)
}

pub(super) async fn remove(
    State(app): State<App>,
    visit: Visit,
    Path((course, enrolment)): Path<(Uuid, Uuid)>,
) -> Result<Redirect, Problem> {
    let copy = taught(&app, &visit, course).await?;
    commands::remove(&app.db, copy.course, EnrolmentId(enrolment)).await.map_err(in_words)?;
    Ok(Redirect::to(&format!("/roster/{course}?done=removed")))
}
