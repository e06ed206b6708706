//! Where quizzes stand in a course, and what it takes to pass them. Their questions are the assessment's.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use event::{QuizId, SectionId};
use serde::Deserialize;
use ui::{Confirm, Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    super::{named, own, refused, text, wrong},
    framed, number,
    outline::{back, change},
};
use crate::{
    api::App,
    commands::{self, CommandError},
    domain::{Course, NewQuiz, Quiz, QuizChanges, Refusal, State as Shown, Unfit, limits},
    store::Address,
};

/// Of the whole mark, unless somebody says otherwise.
const PASS_PERCENT: u32 = 60;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching/{course}/quizzes", get(new).post(add))
        .route("/teaching/{course}/quizzes/{quiz}", get(show).post(save))
        .route("/teaching/{course}/quizzes/{quiz}/delete", get(ask_delete).post(delete))
}

/// A quiz's place as it stands in the form.
#[derive(Clone, Default, Deserialize)]
struct Written {
    #[serde(default)]
    title: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    pass_percent: String,
    #[serde(default)]
    minutes: String,
    required: Option<String>,
    #[serde(default)]
    section: String,
}

impl Written {
    fn of(quiz: &Quiz) -> Self {
        Self {
            title: quiz.title.clone(),
            key: quiz.key.clone().unwrap_or_default(),
            pass_percent: quiz.pass_percent.to_string(),
            minutes: quiz.minutes.to_string(),
            required: quiz.required.then(|| "on".to_owned()),
            section: quiz.section.map(|section| section.to_string()).unwrap_or_default(),
        }
    }

    fn place(&self) -> Result<QuizChanges, CommandError> {
        let section = match self.section.as_str() {
            "" => None,
            id => Some(
                Uuid::parse_str(id)
                    .map_err(|_| Refusal::Field { field: "section", reason: Unfit::NotOffered })?,
            ),
        };
        Ok(QuizChanges {
            title: self.title.clone(),
            required: self.required.is_some(),
            pass_percent: number("pass_percent", &self.pass_percent)?,
            minutes: number("minutes", &self.minutes)?,
            section: section.map(SectionId),
        })
    }
}

async fn new(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let written = Written {
        pass_percent: PASS_PERCENT.to_string(),
        required: Some("on".to_owned()),
        ..Written::default()
    };
    page(&visit, &course, None, written, Vec::new())
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let placed = match written.place() {
        Ok(place) => {
            let key = Some(written.key.trim()).filter(|key| !key.is_empty()).map(str::to_owned);
            let rule = |course: &mut Course| {
                course.place_quiz(NewQuiz { key: key.clone(), place: place.clone() })
            };
            commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    finish(&visit, &course, None, written, placed, "added")
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let quiz = find(&visit, &course, quiz)?.clone();
    let written = Written::of(&quiz);
    page(&visit, &course, Some(&quiz), written, Vec::new())
}

async fn save(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(String, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let quiz = find(&visit, &course, quiz)?.clone();
    let saved = match written.place() {
        Ok(place) => {
            let rule = |course: &mut Course| course.change_quiz(quiz.id, place.clone());
            commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    finish(&visit, &course, Some(&quiz), written, saved, "saved")
}

fn finish(
    visit: &Visit,
    course: &Course,
    quiz: Option<&Quiz>,
    written: Written,
    result: Result<(), CommandError>,
    done: &str,
) -> Result<Response, Problem> {
    match result {
        Ok(()) => Ok(back(course.id, done)),
        Err(error) => page(visit, course, quiz, written, wrong(error, visit.language)?),
    }
}

fn find<'a>(visit: &Visit, course: &'a Course, id: Uuid) -> Result<&'a Quiz, Problem> {
    let missing = || refused(Refusal::Missing("quiz").into(), visit.language);
    course.quizzes.iter().find(|quiz| quiz.id.0 == id).ok_or_else(missing)
}

#[derive(Template)]
#[template(path = "teaching/quiz.html")]
struct QuizPage {
    t: Text,
    title: String,
    is_published: bool,
    /// Where its questions are written.
    questions: Option<String>,
    delete: Option<String>,
    form: Html,
}

fn page(
    visit: &Visit,
    course: &Course,
    quiz: Option<&Quiz>,
    written: Written,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let has_errors = !errors.is_empty();
    let below = quiz.map_or_else(String::new, |quiz| format!("/{}", quiz.id));
    let address = format!("/teaching/{}/quizzes{below}", course.id);
    let title = t.get(if quiz.is_some() { "quiz-edit" } else { "quiz-place" });
    let button = t.get(if quiz.is_some() { "save" } else { "quiz-place" });
    let form = Form::new(visit.language, address.clone(), button)
        .fields(fields(t, course, written, quiz.is_none()))
        .back(format!("/teaching/{}", course.id), t.get("back"))
        .errors(errors)
        .html()?;
    let shown = framed(visit, course, title.clone()).with_errors_if(has_errors);
    shown.show(&QuizPage {
        t,
        title,
        is_published: course.state == Shown::Published,
        questions: quiz.map(|quiz| format!("/question-bank/{}/{}", course.id, quiz.id)),
        delete: quiz.map(|_| format!("{address}/delete")),
        form,
    })
}

fn fields(t: Text, course: &Course, written: Written, is_new: bool) -> Vec<Field> {
    let mut places: Vec<(String, String)> = course
        .sections
        .iter()
        .map(|section| {
            let title = t.with("quiz-after", [("title", section.title.clone().into())]);
            (section.id.to_string(), title)
        })
        .collect();
    places.push((String::new(), t.get("quiz-at-end")));
    let mut fields = vec![
        Field::text("title", t.get("field-title"))
            .value(written.title)
            .longest(limits::TITLE_CHARS)
            .language(course.language),
        Field::select("section", t.get("quiz-where"), places).value(written.section).optional(),
        Field::text("pass_percent", t.get("field-pass"))
            .hint(t.get("field-pass-hint"))
            .value(written.pass_percent),
        Field::text("minutes", t.get("field-minutes")).value(written.minutes).optional(),
        Field::tick("required", t.get("quiz-required"), written.required.is_some()),
    ];
    if is_new {
        let key = Field::text("key", t.get("field-key"))
            .hint(t.get("quiz-key-hint"))
            .value(written.key)
            .longest(limits::KEY_CHARS);
        fields.push(key.optional());
    }
    fields
}

async fn ask_delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let quiz = find(&visit, &course, quiz)?;
    let t = text(&visit);
    let address = format!("/teaching/{}/quizzes/{}", course.id, quiz.id);
    let form = Form::new(visit.language, format!("{address}/delete"), t.get("quiz-remove"))
        .dangerous()
        .back(address, t.get("back"));
    Confirm::new(t.get("quiz-remove-title"), &form)?
        .lead(named(t, "quiz-remove-lead", &quiz.title, &course))
        .consequence(t.get("quiz-remove-course"))
        .consequence(t.get("quiz-remove-questions"))
        .show(framed(&visit, &course, t.get("quiz-remove-title")))
}

async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.remove_quiz(QuizId(quiz));
    change(&app, &visit, &course, rule, "deleted").await
}
