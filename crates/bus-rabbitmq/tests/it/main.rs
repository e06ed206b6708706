//! The RabbitMQ transport against real brokers.
//!
//! Tests share one private node, each in a virtual host of its own. With `ESTRADE_TEST_AMQP_URL` those that
//! can live with strangers go there instead. Tests that break a node have another and take turns on it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod conformance;
mod far;
mod faults;
mod inspecting;
mod receiving;
mod refusals;
mod sending;
mod support;
mod tls;
mod traffic;
