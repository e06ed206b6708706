//! The layout around a body, and refusals as pages.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use event::Language;

use crate::{
    Crumbs, Html, Problem, TEXTS, Tabs, Text, Visit, assets,
    navigation::{self, INBOX, Link},
};

/// A page about to be shown.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    visit: &'a Visit,
    title: String,
    status: StatusCode,
    has_errors: bool,
    crumbs: Option<Crumbs>,
    tabs: Option<Tabs>,
    unread: Option<u64>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(visit: &'a Visit, title: String, status: StatusCode) -> Self {
        Self { visit, title, status, has_errors: false, crumbs: None, tabs: None, unread: None }
    }

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

    /// As [`with_errors`](Self::with_errors), if there are any.
    #[must_use]
    pub fn with_errors_if(self, has_errors: bool) -> Self {
        if has_errors { self.with_errors() } else { self }
    }

    /// A page above this one; the highest first. They stand above the `h1`.
    #[must_use]
    pub fn crumb(self, address: impl Into<String>, label: impl Into<String>) -> Self {
        self.crumb_in(None, address, label)
    }

    /// A page above this one whose name is in a language of its own, as a course's title.
    #[must_use]
    pub fn crumb_in(
        mut self,
        language: impl Into<Option<Language>>,
        address: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let crumbs = self.crumbs.take().unwrap_or_else(|| Crumbs::new(self.visit));
        let language = language.into().filter(|language| *language != self.visit.language);
        self.crumbs = Some(crumbs.to(address, label, language));
        self
    }

    /// Sub-navigation above the `h1`: `.tabs(CourseTabs::Roster.of(&visit, course))`.
    #[must_use]
    pub fn tabs(mut self, tabs: Tabs) -> Self {
        self.tabs = Some(tabs);
        self
    }

    /// How many messages the visitor has not read: for those who know; elsewhere `estrade.js` asks.
    #[must_use]
    pub fn unread(mut self, count: u64) -> Self {
        self.unread = Some(count);
        self
    }

    /// Puts the layout around a body, which begins with its `h1`.
    ///
    /// # Errors
    /// As [`Html::render`].
    pub fn show(self, body: &impl Template) -> Result<Response, Problem> {
        let html = self.render(Html::render(body)?)?;
        Ok((self.status, axum::response::Html(html.to_string())).into_response())
    }

    pub(crate) fn render(&self, body: Html) -> Result<Html, Problem> {
        let visit = self.visit;
        let other = match visit.language {
            Language::En => Language::Fr,
            Language::Fr => Language::En,
        };
        let t = Text::new(&TEXTS, visit.language);
        Html::render(&Layout {
            t,
            title: &self.title,
            has_errors: self.has_errors,
            menu: navigation::main_menu(visit),
            personal: navigation::personal_menu(visit),
            person: visit.session.as_ref().map(|session| session.person.to_string()),
            here: visit.address_with("lang", None),
            elsewhere: visit.address_with("lang", Some(other.code())),
            other_language: other,
            crumbs: self.crumbs.as_ref().map(Crumbs::html),
            tabs: self.tabs.as_ref().map(Tabs::html),
            unread: self.unread.filter(|count| *count > 0),
            unread_in_words: t
                .with("unread-count", [("count", self.unread.unwrap_or_default().into())]),
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
    menu: Vec<Link>,
    personal: Vec<Link>,
    person: Option<String>,
    /// Where the visitor is, and the same in the other language.
    here: String,
    elsewhere: String,
    other_language: Language,
    crumbs: Option<Html>,
    tabs: Option<Html>,
    unread: Option<u64>,
    unread_in_words: String,
    body: Html,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    title: String,
    help: String,
    status: u16,
    detail: Option<&'a str>,
    foreign: Option<Language>,
    errors: Vec<&'a str>,
    home: String,
}

/// A refusal as a page, in the visitor's language.
pub(crate) fn refused(visit: &Visit, problem: &Problem) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let kind = match problem.status {
        status @ (400 | 401 | 403 | 404 | 405 | 409 | 413 | 422 | 429 | 503) => status.to_string(),
        _ => "other".to_owned(),
    };
    let title = t.get(&format!("refused-{kind}"));
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let in_words = problem.in_words(visit.language);
    let is_foreign = in_words.is_none() && problem.language != visit.language;
    let detail = in_words.unwrap_or(&problem.detail);
    let help = t.get(&format!("refused-{kind}-help"));
    // What nobody can do anything about need not be read in another language.
    let says_more = detail != help
        && (!is_foreign || matches!(problem.status, 400..=499 if !is_plain(problem.status)));
    let errors = problem.errors.iter().map(|error| error.detail.as_str());
    visit.page(title.clone()).status(status).show(&Refused {
        title,
        help,
        status: problem.status,
        detail: says_more.then_some(detail),
        foreign: is_foreign.then_some(problem.language),
        errors: errors.filter(|error| *error != detail).collect(),
        home: t.get("refused-home"),
    })
}

/// Refusals of which the title says all.
fn is_plain(status: u16) -> bool {
    matches!(status, 401 | 403 | 404 | 405)
}

/// What the service worker shows where there is no connection.
pub(crate) fn offline(visit: &Visit) -> Result<Response, Problem> {
    let t = Text::new(&TEXTS, visit.language);
    let title = t.get("offline-title");
    visit.page(title.clone()).show(&Offline {
        title,
        help: t.get("offline-help"),
        again: t.get("offline-again"),
    })
}

#[derive(Template)]
#[template(path = "offline.html")]
struct Offline {
    title: String,
    help: String,
    again: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use chrono::{DateTime, Utc};
    use event::{PersonId, Role};

    use super::*;
    use crate::{CourseTabs, Session};

    fn administrator(address: &str, language: Language) -> Visit {
        let session = Session {
            person: PersonId::new(),
            roles: vec![Role::Administrator, Role::Operator],
            language,
            expires: DateTime::<Utc>::MAX_UTC,
        };
        Visit::example(address, Some(session), language)
    }

    #[test]
    fn the_frame_has_its_parts_in_order() {
        let visit = administrator("/roster/c1", Language::Fr);
        let page = visit
            .page("Participants")
            .crumb("/teaching", "Enseigner")
            .crumb_in(Language::En, "/teaching/c1", "Driving")
            .tabs(CourseTabs::Roster.of(&visit, "c1"));
        let html = page.render(Html::trusted("<h1>Participants</h1>".to_owned())).unwrap();
        let at = |part: &str| html.as_str().find(part).ok_or(part).unwrap();
        let order = [
            "<html lang=\"fr\">",
            "<title>Participants · Estrade</title>",
            "class=\"skip\"",
            "<header",
            "data-unread",
            "<main",
            "class=\"crumbs\"",
            "lang=\"en\">Driving",
            "class=\"tabs\"",
            "<h1>",
            "<footer>",
        ];
        let places: Vec<usize> = order.iter().map(|part| at(part)).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert!(!html.as_str().contains('⟦'), "{html}");
        assert!(!html.as_str().contains("style=\"") && !html.as_str().contains("onclick"));
    }

    /// On a telephone the menu is closed.
    #[test]
    fn the_number_of_unread_messages_stands_in_the_menu_and_on_its_button() {
        let visit = administrator("/inbox", Language::En);
        let html = visit.page("Inbox").unread(3).render(Html::default()).unwrap();
        let (before, menu) = html.as_str().split_once("<nav id=\"menu\"").unwrap();
        let button = before.split_once("<button class=\"menu-button\"").unwrap().1;
        for part in [button, menu] {
            assert_eq!(part.matches("<span aria-hidden=\"true\">3</span>").count(), 1, "{part}");
            assert_eq!(part.matches("<span class=\"sr\">").count(), 1, "{part}");
            assert_eq!(part.matches("data-unread=").count(), 1, "{part}");
        }
        let nobody = Visit::example("/", None, Language::En);
        let html = nobody.page("x").render(Html::default()).unwrap();
        assert!(!html.as_str().contains("data-unread"), "{html}");
    }

    #[test]
    fn a_page_and_its_parts_are_light() {
        let visit = administrator("/", Language::Fr);
        let frame = visit.page("x").render(Html::default()).unwrap();
        assert!(frame.as_str().len() < 6_000, "{}", frame.as_str().len());
        assert!(assets::STYLE.size() < 22_500, "style: {}", assets::STYLE.size());
        assert!(assets::SCRIPT.size() < 3_000, "script: {}", assets::SCRIPT.size());
        assert!(assets::SCRIPT_FOLLOW.size() < 6_000, "{}", assets::SCRIPT_FOLLOW.size());
        assert!(assets::SCRIPT_FORMS.size() < 10_500, "{}", assets::SCRIPT_FORMS.size());
        assert!(assets::SCRIPT_MORE.size() < 3_500, "{}", assets::SCRIPT_MORE.size());
    }

    /// Unoptimised; a release is some ten times faster.
    #[test]
    fn the_frame_is_made_quickly() {
        let visit = administrator("/", Language::Fr);
        let made = |_| {
            let start = Instant::now();
            visit.page("x").render(Html::default()).unwrap();
            start.elapsed()
        };
        let quickest = (0..50).map(made).min().unwrap();
        assert!(quickest < Duration::from_millis(10), "{quickest:?}");
    }
}
