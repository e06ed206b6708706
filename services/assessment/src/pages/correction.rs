//! Correcting a mark that a person gave: the essay beside the mark as it is, and why it changes.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use event::{AttemptId, Language, PersonId, QuestionId};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    App, away, course_crumb, in_words,
    marking::{Essay, comment_of, mark_of},
    name_of, plain_number,
    quiz::foreign,
    teacher, texts,
};
use crate::{
    commands::{self, Correction, GivenMark, Marked, Refusal, Sitting, Viewer},
    domain::parse_number,
    store::{self, MarkCorrection},
};

const LONGEST_REASON: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/marking/{attempt}/{question}", get(open).post(correct))
}

#[derive(Template)]
#[template(path = "correction.html")]
struct CorrectionPage {
    t: Text,
    attempt: Uuid,
    learner: String,
    quiz: String,
    /// Of the quiz's title, where it is not the page's.
    language: Option<Language>,
    number: String,
    form: Html,
}

/// The form as it was sent, or as it begins.
#[derive(Default, Deserialize)]
struct Written {
    #[serde(default)]
    mark: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    reason: String,
    /// The mark that was looked at.
    #[serde(default)]
    seen: String,
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    Path((attempt, question)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let marked = marked(&app, &visit, viewer, (attempt, question)).await?;
    let written = Written {
        mark: plain_number(texts(&visit), marked.by_hand.mark),
        comment: marked.by_hand.comment.as_ref().map(|said| said.text.clone()).unwrap_or_default(),
        reason: String::new(),
        seen: marked.by_hand.mark.to_string(),
    };
    show(&app, &visit, &marked, &written, Vec::new()).await
}

async fn marked(
    app: &App,
    visit: &Visit,
    viewer: Viewer,
    (attempt, question): (Uuid, Uuid),
) -> Result<Marked, Problem> {
    let marked =
        commands::marked_one(&app.desk, viewer, AttemptId(attempt), QuestionId(question)).await;
    marked.map_err(in_words(visit))
}

async fn correct(
    State(app): State<App>,
    visit: Visit,
    Path((attempt, question)): Path<(Uuid, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let marked = marked(&app, &visit, viewer, (attempt, question)).await?;
    let problems = problems(texts(&visit), &written);
    if !problems.is_empty() {
        return show(&app, &visit, &marked, &written, problems).await;
    }
    let comment = Some(written.comment.replace("\r\n", "\n"));
    let given = GivenMark { question: marked.question.id, mark: written.mark.clone(), comment };
    let seen = written.seen.parse().ok();
    let correction = Correction { given, reason: written.reason.clone(), seen };
    match commands::correct_mark(&app.desk, viewer, AttemptId(attempt), correction).await {
        Ok(_) => Ok(Redirect::to(&format!("/attempts/{attempt}?done=corrected")).into_response()),
        Err(refusal) => refused(&app, &visit, &marked, written, refusal).await,
    }
}

/// What the form can say before anything is tried.
fn problems(t: Text, written: &Written) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, key: &str| {
        problems.push(FieldProblem { field: field.to_owned(), detail: t.get(key) });
    };
    if parse_number(written.mark.trim()).is_none() {
        wrong("mark", "wrong-mark");
    }
    if written.reason.trim().is_empty() {
        wrong("reason", "wrong-reason");
    }
    problems
}

async fn refused(
    app: &App,
    visit: &Visit,
    marked: &Marked,
    mut written: Written,
    refusal: Refusal,
) -> Result<Response, Problem> {
    let is_late = matches!(refusal, Refusal::MarkChanged);
    let problem = in_words(visit)(refusal);
    if is_late {
        // Who is told so sees the mark that is there now, which stands above the form.
        written.seen = marked.by_hand.mark.to_string();
        let problem = FieldProblem { field: "seen".to_owned(), detail: problem.detail };
        return show(app, visit, marked, &written, vec![problem]).await;
    }
    if problem.errors.is_empty() {
        return Err(problem);
    }
    show(app, visit, marked, &written, problem.errors).await
}

async fn show(
    app: &App,
    visit: &Visit,
    marked: &Marked,
    written: &Written,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let record = &marked.sitting.record;
    let face = commands::course_face(&app.desk.db, record.course).await.map_err(away)?;
    let people = store::people(&app.desk.db, &[record.learner]).await.map_err(away)?;
    let has_errors = !problems.is_empty();
    let page = CorrectionPage {
        t,
        attempt: record.id.0,
        learner: name_of(t, people.get(&record.learner)),
        quiz: marked.sitting.quiz.title.clone(),
        language: foreign(visit, face.language),
        number: t.with("attempt-number", [("number", record.number.into())]),
        form: form(visit, marked, face.language, written)?.errors(problems).html()?,
    };
    let around = visit.page(t.get("correct-title")).crumb("/marking", t.get("marking-title"));
    course_crumb(around, t, &face, record.course).with_errors_if(has_errors).show(&page)
}

fn form(
    visit: &Visit,
    marked: &Marked,
    language: Language,
    written: &Written,
) -> Result<Form, Problem> {
    let t = texts(visit);
    let Marked { sitting, question, by_hand } = marked;
    let attempt = sitting.record.id;
    let essay = Essay::new(visit, language, question, sitting);
    let given = super::marks(t, by_hand.mark, question.out_of());
    let form =
        Form::new(t.language(), format!("/marking/{attempt}/{}", question.id), t.get("correct"))
            .field(Field::hidden("seen", written.seen.clone()))
            .section(t.with("correct-given", [("marks", given.into())]))
            .section_body(Html::render(&essay)?)
            .field(mark_of(t, "mark", question, &written.mark))
            .field(comment_of(t, "comment", language, &written.comment))
            .field(
                Field::area("reason", t.get("field-reason"), 2)
                    .value(written.reason.as_str())
                    .hint(t.get("field-reason-hint"))
                    .longest(LONGEST_REASON)
                    .language(language),
            )
            .back(format!("/attempts/{attempt}"), t.get("mark-whole"));
    Ok(form)
}

/// A correction as the attempt's page tells it.
pub(super) struct Line {
    pub(super) when: Html,
    pub(super) what: String,
    /// Who did it, for those who teach.
    pub(super) who: Option<String>,
    pub(super) reason: String,
}

/// What was corrected in an attempt. Learners read why; who it was is between those who teach.
pub(super) async fn lines(
    app: &App,
    visit: &Visit,
    sitting: &Sitting,
    is_own: bool,
) -> Result<Vec<Line>, Problem> {
    let t = texts(visit);
    if sitting.record.hand_marks.is_empty() {
        return Ok(Vec::new());
    }
    let corrections = store::corrections_of(&app.desk.db, sitting.record.id).await.map_err(away)?;
    let persons: Vec<PersonId> = corrections.iter().map(|one| one.corrected_by).collect();
    let people = store::people(&app.desk.db, &persons).await.map_err(away)?;
    let line = |one: MarkCorrection| {
        let number = |mark| ui::format_number(mark, t.language());
        let marks = [
            ("number", sitting.quiz.number(one.question).into()),
            ("before", number(one.mark_before).into()),
            ("after", number(one.mark_after).into()),
        ];
        Line {
            when: visit.moment(one.corrected_at),
            what: t.with("correction", marks),
            who: (!is_own).then(|| name_of(t, people.get(&one.corrected_by))),
            reason: one.reason,
        }
    };
    Ok(corrections.into_iter().map(line).collect())
}
