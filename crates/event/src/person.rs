//! The words about people that every service shares: roles and languages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Learner,
    Instructor,
    Administrator,
    // Looks after queues and dead letters. Events do not tell of it: it concerns nobody else. (A
    // documented variant would change the frozen schema.)
    #[schemars(skip)]
    Operator,
}

/// The languages that Estrade speaks.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    #[default]
    En,
    Fr,
}

impl Language {
    /// `en` or `fr`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

impl std::str::FromStr for Language {
    type Err = String;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code {
            "en" => Ok(Self::En),
            "fr" => Ok(Self::Fr),
            _ => Err(format!("“{code}” is not a language spoken here: give en or fr")),
        }
    }
}
