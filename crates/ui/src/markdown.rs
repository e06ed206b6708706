//! Markdown to HTML that is safe whoever wrote it.

use std::{borrow::Cow, sync::LazyLock};

use ammonia::Builder;
use comrak::{Arena, Options, format_html, nodes::NodeValue, parse_document};

use crate::Html;

/// Bytes; a lesson as long as a book's chapter is a fifth of it.
const LONGEST: usize = 512 * 1024;
/// Marks that open a block inside a block, at the start of one line. Deeper is no text, but an attack
/// on whoever parses it.
const DEEPEST: usize = 32;

const TICKED: &str = r#"<input type="checkbox" checked="" disabled="" />"#;
const UNTICKED: &str = r#"<input type="checkbox" disabled="" />"#;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

/// A mail asks nothing of other hosts.
static CLEANER_OF_MAILS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = cleaner();
    builder.rm_tags(["img"]);
    builder
});

fn cleaner() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .url_schemes(["http", "https", "mailto"].into())
        .add_tag_attributes("code", &["class"])
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("code", "class") => is_language_class(value).then_some(Cow::Borrowed(value)),
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

/// Renders CommonMark with tables, task lists, strikethrough, footnotes and bare links. Raw HTML is left
/// out, headings go down one level (the page has the `h1`), and what is too long is cut.
#[must_use]
pub fn markdown(text: &str) -> Html {
    rendered(text, &CLEANER)
}

/// As [`markdown`], without pictures, which a mail would fetch from wherever they are.
#[must_use]
pub fn markdown_for_mail(text: &str) -> Html {
    rendered(text, &CLEANER_OF_MAILS)
}

fn rendered(text: &str, cleaner: &Builder<'static>) -> Html {
    let text = flatten(cut(text));
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, &text, &options);
    for node in root.descendants() {
        if let NodeValue::Heading(heading) = &mut node.data.borrow_mut().value {
            heading.level = (heading.level + 1).min(6);
        }
    }
    let mut html = String::with_capacity(text.len() * 2);
    if format_html(root, &options, &mut html).is_err() {
        return Html::default();
    }
    // A box that cannot be ticked and has no label is noise to a screen reader; a sign is not.
    let html = html.replace(TICKED, "☑").replace(UNTICKED, "☐");
    let html = cleaner.clean(&html).to_string();
    // What is wide scrolls in its box, so that the page does not, and for the keyboard too; text holds no
    // bare tag by now.
    let html = html.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>");
    let html = html.replace("<pre>", "<pre tabindex=\"0\">");
    Html::trusted(html.replace("</table>", "</table></div>"))
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options
}

fn is_language_class(value: &str) -> bool {
    value.strip_prefix("language-").is_some_and(|language| {
        !language.is_empty()
            && language.len() <= 32
            && language.chars().all(|c| c.is_ascii_alphanumeric() || "+-_#.".contains(c))
    })
}

fn cut(text: &str) -> &str {
    if text.len() <= LONGEST { text } else { &text[..text.floor_char_boundary(LONGEST)] }
}

/// Takes away the marks of a block nested deeper than anyone writes.
fn flatten(text: &str) -> Cow<'_, str> {
    if text.lines().all(|line| opening(line).is_none()) {
        return Cow::Borrowed(text);
    }
    let flat: Vec<&str> =
        text.lines().map(|line| opening(line).map_or(line, |at| &line[at..])).collect();
    Cow::Owned(flat.join("\n"))
}

/// Where the text of a line begins, if more marks stand before it than are allowed.
fn opening(line: &str) -> Option<usize> {
    let is_mark = |c: char| matches!(c, '>' | '-' | '*' | '+' | '.' | ')') || c.is_ascii_digit();
    let end = line.find(|c: char| !is_mark(c) && !c.is_whitespace()).unwrap_or(line.len());
    // A rule or an underline is many of one mark and nothing else; only `>` nests without a space.
    let opens = |(index, c): (usize, char)| {
        c == '>' || (is_mark(c) && line[index + c.len_utf8()..].starts_with([' ', '\t']))
    };
    let marks = line[..end].char_indices().filter(|mark| opens(*mark)).count();
    (marks > DEEPEST).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        markdown(text).to_string()
    }

    #[test]
    fn headings_tables_tasks_and_code() {
        assert_eq!(html("# One"), "<h2>One</h2>\n");
        assert_eq!(html("###### Six"), "<h6>Six</h6>\n");
        let table = html("| a |\n| - |\n| b |");
        assert!(
            table.starts_with("<div class=\"wide\" tabindex=\"0\"><table>")
                && table.contains("<td>b</td>")
        );
        let tasks = html("- [x] done\n- [ ] open");
        assert!(tasks.contains("☑ done") && tasks.contains("☐ open"), "{tasks}");
        let code = html("```rust\nlet x = \"<b>\";\n```");
        assert!(code.contains(r#"<code class="language-rust">"#), "{code}");
        assert!(code.contains("&lt;b&gt;"), "{code}");
        assert!(html("~~gone~~ https://example.org").contains("<del>gone</del> <a href="));
    }

    #[test]
    fn no_raw_html_survives() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "![x](javascript:alert(1))",
            "<iframe src='https://example.org'></iframe>",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "```\" onmouseover=alert(1)\n```",
            "<style>*{display:none}</style>",
            "<form action=/sign-out method=post><button>x</button></form>",
            "<a href=\"javascript:alert(1)\">x</a>",
        ] {
            let html = html(hostile);
            for word in [
                "<script",
                "onerror=",
                "javascript:",
                "<iframe",
                "data:",
                "<style",
                "<form",
                "onmouseover=\"",
            ] {
                assert!(!html.contains(word), "{hostile} gave {html}");
            }
        }
    }

    #[test]
    fn hostile_depth_and_length_end_soon() {
        for unit in
            [">", "> ", "- ", "* ", "1. ", "[", "![", "*a **a ", "`", "<", "|", "\\", "> - "]
        {
            let text = unit.repeat(100_000 / unit.len());
            assert!(html(&text).len() < 4_000_000, "{unit}");
        }
        let lines: String =
            (0..2_000).map(|depth| format!("{}- x\n", " ".repeat(2 * depth.min(400)))).collect();
        assert!(!html(&lines).is_empty());
        assert!(html(&"é".repeat(1_000_000)).len() <= LONGEST + 10);
    }

    #[test]
    fn rules_and_deep_quotes_of_people_stay() {
        assert_eq!(html(&"-".repeat(200)), "<hr>\n");
        assert!(html("> > > quoted").matches("<blockquote>").count() == 3);
    }
}
