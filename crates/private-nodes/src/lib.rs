//! A RabbitMQ node and a PostgreSQL cluster of one's own, for tests.
//!
//! Each runs from the programs that the system has installed, on free loopback ports, with all that it
//! writes in a folder of its own. It ends with the process that started it, however that one ends, and
//! takes its folder with it. It can be killed, frozen and restarted on the same port, so that a test sees
//! what a client sees. Three RabbitMQ nodes can be one cluster. An authority of one's own issues what a node
//! shows where it speaks TLS.
//!
//! Not here: installing anything (`cargo xtask test` does), and nothing that production uses.

mod authority;
mod cluster;
mod error;
mod folder;
mod group;
mod ports;
mod postgres;
mod rabbitmq;

pub use authority::{Authority, Issued};
pub use cluster::Cluster;
pub use error::{Error, Result};
pub use group::{Guarded, output};
pub use ports::free as free_ports;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
