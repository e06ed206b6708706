//! Every message that is asked for exists, and every message that exists is asked for.
//!
//! A key is used by a text in the source or in a template that is just it, or by one that is put together
//! and could become it (`sort-{kind}`). It is asked for where it is certain: `t.get("…")`, `t.with("…", …)`,
//! and the first text after `TEXTS`. It does not check who gives which variables.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding,
    locales::{self, Messages},
    source::{Kind, Source, Token},
};

/// What one crate says and asks for.
#[derive(Default)]
struct Crate {
    /// The English file: French has the same keys, which another rule checks.
    files: Vec<(String, Messages)>,
    texts: BTreeSet<String>,
    asked: Vec<(String, usize, String)>,
}

/// `sources` are the Rust files that could be read.
pub fn check(texts: &[(String, String)], sources: &[Source]) -> Vec<Finding> {
    let mut crates: BTreeMap<&str, Crate> = BTreeMap::new();
    for (path, text) in texts {
        if let Some((owner, rest)) = path.split_once("/locales/") {
            if rest.starts_with("en") && rest.ends_with(".ftl") {
                let here = crates.entry(owner).or_default();
                here.texts.extend(references(text).map(str::to_owned));
                here.files.push((path.clone(), locales::messages(text)));
            }
        } else if let Some((owner, _)) = path.split_once("/templates/") {
            read_template(path, text, crates.entry(owner).or_default());
        }
    }
    for source in sources {
        if let Some((owner, _)) = source.path.split_once("/src/") {
            read_source(source, crates.entry(owner).or_default());
        }
    }
    // A crate without messages of its own may ask as it likes: there is nothing to hold it against.
    crates.values().filter(|here| !here.files.is_empty()).flat_map(Crate::findings).collect()
}

impl Crate {
    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, messages) in &self.files {
            for (key, (line, _)) in messages.iter().filter(|(key, _)| !self.uses(key)) {
                let wrong = format!("nobody asks for {key}");
                findings.push(Finding::new(path, *line, wrong, "delete it, in both languages"));
            }
        }
        let exists =
            |key: &String| self.files.iter().any(|(_, messages)| messages.contains_key(key));
        for (path, line, key) in self.asked.iter().filter(|(_, _, key)| !exists(key)) {
            let wrong = format!("there is no message {key}");
            findings.push(Finding::new(path, *line, wrong, "write it, in both languages"));
        }
        findings
    }

    fn uses(&self, key: &str) -> bool {
        // An attribute belongs to its message.
        let key = key.split('.').next().unwrap_or(key);
        self.texts.contains(key)
            || self.texts.iter().any(|text| text.contains('{') && self.could_become(text, key))
    }

    /// Whether `sort-{kind}-hint` could be the key, with something for each hole. Where it says little for
    /// certain, such as `{kind}-{part}`, what stands in the holes must be texts of this crate.
    fn could_become(&self, text: &str, key: &str) -> bool {
        let parts = parts(text);
        let Some(filled) = filled(&parts, key) else {
            return false;
        };
        let certain = parts.concat().chars().filter(|letter| letter.is_alphanumeric()).count();
        certain >= 3 || filled.iter().all(|word| self.texts.contains(*word))
    }
}

/// What stands around the holes of a text that is put together.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        parts.push(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    parts.push(rest);
    parts
}

/// What would have to stand in the holes.
fn filled<'a>(parts: &[&str], key: &'a str) -> Option<Vec<&'a str>> {
    let [first, between @ .., last] = parts else {
        return None;
    };
    let mut rest = key.strip_prefix(first)?.strip_suffix(last)?;
    let mut filled = Vec::new();
    for part in between {
        // Two holes side by side say nothing, and where they meet may be anywhere: the last place fits keys.
        let (word, after) = rest.rsplit_once(part).filter(|_| !part.is_empty())?;
        filled.push(word);
        rest = after;
    }
    filled.push(rest);
    Some(filled)
}

/// Messages that other messages take in, `{ so }`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    text.split('{').skip(1).filter_map(move |inside| {
        let name = inside.split('}').next()?.trim();
        name.chars().all(plain).then_some(name)
    })
}

fn read_template(path: &str, text: &str, here: &mut Crate) {
    for (index, line) in text.lines().enumerate() {
        for code in line.split("{{").skip(1).chain(line.split("{%").skip(1)) {
            here.texts.extend(code.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        for way in ["t.get(\"", "t.with(\""] {
            for after in line.split(way).skip(1) {
                let key = after.split('"').next().unwrap_or_default();
                here.asked.push((path.to_owned(), index + 1, key.to_owned()));
            }
        }
    }
}

fn read_source(source: &Source, here: &mut Crate) {
    let is_shipped = |token: &&Token| !source.is_test(token.line);
    for token in source.tokens.iter().filter(is_shipped) {
        if let Kind::Text(text) = &token.kind {
            here.texts.insert(text.clone());
        }
    }
    for (line, key) in asked(&source.tokens).filter(|(line, _)| !source.is_test(*line)) {
        here.asked.push((source.path.to_owned(), line, key.to_owned()));
    }
}

/// The keys of `t.get("…")`, `t.with("…")` and of `…(&TEXTS, language, "…")`.
fn asked(tokens: &[Token]) -> impl Iterator<Item = (usize, &str)> {
    let plain = |token: &Token, word: &str| matches!(&token.kind, Kind::Plain(own) if own == word);
    (0..tokens.len()).filter_map(move |at| {
        let rest = &tokens[at..];
        let by_text = rest.len() > 4
            && plain(&rest[0], "t")
            && plain(&rest[1], ".")
            && (plain(&rest[2], "get") || plain(&rest[2], "with"));
        let found = if by_text {
            rest.get(4)
        } else if plain(&rest[0], "TEXTS") && rest.get(1).is_some_and(|next| plain(next, ",")) {
            let call =
                rest.iter().take(12).take_while(|token| !plain(token, ")") && !plain(token, "("));
            call.into_iter().find(|token| matches!(token.kind, Kind::Text(_)))
        } else {
            None
        };
        match found.map(|token| (token.line, &token.kind)) {
            Some((line, Kind::Text(key))) => Some((line, key.as_str())),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(files: &[(&str, &str)]) -> Vec<String> {
        let texts: Vec<(String, String)> =
            files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        let sources: Vec<Source> = files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .filter_map(|(path, text)| Source::parse(path, text).ok())
            .collect();
        let mut wrong: Vec<String> = check(&texts, &sources)
            .into_iter()
            .map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.wrong))
            .collect();
        wrong.sort();
        wrong
    }

    const ENGLISH: &str = "services/a/locales/en/main.ftl";
    const NOTHING: [&str; 0] = [];

    #[test]
    fn what_nobody_asks_for_is_found() {
        let messages = (ENGLISH, "one = One\ntwo = Two { three }\nthree = 3\nfour = 4\n");
        let template =
            ("services/a/templates/a.html", "<p title=\"four\">{{ t.get(\"two\") }}</p>");
        let source =
            ("services/a/src/lib.rs", "#[cfg(test)]\nmod tests { const X: &str = \"one\"; }");
        assert_eq!(
            wrong(&[messages, template, source]),
            [
                "services/a/locales/en/main.ftl:1: nobody asks for one",
                "services/a/locales/en/main.ftl:4: nobody asks for four"
            ]
        );
    }

    #[test]
    fn a_key_may_be_put_together() {
        let messages = (ENGLISH, "sort-a-hint = One\nlabel = L\n    .title = T\n");
        let source =
            ("services/a/src/lib.rs", "fn a() { format!(\"sort-{kind}-hint\"); tab(\"label\") }");
        assert_eq!(wrong(&[messages, source]), NOTHING);
    }

    #[test]
    fn a_key_of_holes_alone_is_made_of_words_that_are_there() {
        let messages = (ENGLISH, "new-lesson-body = One\nnew-quiz-body = Two\n");
        let text = "fn a() { format!(\"{kind}-{part}\"); [\"new-lesson\", \"body\"] }";
        assert_eq!(
            wrong(&[messages, ("services/a/src/lib.rs", text)]),
            ["services/a/locales/en/main.ftl:2: nobody asks for new-quiz-body"]
        );
    }

    #[test]
    fn what_does_not_exist_is_found() {
        let messages = (ENGLISH, "one = One\n");
        let template = ("services/a/templates/a.html", "{{ t.with(\"two\", []) }}");
        let source = (
            "services/a/src/pages/a.rs",
            "fn a() {\n    t.get(\"one\");\n    ui::text(&TEXTS, language, \"three\");\n    map.get(\"x\");\n}",
        );
        assert_eq!(
            wrong(&[messages, template, source]),
            [
                "services/a/src/pages/a.rs:3: there is no message three",
                "services/a/templates/a.html:1: there is no message two"
            ]
        );
    }
}
