//! The rules for every file that is text.

use super::Finding;

// Put together here, so that the rules do not find themselves.
const MARKERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACHINE_PATHS: [&str; 3] =
    [concat!("/wo", "rk/"), concat!("/tmp", "/bash"), concat!("/tmp", "/estrade")];

pub fn check(path: &str, text: &str, paths: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut find =
            |wrong: String, remedy| findings.push(Finding::new(path, index + 1, wrong, remedy));
        if let Some(marker) = MARKERS.iter().find(|marker| has_word(line, marker)) {
            find(format!("{marker} is left"), "do it, or write an issue");
        }
        if let Some(machine) = MACHINE_PATHS.iter().find(|machine| begins_with_path(line, machine))
        {
            find(
                format!("a path of one machine ({machine})"),
                "make it relative to the repository",
            );
        }
        if path.ends_with(".md") {
            for gone in named_files(line, paths).filter(|named| !exists(named, paths)) {
                find(format!("{gone} does not exist"), "name the file as it is called now");
            }
        }
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, found)| {
        let before = line[..start].chars().next_back();
        let after = line[start + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// An address such as `https://example.org/work/` is no path of a machine.
fn begins_with_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-/".contains(character))
    })
}

/// What a document puts in backticks and looks like a Rust file in a folder, or lies under one of the folders
/// of the root.
fn named_files<'a>(line: &'a str, paths: &[&str]) -> impl Iterator<Item = &'a str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let paths_in_folders = quoted
        .filter(|word| !word.contains(['<', '*', '{', ' ', '…']))
        .filter_map(|word| Some((word, word.split_once('/')?.0)));
    let looks_like_ours =
        move |(word, folder): &(&str, &str)| word.ends_with(".rs") || is_at_root(folder, paths);
    paths_in_folders.filter(looks_like_ours).map(|(word, _)| word)
}

fn is_at_root(folder: &str, paths: &[&str]) -> bool {
    paths.iter().any(|path| path.split_once('/').is_some_and(|(first, _)| first == folder))
}

/// Whole, or a part of a path: `domain/quiz.rs` is enough where the text says which crate it speaks of, and a
/// folder is there if something is in it.
fn exists(named: &str, paths: &[&str]) -> bool {
    let named = format!("/{}/", named.trim_end_matches('/'));
    paths.iter().any(|path| format!("/{path}/").contains(&named))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(path: &str, text: &str) -> Vec<String> {
        let paths = ["crates/bus/src/relay.rs"];
        check(path, text, &paths).into_iter().map(|finding| finding.wrong).collect()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn nothing_is_left_to_do() {
        for marker in MARKERS {
            let text = format!("fine\n// {marker}: later");
            assert_eq!(wrong("a.rs", &text), [format!("{marker} is left")]);
            assert_eq!(wrong("a.rs", &text.to_lowercase()), NOTHING);
            assert_eq!(wrong("a.rs", &format!("{marker}S")), NOTHING);
        }
    }

    #[test]
    fn no_path_of_a_machine() {
        for path in MACHINE_PATHS {
            assert_eq!(
                wrong("a.md", &format!("see {path}main")),
                [format!("a path of one machine ({path})")]
            );
            assert_eq!(wrong("a.md", &format!("see https://example.org{path}main")), NOTHING);
        }
    }

    #[test]
    fn documents_name_files_that_exist() {
        assert_eq!(
            wrong("ARCHITECTURE.md", "the `bus/src/old.rs`"),
            ["bus/src/old.rs does not exist"]
        );
        assert_eq!(
            wrong("ARCHITECTURE.md", "`src/relay.rs`, `services/<name>/src/lib.rs`, `relay.rs`"),
            NOTHING
        );
        assert_eq!(
            wrong("docs/a.md", "`crates/bus/README.md`, `crates/bu/`"),
            ["crates/bus/README.md does not exist", "crates/bu/ does not exist"]
        );
        assert_eq!(
            wrong(
                "docs/a.md",
                "`crates/bus/src/`, `crates/*/README.md`, `target/a.md`, `/crates/a`"
            ),
            NOTHING
        );
        assert_eq!(wrong("a.rs", "/// See `crates/bus/README.md`."), NOTHING);
    }
}
