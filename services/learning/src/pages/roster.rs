//! `/roster/{course}`: who takes a course, how far each is, and enrolling one.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use chrono::{DateTime, Utc};
use event::Role;
use serde::Deserialize;
use ui::{
    CourseTabs, Field, FieldProblem, Form, Html, Page, Pager, Path, Problem, Query, Submitted,
    Text, Visit,
};
use uuid::Uuid;

use super::{csv_file, in_words, separator, taught, texts, unavailable, unpublished, wrong};
use crate::{
    api::App,
    commands::{self, Refusal},
    domain::{Outline, Shown, Sort, csv, fold, is_address},
    store::{self, Attendance, CourseCopy, RosterLine, RosterQuery},
};

const PAGE: u32 = 25;
/// Lines of a file that are read at once.
const CHUNK: u64 = 1_000;
/// Characters of a search; nobody's name is longer.
const LONGEST_SEARCH: usize = 100;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    sort: String,
    /// Who was enrolled or removed just now, said in words.
    done: Option<String>,
}

impl Asked {
    fn query(&self) -> RosterQuery {
        let search: String = self.q.chars().take(LONGEST_SEARCH).collect();
        RosterQuery {
            search: fold(&search),
            shown: Shown::parse(&self.show).unwrap_or_default(),
            sort: Sort::parse(&self.sort).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "roster.html")]
struct RosterPage {
    t: Text,
    course: Uuid,
    /// The form alone is shown, so that its errors are seen.
    has_errors: bool,
    is_empty: bool,
    stats: Vec<Stat>,
    done: Option<String>,
    is_withdrawn: bool,
    search: Html,
    found: String,
    /// The same list, as a file.
    download: String,
    lines: Vec<Line>,
    pager: Html,
    form: Html,
    /// Where whoever is unknown can be invited, for those who may.
    invite: Option<String>,
}

struct Stat {
    number: String,
    words: String,
}

/// One who is enrolled, as the table shows them.
struct Line {
    enrolment: Uuid,
    name: Option<String>,
    mail: String,
    steps: Steps,
    active: Html,
    since: String,
    is_completed: bool,
}

pub(super) struct Steps {
    pub(super) done: u64,
    pub(super) all: u64,
    pub(super) words: String,
}

pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let title = (CourseTabs::Roster, "roster-title");
    if let Some(page) = unpublished(&app, &visit, course, title).await? {
        return Ok(page);
    }
    let copy = taught(&app, &visit, course).await?;
    show(&app, &visit, &copy, &asked, "", vec![]).await
}

async fn show(
    app: &App,
    visit: &Visit,
    copy: &CourseCopy,
    asked: &Asked,
    mail: &str,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !errors.is_empty();
    let query = asked.query();
    let looked_up = look_up(app, copy, &query, visit.page_number()).await;
    let LookedUp { attendance, count, pager, lines } = looked_up.map_err(unavailable)?;
    let view = View { t, visit, outline: &copy.outline, now: app.db.now() };
    let page = RosterPage {
        t,
        course: copy.course.0,
        has_errors,
        is_empty: attendance.enrolled == 0,
        stats: stats(t, attendance),
        done: done_in_words(t, asked),
        is_withdrawn: copy.withdrawn,
        search: search_form(t, copy, asked, &query)?,
        download: visit.address_with("done", None).replacen(
            &format!("/roster/{}", copy.course),
            &format!("/roster/{}/download", copy.course),
            1,
        ),
        found: t.with("roster-found", [("count", count.into())]),
        lines: lines.into_iter().map(|line| view.line(line)).collect(),
        pager: pager.html(visit),
        invite: (has_errors && visit.is(Role::Administrator)).then(|| "/invitations".to_owned()),
        form: enrol_form(t, copy, mail, errors)?,
    };
    framed(visit, copy, CourseTabs::Roster, t.get("roster-title"))
        .with_errors_if(has_errors)
        .show(&page)
}

struct LookedUp {
    attendance: Attendance,
    /// Of those of whom some are shown.
    count: u64,
    pager: Pager,
    lines: Vec<RosterLine>,
}

/// All of it is asked for at once: where a search is on, both questions pass over everybody.
async fn look_up(
    app: &App,
    copy: &CourseCopy,
    query: &RosterQuery,
    asked: u32,
) -> Result<LookedUp, bus::Error> {
    let (db, course) = (&app.db, copy.course);
    let page = |number: u32| {
        let offset = u64::from(number - 1) * u64::from(PAGE);
        store::roster(db, course, &copy.outline, query, offset, PAGE.into())
    };
    let (size, lines) = tokio::try_join!(store::roster_size(db, course, query), page(asked))?;
    let count = size.found.unsigned_abs();
    let pager = Pager::counted(asked, PAGE, count);
    let lines = if pager.page() == asked { lines } else { page(pager.page()).await? };
    Ok(LookedUp { attendance: size.attendance, count, pager, lines })
}

/// The frame of a page about a course.
pub(super) fn framed<'a>(
    visit: &'a Visit,
    copy: &CourseCopy,
    tab: CourseTabs,
    title: String,
) -> Page<'a> {
    let Outline { title: course, language, .. } = &copy.outline;
    let t = texts(visit);
    visit
        .page(format!("{title} · {course}"))
        .crumb("/teaching", t.get("teaching"))
        .crumb_in(*language, format!("/teaching/{}", copy.course), course.clone())
        .tabs(tab.of(visit, copy.course))
}

fn stats(t: Text, attendance: Attendance) -> Vec<Stat> {
    let stat = |key, count: i64| Stat {
        number: ui::format_number(count, t.language()),
        words: t.with(key, [("count", count.into())]),
    };
    let Attendance { enrolled, completed } = attendance;
    vec![stat("stat-enrolled", enrolled), stat("stat-completed", completed)]
}

fn done_in_words(t: Text, asked: &Asked) -> Option<String> {
    match asked.done.as_deref()? {
        "enrolled" => Some(t.get("roster-enrolled")),
        "already" => Some(t.get("roster-already")),
        "removed" => Some(t.get("roster-removed")),
        _ => None,
    }
}

fn search_form(
    t: Text,
    copy: &CourseCopy,
    asked: &Asked,
    query: &RosterQuery,
) -> Result<Html, Problem> {
    let option = |of: &str, name: &str| (name.to_owned(), t.get(&format!("{of}-{name}")));
    let shown = Shown::ALL.map(|it| option("show", it.name())).to_vec();
    let sorts = Sort::ALL.map(|it| option("sort", it.name())).to_vec();
    let search: String = asked.q.chars().take(LONGEST_SEARCH).collect();
    Form::search(t.language(), format!("/roster/{}", copy.course), t.get("roster-search"))
        .field(Field::search("q", t.get("roster-q")).longest(LONGEST_SEARCH).value(search))
        .field(Field::select("show", t.get("roster-show"), shown).value(query.shown.name()))
        .field(Field::select("sort", t.get("roster-sort"), sorts).value(query.sort.name()))
        .html()
}

/// How one visitor sees those who take a course.
struct View<'a> {
    t: Text,
    visit: &'a Visit,
    outline: &'a Outline,
    now: DateTime<Utc>,
}

impl View<'_> {
    fn line(&self, line: RosterLine) -> Line {
        let at = line.completed_at.unwrap_or(line.enrolled_at);
        let date = ui::format_date(at, self.visit.language, self.visit.zone);
        let key = if line.completed_at.is_some() { "since-completed" } else { "enrolled-on" };
        Line {
            enrolment: line.enrolment.0,
            name: line.name.filter(|name| !name.is_empty()),
            mail: line.mail.unwrap_or_default(),
            steps: steps(self.t, self.outline, line.done),
            active: self.visit.ago(line.active_at, self.now),
            since: self.t.with(key, [("date", date.into())]),
            is_completed: line.completed_at.is_some(),
        }
    }
}

pub(super) fn steps(t: Text, outline: &Outline, done: u64) -> Steps {
    let all = u64::try_from(outline.required_steps()).unwrap_or(u64::MAX);
    let words = t.with("steps", [("done", done.into()), ("all", all.into())]);
    Steps { done, all, words }
}

fn enrol_form(
    t: Text,
    copy: &CourseCopy,
    mail: &str,
    errors: Vec<FieldProblem>,
) -> Result<Html, Problem> {
    let field = Field::mail("mail", t.get("enrol-mail"))
        .hint(t.get("enrol-mail-hint"))
        .longest(254)
        .value(mail);
    Form::new(t.language(), format!("/roster/{}", copy.course), t.get("enrol-person"))
        .field(field)
        .errors(errors)
        .html()
}

#[derive(Deserialize)]
pub(super) struct EnrolForm {
    mail: String,
}

/// Enrols one by mail.
pub(super) async fn enrol(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Submitted(form): Submitted<EnrolForm>,
) -> Result<Response, Problem> {
    let copy = taught(&app, &visit, course).await?;
    let mail = form.mail.trim();
    let enrolled = match is_address(mail) {
        true => commands::enrol_by_mail(&app.db, &copy, mail).await,
        false => Err(Refusal::UnknownMail),
    };
    let key = match enrolled {
        Ok(enrolled) => {
            let done = if enrolled.is_new { "enrolled" } else { "already" };
            return Ok(see(&format!("/roster/{course}?done={done}")));
        }
        Err(Refusal::UnknownMail) if !is_address(mail) => "enrol-no-mail",
        Err(Refusal::UnknownMail) if visit.is(Role::Administrator) => "enrol-unknown-mail",
        Err(Refusal::UnknownMail) => "enrol-unknown-mail-ask",
        Err(Refusal::Withdrawn) => "refused-withdrawn",
        Err(refusal) => return Err(in_words(refusal)),
    };
    let errors = vec![wrong("mail", texts(&visit).get(key))];
    let mail: String = mail.chars().take(254).collect();
    show(&app, &visit, &copy, &Asked::default(), &mail, errors).await
}

pub(super) fn see(address: &str) -> Response {
    axum::response::IntoResponse::into_response(Redirect::to(address))
}

/// The roster as a file for spreadsheets, as it is sorted and filtered.
pub(super) async fn download(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let copy = taught(&app, &visit, course).await?;
    let (t, query) = (texts(&visit), asked.query());
    let separator = separator(visit.language);
    let columns = ["name", "mail", "done", "all", "enrolled", "active", "completed"];
    let columns = columns.map(|column| t.get(&format!("column-{column}")));
    let mut rows = csv::row(columns.iter().map(String::as_str), separator);
    let mut offset = 0;
    loop {
        let lines = store::roster(&app.db, copy.course, &copy.outline, &query, offset, CHUNK);
        let lines = lines.await.map_err(unavailable)?;
        for line in &lines {
            let cells = cells(line, &copy.outline);
            rows.push_str(&csv::row(cells.iter().map(String::as_str), separator));
        }
        if (lines.len() as u64) < CHUNK {
            break;
        }
        offset += CHUNK;
    }
    let name = if copy.key.is_empty() { course.to_string() } else { copy.key };
    Ok(csv_file(&format!("{name}-{}", t.get("roster-file")), &rows))
}

/// Dates are for machines here.
fn cells(line: &RosterLine, outline: &Outline) -> [String; 7] {
    let date = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
    [
        line.name.clone().unwrap_or_default(),
        line.mail.clone().unwrap_or_default(),
        line.done.to_string(),
        outline.required_steps().to_string(),
        date(line.enrolled_at),
        date(line.active_at),
        line.completed_at.map(date).unwrap_or_default(),
    ]
}
