//! Text for people: Fluent messages in the crate's own `locales/{en,fr}/main.ftl`.

use std::{borrow::Cow, collections::HashMap};

use event::Language;
pub use fluent_templates::StaticLoader;
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid};

/// What stands in a message's variable: `"Nguyễn".into()`, `3.into()`.
pub type Argument<'a> = FluentValue<'a>;

/// With a capital letter and a full stop.
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

const ENGLISH: LanguageIdentifier = langid!("en");
const FRENCH: LanguageIdentifier = langid!("fr");

/// Declares a static with the messages of the calling crate: `ui::texts!(TEXTS);` reads
/// `locales/en/main.ftl` and `locales/fr/main.ftl` beside its `Cargo.toml` when it is compiled.
#[macro_export]
macro_rules! texts {
    ($visibility:vis $name:ident) => {
        fluent_templates::static_loader! {
            $visibility static $name = {
                locales: "./locales",
                fallback_language: "en",
                // The isolation marks around variables break addresses and mail headers.
                customise: |bundle| bundle.set_use_isolating(false),
            };
        }
    };
}

/// A message without variables.
#[must_use]
pub fn text(texts: &StaticLoader, language: Language, key: &str) -> String {
    text_with(texts, language, key, &[])
}

/// A message with variables: `text_with(&TEXTS, language, "greeting", &[("name", name.into())])`.
/// A key that is nowhere gives the key itself, marked, rather than a failure.
#[must_use]
pub fn text_with(
    texts: &StaticLoader,
    language: Language,
    key: &str,
    arguments: &[(&'static str, Argument<'_>)],
) -> String {
    let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> =
        arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    let identifier = match language {
        Language::En => ENGLISH,
        Language::Fr => FRENCH,
    };
    texts
        .try_lookup_complete(&identifier, key, Some(&arguments))
        .unwrap_or_else(|| format!("⟦{key}⟧"))
}

/// One crate's messages in one language: what a template holds as `t`.
#[derive(Clone, Copy)]
pub struct Text {
    texts: &'static StaticLoader,
    language: Language,
}

impl Text {
    #[must_use]
    pub fn new(texts: &'static StaticLoader, language: Language) -> Self {
        Self { texts, language }
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// `{{ t.get("courses-title") }}`
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        text(self.texts, self.language, key)
    }

    /// `{{ t.with("lessons-read", [("count", count.into())]) }}`: templates borrow what they give.
    #[must_use]
    pub fn with<'a>(
        &self,
        key: &str,
        arguments: impl AsRef<[(&'static str, Argument<'a>)]>,
    ) -> String {
        text_with(self.texts, self.language, key, arguments.as_ref())
    }
}

/// The messages that one of two Fluent files has and the other lacks; a crate's test wants none:
/// `assert!(ui::untranslated(include_str!(..en..), include_str!(..fr..)).is_empty())`.
#[must_use]
pub fn untranslated(one: &str, other: &str) -> Vec<String> {
    let keys = |file: &str| -> std::collections::BTreeSet<String> {
        file.lines()
            .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
            .filter_map(|line| line.split_once('='))
            .map(|(key, _)| key.trim().to_owned())
            .collect()
    };
    keys(one).symmetric_difference(&keys(other)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TEXTS;

    #[test]
    fn speaks_both_languages_and_marks_what_it_does_not_know() {
        assert_eq!(text(&TEXTS, Language::En, "sign-in"), "Sign in");
        assert_eq!(text(&TEXTS, Language::Fr, "sign-in"), "Se connecter");
        assert_eq!(text(&TEXTS, Language::Fr, "no-such-key"), "⟦no-such-key⟧");
    }

    #[test]
    fn every_message_is_in_both_languages() {
        let (english, french) =
            (include_str!("../locales/en/main.ftl"), include_str!("../locales/fr/main.ftl"));
        assert_eq!(untranslated(english, french), Vec::<String>::new());
    }

    #[test]
    fn a_missing_translation_is_named() {
        assert_eq!(untranslated("a = 1\nb = 2\n  .c = 3", "a = 1"), ["b"]);
    }
}
