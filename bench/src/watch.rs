//! Looks on from outside: how fast the marks come, what processor time they cost whom, and whether each
//! attempt was told of once.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{BasicConsumeOptions, QueueDeclareOptions},
    types::FieldTable,
};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde::Deserialize;

use crate::{
    fill::{MARKS, WORK},
    processor::{self, Program},
};

const LOOK: Duration = Duration::from_millis(20);
/// Where all is over in a tenth of a second, the clock must be finer.
const LOOK_AT_FEW: Duration = Duration::from_millis(2);
const FEW: u64 = 2_000;
/// How long what should not come any more is waited for.
const AFTERWARDS: Duration = Duration::from_millis(500);

pub(crate) async fn connect(broker: &str) -> Result<Connection> {
    Ok(Connection::connect(broker, ConnectionProperties::default()).await?)
}

/// Waits for `count` marks on the broker. The clock runs from the first that is seen, so that nobody's
/// start counts, to the last, and so does the programs' processor time.
pub(crate) async fn run(
    broker: &str,
    database: &str,
    table: &str,
    count: u64,
    limit: Duration,
    programs: &[Program],
) -> Result<serde_json::Value> {
    let look = if count > FEW { LOOK } else { LOOK_AT_FEW };
    let connection = connect(broker).await?;
    let channel = connection.create_channel().await?;
    let deadline = Instant::now() + limit;
    let (first, begun) = loop {
        let seen = depth(&channel, MARKS).await?;
        if seen > 0 {
            break (seen, Instant::now());
        }
        wait(look, deadline, "the first mark").await?;
    };
    let before = processor::taken(programs)?;
    let mut seen = first;
    while seen < count {
        wait(look, deadline, &format!("{count} marks: there are {seen}")).await?;
        seen = depth(&channel, MARKS).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after = processor::taken(programs)?;
    tokio::time::sleep(AFTERWARDS).await;
    let told = told(&channel).await?;
    let marks = marks(database, table).await?;
    let left = depth(&channel, WORK).await.unwrap_or(0);
    connection.close(200, "OK".into()).await?;
    let rate = (count - first) as f64 / seconds;
    Ok(serde_json::json!({
        "rate": rate, "seconds": seconds, "first": first, "marks": marks, "timed": count - first,
        "processor": processor::between(programs, &before, &after),
        "told": told.messages, "attempts_told": told.attempts, "left": left,
        "exact": marks == count && told.messages == count && told.attempts == count && left == 0,
    }))
}

async fn wait(look: Duration, deadline: Instant, what: &str) -> Result<()> {
    if Instant::now() > deadline {
        bail!("waited too long for {what}");
    }
    tokio::time::sleep(look).await;
    Ok(())
}

async fn depth(channel: &Channel, queue: &str) -> Result<u64> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let found = channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
    Ok(u64::from(found.message_count()))
}

struct Told {
    messages: u64,
    attempts: u64,
}

#[derive(Deserialize)]
struct Named {
    attempt: uuid::Uuid,
}

/// Takes all that was told off the broker, and counts whom it names.
async fn told(channel: &Channel) -> Result<Told> {
    let messages = depth(channel, MARKS).await?;
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut consumer =
        channel.basic_consume(MARKS.into(), "".into(), options, FieldTable::default()).await?;
    let mut attempts = HashSet::new();
    for _ in 0..messages {
        let delivery = consumer.next().await.context("the marks ended early")??;
        attempts.insert(serde_json::from_slice::<Named>(&delivery.data)?.attempt);
    }
    Ok(Told { messages, attempts: u64::try_from(attempts.len())? })
}

async fn marks(database: &str, table: &str) -> Result<u64> {
    let db = Database::connect(database).await?;
    let sql = format!("select count(*) as marks from {table} where graded_at is not null");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let marks: i64 = row.context("no count")?.try_get("", "marks")?;
    db.close().await?;
    Ok(u64::try_from(marks)?)
}
