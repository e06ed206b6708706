//! Staying in step: what an owner and those who hold copies of its things say to each other. The
//! shapes are the same for all; each service gives them names of its own with
//! [`named!`](crate::named).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The hash of what is no more: a tombstone's state is that there is nothing.
pub const GONE: &str = "gone";

/// A thing as of a version, without its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stamp {
    /// The thing's own id.
    pub id: Uuid,
    /// The version that was told; 0 where there is none.
    pub version: u64,
    /// Of the state that was told as of this version; `gone` of what was taken away.
    pub hash: String,
}

/// One page of what an owner's things are: all of a kind whose ids lie in a range.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// Pages that bear the same run belong together.
    pub run: Uuid,
    /// What it is of: `<owner>.<things>`.
    pub kind: String,
    /// From 1 on.
    pub page: u32,
    /// Whether no page follows.
    pub last: bool,
    /// The range begins behind this id.
    pub after: Uuid,
    /// The range ends with this id.
    pub to: Uuid,
    /// By id; what lies in the range and is not here, the owner does not have.
    pub entries: Vec<Stamp>,
}

/// What a follower found when it held its copies against one page of a digest.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The digest's.
    pub run: Uuid,
    /// The digest's.
    pub kind: String,
    /// The digest's.
    pub page: u32,
    /// The digest's.
    pub last: bool,
    /// Copies and originals that were looked at.
    pub compared: u32,
    /// The owner has them, the follower does not.
    pub missing: u32,
    /// Copies of an earlier version.
    pub older: u32,
    /// Copies of this version with another hash.
    pub differing: u32,
    /// Copies of a version that the owner does not know: it was restored from an earlier time.
    pub newer: u32,
    /// The follower has them, the owner does not.
    pub surplus: u32,
    /// The queue that takes what is asked for.
    pub queue: String,
    /// The queue that hears what the owner never had.
    pub answer_to: String,
    /// What the follower wants to be told anew, as it has it now.
    pub asked: Vec<Stamp>,
}

/// A follower has no copy at all, or wants everything anew.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// Of what: `<owner>.<things>`.
    pub kind: String,
    /// The queue that takes it.
    pub queue: String,
}

/// Copies of what the owner does not have: to be taken away, unless they have changed since.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Disowned {
    /// Of what: `<owner>.<things>`.
    pub kind: String,
    /// As the follower said that it has them.
    pub copies: Vec<Stamp>,
}

/// What an owner has to do next. It tells itself, a bounded piece at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Task {
    /// A digest of everything, to all; and the next one at its time.
    Scheduled,
    /// One page of a digest.
    Digest { run: Uuid, kind: String, page: u32, after: Uuid },
    /// The present state of everything of a kind, to one queue.
    Resend { kind: String, after: Uuid, queue: String },
    /// The present state of these, to one queue.
    Send { kind: String, copies: Vec<Stamp>, queue: String, answer_to: String },
}

impl Digest {
    #[must_use]
    pub fn subject(&self) -> String {
        self.run.to_string()
    }
}

impl Compared {
    /// Nothing found yet in a page.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        Self {
            run: digest.run,
            kind: digest.kind.clone(),
            page: digest.page,
            last: digest.last,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn subject(&self) -> String {
        self.run.to_string()
    }
}

impl Wanted {
    #[must_use]
    pub fn subject(&self) -> String {
        self.kind.clone()
    }
}

impl Disowned {
    #[must_use]
    pub fn subject(&self) -> String {
        self.kind.clone()
    }
}

impl Task {
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Scheduled => "scheduled".to_owned(),
            Self::Digest { kind, .. } | Self::Resend { kind, .. } | Self::Send { kind, .. } => {
                kind.clone()
            }
        }
    }
}

/// Gives a shape of this module a service's own name:
/// `named! { pub struct Digest(step::Digest) = "catalog.digest.v1" }`.
#[macro_export]
macro_rules! named {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident($inner:ty) = $type:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        $visibility struct $name(pub $inner);

        impl $crate::Event for $name {
            const TYPE: &'static str = $type;
            fn subject(&self) -> String {
                self.0.subject()
            }
        }

        impl From<$inner> for $name {
            fn from(inner: $inner) -> Self {
                Self(inner)
            }
        }
    )+};
}
