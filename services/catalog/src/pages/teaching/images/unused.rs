//! Images that nothing in the course shows, to be deleted together. Questions and messages may show one all the
//! same, of which nothing is known here: so a person decides on each, and nothing does it by itself.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use event::CourseId;
use ui::{Answers, Path, Problem, Submitted, Text, Visit};

use super::{
    super::{
        super::{own, refused, text},
        framed,
    },
    Shown, one,
};
use crate::{
    api::{App, unavailable},
    commands,
    domain::Course,
    store::Address,
};

#[derive(Template)]
#[template(path = "teaching/unused-images.html")]
struct UnusedPage {
    t: Text,
    language: &'static str,
    error: Option<String>,
    course: CourseId,
    shown: Vec<Shown>,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    page(&app, &visit, &course, None).await
}

pub(super) async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let chosen: Vec<&str> = answers.all("image").collect();
    if chosen.is_empty() {
        let nothing = Some(text(&visit).get("unused-nothing"));
        return page(&app, &visit, &course, nothing).await;
    }
    commands::images::delete_unshown(&app.db, editor, &Address::Id(course.id.0), &chosen)
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to(&format!("/teaching/{}/images?done=deleted", course.id)).into_response())
}

async fn page(
    app: &App,
    visit: &Visit,
    course: &Course,
    error: Option<String>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let images = commands::images::unshown(&app.db, course.id).await.map_err(unavailable)?;
    let shown = framed(visit, course, t.get("unused-title"))
        .crumb(format!("/teaching/{}/images", course.id), t.get("images-title"))
        .with_errors_if(error.is_some());
    shown.show(&UnusedPage {
        t,
        language: course.language.code(),
        error,
        course: course.id,
        shown: images.into_iter().map(|image| one(visit, course, image)).collect(),
    })
}
