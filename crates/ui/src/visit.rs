//! Who came to a page, and how they read.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, Uri, request::Parts},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use event::{Language, Role};

use crate::{
    Html, Page, Problem, Session, Ui, cookie, format_date_time, format_relative, locale,
    secure::escape, session, time_zone,
};

/// The cookie in which `identity` leaves a person's time zone.
pub const ZONE_COOKIE: &str = "estrade_zone";

/// What is kept of a query for the links of a page; nobody types more.
const LONGEST_QUERY: usize = 1_000;

/// Who came to a page, and how they read. Take it as an argument of every page's handler.
#[derive(Clone, Debug)]
pub struct Visit {
    pub session: Option<Session>,
    pub language: Language,
    pub zone: Tz,
    path: String,
    query: String,
    last_event: Option<String>,
}

impl<S> FromRequestParts<S> for Visit
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let session = session::session(parts, state).await?;
        Ok(Self::read(session, &parts.uri, &parts.headers))
    }
}

impl Visit {
    pub(crate) fn read(session: Option<Session>, uri: &Uri, headers: &HeaderMap) -> Self {
        let language = match &session {
            Some(session) => session.language,
            None => locale::negotiate(uri.query(), headers),
        };
        let zone = cookie::value(headers, ZONE_COOKIE).and_then(time_zone).unwrap_or(Tz::UTC);
        let query = uri.query().filter(|query| query.len() <= LONGEST_QUERY).unwrap_or_default();
        let last_event = headers.get("last-event-id").and_then(|value| value.to_str().ok());
        Self {
            session,
            language,
            zone,
            path: uri.path().to_owned(),
            query: query.to_owned(),
            last_event: last_event.map(str::to_owned),
        }
    }

    /// The session, for pages of those who are signed in; whoever is not is led to sign in and back.
    ///
    /// # Errors
    /// 401, which [`secure`](crate::secure) turns into the way to `/sign-in`.
    pub fn session(&self) -> Result<&Session, Problem> {
        self.session.as_ref().ok_or_else(|| Problem::unauthorised("sign in first"))
    }

    /// The session of somebody with one of these roles.
    ///
    /// # Errors
    /// 401 as [`session`](Self::session), 403 as [`Session::require`].
    pub fn require(&self, roles: &[Role]) -> Result<&Session, Problem> {
        let session = self.session()?;
        session.require(roles)?;
        Ok(session)
    }

    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.session.as_ref().is_some_and(|session| session.is(role))
    }

    /// A page with this title, in the visitor's language.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page<'_> {
        Page::new(self, title.into(), StatusCode::OK)
    }

    /// The page of a list that `?page=` asks for, from 1.
    #[must_use]
    pub fn page_number(&self) -> u32 {
        let asked = self.field("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        u32::clamp(asked, 1, 1_000_000)
    }

    /// This page's address with one field of its query changed, or without it; it begins again at the
    /// first page of a list.
    #[must_use]
    pub fn address_with(&self, field: &str, value: Option<&str>) -> String {
        let others = self.query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.is_empty() && name != field && name != "page" && name != "lang"
        });
        let mut pairs: Vec<String> = others.map(str::to_owned).collect();
        pairs.extend(value.map(|value| format!("{field}={}", escape(value))));
        if pairs.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, pairs.join("&"))
        }
    }

    /// A moment as `<time>`: date and time in the visitor's language and zone.
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>) -> Html {
        let words = format_date_time(at, self.language, self.zone);
        Html::trusted(format!("<time datetime=\"{}\">{words}</time>", machine(at)))
    }

    /// A moment as seen from now, as `<time>`: “3 hours ago”; the whole date shows on pointing at it.
    #[must_use]
    pub fn ago(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> Html {
        let whole = format_date_time(at, self.language, self.zone);
        let words = format_relative(at, now, self.language, self.zone);
        let at = machine(at);
        Html::trusted(format!("<time datetime=\"{at}\" title=\"{whole}\">{words}</time>"))
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What the browser saw last of a stream: its own header when it comes back, else `?seen=`.
    pub(crate) fn last_seen(&self) -> Option<&str> {
        self.last_event.as_deref().or_else(|| self.field("seen"))
    }

    /// A field of the query, as it stands there.
    fn field(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find_map(|(found, value)| (found == name).then_some(value))
    }

    #[cfg(test)]
    pub(crate) fn example(address: &str, session: Option<Session>, language: Language) -> Self {
        let uri: Uri = address.parse().unwrap_or_default();
        Self { language, ..Self::read(session, &uri, &HeaderMap::new()) }
    }
}

fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_rest_of_its_query() {
        let visit = Visit::example("/people?q=a%20b&page=3&role=&lang=fr", None, Language::En);
        assert_eq!(visit.page_number(), 3);
        assert_eq!(visit.address_with("page", Some("4")), "/people?q=a%20b&role=&page=4");
        assert_eq!(visit.address_with("q", Some("é&")), "/people?role=&q=%C3%A9%26");
        assert_eq!(visit.address_with("q", None), "/people?role=");
        for (query, page) in
            [("", 1), ("?page=0", 1), ("?page=-1", 1), ("?page=9999999", 1_000_000)]
        {
            let visit = Visit::example(&format!("/people{query}"), None, Language::En);
            assert_eq!(visit.page_number(), page, "{query}");
        }
    }

    #[test]
    fn moments_are_for_people_and_for_programs() {
        let visit = Visit::example("/", None, Language::En);
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(
            visit.moment(at).as_str(),
            "<time datetime=\"1970-01-01T00:00:00Z\">1 January 1970 at 00:00 (UTC)</time>"
        );
        let ago = visit.ago(at, at + chrono::TimeDelta::hours(3));
        assert!(ago.as_str().ends_with(">3 hours ago</time>"), "{ago}");
    }
}
