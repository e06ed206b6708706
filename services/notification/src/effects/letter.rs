//! Composing a mail: words, MJML to HTML, a text part, the headers that let people unsubscribe with
//! one click, and the certificate's PDF.

use std::sync::Arc;

use askama::Template;
use bus::{EffectFailure, Files};
use event::{FileReference, Language, PersonId};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use mrml::prelude::render::RenderOptions;
use serde::{Deserialize, Serialize};

use crate::{
    commands::Shared,
    domain::{Kind, MailJob, Notice, kind_code, one_line},
    words::{TEXTS, Words, decimal, words},
};

/// The purpose for which unsubscribe links are sealed.
const UNSUBSCRIBE: &str = "unsubscribe";
const LARGEST_ATTACHMENT: u64 = 10 * 1024 * 1024;
const LONGEST_NAME: usize = 100;
/// Stands for the subject in the title while the MJML is rendered: mrml writes the title into an
/// attribute as Rust prints strings, which shows French spaces as `\u{a0}`.
const SUBJECT_HERE: &str = "subject-of-this-mail";

/// What an unsubscribe link holds, sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unsubscribe {
    pub(crate) person: PersonId,
    pub(crate) kind: Kind,
}

impl Unsubscribe {
    pub(crate) fn open(shared: &Shared, token: &str) -> Option<Self> {
        shared.key.open(UNSUBSCRIBE, token).ok()
    }

    pub(crate) fn token(&self, shared: &Shared) -> Result<String, ui::Unsealable> {
        shared.key.seal(UNSUBSCRIBE, self)
    }
}

/// Composes mails.
pub(crate) struct Letters {
    shared: Arc<Shared>,
    files: Files,
}

impl Letters {
    pub(crate) fn new(shared: Arc<Shared>, files: Files) -> Self {
        Self { shared, files }
    }

    /// The name of this platform's host, as it greets mail servers.
    pub(crate) fn host(&self) -> &str {
        host(&self.shared.base_url)
    }

    pub(crate) async fn compose(&self, job: &MailJob) -> Result<Message, EffectFailure> {
        let attachment = match &job.notice {
            Notice::CertificateIssued { pdf, .. } => Some(self.attachment(job, pdf).await?),
            _ => None,
        };
        let words = words(job.language, &job.notice, &job.course, &self.shared.base_url);
        let unsubscribe = self.unsubscribe_link(job).map_err(refused)?;
        let content = Content::of(job, &words, &unsubscribe, &self.shared);
        let text = content.text().map_err(refused)?;
        let html = content.html(&job.notice).map_err(EffectFailure::Refused)?;
        self.assemble(job, words.subject, &unsubscribe, body(job, text, html, attachment))
    }

    fn assemble(
        &self,
        job: &MailJob,
        subject: String,
        unsubscribe: &str,
        body: MultiPart,
    ) -> Result<Message, EffectFailure> {
        let address: Address = job.mail.parse().map_err(|_| {
            EffectFailure::Refused("the account's mail address is no mail address".to_owned())
        })?;
        let name = one_line(&job.name, LONGEST_NAME);
        Message::builder()
            .from(self.shared.config.from.clone())
            .to(Mailbox::new((!name.is_empty()).then_some(name), address))
            .subject(subject)
            .date(job.at.into())
            .message_id(Some(format!("<{}@{}>", job.delivery, self.host())))
            .raw_header(header("List-Unsubscribe", format!("<{unsubscribe}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(header("Content-Language", job.language.code().to_owned()))
            .multipart(body)
            .map_err(refused)
    }

    fn unsubscribe_link(&self, job: &MailJob) -> Result<String, ui::Unsealable> {
        let token =
            Unsubscribe { person: job.person, kind: job.notice.kind() }.token(&self.shared)?;
        Ok(format!("{}/notifications/unsubscribe/{token}", self.shared.base_url))
    }

    async fn attachment(
        &self,
        job: &MailJob,
        pdf: &FileReference,
    ) -> Result<SinglePart, EffectFailure> {
        if pdf.size > LARGEST_ATTACHMENT {
            let cause = format!("the certificate is too large to be attached: {} bytes", pdf.size);
            return Err(EffectFailure::Refused(cause));
        }
        let bytes = self.files.get(pdf).await.map_err(|error| match error {
            bus::FilesError::Altered(_) => EffectFailure::Refused(error.to_string()),
            _ => EffectFailure::Retry(error.to_string()),
        })?;
        let name = ui::text(&TEXTS, job.language, "certificate-file");
        let kind = ContentType::parse("application/pdf").map_err(refused)?;
        Ok(Attachment::new(name).body(bytes.to_vec(), kind))
    }
}

fn refused(error: impl std::fmt::Display) -> EffectFailure {
    EffectFailure::Refused(format!("the mail cannot be composed: {error}"))
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Text and HTML, and beside them what is attached. The boundaries are those of the delivery, so that
/// the same mail composed again is the same.
fn body(job: &MailJob, text: String, html: String, attachment: Option<SinglePart>) -> MultiPart {
    let boundary = |part: &str| format!("{part}-{}", job.delivery.0.simple());
    let both = MultiPart::alternative()
        .boundary(boundary("words"))
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::html(html));
    match attachment {
        Some(attachment) => {
            MultiPart::mixed().boundary(boundary("parts")).multipart(both).singlepart(attachment)
        }
        None => both,
    }
}

fn host(base_url: &str) -> &str {
    let after = base_url.split_once("://").map_or(base_url, |(_, after)| after);
    let authority = after.split('/').next().unwrap_or(after);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.split_once(']') {
        Some((literal, _)) => literal.trim_start_matches('['),
        None => host.split(':').next().unwrap_or(host),
    };
    if host.is_empty() { "localhost" } else { host }
}

/// What the templates say, ready.
struct Content<'a> {
    language: Language,
    platform: &'a str,
    platform_url: &'a str,
    greeting: String,
    words: &'a Words,
    /// A mark or a code, large, with what it is.
    highlight: Option<(String, String)>,
    attached: Option<String>,
    why: String,
    unsubscribe: String,
    unsubscribe_link: &'a str,
    preferences: String,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct TextPart<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "mail-plain.mjml", escape = "html")]
struct PlainMail<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "mail-mark.mjml", escape = "html")]
struct MarkMail<'a> {
    it: &'a Content<'a>,
    highlight: &'a (String, String),
    passed: bool,
}

#[derive(Template)]
#[template(path = "mail-certificate.mjml", escape = "html")]
struct CertificateMail<'a> {
    it: &'a Content<'a>,
    highlight: &'a (String, String),
    attached: &'a str,
}

impl<'a> Content<'a> {
    fn of(job: &MailJob, words: &'a Words, link: &'a str, shared: &'a Shared) -> Self {
        let language = job.language;
        let say = |key: &str| ui::text(&TEXTS, language, key);
        let name = one_line(&job.name, LONGEST_NAME);
        let platform = &shared.config.platform_name;
        Self {
            language,
            platform,
            platform_url: &shared.base_url,
            greeting: ui::text_with(&TEXTS, language, "mail-greeting", &[("name", name.into())]),
            words,
            highlight: highlight(job),
            attached: matches!(job.notice, Notice::CertificateIssued { .. })
                .then(|| say("certificate-issued-attached")),
            why: ui::text_with(
                &TEXTS,
                language,
                "mail-why",
                &[("platform", platform.as_str().into())],
            ),
            unsubscribe: say("mail-unsubscribe"),
            unsubscribe_link: link,
            preferences: say("mail-preferences"),
        }
    }

    fn text(&self) -> Result<String, askama::Error> {
        TextPart { it: self }.render()
    }

    fn html(&self, notice: &Notice) -> Result<String, String> {
        let mjml = match (notice, &self.highlight, &self.attached) {
            (Notice::QuizGraded { passed, .. }, Some(highlight), _) => {
                MarkMail { it: self, highlight, passed: *passed }.render()
            }
            (Notice::CertificateIssued { .. }, Some(highlight), Some(attached)) => {
                CertificateMail { it: self, highlight, attached }.render()
            }
            _ => PlainMail { it: self }.render(),
        };
        let mjml = mjml.map_err(|error| error.to_string())?;
        let parsed = mrml::parse(&mjml)
            .map_err(|error| format!("the {} mail's MJML: {error}", kind_code(notice.kind())))?;
        let html = parsed
            .element
            .render(&RenderOptions::default())
            .map_err(|error| format!("the {} mail's HTML: {error}", kind_code(notice.kind())))?;
        Ok(html.replace(SUBJECT_HERE, &escaped(&self.words.subject)))
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn highlight(job: &MailJob) -> Option<(String, String)> {
    let say = |key: &str| ui::text(&TEXTS, job.language, key);
    match &job.notice {
        Notice::QuizGraded { mark, out_of, .. } => {
            let (mark, out_of) = (decimal(job.language, mark), decimal(job.language, out_of));
            Some((say("mail-mark"), format!("{mark} / {out_of}")))
        }
        Notice::CertificateIssued { code, .. } => Some((say("mail-code"), one_line(code, 60))),
        Notice::Enrolment { .. } | Notice::NewLesson { .. } => None,
    }
}

#[cfg(test)]
mod tests;
