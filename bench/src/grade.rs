//! Estrade's grader: the real service with its handler, its inbox, its outbox and its relay, as
//! `estrade serve assessment` runs it, without the web. Only the followers' queues are not there: what
//! is told goes into one queue, as with all who are compared.

use std::sync::Arc;

use anyhow::Result;
use bus::{Clock, Db, Location, Transport};
use bus_rabbitmq::{Config, RabbitMq};

use crate::{fill, submissions};

pub(crate) async fn run(broker: &str, database: &str) -> Result<()> {
    let service = assessment::service();
    let db = open(&Location::Postgres { url: database.to_owned() }).await?;
    let transport: Arc<dyn Transport> = Arc::new(RabbitMq::connect(Config::new([broker])).await?);
    transport.declare(&fill::queues()).await?;
    let running = bus::run(&service, &db, &transport);
    crate::told_to_stop().await;
    running.stop().await;
    transport.close().await;
    db.close().await;
    Ok(())
}

/// Makes the service's database, with the quiz in it.
pub(crate) async fn prepare(database: &str) -> Result<()> {
    let db = open(&Location::Postgres { url: database.to_owned() }).await?;
    submissions::import(&db).await?;
    db.close().await;
    Ok(())
}

pub(crate) async fn open(location: &Location) -> Result<Db> {
    let service = assessment::service();
    Ok(Db::open(location, service.name(), service.migrations(), Clock::System).await?)
}
