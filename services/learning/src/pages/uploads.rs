//! `/enrolments`: an administrator enrols many at once, and reads what became of each line.

use askama::Template;
use axum::{
    extract::{FromRequest, Request, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use event::{PersonId, Role};
use serde::Deserialize;
use ui::{
    AdministrationTabs, Field, FieldProblem, Form, Html, Pager, PartialUpload, Path, Problem,
    Query, Tabs, Text, Visit,
};
use uuid::Uuid;

use super::{csv_file, in_words, roster::see, separator, texts, unavailable, wrong};
use crate::{
    api::App,
    commands,
    domain::{Line, MOST_LINES, Outcome, Reason, UploadFault, csv, decode, lines},
    store::{self, Counted, CourseCopy, UploadedLine},
};

/// Courses that the example names.
const EXAMPLES: u64 = 2;
/// Uploads on one page.
const RECENT: u32 = 20;
/// Lines of a report on one page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "enrolments.html")]
struct UploadPage {
    t: Text,
    /// Lines as they may be written, for courses that there are.
    example: Option<String>,
    form: Html,
    uploads: Vec<UploadLine>,
    pager: Html,
}

struct UploadLine {
    id: Uuid,
    when: String,
    author: String,
    counts: Counted,
    is_finished: bool,
}

fn administrator(visit: &Visit) -> Result<PersonId, Problem> {
    Ok(visit.require(&[Role::Administrator])?.person)
}

pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    administrator(&visit)?;
    show(&app, &visit, Uuid::now_v7(), "", vec![]).await
}

async fn show(
    app: &App,
    visit: &Visit,
    form: Uuid,
    text: &str,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !errors.is_empty();
    let all = store::count_uploads(&app.db).await.map_err(unavailable)?;
    let pager = Pager::counted(visit.page_number(), RECENT, all);
    let uploads =
        store::uploads(&app.db, pager.skipped(RECENT), RECENT.into()).await.map_err(unavailable)?;
    let open = store::open_courses(&app.db, EXAMPLES).await.map_err(unavailable)?;
    let line = |upload: store::Upload| UploadLine {
        id: upload.id,
        when: moment(visit, upload.uploaded_at),
        author: upload.author.unwrap_or_else(|| t.get("author-unknown")),
        counts: upload.counts,
        is_finished: upload.finished_at.is_some(),
    };
    let body = UploadPage {
        t,
        example: example(&open),
        form: form_of(t, form, text, errors)?,
        uploads: uploads.into_iter().map(line).collect(),
        pager: pager.html(visit),
    };
    visit
        .page(t.get("uploads-title"))
        .with_errors_if(has_errors)
        .tabs(AdministrationTabs::Enrolments.of(visit))
        .show(&body)
}

/// One line with a language and one without, which is enough.
fn example(open: &[CourseCopy]) -> Option<String> {
    let (first, last) = (open.first()?, open.last()?);
    let language = last.outline.language.map(|language| format!(",{}", language.code()));
    Some(format!(
        "ana@example.org,{}\nbruno@example.org,{}{}",
        first.key,
        last.key,
        language.unwrap_or_default()
    ))
}

fn form_of(t: Text, form: Uuid, text: &str, errors: Vec<FieldProblem>) -> Result<Html, Problem> {
    let most = ui::format_number(MOST_LINES, t.language());
    Form::new(t.language(), "/enrolments", t.get("upload-button"))
        .field(Field::hidden("form", form.to_string()))
        .field(
            Field::area("text", t.get("upload-text"), 8)
                .hint(t.get("upload-text-hint"))
                .value(text)
                .optional(),
        )
        .field(
            Field::file("file", t.get("upload-file"), ".csv,.txt,text/csv,text/plain")
                .hint(t.with("upload-file-hint", [("most", most.into())]))
                .optional(),
        )
        .errors(errors)
        .html()
}

fn moment(visit: &Visit, at: DateTime<Utc>) -> String {
    ui::format_date_time(at, visit.language, visit.zone)
}

/// Takes an upload, and leads to its report.
pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    request: Request,
) -> Result<Response, Problem> {
    let author = administrator(&visit)?;
    let sent: PartialUpload = PartialUpload::from_request(request, &app).await?;
    let answers = &sent.upload.answers;
    let form = Uuid::try_parse(answers.get("form")).unwrap_or_else(|_| Uuid::now_v7());
    match read(&sent) {
        Ok(lines) => {
            let upload = commands::upload(&app.db, author, form, &lines).await;
            Ok(see(&format!("/enrolments/{}", upload.map_err(in_words)?)))
        }
        Err((field, fault)) => {
            let errors = vec![wrong(field, fault_in_words(texts(&visit), fault))];
            show(&app, &visit, form, answers.get("text"), errors).await
        }
    }
}

/// The lines of the file, or else of the text; a fault with the field that it is in.
fn read(sent: &PartialUpload) -> Result<Vec<Line>, (&'static str, UploadFault)> {
    match (sent.too_large.as_deref(), sent.upload.file("file")) {
        (Some("text"), _) => Err(("text", UploadFault::TooLarge)),
        (Some(_), _) => Err(("file", UploadFault::TooLarge)),
        (None, Some(file)) => {
            decode(&file.content).and_then(lines).map_err(|fault| ("file", fault))
        }
        (None, None) => lines(sent.upload.answers.get("text")).map_err(|fault| ("text", fault)),
    }
}

fn fault_in_words(t: Text, fault: UploadFault) -> String {
    let most = ui::format_number(MOST_LINES, t.language());
    match fault {
        UploadFault::Empty => t.get("upload-empty"),
        UploadFault::TooLarge => t.get("upload-too-large"),
        UploadFault::TooManyLines => t.with("upload-too-many", [("most", most.into())]),
        UploadFault::NotText => t.get("upload-not-text"),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    outcome: Option<String>,
    /// Said after looking again: that there was nothing to look at.
    again: Option<String>,
}

impl Asked {
    /// What was refused matters most.
    fn outcome(&self, counts: &Counted) -> Outcome {
        let asked = self.outcome.as_deref().and_then(Outcome::parse);
        let first = [Outcome::Refused, Outcome::Enrolled, Outcome::Already];
        let fullest = first.into_iter().find(|outcome| counts.of(*outcome) > 0);
        asked.or(fullest).unwrap_or(Outcome::Waiting)
    }
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    t: Text,
    upload: Uuid,
    /// Where a browser hears how far it is; nowhere once it is done.
    live: Option<String>,
    about: String,
    progress: Progress,
    choices: Html,
    shown: Outcome,
    heading: String,
    lines: Vec<LineView>,
    pager: Html,
    has_refused: bool,
    has_unknown: bool,
    /// Whether the refused lines were to be looked at again, and none of them could be.
    is_in_vain: bool,
}

struct Progress {
    done: u64,
    all: u64,
    words: String,
}

struct LineView {
    number: u32,
    mail: String,
    course: String,
    reason: String,
}

/// What became of an upload, at its own address.
pub(super) async fn report(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    administrator(&visit)?;
    let t = texts(&visit);
    let upload = found(&app, id).await?;
    let counts = upload.counts;
    let shown = asked.outcome(&counts);
    let pager = Pager::counted(visit.page_number(), PAGE, counts.of(shown));
    let lines = store::uploaded_lines(&app.db, id, shown, pager.skipped(PAGE), PAGE.into()).await;
    let lines = lines.map_err(unavailable)?;
    let seen = ui::fingerprint(state(&upload));
    let about = [
        ("author", upload.author.clone().unwrap_or_else(|| t.get("author-unknown")).into()),
        ("date", moment(&visit, upload.uploaded_at).into()),
        ("count", counts.all().into()),
    ];
    let page = ReportPage {
        t,
        upload: id,
        live: is_underway(&upload).then(|| format!("/enrolments/{id}/live?seen={seen}")),
        about: t.with("report-about", about),
        progress: progress(t, &counts),
        choices: choices(t, &visit, &counts, shown),
        shown,
        heading: heading(t, shown, &counts),
        has_unknown: lines.iter().any(|line| line.reason == Some(Reason::UnknownMail)),
        lines: lines.into_iter().map(|line| line_view(t, line)).collect(),
        pager: pager.html(&visit),
        has_refused: counts.refused > 0,
        is_in_vain: asked.again.is_some(),
    };
    visit
        .page(t.get("report-title"))
        .crumb("/enrolments", t.get("uploads-title"))
        .tabs(AdministrationTabs::Enrolments.of(&visit))
        .show(&page)
}

async fn found(app: &App, upload: Uuid) -> Result<store::Upload, Problem> {
    let found = store::upload(&app.db, upload).await.map_err(unavailable)?;
    found.ok_or_else(|| in_words(commands::Refusal::NoSuchUpload))
}

fn is_underway(upload: &store::Upload) -> bool {
    upload.finished_at.is_none() || upload.counts.waiting > 0
}

fn state(upload: &store::Upload) -> String {
    format!("{}/{}", upload.counts.waiting, is_underway(upload))
}

fn progress(t: Text, counts: &Counted) -> Progress {
    let (done, all) = (counts.all() - counts.waiting, counts.all());
    let words = t.with("report-progress", [("done", done.into()), ("all", all.into())]);
    Progress { done, all, words }
}

fn heading(t: Text, outcome: Outcome, counts: &Counted) -> String {
    let count = counts.of(outcome);
    t.with(&format!("outcome-{}", outcome.name()), [("count", count.into())])
}

fn choices(t: Text, visit: &Visit, counts: &Counted, shown: Outcome) -> Html {
    let there = Outcome::ALL.into_iter().filter(|it| counts.of(*it) > 0 || *it == shown);
    let tabs = there.fold(Tabs::new(t.get("report-outcomes")), |tabs, outcome| {
        let address = visit.address_with("outcome", Some(outcome.name()));
        tabs.tab(address, heading(t, outcome, counts), outcome == shown)
    });
    tabs.html()
}

fn line_view(t: Text, uploaded: UploadedLine) -> LineView {
    let Line { number, mail, course, .. } = uploaded.line;
    let is_forgotten = mail.is_empty()
        && match uploaded.reason {
            Some(Reason::NoMail) => false,
            // One that could not be taken apart has no course either.
            Some(Reason::Unreadable) => !course.is_empty(),
            _ => true,
        };
    let mail = if is_forgotten { t.get("address-forgotten") } else { mail };
    let reason = uploaded.reason.map(|reason| t.get(&format!("reason-{}", reason.name())));
    LineView { number, mail, course, reason: reason.unwrap_or_default() }
}

/// Tells an open report that it is further.
pub(super) async fn live(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    administrator(&visit)?;
    let db = app.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move {
            let upload = store::upload(&db, id).await?;
            Ok::<_, bus::Error>(upload.as_ref().map(state).unwrap_or_default())
        }
    })
}

/// Looks at what was refused once more, as after inviting those who were unknown.
pub(super) async fn look_again(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    administrator(&visit)?;
    let report = format!("/enrolments/{id}");
    match commands::look_again(&app.db, id).await.map_err(in_words)? {
        0 => Ok(see(&format!("{report}?outcome=refused&again=nothing"))),
        _ => Ok(see(&report)),
    }
}

/// The refused lines as a file, to be corrected and sent again: the reason stands in the last column.
pub(super) async fn download(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    administrator(&visit)?;
    let (t, separator) = (texts(&visit), separator(visit.language));
    found(&app, id).await?;
    let most = u64::try_from(MOST_LINES).unwrap_or(u64::MAX);
    let lines = store::uploaded_lines(&app.db, id, Outcome::Refused, 0, most).await;
    let columns = ["mail", "course", "language", "line", "reason"];
    let columns = columns.map(|column| t.get(&format!("column-{column}")));
    let mut rows = csv::row(columns.iter().map(String::as_str), separator);
    for uploaded in lines.map_err(unavailable)? {
        let language = uploaded.line.language.map_or("", event::Language::code);
        let LineView { number, mail, course, reason } = line_view(t, uploaded);
        let number = number.to_string();
        rows.push_str(&csv::row([mail.as_str(), &course, language, &number, &reason], separator));
    }
    Ok(csv_file(&t.get("report-file"), &rows))
}
