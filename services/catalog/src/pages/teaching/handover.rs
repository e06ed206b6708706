//! Handing a course over: an address, then who that is and what it means, then yes.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use ui::{Confirm, Field, FieldProblem, Form, Path, Problem, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    super::{own, refused, text, wrong},
    FormPage, framed,
};
use crate::{
    api::{App, unavailable},
    commands::{self, CommandError},
    domain::{Course, Editor, NoSuccessor, Refusal},
    store::{self, Address, PersonCopy},
};

/// Of a mail address.
const LONGEST: usize = 254;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/teaching/{course}/hand-over", get(show).post(give))
}

/// Who teaches a course, in words.
pub(super) async fn instructor(app: &App, t: Text, course: &Course) -> Result<String, Problem> {
    let Some(person) = course.instructor else {
        return Ok(t.get("instructor-none"));
    };
    let known = store::person(&app.db, person).await.map_err(unavailable)?;
    Ok(match known {
        None => t.get("instructor-awaited"),
        Some(person) if person.erased => t.get("instructor-erased"),
        Some(person) => t.with("instructor-named", [("name", person.name.into())]),
    })
}

/// What was written, and, on the second page, whom that turned out to be.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    mail: String,
    person: Option<Uuid>,
    /// The version of the course that was seen.
    seen: Option<u64>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own_to_give(&app, &visit, &course).await?;
    page(&app, &visit, &course, String::new(), Vec::new()).await
}

async fn give(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (course, editor) = own_to_give(&app, &visit, &course).await?;
    let to = match successor(&app, &course, &written.mail).await {
        Ok(to) => to,
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            let mail = written.mail.chars().take(LONGEST).collect();
            return page(&app, &visit, &course, mail, errors).await;
        }
    };
    if written.person != Some(to.person.0) {
        return ask(&visit, &course, editor, &to);
    }
    let address = Address::Id(course.id.0);
    commands::handover::hand_over(&app.db, editor, &address, &to.mail, written.seen)
        .await
        .map(|course| Redirect::to(&after(&course, editor)).into_response())
        .map_err(|error| refused(error, visit.language))
}

/// A course that the visitor may give away.
async fn own_to_give(app: &App, visit: &Visit, course: &str) -> Result<(Course, Editor), Problem> {
    let (course, editor) = own(app, visit, course).await?;
    let may = course.may_be_handed_over_by(editor);
    may.map_err(|refusal| refused(refusal.into(), visit.language))?;
    Ok((course, editor))
}

async fn successor(app: &App, course: &Course, mail: &str) -> Result<PersonCopy, CommandError> {
    let to = commands::handover::successor(&app.db, mail).await?;
    if course.instructor == Some(to.person) {
        return Err(Refusal::from(NoSuccessor::TeachesIt).into());
    }
    Ok(to)
}

/// To the course's page, for whoever still sees it.
fn after(course: &Course, editor: Editor) -> String {
    if editor.may_edit(course) {
        format!("/teaching/{}?done=handed-over", course.id)
    } else {
        "/teaching?done=handed-over".to_owned()
    }
}

async fn page(
    app: &App,
    visit: &Visit,
    course: &Course,
    mail: String,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let has_errors = !errors.is_empty();
    let field = Field::mail("mail", t.get("hand-over-mail"))
        .hint(t.get("hand-over-mail-hint"))
        .longest(LONGEST)
        .value(mail);
    let form = Form::new(visit.language, address(course), t.get("hand-over-look"))
        .field(field)
        .back(format!("/teaching/{}", course.id), t.get("back"))
        .errors(errors)
        .html()?;
    let (title, lead) = (t.get("hand-over-title"), instructor(app, t, course).await?);
    framed(visit, course, t.get("hand-over-title")).with_errors_if(has_errors).show(&FormPage {
        title,
        lead,
        form,
    })
}

/// Shows whose address it is, and what they will see and do.
fn ask(
    visit: &Visit,
    course: &Course,
    editor: Editor,
    to: &PersonCopy,
) -> Result<Response, Problem> {
    let t = text(visit);
    let form = Form::new(visit.language, address(course), t.get("hand-over"))
        .dangerous()
        .field(Field::hidden("mail", to.mail.clone()))
        .field(Field::hidden("person", to.person.to_string()))
        .field(Field::hidden("seen", course.version.to_string()))
        .back(address(course), t.get("back"));
    let former = if course.instructor == Some(editor.person) && !editor.is_administrator {
        "hand-over-yours"
    } else {
        "hand-over-theirs"
    };
    Confirm::new(t.get("hand-over-confirm"), &form)?
        .lead(t.with(
            "hand-over-lead",
            [
                ("title", course.title.clone().into()),
                ("name", to.name.clone().into()),
                ("mail", to.mail.clone().into()),
            ],
        ))
        .consequence(t.get("hand-over-given"))
        .consequence(t.get(former))
        .consequence(t.get("hand-over-mailed"))
        .show(framed(visit, course, t.get("hand-over-title")))
}

fn address(course: &Course) -> String {
    format!("/teaching/{}/hand-over", course.id)
}
