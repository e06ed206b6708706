//! What outlives whom: senders, consumers, and the place itself.

use std::collections::BTreeSet;

use super::{
    Place,
    stage::{
        COURSE, PATIENCE, SOON, assert_empty, declare, drain, drain_whatever_happens, envelope,
        ids, publish, queue, receive, send_until_owned, settle, take, to_everyone, within,
    },
};
use crate::transport::{Outgoing, Sent};

/// Owned means owned: the sender's death a moment later changes nothing.
pub async fn owned_survives_the_sender(place: impl Place) {
    let sender = place.connect().await;
    declare(&sender, &[queue("one.copy", &[COURSE])]).await;
    let sent = publish(&sender, COURSE, 100).await;
    place.abandon(sender).await;
    let transport = place.connect().await;
    assert_eq!(drain(&transport, "one.copy", 100).await, sent);
}

pub async fn owned_survives_a_crash(place: impl Place) {
    let sender = place.connect().await;
    declare(&sender, &[queue("one.copy", &[COURSE]), queue("two.copy", &[COURSE])]).await;
    let sent = publish(&sender, COURSE, 100).await;
    place.crash().await;
    place.restart().await;
    place.abandon(sender).await;
    let transport = place.connect().await;
    assert_eq!(drain(&transport, "one.copy", 100).await, sent);
    assert_eq!(drain(&transport, "two.copy", 100).await, sent);
}

pub async fn settled_never_comes_again(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let sent = publish(&transport, COURSE, 20).await;
    let mut receiver = receive(&transport, "one.copy").await;
    let taken = take(&mut receiver, 12).await;
    settle(&mut receiver, &taken).await;
    within(SOON, "closing", receiver.close()).await;
    within(SOON, "closing", transport.close()).await;
    place.crash().await;
    place.restart().await;
    let transport = place.connect().await;
    let rest = drain(&transport, "one.copy", 8).await;
    assert_eq!(rest, sent.difference(&ids(&taken)).copied().collect::<BTreeSet<_>>());
    assert_empty(&transport, "one.copy").await;
}

/// With nobody there a send returns, promises nothing, and the same again succeeds when all is well.
pub async fn a_send_into_nothing_is_unknown_and_arrives_later(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    publish(&transport, COURSE, 1).await;
    drain(&transport, "one.copy", 1).await;
    let batch: Vec<Outgoing> = (0..10).map(|_| to_everyone(envelope(COURSE))).collect();
    let sent = batch.iter().map(|one| one.envelope.id).collect();
    place.crash().await;
    let outcomes = within(PATIENCE, "a send into nothing", transport.send(batch.clone())).await;
    assert_eq!(outcomes.len(), batch.len(), "one outcome for each");
    let unknown = |outcome: &Sent| matches!(outcome, Sent::Unknown(cause) if !cause.is_empty());
    assert!(outcomes.iter().all(unknown), "unknown, and why: {outcomes:?}");
    place.restart().await;
    send_until_owned(&transport, batch).await;
    drain_whatever_happens(&transport, "one.copy", &sent).await;
}

/// Nobody has to declare again what was declared, nor bind what was bound.
pub async fn topology_is_there_after_a_crash(place: impl Place) {
    let first = place.connect().await;
    declare(&first, &[queue("one.copy", &[COURSE])]).await;
    place.abandon(first).await;
    place.crash().await;
    place.restart().await;
    let second = place.connect().await;
    let sent = publish(&second, COURSE, 10).await;
    assert_eq!(drain(&second, "one.copy", 10).await, sent);
}

/// A receiver that waits while its place goes down and comes back either goes on or ends with an
/// error, and then the same transport gives a new one; what is sent afterwards arrives.
pub async fn a_consumer_never_falls_silent(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let mut waiting = receive(&transport, "one.copy").await;
    let (sent_before, taken) = tokio::join!(publish(&transport, COURSE, 1), take(&mut waiting, 1));
    assert_eq!(ids(&taken), sent_before);
    settle(&mut waiting, &taken).await;
    let consumer = tokio::spawn(async move { (waiting.next(10).await, waiting) });
    place.crash().await;
    place.restart().await;
    let batch: Vec<Outgoing> = (0..10).map(|_| to_everyone(envelope(COURSE))).collect();
    let mut missing: BTreeSet<_> = batch.iter().map(|one| one.envelope.id).collect();
    let sender = place.connect().await;
    send_until_owned(&sender, batch).await;
    let waited = within(PATIENCE, "the waiting receiver goes on or ends", consumer).await;
    let (outcome, mut receiver) = waited.expect("no panic");
    if let Ok(batch) = outcome {
        // Settled or not, it has come; and what may come again is not waited for.
        let _ = receiver.settle(&batch.iter().map(|one| one.tag).collect::<Vec<_>>()).await;
        missing.retain(|id| !ids(&batch).contains(id));
    }
    drop(receiver);
    drain_whatever_happens(&transport, "one.copy", &missing).await;
}
