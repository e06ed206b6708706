//! What every service's outside has in common: who is asking ([`Session`]), what a refusal looks
//! like ([`Problem`]), reading hostile input ([`Json`], [`Path`], [`Query`], [`Submitted`]), language
//! ([`text`], [`Text`], [`Locale`]), layout ([`Visit`], [`Page`], [`Form`]), [`live`] pages, [`markdown`],
//! dates and numbers.
//!
//! A session is sealed with a key that all services share, so that each reads it by itself: no
//! service asks another who somebody is. Which are over before their time each service is told, and tells the
//! extractors here ([`Ui::with_sessions`]). This crate knows no service, no database and no event.
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
//! In `pages.rs`, whose state gives a [`Ui`] [`with_sessions`](Ui::with_sessions) through `FromRef`:
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
//! routes; `problem.worded(&TEXTS, "key", [])` says it to people in their language. Outside templates:
//! `ui::text(&TEXTS, language, "key")`. Lessons: `ui::markdown(text)` gives an [`Html`] that templates print
//! as it is. Links to a page after a POST: `axum::response::Redirect::to("/courses")` (303).
//!
//! ## Where one is
//! ```text
//! visit.page(t.get("roster-title"))
//!     .crumb("/teaching", t.get("teaching")).crumb_in(course.language, "/teaching/…", &course.title)
//!     .tabs(ui::CourseTabs::Roster.of(&visit, course.id))   // AdministrationTabs::People.of(&visit), AccountTabs::…
//!     .show(&Roster { .. })                                 // your own: Tabs::new(label).tab(address, label, is_current)
//! ```
//! Crumbs and tabs stand above the `h1`; the template does not repeat them. The main menu follows the role
//! by itself. `visit.require(&[Role::Instructor, Role::Administrator])?` gives the session or refuses.
//! A course's titles are in its language: print `lang` beside them; in a message, [`titled`] and [`Text::mark`] do it.
//! Lists: `let pager = Pager::counted(visit.page_number(), 25, total);`, of which `pager.page()` is read, or
//! `Pager::open(page, has_next)`; `pager: pager.html(&visit)` is printed with `{{ pager }}`; links for sorting and
//! narrowing: `visit.address_with("sort", Some("name"))`. Moments: `{{ visit.moment(at) }}`, `visit.ago(at, now)`.
//!
//! ## Forms
//! [`Form`] and [`Field`]: text, mail, password, search, number, date, date_time, time, area, select, radio,
//! checks, tick, file, files, hidden. `.section(title)` begins a group, `.section_body(html)` stands beside its fields;
//! `.button_named("action", "publish")` and `.second_button("Save draft", "action", "draft")`;
//! `.back(address, label)`; `.dangerous()`; `.autosave(address)`, `.kept()`; [`Form::search`] for GET.
//! [`Confirm`] is the page before what cannot be undone.
//! Read back with [`Submitted`]`<T>`; `Submitted<Answers>` where names repeat (checks) or are not known
//! beforehand; [`Upload`]`<{ bytes }>` where there is a file (`upload.file("csv")`, `.read::<T>().await?`,
//! `.answers`), [`PartialUpload`] where something is typed beside it. [`parse_local`] and [`parse_number`] read moments
//! and numbers as people write them. With errors: `visit.page(title).with_errors_if(!errors.is_empty()).show(..)`.
//! Forms need no token: [`secure`] refuses what other sites post.
//!
//! ## Live parts, and what `estrade.js` does
//! All of it is asked for by attributes, and nothing needs it. [`live`] is the other half of `data-live`:
//! ```text
//! async fn attempt_live(State(app): State<App>, visit: Visit, Path(id): Path<..>) -> Result<Response, Problem> {
//!     visit.session()?;                            // and whose it is, as on the page
//!     ui::live(&app.ui, &visit, move || { let db = app.db.clone(); async move { store::state(&db, id).await } })
//! }                                                // one small statement: a version, a count, a latest time
//! ```
//! * `<section id="result" data-live="/attempts/…/live" data-live-said="Your result is there">`: taken anew from
//!   this page whenever the stream says so; once the new page's element has no `data-live` it stops. Leave forms
//!   that people write in outside of it. `?seen=` with a [`fingerprint`] of what the page shows (its only query)
//!   spares the first fetch.
//! * `<form data-autosave="/attempts/…/answers">` posts the form's fields there as they are given; answer 204. What
//!   the service does not have yet is kept in the browser, and the form itself goes once it has all. All fields go,
//!   hidden ones too, so that they can say what was edited: 409 means changed elsewhere (it stops, and the form goes
//!   as it is); 400, 413, 422 mean not like this (it goes on with the next change), and the problem's `errors`, in the
//!   reader's language, are shown beside the fields whose ids they name. Where fieldsets have a hidden `seen-…`, those
//!   that changed go alone, with this field and the page's name in `page`; a problem with `"rest": "saved"` says that
//!   all is saved but its errors, and one of these with `saved: { seen, values }` was changed elsewhere: either can be
//!   chosen. A hidden field `counter` is raised before each sending. `<p class="saving" data-autosave-state></p>` inside
//!   says how it stands (made if it is not there; `data-saved`, `data-saving`, `data-restored`, `data-offline`,
//!   `data-conflict`, `data-refused` on it: other words; `data-mine`, `data-theirs`: the two choices). Elsewhere
//!   `data-closed` with that address says that nothing more is taken there: what is kept for it goes.
//!   A hidden field `seen` takes what the answer's header `estrade-seen` says. `data-kept` in place of the address:
//!   what is written is kept on the device alone; `data-unsaved="send"` or `"wait"`: see [`Unsaved`].
//! * `<section data-push hidden data-on=".." data-off=".." data-refused=".." data-failed=".."><button type="button"></button>
//!   <p role="status"></p></section>` turns push on and off; it is on where the page lists this browser's `data-endpoint`,
//!   and the page is loaded anew after it.
//! * `<button type="button" hidden data-share="/verify/…" data-title="..">` shares an address, or copies it;
//!   `data-keys` around links with `rel="prev"` and `rel="next"` lets arrow keys leaf: they say so in
//!   `aria-keyshortcuts`, and a hint of the class `keys` to those who see.
//! * The count of unread messages is asked from `/inbox/unread` (a number as text), followed at `/inbox/live`, by one
//!   window for all windows of a browser; of other streams four are open at once, and who has none asks now and then.
//!
//! ## Classes
//! `head` (h1 and `actions` side by side), `lead`, `actions`, `toolbar`, `two` (text and an aside), `hero`;
//! `cards`/`card`, `stack`, `rows` (a list of `li` with a first child and what stands at its end; `new` inside is
//! bold), `empty` (nothing here yet: what to do), `stats` (`dl` of `div` with `dt`, `dd`), `facts` (`dl`), `timeline`
//! and `moments` (`ol`; `.quiet` inside is the time), `steps` (`ol`; `li.done`, `li[aria-current=step]`);
//! `pill` + `good`/`warn`/`bad`/`info` (always with a word), `notice` + the same, `verdict right`/`none`;
//! `button`, `second`, `danger`, `plain`, `icon`, `small`; `links` (a list of small ways on), `split` (what it is and
//! what to do side by side), `panel` (a form alone on its page), `tinted` with [`tint`] (a course's colour on a `card`
//! or `hero`); `wide` (around a table that may be wider than the screen:
//! `tabindex="0" role="region" aria-label`; with `stacked` its rows are one below the other on a telephone, each cell after
//! what its `data-label` says), `number` (cells), `quiet`, `small`, `nowrap`, `sr` (for screen readers
//! alone), `prose` (as `article`: text to read at length), `leaf` (previous and next). `progress` needs a label.

mod assets;
mod cookie;
mod extract;
mod form;
mod format;
mod html;
mod live;
mod locale;
mod markdown;
mod navigation;
mod page;
mod pager;
mod problem;
mod pwa;
mod seal;
mod secure;
mod session;
mod text;
mod tint;
mod title;
mod upload;
mod visit;

pub use assets::{Asset, default_logo};
pub use extract::{Answers, Json, Path, Query, Submitted};
pub use form::{Confirm, Field, Form, Unsaved};
pub use format::{
    Tz, format_date, format_date_time, format_duration, format_number, format_percent,
    format_relative, format_size, format_time, parse_local, parse_number, time_zone,
};
pub use html::Html;
pub use live::{fingerprint, live};
pub use locale::Locale;
pub use markdown::{markdown, markdown_for_mail};
pub use navigation::{AccountTabs, AdministrationTabs, CourseTabs, Crumbs, Tabs};
pub use page::Page;
pub use pager::Pager;
pub use problem::{FieldProblem, Problem};
pub use seal::{SealingKey, Unsealable};
pub use secure::{local_path, secure};
pub use session::{MaybeSession, Session};
pub use text::{Argument, StaticLoader, Text, sentence, text, text_with, untranslated};
pub use tint::tint;
pub use title::titled;
pub use upload::{PartialUpload, Upload, UploadedFile};
pub use visit::{Visit, ZONE_COOKIE};

texts!(pub(crate) TEXTS);

use std::{error::Error, future::Future, sync::Arc};

use chrono::{DateTime, Utc};
use event::PersonId;
use futures::{FutureExt, TryFutureExt};

/// What every service's routes need besides its database. Cheap to clone.
#[derive(Clone)]
pub struct Ui {
    inner: Arc<Inner>,
    /// Without it nobody is let in.
    since: Option<session::Since>,
}

struct Inner {
    key: SealingKey,
    base_url: String,
    streams: live::Streams,
}

impl Ui {
    /// `base_url` is how people reach the platform, without a slash at its end.
    #[must_use]
    pub fn new(key: SealingKey, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let inner = Inner { key, base_url, streams: live::Streams::new() };
        Self { inner: Arc::new(inner), since: None }
    }

    /// The same, for the routes of one service: `since` tells, from what this service knows, since when a
    /// session of a person must have begun to open anything. It is asked once for each request that brings a
    /// session; what began earlier is treated as if it had expired, and where there is no answer it is 503.
    #[must_use]
    pub fn with_sessions<S, F, E>(&self, since: S) -> Self
    where
        S: Fn(PersonId) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Option<DateTime<Utc>>, E>> + Send + 'static,
        E: Error + 'static,
    {
        let tell =
            move |person| since(person).map_err(|error| Problem::unavailable(&error)).boxed();
        Self { inner: Arc::clone(&self.inner), since: Some(Arc::new(tell)) }
    }

    pub(crate) fn since(&self) -> Option<&session::Since> {
        self.since.as_ref()
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

    /// Ends every [`live`] stream, so that a server that stops need not wait for them.
    pub fn stop(&self) {
        self.inner.streams.end();
    }

    /// Resolves when the platform [stops](Self::stop): for answers that would not end by themselves.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.inner.streams.stopping();
        async move {
            // An error means that the platform is gone already.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    pub(crate) fn streams(&self) -> &live::Streams {
        &self.inner.streams
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
