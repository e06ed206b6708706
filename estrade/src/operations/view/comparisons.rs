//! How copies stand to their owners'.

use bus::{Service, step::Comparison};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub(crate) struct ComparisonsView {
    pub(crate) copies: Vec<ComparisonView>,
}

/// How a service's copies of one kind stand to their owner's.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct ComparisonView {
    /// `<owner>.<things>`
    pub(crate) kind: &'static str,
    /// The last comparison; null before the first.
    pub(crate) last: Option<FoundView>,
}

/// What one comparison found.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub(crate) struct FoundView {
    pub(crate) run: Uuid,
    pub(crate) began_at: DateTime<Utc>,
    pub(crate) heard_at: DateTime<Utc>,
    /// Whether all of it was heard.
    pub(crate) is_complete: bool,
    pub(crate) compared: i64,
    pub(crate) missing: i64,
    pub(crate) older: i64,
    pub(crate) differing: i64,
    pub(crate) newer: i64,
    pub(crate) surplus: i64,
    /// All that were not as their owner's.
    pub(crate) drift: i64,
}

impl ComparisonsView {
    /// `comparisons` begin with the latest.
    pub(crate) fn of(service: &Service, comparisons: Vec<Comparison>) -> Self {
        let last = |kind: &str| comparisons.iter().find(|found| found.kind == kind);
        let kinds = service.copies().iter().map(|copies| copies.kind);
        let view = |kind| ComparisonView { kind, last: last(kind).map(FoundView::from) };
        Self { copies: kinds.map(view).collect() }
    }
}

impl From<&Comparison> for FoundView {
    fn from(found: &Comparison) -> Self {
        Self {
            run: found.run,
            began_at: found.began_at,
            heard_at: found.heard_at,
            is_complete: found.is_complete(),
            compared: found.compared,
            missing: found.missing,
            older: found.older,
            differing: found.differing,
            newer: found.newer,
            surplus: found.surplus,
            drift: found.drift(),
        }
    }
}
