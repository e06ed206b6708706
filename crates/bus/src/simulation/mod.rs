//! Simulation: a whole platform in one thread, played from a seed.
//!
//! Nothing runs freely. A [`World`] holds services, a [`SimulatedTransport`] and a clock moved by hand,
//! and takes one step after another: a relay, a batch of a runner, a job of an effect, somebody's
//! request, the clock, a crash. Which one, and what goes wrong in it, is drawn from the seed. Every
//! place at which a task waits for its database may fail, stop for a while, or be where the process
//! dies; the transport loses, doubles, delays and shuffles. So the same seed plays the same run, to the
//! last statement, and [`World::trace`] tells it.
//!
//! [`World::stand_still`] lets a month go by, after which there is something that retention throws away
//! while all else goes on. What it threw away is kept beside, for the books at the end.
//!
//! It exists only with the feature "testing". It does not simulate two transactions at once on one
//! database (SQLite has one writer), nor what disks and kernels do: processes are really killed, and
//! brokers really stopped, by `cargo xtask faults`.

mod books;
mod fate;
mod lanes;
mod seeds;
mod transport;
mod world;

pub use fate::Rates;
pub(crate) use fate::{Open, Place, is_on, lies, must_look, reach};
pub use seeds::{Played, assert_no_findings, first_with_findings};
pub use transport::SimulatedTransport;
pub use world::{Finding, Member, Mutation, Topology, World};
