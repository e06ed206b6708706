//! Deleting a course that was a mistake, of which nobody was ever told.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use ui::{Confirm, Form, Path, Problem, Visit};

use super::{
    super::{named, own, refused, text},
    framed,
};
use crate::{api::App, commands, store::Address};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/teaching/{course}/delete", get(ask).post(delete))
}

async fn ask(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    course.may_be_deleted().map_err(|refusal| refused(refusal.into(), visit.language))?;
    let t = text(&visit);
    let address = format!("/teaching/{}", course.id);
    let form = Form::new(visit.language, format!("{address}/delete"), t.get("course-delete"))
        .dangerous()
        .back(address, t.get("back"));
    Confirm::new(t.get("course-delete-title"), &form)?
        .lead(named(t, "withdraw-lead", &course.title, &course))
        .consequence(t.get("course-delete-all"))
        .consequence(t.get("course-delete-learners"))
        .consequence(t.get("course-delete-questions"))
        .show(framed(&visit, &course, t.get("course-delete-title")))
}

async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    commands::deleting::delete(&app.db, editor, &Address::Id(course.id.0))
        .await
        .map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to("/teaching?done=deleted").into_response())
}
