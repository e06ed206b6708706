//! A course's images: sent, described, shown with what to write into a lesson, deleted.

mod unused;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use ui::{
    Confirm, Field, FieldProblem, Form, Html, Path, Problem, Query, Text, Upload, Visit,
    format_size, titled,
};
use uuid::Uuid;

use super::{
    super::{own, refused, text, wrong},
    Done, framed,
};
use crate::{
    api::{App, unavailable},
    commands::{self, CommandError, images::NewImage},
    domain::{
        Course, Editor, Refusal,
        image::{BYTES, Image, short},
    },
    store::{self, Address},
};

const PAGE: usize = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching/{course}/images", get(show).post(add))
        .route("/teaching/{course}/images/unused", get(unused::show).post(unused::delete))
        .route("/teaching/{course}/images/{image}/delete", get(ask_delete).post(delete))
}

#[derive(Deserialize)]
struct ImagesQuery {
    before: Option<Uuid>,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "teaching/images.html")]
struct ImagesPage {
    t: Text,
    language: &'static str,
    done: Option<String>,
    course: event::CourseId,
    form: Html,
    shown: Vec<Shown>,
    older: Option<Uuid>,
}

struct Shown {
    address: String,
    /// Where it is deleted.
    delete: String,
    markdown: String,
    facts: String,
    image: Image,
}

impl Shown {
    /// By which it is called in addresses.
    fn name(&self) -> &str {
        short(&self.image.file.sha256)
    }
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Query(query): Query<ImagesQuery>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let done = Done { done: query.done }.said(text(&visit));
    let before = query.before.unwrap_or_else(Uuid::max);
    page(&app, &visit, &course, Shape { before, done, ..Shape::default() }).await
}

/// What the page shows besides.
#[derive(Default)]
struct Shape {
    before: Uuid,
    done: Option<String>,
    description: String,
    errors: Vec<FieldProblem>,
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    upload: Upload<{ BYTES + 1 }>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let description = upload.answers.get("description").to_owned();
    let file = upload.file("file").map(|file| file.content.to_vec());
    let new = NewImage { bytes: file.unwrap_or_default(), description: description.clone() };
    let address = Address::Id(course.id.0);
    match commands::images::add(&app.db, &app.files, editor, &address, new).await {
        Ok(_) => {
            let address = format!("/teaching/{}/images?done=added", course.id);
            Ok(Redirect::to(&address).into_response())
        }
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            let shape = Shape { before: Uuid::max(), description, errors, done: None };
            page(&app, &visit, &course, shape).await
        }
    }
}

async fn page(
    app: &App,
    visit: &Visit,
    course: &Course,
    shape: Shape,
) -> Result<Response, Problem> {
    let t = text(visit);
    let images = store::images(&app.db, course.id, shape.before, PAGE + 1).await;
    let mut images = images.map_err(unavailable)?;
    let has_more = images.len() > PAGE;
    images.truncate(PAGE);
    let has_errors = !shape.errors.is_empty();
    let form =
        Form::new(visit.language, format!("/teaching/{}/images", course.id), t.get("image-send"))
            .field(
                Field::file(
                    "file",
                    t.get("image-file"),
                    "image/png,image/jpeg,image/gif,image/webp",
                )
                .hint(t.with(
                    "image-file-hint",
                    [("size", format_size(BYTES as u64, visit.language).into())],
                )),
            )
            .field(
                Field::text("description", t.get("image-description"))
                    .hint(t.get("image-description-hint"))
                    .value(shape.description)
                    .language(course.language),
            )
            .errors(shape.errors)
            .html()?;
    let shown = framed(visit, course, t.get("images-title")).with_errors_if(has_errors);
    shown.show(&ImagesPage {
        t,
        language: course.language.code(),
        done: shape.done,
        course: course.id,
        form,
        older: images.last().filter(|_| has_more).map(|image| image.id),
        shown: images.into_iter().map(|image| one(visit, course, image)).collect(),
    })
}

fn one(visit: &Visit, course: &Course, image: Image) -> Shown {
    let size = format_size(image.file.size, visit.language);
    Shown {
        address: image.address(&course.key),
        delete: format!("/teaching/{}/images/{}/delete", course.id, short(&image.file.sha256)),
        markdown: image.markdown(&course.key),
        facts: format!("{} × {} · {size}", image.width, image.height),
        image,
    }
}

async fn ask_delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, hash)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let image = find(&app, &visit, &course, &hash).await?;
    let t = text(&visit);
    let address = format!("/teaching/{}/images/{}/delete", course.id, short(&image.file.sha256));
    let form = Form::new(visit.language, address, t.get("delete"))
        .dangerous()
        .back(format!("/teaching/{}/images", course.id), t.get("back"));
    Confirm::new(t.get("image-delete-title"), &form)?
        .lead(t.mark(&titled(&image.description), course.language))
        .consequence(t.get("image-delete-lessons"))
        .show(framed(&visit, &course, t.get("image-delete-title")))
}

async fn find(app: &App, visit: &Visit, course: &Course, hash: &str) -> Result<Image, Problem> {
    let image = store::image(&app.db, course.id, hash).await.map_err(unavailable)?;
    image.ok_or_else(|| refused(Refusal::Missing("image").into(), visit.language))
}

async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, hash)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    remove(&app, editor, &course, &hash).await.map_err(|error| refused(error, visit.language))?;
    Ok(Redirect::to(&format!("/teaching/{}/images?done=deleted", course.id)).into_response())
}

async fn remove(
    app: &App,
    editor: Editor,
    course: &Course,
    hash: &str,
) -> Result<(), CommandError> {
    let address = Address::Id(course.id.0);
    commands::images::delete(&app.db, editor, &address, hash).await
}
