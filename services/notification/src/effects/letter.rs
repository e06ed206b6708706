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
    words::{Setting, TEXTS, Words, decimal, words},
};

/// The purpose for which unsubscribe links are sealed.
const UNSUBSCRIBE: &str = "unsubscribe";
const LARGEST_ATTACHMENT: u64 = 10 * 1024 * 1024;
const LONGEST_NAME: usize = 100;
const LONGEST_LINE: usize = 300;
/// Stands for the subject in the title while the MJML is rendered: mrml writes the title into an
/// attribute as Rust prints strings, which shows French spaces as `\u{a0}`.
const SUBJECT_HERE: &str = "subject-of-this-mail";
/// Stands for what an instructor wrote, which is HTML already.
const MESSAGE_HERE: &str = "message-of-this-mail";

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
        let words = self.words(job)?;
        let unsubscribe = self.unsubscribe_link(job).map_err(refused)?;
        let content = Content::of(job, &words, unsubscribe.as_deref(), &self.shared);
        let text = content.text().map_err(refused)?;
        let html = content.html(&job.notice).map_err(EffectFailure::Refused)?;
        self.assemble(job, &content, body(job, text, html, attachment))
    }

    /// What opens something is unsealed here, and stands in the mail alone.
    fn words(&self, job: &MailJob) -> Result<Words, EffectFailure> {
        let zone = job.zone.as_deref().and_then(ui::time_zone).unwrap_or(ui::Tz::UTC);
        let setting = Setting { zone, ..Setting::of(job.language, &self.shared.base_url) };
        let words = words(setting, &job.notice, job.course.as_ref());
        let (Notice::PasswordReset { link, .. }
        | Notice::AddressChange { link, .. }
        | Notice::Invitation { link, .. }) = &job.notice
        else {
            return Ok(words);
        };
        let path = self.shared.key.open_link(link).map_err(|_| {
            let cause = "the link does not open: was the platform's key changed?";
            EffectFailure::Refused(cause.to_owned())
        })?;
        let link = format!("{}/{}", self.shared.base_url, path.trim_start_matches('/'));
        Ok(Words { link, ..words })
    }

    fn assemble(
        &self,
        job: &MailJob,
        content: &Content<'_>,
        body: MultiPart,
    ) -> Result<Message, EffectFailure> {
        let address: Address = job.mail.parse().map_err(|_| {
            EffectFailure::Refused("the account's mail address is no mail address".to_owned())
        })?;
        let name = one_line(&job.name, LONGEST_NAME);
        let mut message = Message::builder()
            .from(self.from(content))
            .to(Mailbox::new((!name.is_empty()).then_some(name), address))
            .subject(content.words.subject.clone())
            .date(job.at.into())
            .message_id(Some(format!("<{}@{}>", job.delivery, self.host())));
        if let Some(unsubscribe) = content.unsubscribe_link {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{unsubscribe}>")))
                .raw_header(header(
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click".to_owned(),
                ));
        }
        message
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(header("Content-Language", job.language.code().to_owned()))
            .multipart(body)
            .map_err(refused)
    }

    /// From the operator's address, in the organisation's name.
    fn from(&self, content: &Content<'_>) -> Mailbox {
        let name = (!content.platform.is_empty()).then(|| content.platform.clone());
        Mailbox::new(name, self.shared.config.from.email.clone())
    }

    /// None where there is nothing to unsubscribe from: somebody asked for this very mail.
    fn unsubscribe_link(&self, job: &MailJob) -> Result<Option<String>, ui::Unsealable> {
        let kind = job.notice.kind();
        if !kind.is_chosen() {
            return Ok(None);
        }
        let token = Unsubscribe { person: job.person, kind }.token(&self.shared)?;
        Ok(Some(format!("{}/notifications/unsubscribe/{token}", self.shared.base_url)))
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
    /// Who writes.
    platform: String,
    platform_url: &'a str,
    /// The organisation's address and what the law wants it to say, if it said so.
    about: Vec<String>,
    greeting: String,
    words: &'a Words,
    /// What an instructor wrote, in Markdown.
    message: Option<&'a str>,
    /// A mark or a code, large, with what it is.
    highlight: Option<(String, String)>,
    attached: Option<String>,
    why: String,
    unsubscribe: String,
    unsubscribe_link: Option<&'a str>,
    /// Only who has an account has settings.
    preferences: Option<String>,
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
#[template(path = "mail-message.mjml", escape = "html")]
struct MessageMail<'a> {
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
    fn of(
        job: &'a MailJob,
        words: &'a Words,
        unsubscribe_link: Option<&'a str>,
        shared: &'a Shared,
    ) -> Self {
        let language = job.language;
        let say = |key: &str| ui::text(&TEXTS, language, key);
        let name = one_line(&job.name, LONGEST_NAME);
        let platform = platform(job, shared);
        // What goes to another address than the account's may be read by somebody else.
        let has_account =
            job.notice.kind() != Kind::Invitation && job.notice.addressed_to().is_none();
        Self {
            language,
            platform_url: &shared.base_url,
            about: about(job),
            greeting: ui::text_with(&TEXTS, language, "mail-greeting", &[("name", name.into())]),
            words,
            message: match &job.notice {
                Notice::Message { text, .. } => Some(text),
                _ => None,
            },
            highlight: highlight(job),
            attached: matches!(job.notice, Notice::CertificateIssued { .. })
                .then(|| say("certificate-issued-attached")),
            why: why(job, &platform),
            unsubscribe: say("mail-unsubscribe"),
            unsubscribe_link,
            preferences: has_account.then(|| say("mail-preferences")),
            platform,
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
            (Notice::Message { .. }, _, _) => MessageMail { it: self }.render(),
            _ => PlainMail { it: self }.render(),
        };
        let mjml = mjml.map_err(|error| error.to_string())?;
        let parsed = mrml::parse(&mjml)
            .map_err(|error| format!("the {} mail's MJML: {error}", kind_code(notice.kind())))?;
        let html = parsed
            .element
            .render(&RenderOptions::default())
            .map_err(|error| format!("the {} mail's HTML: {error}", kind_code(notice.kind())))?;
        let html = html.replace(SUBJECT_HERE, &escaped(&self.words.subject));
        Ok(match self.message {
            Some(text) => html.replace(MESSAGE_HERE, ui::markdown_for_mail(text).as_str()),
            None => html,
        })
    }
}

/// What the organisation calls itself, or the configuration calls it.
fn platform(job: &MailJob, shared: &Shared) -> String {
    let own = job.sender.as_ref().map(|sender| one_line(&sender.name, LONGEST_NAME));
    own.filter(|name| !name.is_empty()).unwrap_or_else(|| shared.config.platform_name.clone())
}

fn about(job: &MailJob) -> Vec<String> {
    let Some(sender) = &job.sender else {
        return Vec::new();
    };
    let lines = sender.address.iter().map(String::as_str).chain(sender.mentions.lines());
    lines.map(|line| one_line(line, LONGEST_LINE)).filter(|line| !line.is_empty()).collect()
}

fn why(job: &MailJob, platform: &str) -> String {
    let key = match job.notice.kind() {
        Kind::PasswordReset => "mail-why-password",
        Kind::AddressChange => "mail-why-address",
        Kind::AddressChanged => "mail-why-former",
        Kind::Invitation => "mail-why-invitation",
        _ => "mail-why",
    };
    ui::text_with(&TEXTS, job.language, key, &[("platform", platform.into())])
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
        _ => None,
    }
}

#[cfg(test)]
mod tests;
