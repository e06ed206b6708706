#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn terms(text: &str) -> Vec<String> {
    let mut weighted = weigh("", text);
    weighted.sort_by(|one, other| one.term.cmp(&other.term));
    weighted.into_iter().map(|weighted| weighted.term).collect()
}

#[test]
fn accents_case_plurals_and_stop_words_do_not_matter() {
    assert_eq!(terms("Les ÉVALUATIONS de l'élève"), ["eleve", "evaluation"]);
    assert_eq!(terms("the queues, and QUEUE"), ["queue"]);
    assert_eq!(terms("cœur Straße Nguyễn"), ["coeur", "nguyen", "strasse"]);
    assert_eq!(terms("ﬁle ²"), ["file"]);
    assert_eq!(terms("消息队列"), ["列", "息", "消", "队"]);
    assert_eq!(terms(&"x".repeat(100)), Vec::<String>::new());
}

#[test]
fn a_title_weighs_more_than_any_text() {
    let weighted = weigh("Queues", &"exchange queue ".repeat(5_000));
    let weight = |term: &str| weighted.iter().find(|found| found.term == term).unwrap().weight;
    assert_eq!((weight("queue"), weight("exchange")), (1_099, 99));
}

#[test]
fn the_snippet_stands_around_the_first_hit() {
    let text = format!(
        "{} the queue forgets, a log remembers {}",
        "before ".repeat(50),
        "after ".repeat(50)
    );
    let snippet = snippet(&text, &Words::of("QUEUES forget"));
    assert!(snippet.starts_with("… before") && snippet.ends_with("after …"), "{snippet}");
    assert!(snippet.contains("the queue forgets"), "{snippet}");
    assert!(snippet.chars().count() < 240);
    assert_eq!(super::snippet("short", &Words::of("absent")), "short");
}

#[test]
fn what_was_looked_for_is_marked() {
    let text = "The Queues, of messages";
    let parts = marked(text, &Words::of("queue message"));
    let hits: Vec<&str> =
        parts.iter().filter(|part| part.is_hit).map(|part| part.text.as_str()).collect();
    assert_eq!(hits, ["Queues,", "messages"]);
    let whole: String = parts.into_iter().map(|part| part.text).collect();
    assert_eq!(whole, text);
}

#[test]
fn plain_text_has_no_marks() {
    let text = plain(
        "# Title\n\nSee [the **page**](https://example.org/a) ![fig](x.svg) `code`!\n```bash\nls\n```\n",
    );
    assert_eq!(text, "Title\n\nSee the page fig code!\n\nls");
}

#[test]
fn blocks_and_cells_stand_apart_where_a_text_is_shown_in_one_line() {
    let text = plain(
        "Why queues\n---\n\nThey **wait**.\nAnd wait.\n## Kinds\n| Kind | Use |\n|:--|--:|\n\
         | direct | one |\n\n- first\n  of all\n- second\n1. third\n> said",
    );
    let words = Words::of("wait");
    let shown = snippet(&text, &words);
    assert_eq!(
        shown,
        "Why queues · They wait. And wait. · Kinds · Kind · Use · direct · one · first of all · \
         second · 1. third said"
    );
    let hits: Vec<_> = marked(&shown, &words).into_iter().filter(|part| part.is_hit).collect();
    assert_eq!(hits.iter().map(|hit| hit.text.as_str()).collect::<Vec<_>>(), ["wait.", "wait."]);
    assert_eq!(weigh("", "direct\n\none"), weigh("", "direct one"));
    assert_eq!(snippet("Indexed\n\nearlier\n", &words), "Indexed · earlier");
}

proptest! {
    #[test]
    fn nothing_panics_and_every_word_of_a_text_finds_it(text in "\\PC{0,300}") {
        let (plain, words) = (plain(&text), Words::of(&text));
        let weighted = weigh("", &text);
        for (from, to) in words.ranges() {
            let found = weighted.iter().any(|weighted| weighted.term.as_bytes() >= from.as_slice() && weighted.term.as_bytes() < to.as_slice());
            prop_assert!(found);
        }
        let whole: String = marked(&text, &words).into_iter().map(|part| part.text).collect();
        prop_assert_eq!(&whole, &text);
        let _ = (snippet(&text, &words), snippet(&plain, &words));
    }
}
