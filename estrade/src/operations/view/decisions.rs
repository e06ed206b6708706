//! What came of a decision about dead letters, or would come of it.

use std::collections::BTreeMap;

use bus::{Rehearsal, Replayed, RowsWritten, Verdict};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayedView {
    /// How many waited.
    pub(crate) waiting: u64,
    /// Will be tried again.
    pub(crate) replayed: u64,
    /// Can never be read, and still wait.
    pub(crate) unreadable: u64,
    /// Have no handler or effect any more, and still wait.
    pub(crate) nobody_there: u64,
    /// Of a dry run: how many of them are jobs, which would be performed again; that is not tried.
    pub(crate) untried: usize,
    /// Of a dry run: what would come of each, of 200 at most.
    pub(crate) rehearsed: Vec<RehearsalView>,
}

impl ReplayedView {
    pub(crate) fn of(waiting: u64, done: Replayed, rehearsed: Vec<RehearsalView>) -> Self {
        let Replayed { replayed, unreadable, nobody_there } = done;
        let untried = rehearsed.iter().filter(|it| it.is_untried()).count();
        Self { waiting, replayed, unreadable, nobody_there, untried, rehearsed }
    }
}

/// What a replay of one letter would come to.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct RehearsalView {
    pub(crate) id: Uuid,
    pub(crate) consumer: String,
    /// `would-succeed`, `would-fail`, `would-be-performed` (a job; nothing was performed),
    /// `cannot-be-read`, `deadly` (it took its process down each time, and is not rehearsed) or
    /// `nobody-there` (no handler or effect of this name is left).
    pub(crate) verdict: &'static str,
    /// Why it would fail.
    pub(crate) cause: Option<String>,
    /// Events that it would publish, by type.
    pub(crate) publishes: BTreeMap<String, usize>,
    /// Jobs that it would request, by effect.
    pub(crate) requests: BTreeMap<String, usize>,
    /// Rows that it wrote before all was undone.
    pub(crate) rows: u64,
    /// The same, by table.
    pub(crate) tables: Vec<TableView>,
}

impl RehearsalView {
    /// A job would be performed again, and nobody can say whether it goes.
    pub(crate) fn is_untried(&self) -> bool {
        self.verdict == "would-be-performed"
    }
}

/// Rows of one table that a replay would write.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct TableView {
    pub(crate) table: String,
    pub(crate) inserted: u64,
    /// By statements that do the one or the other, and do not tell which.
    pub(crate) inserted_or_updated: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
}

impl From<(String, RowsWritten)> for TableView {
    fn from((table, rows): (String, RowsWritten)) -> Self {
        let RowsWritten { inserted, inserted_or_updated, updated, deleted } = rows;
        Self { table, inserted, inserted_or_updated, updated, deleted }
    }
}

impl From<Rehearsal> for RehearsalView {
    fn from(rehearsal: Rehearsal) -> Self {
        let verdict = match rehearsal.verdict {
            Verdict::WouldSucceed => "would-succeed",
            Verdict::WouldFail => "would-fail",
            Verdict::WouldBePerformed => "would-be-performed",
            Verdict::CannotBeRead => "cannot-be-read",
            Verdict::Deadly => "deadly",
            Verdict::NobodyThere => "nobody-there",
        };
        Self {
            id: rehearsal.id,
            consumer: rehearsal.consumer,
            verdict,
            cause: rehearsal.cause,
            publishes: rehearsal.publishes,
            requests: rehearsal.requests,
            rows: rehearsal.tables.values().map(RowsWritten::total).sum(),
            tables: rehearsal.tables.into_iter().map(TableView::from).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DiscardedView {
    pub(crate) discarded: u64,
}
