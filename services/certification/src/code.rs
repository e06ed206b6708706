//! The code printed on a certificate: what proves it, and so what nobody may guess.
//!
//! Eighty bits from the operating system, in Crockford's base 32, which leaves out the letters people
//! misread: `7KQ2-M9XD-0B4T-HV3N`. What a person types back is read kindly.

use std::fmt;
use std::str::FromStr;

use rand::TryRngCore;
use rand::rngs::OsRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: usize = 16;
const BITS: usize = LETTERS * 5;
const GROUP: usize = 4;
/// Far more than anybody types with spaces and hyphens; a longer text is not read at all.
const LONGEST_INPUT: usize = 64;

/// A certificate's code: eighty bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u128);

/// The operating system gave no random bytes; a weaker source is never used instead.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes for a certificate's code: {0}")]
pub struct NoRandomness(String);

/// What was typed is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("a certificate's code has {LETTERS} letters and digits, such as 7KQ2-M9XD-0B4T-HV3N")]
    Length,
    #[error("`{0}` is in no certificate's code: only digits and letters other than U are")]
    Character(char),
}

impl Code {
    /// Of samples: no certificate has it.
    pub(crate) const NONE: Self = Self(0);

    /// A new code that cannot be guessed.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; 16];
        let random = bytes
            .get_mut(16 - BITS / 8..)
            .ok_or_else(|| NoRandomness("a code is longer than its bytes".to_owned()))?;
        if !event::fill_seeded(random) {
            OsRng.try_fill_bytes(random).map_err(|error| NoRandomness(error.to_string()))?;
        }
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

impl FromStr for Code {
    type Err = CodeError;

    /// Reads a code as people write it: in lower case, with O for 0 and I or L for 1, with spaces
    /// or any dash between the groups, or with none.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        if text.len() > LONGEST_INPUT {
            return Err(CodeError::Length);
        }
        let mut bits = 0_u128;
        let mut letters = 0;
        for character in text.chars().filter(|character| !is_separator(*character)) {
            bits = bits << 5 | value(character)?;
            letters += 1;
            if letters > LETTERS {
                return Err(CodeError::Length);
            }
        }
        if letters == LETTERS { Ok(Self(bits)) } else { Err(CodeError::Length) }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in 0..LETTERS {
            if position > 0 && position % GROUP == 0 {
                formatter.write_str("-")?;
            }
            let five_bits = (self.0 >> (BITS - 5 * (position + 1))) & 31;
            // Five bits always find their letter.
            let letter = ALPHABET.get(five_bits as usize).copied().unwrap_or(b'0');
            write!(formatter, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Code({self})")
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value(character: char) -> Result<u128, CodeError> {
    let plain = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|letter| char::from(*letter) == plain)
        .map(|position| position as u128)
        .ok_or(CodeError::Character(character))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_differ_and_are_grouped() {
        let codes: HashSet<Code> = (0..1000).map(|_| Code::generate().unwrap()).collect();
        assert_eq!(codes.len(), 1000);
        for code in codes {
            let printed = code.to_string();
            assert_eq!(printed.len(), 19);
            assert_eq!(printed.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
            assert_eq!(printed.parse::<Code>(), Ok(code));
        }
    }

    #[test]
    fn what_people_type_is_read() {
        let code: Code = "7KQ2-M9XD-0B4T-1V3N".parse().unwrap();
        for typed in [
            "7kq2m9xd0b4t1v3n",
            " 7KQ2 M9XD OB4T IV3N ",
            "7KQ2–M9XD—oB4T‑lV3N",
            "7-K-Q-2-M-9-X-D-0-B-4-T-1-V-3-N",
        ] {
            assert_eq!(typed.parse::<Code>(), Ok(code), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        assert_eq!("".parse::<Code>(), Err(CodeError::Length));
        assert_eq!("7KQ2-M9XD-0B4T-1V3".parse::<Code>(), Err(CodeError::Length));
        assert_eq!("7KQ2-M9XD-0B4T-1V3NN".parse::<Code>(), Err(CodeError::Length));
        assert_eq!("-".repeat(10_000).parse::<Code>(), Err(CodeError::Length));
        assert_eq!("UKQ2-M9XD-0B4T-1V3N".parse::<Code>(), Err(CodeError::Character('U')));
        assert_eq!("é".parse::<Code>(), Err(CodeError::Character('é')));
    }

    #[test]
    fn json_holds_the_printed_form() {
        let code: Code = "7KQ2-M9XD-0B4T-1V3N".parse().unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"7KQ2-M9XD-0B4T-1V3N\"");
        assert_eq!(serde_json::from_str::<Code>("\"7kq2m9xd0b4t1v3n\"").unwrap(), code);
        assert!(serde_json::from_str::<Code>("\"nothing\"").is_err());
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(text in ".{0,80}") {
            let _ = text.parse::<Code>();
        }

        #[test]
        fn every_code_reads_back(bits in 0_u128..(1 << BITS)) {
            prop_assert_eq!(Code(bits).to_string().parse::<Code>(), Ok(Code(bits)));
        }
    }
}
