//! What a follower found, run by run, kept so that an operator can look.

use chrono::{DateTime, Utc};
use event::step::Compared;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Error, Read, Tx, values};

/// Runs remembered of each kind.
const RUNS: usize = 20;

/// What one run found of one kind.
#[derive(FromQueryResult, Clone, Debug, serde::Serialize)]
pub struct Comparison {
    /// `<owner>.<things>`
    pub kind: String,
    pub run: Uuid,
    pub began_at: DateTime<Utc>,
    pub heard_at: DateTime<Utc>,
    /// Pages that were heard.
    pub pages: i64,
    /// Pages that there are; 0 until the last was heard.
    pub pages_in_all: i64,
    pub compared: i64,
    pub missing: i64,
    pub older: i64,
    pub differing: i64,
    pub newer: i64,
    pub surplus: i64,
}

impl Comparison {
    /// Whether every page was heard.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.pages_in_all > 0 && self.pages >= self.pages_in_all
    }

    /// Copies that were not as their owner's.
    #[must_use]
    pub fn drift(&self) -> i64 {
        self.missing + self.older + self.differing + self.newer + self.surplus
    }
}

/// What a service found in its latest runs, the latest first.
///
/// # Errors
/// When the database is away.
pub async fn comparisons(db: &Db) -> Result<Vec<Comparison>, Error> {
    db.all(
        "select kind, run, began_at, heard_at, pages, pages_in_all, compared, missing, older, \
         differing, newer, surplus from bus_comparison order by began_at desc, kind",
        values![],
    )
    .await
}

/// Adds one page's answer to its run.
pub(super) async fn keep(tx: &mut Tx, found: &Compared) -> Result<(), Error> {
    let now = tx.now();
    let in_all = if found.last { i64::from(found.page) } else { 0 };
    tx.execute(
        "insert into bus_comparison (kind, run, began_at, heard_at, pages, pages_in_all, compared, \
         missing, older, differing, newer, surplus) \
         values ($1, $2, $3, $3, 1, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (kind, run) do update set heard_at = excluded.heard_at, \
         pages = bus_comparison.pages + 1, \
         pages_in_all = bus_comparison.pages_in_all + excluded.pages_in_all, \
         compared = bus_comparison.compared + excluded.compared, \
         missing = bus_comparison.missing + excluded.missing, \
         older = bus_comparison.older + excluded.older, \
         differing = bus_comparison.differing + excluded.differing, \
         newer = bus_comparison.newer + excluded.newer, \
         surplus = bus_comparison.surplus + excluded.surplus",
        values![
            found.kind.clone(),
            found.run,
            now,
            in_all,
            i64::from(found.compared),
            i64::from(found.missing),
            i64::from(found.older),
            i64::from(found.differing),
            i64::from(found.newer),
            i64::from(found.surplus)
        ],
    )
    .await?;
    forget_old_runs(tx, &found.kind).await
}

async fn forget_old_runs(tx: &mut Tx, kind: &str) -> Result<(), Error> {
    let sql = format!(
        "delete from bus_comparison where kind = $1 and run not in \
         (select run from bus_comparison where kind = $1 order by began_at desc, run limit {RUNS})"
    );
    tx.execute(&sql, values![kind]).await?;
    Ok(())
}
