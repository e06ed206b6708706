//! What a learner answers, as the API takes it, and whether it fits its question.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Kind, Pair, Question, number::parse_number};

pub const LONGEST_ESSAY: usize = 20_000;
pub const LONGEST_SHORT_ANSWER: usize = 1_000;
pub const LONGEST_NUMBER: usize = 64;

/// An answer to one question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    TrueFalse {
        value: bool,
    },
    /// Places of the choices in the question, from 0.
    Choice {
        picked: BTreeSet<usize>,
    },
    /// A short answer or an essay.
    Text {
        text: String,
    },
    /// As it was typed.
    Number {
        number: String,
    },
    Match {
        pairs: Vec<MatchPair>,
    },
}

/// One item of a matching question, by its place from 0, and the answer chosen for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct MatchPair {
    pub item: usize,
    pub answer: String,
}

/// The answer does not fit its question.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AnswerRefused {
    #[error("nothing is asked here: leave this answer out")]
    NothingAsked,
    #[error("this question takes an answer of kind \"{expected}\"")]
    WrongKind { expected: &'static str },
    #[error("there is no choice {picked}: pick from 0 to {last}")]
    NoSuchChoice { picked: usize, last: usize },
    #[error("only one choice may be picked")]
    MoreThanOne,
    #[error("the answer is longer than {limit} characters: shorten it")]
    TooLong { limit: usize },
    #[error("this is no number: write one such as 3.14, 3,14 or -5")]
    NotANumber,
    #[error("there is no item {item}: match items 0 to {last}")]
    NoSuchItem { item: usize, last: usize },
    #[error("item {item} is matched twice: match it once")]
    MatchedTwice { item: usize },
    #[error("item {item} is matched with what is not among the answers: take one of them")]
    NoSuchMatch { item: usize },
    #[error("the answer holds a character that cannot be stored (NUL): remove it")]
    Nul,
}

impl AnswerRefused {
    /// The same reason in French.
    #[must_use]
    pub fn in_french(&self) -> String {
        match self {
            Self::NothingAsked => "rien n'est demandé ici : retirez cette réponse".to_owned(),
            Self::WrongKind { expected } => {
                format!("cette question attend une réponse de type « {expected} »")
            }
            Self::NoSuchChoice { picked, last } => {
                format!("il n'y a pas de choix {picked} : choisissez de 0 à {last}")
            }
            Self::MoreThanOne => "un seul choix est possible".to_owned(),
            Self::TooLong { limit } => {
                format!("la réponse dépasse {limit} caractères : raccourcissez-la")
            }
            Self::NotANumber => {
                "ce n'est pas un nombre : écrivez par exemple 3,14, 3.14 ou -5".to_owned()
            }
            Self::NoSuchItem { item, last } => {
                format!("il n'y a pas d'élément {item} : associez les éléments 0 à {last}")
            }
            Self::MatchedTwice { item } => {
                format!("l'élément {item} est associé deux fois : associez-le une seule fois")
            }
            Self::NoSuchMatch { item } => format!(
                "l'élément {item} est associé à ce qui n'est pas proposé : prenez une des réponses"
            ),
            Self::Nul => {
                "la réponse contient un caractère impossible à enregistrer (NUL) : retirez-le"
                    .to_owned()
            }
        }
    }
}

impl Answer {
    /// Checks the answer against its question. An answer left blank is fine: it takes back what was there.
    ///
    /// # Errors
    /// With the reason why it does not fit.
    pub fn validate(&self, question: &Question) -> Result<(), AnswerRefused> {
        match (&question.content.kind, self) {
            (Kind::Description, _) => Err(AnswerRefused::NothingAsked),
            (Kind::TrueFalse { .. }, Self::TrueFalse { .. }) => Ok(()),
            (Kind::SingleChoice { .. }, Self::Choice { picked }) if picked.len() > 1 => {
                Err(AnswerRefused::MoreThanOne)
            }
            (
                Kind::SingleChoice { choices } | Kind::MultipleChoice { choices },
                Self::Choice { picked },
            ) => picked_exist(picked, choices.len()),
            (Kind::ShortAnswer { .. }, Self::Text { text }) => storable(text, LONGEST_SHORT_ANSWER),
            (Kind::Essay, Self::Text { text }) => storable(text, LONGEST_ESSAY),
            (Kind::Numerical { .. }, Self::Number { number }) => is_number(number),
            (Kind::Matching { pairs, distractors }, Self::Match { pairs: chosen }) => {
                matches_exist(chosen, pairs, distractors)
            }
            (kind, _) => Err(AnswerRefused::WrongKind { expected: kind_of_answer(kind) }),
        }
    }

    /// Whether it says nothing, as an empty text or no choice at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::TrueFalse { .. } => false,
            Self::Choice { picked } => picked.is_empty(),
            Self::Text { text } => text.trim().is_empty(),
            Self::Number { number } => number.trim().is_empty(),
            Self::Match { pairs } => pairs.is_empty(),
        }
    }
}

const fn kind_of_answer(kind: &Kind) -> &'static str {
    match kind {
        Kind::Description => "none",
        Kind::TrueFalse { .. } => "true_false",
        Kind::SingleChoice { .. } | Kind::MultipleChoice { .. } => "choice",
        Kind::Essay | Kind::ShortAnswer { .. } => "text",
        Kind::Numerical { .. } => "number",
        Kind::Matching { .. } => "match",
    }
}

fn picked_exist(picked: &BTreeSet<usize>, choices: usize) -> Result<(), AnswerRefused> {
    let last = choices.saturating_sub(1);
    match picked.last() {
        Some(&picked) if picked >= choices => Err(AnswerRefused::NoSuchChoice { picked, last }),
        _ => Ok(()),
    }
}

fn storable(text: &str, limit: usize) -> Result<(), AnswerRefused> {
    if text.contains('\0') {
        return Err(AnswerRefused::Nul);
    }
    if text.chars().nth(limit).is_some() {
        return Err(AnswerRefused::TooLong { limit });
    }
    Ok(())
}

fn is_number(number: &str) -> Result<(), AnswerRefused> {
    storable(number, LONGEST_NUMBER)?;
    if number.trim().is_empty() || parse_number(number).is_some() {
        return Ok(());
    }
    Err(AnswerRefused::NotANumber)
}

fn matches_exist(
    chosen: &[MatchPair],
    pairs: &[Pair],
    distractors: &[String],
) -> Result<(), AnswerRefused> {
    let offered: BTreeSet<&String> =
        pairs.iter().map(|pair| &pair.answer).chain(distractors).collect();
    let last = pairs.len().saturating_sub(1);
    let mut seen = BTreeSet::new();
    for MatchPair { item, answer } in chosen {
        if *item >= pairs.len() {
            return Err(AnswerRefused::NoSuchItem { item: *item, last });
        }
        if !seen.insert(item) {
            return Err(AnswerRefused::MatchedTwice { item: *item });
        }
        if !offered.contains(answer) {
            return Err(AnswerRefused::NoSuchMatch { item: *item });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::domain::grading::tests::question;
    use rstest::rstest;

    #[rstest]
    #[case("Q{T}", r#"{"kind":"true_false","value":true}"#)]
    #[case("Q{~a =b}", r#"{"kind":"choice","picked":[1]}"#)]
    #[case("Q{~a =b}", r#"{"kind":"choice","picked":[]}"#)]
    #[case("Q{~%50%a ~%50%b}", r#"{"kind":"choice","picked":[1,0,1]}"#)]
    #[case("Q{=a}", r#"{"kind":"text","text":"b"}"#)]
    #[case("Q{}", r#"{"kind":"text","text":"an essay"}"#)]
    #[case("Q{#3}", r#"{"kind":"number","number":"3,14"}"#)]
    #[case("Q{#3}", r#"{"kind":"number","number":""}"#)]
    #[case("Q{=a->b =c->d =->e}", r#"{"kind":"match","pairs":[{"item":1,"answer":"e"}]}"#)]
    fn answers_that_fit(#[case] gift: &str, #[case] json: &str) {
        let answer: Answer = serde_json::from_str(json).unwrap();
        assert_eq!(answer.validate(&question(gift)), Ok(()));
    }

    #[rstest]
    #[case("Q", r#"{"kind":"text","text":"b"}"#, AnswerRefused::NothingAsked)]
    #[case("Q{T}", r#"{"kind":"text","text":"T"}"#, AnswerRefused::WrongKind { expected: "true_false" })]
    #[case("Q{~a =b}", r#"{"kind":"choice","picked":[0,1]}"#, AnswerRefused::MoreThanOne)]
    #[case("Q{~a =b}", r#"{"kind":"choice","picked":[2]}"#, AnswerRefused::NoSuchChoice { picked: 2, last: 1 })]
    #[case("Q{=a}", r#"{"kind":"text","text":"\u0000"}"#, AnswerRefused::Nul)]
    #[case("Q{#3}", r#"{"kind":"number","number":"three"}"#, AnswerRefused::NotANumber)]
    #[case("Q{=a->b =c->d}", r#"{"kind":"match","pairs":[{"item":2,"answer":"b"}]}"#, AnswerRefused::NoSuchItem { item: 2, last: 1 })]
    #[case("Q{=a->b =c->d}", r#"{"kind":"match","pairs":[{"item":0,"answer":"x"}]}"#, AnswerRefused::NoSuchMatch { item: 0 })]
    #[case("Q{=a->b =c->d}", r#"{"kind":"match","pairs":[{"item":0,"answer":"b"},{"item":0,"answer":"d"}]}"#, AnswerRefused::MatchedTwice { item: 0 })]
    fn answers_that_do_not_fit(
        #[case] gift: &str,
        #[case] json: &str,
        #[case] reason: AnswerRefused,
    ) {
        let answer: Answer = serde_json::from_str(json).unwrap();
        assert_eq!(answer.validate(&question(gift)), Err(reason.clone()));
        assert_ne!(reason.in_french(), reason.to_string());
    }

    #[rstest]
    #[case("Q{}", LONGEST_ESSAY)]
    #[case("Q{=a}", LONGEST_SHORT_ANSWER)]
    fn length_is_counted_in_characters(#[case] gift: &str, #[case] limit: usize) {
        let text = |length| Answer::Text { text: "é".repeat(length) };
        assert_eq!(text(limit).validate(&question(gift)), Ok(()));
        assert_eq!(
            text(limit + 1).validate(&question(gift)),
            Err(AnswerRefused::TooLong { limit })
        );
    }

    #[test]
    fn a_negative_or_unknown_place_does_not_read() {
        assert!(serde_json::from_str::<Answer>(r#"{"kind":"choice","picked":[-1]}"#).is_err());
        assert!(serde_json::from_str::<Answer>(r#"{"kind":"wish","text":"10/10"}"#).is_err());
    }
}
