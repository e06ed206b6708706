//! `/roster/{course}/message`: writing to all who take a course, with a look at it before it goes.

use askama::Template;
use axum::{extract::State, response::Response};
use event::MessageId;
use serde::Deserialize;
use ui::{
    CourseTabs, Field, FieldProblem, Form, Html, Pager, Path, Problem, Query, Submitted, Text,
    Visit,
};
use uuid::Uuid;

use super::{in_words, roster, taught, texts, unavailable, unpublished, wrong};
use crate::{
    api::App,
    commands::{self, Refusal},
    domain::{Draft, DraftFault, LONGEST_SUBJECT, LONGEST_TEXT},
    store::{self, CourseCopy, SentMessage},
};

const PAGE: u32 = 10;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// A message that was sent just now.
    sent: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    t: Text,
    done: Option<String>,
    recipients: String,
    has_recipients: bool,
    form: Html,
    sent: Vec<SentView>,
    pager: Html,
}

struct SentView {
    subject: String,
    text: Html,
    /// When, by whom and to how many.
    about: String,
}

/// What is in the form.
#[derive(Deserialize)]
pub(super) struct MessageForm {
    /// The form's own id: sending it off twice sends one message.
    form: Uuid,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    /// `send`, or whatever else for a look at it.
    #[serde(default)]
    action: String,
}

impl MessageForm {
    fn empty() -> Self {
        let form = MessageId::new().0;
        Self { form, subject: String::new(), text: String::new(), action: String::new() }
    }
}

pub(super) async fn compose(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let title = (CourseTabs::Message, "message-title");
    if let Some(page) = unpublished(&app, &visit, course, title).await? {
        return Ok(page);
    }
    let copy = taught(&app, &visit, course).await?;
    let done = match asked.sent {
        Some(sent) => store::recipients_of(&app.db, MessageId(sent)).await.map_err(unavailable)?,
        None => None,
    };
    let done = done.map(|count| texts(&visit).with("message-sent", [("count", count.into())]));
    show(&app, &visit, &copy, &MessageForm::empty(), done, vec![]).await
}

async fn show(
    app: &App,
    visit: &Visit,
    copy: &CourseCopy,
    written: &MessageForm,
    done: Option<String>,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !errors.is_empty();
    let number = visit.page_number();
    let offset = u64::from(number - 1) * u64::from(PAGE);
    let most = u64::from(PAGE) + 1;
    let sent = store::messages(&app.db, copy.course, offset, most).await.map_err(unavailable)?;
    let enrolled = store::attendance(&app.db, copy.course).await.map_err(unavailable)?.enrolled;
    let has_more = sent.len() > PAGE as usize;
    let page = MessagePage {
        t,
        done,
        recipients: t.with("message-recipients", [("count", enrolled.into())]),
        has_recipients: enrolled > 0,
        form: form(t, copy, written, errors)?,
        sent: sent.into_iter().take(PAGE as usize).map(|it| sent_view(visit, it)).collect(),
        pager: Pager::open(number, has_more).html(visit),
    };
    roster::framed(visit, copy, CourseTabs::Message, t.get("message-title"))
        .with_errors_if(has_errors)
        .show(&page)
}

fn sent_view(visit: &Visit, sent: SentMessage) -> SentView {
    let t = texts(visit);
    let author = sent.author.unwrap_or_else(|| t.get("author-unknown"));
    let date = ui::format_date_time(sent.sent_at, visit.language, visit.zone);
    let about =
        [("author", author.into()), ("date", date.into()), ("count", sent.recipients.into())];
    SentView {
        subject: sent.subject,
        text: ui::markdown(&sent.text),
        about: t.with("message-about", about),
    }
}

fn form(
    t: Text,
    copy: &CourseCopy,
    written: &MessageForm,
    errors: Vec<FieldProblem>,
) -> Result<Html, Problem> {
    let subject = Field::text("subject", t.get("message-subject"))
        .longest(LONGEST_SUBJECT)
        .value(written.subject.as_str());
    let text = Field::area("text", t.get("message-text"), 10)
        .hint(t.get("message-text-hint"))
        .longest(LONGEST_TEXT)
        .value(written.text.as_str());
    Form::new(t.language(), format!("/roster/{}/message", copy.course), t.get("message-preview"))
        .field(Field::hidden("form", written.form.to_string()))
        .field(subject)
        .field(text)
        .button_named("action", "preview")
        .errors(errors)
        .html()
}

/// Shows what would be sent, or sends it.
pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<Uuid>,
    Submitted(written): Submitted<MessageForm>,
) -> Result<Response, Problem> {
    let copy = taught(&app, &visit, course).await?;
    let t = texts(&visit);
    let draft = match Draft::parse(&written.subject, &written.text) {
        Ok(draft) => draft,
        Err(faults) => {
            let errors = faults.into_iter().map(|fault| in_field(t, fault)).collect();
            return show(&app, &visit, &copy, &written, None, errors).await;
        }
    };
    match written.action.as_str() {
        "send" => send(&app, &visit, &copy, &written, draft).await,
        "change" => show(&app, &visit, &copy, &written, None, vec![]).await,
        _ => preview(&app, &visit, &copy, written.form, draft).await,
    }
}

async fn send(
    app: &App,
    visit: &Visit,
    copy: &CourseCopy,
    written: &MessageForm,
    draft: Draft,
) -> Result<Response, Problem> {
    let author = visit.session()?.person;
    match commands::send_message(&app.db, copy, author, written.form, draft).await {
        Ok(sent) => {
            let place = format!("/roster/{}/message?sent={}", copy.course, sent.message);
            Ok(roster::see(&place))
        }
        Err(Refusal::NobodyEnrolled) => {
            let errors = vec![wrong("general", texts(visit).get("refused-nobody-enrolled"))];
            show(app, visit, copy, written, None, errors).await
        }
        Err(refusal) => Err(in_words(refusal)),
    }
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    t: Text,
    course: Uuid,
    form: Uuid,
    draft: Draft,
    rendered: Html,
    recipients: String,
    has_recipients: bool,
}

async fn preview(
    app: &App,
    visit: &Visit,
    copy: &CourseCopy,
    form: Uuid,
    draft: Draft,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let enrolled = store::attendance(&app.db, copy.course).await.map_err(unavailable)?.enrolled;
    let page = PreviewPage {
        t,
        course: copy.course.0,
        form,
        rendered: ui::markdown(&draft.text),
        draft,
        recipients: t.with("message-recipients", [("count", enrolled.into())]),
        has_recipients: enrolled > 0,
    };
    let title = t.get("preview-title");
    roster::framed(visit, copy, CourseTabs::Message, title).show(&page)
}

fn in_field(t: Text, fault: DraftFault) -> FieldProblem {
    let most = |most: usize| [("most", most.into())];
    match fault {
        DraftFault::NoSubject => wrong("subject", t.get("subject-missing")),
        DraftFault::LongSubject => wrong("subject", t.with("subject-long", most(LONGEST_SUBJECT))),
        DraftFault::NoText => wrong("text", t.get("text-missing")),
        DraftFault::LongText => wrong("text", t.with("text-long", most(LONGEST_TEXT))),
    }
}
