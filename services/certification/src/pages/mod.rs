//! The pages of `certification`: one's own certificates, verifying for everybody, and for administrators
//! all certificates and the designs.

mod designs;
mod issued;
mod mine;
mod verify;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue},
    routing::get,
};
use chrono::{NaiveDate, NaiveTime};
use ui::{Text, Tz, Visit};

use crate::{
    App, TEXTS,
    domain::{Certificate, State as Standing},
};

/// Names are for whoever holds the code, not for search engines.
const NOT_INDEXED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
const LARGEST_FORM: usize = 16 * 1024;

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/certificates", get(mine::list))
        .route("/certificates/live", get(mine::live))
        .route("/certificates/{certificate}", get(mine::read))
        .route("/certificates/{certificate}/picture.svg", get(mine::picture))
        .route("/certificates/{certificate}/certificate.pdf", get(mine::pdf))
        .route("/verify", get(verify::ask).post(verify::submit))
        .route("/verify/{code}", get(verify::verify))
        .route("/issued", get(issued::list))
        .route("/issued/{certificate}", get(issued::show))
        .route("/issued/{certificate}/live", get(issued::live))
        .route("/issued/{certificate}/revoke", get(issued::ask_revoke).post(issued::revoke))
        .route("/issued/{certificate}/reissue", get(issued::ask_reissue).post(issued::reissue))
        .route("/designs", get(designs::list))
        .route("/designs/{name}", get(designs::sample))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(app)
}

fn text(visit: &Visit) -> Text {
    Text::new(&TEXTS, visit.language)
}

/// A date as it is printed, whatever the reader's time zone.
fn day(date: NaiveDate, t: Text) -> String {
    ui::format_date(date.and_time(NaiveTime::MIN).and_utc(), t.language(), Tz::UTC)
}

/// How a certificate stands, in a word.
struct Badge {
    word: String,
    /// For the eye alone; the word says the same.
    class: &'static str,
}

impl Badge {
    fn of(certificate: &Certificate, t: Text) -> Self {
        let (key, class) = match certificate.state {
            Standing::Rendering => ("rendering", "info"),
            Standing::Issued => ("issued", "good"),
            Standing::Failed => ("failed", "warn"),
            Standing::Revoked if certificate.replaced_by.is_some() => ("replaced", "info"),
            Standing::Revoked => ("revoked", "bad"),
            Standing::Erased => ("erased", "info"),
        };
        Self { word: t.get(&format!("badge-{key}")), class }
    }
}

/// Why it was revoked, for everybody.
fn cause_in_words(certificate: &Certificate, t: Text) -> Option<String> {
    let cause = certificate.revocation.as_ref()?.cause?;
    Some(t.get(&format!("cause-{}", cause.name())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_is_in_both_languages() {
        let english = include_str!("../../locales/en/main.ftl");
        let french = include_str!("../../locales/fr/main.ftl");
        assert!(ui::untranslated(english, french).is_empty());
        assert!(ui::untranslated(french, english).is_empty());
    }
}
