//! What authors write in GIFT, as HTML that is safe whoever wrote it.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use askama::Template;
use ui::Html;

use crate::domain::{Format, Text};

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    // A label may hold a link, but none that runs a program; a form inside the form may not be.
    builder.url_schemes(HashSet::from(["http", "https", "mailto"]));
    builder
});

static WITHOUT_TAGS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.clean_content_tags(HashSet::from(["script", "style"]));
    builder
});

#[derive(Template)]
#[template(source = "{{ html|safe }}", ext = "html")]
struct Clean {
    html: String,
}

/// Renders a text as its format says. What it may not hold is left out.
pub(super) fn rich(text: &Text) -> Html {
    let html = match text.format {
        Format::Markdown => return ui::markdown(&text.text),
        Format::Html => CLEANER.clean(&text.text).to_string(),
        Format::Moodle => CLEANER.clean(&with_breaks(&text.text)).to_string(),
        Format::Plain => with_breaks(&escaped(&text.text)),
    };
    trusted(html)
}

/// A text to stand in a label: as [`rich`], without the paragraph around it where it is but one.
pub(super) fn rich_line(text: &Text) -> Html {
    let html = rich(text);
    let inner = html.as_str().trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner.filter(|inner| !inner.contains("<p")) {
        Some(inner) => trusted(inner.to_owned()),
        None => html,
    }
}

/// Where these begin or end, a word does.
const BLOCKS: [&str; 8] = ["<p", "</p", "<br", "<li", "<div", "<h", "<pre", "<td"];

/// The beginning of a text without its markup, for lists; at most so many characters.
pub(super) fn excerpt(text: &Text, longest: usize) -> String {
    let html = rich(text).to_string();
    let spaced = BLOCKS.iter().fold(html, |html, tag| html.replace(tag, &format!(" {tag}")));
    let plain = WITHOUT_TAGS.clean(&spaced).to_string();
    let read =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    let plain = read.iter().fold(plain, |text, (entity, letter)| text.replace(entity, letter));
    let words: Vec<&str> = plain.split_whitespace().collect();
    let plain = words.join(" ");
    if plain.chars().nth(longest).is_none() {
        return plain;
    }
    let start: String = plain.chars().take(longest).collect();
    format!("{}…", start.trim_end())
}

/// Text without any format.
pub(super) fn plain(text: &str) -> Html {
    trusted(escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn with_breaks(text: &str) -> String {
    text.replace('\n', "<br>\n")
}

/// The template prints what it is given and cannot fail.
fn trusted(html: String) -> Html {
    Html::render(&Clean { html }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: Format, text: &str) -> String {
        rich(&Text::new(format, text)).to_string()
    }

    #[test]
    fn each_format_is_shown_as_it_is_meant() {
        assert_eq!(shown(Format::Moodle, "a <b>b</b>\nc"), "a <b>b</b><br>\nc");
        assert_eq!(shown(Format::Plain, "a <b>\nc"), "a &lt;b&gt;<br>\nc");
        assert_eq!(shown(Format::Html, "a\n<i>b</i>"), "a\n<i>b</i>");
        assert!(shown(Format::Markdown, "*a*").contains("<em>a</em>"));
    }

    #[test]
    fn a_label_holds_no_paragraph_unless_it_has_several() {
        let line = |text: &str| rich_line(&Text::new(Format::Markdown, text)).to_string();
        assert_eq!(line("a *b*"), "a <em>b</em>");
        assert_eq!(line("a\n\nb").matches("<p>").count(), 2);
        assert_eq!(rich_line(&Text::new(Format::Moodle, "a <b>b</b>")).as_str(), "a <b>b</b>");
    }

    #[test]
    fn an_excerpt_is_words_alone() {
        let short = |format, text: &str| excerpt(&Text::new(format, text), 20);
        assert_eq!(short(Format::Markdown, "What is **2 < 3**?"), "What is 2 < 3?");
        assert_eq!(short(Format::Html, "<p>a</p><script>b</script><p>c &amp; d</p>"), "a c & d");
        assert_eq!(short(Format::Plain, "a <b>\nc"), "a <b> c");
        assert_eq!(
            short(Format::Plain, &"é ".repeat(30)),
            format!("{}…", "é ".repeat(10).trim_end())
        );
    }

    #[test]
    fn nothing_that_runs_gets_through() {
        let attacks = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<form action=/x><input name=action value=submit></form>",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "</fieldset></form><button formaction=/x>",
        ];
        for attack in attacks {
            for format in [Format::Moodle, Format::Html, Format::Markdown] {
                let html = shown(format, attack);
                for part in
                    ["<script", "onerror=", "javascript:", "<form", "<input", "<button", "</form"]
                {
                    assert!(!html.contains(part), "{attack}: {html}");
                }
            }
            assert!(!shown(Format::Plain, attack).contains('<'));
        }
    }
}
