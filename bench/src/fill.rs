//! Puts submissions on the broker, before anybody is there to grade them.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use assessment::domain::Quiz;
use bus::{
    Transport,
    transport::{Destination, Outgoing, Queue, Sent},
};
use bus_rabbitmq::{Config, RabbitMq};
use contract::assessment::AttemptGraded;
use event::Event;
use futures::{StreamExt, stream};

use crate::submissions;

/// The queue that Estrade's grader takes from; the peers take from the same one.
pub(crate) const WORK: &str = "assessment.grade";
/// The queue that stands for all who hear of marks.
pub(crate) const MARKS: &str = "bench.marks";
const BATCH: u64 = 1000;
/// Batches that are on their way together: while one is made, others wait for the disk.
const SIDE_BY_SIDE: usize = 4;

/// The queues, with the very arguments that the platform gives them.
pub(crate) fn queues() -> Vec<Queue> {
    let work = assessment::service().queues();
    let marks = Queue { name: MARKS.to_owned(), types: vec![AttemptGraded::TYPE.to_owned()] };
    work.into_iter().filter(|queue| queue.name == WORK).chain([marks]).collect()
}

/// Begins with empty queues and fills the first.
pub(crate) async fn run(broker: &str, count: u64) -> Result<serde_json::Value> {
    delete_queues(broker).await?;
    let transport = RabbitMq::connect(Config::new([broker])).await?;
    transport.declare(&queues()).await?;
    let bytes = fill(&transport, count).await?;
    transport.close().await;
    Ok(serde_json::json!({ "messages": count, "bytes_each": bytes / count.max(1) }))
}

/// Sends submissions to the grader's queue, and gives the bytes of all bodies.
pub(crate) async fn fill(transport: &dyn Transport, count: u64) -> Result<u64> {
    let quiz = submissions::quiz()?;
    let starts = (0..count).step_by(usize::try_from(BATCH)?);
    let batches = starts.map(|start| send(transport, &quiz, start..count.min(start + BATCH)));
    let mut sending = stream::iter(batches).buffer_unordered(SIDE_BY_SIDE);
    let mut bytes = 0;
    while let Some(sent) = sending.next().await {
        bytes += sent?;
    }
    ensure!(count == 0 || bytes / count > 900, "the submissions are too short");
    Ok(bytes)
}

/// One batch, until it is taken; the bytes of its bodies.
async fn send(transport: &dyn Transport, quiz: &Quiz, numbers: Range<u64>) -> Result<u64> {
    let (mut bytes, mut batch) = (0, Vec::new());
    for number in numbers {
        let envelope = submissions::envelope(quiz, number)?;
        bytes += u64::try_from(envelope.data.len())?;
        batch.push(Outgoing { envelope, to: Destination::Queue(WORK.to_owned()) });
    }
    let outcomes = transport.send(batch).await;
    if let Some(other) = outcomes.iter().find(|outcome| **outcome != Sent::Owned) {
        bail!("a submission was not taken: {other:?}");
    }
    Ok(bytes)
}

async fn delete_queues(broker: &str) -> Result<()> {
    let connection = crate::watch::connect(broker).await?;
    let channel = connection.create_channel().await?;
    for queue in [WORK, MARKS] {
        channel.queue_delete(queue.into(), lapin::options::QueueDeleteOptions::default()).await?;
    }
    connection.close(200, "OK".into()).await?;
    Ok(())
}
