//! What an answer is worth: partial credit as Moodle gives it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::{
    AcceptedNumber, AcceptedText, Answer, Choice, Kind, MatchPair, NumberPattern, Pair, Question,
    Text, number::parse_number,
};

/// The outcome of one question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Graded {
    pub mark: Decimal,
    pub out_of: Decimal,
    pub verdict: Verdict,
    pub feedback: Vec<Text>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Right,
    Partly,
    Wrong,
    Unanswered,
    AwaitsMarking,
}

/// A share of the mark (1 is all of it) and what the author has to say about the answer.
struct Credit<'a> {
    share: Decimal,
    feedback: Vec<&'a Text>,
}

/// Marks are kept to this many places, as Moodle keeps them.
const PLACES: u32 = 7;

/// Grades one answer. An answer that is blank, or of another kind than the question, is no answer.
/// A single choice may cost marks, where its author gave it a negative weight; nothing else does.
#[must_use]
pub fn grade(question: &Question, answer: Option<&Answer>) -> Graded {
    let answer = answer.filter(|answer| !answer.is_blank());
    let credit = match (&question.content.kind, answer) {
        (Kind::Essay, Some(Answer::Text { .. })) => {
            return without_credit(question, Verdict::AwaitsMarking);
        }
        (_, Some(answer)) => credit(&question.content.kind, answer),
        (_, None) => None,
    };
    let Some(Credit { share, feedback }) = credit else {
        return without_credit(question, Verdict::Unanswered);
    };
    let share = settle(share);
    Graded {
        mark: (share * question.out_of()).round_dp(PLACES).normalize(),
        out_of: question.out_of(),
        verdict: verdict(share),
        feedback: feedback.into_iter().chain(&question.content.general_feedback).cloned().collect(),
    }
}

fn without_credit(question: &Question, verdict: Verdict) -> Graded {
    Graded {
        mark: Decimal::ZERO,
        out_of: question.out_of(),
        verdict,
        feedback: question.content.general_feedback.iter().cloned().collect(),
    }
}

fn credit<'a>(kind: &'a Kind, answer: &Answer) -> Option<Credit<'a>> {
    match (kind, answer) {
        (
            Kind::TrueFalse { answer, wrong_feedback, right_feedback },
            Answer::TrueFalse { value },
        ) => Some(true_false(value == answer, wrong_feedback, right_feedback)),
        (Kind::SingleChoice { choices }, Answer::Choice { picked }) => {
            single_choice(choices, picked)
        }
        (Kind::MultipleChoice { choices }, Answer::Choice { picked }) => {
            Some(multiple_choice(choices, picked))
        }
        (Kind::ShortAnswer { accepted }, Answer::Text { text }) => {
            Some(short_answer(accepted, text))
        }
        (Kind::Numerical { accepted }, Answer::Number { number }) => {
            Some(numerical(accepted, number))
        }
        (Kind::Matching { pairs, .. }, Answer::Match { pairs: chosen }) => {
            Some(matching(pairs, chosen))
        }
        _ => None,
    }
}

fn true_false<'a>(
    right: bool,
    wrong_feedback: &'a Option<Text>,
    right_feedback: &'a Option<Text>,
) -> Credit<'a> {
    let (share, feedback) =
        if right { (Decimal::ONE, right_feedback) } else { (Decimal::ZERO, wrong_feedback) };
    Credit { share, feedback: feedback.iter().collect() }
}

fn single_choice<'a>(choices: &'a [Choice], picked: &BTreeSet<usize>) -> Option<Credit<'a>> {
    if picked.len() > 1 {
        return None;
    }
    let choice = choices.get(*picked.first()?)?;
    Some(Credit {
        share: choice.weight.percent() / Decimal::ONE_HUNDRED,
        feedback: choice.feedback.iter().collect(),
    })
}

fn multiple_choice<'a>(choices: &'a [Choice], picked: &BTreeSet<usize>) -> Credit<'a> {
    let picked: Vec<&Choice> = picked.iter().filter_map(|&place| choices.get(place)).collect();
    let percent: Decimal = picked.iter().map(|choice| choice.weight.percent()).sum();
    Credit {
        share: clamp(percent / Decimal::ONE_HUNDRED),
        feedback: picked.into_iter().filter_map(|choice| choice.feedback.as_ref()).collect(),
    }
}

fn short_answer<'a>(accepted: &'a [AcceptedText], text: &str) -> Credit<'a> {
    let folded = fold(text);
    let Some(found) = accepted.iter().find(|accepted| like(&accepted.pattern, &folded)) else {
        return Credit { share: Decimal::ZERO, feedback: vec![] };
    };
    Credit {
        share: clamp(found.weight.percent() / Decimal::ONE_HUNDRED),
        feedback: found.feedback.iter().collect(),
    }
}

fn numerical<'a>(accepted: &'a [AcceptedNumber], number: &str) -> Credit<'a> {
    let number = parse_number(number);
    let Some(found) = accepted.iter().find(|accepted| within(&accepted.pattern, number)) else {
        return Credit { share: Decimal::ZERO, feedback: vec![] };
    };
    Credit {
        share: clamp(found.weight.percent() / Decimal::ONE_HUNDRED),
        feedback: found.feedback.iter().collect(),
    }
}

fn within(pattern: &NumberPattern, number: Option<Decimal>) -> bool {
    match (pattern, number) {
        (NumberPattern::Any, _) => true,
        (_, None) => false,
        (NumberPattern::Between { low, high }, Some(number)) => (*low..=*high).contains(&number),
        (NumberPattern::Near { value, tolerance }, Some(number)) => {
            number.checked_sub(*value).is_some_and(|distance| distance.abs() <= *tolerance)
        }
    }
}

fn matching<'a>(pairs: &'a [Pair], chosen: &[MatchPair]) -> Credit<'a> {
    let right: BTreeSet<usize> = chosen
        .iter()
        .filter(|choice| pairs.get(choice.item).is_some_and(|pair| pair.answer == choice.answer))
        .map(|choice| choice.item)
        .collect();
    let share =
        Decimal::from(right.len()).checked_div(Decimal::from(pairs.len())).unwrap_or_default();
    Credit { share, feedback: vec![] }
}

fn clamp(share: Decimal) -> Decimal {
    share.clamp(Decimal::ZERO, Decimal::ONE)
}

/// Three times 33.33333 % is meant to be all of it: within a millionth of all or nothing, it is
/// all or nothing.
fn settle(share: Decimal) -> Decimal {
    let millionth = Decimal::new(1, 6);
    if share > Decimal::ONE - millionth {
        Decimal::ONE
    } else if share.abs() < millionth {
        Decimal::ZERO
    } else {
        share
    }
}

fn verdict(share: Decimal) -> Verdict {
    if share >= Decimal::ONE {
        Verdict::Right
    } else if share > Decimal::ZERO {
        Verdict::Partly
    } else {
        Verdict::Wrong
    }
}

fn fold(text: &str) -> String {
    fold_case(text.trim())
}

/// Upper case first: `ß` is `SS`, and both Greek sigmas are one.
fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a folded text fits a pattern in which `*` is anything and `\*` a star. Each piece
/// between stars is looked for once, left to right, so the work grows with the lengths alone.
fn like(pattern: &str, folded: &str) -> bool {
    let pieces = pieces(pattern);
    let Some((first, rest)) = pieces.split_first() else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return folded == first;
    };
    let Some(mut left) = folded.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        let Some(place) = left.find(piece.as_str()) else {
            return false;
        };
        left = &left[place + piece.len()..];
    }
    left.ends_with(last.as_str())
}

fn pieces(pattern: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut characters = pattern.trim().chars().peekable();
    while let Some(character) = characters.next() {
        let starred = character == '\\' && characters.next_if_eq(&'*').is_some();
        match pieces.last_mut() {
            Some(piece) if starred => piece.push('*'),
            Some(piece) if character != '*' => piece.push(character),
            _ => pieces.push(String::new()),
        }
    }
    pieces.iter().map(|piece| fold_case(piece)).collect()
}

#[cfg(test)]
pub(super) mod tests;
