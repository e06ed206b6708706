//! The broker and the database that tests run against.

use std::{env, ffi::OsStr, io::Read, path::Path};

use anyhow::{Context, Result};
use private_nodes::{Postgres, RabbitMq};

const AMQP: &str = "ESTRADE_TEST_AMQP_URL";
const DATABASE: &str = "ESTRADE_TEST_DATABASE_URL";

/// What the caller has named, and private nodes for the rest.
pub struct Nodes {
    amqp_url: String,
    database_url: String,
    _broker: Option<RabbitMq>,
    _database: Option<Postgres>,
}

impl Nodes {
    pub fn start(target: &Path) -> Result<Self> {
        let folder = target.join("private-nodes");
        let broker = named(AMQP).is_none().then(|| RabbitMq::start(&folder)).transpose()?;
        let database = named(DATABASE).is_none().then(|| Postgres::start(&folder)).transpose()?;
        let database_url = match &database {
            Some(cluster) => cluster.create_database("estrade")?,
            None => named(DATABASE).unwrap_or_default(),
        };
        let amqp_url =
            broker.as_ref().map_or_else(|| named(AMQP).unwrap_or_default(), RabbitMq::amqp_url);
        Ok(Self { amqp_url, database_url, _broker: broker, _database: database })
    }

    /// What a test reads to find them.
    pub fn environment(&self) -> [(&'static str, &OsStr); 2] {
        [(AMQP, self.amqp_url.as_ref()), (DATABASE, self.database_url.as_ref())]
    }
}

fn named(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|url| !url.is_empty())
}

/// Starts the nodes for somebody at work and keeps them until its input ends or it is stopped.
pub fn keep(target: &Path) -> Result<()> {
    let nodes = Nodes::start(target)?;
    for (variable, url) in nodes.environment() {
        println!("export {variable}={}", url.display());
    }
    eprintln!("Both run until Ctrl-C (or the end of the input).");
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .context("cannot wait for the end of the input")?;
    Ok(())
}
