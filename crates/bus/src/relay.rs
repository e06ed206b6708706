//! The relay: takes a service's outbox to the transport. One for each service at a time: replicas
//! agree by a lease in the service's own database.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Db, Error, Transport,
    fault::{self, Point},
    outbox,
    transport::Sent,
    values,
};

const BATCH: usize = 500;
/// A commit wakes the relay; the poll finds what a crash left, what another process wrote, and
/// what has become due.
const POLL: Duration = Duration::from_millis(100);
const LEASE: TimeDelta = TimeDelta::seconds(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sends until told to stop.
pub(crate) async fn run(db: Db, transport: Arc<dyn Transport>, stop: CancellationToken) {
    let mut lease = Lease::new();
    let mut pause = POLL;
    while !stop.is_cancelled() {
        match step(&db, transport.as_ref(), &mut lease).await {
            Ok(Step::SentSome) => {
                pause = POLL;
                continue;
            }
            Ok(Step::Idle) => pause = POLL,
            Ok(Step::SomeUnknown) => pause = (pause * 2).min(LONGEST_PAUSE),
            Err(error) => {
                tracing::warn!(%error, service = db.service(), "the relay cannot reach its database");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = db.inner.outbox_filled.notified(), if pause == POLL => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Err(error) = lease.give_back(&db).await {
        tracing::debug!(%error, service = db.service(), "the relay's lease will run out by itself");
    }
}

pub(crate) enum Step {
    Idle,
    SentSome,
    /// Some may not have arrived; they stay in the outbox and go again under the same id.
    SomeUnknown,
}

pub(crate) async fn step(
    db: &Db,
    transport: &dyn Transport,
    lease: &mut Lease,
) -> Result<Step, Error> {
    let rows = outbox::waiting(db, BATCH).await?;
    if rows.is_empty() || !lease.hold(db).await? {
        return Ok(Step::Idle);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let outcomes = transport.send(rows.into_iter().map(outbox::Row::outgoing).collect()).await;
    let (mut sent, mut unroutable, mut unknown) = (Vec::new(), Vec::new(), None);
    for (id, outcome) in ids.iter().zip(outcomes) {
        match outcome {
            Sent::Owned => sent.push(*id),
            Sent::Unroutable => unroutable.push(*id),
            Sent::Unknown(cause) => unknown = Some(cause),
        }
    }
    if !unroutable.is_empty() {
        tracing::warn!(
            service = db.service(),
            count = unroutable.len(),
            "no queue is bound for these events"
        );
    }
    if !(sent.is_empty() && unroutable.is_empty()) {
        fault::point(Point::SentNotMarked);
        outbox::mark_sent(db, &sent, &unroutable).await?;
    }
    let Some(cause) = unknown else {
        return Ok(Step::SentSome);
    };
    tracing::warn!(service = db.service(), cause, "not known to be sent; they will go again");
    Ok(Step::SomeUnknown)
}

/// The right to send for a service.
pub(crate) struct Lease {
    owner: Uuid,
    until: Option<chrono::DateTime<chrono::Utc>>,
}

impl Lease {
    pub(crate) fn new() -> Self {
        Self { owner: event::fresh_uuid(), until: None }
    }

    /// Takes or renews the lease. Held for at least half its length without asking the database.
    async fn hold(&mut self, db: &Db) -> Result<bool, Error> {
        let now = db.now();
        if self.until.is_some_and(|until| until - LEASE / 2 > now) {
            return Ok(true);
        }
        let mut tx = db.begin().await?;
        let taken = tx
            .execute(
                "insert into bus_lease (name, owner, until, fence) values ('relay', $1, $2, 1) \
                 on conflict (name) do update set owner = excluded.owner, until = excluded.until, \
                 fence = bus_lease.fence + 1 \
                 where bus_lease.owner = excluded.owner or bus_lease.until < $3",
                values![self.owner, now + LEASE, now],
            )
            .await?;
        tx.commit().await?;
        self.until = (taken == 1).then_some(now + LEASE);
        Ok(taken == 1)
    }

    async fn give_back(&self, db: &Db) -> Result<(), Error> {
        if self.until.is_none() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        tx.execute(
            "delete from bus_lease where name = 'relay' and owner = $1",
            values![self.owner],
        )
        .await?;
        tx.commit().await
    }
}
