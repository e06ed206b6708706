//! Invitations, for administrators: one or many, again, withdrawn.

use askama::Template;
use axum::{
    Router,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{InvitationId, Language, Role};
use serde::Deserialize;
use ui::{
    AdministrationTabs, Answers, Confirm, Field, FieldProblem, Form, Html, Pager, PartialUpload,
    Path, Problem, Query, Submitted, Text, Visit,
};
use uuid::Uuid;

use super::{
    explain, explain_field, language_field, mail_field, role_of, roles_field, roles_in_words,
    texts, unavailable,
};
use crate::{
    App,
    account::Account,
    commands::{
        CommandError,
        invitations::{self, Outcome},
    },
    domain::{
        Invalid, LONGEST_NAME, Mail, Name, Roles,
        invitation::{self, Invited, List, Listed, Refusal, Standing, State as Settled},
        parse_language,
    },
    store::invitations as rows,
};

const PAGE: u32 = 50;
/// Bytes of a file: a thousand lines and room to spare.
const LARGEST_FILE: usize = 512 * 1024;
/// Bytes of what is typed instead.
const LARGEST_LIST: usize = 256 * 1024;
type Sent = PartialUpload<{ LARGEST_FILE + LARGEST_LIST }>;
/// Nobody is invited as an operator.
const OFFERED: [Role; 3] = [Role::Learner, Role::Instructor, Role::Administrator];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/invitations", get(list))
        .route("/invitations/new", get(show_one).post(invite_one))
        .route("/invitations/list", get(show_many).post(invite_many))
        .route("/invitations/{id}/resend", post(resend))
        .route("/invitations/{id}/withdraw", get(ask_withdraw).post(withdraw))
}

#[derive(Template)]
#[template(path = "invitations.html")]
struct InvitationsPage {
    t: Text,
    /// What was just done, in words, and the look of it.
    done: Option<(String, &'static str)>,
    total: u64,
    rows: Vec<Row>,
    pager: Html,
}

struct Row {
    id: InvitationId,
    /// Nobody, where it was withdrawn.
    who: Option<(String, String)>,
    roles: String,
    sent: Html,
    state: String,
    /// Of the pill.
    look: &'static str,
    is_open: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Done {
    done: String,
    count: u32,
}

async fn list(
    State(db): State<Db>,
    visit: Visit,
    account: Account,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let t = texts(&visit);
    let total = rows::count_listed(&db).await.map_err(unavailable)?;
    let pager = Pager::counted(visit.page_number(), PAGE, total);
    let found =
        rows::listed(&db, pager.skipped(PAGE), u64::from(PAGE)).await.map_err(unavailable)?;
    let now = db.now();
    let page = InvitationsPage {
        t,
        done: in_words(t, &done),
        total,
        rows: found.into_iter().map(|found| row(&visit, found, now)).collect(),
        pager: pager.html(&visit),
    };
    framed(&visit, "invitations-title").show(&page)
}

fn in_words(t: Text, done: &Done) -> Option<(String, &'static str)> {
    let count = done.count;
    match done.done.as_str() {
        "sent" => Some((t.with("invitations-sent", [("count", count.into())]), "good")),
        "again" => Some((t.get("invitation-sent-again"), "good")),
        "withdrawn" => Some((t.get("invitation-withdrawn"), "good")),
        "was-sent" => Some((t.get("invitation-was-sent"), "info")),
        _ => None,
    }
}

fn row(visit: &Visit, listed: Listed, now: DateTime<Utc>) -> Row {
    let t = texts(visit);
    let until = ui::format_date(listed.expires_at, visit.language, visit.zone);
    let standing = listed.standing(now);
    let (state, look) = match standing {
        Standing::Waiting => (t.with("invitation-waiting", [("until", until.into())]), "info"),
        Standing::Expired => (t.with("invitation-expired", [("until", until.into())]), "warn"),
        Standing::Accepted => (t.get("invitation-accepted"), "good"),
        Standing::Withdrawn => (t.get("invitation-state-withdrawn"), "bad"),
    };
    let who = |(name, mail): (Name, Mail)| (name.as_str().to_owned(), mail.as_str().to_owned());
    Row {
        id: listed.id,
        who: listed.who.map(who),
        roles: roles_in_words(t, &listed.roles),
        sent: visit.moment(listed.invited_at),
        state,
        look,
        is_open: matches!(standing, Standing::Waiting | Standing::Expired),
    }
}

fn framed<'a>(visit: &'a Visit, title: &str) -> ui::Page<'a> {
    visit.page(texts(visit).get(title)).tabs(AdministrationTabs::Invitations.of(visit))
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    t: Text,
    form: Html,
}

async fn show_one(visit: Visit, account: Account) -> Result<Response, Problem> {
    account.require_administrator()?;
    let empty = Answers(vec![
        ("language".to_owned(), account.person.language.code().to_owned()),
        ("roles".to_owned(), "learner".to_owned()),
    ]);
    one_page(&visit, &empty, Vec::new())
}

async fn invite_one(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    Submitted(answers): Submitted<Answers>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let invited = match invited(&answers) {
        Ok(invited) => invited,
        Err(wrong) => {
            let errors = explain(&visit, CommandError::Invalid(wrong))?;
            return one_page(&visit, &answers, errors);
        }
    };
    let by = Some(account.person.id);
    let outcomes = invitations::invite(&app.db, app.ui.key(), by, &[invited]).await?;
    match outcomes.first() {
        Some(Outcome::HasAccount) => {
            one_page(&visit, &answers, vec![wrong(&visit, "mail", "invite-has-account")])
        }
        Some(Outcome::WasSent) | None => {
            Ok(Redirect::to("/invitations?done=was-sent").into_response())
        }
        Some(Outcome::Sent(_)) => {
            Ok(Redirect::to("/invitations?done=sent&count=1").into_response())
        }
    }
}

fn invited(answers: &Answers) -> Result<Invited, Vec<Invalid>> {
    let roles = answers.all("roles").filter_map(role_of).filter(|role| OFFERED.contains(role));
    let parsed = (
        Name::parse(answers.get("name")),
        Mail::parse(answers.get("mail")),
        parse_language(answers.get("language")),
        Roles::parse(roles.collect()),
    );
    match parsed {
        (Ok(name), Ok(mail), Ok(language), Ok(roles)) => {
            Ok(Invited { name, mail, language, roles })
        }
        (name, mail, language, roles) => {
            let wrong = [name.err(), mail.err(), language.err(), roles.err()];
            Err(wrong.into_iter().flatten().collect())
        }
    }
}

fn one_page(
    visit: &Visit,
    answers: &Answers,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let page = framed(visit, "invite-one-title").with_errors_if(!errors.is_empty());
    let is_ticked = |role: Role| answers.all("roles").filter_map(role_of).any(|it| it == role);
    let name = Field::text("name", t.get("name")).value(answers.get("name")).longest(LONGEST_NAME);
    let form = Form::new(visit.language, "/invitations/new", t.get("invite-button"))
        .field(name.autocomplete("off"))
        .field(mail_field(t, answers.get("mail")).autocomplete("off"))
        .field(language_field(t, answers.get("language")))
        .field(roles_field(t, &OFFERED, is_ticked))
        .back("/invitations", t.get("invitations-title"))
        .errors(errors);
    page.crumb("/invitations", t.get("invitations-title"))
        .show(&InvitePage { t, form: form.html()? })
}

#[derive(Template)]
#[template(path = "invite_many.html")]
struct ManyPage {
    t: Text,
    form: Html,
    result: Option<Summary>,
}

/// What came of a list.
struct Summary {
    sent: usize,
    was_sent: usize,
    refused: Vec<RefusedLine>,
    /// What was more than one list may hold, in words.
    rest: Option<String>,
}

struct RefusedLine {
    number: u64,
    text: String,
    reason: String,
}

async fn show_many(visit: Visit, account: Account) -> Result<Response, Problem> {
    account.require_administrator()?;
    many_page(&visit, account.person.language.code(), "", None, Vec::new())
}

/// What can be sent is sent; what is refused stays in the form, to be mended and sent again. The form may be
/// large: it is read only of those who may invite.
async fn invite_many(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    request: Request,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let sent = Sent::from_request(request, &app).await?;
    let answers = &sent.upload.answers;
    let language = parse_language(answers.get("language"));
    let language = language.unwrap_or(account.person.language);
    let mut list = match read(&visit, &sent, language) {
        Ok(list) => list,
        Err(wrong) => {
            return many_page(&visit, language.code(), answers.get("list"), None, vec![wrong]);
        }
    };
    let summary = send(&app, &visit, &account, &mut list).await?;
    if summary.refused.is_empty() && summary.rest.is_none() && summary.was_sent == 0 {
        let done = format!("/invitations?done=sent&count={}", summary.sent);
        return Ok(Redirect::to(&done).into_response());
    }
    let left = list.pasted(summary.refused.iter().map(|line| line.text.as_str()));
    many_page(&visit, language.code(), &left, Some(summary), Vec::new())
}

/// The lines of the file, and of what was typed.
fn read(visit: &Visit, sent: &Sent, language: Language) -> Result<List, FieldProblem> {
    let written = sent.upload.answers.get("list");
    if sent.too_large.as_deref() == Some("list") || written.len() > LARGEST_LIST {
        return Err(wrong(visit, "list", "invite-too-large"));
    }
    if sent.too_large.is_some() {
        return Err(wrong(visit, "file", "invite-too-large"));
    }
    let text = match sent.upload.file("file") {
        Some(file) if file.content.len() > LARGEST_FILE => {
            return Err(wrong(visit, "file", "invite-too-large"));
        }
        Some(file) => {
            let text = file.text().map_err(|_| wrong(visit, "file", "invite-not-text"))?;
            format!("{text}\n{written}")
        }
        None => written.to_owned(),
    };
    let list = invitation::read_list(&text, language);
    if list.lines.is_empty() {
        return Err(wrong(visit, "list", "invite-empty"));
    }
    Ok(list)
}

fn wrong(visit: &Visit, field: &str, key: &str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), detail: texts(visit).get(key) }
}

async fn send(
    app: &App,
    visit: &Visit,
    account: &Account,
    list: &mut List,
) -> Result<Summary, Problem> {
    let good: Vec<Invited> =
        list.lines.iter().filter_map(|line| line.read.as_ref().ok()).cloned().collect();
    let by = Some(account.person.id);
    let mut outcomes = invitations::invite(&app.db, app.ui.key(), by, &good).await?.into_iter();
    let rest = in_words_of_rest(texts(visit), list.rest.len());
    let mut summary = Summary { sent: 0, was_sent: 0, refused: Vec::new(), rest };
    for line in &mut list.lines {
        if line.read.is_ok() {
            match outcomes.next() {
                Some(Outcome::Sent(_)) => summary.sent += 1,
                Some(Outcome::WasSent) | None => summary.was_sent += 1,
                Some(Outcome::HasAccount) => line.read = Err(Refusal::HasAccount),
            }
        }
        if let Err(refusal) = &line.read {
            let reason = reason(texts(visit), refusal);
            let (number, text) = (line.number, line.text.clone());
            summary.refused.push(RefusedLine { number, text, reason });
        }
    }
    Ok(summary)
}

fn in_words_of_rest(t: Text, count: usize) -> Option<String> {
    let most = ui::format_number(invitation::MOST_LINES, t.language());
    let numbers = [("most", most.into()), ("count", count.into())];
    (count > 0).then(|| t.with("invitations-rest", numbers))
}

fn reason(t: Text, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Field(wrong) => explain_field(t, *wrong).detail,
        Refusal::Role(word) => t.with("invite-role", [("role", word.as_str().into())]),
        Refusal::Unreadable => t.get("invite-unreadable"),
        Refusal::HasAccount => t.get("invite-has-account"),
    }
}

fn many_page(
    visit: &Visit,
    language: &str,
    list: &str,
    result: Option<Summary>,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let is_refused =
        result.as_ref().is_some_and(|result| !result.refused.is_empty() || result.rest.is_some());
    let has_errors = !errors.is_empty() || is_refused;
    let page = framed(visit, "invite-many-title").with_errors_if(has_errors);
    let area = Field::area("list", t.get("invite-list"), 10)
        .hint(t.get("invite-list-hint"))
        .value(list)
        .optional();
    let form = Form::new(visit.language, "/invitations/list", t.get("invite-button"))
        .field(area)
        .field(Field::file("file", t.get("invite-file"), ".csv,text/csv,text/plain").optional())
        .field(language_field(t, language).hint(t.get("invite-language-hint")))
        .back("/invitations", t.get("invitations-title"))
        .errors(errors);
    page.crumb("/invitations", t.get("invitations-title")).show(&ManyPage {
        t,
        form: form.html()?,
        result,
    })
}

async fn resend(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let by = Some(account.person.id);
    invitations::resend(&app.db, app.ui.key(), by, InvitationId(id)).await?;
    Ok(Redirect::to("/invitations?done=again").into_response())
}

/// What is settled needs no asking.
async fn ask_withdraw(
    State(db): State<Db>,
    visit: Visit,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let known = rows::invitation(&db, InvitationId(id)).await.map_err(unavailable)?;
    let Some(invitation) = known.filter(|known| known.state == Settled::Open) else {
        return Ok(Redirect::to("/invitations").into_response());
    };
    let (t, invited) = (texts(&visit), &invitation.invited);
    let (name, mail) = (invited.name.as_str(), invited.mail.as_str());
    let form = Form::new(visit.language, format!("/invitations/{id}/withdraw"), t.get("withdraw"))
        .dangerous()
        .back("/invitations", t.get("withdraw-back"));
    let page = framed(&visit, "withdraw-title").crumb("/invitations", t.get("invitations-title"));
    Confirm::new(t.get("withdraw-title"), &form)?
        .lead(t.with("withdraw-lead", [("name", name.into()), ("mail", mail.into())]))
        .consequence(t.get("withdraw-consequence-link"))
        .consequence(t.get("withdraw-consequence-forgotten"))
        .consequence(t.get("withdraw-consequence-again"))
        .show(page)
}

async fn withdraw(
    State(db): State<Db>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    invitations::withdraw(&db, InvitationId(id)).await?;
    Ok(Redirect::to("/invitations?done=withdrawn").into_response())
}
