//! Essays that wait for a person: the list, and the page on which one attempt is marked.

use std::collections::BTreeMap;

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
};
use uuid::Uuid;

use super::{
    App, away, course_crumb, in_words, name_of, quiz::foreign, rich::rich, teacher, texts,
};
use crate::{
    commands::{self, Awaiting, CourseFace, GivenMark, Refusal, Viewer},
    domain::{Answer, Question},
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

#[derive(Template)]
#[template(path = "marking.html")]
struct MarkingPage {
    t: Text,
    all: String,
    is_all: bool,
    courses: Vec<CourseLine>,
    waiting: Vec<Line>,
    pager: Html,
}

struct CourseLine {
    address: String,
    title: String,
    count: String,
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
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let t = texts(&visit);
    let course = narrowed.course.map(CourseId);
    let page = visit.page_number();
    let (waiting, has_next) = commands::page_of_waiting(&app.desk, viewer, course, page, PER_PAGE)
        .await
        .map_err(in_words(&visit))?;
    let names = names(&app, &waiting).await?;
    let lines = waiting.iter().map(|awaiting| line(&visit, t, awaiting, &names)).collect();
    visit.page(t.get("marking-title")).show(&MarkingPage {
        t,
        all: visit.address_with("course", None),
        is_all: course.is_none(),
        courses: courses(&app, &visit, viewer, course).await?,
        waiting: lines,
        pager: Pager::open(page, has_next).html(&visit),
    })
}

async fn names(app: &App, waiting: &[Awaiting]) -> Result<BTreeMap<PersonId, Who>, Problem> {
    let learners: Vec<PersonId> =
        waiting.iter().map(|awaiting| awaiting.sitting.record.learner).collect();
    store::people(&app.desk.db, &learners).await.map_err(away)
}

async fn courses(
    app: &App,
    visit: &Visit,
    viewer: Viewer,
    chosen: Option<CourseId>,
) -> Result<Vec<CourseLine>, Problem> {
    let t = texts(visit);
    let Some(scope) = viewer.scope() else { return Ok(Vec::new()) };
    let counts = store::awaiting_by_course(&app.desk.db, scope, MOST_COURSES).await;
    let line = |count: AwaitingCount| CourseLine {
        address: visit.address_with("course", Some(&count.course.to_string())),
        title: count.title.unwrap_or_else(|| t.get("course-unheard")),
        count: ui::format_number(count.waiting, t.language()),
        is_current: chosen == Some(CourseId(count.course)),
    };
    Ok(counts.map_err(away)?.into_iter().map(line).collect())
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
    learner: String,
    number: String,
    when: Option<Html>,
    language: Option<Language>,
    essays: Vec<Essay>,
    form: Html,
}

/// What was asked, what to look for, and what was written.
struct Essay {
    title: String,
    asked: Html,
    guidance: Option<Html>,
    answer: String,
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<Uuid>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let waiting = commands::awaiting_one(&app.desk, viewer, AttemptId(attempt)).await;
    match waiting.map_err(in_words(&visit))? {
        Some(waiting) => show(&app, &visit, &waiting, &Answers::default(), Vec::new()).await,
        // Somebody has marked it: there is a result to look at.
        None => Ok(Redirect::to(&format!("/attempts/{attempt}")).into_response()),
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
        learner: name_of(t, names.get(&record.learner)),
        number: t.with("attempt-number", [("number", record.number.into())]),
        when: record.submitted_at.map(|at| visit.moment(at)),
        language: foreign(visit, face.language),
        essays: essays(t, waiting),
        form: form(t, waiting, &face, sent).errors(problems).html()?,
    };
    let around = visit.page(t.get("mark-title")).crumb("/marking", t.get("marking-title"));
    course_crumb(around, t, &face, record.course).with_errors_if(has_errors).show(&page)
}

fn essays(t: Text, waiting: &Awaiting) -> Vec<Essay> {
    let essay = |(index, question): (usize, &Question)| Essay {
        title: essay_title(t, index),
        asked: rich(&question.content.text),
        guidance: question.content.general_feedback.as_ref().map(rich),
        answer: match waiting.sitting.record.answers.get(&question.id) {
            Some(Answer::Text { text }) => text.clone(),
            _ => String::new(),
        },
    };
    waiting.questions().enumerate().map(essay).collect()
}

fn essay_title(t: Text, index: usize) -> String {
    t.with("essay-title", [("number", (index + 1).into())])
}

fn form(t: Text, waiting: &Awaiting, face: &CourseFace, sent: &Answers) -> Form {
    let action = format!("/marking/{}", waiting.sitting.record.id);
    let form = Form::new(t.language(), action, t.get("mark-next"))
        .button_named("action", "next")
        .second_button(t.get("mark-stay"), "action", "stay")
        .back("/marking", t.get("to-marking"));
    waiting.questions().enumerate().fold(form, |form, (index, question)| {
        let (mark, comment) = (mark_field(question.id), comment_field(question.id));
        let out_of = ui::format_number(question.out_of(), t.language());
        let (mark_value, comment_value) =
            (sent.get(&mark).to_owned(), sent.get(&comment).to_owned());
        form.section(essay_title(t, index))
            .field(
                Field::number(mark, t.with("field-mark", [("outof", out_of.into())]))
                    .value(mark_value)
                    .hint(t.get("field-mark-hint"))
                    .longest(LONGEST_MARK),
            )
            .field(
                Field::area(comment, t.get("field-comment"), 3)
                    .value(comment_value)
                    .longest(LONGEST_COMMENT)
                    .language(face.language)
                    .optional(),
            )
    })
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
        return Ok(Redirect::to(&format!("/attempts/{attempt}")).into_response());
    };
    let given = given(&waiting, &sent);
    let is_part = given.len() < waiting.mark.awaiting.len();
    let refused = commands::give_marks(&app.desk, viewer, id, given).await;
    let problems = problems(&visit, refused.map_err(in_words(&visit))?);
    if !problems.is_empty() {
        let left = commands::awaiting_one(&app.desk, viewer, id).await.map_err(in_words(&visit))?;
        return show(&app, &visit, &left.unwrap_or(waiting), &sent, problems).await;
    }
    if sent.get("action") == "stay" || is_part {
        return Ok(Redirect::to(&format!("/marking/{attempt}")).into_response());
    }
    let course = waiting.sitting.record.course;
    let next = next(&app, viewer, course, id).await.map_err(in_words(&visit))?;
    Ok(Redirect::to(&next).into_response())
}

/// The marks that were filled in; an essay left out waits on.
fn given(waiting: &Awaiting, sent: &Answers) -> Vec<GivenMark> {
    let given = |question: &Question| {
        let mark = sent.get(&mark_field(question.id)).trim().to_owned();
        let comment = sent.get(&comment_field(question.id)).replace("\r\n", "\n");
        let is_left_out = mark.is_empty() && comment.trim().is_empty();
        (!is_left_out).then_some(GivenMark { question: question.id, mark, comment: Some(comment) })
    };
    waiting.questions().filter_map(given).collect()
}

fn problems(visit: &Visit, refused: Vec<(QuestionId, Refusal)>) -> Vec<FieldProblem> {
    let problem = |(question, refusal): (QuestionId, Refusal)| {
        let is_comment = matches!(refusal, Refusal::CommentTooLong { .. });
        let field = if is_comment { comment_field(question) } else { mark_field(question) };
        FieldProblem { field, detail: in_words(visit)(refusal).detail }
    };
    refused.into_iter().map(problem).collect()
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
