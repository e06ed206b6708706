//! Essays that wait for a person: the list, and the page on which one attempt is marked. Correcting a mark is in
//! `correction`.

use std::{borrow::Cow, collections::BTreeMap};

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use event::{AttemptId, CourseId, Language, PersonId, QuestionId};
use serde::Deserialize;
use ui::{
    Answers, Field, FieldProblem, Form, Html, Pager, Path, Problem, Query, Submitted, Text, Visit,
    titled,
};
use uuid::Uuid;

use super::{
    App, away, bank::waiting, course_crumb, in_words, name_of, quiz::foreign, rich::rich, teacher,
    texts,
};
use crate::{
    commands::{self, Awaiting, CourseFace, GivenMark, Refusal, Sitting, Viewer},
    domain::{Answer, Question, parse_number},
    store::{self, AwaitingCount, Who},
};

const PER_PAGE: u32 = 25;
/// Courses that the list can be narrowed to.
const MOST_COURSES: u32 = 50;
const LONGEST_COMMENT: usize = 5_000;
const LONGEST_MARK: usize = 12;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/marking", get(list)).route("/marking/{attempt}", get(open).post(mark))
}

#[derive(Deserialize)]
struct Narrowed {
    course: Option<Uuid>,
}

/// What was done before one came here.
#[derive(Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

impl After {
    /// And how it looks.
    pub(super) fn in_words(&self, t: Text) -> Option<(String, &'static str)> {
        let (key, look) = match self.done.as_str() {
            "marked" => ("mark-saved", "good"),
            "left" => ("mark-left", "warn"),
            "corrected" => ("mark-corrected", "good"),
            "overtaken" => ("mark-overtaken", "warn"),
            _ => return None,
        };
        Some((t.get(key), look))
    }

    /// Said on the page that is shown in the place of this one.
    fn carried_to(&self, address: &str) -> String {
        let is_known = matches!(self.done.as_str(), "marked" | "left" | "corrected");
        if is_known { format!("{address}?done={}", self.done) } else { address.to_owned() }
    }
}

#[derive(Template)]
#[template(path = "marking.html")]
struct MarkingPage {
    t: Text,
    done: Option<(String, &'static str)>,
    /// How many wait in all, in words.
    total: Option<String>,
    is_all: bool,
    courses: Vec<CourseLine>,
    waiting: Vec<Line>,
    pager: Html,
}

struct CourseLine {
    address: String,
    /// Its title, and how many wait.
    name: Html,
    is_current: bool,
}

struct Line {
    attempt: Uuid,
    learner: String,
    quiz: String,
    language: Option<Language>,
    number: String,
    essays: String,
    when: Option<Html>,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(narrowed): Query<Narrowed>,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let t = texts(&visit);
    let course = narrowed.course.map(CourseId);
    let page = visit.page_number();
    let (found, has_next) = commands::page_of_waiting(&app.desk, viewer, course, page, PER_PAGE)
        .await
        .map_err(in_words(&visit))?;
    let names = names(&app, &found).await?;
    let lines = found.iter().map(|awaiting| line(&visit, t, awaiting, &names)).collect();
    visit.page(t.get("marking-title")).show(&MarkingPage {
        t,
        done: after.in_words(t),
        total: total(&app, t, viewer).await?,
        is_all: course.is_none(),
        courses: courses(&app, t, viewer, course).await?,
        waiting: lines,
        pager: Pager::open(page, has_next).html(&visit),
    })
}

async fn total(app: &App, t: Text, viewer: Viewer) -> Result<Option<String>, Problem> {
    let Some(scope) = viewer.scope() else { return Ok(None) };
    let count = store::awaiting_in_scope(&app.desk.db, scope).await.map_err(away)?;
    Ok(waiting(t, count))
}

async fn names(app: &App, waiting: &[Awaiting]) -> Result<BTreeMap<PersonId, Who>, Problem> {
    let learners: Vec<PersonId> =
        waiting.iter().map(|awaiting| awaiting.sitting.record.learner).collect();
    store::people(&app.desk.db, &learners).await.map_err(away)
}

async fn courses(
    app: &App,
    t: Text,
    viewer: Viewer,
    chosen: Option<CourseId>,
) -> Result<Vec<CourseLine>, Problem> {
    let Some(scope) = viewer.scope() else { return Ok(Vec::new()) };
    let counts = store::awaiting_by_course(&app.desk.db, scope, MOST_COURSES).await;
    let line = |count: AwaitingCount| CourseLine {
        address: format!("/marking?course={}", count.course),
        name: course_name(t, &count),
        is_current: chosen == Some(CourseId(count.course)),
    };
    Ok(counts.map_err(away)?.into_iter().map(line).collect())
}

fn course_name(t: Text, count: &AwaitingCount) -> Html {
    let waiting = ui::format_number(count.waiting, t.language());
    let title = count.title.as_deref().map_or_else(|| t.get("course-unheard"), titled);
    let language = count.language.as_deref().and_then(|code| code.parse::<Language>().ok());
    t.mark(&format!("{title} ({waiting})"), language)
}

fn line(visit: &Visit, t: Text, awaiting: &Awaiting, names: &BTreeMap<PersonId, Who>) -> Line {
    let record = &awaiting.sitting.record;
    Line {
        attempt: record.id.0,
        learner: name_of(t, names.get(&record.learner)),
        quiz: awaiting.sitting.quiz.title.clone(),
        language: foreign(visit, awaiting.language),
        number: t.with("attempt-number", [("number", record.number.into())]),
        essays: t.with("essays-count", [("count", awaiting.mark.awaiting.len().into())]),
        when: record.submitted_at.map(|at| visit.moment(at)),
    }
}

#[derive(Template)]
#[template(path = "mark.html")]
struct MarkPage {
    t: Text,
    attempt: Uuid,
    done: Option<(String, &'static str)>,
    learner: String,
    quiz: String,
    /// Of the quiz's title, where it is not the page's.
    language: Option<Language>,
    number: String,
    when: Option<Html>,
    form: Html,
}

/// What was asked, what to look for, and what was written.
#[derive(Template)]
#[template(path = "essay.html")]
pub(super) struct Essay {
    t: Text,
    /// Of the course, where it is not the page's.
    language: Option<Language>,
    asked: Html,
    guidance: Option<Html>,
    answer: String,
}

impl Essay {
    pub(super) fn new(visit: &Visit, course: Language, question: &Question, sat: &Sitting) -> Self {
        Self {
            t: texts(visit),
            language: foreign(visit, course),
            asked: rich(&question.content.text),
            guidance: question.content.general_feedback.as_ref().map(rich),
            answer: match sat.record.answers.get(&question.id) {
                Some(Answer::Text { text }) => text.clone(),
                _ => String::new(),
            },
        }
    }
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let waiting = commands::awaiting_one(&app.desk, viewer, AttemptId(attempt)).await;
    match waiting.map_err(in_words(&visit))? {
        Some(waiting) => {
            let done = after.in_words(texts(&visit));
            show(&app, &visit, &waiting, &Answers::default(), done, Vec::new()).await
        }
        // All of it is marked: there is a result to look at.
        None => {
            Ok(Redirect::to(&after.carried_to(&format!("/attempts/{attempt}"))).into_response())
        }
    }
}

fn mark_field(question: QuestionId) -> String {
    format!("mark-{question}")
}

fn comment_field(question: QuestionId) -> String {
    format!("comment-{question}")
}

async fn show(
    app: &App,
    visit: &Visit,
    waiting: &Awaiting,
    sent: &Answers,
    done: Option<(String, &'static str)>,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let record = &waiting.sitting.record;
    let face = commands::course_face(&app.desk.db, record.course).await.map_err(away)?;
    let names = names(app, std::slice::from_ref(waiting)).await?;
    let has_errors = !problems.is_empty();
    let page = MarkPage {
        t,
        attempt: record.id.0,
        done,
        learner: name_of(t, names.get(&record.learner)),
        quiz: waiting.sitting.quiz.title.clone(),
        language: foreign(visit, face.language),
        number: t.with("attempt-number", [("number", record.number.into())]),
        when: record.submitted_at.map(|at| visit.moment(at)),
        form: form(visit, waiting, &face, sent)?.errors(problems).html()?,
    };
    let around = visit.page(t.get("mark-title")).crumb("/marking", t.get("marking-title"));
    course_crumb(around, t, &face, record.course).with_errors_if(has_errors).show(&page)
}

/// Each essay with the fields of its mark.
fn form(
    visit: &Visit,
    waiting: &Awaiting,
    face: &CourseFace,
    sent: &Answers,
) -> Result<Form, Problem> {
    let t = texts(visit);
    let action = format!("/marking/{}", waiting.sitting.record.id);
    let mut form = Form::new(t.language(), action, t.get("mark-next"))
        .button_named("action", "next")
        .second_button(t.get("mark-stay"), "action", "stay")
        .back("/marking", t.get("to-marking"));
    for (index, question) in waiting.questions().enumerate() {
        let essay = Essay::new(visit, face.language, question, &waiting.sitting);
        let (mark, comment) = (mark_field(question.id), comment_field(question.id));
        let written = (sent.get(&mark).to_owned(), sent.get(&comment).to_owned());
        form = form
            .section(t.with("essay-title", [("number", (index + 1).into())]))
            .section_body(Html::render(&essay)?)
            .field(mark_of(t, mark, question, &written.0).hint(t.get("field-mark-hint")).optional())
            .field(comment_of(t, comment, face.language, &written.1));
    }
    Ok(form)
}

pub(super) fn mark_of(
    t: Text,
    name: impl Into<Cow<'static, str>>,
    question: &Question,
    value: &str,
) -> Field {
    let out_of = ui::format_number(question.out_of(), t.language());
    Field::number(name, t.with("field-mark", [("outof", out_of.into())]))
        .value(value)
        .longest(LONGEST_MARK)
}

pub(super) fn comment_of(
    t: Text,
    name: impl Into<Cow<'static, str>>,
    language: Language,
    value: &str,
) -> Field {
    Field::area(name, t.get("field-comment"), 3)
        .value(value)
        .longest(LONGEST_COMMENT)
        .language(language)
        .optional()
}

async fn mark(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
    Submitted(sent): Submitted<Answers>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let id = AttemptId(attempt);
    let waiting = commands::awaiting_one(&app.desk, viewer, id).await.map_err(in_words(&visit))?;
    let Some(waiting) = waiting else {
        return to_result(&app, &visit, viewer, id, &sent).await;
    };
    let t = texts(&visit);
    let (given, mut problems) = given(t, &waiting, &sent);
    let count = given.len();
    let refused = commands::give_marks(&app.desk, viewer, id, given).await;
    let refused = refused.map_err(in_words(&visit))?;
    let is_saved = refused.len() < count;
    problems.extend(wrong(&visit, refused));
    problems.extend(late(t, &waiting.sitting, &sent));
    if !problems.is_empty() {
        let left = commands::awaiting_one(&app.desk, viewer, id).await.map_err(in_words(&visit))?;
        let Some(left) = left else {
            return to_result(&app, &visit, viewer, id, &sent).await;
        };
        let done = is_saved.then(|| (t.get("mark-rest-saved"), "good"));
        return show(&app, &visit, &left, &sent, done, problems).await;
    }
    let done = if is_saved { "marked" } else { "left" };
    let course = waiting.sitting.record.course;
    let next = match sent.get("action") {
        "stay" => format!("/marking/{attempt}"),
        _ => next(&app, viewer, course, id).await.map_err(in_words(&visit))?,
    };
    Ok(Redirect::to(&format!("{next}?done={done}")).into_response())
}

/// All of it is marked: there is a result to look at, and what was sent too late is said there.
async fn to_result(
    app: &App,
    visit: &Visit,
    viewer: Viewer,
    id: AttemptId,
    sent: &Answers,
) -> Result<Response, Problem> {
    let sitting = commands::read(&app.desk, viewer, id).await.map_err(in_words(visit))?;
    let done = if is_overtaken(&sitting, sent) { "?done=overtaken" } else { "" };
    Ok(Redirect::to(&format!("/attempts/{id}{done}")).into_response())
}

/// What to say of a mark that came after somebody else's.
fn late(t: Text, sitting: &Sitting, sent: &Answers) -> Option<FieldProblem> {
    let problem = || FieldProblem { field: "late".to_owned(), detail: t.get("mark-overtaken") };
    is_overtaken(sitting, sent).then(problem)
}

/// Whether a mark was sent for what somebody else has marked meanwhile, and otherwise.
fn is_overtaken(sitting: &Sitting, sent: &Answers) -> bool {
    sitting.record.hand_marks.iter().any(|(question, by_hand)| {
        let (mark, comment) = written(sent, *question);
        let said = by_hand.comment.as_ref().map_or("", |comment| comment.text.as_str());
        let is_same = parse_number(&mark) == Some(by_hand.mark) && comment.trim() == said.trim();
        !mark.is_empty() && !is_same
    })
}

/// The mark and the comment as they were sent.
fn written(sent: &Answers, question: QuestionId) -> (String, String) {
    let mark = sent.get(&mark_field(question)).trim().to_owned();
    (mark, sent.get(&comment_field(question)).replace("\r\n", "\n"))
}

/// The marks that were filled in, and what is wrong with others. An essay left out waits on.
fn given(t: Text, waiting: &Awaiting, sent: &Answers) -> (Vec<GivenMark>, Vec<FieldProblem>) {
    let (mut given, mut problems) = (Vec::new(), Vec::new());
    for question in waiting.questions().map(|question| question.id) {
        let (mark, comment) = written(sent, question);
        let wrong = match (mark.is_empty(), comment.trim().is_empty()) {
            (true, true) => continue,
            (true, false) => Some("wrong-comment-alone"),
            (false, _) => parse_number(&mark).is_none().then_some("wrong-mark"),
        };
        match wrong {
            Some(key) => {
                problems.push(FieldProblem { field: mark_field(question), detail: t.get(key) })
            }
            None => given.push(GivenMark { question, mark, comment: Some(comment) }),
        }
    }
    (given, problems)
}

fn wrong(visit: &Visit, refused: Vec<(QuestionId, Refusal)>) -> impl Iterator<Item = FieldProblem> {
    refused.into_iter().map(move |(question, refusal)| {
        let is_comment = matches!(refusal, Refusal::CommentTooLong { .. });
        let field = if is_comment { comment_field(question) } else { mark_field(question) };
        FieldProblem { field, detail: in_words(visit)(refusal).detail }
    })
}

/// The next attempt that waits: of the same course, else of any, else the list.
async fn next(
    app: &App,
    viewer: Viewer,
    course: CourseId,
    after: AttemptId,
) -> Result<String, Refusal> {
    for (course, after) in [(Some(course), Some(after)), (Some(course), None), (None, None)] {
        let waiting = commands::waiting(&app.desk, viewer, course, after, 1).await?;
        if let Some(next) = waiting.first() {
            return Ok(format!("/marking/{}", next.sitting.record.id));
        }
    }
    Ok("/marking".to_owned())
}
