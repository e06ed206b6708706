//! Writing one question in a form.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{CourseId, QuestionId, QuizId};
use serde::Deserialize;
use ui::{
    Answers, Confirm, Field, FieldProblem, Form, Path, Problem, Query, Submitted, Text, Visit,
};
use uuid::Uuid;

use super::{
    super::{App, in_words, teacher, texts},
    address, around,
    fields::{Fields, Sort, row_field},
};
use crate::{
    commands::{self, Draft, Refusal},
    domain::{EditRefused, LONGEST_NUMBER, Question, QuestionContent},
    gift::{LONGEST_TEXT, LONGEST_TITLE},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/question-bank/{course}/{quiz}/questions/new", get(begin).post(add))
        .route("/question-bank/{course}/{quiz}/questions/{question}", get(open).post(rewrite))
        .route(
            "/question-bank/{course}/{quiz}/questions/{question}/delete",
            get(ask_to_delete).post(delete),
        )
        .route("/question-bank/{course}/{quiz}/questions/{question}/move", post(shift))
}

/// Where a question stands, in an address.
type Place = (Uuid, Uuid, Uuid);

#[derive(Deserialize)]
struct New {
    #[serde(default)]
    kind: String,
}

async fn begin(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Query(new): Query<New>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let sort = Sort::parse(&new.kind).unwrap_or(Sort::Choice);
    show(&visit, &draft, &Fields::new(sort), None, Vec::new())
}

async fn open_draft(app: &App, visit: &Visit, course: Uuid, quiz: Uuid) -> Result<Draft, Problem> {
    let (_, viewer) = teacher(visit)?;
    let draft = commands::draft(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    draft.map_err(in_words(visit))
}

fn question_of<'a>(
    visit: &Visit,
    draft: &'a Draft,
    question: Uuid,
) -> Result<&'a Question, Problem> {
    let found = draft.quiz.question(QuestionId(question));
    found.ok_or_else(|| in_words(visit)(EditRefused::NoSuchQuestion.into()))
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let question = question_of(&visit, &draft, question)?;
    show(&visit, &draft, &Fields::of(&question.content), Some(question), Vec::new())
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let sort = Sort::parse(answers.get("kind")).unwrap_or(Sort::Choice);
    keep(&app, &visit, &draft, sort, &answers, None).await
}

async fn rewrite(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let question = question_of(&visit, &draft, question)?;
    let sort = Sort::of(&question.content.kind);
    keep(&app, &visit, &draft, sort, &answers, Some(question)).await
}

async fn keep(
    app: &App,
    visit: &Visit,
    draft: &Draft,
    sort: Sort,
    answers: &Answers,
    question: Option<&Question>,
) -> Result<Response, Problem> {
    let mut fields = Fields::sent(sort, answers);
    if answers.get("action") == "more" {
        fields.add_rows();
        return show(visit, draft, &fields, question, Vec::new());
    }
    let content = match fields.content(texts(visit), question.map(|known| &known.content)) {
        Ok(content) => content,
        Err(problems) => return show(visit, draft, &fields, question, problems),
    };
    let seen = answers.get("version").parse().unwrap_or_default();
    match write(app, visit, draft, seen, question.map(|known| known.id), content).await {
        Ok(()) => Ok(Redirect::to(&address(draft)).into_response()),
        Err(Refusal::QuizChanged) => {
            let detail = Refusal::QuizChanged.problem(visit.language).detail;
            let problem = FieldProblem { field: "version".to_owned(), detail };
            show(visit, draft, &fields, question, vec![problem])
        }
        Err(refusal) => Err(in_words(visit)(refusal)),
    }
}

async fn write(
    app: &App,
    visit: &Visit,
    draft: &Draft,
    seen: u64,
    question: Option<QuestionId>,
    content: QuestionContent,
) -> Result<(), Refusal> {
    let Ok((_, viewer)) = teacher(visit) else { return Err(Refusal::NotYourCourse) };
    let place = (draft.head.course, draft.head.quiz);
    commands::change(&app.desk, viewer, place, seen, |quiz| {
        match question {
            Some(id) => quiz.rewrite(id, content)?,
            None => {
                quiz.append(vec![content])?;
            }
        }
        Ok(())
    })
    .await?;
    Ok(())
}

#[derive(askama::Template)]
#[template(path = "question.html")]
struct QuestionPage {
    title: String,
    hint: String,
    form: ui::Html,
}

fn show(
    visit: &Visit,
    draft: &Draft,
    fields: &Fields,
    question: Option<&Question>,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !problems.is_empty();
    let form = form(t, draft, fields, question).errors(problems).html()?;
    let sort = fields.sort.slug();
    let key = if question.is_some() { "question-edit" } else { "question-add" };
    let title = t.with(key, [("kind", t.get(&format!("sort-{sort}")).into())]);
    let page = around(visit, draft, title.clone()).with_errors_if(has_errors);
    page.show(&QuestionPage { title, hint: t.get(&format!("sort-{sort}-hint")), form })
}

fn form(t: Text, draft: &Draft, fields: &Fields, question: Option<&Question>) -> Form {
    let name = question.map_or_else(|| "new".to_owned(), |question| question.id.to_string());
    let action = format!("{}/questions/{name}", address(draft));
    let language = draft.face.language;
    let form = Form::new(t.language(), action, t.get("question-save"))
        .button_named("action", "save")
        .field(Field::hidden("version", draft.head.version.to_string()))
        .field(Field::hidden("kind", fields.sort.slug()))
        .field(Field::hidden("rows", fields.rows.to_string()))
        .field(area(t, fields, "text", 4).language(language))
        .field(
            Field::select("format", t.get("field-format"), formats(t))
                .value(fields.get("format"))
                .hint(t.get("field-format-hint")),
        );
    let form = answers(t, fields, form);
    let form = form
        .section(t.get("question-rest"))
        .field(area(t, fields, general(fields.sort), 2).language(language).optional())
        .field(
            Field::text("title", t.get("field-title"))
                .value(fields.get("title"))
                .hint(t.get("field-title-hint"))
                .longest(LONGEST_TITLE)
                .optional(),
        )
        .back(address(draft), t.get("back-to-questions"));
    if fields.sort.has_rows() {
        return form.second_button(t.get("question-more"), "action", "more");
    }
    form
}

/// Essays are marked by it, other questions say it to everyone.
fn general(sort: Sort) -> &'static str {
    match sort {
        Sort::Essay => "guidance",
        _ => "general",
    }
}

fn area(t: Text, fields: &Fields, name: &'static str, rows: u8) -> Field {
    let field = if name == "guidance" { "general" } else { name };
    Field::area(field, t.get(&format!("field-{name}")), rows)
        .value(fields.get(field))
        .longest(LONGEST_TEXT)
}

fn formats(t: Text) -> Vec<(String, String)> {
    let option = |name: &str| (name.to_owned(), t.get(&format!("format-{name}")));
    ["markdown", "plain", "html", "moodle"].map(option).to_vec()
}

fn answers(t: Text, fields: &Fields, form: Form) -> Form {
    match fields.sort {
        Sort::Description | Sort::Essay => form,
        Sort::TrueFalse => {
            let option = |value: &str| (value.to_owned(), t.get(&format!("answer-{value}")));
            form.field(
                Field::radio(
                    "answer",
                    t.get("field-answer"),
                    vec![option("true"), option("false")],
                )
                .value(fields.get("answer")),
            )
            .field(area(t, fields, "right", 2).optional())
            .field(area(t, fields, "wrong", 2).optional())
        }
        Sort::Choice => {
            let several = Field::tick("several", t.get("field-several"), fields.is_several());
            let several = several.hint(t.get("field-several-hint"));
            rows(t, fields, form.field(several), &["choice", "weight", "feedback"])
        }
        Sort::ShortAnswer => rows(t, fields, form, &["accepted", "weight", "feedback"]),
        Sort::Numerical => rows(t, fields, form, &["number", "tolerance", "weight", "feedback"]),
        Sort::Matching => rows(t, fields, form, &["item", "match"]),
    }
}

/// The lines of answers, each a group of fields.
fn rows(t: Text, fields: &Fields, form: Form, names: &[&str]) -> Form {
    (1..=fields.rows).fold(form, |form, row| {
        let title = t.with("question-row", [("number", row.into())]);
        let field = |name: &&str| {
            let (id, label) = (row_field(name, row), t.get(&format!("field-{name}")));
            let field = match *name {
                "choice" | "item" | "feedback" => Field::area(id, label, 1).longest(LONGEST_TEXT),
                "accepted" | "match" => Field::text(id, label).longest(LONGEST_TEXT),
                _ => Field::number(id, label).longest(LONGEST_NUMBER),
            };
            field.value(fields.row(name, row)).optional()
        };
        form.section(title).fields(names.iter().map(field))
    })
}

async fn ask_to_delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
) -> Result<Response, Problem> {
    let t = texts(&visit);
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let question = question_of(&visit, &draft, question)?;
    let action = format!("{}/questions/{}/delete", address(&draft), question.id);
    let form = Form::new(visit.language, action, t.get("question-delete"))
        .dangerous()
        .field(Field::hidden("version", draft.head.version.to_string()))
        .back(address(&draft), t.get("back-to-questions"));
    let title = t.get("question-delete-title");
    Confirm::new(title.clone(), &form)?
        .lead(super::snippet(&question.content))
        .consequence(t.get("question-delete-attempts"))
        .show(around(&visit, &draft, title))
}

#[derive(Deserialize)]
struct Seen {
    version: u64,
}

async fn delete(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
    Submitted(seen): Submitted<Seen>,
) -> Result<Redirect, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let place = (CourseId(course), QuizId(quiz));
    let changed = commands::change(&app.desk, viewer, place, seen.version, |quiz| {
        quiz.remove(QuestionId(question));
        Ok(())
    });
    changed.await.map_err(in_words(&visit))?;
    Ok(Redirect::to(&format!("/question-bank/{course}/{quiz}")))
}

#[derive(Deserialize)]
struct Shift {
    version: u64,
    to: String,
}

async fn shift(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
    Submitted(shift): Submitted<Shift>,
) -> Result<Redirect, Problem> {
    use crate::domain::Direction::{Down, Up};
    let (_, viewer) = teacher(&visit)?;
    let direction = if shift.to == "up" { Up } else { Down };
    let place = (CourseId(course), QuizId(quiz));
    let changed = commands::change(&app.desk, viewer, place, shift.version, |quiz| {
        Ok(quiz.shift(QuestionId(question), direction)?)
    });
    changed.await.map_err(in_words(&visit))?;
    Ok(Redirect::to(&format!("/question-bank/{course}/{quiz}#question-{question}")))
}
