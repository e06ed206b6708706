//! Dead letters, by their cause and one by one.

use bus::{Dead, DeadGroup};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::operations::content::{HIDDEN, Reader, hide};

#[derive(Serialize, ToSchema)]
pub(crate) struct GroupsView {
    pub(crate) groups: Vec<GroupView>,
}

/// Dead letters of one consumer and one cause.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct GroupView {
    /// Names the group; the same as long as the cause is.
    pub(crate) key: String,
    /// The handler or effect that gave up.
    pub(crate) consumer: String,
    /// `event`, `job` or `undecodable`.
    pub(crate) kind: String,
    /// What they have in common: `#` and `@` stand for what differs.
    pub(crate) cause: String,
    pub(crate) letters: i64,
    /// How many people they are about.
    pub(crate) people: i64,
    pub(crate) first_at: DateTime<Utc>,
    pub(crate) last_at: DateTime<Utc>,
    /// The newest of them.
    pub(crate) example: Uuid,
}

impl From<DeadGroup> for GroupView {
    fn from(group: DeadGroup) -> Self {
        Self {
            key: group.key,
            consumer: group.consumer,
            kind: group.kind,
            cause: group.cause,
            letters: group.letters,
            people: group.people,
            first_at: group.first_at,
            last_at: group.last_at,
            example: group.example,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LettersView {
    pub(crate) letters: Vec<LetterView>,
    /// Give it as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl LettersView {
    pub(in crate::operations) fn of(
        letters: Vec<Dead>,
        next: Option<String>,
        reader: Reader,
    ) -> Self {
        Self { letters: seen_by(reader, letters), next }
    }
}

pub(super) fn seen_by(reader: Reader, letters: Vec<Dead>) -> Vec<LetterView> {
    letters.into_iter().map(|dead| LetterView::from(dead).seen_by(reader)).collect()
}

/// One dead letter.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct LetterView {
    pub(crate) id: Uuid,
    /// The handler or effect that gave up.
    pub(crate) consumer: String,
    /// `event`, `job` or `undecodable`.
    pub(crate) kind: String,
    /// The key of its group.
    pub(crate) group: String,
    pub(crate) cause: String,
    pub(crate) attempts: i32,
    /// When it was tried, the latest times, where they are known.
    pub(crate) tried_at: Vec<String>,
    pub(crate) died_at: DateTime<Utc>,
    /// The trace of the click that it goes back to.
    pub(crate) trace: Option<String>,
    /// The event with its envelope, or the job.
    pub(crate) content: Value,
    /// Of what is no envelope: its bytes, as text as far as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<String>,
    /// `waiting`, `replayed` or `discarded`.
    pub(crate) state: String,
    /// Why it was discarded.
    pub(crate) reason: Option<String>,
    pub(crate) settled_at: Option<DateTime<Utc>>,
    /// Who replayed or discarded it.
    pub(crate) settled_by: Option<String>,
}

impl LetterView {
    /// As this reader may see it.
    pub(in crate::operations) fn seen_by(mut self, reader: Reader) -> Self {
        hide(&mut self.content, reader);
        if reader == Reader::Operator {
            // What cannot be read cannot be searched for names either.
            self.bytes = self.bytes.map(|_| HIDDEN.to_owned());
        }
        self
    }
}

impl From<Dead> for LetterView {
    fn from(dead: Dead) -> Self {
        Self {
            trace: dead.trace(),
            content: content(&dead),
            bytes: dead
                .bytes
                .map(|bytes| String::from_utf8_lossy(&bytes).escape_debug().to_string()),
            id: dead.id,
            consumer: dead.consumer,
            kind: dead.kind,
            group: dead.group_key,
            cause: dead.cause,
            attempts: dead.attempts,
            tried_at: dead.tried.split_whitespace().map(str::to_owned).collect(),
            died_at: dead.died_at,
            state: dead.state,
            reason: dead.reason,
            settled_at: dead.settled_at,
            settled_by: dead.settled_by,
        }
    }
}

/// As JSON, the event's data within its envelope too; text where it is none.
fn content(dead: &Dead) -> Value {
    let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
    if dead.kind == "undecodable" {
        return serde_json::json!({ "headers": dead.event_type });
    }
    let mut content: Value = parse(&dead.body);
    if let Some(data) = content.get_mut("data").filter(|_| dead.kind == "event") {
        *data = data.as_str().map_or(Value::Null, parse);
    }
    content
}
