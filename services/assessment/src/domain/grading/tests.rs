#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::{domain::identify, gift};
use event::QuizId;
use proptest::prelude::*;
use rstest::rstest;

pub fn question(text: &str) -> Question {
    let parsed = gift::parse("test.gift", text);
    assert_eq!(parsed.refused, []);
    identify(QuizId::new(), parsed.questions).swap_remove(0)
}

fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

fn number(number: &str) -> Answer {
    Answer::Number { number: number.to_owned() }
}

fn choice(picked: &[usize]) -> Answer {
    Answer::Choice { picked: picked.iter().copied().collect() }
}

fn check(gift: &str, answer: &Answer, mark: &str, verdict: Verdict) -> Graded {
    let graded = grade(&question(gift), Some(answer));
    assert_eq!((graded.mark.to_string().as_str(), graded.verdict), (mark, verdict));
    graded
}

fn feedback(graded: &Graded) -> Vec<&str> {
    graded.feedback.iter().map(|text| text.text.as_str()).collect()
}

const CAPITALS: &str = "Q{=Canada->Ottawa =Italy->Rome =Japan->Tokyo =->Paris}";
const CONTINENTS: &str = "Q{~%33.33333%Africa ~%33.33333%Asia ~%-100%China ~%33.33333%Antarctica}";
const HALF: &str = "Q{~wrong ~%50%half =right ~%-25%costly}";

#[rstest]
#[case(&[0], "0", Verdict::Wrong)]
#[case(&[1], "0.5", Verdict::Partly)]
#[case(&[2], "1", Verdict::Right)]
#[case(&[3], "-0.25", Verdict::Wrong)]
#[case(&[1, 2], "0", Verdict::Unanswered)]
#[case(&[9], "0", Verdict::Unanswered)]
#[case(&[], "0", Verdict::Unanswered)]
fn single_choices(#[case] picked: &[usize], #[case] mark: &str, #[case] verdict: Verdict) {
    check(HALF, &choice(picked), mark, verdict);
}

#[rstest]
#[case(&[0, 1, 3], "1", Verdict::Right)]
#[case(&[0, 1], "0.6666666", Verdict::Partly)]
#[case(&[0, 1, 2, 3], "0", Verdict::Wrong)]
#[case(&[2], "0", Verdict::Wrong)]
#[case(&[], "0", Verdict::Unanswered)]
fn multiple_choices(#[case] picked: &[usize], #[case] mark: &str, #[case] verdict: Verdict) {
    check(CONTINENTS, &choice(picked), mark, verdict);
}

#[rstest]
#[case("Q{=Nazareth =%75%Nazereth}", "nazareth", "1", Verdict::Right)]
#[case("Q{=Nazareth =%75%Nazereth}", " NAZERETH ", "0.75", Verdict::Partly)]
#[case("Q{=Nazareth}", "Rome", "0", Verdict::Wrong)]
#[case("Q{=Nazareth}", "  ", "0", Verdict::Unanswered)]
#[case("Q{=école}", "E\u{301}COLE", "1", Verdict::Right)]
#[case("Q{=Straße}", "STRASSE", "1", Verdict::Right)]
#[case("Q{=ΟΔΟΣ}", "οδος", "1", Verdict::Right)]
#[case("Q{=mess*queue*}", "Message Queues", "1", Verdict::Right)]
#[case("Q{=mess*queue}", "message queues", "0", Verdict::Wrong)]
#[case("Q{=*}", "anything", "1", Verdict::Right)]
#[case("Q{=a*a}", "a", "0", Verdict::Wrong)]
#[case("Q{=a*a}", "aa", "1", Verdict::Right)]
#[case("Q{=2\\*3}", "2*3", "1", Verdict::Right)]
#[case("Q{=2\\*3}", "2x3", "0", Verdict::Wrong)]
#[case("Q{=%50%a* =ab}", "ab", "0.5", Verdict::Partly)]
fn short_answers(
    #[case] gift: &str,
    #[case] answer: &str,
    #[case] mark: &str,
    #[case] verdict: Verdict,
) {
    check(gift, &text(answer), mark, verdict);
}

#[rstest]
#[case("Q{#3.14:0.01}", "3,15", "1", Verdict::Right)]
#[case("Q{#3.14:0.01}", "3.151", "0", Verdict::Wrong)]
#[case("Q{#3.14:0.01}", "3.13", "1", Verdict::Right)]
#[case("Q{#0.3}", "0.30", "1", Verdict::Right)]
#[case("Q{#1..5}", "1", "1", Verdict::Right)]
#[case("Q{#1..5}", "5.0", "1", Verdict::Right)]
#[case("Q{#1..5}", "5.01", "0", Verdict::Wrong)]
#[case("Q{#-5..5}", "-5", "1", Verdict::Right)]
#[case("Q{#=1822:0 =%50%1822:2}", "1 822", "1", Verdict::Right)]
#[case("Q{#=1822:0 =%50%1822:2}", "1824", "0.5", Verdict::Partly)]
#[case("Q{#=1822:0 =%50%1822:2}", "1825", "0", Verdict::Wrong)]
#[case("Q{#3}", "three", "0", Verdict::Wrong)]
#[case("Q{#3}", "", "0", Verdict::Unanswered)]
#[case(
    "Q{#-79228162514264337593543950335:1}",
    "79228162514264337593543950335",
    "0",
    Verdict::Wrong
)]
fn numbers(#[case] gift: &str, #[case] answer: &str, #[case] mark: &str, #[case] verdict: Verdict) {
    check(gift, &number(answer), mark, verdict);
}

#[rstest]
#[case(&[(0, "Ottawa"), (1, "Rome"), (2, "Tokyo")], "1", Verdict::Right)]
#[case(&[(0, "Ottawa"), (1, "Tokyo"), (2, "Rome")], "0.3333333", Verdict::Partly)]
#[case(&[(0, "Ottawa"), (0, "Ottawa"), (2, "Tokyo")], "0.6666667", Verdict::Partly)]
#[case(&[(0, "Paris")], "0", Verdict::Wrong)]
#[case(&[(9, "Paris")], "0", Verdict::Wrong)]
#[case(&[], "0", Verdict::Unanswered)]
fn matches(#[case] pairs: &[(usize, &str)], #[case] mark: &str, #[case] verdict: Verdict) {
    let pairs = pairs.iter().map(|&(item, answer)| MatchPair { item, answer: answer.to_owned() });
    check(CAPITALS, &Answer::Match { pairs: pairs.collect() }, mark, verdict);
}

#[rstest]
#[case(true, "0", Verdict::Wrong, &["no", "general"])]
#[case(false, "1", Verdict::Right, &["yes", "general"])]
fn true_or_false(
    #[case] value: bool,
    #[case] mark: &str,
    #[case] verdict: Verdict,
    #[case] said: &[&str],
) {
    let graded = check("Q{F#no#yes####general}", &Answer::TrueFalse { value }, mark, verdict);
    assert_eq!(feedback(&graded), said);
}

#[test]
fn feedback_is_that_of_what_was_picked() {
    let gift = "Q{~%50%a#A ~%50%b#B ~c#C####all}";
    assert_eq!(feedback(&check(gift, &choice(&[0, 2]), "0.5", Verdict::Partly)), ["A", "C", "all"]);
    assert_eq!(feedback(&grade(&question(gift), None)), ["all"]);
    let gift = "Q{#=3#yes ~#no, it is three}";
    assert_eq!(feedback(&check(gift, &number("4"), "0", Verdict::Wrong)), ["no, it is three"]);
}

#[test]
fn an_essay_waits_for_a_person_unless_it_is_blank() {
    check("Q{}", &text("Long ago"), "0", Verdict::AwaitsMarking);
    check("Q{}", &text(" \n"), "0", Verdict::Unanswered);
    check("Q{}", &number("3"), "0", Verdict::Unanswered);
}

#[test]
fn a_description_is_worth_nothing() {
    assert_eq!(grade(&question("Read this."), None).out_of, Decimal::ZERO);
}

#[test]
fn a_pattern_of_many_stars_takes_no_time() {
    let pattern = "*a".repeat(1_000) + "b";
    assert!(!like(&pattern, &"a".repeat(20_000)));
}

fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<bool>().prop_map(|value| Answer::TrueFalse { value }),
        proptest::collection::btree_set(0_usize..6, 0..6)
            .prop_map(|picked| Answer::Choice { picked }),
        any::<String>().prop_map(|text| Answer::Text { text }),
        any::<String>().prop_map(|number| Answer::Number { number }),
        proptest::collection::vec((0_usize..5, "Ottawa|Rome|Tokyo|x"), 0..5).prop_map(|pairs| {
            Answer::Match {
                pairs: pairs.into_iter().map(|(item, answer)| MatchPair { item, answer }).collect(),
            }
        }),
    ]
}

proptest! {
    #[test]
    fn a_mark_never_leaves_its_range(answer in any_answer()) {
        for gift in ["Q", "Q{}", "Q{T}", CONTINENTS, CAPITALS, "Q{#1..5}", "Q{=a* =%50%b}", HALF] {
            let graded = grade(&question(gift), Some(&answer));
            let least = if gift == HALF { -Decimal::ONE } else { Decimal::ZERO };
            prop_assert!(graded.mark >= least && graded.mark <= graded.out_of);
            prop_assert_eq!(graded.verdict == Verdict::Right, graded.mark == Decimal::ONE);
        }
    }

    #[test]
    fn a_short_answer_is_like_itself(text in "[a-zA-Zéß ]{1,20}") {
        prop_assume!(!text.trim().is_empty());
        prop_assert!(like(&text, &fold(&text)));
        let inside = format!("*{}*", text.trim());
        prop_assert!(like(&inside, &fold(&text)));
    }
}
