//! One quiz of the bank: its settings, its questions in their order, GIFT in and out.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{CourseId, Language, QuizId};
use serde::Deserialize;
use ui::{
    Answers, CourseTabs, Field, FieldProblem, Form, Html, Pager, Path, Problem, Query, Submitted,
    Text, Upload, Visit,
};
use uuid::Uuid;

use super::{
    super::{App, in_words, quiz::foreign, teacher, texts},
    PER_PAGE, address, around, attempts_field,
    fields::Sort,
    pass_field, seen, seen_now, settings, snippet, title_field,
};
use crate::{
    commands::{self, Draft, NewQuestions, Viewer},
    domain::{Question, QuestionContent},
    gift,
    store::Upload as LastUpload,
};

/// Refusals of an upload that are listed.
const MOST_LISTED: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/question-bank/{course}/{quiz}", get(show))
        .route("/question-bank/{course}/{quiz}/settings", get(show_settings).post(change_settings))
        .route("/question-bank/{course}/{quiz}/add", get(show_add).post(add))
        .route("/question-bank/{course}/{quiz}/refusals", post(put_away))
        .route("/question-bank/{course}/{quiz}/questions.gift", get(export))
}

async fn open(
    app: &App,
    visit: &Visit,
    course: Uuid,
    quiz: Uuid,
) -> Result<(Viewer, Draft), Problem> {
    let (_, viewer) = teacher(visit)?;
    let draft = commands::draft(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    Ok((viewer, draft.map_err(in_words(visit))?))
}

#[derive(Template)]
#[template(path = "bank_quiz.html")]
struct QuizPage {
    t: Text,
    address: String,
    title: String,
    language: Option<Language>,
    facts: String,
    version: u64,
    /// What was done, where no question on this page says it.
    done: Option<String>,
    is_unwritten: bool,
    upload: Option<UploadView>,
    sorts: Vec<(&'static str, String)>,
    questions: Vec<Line>,
    pager: Html,
}

struct UploadView {
    summary: String,
    when: Html,
    /// The line, and the reason.
    refused: Vec<(String, String)>,
    more: Option<String>,
}

struct Line {
    id: Uuid,
    /// Its number, unless it asks nothing, and what sort it is.
    heading: String,
    title: Option<String>,
    text: String,
    /// What was done with it.
    done: Option<String>,
    is_first: bool,
    is_last: bool,
}

/// What was done before one came here, and with which question.
#[derive(Default, Deserialize)]
struct After {
    #[serde(default)]
    done: String,
    #[serde(default)]
    at: String,
}

impl After {
    fn in_words(&self, t: Text) -> Option<String> {
        match self.done.as_str() {
            "saved" => Some(t.get("bank-saved")),
            "deleted" => Some(t.get("bank-deleted")),
            _ => None,
        }
    }
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let (_, draft) = open(&app, &visit, course, quiz).await?;
    let t = texts(&visit);
    let page =
        super::course_crumb(visit.page(draft.head.title.clone()), t, &draft.face, CourseId(course))
            .crumb(format!("/question-bank/{course}"), t.get("bank-title"))
            .tabs(CourseTabs::Questions.of(&visit, course));
    page.show(&quiz_page(&visit, t, &draft, &after))
}

fn quiz_page(visit: &Visit, t: Text, draft: &Draft, after: &After) -> QuizPage {
    let all = lines(t, &draft.quiz.questions, after);
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let pager = Pager::counted(visit.page_number(), PER_PAGE as u32, total);
    let skipped = usize::try_from(pager.skipped(PER_PAGE as u32)).unwrap_or(usize::MAX);
    let sort = |sort: Sort| (sort.slug(), t.get(&format!("sort-{}", sort.slug())));
    QuizPage {
        t,
        address: address(draft),
        title: draft.head.title.clone(),
        language: foreign(visit, draft.face.language),
        facts: facts(t, draft),
        version: draft.head.version,
        done: after.in_words(t).filter(|_| after.at.is_empty()),
        is_unwritten: draft.quiz.out_of().is_zero(),
        upload: draft.upload.as_ref().map(|upload| upload_view(visit, t, upload)),
        sorts: Sort::ALL.map(sort).to_vec(),
        questions: all.into_iter().skip(skipped).take(PER_PAGE).collect(),
        pager: pager.html(visit),
    }
}

fn facts(t: Text, draft: &Draft) -> String {
    let asked = draft.quiz.questions.iter().filter(|one| !one.out_of().is_zero()).count();
    let questions = t.with("questions-count", [("count", asked.into())]);
    let pass = t.with("quiz-pass-mark", [("percent", draft.head.pass_percent.into())]);
    let tries = match draft.head.max_attempts {
        Some(limit) => t.with("tries-limit", [("count", limit.into())]),
        None => t.get("tries-unlimited"),
    };
    let facts = format!("{questions} · {pass} · {tries}");
    if draft.head.version == 0 {
        return facts;
    }
    format!("{facts} · {}", t.with("quiz-version", [("version", draft.head.version.into())]))
}

fn lines(t: Text, questions: &[Question], after: &After) -> Vec<Line> {
    let mut number = 0;
    let last = questions.len().saturating_sub(1);
    let line = |(place, question): (usize, &Question)| {
        let is_asked = !question.out_of().is_zero();
        number += usize::from(is_asked);
        let sort = t.get(&format!("sort-{}", Sort::of(&question.content.kind).slug()));
        let is_at = after.at == question.id.to_string();
        Line {
            id: question.id.0,
            heading: if is_asked { format!("{} · {sort}", number_of(t, number)) } else { sort },
            title: question.content.title.clone(),
            text: snippet(&question.content),
            done: after.in_words(t).filter(|_| is_at),
            is_first: place == 0,
            is_last: place == last,
        }
    };
    questions.iter().enumerate().map(line).collect()
}

fn number_of(t: Text, number: usize) -> String {
    t.with("question-number", [("number", number.into())])
}

fn upload_view(visit: &Visit, t: Text, upload: &LastUpload) -> UploadView {
    let more = upload.refused.len().saturating_sub(MOST_LISTED);
    UploadView {
        summary: summary(t, upload),
        when: visit.moment(upload.uploaded_at),
        refused: refused_lines(t, upload).collect(),
        more: (more > 0).then(|| t.with("upload-more", [("count", more.into())])),
    }
}

/// How many questions were taken, and how many refused.
fn summary(t: Text, upload: &LastUpload) -> String {
    let facts = [
        ("file", upload.file.clone().into()),
        ("accepted", upload.accepted.into()),
        ("refused", upload.refused.len().into()),
    ];
    t.with("upload-summary", facts)
}

/// The line of each, and the reason.
fn refused_lines(t: Text, upload: &LastUpload) -> impl Iterator<Item = (String, String)> {
    upload.refused.iter().take(MOST_LISTED).map(move |refused| {
        let reason = match t.language() {
            Language::En => refused.english.clone(),
            Language::Fr => refused.french.clone(),
        };
        (t.with("upload-line", [("line", refused.line.into())]), reason)
    })
}

#[derive(Template)]
#[template(path = "form_page.html")]
struct FormPage {
    title: String,
    lead: String,
    /// Where what is missing in the form is decided: what to say, an address, and what leads there.
    elsewhere: Option<(String, String, String)>,
    form: Html,
}

async fn show_settings(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let (_, draft) = open(&app, &visit, course, quiz).await?;
    let pairs = [
        ("title", draft.head.title.clone()),
        ("pass_percent", draft.head.pass_percent.to_string()),
        (
            "max_attempts",
            draft.head.max_attempts.map(|limit| limit.to_string()).unwrap_or_default(),
        ),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    let seen = draft.head.version;
    settings_page(&visit, &draft, &Answers(pairs.to_vec()), seen, Vec::new())
}

fn settings_page(
    visit: &Visit,
    draft: &Draft,
    sent: &Answers,
    seen: u64,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let mut form =
        Form::new(t.language(), format!("{}/settings", address(draft)), t.get("settings-save"))
            .field(Field::hidden("version", seen.to_string()));
    let is_placed = draft.is_placed();
    if !is_placed {
        let title = title_field(t, draft.face.language, sent);
        form = form.field(title).field(pass_field(t, sent));
    }
    let has_errors = !problems.is_empty();
    let form = form
        .field(attempts_field(t, sent))
        .back(address(draft), t.get("back-to-questions"))
        .errors(problems)
        .html()?;
    let title = t.get("settings-title");
    around(visit, draft, title.clone()).with_errors_if(has_errors).show(&FormPage {
        title,
        lead: t.get("settings-lead"),
        elsewhere: is_placed.then(|| {
            let head = &draft.head;
            let place = format!("/teaching/{}/quizzes/{}", head.course, head.quiz);
            (t.get("settings-decided"), place, t.get("settings-place"))
        }),
        form,
    })
}

async fn change_settings(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    Submitted(sent): Submitted<Answers>,
) -> Result<Response, Problem> {
    let (viewer, draft) = open(&app, &visit, course, quiz).await?;
    let seen = seen(&sent);
    let sent = with_decided(&draft, sent);
    let settings = match settings(texts(&visit), &sent) {
        Ok(settings) => settings,
        Err(problems) => return settings_page(&visit, &draft, &sent, seen, problems),
    };
    let place = (draft.head.course, draft.head.quiz);
    let changed = commands::change(&app.desk, viewer, place, seen, |quiz| settings.apply(quiz));
    match changed.await {
        Ok(_) => Ok(Redirect::to(&format!("{}?done=saved", address(&draft))).into_response()),
        Err(refusal) => {
            let now = seen_now(&refusal, &draft, seen);
            let mut problems = super::field_problems(&visit, refusal)?;
            if now != seen {
                problems.push(as_saved(texts(&visit), &draft));
            }
            settings_page(&visit, &draft, &sent, now, problems)
        }
    }
}

/// Beside what was typed: what somebody else has saved meanwhile.
fn as_saved(t: Text, draft: &Draft) -> FieldProblem {
    let (title, facts) = (draft.head.title.clone(), facts(t, draft));
    let detail = t.with("settings-now", [("title", title.into()), ("facts", facts.into())]);
    FieldProblem { field: "version".to_owned(), detail }
}

/// Title and pass mark of a quiz that stands in a course are the course's: its form has no fields for them.
fn with_decided(draft: &Draft, mut sent: Answers) -> Answers {
    if draft.is_placed() {
        let (title, pass) = (draft.head.title.clone(), draft.head.pass_percent.to_string());
        sent.0.insert(0, ("title".to_owned(), title));
        sent.0.insert(0, ("pass_percent".to_owned(), pass));
    }
    sent
}

async fn show_add(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let (_, draft) = open(&app, &visit, course, quiz).await?;
    add_page(&visit, &draft, draft.head.version, &Answers::default(), Vec::new())
}

fn add_page(
    visit: &Visit,
    draft: &Draft,
    seen: u64,
    sent: &Answers,
    problems: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !problems.is_empty();
    let mode = if replaces(sent) { "replace" } else { "append" };
    let modes = ["append", "replace"].map(|mode| (mode.to_owned(), t.get(&format!("add-{mode}"))));
    let most = ui::format_size(gift::LARGEST_FILE as u64, t.language());
    let form = Form::new(t.language(), format!("{}/add", address(draft)), t.get("add-button"))
        .field(Field::hidden("version", seen.to_string()))
        .field(
            Field::file("file", t.get("add-file"), ".gift,.txt,text/plain")
                .hint(t.with("add-file-hint", [("size", most.into())]))
                .optional(),
        )
        .field(
            Field::area("gift", t.get("add-text"), 12)
                .value(sent.get("gift"))
                .language(draft.face.language)
                .optional(),
        )
        .field(Field::radio("mode", t.get("add-mode"), modes.to_vec()).value(mode))
        .back(address(draft), t.get("back-to-questions"))
        .errors(problems)
        .html()?;
    let title = t.get("add-title");
    around(visit, draft, title.clone()).with_errors_if(has_errors).show(&FormPage {
        title,
        lead: t.get("add-lead"),
        elsewhere: None,
        form,
    })
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
    upload: Upload<{ gift::LARGEST_FILE + 64 * 1024 }>,
) -> Result<Response, Problem> {
    let (viewer, draft) = open(&app, &visit, course, quiz).await?;
    let sent = &upload.answers;
    let seen = seen(sent);
    let (field, file, gift) = match upload.file("file") {
        Some(file) => ("file", file.name.clone(), file.content.to_vec()),
        None => ("gift", texts(&visit).get("add-typed"), sent.get("gift").as_bytes().to_vec()),
    };
    if gift.trim_ascii().is_empty() {
        let detail = texts(&visit).get("wrong-no-gift");
        let problem = FieldProblem { field: "file".to_owned(), detail };
        return add_page(&visit, &draft, seen, sent, vec![problem]);
    }
    let new = NewQuestions { file, gift, replaces: replaces(sent) };
    let place = (draft.head.course, draft.head.quiz);
    match commands::add_questions(&app.desk, viewer, place, seen, new).await {
        Ok(added) if added.accepted == 0 || (field == "gift" && !added.refused.is_empty()) => {
            let (_, draft) = open(&app, &visit, course, quiz).await?;
            let problems = to_mend(texts(&visit), &added, field);
            add_page(&visit, &draft, draft.head.version, sent, problems)
        }
        Ok(_) => Ok(Redirect::to(&format!("{}#upload", address(&draft))).into_response()),
        Err(refusal) => {
            let now = seen_now(&refusal, &draft, seen);
            let problems = super::field_problems(&visit, refusal)?;
            add_page(&visit, &draft, now, sent, problems)
        }
    }
}

/// Whether what is added takes the place of what is there.
fn replaces(sent: &Answers) -> bool {
    sent.get("mode") == "replace"
}

/// What was typed is mended in the form, and nowhere else: it says what was refused of it, as it does of a file of
/// which nothing can be used.
fn to_mend(t: Text, added: &LastUpload, field: &str) -> Vec<FieldProblem> {
    let lines = refused_lines(t, added).map(|(line, reason)| format!("{line} {reason}"));
    let details = std::iter::once(summary(t, added)).chain(lines);
    details.map(|detail| FieldProblem { field: field.to_owned(), detail }).collect()
}

async fn put_away(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Redirect, Problem> {
    let (_, viewer) = teacher(&visit)?;
    let done = commands::put_away_refusals(&app.desk, viewer, CourseId(course), QuizId(quiz)).await;
    done.map_err(in_words(&visit))?;
    Ok(Redirect::to(&format!("/question-bank/{course}/{quiz}")))
}

async fn export(
    State(app): State<App>,
    visit: Visit,
    Path((course, quiz)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let (_, draft) = open(&app, &visit, course, quiz).await?;
    let contents: Vec<QuestionContent> =
        draft.quiz.questions.iter().map(|question| question.content.clone()).collect();
    let name: String =
        draft.head.key.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').collect();
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.gift\"")),
    ];
    Ok((headers, gift::to_gift(&contents)).into_response())
}
