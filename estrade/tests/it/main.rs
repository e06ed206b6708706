//! The platform as people meet it: the command line, the demo on every combination of transport and
//! database, the HTTP API with good and hostile input. One binary, real processes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli;
mod demo;
mod doctor;
mod documents;
mod examples;
mod hostile;
mod house;
mod import;
mod in_step;
mod load;
mod operations;
mod outside;
mod python;
mod timeline;
mod watching;
