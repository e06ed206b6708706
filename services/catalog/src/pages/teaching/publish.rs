//! Publishing, which says beforehand what is told to whom; and withdrawing.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::LessonId;
use serde::Deserialize;
use ui::{Answers, Confirm, Form, Path, Problem, Query, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    super::{named, own, refused, text, wrong},
    framed,
    outline::{back, change},
};
use crate::{
    api::{App, unavailable},
    commands::{self, CommandError},
    domain::{Announcement, Chosen, Course, Draft, Lesson, Refusal, Seen, State as Shown},
    store::{self, Address},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching/{course}/publish", get(show).post(publish))
        .route("/teaching/{course}/withdraw", get(ask_withdraw).post(withdraw))
}

#[derive(Deserialize)]
struct PublishQuery {
    /// The only one to be ticked at first; otherwise all are.
    lesson: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "teaching/publish.html")]
struct PublishPage {
    t: Text,
    error: Option<String>,
    /// Nothing was told of this course yet.
    is_first: bool,
    is_published: bool,
    choices: Vec<Choice>,
    /// That everyone enrolled is told of lessons that are new to them.
    mailed: Option<String>,
    /// The course itself is told, because it appears or changed.
    tells_course: bool,
    tells_lessons: bool,
    nothing: bool,
    course: Course,
}

/// A lesson that may be published.
struct Choice {
    /// What the form sends: the lesson as it was seen.
    value: String,
    address: String,
    title: String,
    effect: String,
    is_ticked: bool,
    /// It changed since it was ticked.
    is_overtaken: bool,
    /// Its draft was begun from an older text: it has to be looked at first.
    is_outdated: bool,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Query(query): Query<PublishQuery>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let ticks = query.lesson.map_or(Ticks::All, Ticks::Only);
    page(&app, &visit, course, &ticks, None).await
}

async fn publish(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let stale = || refused(Refusal::Stale.into(), visit.language);
    let chosen: Option<Vec<Chosen>> = answers.all("lesson").map(chosen).collect();
    let chosen = chosen.ok_or_else(stale)?;
    if answers.get("do") == "look" {
        return page(&app, &visit, course, &Ticks::These(chosen), None).await;
    }
    if chosen.is_empty() && course.state == Shown::Published {
        let nothing = Some(text(&visit).get("publish-none"));
        return page(&app, &visit, course, &Ticks::These(chosen), nothing).await;
    }
    let address = Address::Id(course.id.0);
    let error = match commands::lessons::publish(&app.db, editor, &address, &chosen).await {
        Ok(course) => return Ok(back(course.id, "published")),
        Err(CommandError::Refused(Refusal::Stale) | CommandError::Conflict) => {
            text(&visit).get("publish-stale")
        }
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            errors.into_iter().map(|error| error.detail).collect::<Vec<_>>().join(" ")
        }
    };
    let (course, _) = own(&app, &visit, &course.id.to_string()).await?;
    page(&app, &visit, course, &Ticks::These(chosen), Some(error)).await
}

/// Which lessons are ticked.
enum Ticks {
    All,
    Only(Uuid),
    /// Those that somebody ticked, as they saw them.
    These(Vec<Chosen>),
}

impl Ticks {
    fn has(&self, lesson: LessonId) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => *only == lesson.0,
            Self::These(chosen) => chosen.iter().any(|chosen| chosen.lesson == lesson),
        }
    }

    /// Whether it was ticked when it was not yet as it is.
    fn is_overtaken(&self, lesson: LessonId, seen: Seen) -> bool {
        let Self::These(chosen) = self else { return false };
        chosen.iter().any(|chosen| chosen.lesson == lesson && chosen.seen != seen)
    }
}

/// `<lesson>:7.2`
fn chosen(value: &str) -> Option<Chosen> {
    let (lesson, seen) = value.split_once(':')?;
    Some(Chosen { lesson: LessonId(Uuid::parse_str(lesson).ok()?), seen: seen.parse().ok()? })
}

async fn page(
    app: &App,
    visit: &Visit,
    course: Course,
    ticks: &Ticks,
    error: Option<String>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let drafts = store::drafts(&app.db, course.id).await.map_err(unavailable)?;
    let choices: Vec<Choice> = course
        .sections
        .iter()
        .flat_map(|section| course.lessons_in(section.id))
        .filter_map(|lesson| choice(&course, lesson, &drafts, ticks, t))
        .collect();
    let ticked: Vec<Chosen> =
        choices.iter().filter(|it| it.is_ticked).filter_map(|it| chosen(&it.value)).collect();
    let news = foreseen(app, &course, &ticked, &drafts);
    let is_new = |lesson: &LessonId| {
        course.lesson(*lesson).is_some_and(|lesson| lesson.published_at.is_none())
    };
    let is_first = course.told.version == 0;
    let mailed = news.iter().filter(
        |news| matches!(news, Announcement::LessonPublished(lesson) if is_new(lesson) && !is_first),
    );
    let tells_course = news
        .iter()
        .any(|news| matches!(news, Announcement::CoursePublished | Announcement::CourseUpdated));
    let is_published = course.state == Shown::Published;
    let shown = framed(visit, &course, t.get("publish-title")).with_errors_if(error.is_some());
    shown.show(&PublishPage {
        t,
        error,
        is_first,
        is_published,
        mailed: told_to_enrolled(t, mailed.count()),
        tells_course,
        tells_lessons: news.len() > usize::from(tells_course),
        nothing: is_published && choices.is_empty(),
        choices,
        course,
    })
}

/// Nothing, where there is nothing new.
pub(super) fn told_to_enrolled(t: Text, lessons: usize) -> Option<String> {
    (lessons > 0).then(|| t.with("publish-tells-enrolled", [("count", lessons.into())]))
}

/// What would be told if these were published: found by doing it to a copy.
fn foreseen(app: &App, course: &Course, chosen: &[Chosen], drafts: &[Draft]) -> Vec<Announcement> {
    let mut after = course.clone();
    if after.publish_with(chosen, drafts).is_err() {
        return Vec::new();
    }
    after.settle(course, app.db.now());
    after.announce(app.db.now())
}

/// Nothing, for a lesson of which there is nothing to publish.
fn choice(
    course: &Course,
    lesson: &Lesson,
    drafts: &[Draft],
    ticks: &Ticks,
    t: Text,
) -> Option<Choice> {
    let draft = drafts.iter().find(|draft| draft.lesson == lesson.id);
    let is_shown = course.state == Shown::Published && lesson.state == Shown::Published;
    if is_shown && draft.is_none() {
        return None;
    }
    let is_outdated = draft.is_some_and(|draft| draft.base != lesson.version);
    let effect = match (is_shown, lesson.published_at) {
        _ if is_outdated => "publish-outdated",
        (true, _) => "publish-changed",
        (false, Some(_)) => "publish-again",
        (false, None) if course.told.version == 0 => "publish-initial",
        (false, None) => "publish-new",
    };
    let seen = Seen::of(lesson, draft);
    Some(Choice {
        value: format!("{}:{seen}", lesson.id),
        address: format!("/teaching/{}/lessons/{}", course.id, lesson.id),
        title: draft.map_or_else(|| lesson.title.clone(), |draft| draft.content.title.clone()),
        effect: t.get(effect),
        is_ticked: !is_outdated && ticks.has(lesson.id),
        is_overtaken: ticks.is_overtaken(lesson.id, seen),
        is_outdated,
    })
}

async fn ask_withdraw(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let t = text(&visit);
    let address = format!("/teaching/{}", course.id);
    let form = Form::new(visit.language, format!("{address}/withdraw"), t.get("withdraw"))
        .dangerous()
        .back(address, t.get("back"));
    Confirm::new(t.get("withdraw-title"), &form)?
        .lead(named(t, "withdraw-lead", &course.title, &course))
        .consequence(t.get("withdraw-catalogue"))
        .consequence(t.get("withdraw-enrolled"))
        .consequence(t.get("withdraw-certificates"))
        .consequence(t.get("withdraw-copies"))
        .show(framed(&visit, &course, t.get("withdraw-title")))
}

async fn withdraw(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| {
        course.withdraw();
        Ok(())
    };
    change(&app, &visit, &course, rule, "withdrawn").await
}
