//! The service as a whole, over a database and a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod samples;
