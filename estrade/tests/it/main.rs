//! The platform as people meet it: the command line, the demo on every combination of transport and
//! database, the HTTP API with good and hostile input, every page in a real browser. One binary, real
//! processes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser;
mod cli;
mod compression;
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
mod operator;
mod orphans;
mod outage;
mod outside;
mod over_tls;
mod python;
mod rendering;
mod sessions;
mod showcase;
mod timeline;
mod walk;
mod watching;
