//! The service as a whole: its handlers in any order, its effects, its routes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod handlers;
mod pages;
mod quiet;
mod routes;
pub(crate) mod world;
