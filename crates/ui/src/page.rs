//! What stands around every page: [`Visit`] knows who came, [`Page`] puts the layout around a body.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
};
use chrono_tz::Tz;
use event::Language;

use crate::{Html, Problem, Session, TEXTS, Text, Ui, assets, cookie, locale, time_zone};

/// The cookie in which `identity` leaves a person's time zone.
pub const ZONE_COOKIE: &str = "estrade_zone";

/// Who came to a page, and how they read. Take it as an argument of every page's handler.
#[derive(Clone, Debug)]
pub struct Visit {
    pub session: Option<Session>,
    pub language: Language,
    pub zone: Tz,
    path: String,
}

impl<S> FromRequestParts<S> for Visit
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&Ui::from_ref(state), &parts.uri, &parts.headers))
    }
}

impl Visit {
    pub(crate) fn read(ui: &Ui, uri: &Uri, headers: &HeaderMap) -> Self {
        let session = Session::from_headers(ui.key(), headers);
        let language = match &session {
            Some(session) => session.language,
            None => locale::negotiate(uri.query(), headers),
        };
        let zone = cookie::value(headers, ZONE_COOKIE).and_then(time_zone).unwrap_or(Tz::UTC);
        Self { session, language, zone, path: uri.path().to_owned() }
    }

    /// The session, for pages of those who are signed in; whoever is not is led to sign in and back.
    ///
    /// # Errors
    /// 401, which [`secure`](crate::secure) turns into the way to `/sign-in`.
    pub fn session(&self) -> Result<&Session, Problem> {
        self.session.as_ref().ok_or_else(|| Problem::unauthorised("sign in first"))
    }

    /// A page with this title, in the visitor's language.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page<'_> {
        Page { visit: self, title: title.into(), status: StatusCode::OK, has_errors: false }
    }
}

/// A page about to be shown.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    visit: &'a Visit,
    title: String,
    status: StatusCode,
    has_errors: bool,
}

impl Page<'_> {
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Answers 422 and says in the title that something is wrong, as a form with errors should.
    #[must_use]
    pub fn with_errors(mut self) -> Self {
        self.has_errors = true;
        self.status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Puts the layout around a body, which begins with its `h1`.
    ///
    /// # Errors
    /// As [`Html::render`].
    pub fn show(self, body: &impl Template) -> Result<Response, Problem> {
        let html = self.render(Html::render(body)?)?;
        Ok((self.status, axum::response::Html(html.to_string())).into_response())
    }

    fn render(&self, body: Html) -> Result<Html, Problem> {
        let visit = self.visit;
        let other = match visit.language {
            Language::En => Language::Fr,
            Language::Fr => Language::En,
        };
        Html::render(&Layout {
            t: Text::new(&TEXTS, visit.language),
            title: &self.title,
            has_errors: self.has_errors,
            style: assets::STYLE.address(),
            icon: assets::ICON.address(),
            links: links(visit),
            is_signed_in: visit.session.is_some(),
            path: &visit.path,
            other_language: visit.session.is_none().then_some(other),
            body,
        })
    }
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    t: Text,
    title: &'a str,
    has_errors: bool,
    style: &'a str,
    icon: &'a str,
    links: Vec<Link>,
    is_signed_in: bool,
    path: &'a str,
    other_language: Option<Language>,
    body: Html,
}

struct Link {
    address: &'static str,
    key: &'static str,
    is_current: bool,
}

fn links(visit: &Visit) -> Vec<Link> {
    let signed_in: &[_] = &[
        ("/courses", "courses"),
        ("/learning", "learning"),
        ("/inbox", "inbox"),
        ("/certificates", "certificates"),
        ("/account", "account"),
    ];
    let others: &[_] =
        &[("/courses", "courses"), ("/sign-in", "sign-in"), ("/register", "register")];
    let shown = if visit.session.is_some() { signed_in } else { others };
    let link = |&(address, key): &(&'static str, &'static str)| {
        let is_current = visit
            .path
            .strip_prefix(address)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Link { address, key, is_current }
    };
    shown.iter().map(link).collect()
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    title: String,
    help: String,
    detail: &'a str,
    foreign: Option<Language>,
    home: String,
}

/// A refusal as a page, in the visitor's language.
pub(crate) fn refused(visit: &Visit, problem: &Problem) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let kind = match problem.status {
        status @ (400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503) => status.to_string(),
        _ => "other".to_owned(),
    };
    let title = t.get(&format!("refused-{kind}"));
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    visit.page(title.clone()).status(status).show(&Refused {
        title,
        help: t.get(&format!("refused-{kind}-help")),
        detail: &problem.detail,
        foreign: (problem.language != visit.language).then_some(problem.language),
        home: t.get("refused-home"),
    })
}
