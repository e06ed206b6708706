//! Tests of the bus from outside, all in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dying;
mod effects;
mod embedded;
mod embedded_conformance;
mod flights;
mod full_disk;
mod operator;
mod outrun;
mod relay;
mod silence;
mod simulation;
mod statistics;
mod step;
mod support;
mod trace;
mod transactions;
