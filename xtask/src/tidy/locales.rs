//! Text for people is there in French and in English.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;

const LANGUAGES: [&str; 2] = ["fr", "en"];

/// A message's key, the line it is on, and the variables it is given.
pub type Messages = BTreeMap<String, (usize, BTreeSet<String>)>;

pub fn check(texts: &[(String, String)]) -> Vec<Finding> {
    let files: BTreeMap<&str, Messages> = texts
        .iter()
        .filter(|(path, _)| path.ends_with(".ftl"))
        .map(|(path, text)| (path.as_str(), messages(text)))
        .collect();
    let mut findings = Vec::new();
    for (path, messages) in &files {
        let Some((other, others)) =
            counterpart(path).map(|other| (files.get(other.as_str()), other))
        else {
            findings.push(Finding::new(
                path,
                1,
                "neither French nor English",
                "call it fr.ftl or en.ftl",
            ));
            continue;
        };
        let Some(other_messages) = other else {
            findings.push(Finding::new(path, 1, format!("{others} is missing"), "write it"));
            continue;
        };
        findings.extend(differences(path, messages, &others, other_messages));
    }
    findings
}

fn differences(path: &str, messages: &Messages, other: &str, others: &Messages) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, (line, variables)) in messages {
        let Some((_, other_variables)) = others.get(key) else {
            findings.push(Finding::new(
                path,
                *line,
                format!("{key} is not in {other}"),
                "translate it, or delete it",
            ));
            continue;
        };
        for variable in variables.difference(other_variables) {
            let wrong = format!("{key} has ${variable}, but not in {other}");
            findings.push(Finding::new(path, *line, wrong, "say the same in both languages"));
        }
    }
    findings
}

/// `locales/fr.ftl` and `locales/fr/mail.ftl` have one in `en`, and the other way round.
fn counterpart(path: &str) -> Option<String> {
    let swap = |part: &str| match part.strip_suffix(".ftl").unwrap_or(part) {
        language if language == LANGUAGES[0] => Some(part.replacen(LANGUAGES[0], LANGUAGES[1], 1)),
        language if language == LANGUAGES[1] => Some(part.replacen(LANGUAGES[1], LANGUAGES[0], 1)),
        _ => None,
    };
    let parts: Vec<&str> = path.split('/').collect();
    let index = parts.iter().rposition(|part| swap(part).is_some())?;
    let swapped: Vec<String> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| swap(part).filter(|_| at == index).unwrap_or((*part).into()))
        .collect();
    Some(swapped.join("/"))
}

pub fn messages(text: &str) -> Messages {
    let mut messages = Messages::new();
    let mut message = String::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let mut key = None;
        if let Some(name) = key_of(line) {
            message = name.to_owned();
            key = Some(message.clone());
        } else if let Some(attribute) = line.trim_start().strip_prefix('.').and_then(key_of) {
            key = Some(format!("{message}.{attribute}"));
        }
        if let Some(key) = key {
            messages.insert(key, (index + 1, BTreeSet::new()));
        }
        if let Some((_, known)) = messages.get_mut(&message) {
            known.extend(variables(line).map(str::to_owned));
        }
    }
    messages
}

fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!key.is_empty() && key.bytes().all(plain)).then_some(key)
}

fn variables(line: &str) -> impl Iterator<Item = &str> {
    line.split('{')
        .skip(1)
        .flat_map(|rest| rest.split('}').next())
        .flat_map(|inside| inside.split('$').skip(1))
        .map(|name| {
            let end = name
                .find(|character: char| !character.is_alphanumeric() && !"-_".contains(character));
            &name[..end.unwrap_or(name.len())]
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(files: &[(&str, &str)]) -> Vec<String> {
        let texts: Vec<(String, String)> =
            files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        check(&texts)
            .into_iter()
            .map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.wrong))
            .collect()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn every_message_is_in_both_languages() {
        let french = (
            "a/locales/fr.ftl",
            "# Accueil\nhello = Bonjour\n    .title = Salut\nonly-here = Ici\n",
        );
        let english = ("a/locales/en.ftl", "hello = Hello\n");
        assert_eq!(
            wrong(&[french, english]),
            [
                "a/locales/fr.ftl:3: hello.title is not in a/locales/en.ftl",
                "a/locales/fr.ftl:4: only-here is not in a/locales/en.ftl"
            ]
        );
        assert_eq!(
            wrong(&[("locales/fr.ftl", "a = b\n    c = d\n"), ("locales/en.ftl", "a = e\n")]),
            NOTHING
        );
    }

    #[test]
    fn both_languages_say_the_same() {
        let french = ("locales/fr/mail.ftl", "hi = Bonjour { $name }, { NUMBER($mark) }\n");
        let english = ("locales/en/mail.ftl", "hi = Hello { $name }\n");
        assert_eq!(
            wrong(&[french, english]),
            ["locales/fr/mail.ftl:1: hi has $mark, but not in locales/en/mail.ftl"]
        );
    }

    #[test]
    fn a_language_is_not_missing() {
        assert_eq!(
            wrong(&[("locales/en.ftl", "a = b\n")]),
            ["locales/en.ftl:1: locales/fr.ftl is missing"]
        );
        assert_eq!(
            wrong(&[("locales/de.ftl", "a = b\n")]),
            ["locales/de.ftl:1: neither French nor English"]
        );
    }
}
