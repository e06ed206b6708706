//! The bus: how services speak to each other without waiting, and without losing or repeating
//! a thing.
//!
//! - [`Db`] and [`Tx`]: a service's database. `publish` exists on `Tx` alone, so that what is decided
//!   and what is told are committed together, or not at all.
//! - [`Handler`] and [`BatchHandler`]: events coming in, each once, inside a transaction.
//! - [`Effect`]: the outside world (mail, PDF, push), with a lease, outside any transaction.
//! - [`Service`]: what a service declares; [`run`] brings it to life: relay, runners, retries, effects.
//! - [`transport`]: what carries envelopes; [`embedded`] is the one inside SQLite.
//!
//! The bus knows no event by name, promises no order, and never calls a service from another.

mod backlog;
pub mod clock;
mod concerning;
mod db;
mod dead;
mod effect;
mod embedded;
mod error;
mod fault;
mod files;
mod flight;
mod forget;
mod fresh;
mod handler;
mod inbox;
mod ledger;
mod meters;
mod migrations;
mod oldest;
mod orphans;
mod outbox;
mod postgres;
mod pulse;
mod relay;
mod retention;
mod retries;
mod retry;
mod rows;
mod runner;
mod service;
pub mod sessions;
mod sqlite;
pub mod step;
mod survey;
pub mod trace;
mod traffic;
pub mod transport;
mod tx;
mod write_file;
mod written;

#[cfg(feature = "testing")]
pub mod conformance;
#[cfg(feature = "testing")]
pub mod simulation;
#[cfg(feature = "testing")]
pub mod testing;

pub use backlog::{Backlog, JobState, QueueState};
pub use clock::Clock;
pub use concerning::{Concerning, OpenJob, Retrying, Unsent};
pub use db::{Db, Location, Read, containing, placeholders};
pub use dead::{
    Dead, DeadGroup, DeadLetters, DeadPage, DeadState, Rehearsal, Replayed, SettledPage, Verdict,
    Which, without_addresses,
};
pub use effect::{Effect, EffectFailure, Ending, Performed};
pub use embedded::Embedded;
pub use error::Error;
pub use event::{Envelope, Event, EventId, FileReference};
pub use files::{Files, FilesError};
pub use handler::{Anything, BatchHandler, Failure, Handled, Handler, Hear, Received};
pub use ledger::{DirectLedger, HandlerLedger, JobLedger, Ledger, PublishedLedger};
pub use meters::describe_meters;
pub use migrations::Migration;
pub use oldest::{Oldest, OldestIs, Outboxes};
pub use orphans::{Orphan, Orphans, PutAway, note_queues};
pub use pulse::{FailingOf, Pulse, Sizes, Waiting, WaitingOf};
pub use retention::{Pruned, Retention, prune};
pub use retries::Retries;
pub use retry::RetryPolicy;
pub use sea_orm::{FromQueryResult, TryGetable, Value};
pub use service::{Running, Service, run};
pub use survey::{Schema, Survey};
pub use traffic::{SentOf, TakenOf, Traffic};
pub use transport::Transport;
pub use tx::Tx;
pub use write_file::{WriteFile, WriteJob, Written};
pub use written::RowsWritten;
