//! `cargo xtask tidy`: the rules that the compiler does not know.
//!
//! Each finding is one line, `path:line: what is wrong: what to do`. Each rule shows in its tests what it
//! catches and what it lets through. A rule that is wrong is changed here; nothing can be excused in place.

mod borders;
mod code;
mod locales;
mod messages;
mod source;
mod text;

use std::{fmt, fs};

use anyhow::Result;

use crate::repository::Repository;
use source::Source;

/// Prints what is not in order; says whether all is.
pub fn run(repository: &Repository) -> Result<bool> {
    let files = repository.files()?;
    let texts: Vec<(String, String)> = files
        .iter()
        // What is not text, or deleted but still known to git, has no rules.
        .filter_map(|path| {
            Some((path.clone(), fs::read_to_string(repository.root.join(path)).ok()?))
        })
        .collect();
    let mut findings = borders::check(repository)?;
    findings.extend(check(&texts, &files));
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    println!("    {} files, {} findings", texts.len(), findings.len());
    Ok(findings.is_empty())
}

fn check(texts: &[(String, String)], files: &[String]) -> Vec<Finding> {
    let paths: Vec<&str> = files.iter().map(String::as_str).collect();
    let services = services(&paths);
    let mut findings = locales::check(texts);
    let mut sources = Vec::new();
    for (path, text) in texts {
        findings.extend(text::check(path, text, &paths));
        if path.ends_with(".rs") {
            match Source::parse(path, text) {
                Ok(source) => sources.push(source),
                Err(finding) => findings.push(finding),
            }
        }
    }
    findings.extend(sources.iter().flat_map(|source| code::check(source, &services)));
    findings.extend(messages::check(texts, &sources));
    findings
}

/// The names of the services: the folders under `services/`.
fn services(paths: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = paths
        .iter()
        .filter_map(|path| Some(path.strip_prefix("services/")?.split_once('/')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}

/// One thing that is not in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    wrong: String,
    remedy: String,
}

impl Finding {
    fn new(path: &str, line: usize, wrong: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, wrong: wrong.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}: {}: {}", self.path, self.line, self.wrong, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_follow() {
        let finding = Finding::new("a/b.rs", 7, "this is wrong", "do that");
        assert_eq!(finding.to_string(), "a/b.rs:7: this is wrong: do that");
    }

    #[test]
    fn services_are_the_folders_under_services() {
        let paths = [
            "Cargo.toml",
            "services/catalog/Cargo.toml",
            "services/catalog/src/lib.rs",
            "services/x/a",
        ];
        assert_eq!(services(&paths), ["catalog", "x"]);
    }
}
