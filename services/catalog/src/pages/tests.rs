#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authoring;
mod enrolled;
mod handover;
mod images;
pub(crate) mod importing;
mod publishing;
mod reading;
mod sessions;
mod writing;
