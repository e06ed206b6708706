//! Titles within sentences. A course, and whatever is in it, is called something in the course's own language, and
//! whoever has a page read to them must hear it in that: `lang` says so where the page is in another.
//!
//! Templates print it beside a title that stands alone; here are the titles that stand in a message.

use askama::Template;
use event::Language;

use crate::{Html, Text};

/// Around a title while it is a variable of a message. No message has them, and a title loses them.
const BEGINS: char = '\u{E000}';
const ENDS: char = '\u{E001}';

/// A title as a variable of a message, so that [`Text::mark`] finds it in the sentence.
#[must_use]
pub fn titled(title: &str) -> String {
    format!("{BEGINS}{}{ENDS}", title.replace([BEGINS, ENDS], ""))
}

impl Text {
    /// A sentence in which each title is marked as being in this language, where the sentence is in another:
    /// `t.mark(&t.with("next-lesson", [("title", titled(&lesson.title).into())]), course.language)`.
    #[must_use]
    pub fn mark(&self, sentence: &str, language: impl Into<Option<Language>>) -> Html {
        let language = language.into().filter(|language| *language != self.language());
        let (before, rest) = sentence.split_once(BEGINS).unwrap_or((sentence, ""));
        let titles = rest.split(BEGINS).filter(|part| !part.is_empty());
        // A sentence that was cut short may end within a title.
        let titles = titles.map(|part| part.split_once(ENDS).unwrap_or((part, "")));
        Html::of(&Marked { language, before, titles: titles.collect() })
    }
}

#[derive(Template)]
#[template(path = "marked.html")]
struct Marked<'a> {
    /// Of the titles, where it is not the sentence's.
    language: Option<Language>,
    before: &'a str,
    /// Each with what follows it.
    titles: Vec<(&'a str, &'a str)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TEXTS;

    fn marked(sentence: &str, language: Option<Language>) -> String {
        Text::new(&TEXTS, Language::En).mark(sentence, language).to_string()
    }

    #[test]
    fn titles_say_their_language_where_it_is_not_the_sentences() {
        let (lesson, course) = (titled("L’été <b>"), titled("Saisons"));
        let sentence = format!("“{lesson}” of {course} & more");
        assert_eq!(
            marked(&sentence, Some(Language::Fr)),
            "“<span lang=\"fr\">L’été &#60;b&#62;</span>” of <span lang=\"fr\">Saisons</span> &#38; more"
        );
        let plain = "“L’été &#60;b&#62;” of Saisons &#38; more";
        assert_eq!(marked(&sentence, Some(Language::En)), plain);
        assert_eq!(marked(&sentence, None), plain);
        assert_eq!(marked("No title < any", Some(Language::Fr)), "No title &#60; any");
    }

    #[test]
    fn a_title_that_is_cut_or_hostile_leaves_no_tag_open() {
        let whole = titled("Un \u{E001}titre\u{E000}");
        assert_eq!(marked(&whole, Some(Language::Fr)), "<span lang=\"fr\">Un titre</span>");
        let cut: String = titled("Titre").chars().take(4).collect();
        assert_eq!(marked(&cut, Some(Language::Fr)), "<span lang=\"fr\">Tit</span>");
    }
}
