//! What a learner may see of a question before submitting: no right answer, no weight, no
//! feedback, not even the title, which authors tend to write the answer in.

use std::collections::BTreeSet;

use event::QuestionId;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Choice, Kind, LONGEST_ESSAY, Pair, Question, Text};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct QuestionView {
    #[schema(value_type = uuid::Uuid)]
    pub id: QuestionId,
    pub text: Text,
    #[serde(flatten)]
    pub kind: KindView,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KindView {
    Description,
    Essay {
        /// In characters.
        longest: usize,
    },
    TrueFalse,
    SingleChoice {
        choices: Vec<ChoiceView>,
    },
    MultipleChoice {
        choices: Vec<ChoiceView>,
    },
    ShortAnswer,
    Numerical,
    Matching {
        items: Vec<Text>,
        /// Shuffled; one for each item and perhaps some that fit none.
        answers: Vec<String>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChoiceView {
    /// What to send when it is picked.
    pub place: usize,
    pub text: Text,
}

impl Question {
    /// The question as a learner sees it. The same seed shuffles alike: an attempt looks the same
    /// whenever it is opened.
    #[must_use]
    pub fn view(&self, seed: u64) -> QuestionView {
        let kind = match &self.content.kind {
            Kind::Description => KindView::Description,
            Kind::Essay => KindView::Essay { longest: LONGEST_ESSAY },
            Kind::TrueFalse { .. } => KindView::TrueFalse,
            Kind::SingleChoice { choices } => KindView::SingleChoice { choices: places(choices) },
            Kind::MultipleChoice { choices } => {
                KindView::MultipleChoice { choices: places(choices) }
            }
            Kind::ShortAnswer { .. } => KindView::ShortAnswer,
            Kind::Numerical { .. } => KindView::Numerical,
            Kind::Matching { pairs, distractors } => KindView::Matching {
                items: pairs.iter().map(|pair| pair.item.clone()).collect(),
                answers: shuffled(pairs, distractors, seed),
            },
        };
        QuestionView { id: self.id, text: self.content.text.clone(), kind }
    }
}

fn places(choices: &[Choice]) -> Vec<ChoiceView> {
    let view = |(place, choice): (usize, &Choice)| ChoiceView { place, text: choice.text.clone() };
    choices.iter().enumerate().map(view).collect()
}

fn shuffled(pairs: &[Pair], distractors: &[String], seed: u64) -> Vec<String> {
    let distinct: BTreeSet<&String> =
        pairs.iter().map(|pair| &pair.answer).chain(distractors).collect();
    let mut answers: Vec<String> = distinct.into_iter().cloned().collect();
    answers.shuffle(&mut StdRng::seed_from_u64(seed));
    answers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::domain::grading::tests::question;
    use rstest::rstest;

    #[rstest]
    #[case("::SECRET::Q{T#SECRET#SECRET####SECRET}")]
    #[case("Q{~a#SECRET =b#SECRET####SECRET}")]
    #[case("Q{~%50%a ~%50%b#SECRET}")]
    #[case("Q{=SECRET}")]
    #[case("Q{#777:3#SECRET}")]
    #[case("$CATEGORY: SECRET\n\n// [id:SECRET] [tag:SECRET]\nQ{=a->x =b->y}")]
    #[case("Q{####SECRET}")]
    fn nothing_is_given_away(#[case] gift: &str) {
        let json = serde_json::to_string(&question(gift).view(1)).unwrap();
        for secret in ["SECRET", "weight", "feedback", "777", "50"] {
            let without_id = json.split_once(",\"text\"").unwrap().1;
            assert!(!without_id.contains(secret), "{json}");
        }
    }

    #[test]
    fn a_seed_shuffles_alike_and_seeds_differ() {
        let question = question("Q{=a->1 =b->2 =c->3 =d->4 =e->5 =f->5 =->6}");
        assert_eq!(question.view(1), question.view(1));
        assert!((2..9).any(|seed| question.view(seed) != question.view(1)));
        let KindView::Matching { items, answers } = question.view(1).kind else { panic!() };
        assert_eq!(items.len(), 6);
        assert_eq!(answers.iter().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(answers.len(), 6, "two items may share an answer, which shows once");
    }

    #[test]
    fn json_of_a_choice() {
        let view = question("Which?{~a =b}").view(1);
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!(json["kind"], "single_choice");
        assert_eq!(json["choices"][1]["place"], 1);
    }
}
