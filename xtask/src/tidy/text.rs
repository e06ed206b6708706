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
        if path.ends_with(".md") && !path.contains('/') {
            for gone in named_files(line).filter(|named| !exists(named, paths)) {
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

/// What a document at the root puts in backticks and looks like a Rust file in a folder.
fn named_files(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        word.ends_with(".rs") && word.contains('/') && !word.contains(['<', '*', '{', ' ', '…'])
    })
}

/// Whole, or the end of a path: `domain/quiz.rs` is enough where the text says which crate it speaks of.
fn exists(named: &str, paths: &[&str]) -> bool {
    paths.iter().any(|path| {
        path.strip_suffix(named).is_some_and(|front| front.is_empty() || front.ends_with('/'))
    })
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
    }
}
