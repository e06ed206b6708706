#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::domain::{Choice, Format, Kind, NumberPattern, Text, Weight};
use proptest::prelude::*;
use rstest::rstest;

fn one(text: &str) -> QuestionContent {
    let mut parsed = parse("test.gift", text);
    assert_eq!(parsed.refused, []);
    assert_eq!(parsed.questions.len(), 1, "{parsed:?}");
    parsed.questions.remove(0)
}

fn refused(text: &str) -> (usize, Reason) {
    let mut parsed = parse("test.gift", text);
    assert_eq!(parsed.questions, []);
    assert_eq!(parsed.refused.len(), 1, "{:?}", parsed.refused);
    let refusal = parsed.refused.remove(0);
    (refusal.line, refusal.reason)
}

fn choices<'a>(kind: &'a Kind) -> Vec<(&'a str, String, Option<&'a str>)> {
    let (Kind::SingleChoice { choices } | Kind::MultipleChoice { choices }) = kind else {
        panic!("{kind:?}")
    };
    let said = |choice: &'a Choice| choice.feedback.as_ref().map(|text| text.text.as_str());
    let read = |choice: &'a Choice| {
        (choice.text.text.as_str(), choice.weight.percent().to_string(), said(choice))
    };
    choices.iter().map(read).collect()
}

/// Real files, by other hands; `tests-data/gift/LICENSE` says whose.
#[rstest]
#[case("TFTwoFeedback", include_str!("../../tests-data/gift/TFTwoFeedback.gift"))]
#[case("category1", include_str!("../../tests-data/gift/category1.gift"))]
#[case("escapeAll", include_str!("../../tests-data/gift/escapeAll.gift"))]
#[case("essay1", include_str!("../../tests-data/gift/essay1.gift"))]
#[case("giftFormatPhpExamples", include_str!("../../tests-data/gift/giftFormatPhpExamples.gift"))]
#[case("markdown", include_str!("../../tests-data/gift/markdown.gift"))]
#[case("matching1", include_str!("../../tests-data/gift/matching1.gift"))]
#[case("mc1", include_str!("../../tests-data/gift/mc1.gift"))]
#[case("mc5", include_str!("../../tests-data/gift/mc5.gift"))]
#[case("multipleAnswersFloat", include_str!("../../tests-data/gift/multipleAnswersFloat.gift"))]
#[case("numerical1", include_str!("../../tests-data/gift/numerical1.gift"))]
#[case("options1", include_str!("../../tests-data/gift/options1.gift"))]
#[case("shortAnswer1", include_str!("../../tests-data/gift/shortAnswer1.gift"))]
fn samples(#[case] name: &str, #[case] text: &str) {
    let parsed = parse(name, text);
    assert_eq!(parsed.refused, []);
    insta::assert_json_snapshot!(name, parsed.questions);
    assert_eq!(parse(name, &to_gift(&parsed.questions)), parsed, "written and read back");
    let with_windows_line_ends = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(parse_bytes(name, with_windows_line_ends.as_bytes()), parsed);
}

#[rstest]
#[case("Q{T}", true, None, None)]
#[case("Q{ TRUE }", true, None, None)]
#[case("Q{F#no}", false, Some("no"), None)]
#[case("Q{FALSE#no#yes}", false, Some("no"), Some("yes"))]
#[case("Q{TRUE##yes}", true, None, Some("yes"))]
#[case("Q{T#a\\#b#c####d}", true, Some("a#b"), Some("c"))]
fn true_or_false(
    #[case] gift: &str,
    #[case] right: bool,
    #[case] wrong: Option<&str>,
    #[case] well: Option<&str>,
) {
    let Kind::TrueFalse { answer, wrong_feedback, right_feedback } = one(gift).kind else {
        panic!()
    };
    assert_eq!(answer, right);
    assert_eq!(wrong_feedback.map(|text| text.text).as_deref(), wrong);
    assert_eq!(right_feedback.map(|text| text.text).as_deref(), well);
}

#[test]
fn what_is_not_quite_true_is_a_short_answer() {
    for gift in ["Q{true}", "Q{=TRUE}", "Q{Tea}"] {
        assert!(matches!(one(gift).kind, Kind::ShortAnswer { .. }), "{gift}");
    }
}

#[test]
fn one_right_choice_with_feedback_and_partial_credit() {
    let question = one("Q{~no#A: no ~%50%half =yes#well \\= done ~%-25%costly####so it is}");
    assert!(matches!(question.kind, Kind::SingleChoice { .. }));
    let expected = [
        ("no", "0".to_owned(), Some("A: no")),
        ("half", "50".to_owned(), None),
        ("yes", "100".to_owned(), Some("well = done")),
        ("costly", "-25".to_owned(), None),
    ];
    assert_eq!(choices(&question.kind), expected);
    assert_eq!(question.general_feedback, Some(Text::new(Format::Moodle, "so it is")));
}

#[rstest]
#[case("~%50%a ~%50%b ~%-100%c", &["50", "50", "-100"])]
#[case("~%33.33333%a ~%33.33333%b ~%33.33333%c", &["33.33333", "33.33333", "33.33333"])]
#[case("~%33,33333%a ~%66.66667%b ~c", &["33.33333", "66.66667", "0"])]
#[case("~%100%a ~%100%b", &["100", "100"])]
#[case("~%100%a ~% b", &["100", "0"])]
fn weights_of_several(#[case] answers: &str, #[case] weights: &[&str]) {
    let question = one(&format!("Q{{{answers}}}"));
    assert!(matches!(question.kind, Kind::MultipleChoice { .. }));
    let read: Vec<String> = choices(&question.kind).into_iter().map(|choice| choice.1).collect();
    assert_eq!(read, weights);
}

#[rstest]
#[case("#3:0.5", NumberPattern::Near { value: 3.into(), tolerance: "0.5".parse().unwrap() })]
#[case("# =3 ", NumberPattern::Near { value: 3.into(), tolerance: 0.into() })]
#[case("#1..5", NumberPattern::Between { low: 1.into(), high: 5.into() })]
#[case("#-5 .. -1", NumberPattern::Between { low: (-5).into(), high: (-1).into() })]
#[case("#2,5", NumberPattern::Near { value: "2.5".parse().unwrap(), tolerance: 0.into() })]
#[case("#*", NumberPattern::Any)]
fn numbers(#[case] answers: &str, #[case] pattern: NumberPattern) {
    let Kind::Numerical { accepted } = one(&format!("Q{{{answers}}}")).kind else { panic!() };
    assert_eq!(accepted[0].pattern, pattern);
    assert_eq!(accepted[0].weight, Weight::FULL);
}

#[test]
fn several_numbers_and_what_is_said_to_the_others() {
    let Kind::Numerical { accepted } = one("Q{#=9:0#yes =%50%9:2#close ~#no}").kind else {
        panic!()
    };
    let said: Vec<&str> =
        accepted.iter().map(|answer| answer.feedback.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(said, ["yes", "close", "no"]);
    assert_eq!((&accepted[2].pattern, accepted[2].weight), (&NumberPattern::Any, Weight::NONE));
}

#[test]
fn matching_may_have_answers_that_fit_nothing() {
    let Kind::Matching { pairs, distractors } =
        one("Q{=[html]<b>a</b> -> b \n = c->d->e =-> f}").kind
    else {
        panic!()
    };
    assert_eq!(pairs[0].item, Text::new(Format::Html, "<b>a</b>"));
    assert_eq!((pairs[1].item.text.as_str(), pairs[1].answer.as_str()), ("c", "d->e"));
    assert_eq!(distractors, ["f"]);
}

#[rstest]
#[case("Two plus two is {=four =4}.", "Two plus two is _____.")]
#[case("A{=a}", "A")]
#[case("{=Paris} is the capital.", "_____ is the capital.")]
#[case("[markdown]A **b** {T} c", "A **b** _____ c")]
fn missing_words(#[case] gift: &str, #[case] text: &str) {
    assert_eq!(one(gift).text.text, text);
}

#[rstest]
#[case("[html]<b>Q</b>{=a#b}", Format::Html)]
#[case("::t::[plain] Q{=a#b}", Format::Plain)]
#[case("[markdown]Q{=a#b}", Format::Markdown)]
#[case("[moodle]Q{=a#b}", Format::Moodle)]
#[case("[draft]Q{=a#b}", Format::Moodle)]
fn feedback_inherits_the_format_of_the_question(#[case] gift: &str, #[case] format: Format) {
    let question = one(gift);
    assert_eq!(question.text.format, format);
    let Kind::ShortAnswer { accepted } = question.kind else { panic!() };
    assert_eq!(accepted[0].feedback.as_ref().unwrap().format, format);
}

#[test]
fn titles_comments_labels_and_categories() {
    let text = "// a file [id:not of any question]\n\n$CATEGORY: $course$/top/Queues\n\n\
        // [id:q\\]7] [tag:easy] [tag: broker ] [tag:easy]\n  // more\n::A \\:: title:: First?{T}\n\n\
        $CATEGORY: top/Essays\nSecond?{\n// the answer is long\n}\n\n$CATEGORY:\n\nThird?{}";
    let parsed = parse("test.gift", text);
    assert_eq!(parsed.refused, []);
    let [first, second, third] = &parsed.questions[..] else { panic!("{parsed:?}") };
    assert_eq!(first.title.as_deref(), Some("A :: title"), "an escaped colon ends nothing");
    assert_eq!(first.category.as_deref(), Some("$course$/top/Queues"));
    assert_eq!(first.author_id.as_deref(), Some("q]7"));
    assert_eq!(first.tags, ["easy", "broker"]);
    assert_eq!(second.category.as_deref(), Some("top/Essays"));
    assert_eq!((&second.kind, second.author_id.as_deref()), (&Kind::Essay, None));
    assert_eq!(third.category, None);
}

#[test]
fn blank_lines_separate_but_not_inside_braces() {
    let parsed = parse("test.gift", "One {\n\n~a\n   \n=b\n}\n \t \n\n\nTwo\nlines {T}\n\nThree");
    assert_eq!(parsed.refused, []);
    let texts: Vec<&str> =
        parsed.questions.iter().map(|question| question.text.text.as_str()).collect();
    assert_eq!(texts, ["One", "Two\nlines", "Three"]);
}

#[test]
fn a_bad_question_takes_no_other_with_it() {
    let text = "One{T}\n\nTwo {~a =b\n\n// Three }\nThree{T}\n\nFour {\n ~a\n =%150%b\n}\n\nFive }\n\nSix{F}\n\nSeven{";
    let parsed = parse("quiz.gift", text);
    let texts: Vec<&str> =
        parsed.questions.iter().map(|question| question.text.text.as_str()).collect();
    assert_eq!(texts, ["One", "Three", "Six"]);
    insta::assert_snapshot!(
        "refusals",
        parsed.refused.iter().map(|refusal| format!("{refusal}\n")).collect::<String>()
    );
}

#[rstest]
#[case("::title {T}", 1, Reason::TitleNotClosed)]
#[case("\n\n{T}", 3, Reason::NoText)]
#[case("::t::", 1, Reason::NoText)]
#[case("Q{T}\nR{T}", 2, Reason::SecondBrace)]
#[case("Q{\\frac{1}{2}}", 1, Reason::SecondBrace)]
#[case("Q{T}}", 1, Reason::BraceNotOpened)]
#[case("Q{#}", 1, Reason::NoAnswer)]
#[case("Q{=}", 1, Reason::AnswerWithoutText)]
#[case("Q{\n=a\n~#why}", 3, Reason::AnswerWithoutText)]
#[case("Q{a ~b =c}", 1, Reason::TextBeforeAnswers)]
#[case("Q{~a}", 1, Reason::OneChoice)]
#[case("Q{=%50%a ~b}", 1, Reason::NoFullMark)]
#[case("Q{=%50%a}", 1, Reason::NoFullMark)]
#[case("Q{#=%50%3}", 1, Reason::NoFullMark)]
#[case("Q{~a ~b}", 1, Reason::WeightsTooLow { total: 0.into() })]
#[case("Q{~%50%a ~%40%b ~%-50%c}", 1, Reason::WeightsTooLow { total: 90.into() })]
#[case("Q{#three}", 1, Reason::NotANumber { text: "three".to_owned() })]
#[case("Q{#5..1}", 1, Reason::RangeBackwards)]
#[case("Q{#5:-1}", 1, Reason::NegativeTolerance)]
#[case("Q{\n=a->b\n=c}", 3, Reason::NoArrow)]
#[case("Q{=a->b}", 1, Reason::OnePair)]
#[case("Q{=a-> =b->c}", 1, Reason::AnswerWithoutText)]
#[case("Q\0{T}", 1, Reason::Nul)]
fn refusals(#[case] gift: &str, #[case] line: usize, #[case] reason: Reason) {
    assert_ne!(reason.to_string(), reason.in_french());
    assert_eq!(refused(gift), (line, reason));
}

#[test]
fn sizes_are_limited() {
    let large = refused(&"a".repeat(LARGEST_FILE + 1)).1;
    assert_eq!(large, Reason::FileTooLarge);
    assert_eq!(large.to_string(), "the file is larger than 4.2\u{a0}MB: split it");
    assert_eq!(large.in_french(), "le fichier dépasse 4,2\u{a0}Mo : découpez-le");
    assert_eq!(
        refused(&"é".repeat(LONGEST_TEXT + 1)).1,
        Reason::TextTooLong { limit: LONGEST_TEXT }
    );
    let title = format!("::{}::Q", "é".repeat(LONGEST_TITLE + 1));
    assert_eq!(refused(&title).1, Reason::TitleTooLong { limit: LONGEST_TITLE });
    let many = format!("Q{{{}}}", "=a".repeat(MOST_ANSWERS + 1));
    assert_eq!(refused(&many).1, Reason::TooManyAnswers { limit: MOST_ANSWERS });
    let parsed = parse("test.gift", &"Q\n\n".repeat(MOST_QUESTIONS + 5));
    assert_eq!(parsed.questions.len(), MOST_QUESTIONS);
    assert_eq!((parsed.refused.len(), parsed.refused[0].line), (1, 2 * MOST_QUESTIONS + 1));
    let parsed = parse("test.gift", &"Q{\n\n".repeat(MOST_REFUSALS + 5));
    assert_eq!(parsed.refused.len(), MOST_REFUSALS + 1);
    assert_eq!(parsed.refused.last().unwrap().reason, Reason::TooManyRefusals);
}

#[test]
fn what_is_not_utf8_is_refused_with_its_line() {
    let parsed = parse_bytes("test.gift", b"One{T}\n\nTw\xe9{T}");
    assert_eq!(
        parsed.refused[0].to_string(),
        "test.gift:3: the file is not UTF-8 from here on: save it as UTF-8"
    );
}

/// Each of these would take hours if any step looked at the rest of the file again and again.
#[rstest]
#[case("{\n\n")]
#[case("Q{\n\n")]
#[case("{")]
#[case("~")]
#[case("=a->")]
#[case("\\")]
#[case("#")]
#[case("::")]
#[case("[tag:")]
#[case("// [tag:a\n")]
#[case("\n")]
#[case("%1")]
#[case("\r")]
fn hostile_repetition_takes_no_time(#[case] piece: &str) {
    let size = LARGEST_FILE / 4;
    for prefix in ["", "Q{", "Q{#", "// [id:"] {
        let _ = parse("test.gift", &format!("{prefix}{}", piece.repeat(size / piece.len() - 10)));
        let _ = parse("test.gift", &format!("{prefix}{}}}", piece.repeat(size / piece.len() - 10)));
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let special = "[a-cé T~=#{}:\\\\\n\\[\\]%>*/$.\\-0-9]{1,12}";
    let awkward = proptest::sample::select(vec![
        "//",
        "[html]",
        "%50%",
        "->",
        "TRUE",
        "::",
        "$CATEGORY: x",
        "\\n",
        "####",
        "-\\>",
        "[moodle]%1%",
    ]);
    prop_oneof![
        special.prop_map(String::from),
        (awkward, special).prop_map(|(start, rest)| start.to_owned() + &rest)
    ]
    .prop_map(|text| text.trim().to_owned())
    .prop_filter("empty", |text| !text.is_empty())
}

fn any_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(vec![Format::Moodle, Format::Html, Format::Plain, Format::Markdown])
}

prop_compose! {
    fn formatted()(format in any_format(), text in any_text()) -> Text {
        Text { format, text }
    }
}

fn said() -> impl Strategy<Value = Option<Text>> {
    proptest::option::of(formatted())
}

fn any_weight() -> impl Strategy<Value = Weight> {
    (-10_000_000_i64..=10_000_000).prop_map(|hundred_thousandths| {
        Weight::new(rust_decimal::Decimal::new(hundred_thousandths, 5)).unwrap()
    })
}

fn any_number() -> impl Strategy<Value = rust_decimal::Decimal> {
    (any::<i64>(), 0_u32..12).prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale))
}

prop_compose! {
    fn any_choice()(text in formatted(), weight in any_weight(), feedback in said()) -> Choice {
        Choice { text, weight, feedback }
    }
}

/// At least one answer must be worth everything.
fn with_full<T: std::fmt::Debug + Clone>(
    one: impl Strategy<Value = T> + Clone,
    fill: fn(&mut T),
) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(one, 2..6).prop_map(move |mut all| {
        fill(&mut all[0]);
        all
    })
}

fn any_pattern() -> impl Strategy<Value = NumberPattern> {
    prop_oneof![
        (any_number(), any_number()).prop_map(|(value, tolerance)| NumberPattern::Near {
            value,
            tolerance: tolerance.abs()
        }),
        (any_number(), any_number()).prop_map(|(one, other)| NumberPattern::Between {
            low: one.min(other),
            high: one.max(other)
        }),
        Just(NumberPattern::Any),
    ]
}

fn any_kind() -> impl Strategy<Value = Kind> {
    use crate::domain::{AcceptedNumber, AcceptedText, Pair};
    let text = (any_text(), any_weight(), said())
        .prop_map(|(pattern, weight, feedback)| AcceptedText { pattern, weight, feedback });
    let number = (any_pattern(), any_weight(), said())
        .prop_map(|(pattern, weight, feedback)| AcceptedNumber { pattern, weight, feedback });
    let pair = (formatted(), any_text()).prop_map(|(item, answer)| Pair { item, answer });
    prop_oneof![
        Just(Kind::Essay),
        (any::<bool>(), said(), said()).prop_map(|(answer, wrong_feedback, right_feedback)| {
            Kind::TrueFalse { answer, wrong_feedback, right_feedback }
        }),
        with_full(any_choice().boxed(), |choice| choice.weight = Weight::FULL)
            .prop_map(|choices| Kind::SingleChoice { choices }),
        with_full(any_choice().boxed(), |choice| choice.weight = Weight::FULL)
            .prop_map(|choices| Kind::MultipleChoice { choices }),
        with_full(text.boxed(), |text| text.weight = Weight::FULL)
            .prop_map(|accepted| Kind::ShortAnswer { accepted }),
        with_full(number.boxed(), |number| number.weight = Weight::FULL)
            .prop_map(|accepted| Kind::Numerical { accepted }),
        (proptest::collection::vec(pair, 2..5), proptest::collection::vec(any_text(), 0..3))
            .prop_map(|(pairs, distractors)| Kind::Matching { pairs, distractors }),
    ]
}

fn any_label() -> impl Strategy<Value = String> {
    "[a-z\\\\\\]\\[é]{1,8}"
}

prop_compose! {
    fn any_question()(
        title in proptest::option::of(any_text()),
        text in formatted(),
        kind in prop_oneof![9 => any_kind(), 1 => Just(Kind::Description)],
        general_feedback in said(),
        category in proptest::option::of(any_text()),
        author_id in proptest::option::of(any_label()),
        tags in proptest::collection::btree_set(any_label(), 0..3),
    ) -> QuestionContent {
        let general_feedback = general_feedback.filter(|_| kind != Kind::Description);
        QuestionContent { title, text, kind, general_feedback, category, author_id, tags: tags.into_iter().collect() }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(questions in proptest::collection::vec(any_question(), 0..4)) {
        let file = to_gift(&questions);
        let parsed = parse("test.gift", &file);
        prop_assert_eq!(&parsed.refused, &vec![], "{}", file);
        prop_assert_eq!(parsed.questions, questions, "{}", file);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse("test.gift", &text);
    }

    #[test]
    fn no_text_like_gift_makes_it_panic_and_what_it_reads_can_be_written(
        text in "([a-cé T~=#{}:\\\\\\[\\]%>*/$.\\-0-9]|\r|\n|\n\n|####|->|%50%|\\{#|//|::|\\[html\\]|\\[id:){0,60}"
    ) {
        let parsed = parse("test.gift", &text);
        let again = parse("test.gift", &to_gift(&parsed.questions));
        prop_assert_eq!(&again.refused, &vec![]);
        prop_assert_eq!(again.questions, parsed.questions);
    }
}
