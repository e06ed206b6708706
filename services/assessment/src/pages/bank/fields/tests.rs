//! Questions that go into the form and come back, and what the form refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use event::Language;

use super::*;
use crate::{TEXTS, gift};

fn words() -> Words {
    Words::new(&TEXTS, Language::En)
}

/// Every sort of question in every GIFT file of the tests goes into its form and comes back the same.
#[test]
fn a_question_goes_into_the_form_and_comes_back() {
    let files = [
        "::T::Q{T#wrong#right####general}",
        "[markdown]Which *one*?{~a#no =b#yes ~%50%c}",
        "Some?{~%50%a ~%50%b ~%-100%c}",
        "[html]Short{=a* =%50%b#half}",
        "N{#=3:0.5 =%50%2..4#near ~#off}",
        "M{=a -> 1 =b -> 2 = -> 3}",
        "Tell{####what to look for}",
        "Just read.",
        MIXED,
        "[markdown]M{=[html]<b>a</b> -> 1 =[plain]b -> 2 = -> 3}",
        "T{F#[html]wrong#[plain]right####[markdown]general}",
        "[plain]N{#=3:0.5#[html]near ~#off}",
    ];
    for file in files {
        let parsed = gift::parse("test.gift", file);
        assert_eq!(parsed.refused, [], "{file}");
        let content = &parsed.questions[0];
        for t in [words(), Words::new(&TEXTS, Language::Fr)] {
            let back = Fields::of(t, content).content(t, Some(content)).unwrap();
            assert_eq!(&back, content, "{file}");
        }
    }
}

/// GIFT may say of each text of a question how it is to be shown.
const MIXED: &str = "[html]<b>Q</b>{~[markdown]*a*#[plain]no =b#[moodle]yes ~c####[plain]general}";

/// The form chooses one format for all: until somebody does, each text that stays as it was keeps its own.
#[test]
fn a_text_that_nobody_changed_keeps_its_format() {
    use Format::{Html, Markdown, Moodle, Plain};
    let parsed = gift::parse("test.gift", MIXED);
    let before = &parsed.questions[0];
    let saved = |changes: &[(&str, &str)]| {
        let mut fields = Fields::of(words(), before);
        for (name, value) in changes {
            fields.set(name, value);
        }
        let sent = Answers(fields.values.into_iter().collect());
        formats(&Fields::sent(Sort::Choice, &sent).content(words(), Some(before)).unwrap())
    };
    assert_eq!(saved(&[]), [Html, Markdown, Plain, Html, Moodle, Html, Plain]);
    let rewritten = [("choice-1", "<i>a</i>"), ("general", "more")];
    assert_eq!(saved(&rewritten), [Html, Html, Plain, Html, Moodle, Html, Html]);
    assert_eq!(saved(&[("format", "markdown")]), [Markdown; 7]);
}

/// Of the question, of each choice and of what is said to it, and of what is said to everyone.
fn formats(content: &QuestionContent) -> Vec<Format> {
    let Kind::SingleChoice { choices } = &content.kind else { panic!("{content:?}") };
    let answers = choices.iter().flat_map(|choice| [Some(&choice.text), choice.feedback.as_ref()]);
    let all = [Some(&content.text)].into_iter().chain(answers);
    let all = all.chain([content.general_feedback.as_ref()]);
    all.flatten().map(|text| text.format).collect()
}

#[test]
fn numbers_stand_in_the_form_as_the_reader_writes_them() {
    let parsed = gift::parse("test.gift", "N{#=3.5:0.25 =%33.33333%1.5..2.5}");
    let of = |language| Fields::of(Words::new(&TEXTS, language), &parsed.questions[0]);
    let shown = |fields: Fields| {
        ["number-1", "tolerance-1", "number-2", "weight-2"].map(|name| fields.get(name).to_owned())
    };
    assert_eq!(shown(of(Language::En)), ["3.5", "0.25", "1.5..2.5", "33.33333"]);
    assert_eq!(shown(of(Language::Fr)), ["3,5", "0,25", "1,5..2,5", "33,33333"]);
}

/// What is said to an answer is not dropped because the answer is missing.
#[test]
fn a_line_without_its_answer_is_not_lost() {
    let of = |more: (&'static str, &'static str)| {
        [("text", "Q"), ("choice-1", "a"), ("weight-1", "100"), ("choice-2", "b"), more]
    };
    assert_eq!(wrong(Sort::Choice, &of(("feedback-3", "No"))), ["choice-3"]);
    assert_eq!(wrong(Sort::Choice, &of(("weight-3", "0"))), [""; 0]);
    let number = [("text", "Q"), ("number-1", "3"), ("tolerance-2", "0.5")];
    assert_eq!(wrong(Sort::Numerical, &number), ["number-2"]);
}

fn wrong(sort: Sort, fields: &[(&str, &str)]) -> Vec<String> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let answers = Answers(fields.iter().map(pair).collect());
    match Fields::sent(sort, &answers).content(words(), None) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn each_fault_is_said_beside_its_field() {
    let none: [&str; 0] = [];
    assert_eq!(wrong(Sort::Essay, &[("text", "Tell")]), none);
    assert_eq!(wrong(Sort::Essay, &[]), ["text"]);
    assert_eq!(wrong(Sort::TrueFalse, &[("text", "Q")]), ["answer"]);
    let one = [("text", "Q"), ("choice-1", "a"), ("weight-1", "100")];
    assert_eq!(wrong(Sort::Choice, &one), ["choice-2"]);
    let none_full = [("text", "Q"), ("choice-1", "a"), ("choice-2", "b"), ("weight-2", "50")];
    assert_eq!(wrong(Sort::Choice, &none_full), ["weight-1"]);
    let high = [("text", "Q"), ("accepted-1", "a"), ("weight-1", "101 %")];
    assert_eq!(wrong(Sort::ShortAnswer, &high), ["weight-1"]);
    let numbers = [
        ("text", "Q"),
        ("number-1", "4..3"),
        ("number-2", "x"),
        ("number-3", "1"),
        ("tolerance-3", "-1"),
    ];
    assert_eq!(wrong(Sort::Numerical, &numbers), ["number-1", "number-2", "tolerance-3"]);
    let pairs = [("text", "Q"), ("item-1", "a"), ("match-1", "b"), ("item-2", "c")];
    assert_eq!(wrong(Sort::Matching, &pairs), ["match-2"]);
    assert_eq!(wrong(Sort::Matching, &pairs[..3]), ["item-1"]);
    let long = "x".repeat(LONGEST_TEXT + 1);
    assert_eq!(wrong(Sort::Essay, &[("text", &long)]), ["text"]);
}

/// What the form takes can be exported, and is read again as the same question.
#[test]
fn what_the_form_accepts_is_gift() {
    let fields = [
        ("text", "Which {=~#:\\ one?\nReally"),
        ("choice-1", "-> a = b"),
        ("weight-1", "100"),
        ("choice-2", "%50% #c"),
        ("feedback-2", "no: {~}"),
        ("general", "-> general"),
    ];
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let answers = Answers(fields.iter().map(pair).collect());
    let content = Fields::sent(Sort::Choice, &answers).content(words(), None).unwrap();
    let read = gift::parse("back.gift", &gift::to_gift(std::slice::from_ref(&content)));
    assert_eq!((read.refused, read.questions), (vec![], vec![content]));
}
