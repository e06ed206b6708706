//! A question with everything its author wrote, right answers included. What a learner may see of
//! it is a [`QuestionView`](super::QuestionView).

use std::collections::HashMap;

use event::{QuestionId, QuizId, derived_uuid};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question of a quiz.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    #[serde(flatten)]
    pub content: QuestionContent,
}

/// A question as its author wrote it, before it has its place in a quiz.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct QuestionContent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub text: Text,
    #[serde(flatten)]
    pub kind: Kind,
    /// Shown to everyone once the attempt is graded, whatever they answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general_feedback: Option<Text>,
    /// Moodle's path, such as `$course$/top/Queues`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The author's own number for it, `[id:…]` in GIFT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What is asked for, and what it is worth.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Text between questions; nothing is asked.
    Description,
    /// Marked by a person.
    Essay,
    TrueFalse {
        answer: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrong_feedback: Option<Text>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        right_feedback: Option<Text>,
    },
    SingleChoice {
        choices: Vec<Choice>,
    },
    MultipleChoice {
        choices: Vec<Choice>,
    },
    /// The first that matches counts.
    ShortAnswer {
        accepted: Vec<AcceptedText>,
    },
    /// The first that matches counts.
    Numerical {
        accepted: Vec<AcceptedNumber>,
    },
    Matching {
        pairs: Vec<Pair>,
        /// Answers that belong to no item.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        distractors: Vec<String>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    pub text: Text,
    pub weight: Weight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AcceptedText {
    /// `*` stands for any characters, `\*` for a star.
    pub pattern: String,
    pub weight: Weight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AcceptedNumber {
    pub pattern: NumberPattern,
    pub weight: Weight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberPattern {
    Near { value: Decimal, tolerance: Decimal },
    Between { low: Decimal, high: Decimal },
    Any,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pair {
    pub item: Text,
    pub answer: String,
}

/// Text and how it is to be shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Text {
    pub format: Format,
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Moodle's own: plain text in which HTML tags count and line breaks are kept.
    Moodle,
    Html,
    Plain,
    Markdown,
}

/// What an answer is worth, in percent of the question: from -100 to 100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Weight(Decimal);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a weight of {0} % is out of range: it must be from -100 to 100")]
pub struct WeightOutOfRange(pub Decimal);

impl Weight {
    pub const FULL: Self = Self(Decimal::ONE_HUNDRED);
    pub const NONE: Self = Self(Decimal::ZERO);

    /// # Errors
    /// When it is not from -100 to 100.
    pub fn new(percent: Decimal) -> Result<Self, WeightOutOfRange> {
        if percent.abs() > Decimal::ONE_HUNDRED {
            return Err(WeightOutOfRange(percent));
        }
        Ok(Self(percent.round_dp(7).normalize()))
    }

    #[must_use]
    pub const fn percent(self) -> Decimal {
        self.0
    }

    #[must_use]
    pub fn is_positive(self) -> bool {
        self > Self::NONE
    }
}

impl TryFrom<Decimal> for Weight {
    type Error = WeightOutOfRange;
    fn try_from(percent: Decimal) -> Result<Self, Self::Error> {
        Self::new(percent)
    }
}

impl From<Weight> for Decimal {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

impl Text {
    #[must_use]
    pub fn new(format: Format, text: impl Into<String>) -> Self {
        Self { format, text: text.into() }
    }
}

impl Question {
    /// Every question counts for one mark; a description counts for nothing.
    #[must_use]
    pub const fn out_of(&self) -> Decimal {
        match self.content.kind {
            Kind::Description => Decimal::ZERO,
            _ => Decimal::ONE,
        }
    }
}

/// Gives each question its id: from its title where no other bears it, else from its position, so
/// that importing the same file again finds the same questions.
#[must_use]
pub fn identify(quiz: QuizId, contents: Vec<QuestionContent>) -> Vec<Question> {
    let mut bearers: HashMap<String, usize> = HashMap::new();
    for title in contents.iter().filter_map(|content| content.title.clone()) {
        *bearers.entry(title).or_default() += 1;
    }
    let unique = |title: &&String| bearers.get(title.as_str()) == Some(&1);
    let key =
        |position: usize, content: &QuestionContent| match content.title.as_ref().filter(unique) {
            Some(title) => format!("title:{title}"),
            None => format!("position:{}", position + 1),
        };
    let identified = |(position, content): (usize, QuestionContent)| Question {
        id: QuestionId(derived_uuid(quiz.0, &key(position, &content))),
        content,
    };
    contents.into_iter().enumerate().map(identified).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn titled(title: Option<&str>) -> QuestionContent {
        QuestionContent {
            title: title.map(str::to_owned),
            text: Text::new(Format::Plain, "?"),
            kind: Kind::Essay,
            general_feedback: None,
            category: None,
            author_id: None,
            tags: vec![],
        }
    }

    #[test]
    fn a_unique_title_keeps_its_id_wherever_it_stands() {
        let quiz = QuizId::new();
        let before = identify(quiz, vec![titled(Some("a")), titled(Some("b"))]);
        let after = identify(quiz, vec![titled(None), titled(Some("b")), titled(Some("a"))]);
        assert_eq!(before[0].id, after[2].id);
        assert_eq!(before[1].id, after[1].id);
    }

    #[test]
    fn titles_that_several_bear_give_way_to_the_position() {
        let quiz = QuizId::new();
        let questions = identify(quiz, vec![titled(Some("a")), titled(Some("a")), titled(None)]);
        let untitled = identify(quiz, vec![titled(None), titled(None), titled(None)]);
        let ids = |questions: &[Question]| {
            questions.iter().map(|question| question.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&questions), ids(&untitled));
        assert_eq!(ids(&questions).iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn a_title_that_looks_like_a_position_is_no_position() {
        let questions = identify(QuizId::new(), vec![titled(Some("2")), titled(None)]);
        assert_ne!(questions[0].id, questions[1].id);
    }

    #[test]
    fn json_is_what_it_was_and_weights_are_checked() {
        let content = QuestionContent {
            kind: Kind::SingleChoice {
                choices: vec![Choice {
                    text: Text::new(Format::Html, "a"),
                    weight: Weight::new("33.33333".parse().unwrap()).unwrap(),
                    feedback: None,
                }],
            },
            ..titled(Some("t"))
        };
        let question = Question { id: QuestionId::new(), content };
        let json = serde_json::to_string(&question).unwrap();
        assert!(json.contains(r#""weight":"33.33333""#), "{json}");
        assert_eq!(serde_json::from_str::<Question>(&json).unwrap(), question);
        assert!(serde_json::from_str::<Question>(&json.replace("33.33333", "133")).is_err());
    }
}
