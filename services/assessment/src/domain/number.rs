//! Numbers as people write them: `3.14`, `3,14`, `−5`, `1 822`, `6.02e23`.

use rust_decimal::Decimal;

const LONGEST: usize = 64;
/// Beyond this a decimal holds nothing.
const LARGEST_EXPONENT: i32 = 28;

/// Reads a number with a decimal point or comma, an optional exponent, and spaces between digits.
#[must_use]
pub fn parse_number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let plain = without_local_habits(text)?;
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (plain.as_str(), 0),
    };
    scale(parse_mantissa(mantissa)?, exponent)
}

fn without_local_habits(text: &str) -> Option<String> {
    let commas = text.matches(',').count();
    if commas > 1 || (commas == 1 && text.contains('.')) {
        return None;
    }
    let plain = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '\u{a0}' | '\u{202f}'))
        .map(|character| match character {
            ',' => '.',
            '\u{2212}' => '-',
            other => other,
        });
    Some(plain.collect())
}

fn parse_exponent(text: &str) -> Option<i32> {
    let exponent: i32 = text.parse().ok()?;
    (exponent.abs() <= LARGEST_EXPONENT).then_some(exponent)
}

fn parse_mantissa(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut number: Decimal = format!("0{whole}.{fraction}0").parse().ok()?;
    number.set_sign_negative(text.starts_with('-') && !number.is_zero());
    Some(number.normalize())
}

fn scale(mantissa: Decimal, exponent: i32) -> Option<Decimal> {
    let mut number = mantissa;
    for _ in 0..exponent.abs() {
        number = if exponent > 0 {
            number.checked_mul(Decimal::TEN)?
        } else {
            number.checked_div(Decimal::TEN)?
        };
    }
    Some(number.normalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("3.14", "3.14")]
    #[case("3,14", "3.14")]
    #[case(" -5 ", "-5")]
    #[case("\u{2212}5", "-5")]
    #[case("+5.", "5")]
    #[case(".5", "0.5")]
    #[case("-.5", "-0.5")]
    #[case("1 822", "1822")]
    #[case("1\u{202f}822,5", "1822.5")]
    #[case("1e3", "1000")]
    #[case("25E-2", "0.25")]
    #[case("-0", "0")]
    #[case("007", "7")]
    fn numbers_as_people_write_them(#[case] text: &str, #[case] number: &str) {
        assert_eq!(parse_number(text).unwrap().to_string(), number);
    }

    #[rstest]
    #[case("")]
    #[case("-")]
    #[case(".")]
    #[case("1,2,3")]
    #[case("1,234.5")]
    #[case("three")]
    #[case("0x10")]
    #[case("1e")]
    #[case("1e999999999999")]
    #[case("1e29")]
    #[case("99999999999999999999999999999999")]
    #[case("--1")]
    #[case("NaN")]
    fn what_is_no_number(#[case] text: &str) {
        assert_eq!(parse_number(text), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[0-9eE+., -]{0,70}") {
            let _ = parse_number(&text);
        }
    }
}
