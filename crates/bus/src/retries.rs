//! Looking at what waits to be tried again in one service, page by page; and not waiting for it.

use uuid::Uuid;

use crate::{Db, Error, OpenJob, Read, Retrying, values};

/// The events of one service that handlers could not take yet, and its jobs that did not go yet.
pub struct Retries<'a> {
    db: &'a Db,
}

impl<'a> Retries<'a> {
    #[must_use]
    pub fn of(db: &'a Db) -> Self {
        Self { db }
    }

    /// Handler by handler, the oldest event first, `limit` at most, without so many before them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn page(&self, limit: u32, before: u64) -> Result<Vec<Retrying>, Error> {
        // In the order of the primary key: nothing is sorted, however much waits.
        let sql = format!(
            "select handler, id, event_type, attempts, due, cause, since, envelope from bus_retry \
             order by handler, id limit {limit} offset {before}"
        );
        self.db.all(&sql, values![]).await
    }

    /// Jobs in the outside world that failed and wait for their next attempt: effect by effect, the next to be
    /// tried first, `limit` at most, without so many before them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn jobs(&self, limit: u32, before: u64) -> Result<Vec<OpenJob>, Error> {
        let sql = format!(
            "select effect, job_key, attempts, due, cause, lease_until, job from bus_effect \
             where attempts > 0 and due > $1 \
             order by effect, due, job_key limit {limit} offset {before}"
        );
        self.db.all(&sql, values![self.db.now()]).await
    }

    /// Has all that waits for a handler tried at once. What somebody is at is left to them. Gives how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn hurry(&self, handler: &str) -> Result<u64, Error> {
        let mut tx = self.db.begin().await?;
        let now = tx.now();
        let hurried = tx
            .execute(
                "update bus_retry set due = $1 where handler = $2 and due > $1 and unended = 0",
                values![now, handler],
            )
            .await?;
        tx.commit().await?;
        Ok(hurried)
    }
}

impl Retrying {
    /// The first of those whom the event is about, if it is about anybody.
    #[must_use]
    pub fn person(&self) -> Option<Uuid> {
        event::people(&self.data()).first().map(|person| person.0)
    }
}
