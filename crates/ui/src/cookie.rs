//! Reading and writing cookies.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::Ui;

/// The first cookie of this name.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

impl Ui {
    /// A `Set-Cookie` header that no script reads; for `seconds`, or gone at once with 0.
    /// A value that no header can hold clears the cookie.
    #[must_use]
    pub fn cookie(&self, name: &str, value: &str, seconds: i64) -> (HeaderName, HeaderValue) {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let write = |value: &str, seconds: i64| {
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
        };
        let text =
            if value.contains([';', ',', ' ']) { write("", 0) } else { write(value, seconds) };
        let header = HeaderValue::try_from(text);
        (header::SET_COOKIE, header.unwrap_or_else(|_| HeaderValue::from_static("")))
    }
}
