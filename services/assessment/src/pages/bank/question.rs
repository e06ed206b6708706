//! Writing one question in a form.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{CourseId, Language, QuestionId, QuizId};
use serde::Deserialize;
use ui::{
    Answers, Confirm, Field, FieldProblem, Form, Path, Problem, Query, Submitted, Text, Visit,
    titled,
};
use uuid::Uuid;

use super::{
    super::{App, in_words, teacher, texts},
    address, address_in_list, around,
    fields::{Fields, Sort, row_field},
    seen, seen_now,
};
use crate::{
    commands::{self, Draft, Refusal},
    domain::{EditRefused, LONGEST_NUMBER, Question, QuestionContent},
    gift::{self, LONGEST_TEXT, LONGEST_TITLE},
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
    Sheet::fresh(&draft, Fields::new(sort), None).show(&visit, Vec::new())
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
    let fields = Fields::of(texts(&visit), &question.content);
    Sheet::fresh(&draft, fields, Some(question)).show(&visit, Vec::new())
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let sort = Sort::parse(answers.get("kind")).unwrap_or(Sort::Choice);
    keep(&app, &visit, Sheet::sent(&draft, sort, &answers, None), &answers).await
}

async fn rewrite(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz, question)): Path<Place>,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    let draft = open_draft(&app, &visit, course, quiz).await?;
    let Some(question) = draft.quiz.question(QuestionId(question)) else {
        return gone(&visit, &draft, &answers);
    };
    let sort = Sort::of(&question.content.kind);
    keep(&app, &visit, Sheet::sent(&draft, sort, &answers, Some(question)), &answers).await
}

/// Somebody has deleted the question meanwhile: what was written stays, and may become another.
fn gone(visit: &Visit, draft: &Draft, answers: &Answers) -> Result<Response, Problem> {
    let sort = Sort::parse(answers.get("kind")).unwrap_or(Sort::Choice);
    let sheet = Sheet { seen: draft.head.version, ..Sheet::sent(draft, sort, answers, None) };
    let detail = texts(visit).get("question-gone");
    sheet.show(visit, vec![FieldProblem { field: "version".to_owned(), detail }])
}

/// The form as it is filled in.
struct Sheet<'a> {
    draft: &'a Draft,
    fields: Fields,
    /// None while it is new.
    question: Option<&'a Question>,
    /// The version of the quiz that its author looked at.
    seen: u64,
    /// What somebody else has saved meanwhile.
    theirs: Option<String>,
}

async fn keep(
    app: &App,
    visit: &Visit,
    mut sheet: Sheet<'_>,
    answers: &Answers,
) -> Result<Response, Problem> {
    if answers.get("action") == "more" {
        sheet.fields.add_rows();
        return sheet.show(visit, Vec::new());
    }
    let before = sheet.question.map(|known| &known.content);
    let content = match sheet.fields.content(texts(visit), before) {
        Ok(content) => content,
        Err(problems) => return sheet.show(visit, problems),
    };
    match write(app, visit, &sheet, content).await {
        Ok((place, question)) => {
            let list = address(sheet.draft);
            let next = address_in_list(&list, place, Some(question), "saved");
            Ok(Redirect::to(&next).into_response())
        }
        Err(refusal) => {
            sheet.look_again(&refusal);
            let problems = super::field_problems(visit, refusal)?;
            sheet.show(visit, problems)
        }
    }
}

/// Gives the question, and where it stands then.
async fn write(
    app: &App,
    visit: &Visit,
    sheet: &Sheet<'_>,
    content: QuestionContent,
) -> Result<(usize, QuestionId), Refusal> {
    let Ok((_, viewer)) = teacher(visit) else { return Err(Refusal::NotYourCourse) };
    let head = &sheet.draft.head;
    let mut written = (0, QuestionId(Uuid::nil()));
    commands::change(&app.desk, viewer, (head.course, head.quiz), sheet.seen, |quiz| {
        let id = match sheet.question {
            Some(known) => {
                quiz.rewrite(known.id, content)?;
                known.id
            }
            None => quiz.take_in(content)?,
        };
        written = (quiz.place(id)?, id);
        Ok(())
    })
    .await?;
    Ok(written)
}

#[derive(askama::Template)]
#[template(path = "question.html")]
struct QuestionPage {
    t: Text,
    title: String,
    hint: String,
    language: Language,
    theirs: Option<String>,
    form: ui::Html,
}

impl<'a> Sheet<'a> {
    fn fresh(draft: &'a Draft, fields: Fields, question: Option<&'a Question>) -> Self {
        Self { draft, fields, question, seen: draft.head.version, theirs: None }
    }

    fn sent(
        draft: &'a Draft,
        sort: Sort,
        answers: &Answers,
        question: Option<&'a Question>,
    ) -> Self {
        let fields = Fields::sent(sort, answers);
        Self { draft, fields, question, seen: seen(answers), theirs: None }
    }

    /// Where somebody was quicker both texts are shown, and saving again is knowing what it replaces.
    fn look_again(&mut self, refusal: &Refusal) {
        self.seen = seen_now(refusal, self.draft, self.seen);
        let is_late = matches!(refusal, Refusal::QuizChanged);
        let saved = self.question.filter(|_| is_late).map(|question| question.content.clone());
        self.theirs = saved.map(|saved| gift::to_gift(&[saved]));
    }

    fn show(self, visit: &Visit, problems: Vec<FieldProblem>) -> Result<Response, Problem> {
        let t = texts(visit);
        let has_errors = !problems.is_empty();
        let form = self.form(t).errors(problems).html()?;
        let sort = self.fields.sort.slug();
        let key = if self.question.is_some() { "question-edit" } else { "question-add" };
        let title = t.with(key, [("kind", t.get(&format!("sort-{sort}")).into())]);
        let page = around(visit, self.draft, title.clone()).with_errors_if(has_errors);
        page.show(&QuestionPage {
            t,
            title,
            hint: t.get(&format!("sort-{sort}-hint")),
            language: self.draft.face.language,
            theirs: self.theirs,
            form,
        })
    }

    fn form(&self, t: Text) -> Form {
        let Self { draft, fields, question, .. } = self;
        let name = question.map_or_else(|| "new".to_owned(), |question| question.id.to_string());
        let action = format!("{}/questions/{name}", address(draft));
        let form = Form::new(t.language(), action, t.get("question-save"))
            .button_named("action", "save")
            .field(Field::hidden("version", self.seen.to_string()))
            .field(Field::hidden("kind", fields.sort.slug()))
            .field(Field::hidden("rows", fields.rows.to_string()));
        let form = with_fields(t, form, fields, draft.face.language)
            .back(back(draft, *question), t.get("back-to-questions"));
        if fields.sort.has_rows() {
            return form.second_button(t.get("question-more"), "action", "more");
        }
        form
    }
}

/// To the list, where it shows the question.
fn back(draft: &Draft, question: Option<&Question>) -> String {
    let place = question.and_then(|question| draft.quiz.place(question.id).ok());
    let question = question.map(|question| question.id);
    address_in_list(&address(draft), place.unwrap_or_default(), question, "")
}

fn with_fields(t: Text, form: Form, fields: &Fields, language: Language) -> Form {
    let form = form.field(area(t, fields, "text", 4).language(language)).field(
        Field::select("format", t.get("field-format"), formats(t))
            .value(fields.get("format"))
            .hint(t.get("field-format-hint")),
    );
    answers(t, fields, form, language)
        .section(t.get("question-rest"))
        .field(area(t, fields, general(fields.sort), 2).language(language).optional())
        .field(
            Field::text("title", t.get("field-title"))
                .value(fields.get("title"))
                .hint(t.get("field-title-hint"))
                .longest(LONGEST_TITLE)
                .language(language)
                .optional(),
        )
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

fn answers(t: Text, fields: &Fields, form: Form, language: Language) -> Form {
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
            .field(area(t, fields, "right", 2).language(language).optional())
            .field(area(t, fields, "wrong", 2).language(language).optional())
        }
        Sort::Choice => {
            let several = Field::tick("several", t.get("field-several"), fields.is_several());
            let several = several.hint(t.get("field-several-hint"));
            rows(t, fields, form.field(several), &["choice", "weight", "feedback"], language)
        }
        Sort::ShortAnswer => rows(t, fields, form, &["accepted", "weight", "feedback"], language),
        Sort::Numerical => {
            rows(t, fields, form, &["number", "tolerance", "weight", "feedback"], language)
        }
        Sort::Matching => rows(t, fields, form, &["item", "match"], language),
    }
}

/// The lines of answers, each a group of fields.
fn rows(t: Text, fields: &Fields, form: Form, names: &[&str], language: Language) -> Form {
    (1..=fields.rows).fold(form, |form, row| {
        let title = t.with("question-row", [("number", row.into())]);
        let field = |name: &&str| row_of(t, name, row, language).value(fields.row(name, row));
        form.section(title).fields(names.iter().map(field))
    })
}

/// One field of a line of answers.
fn row_of(t: Text, name: &str, row: usize, language: Language) -> Field {
    let (id, label) = (row_field(name, row), t.get(&format!("field-{name}")));
    let field = match name {
        "choice" | "item" | "feedback" => {
            Field::area(id, label, 1).longest(LONGEST_TEXT).language(language)
        }
        "accepted" | "match" => Field::text(id, label).longest(LONGEST_TEXT).language(language),
        _ => Field::number(id, label).longest(LONGEST_NUMBER),
    };
    field.optional()
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
        .back(back(&draft, Some(question)), t.get("back-to-questions"));
    let title = t.get("question-delete-title");
    Confirm::new(title.clone(), &form)?
        .lead(t.mark(&titled(&super::snippet(&question.content)), draft.face.language))
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
    let (whole, question) = ((CourseId(course), QuizId(quiz)), QuestionId(question));
    let mut place = 0;
    let changed = commands::change(&app.desk, viewer, whole, seen.version, |quiz| {
        place = quiz.place(question).unwrap_or_default();
        quiz.remove(question);
        // The last of a page leaves none behind it.
        place = place.min(quiz.questions.len().saturating_sub(1));
        Ok(())
    });
    changed.await.map_err(in_words(&visit))?;
    let list = format!("/question-bank/{course}/{quiz}");
    Ok(Redirect::to(&address_in_list(&list, place, None, "deleted")))
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
    let (whole, question) = ((CourseId(course), QuizId(quiz)), QuestionId(question));
    let mut place = 0;
    let changed = commands::change(&app.desk, viewer, whole, shift.version, |quiz| {
        quiz.shift(question, direction)?;
        place = quiz.place(question)?;
        Ok(())
    });
    changed.await.map_err(in_words(&visit))?;
    let list = format!("/question-bank/{course}/{quiz}");
    Ok(Redirect::to(&address_in_list(&list, place, Some(question), "")))
}
