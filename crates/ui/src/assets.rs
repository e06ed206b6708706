//! The few files that pages need, each under an address that changes with its content.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::{Problem, TEXTS};

/// A file in the binary that pages need, at an address that changes with its content, so that browsers keep
/// it for ever. A crate's own, beside those of the layout, stands in a static:
/// ```text
/// static PICTURE: LazyLock<Asset> =
///     LazyLock::new(|| Asset::text("picture.js", "text/javascript; charset=utf-8", include_str!("picture.js")));
/// router.merge(PICTURE.route())      // and {{ PICTURE.address() }} in the template
/// ```
pub struct Asset {
    content: &'static [u8],
    media_type: &'static str,
    address: String,
}

impl Asset {
    /// A script or a style sheet; what only those read who write it (indentation, comments that are a line of
    /// their own) is left out.
    #[must_use]
    pub fn text(name: &str, media_type: &'static str, content: &str) -> Self {
        let content = without_margins(content);
        let content =
            if media_type.starts_with("text/css") { without_air(&content) } else { content };
        Self::new(name, media_type, &*Box::leak(content.into_boxed_str().into_boxed_bytes()))
    }

    /// `name` has an ending: `picture.png`.
    #[must_use]
    pub fn new(name: &str, media_type: &'static str, content: &'static [u8]) -> Self {
        let digest = Sha256::digest(content);
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let (name, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        Self { content, media_type, address: format!("/assets/{name}.{hash}.{ending}") }
    }

    /// Below `/assets/`; whoever asks for it needs no session.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A route that serves it.
    pub fn route<S: Clone + Send + Sync + 'static>(&'static self) -> Router<S> {
        Router::new().route(self.address(), get(move || std::future::ready(serve(self))))
    }

    pub(crate) fn media_type(&self) -> &'static str {
        self.media_type
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.content.len()
    }
}

/// What only those read who write it: indentation, empty lines, comments that are a line of their own.
fn without_margins(content: &str) -> String {
    let is_comment =
        |line: &str| line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    let lines = content.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !is_comment(line));
    lines.fold(String::with_capacity(content.len()), |all, line| all + line + "\n")
}

/// The blanks, ends of lines and long names of a style sheet that only those read who write it.
fn without_air(style: &str) -> String {
    let airy = [
        ("{\n", "{"),
        (";\n", "; "),
        (",\n", ", "),
        ("}\n", "}"),
        ("; }", "}"),
        ("{ ", "{"),
        (" {", "{"),
        (": ", ":"),
        ("; ", ";"),
        (", ", ","),
        (" > ", ">"),
    ];
    let style =
        airy.iter().fold(style.to_owned(), |style, (airy, tight)| style.replace(airy, tight));
    COLOURS.iter().fold(style, |style, (name, short)| style.replace(name, short))
}

/// What is named for who writes it, and stands in a style sheet hundreds of times: the same in all of them.
const COLOURS: [(&str, &str); 17] = [
    ("--accent-deep", "--ad"),
    ("--on-accent", "--oa"),
    ("--good-soft", "--gs"),
    ("--warn-soft", "--ws"),
    ("--bad-soft", "--bs"),
    ("--surface", "--s"),
    ("--accent", "--a"),
    ("--sunken", "--u"),
    ("--shadow", "--sh"),
    ("--ground", "--g"),
    ("--quiet", "--q"),
    ("--line", "--l"),
    ("--text", "--t"),
    ("--tint", "--i"),
    ("--round", "--r"),
    ("--edge", "--e"),
    ("--soft", "--f"),
];

type Lazy = LazyLock<Asset>;

pub(crate) static STYLE: Lazy = LazyLock::new(|| {
    Asset::text("estrade.css", "text/css; charset=utf-8", include_str!("../assets/estrade.css"))
});

pub(crate) static SCRIPT: Lazy = LazyLock::new(|| {
    let content = include_str!("../assets/estrade.js");
    Asset::text("estrade.js", "text/javascript; charset=utf-8", content)
});

pub(crate) static SCRIPT_FOLLOW: Lazy =
    LazyLock::new(|| on_demand("estrade-follow.js", include_str!("../assets/estrade-follow.js")));

pub(crate) static SCRIPT_FORMS: Lazy =
    LazyLock::new(|| on_demand("estrade-forms.js", include_str!("../assets/estrade-forms.js")));

pub(crate) static SCRIPT_MORE: Lazy =
    LazyLock::new(|| on_demand("estrade-more.js", include_str!("../assets/estrade-more.js")));

/// It asks the first script for what they share, at the address that that one has.
fn on_demand(name: &str, content: &str) -> Asset {
    let content = content.replace("./estrade.js", SCRIPT.address());
    Asset::text(name, "text/javascript; charset=utf-8", &content)
}

pub(crate) static ICON: Lazy = LazyLock::new(|| Asset::new("estrade.svg", LOGO.0, LOGO.1));

pub(crate) static ICON_192: Lazy = LazyLock::new(|| {
    Asset::new("estrade-192.png", "image/png", include_bytes!("../assets/estrade-192.png"))
});

pub(crate) static ICON_512: Lazy = LazyLock::new(|| {
    Asset::new("estrade-512.png", "image/png", include_bytes!("../assets/estrade-512.png"))
});

const LOGO: (&str, &[u8]) = ("image/svg+xml", include_bytes!("../assets/estrade.svg"));

/// The logo of a platform that was given none: its media type and its content.
#[must_use]
pub fn default_logo() -> (&'static str, &'static [u8]) {
    LOGO
}

pub(crate) fn routes() -> Router {
    let scripts = [&SCRIPT, &SCRIPT_FOLLOW, &SCRIPT_FORMS, &SCRIPT_MORE];
    let others = [&STYLE, &ICON, &ICON_192, &ICON_512];
    let all = scripts.into_iter().chain(others);
    all.fold(Router::new(), |router, asset| router.merge(asset.route()))
}

fn serve(asset: &'static Asset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        // Mails show the icon too.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (StatusCode::OK, headers, asset.content).into_response()
}

/// What answers where nothing is.
pub(crate) async fn nothing() -> Problem {
    Problem::not_found(
        "nothing is at this address: see /courses, or /api/v1/openapi.json for programs",
    )
    .worded(&TEXTS, "refused-404-help", [])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_authors_read_is_left_out() {
        let script = "// says\n  const a = \"//b\";\n\n  f(a); // c\n";
        assert_eq!(without_margins(script), "const a = \"//b\";\nf(a); // c\n");
        assert_eq!(without_air("a:hover > b { c: d; e: f; }"), "a:hover>b{c:d;e:f}");
        assert_eq!(without_air("a,\nb {\nc: d;\ne: f;\n}\ng {}\n"), "a,b{c:d;e:f}g{}");
    }

    #[test]
    fn what_is_loaded_on_demand_asks_for_the_first_script_where_it_is() {
        for script in [&SCRIPT_FOLLOW, &SCRIPT_FORMS, &SCRIPT_MORE] {
            let content = std::str::from_utf8(script.content).unwrap_or_default();
            assert!(content.contains(SCRIPT.address()) && !content.contains("./estrade.js"));
        }
    }
}
