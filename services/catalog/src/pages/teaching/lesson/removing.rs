//! Taking a lesson away: for good, back to a draft, or only what was changed and not published.

use axum::{extract::State, response::Response};
use event::LessonId;
use ui::{Confirm, Field, Form, Path, Problem, Submitted, Visit};
use uuid::Uuid;

use super::{
    super::{
        super::{named, own, refused, text},
        framed,
        outline::{back, change},
    },
    Present, Written,
};
use crate::{
    api::App,
    commands,
    domain::{Course, Refusal, Seen},
    store::Address,
};

pub(super) async fn ask_delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    let t = text(&visit);
    let address = format!("{}/delete", present.address());
    let form = Form::new(visit.language, address, t.get("delete"))
        .dangerous()
        .back(format!("/teaching/{}", present.course.id), t.get("back"));
    let mut confirm = Confirm::new(t.get("lesson-delete-title"), &form)?
        .lead(named(t, "lesson-delete-lead", &present.lesson.title, &present.course))
        .consequence(t.get("lesson-delete-text"));
    if present.course.shows(&present.lesson) {
        confirm = confirm
            .consequence(t.get("lesson-delete-learners"))
            .consequence(t.get("lesson-delete-copies"));
    }
    confirm.show(framed(&visit, &present.course, t.get("lesson-delete-title")))
}

pub(super) async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.withdraw_lesson(LessonId(lesson));
    change(&app, &visit, &course, rule, "deleted").await
}

pub(super) async fn ask_hide(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    let t = text(&visit);
    let form = Form::new(visit.language, format!("{}/hide", present.address()), t.get("hide"))
        .back(present.address(), t.get("back"));
    Confirm::new(t.get("hide-title"), &form)?
        .lead(named(t, "lesson-delete-lead", &present.lesson.title, &present.course))
        .consequence(t.get("hide-text"))
        .consequence(t.get("lesson-delete-learners"))
        .consequence(t.get("lesson-delete-copies"))
        .show(framed(&visit, &present.course, t.get("hide-title")))
}

pub(super) async fn hide(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.hide_lesson(LessonId(lesson));
    change(&app, &visit, &course, rule, "hidden").await
}

pub(super) async fn ask_discard(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    let t = text(&visit);
    let form =
        Form::new(visit.language, format!("{}/discard", present.address()), t.get("discard"))
            .dangerous()
            .field(Field::hidden("seen", present.seen().to_string()))
            .back(present.address(), t.get("back"));
    Confirm::new(t.get("discard-title"), &form)?
        .lead(named(t, "discard-lead", &present.lesson.title, &present.course))
        .consequence(t.get("discard-text"))
        .show(framed(&visit, &present.course, t.get("discard-title")))
}

pub(super) async fn discard(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let stale = || refused(Refusal::Stale.into(), visit.language);
    let seen: Seen = written.seen.parse().map_err(|_| stale())?;
    let (address, lesson) = (Address::Id(course.id.0), LessonId(lesson));
    commands::lessons::discard(&app.db, editor, &address, lesson, seen)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(back(course.id, "discarded"))
}
