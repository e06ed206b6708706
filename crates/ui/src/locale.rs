//! Which language and which time zone somebody reads in.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, Uri, header, request::Parts},
};
use event::Language;

use crate::{Session, Ui, cookie};

/// The cookie of those who chose a language without signing in.
pub(crate) const LANGUAGE_COOKIE: &str = "estrade_language";

/// The language to answer in: the session's, even of one that is over, else `?lang=` or the cookie it left,
/// else the browser's `Accept-Language`, else English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale(pub Language);

impl<S> FromRequestParts<S> for Locale
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&Ui::from_ref(state), &parts.uri, &parts.headers))
    }
}

impl Locale {
    pub(crate) fn read(ui: &Ui, uri: &Uri, headers: &HeaderMap) -> Self {
        let spoken = Session::sealed(ui, headers).map(|session| session.language);
        Self(spoken.unwrap_or_else(|| negotiate(uri.query(), headers)))
    }
}

/// What somebody without a session reads.
pub(crate) fn negotiate(query: Option<&str>, headers: &HeaderMap) -> Language {
    asked(query)
        .or_else(|| cookie::value(headers, LANGUAGE_COOKIE)?.parse().ok())
        .or_else(|| accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?))
        .unwrap_or_default()
}

/// The language of `?lang=`.
pub(crate) fn asked(query: Option<&str>) -> Option<Language> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang=")?.parse().ok())
}

/// The first of the languages spoken here, by the weights of RFC 9110.
fn accepted(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in header.split(',').take(20) {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let Ok(language) = tag.trim().split('-').next().unwrap_or("").to_ascii_lowercase().parse()
        else {
            continue;
        };
        let weight = weight.trim().parse().unwrap_or(0.0);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_browser_s_weights_count() {
        assert_eq!(accepted("fr-CA,fr;q=0.9,en;q=0.8"), Some(Language::Fr));
        assert_eq!(accepted("de, en;q=0.5, fr;q=0.7"), Some(Language::Fr));
        assert_eq!(accepted("de"), None);
        assert_eq!(accepted("fr;q=0"), None);
        assert_eq!(accepted(";;;,,,q=,fr;q=x"), None);
    }

    #[test]
    fn the_query_goes_before_the_cookie_and_the_cookie_before_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        headers.insert(header::COOKIE, "a=b; estrade_language=fr".parse().unwrap());
        assert_eq!(negotiate(Some("x=1&lang=en"), &headers), Language::En);
        assert_eq!(negotiate(Some("lang=xx"), &headers), Language::Fr);
        headers.remove(header::COOKIE);
        assert_eq!(negotiate(None, &headers), Language::En);
    }
}
