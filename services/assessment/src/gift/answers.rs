//! What stands between the braces: which kind of question it makes, and its answers.

use rust_decimal::Decimal;

use super::{
    MOST_ANSWERS,
    question::{feedback, formatted, not_too_long},
    refusal::{Fault, Reason, quoted},
    scan::{self, Segment},
};
use crate::domain::{
    AcceptedNumber, AcceptedText, Choice, Format, Kind, NumberPattern, Pair, Text, Weight,
    parse_number,
};

/// Decides as Moodle does, in this order.
pub fn read(text: &str, format: Format) -> Result<Kind, Fault<'_>> {
    if text.is_empty() {
        return Ok(Kind::Essay);
    }
    if let Some(numbers) = text.strip_prefix('#') {
        return numerical(numbers, format);
    }
    if scan::find(text, "~").is_some() {
        return choices(text, format);
    }
    if scan::find(text, "=").is_some() && scan::find(text, "->").is_some() {
        return matching(text, format);
    }
    match true_or_false(text) {
        Some(answer) => true_false(text, answer, format),
        None => short_answer(text, format),
    }
}

fn true_or_false(text: &str) -> Option<bool> {
    let answer = scan::split_once(text, "#").map_or(text, |(answer, _)| answer);
    match answer.trim() {
        "T" | "TRUE" => Some(true),
        "F" | "FALSE" => Some(false),
        _ => None,
    }
}

fn true_false(text: &str, answer: bool, format: Format) -> Result<Kind, Fault<'_>> {
    let said = scan::split_once(text, "#").map_or("", |(_, said)| said);
    let (wrong, right) = scan::split_once(said, "#").unwrap_or((said, ""));
    Ok(Kind::TrueFalse {
        answer,
        wrong_feedback: feedback(wrong, format)?,
        right_feedback: feedback(right, format)?,
    })
}

/// With a `=` one choice is right; without, several carry weights.
fn choices(text: &str, format: Format) -> Result<Kind, Fault<'_>> {
    let (lead, segments) = scan::segments(text, b"~=");
    if !lead.trim().is_empty() {
        return Err(Fault::at(lead, Reason::TextBeforeAnswers));
    }
    at_most(&segments, text)?;
    if segments.len() < 2 {
        return Err(Fault::at(text, Reason::OneChoice));
    }
    let choices = segments
        .iter()
        .map(|segment| choice(segment, format))
        .collect::<Result<Vec<Choice>, Fault<'_>>>()?;
    if segments.iter().any(|segment| segment.mark == b'=') {
        one_is_full(text, choices.iter().map(|choice| choice.weight))?;
        return Ok(Kind::SingleChoice { choices });
    }
    add_up(text, &choices)?;
    Ok(Kind::MultipleChoice { choices })
}

fn choice<'a>(segment: &Segment<'a>, format: Format) -> Result<Choice, Fault<'a>> {
    let default = if segment.mark == b'=' { Weight::FULL } else { Weight::NONE };
    let (weight, answer, said) = weighted(segment.text, default)?;
    let text = not_too_long(answer, formatted(answer, format))?;
    if text.text.is_empty() {
        return Err(Fault::at(segment.text, Reason::AnswerWithoutText));
    }
    Ok(Choice { text, weight, feedback: feedback(said, format)? })
}

/// A third is written 33.33333 %: a hundredth may be missing.
fn add_up<'a>(text: &'a str, choices: &[Choice]) -> Result<(), Fault<'a>> {
    let right = choices.iter().map(|choice| choice.weight).filter(|weight| weight.is_positive());
    let total: Decimal = right.map(Weight::percent).sum();
    if total < Decimal::ONE_HUNDRED - Decimal::new(5, 1) {
        return Err(Fault::at(text, Reason::WeightsTooLow { total }));
    }
    Ok(())
}

fn one_is_full(text: &str, mut weights: impl Iterator<Item = Weight>) -> Result<(), Fault<'_>> {
    if weights.any(|weight| weight == Weight::FULL) {
        return Ok(());
    }
    Err(Fault::at(text, Reason::NoFullMark))
}

fn short_answer(text: &str, format: Format) -> Result<Kind, Fault<'_>> {
    let answers = answers_after_equals(text)?;
    let accepted = answers
        .into_iter()
        .map(|answer| accepted_text(answer, format))
        .collect::<Result<Vec<AcceptedText>, Fault<'_>>>()?;
    one_is_full(text, accepted.iter().map(|accepted| accepted.weight))?;
    Ok(Kind::ShortAnswer { accepted })
}

fn accepted_text(answer: &str, format: Format) -> Result<AcceptedText, Fault<'_>> {
    let (weight, pattern, said) = weighted(answer, Weight::FULL)?;
    let Text { text, .. } = not_too_long(pattern, formatted(pattern, format))?;
    if text.is_empty() {
        return Err(Fault::at(answer, Reason::AnswerWithoutText));
    }
    Ok(AcceptedText { pattern: text, weight, feedback: feedback(said, format)? })
}

/// A `~` begins what is said to every other number.
fn numerical(text: &str, format: Format) -> Result<Kind, Fault<'_>> {
    let (numbers, otherwise) = match scan::split_once(text, "~") {
        Some((numbers, otherwise)) => (numbers, Some(otherwise)),
        None => (text, None),
    };
    let mut accepted = answers_after_equals(numbers)?
        .into_iter()
        .map(|answer| accepted_number(answer, format))
        .collect::<Result<Vec<AcceptedNumber>, Fault<'_>>>()?;
    one_is_full(text, accepted.iter().map(|accepted| accepted.weight))?;
    if let Some(otherwise) = otherwise {
        let said = scan::split_once(otherwise, "#").map_or("", |(_, said)| said);
        accepted.push(AcceptedNumber {
            pattern: NumberPattern::Any,
            weight: Weight::NONE,
            feedback: feedback(said, format)?,
        });
    }
    Ok(Kind::Numerical { accepted })
}

fn accepted_number(answer: &str, format: Format) -> Result<AcceptedNumber, Fault<'_>> {
    let (weight, pattern, said) = weighted(answer, Weight::FULL)?;
    Ok(AcceptedNumber {
        pattern: number_pattern(pattern)?,
        weight,
        feedback: feedback(said, format)?,
    })
}

fn number_pattern(text: &str) -> Result<NumberPattern, Fault<'_>> {
    if text.trim() == "*" {
        return Ok(NumberPattern::Any);
    }
    if let Some((low, high)) = text.split_once("..") {
        let (low, high) = (number(low)?, number(high)?);
        if low > high {
            return Err(Fault::at(text, Reason::RangeBackwards));
        }
        return Ok(NumberPattern::Between { low, high });
    }
    let Some((value, tolerance)) = text.split_once(':') else {
        return Ok(NumberPattern::Near { value: number(text)?, tolerance: Decimal::ZERO });
    };
    let (value, tolerance) = (number(value)?, number(tolerance)?);
    if tolerance < Decimal::ZERO {
        return Err(Fault::at(text, Reason::NegativeTolerance));
    }
    Ok(NumberPattern::Near { value, tolerance })
}

fn number(text: &str) -> Result<Decimal, Fault<'_>> {
    parse_number(text).ok_or_else(|| Fault::at(text, Reason::NotANumber { text: quoted(text) }))
}

fn matching(text: &str, format: Format) -> Result<Kind, Fault<'_>> {
    let (lead, segments) = scan::segments(text, b"=");
    if !lead.trim().is_empty() {
        return Err(Fault::at(lead, Reason::TextBeforeAnswers));
    }
    at_most(&segments, text)?;
    let (mut pairs, mut distractors) = (Vec::new(), Vec::new());
    for segment in &segments {
        let Pair { item, answer } = pair(segment.text, format)?;
        if item.text.is_empty() {
            distractors.push(answer);
        } else {
            pairs.push(Pair { item, answer });
        }
    }
    if pairs.is_empty() || segments.len() < 2 {
        return Err(Fault::at(text, Reason::OnePair));
    }
    Ok(Kind::Matching { pairs, distractors })
}

fn pair(text: &str, format: Format) -> Result<Pair, Fault<'_>> {
    let Some((item, answer)) = scan::split_once(text, "->") else {
        return Err(Fault::at(text, Reason::NoArrow));
    };
    let item = not_too_long(text, formatted(item, format))?;
    let answer = not_too_long(text, Text::new(Format::Plain, scan::unescape(answer)))?.text;
    if answer.is_empty() {
        return Err(Fault::at(text, Reason::AnswerWithoutText));
    }
    Ok(Pair { item, answer })
}

/// `=a =b`; a first answer may do without its sign.
fn answers_after_equals(text: &str) -> Result<Vec<&str>, Fault<'_>> {
    let (lead, segments) = scan::segments(text, b"=");
    at_most(&segments, text)?;
    let lead = Some(lead).filter(|lead| !lead.trim().is_empty());
    let answers: Vec<&str> =
        lead.into_iter().chain(segments.iter().map(|segment| segment.text)).collect();
    if answers.is_empty() {
        return Err(Fault::at(text, Reason::NoAnswer));
    }
    Ok(answers)
}

fn at_most<'a>(segments: &[Segment<'_>], text: &'a str) -> Result<(), Fault<'a>> {
    if segments.len() > MOST_ANSWERS {
        return Err(Fault::at(text, Reason::TooManyAnswers { limit: MOST_ANSWERS }));
    }
    Ok(())
}

/// An answer's weight, its text, and its feedback.
fn weighted(answer: &str, default: Weight) -> Result<(Weight, &str, &str), Fault<'_>> {
    let answer = answer.trim();
    let (weight, rest) = match percent(answer) {
        Some((percent, rest)) => {
            let out_of_range = |_| Fault::at(answer, Reason::WeightOutOfRange { percent });
            (Weight::new(percent).map_err(out_of_range)?, rest)
        }
        None => (default, answer),
    };
    let (text, said) = scan::split_once(rest, "#").unwrap_or((rest, ""));
    Ok((weight, text, said))
}

/// `%-33.33333%`; what does not look like it is text.
fn percent(text: &str) -> Option<(Decimal, &str)> {
    let (digits, rest) = text.strip_prefix('%')?.split_once('%')?;
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let plain = |character: char| character.is_ascii_digit() || matches!(character, '.' | ',');
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) || !unsigned.chars().all(plain) {
        return None;
    }
    Some((parse_number(digits)?, rest))
}
