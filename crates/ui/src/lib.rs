//! What every service's outside has in common: who is asking ([`Session`]), what a refusal looks
//! like ([`Problem`]), reading hostile input ([`Json`], [`Path`], [`Query`], [`Submitted`]), language
//! ([`text`], [`Text`], [`Locale`]), layout ([`Visit`], [`Page`], [`Form`]), [`markdown`], dates and numbers.
//!
//! A session is sealed with a key that all services share, so that each reads it by itself: no
//! service asks another who somebody is. This crate knows no service, no database and no event.
//!
//! # Writing a service's pages
//! The words stand in `locales/en/main.ftl` and `locales/fr/main.ftl` beside the service's `Cargo.toml`,
//! which depends on `ui`, `askama` and `fluent-templates`:
//! ```text
//! courses-title = Courses
//! courses-count = { $count ->
//!     [one] { $count } course
//!    *[other] { $count } courses
//! }
//! ```
//! The body of a page is a template of the service, `templates/courses.html`; it begins with its `h1`,
//! and the layout goes around it:
//! ```text
//! <h1>{{ t.get("courses-title") }}</h1>
//! <p>{{ t.with("courses-count", [("count", courses.len().into())]) }}</p>
//! <ul class="cards">{% for course in courses %}
//! <li class="card"><h2><a href="/courses/{{ course.id }}">{{ course.title }}</a></h2>{{ course.summary }}
//! <p class="quiet">{{ ui::format_date(course.published, t.language(), zone) }}</p></li>
//! {% endfor %}</ul>
//! ```
//! In `pages.rs`, whose state gives a [`Ui`] through `FromRef`:
//! ```text
//! ui::texts!(pub(crate) TEXTS);            // once in the crate, in lib.rs or pages.rs
//!
//! #[derive(askama::Template)]
//! #[template(path = "courses.html")]
//! struct Courses { t: ui::Text, zone: ui::Tz, courses: Vec<Course> }   // summary: ui::Html
//!
//! async fn courses(State(db): State<Db>, visit: ui::Visit) -> Result<Response, Problem> {
//!     let session = visit.session()?;      // only for those who are signed in; others are led to /sign-in
//!     let t = ui::Text::new(&TEXTS, visit.language);
//!     let courses = store::courses(&db, session.person).await.map_err(|error| Problem::unavailable(&error))?;
//!     visit.page(t.get("courses-title")).show(&Courses { t, zone: visit.zone, courses })
//! }
//! ```
//! Any [`Problem`] that a page returns is shown as a page, by [`secure`], which the binary puts around all
//! routes. Outside templates: `ui::text(&TEXTS, language, "key")` and
//! `ui::text_with(&TEXTS, language, "key", &[("name", name.into())])`. Lessons: `ui::markdown(text)` gives
//! an [`Html`] that templates print as it is. Forms: [`Form`] and [`Field`], read back with [`Submitted`];
//! with errors: `visit.page(title).with_errors().show(..)`. Forms need no token: [`secure`] refuses what
//! other sites post. Links to a page after a POST: `axum::response::Redirect::to("/courses")` (303).
//! Classes in the style sheet: `cards`, `card`, `button`, `button second`, `plain`, `notice`, `quiet`,
//! `wide` (around a table that may be wider than the screen).

mod assets;
mod cookie;
mod extract;
mod form;
mod format;
mod html;
mod locale;
mod markdown;
mod page;
mod problem;
mod seal;
mod secure;
mod session;
mod text;

pub use extract::{Json, Path, Query, Submitted};
pub use form::{Field, Form};
pub use format::{
    Tz, format_date, format_date_time, format_number, format_percent, format_time, time_zone,
};
pub use html::Html;
pub use locale::Locale;
pub use markdown::{markdown, markdown_for_mail};
pub use page::{Page, Visit, ZONE_COOKIE};
pub use problem::{FieldProblem, Problem};
pub use seal::{SealingKey, Unsealable};
pub use secure::{local_path, secure};
pub use session::{MaybeSession, Session};
pub use text::{Argument, StaticLoader, Text, text, text_with, untranslated};

texts!(pub(crate) TEXTS);

use std::sync::Arc;

/// What every service's routes need besides its database. Cheap to clone.
#[derive(Clone)]
pub struct Ui {
    inner: Arc<Inner>,
}

struct Inner {
    key: SealingKey,
    base_url: String,
}

impl Ui {
    /// `base_url` is how people reach the platform, without a slash at its end.
    #[must_use]
    pub fn new(key: SealingKey, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { inner: Arc::new(Inner { key, base_url }) }
    }

    #[must_use]
    pub fn key(&self) -> &SealingKey {
        &self.inner.key
    }

    /// How people reach the platform, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// Whether cookies may travel over TLS alone.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.inner.base_url.starts_with("https://")
    }
}

/// What one service brings to the outside.
pub struct Routes {
    /// JSON under `/api/v1`, described.
    pub api: utoipa_axum::router::OpenApiRouter,
    /// HTML.
    pub pages: axum::Router,
}
