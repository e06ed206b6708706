//! The question bank: the quizzes of a course, and each with its questions, for those who teach it.

mod fields;
mod question;
mod quiz;
mod trial;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use event::{CourseId, Language, QuestionId, QuizId};
use ui::{
    Answers, CourseTabs, Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Visit,
};
use uuid::Uuid;

use super::{
    App, awaited, course_crumb, course_title, in_words, quiz::foreign, rich::excerpt, teacher,
    texts,
};
use crate::{
    commands::{self, Bank, Draft, Place, Refusal, Settings},
    domain::{QuestionContent, Quiz},
    store::QuizHead,
};

/// Characters of a question that lists show.
const SNIPPET: usize = 160;
/// Questions of one page of a quiz.
const PER_PAGE: usize = 15;
/// To pass, unless somebody says otherwise; the editor of courses begins with the same.
const PASS_PERCENT: &str = "60";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/question-bank/{course}", get(show).post(create))
        .merge(quiz::routes())
        .merge(question::routes())
        .merge(trial::routes())
}

/// Where a quiz of the bank stands.
fn address(draft: &Draft) -> String {
    format!("/question-bank/{}/{}", draft.head.course, draft.head.quiz)
}

/// Where its list of questions shows one, with what was done to say there.
fn address_in_list(quiz: &str, place: usize, question: Option<QuestionId>, done: &str) -> String {
    let page = place / PER_PAGE + 1;
    let mut query = Vec::new();
    if page > 1 {
        query.push(format!("page={page}"));
    }
    if !done.is_empty() {
        query.push(format!("done={done}"));
        query.extend(question.map(|question| format!("at={question}")));
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let anchor = question.map(|question| format!("#question-{question}")).unwrap_or_default();
    format!("{quiz}{query}{anchor}")
}

/// The version that a form was made from: the form sends it along, however often it is shown.
fn seen(sent: &Answers) -> u64 {
    sent.get("version").parse().unwrap_or_default()
}

/// The version that a form which is shown again was made from. Who is told that the quiz has changed sees how it
/// is now; nobody else does.
fn seen_now(refusal: &Refusal, draft: &Draft, seen: u64) -> u64 {
    if matches!(refusal, Refusal::QuizChanged) { draft.head.version } else { seen }
}

/// A page of a quiz of the bank.
fn around<'a>(visit: &'a Visit, draft: &Draft, title: String) -> ui::Page<'a> {
    let (t, course) = (texts(visit), draft.head.course);
    course_crumb(visit.page(title), t, &draft.face, course)
        .crumb(format!("/question-bank/{course}"), t.get("bank-title"))
        .crumb_in(draft.face.language, address(draft), draft.head.title.clone())
}

/// The beginning of a question, without its markup.
pub(super) fn snippet(content: &QuestionContent) -> String {
    excerpt(&content.text, SNIPPET)
}

#[derive(Template)]
#[template(path = "bank.html")]
struct BankPage {
    t: Text,
    course: Uuid,
    course_title: String,
    language: Option<Language>,
    /// Attempts that wait for marks, in words.
    waiting: Option<String>,
    quizzes: Vec<Line>,
    has_unplaced: bool,
    empty: Vec<EmptyLine>,
    form: Html,
}

struct Line {
    quiz: Uuid,
    title: String,
    questions: String,
    is_asked: bool,
    pass: String,
    tries: String,
    version: u64,
    /// What an upload left out of it, in words.
    refused: Option<String>,
    /// The key under which it gets its place in the course, where it has none yet.
    unplaced: Option<String>,
}

/// A quiz that has its place and no questions.
struct EmptyLine {
    quiz: Uuid,
    title: String,
    refused: Option<String>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let bank = match commands::bank(&app.desk, viewer, CourseId(course)).await {
        Err(Refusal::CourseUnheard) => {
            return awaited(&visit, course, (CourseTabs::Questions, "bank-title"));
        }
        bank => bank.map_err(in_words(&visit))?,
    };
    page(&visit, course, &bank, &Answers::default(), Vec::new())
}

fn page(
    visit: &Visit,
    course: Uuid,
    bank: &Bank,
    sent: &Answers,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !problems.is_empty();
    let around = course_crumb(visit.page(t.get("bank-title")), t, &bank.face, CourseId(course))
        .tabs(CourseTabs::Questions.of(visit, course))
        .with_errors_if(has_errors);
    let lines: Vec<Line> =
        bank.quizzes.iter().map(|(head, quiz)| line(t, bank, head, quiz)).collect();
    around.show(&BankPage {
        t,
        course,
        course_title: course_title(t, &bank.face),
        language: foreign(visit, bank.face.language),
        waiting: waiting(t, bank.waiting),
        has_unplaced: lines.iter().any(|line| line.unplaced.is_some()),
        quizzes: lines,
        empty: bank.empty.iter().map(|place| empty_line(t, bank, place)).collect(),
        form: create_form(t, course, bank.face.language, sent).errors(problems).html()?,
    })
}

/// How many attempts of a course wait for marks, if any.
pub(super) fn waiting(t: Text, count: u64) -> Option<String> {
    (count > 0).then(|| t.with("marking-waiting", [("count", count.into())]))
}

fn empty_line(t: Text, bank: &Bank, place: &Place) -> EmptyLine {
    let (quiz, title) = (place.quiz.0, place.decided.title.clone());
    EmptyLine { quiz, title, refused: refused(t, bank, place.quiz) }
}

fn refused(t: Text, bank: &Bank, quiz: QuizId) -> Option<String> {
    let count = bank.refused.get(&quiz)?;
    Some(t.with("bank-refused", [("count", (*count).into())]))
}

fn line(t: Text, bank: &Bank, head: &QuizHead, quiz: &Quiz) -> Line {
    let asked = quiz.questions.iter().filter(|question| !question.out_of().is_zero()).count();
    Line {
        quiz: head.quiz.0,
        title: head.title.clone(),
        questions: t.with("questions-count", [("count", asked.into())]),
        is_asked: asked > 0,
        pass: ui::format_percent(head.pass_percent, t.language()),
        tries: match head.max_attempts {
            Some(limit) => ui::format_number(limit, t.language()),
            None => t.get("tries-unlimited"),
        },
        version: head.version,
        refused: refused(t, bank, head.quiz),
        unplaced: bank.face.place_of(head.quiz).is_none().then(|| head.key.clone()),
    }
}

fn create_form(t: Text, course: Uuid, language: Language, sent: &Answers) -> Form {
    let form = Form::new(t.language(), format!("/question-bank/{course}"), t.get("bank-create"))
        .field(title_field(t, language, sent))
        .field(
            Field::text("key", t.get("field-quiz-key"))
                .value(sent.get("key"))
                .hint(t.get("field-quiz-key-hint"))
                .longest(100),
        );
    form.field(pass_field(t, sent)).field(attempts_field(t, sent))
}

/// What the quiz is called, in the course's language.
fn title_field(t: Text, language: Language, sent: &Answers) -> Field {
    Field::text("title", t.get("field-quiz-title"))
        .value(sent.get("title"))
        .longest(255)
        .language(language)
}

/// What passes.
fn pass_field(t: Text, sent: &Answers) -> Field {
    let pass = if sent.has("pass_percent") { sent.get("pass_percent") } else { PASS_PERCENT };
    Field::number("pass_percent", t.get("field-pass-percent")).value(pass).longest(5)
}

/// How often one may try.
fn attempts_field(t: Text, sent: &Answers) -> Field {
    Field::number("max_attempts", t.get("field-max-attempts"))
        .value(sent.get("max_attempts"))
        .hint(t.get("field-max-attempts-hint"))
        .longest(4)
        .optional()
}

/// What an author decided, or what is wrong with it.
fn settings(t: Text, sent: &Answers) -> Result<Settings, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, key: &str| {
        problems.push(FieldProblem { field: field.to_owned(), detail: t.get(key) });
    };
    let title = sent.get("title").trim().to_owned();
    if title.is_empty() {
        wrong("title", "wrong-empty");
    }
    let percent = sent.get("pass_percent").trim();
    let pass_percent = percent.trim_end_matches(['%', ' ', '\u{a0}', '\u{202f}']).parse();
    if !pass_percent.as_ref().is_ok_and(|percent: &u32| *percent <= 100) {
        wrong("pass_percent", "wrong-pass-percent");
    }
    let max_attempts = match sent.get("max_attempts").trim() {
        "" => None,
        text => match text.parse() {
            Ok(limit @ 1..=1_000) => Some(limit),
            _ => {
                wrong("max_attempts", "wrong-max-attempts");
                None
            }
        },
    };
    match (problems.is_empty(), pass_percent) {
        (true, Ok(pass_percent)) => Ok(Settings { title, pass_percent, max_attempts }),
        _ => Err(problems),
    }
}

async fn create(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Submitted(sent): Submitted<Answers>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let t = texts(&visit);
    let bank = commands::bank(&app.desk, viewer, CourseId(course)).await;
    let bank = bank.map_err(in_words(&visit))?;
    let key = sent.get("key").trim();
    let mut problems = Vec::new();
    if !is_key(key) {
        problems.push(FieldProblem { field: "key".to_owned(), detail: t.get("wrong-key") });
    }
    let settings = match settings(t, &sent) {
        Ok(settings) if problems.is_empty() => settings,
        Ok(_) => return page(&visit, course, &bank, &sent, problems),
        Err(more) => {
            problems.extend(more);
            return page(&visit, course, &bank, &sent, problems);
        }
    };
    match commands::create(&app.desk, viewer, CourseId(course), key, settings).await {
        Ok(quiz) => Ok(Redirect::to(&format!("/question-bank/{course}/{quiz}")).into_response()),
        Err(refusal) => {
            let problems = field_problems(&visit, refusal)?;
            page(&visit, course, &bank, &sent, problems)
        }
    }
}

/// Lower-case letters, digits and hyphens: it stands in files and addresses.
fn is_key(key: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !key.is_empty() && key.len() <= 100 && key.bytes().all(is_good)
}

/// What a form can say beside its fields; anything else is the page's refusal.
fn field_problems(visit: &Visit, refusal: Refusal) -> Result<Vec<FieldProblem>, Problem> {
    let problem = in_words(visit)(refusal);
    if problem.errors.is_empty() && problem.status != 409 {
        return Err(problem);
    }
    if problem.errors.is_empty() {
        return Ok(vec![FieldProblem { field: "version".to_owned(), detail: problem.detail }]);
    }
    Ok(problem.errors)
}
