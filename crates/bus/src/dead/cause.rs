//! What dead letters of one fault have in common: the cause without what differs from one to the next.

use sha2::{Digest, Sha256};

use super::Kind;

/// Characters of a cause that decide.
const DECIDING: usize = 300;
/// Hexadecimal digits of a group's key.
const KEY: usize = 10;
/// Characters of a cause in a log.
const LOGGED: usize = 500;

/// A cause with its ids, numbers, dates and addresses taken out.
pub(super) fn general(cause: &str) -> String {
    let mut general = String::new();
    let mut word = String::new();
    for letter in cause.chars().take(DECIDING) {
        if letter.is_alphanumeric() || "-_.:@+".contains(letter) {
            word.push(letter);
            continue;
        }
        general.push_str(&general_word(&word));
        word.clear();
        general.push(letter);
    }
    general + &general_word(&word)
}

fn general_word(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ':', '-']);
    let end = &word[bare.len()..];
    if bare.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()) {
        return format!("@{end}");
    }
    if !bare.contains(|letter: char| letter.is_ascii_digit()) {
        return word.to_owned();
    }
    if bare.chars().all(|letter| letter.is_ascii_hexdigit() || "-.:+TZ_".contains(letter)) {
        return format!("#{end}");
    }
    let mut kept = String::new();
    for letter in bare.chars() {
        if !letter.is_ascii_digit() {
            kept.push(letter);
        } else if !kept.ends_with('#') {
            kept.push('#');
        }
    }
    kept + end
}

/// The key of the group to which a dead letter belongs: short, and the same tomorrow.
pub(super) fn group_key(consumer: &str, kind: Kind, cause: &str) -> String {
    let text = format!("{consumer}\n{}\n{}", kind.name(), general(cause));
    let hash = Sha256::digest(text.as_bytes());
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..KEY].to_owned()
}

/// A cause as it may stand in a log, which names nobody; and not without end.
pub(crate) fn loggable(cause: &str) -> String {
    without_addresses(cause).chars().take(LOGGED).collect()
}

/// A text on one line, without mail addresses.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_what_a_server_answered_and_no_address() {
        let answer = "451 4.7.1 <ana@example.org>:\r\ntry later, to=o'neill@example.org";
        assert_eq!(loggable(answer), "451 4.7.1 … try later, …");
        assert_eq!(loggable(&"ü ".repeat(LOGGED)).chars().count(), LOGGED);
    }

    #[test]
    fn what_differs_from_letter_to_letter_is_taken_out() {
        for (cause, expected) in [
            (
                "person 0198f2a0-0000-7000-8000-000000000000 is not known here yet",
                "person # is not known here yet",
            ),
            ("550 5.1.1 <ana@example.org>: no such user", "# # <@>: no such user"),
            (
                "at 2026-11-22T23:31:22.123Z, attempt 4 of 20 failed.",
                "at #, attempt # of # failed.",
            ),
            (
                "catalog.course-updated.v1: missing field `title`",
                "catalog.course-updated.v#: missing field `title`",
            ),
            ("dead beef, facade: a bad cafe", "dead beef, facade: a bad cafe"),
            ("déjà vu à 17 h", "déjà vu à # h"),
            ("", ""),
            ("@", "@"),
        ] {
            assert_eq!(general(cause), expected);
        }
    }

    #[test]
    fn one_fault_of_one_consumer_is_one_group() {
        let key = |consumer, number| {
            group_key(consumer, Kind::Event, &format!("no seat {number} in room 7"))
        };
        assert_eq!(key("a.b", 1), key("a.b", 20_000));
        assert_ne!(key("a.b", 1), key("a.c", 1));
        assert_eq!(key("a.b", 1).len(), KEY);
    }
}
