//! Taking, settling, and what comes again.

use std::task::Poll;
use std::time::Duration;

use bus::transport::{Tag, Transport, TransportError};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};

use crate::support::{EVER, Place, ids, raw_channel, settle, take};

#[tokio::test]
async fn what_is_settled_never_comes_again_and_the_rest_at_once() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    let batch: Vec<_> = (0..10).map(|_| place.to_queue(&queue)).collect();
    place.deliver(batch).await;
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 10).await;
    assert!(taken.iter().all(|delivery| delivery.returned == 0));
    let (odd, even): (Vec<_>, Vec<_>) =
        taken.into_iter().partition(|delivery| delivery.tag.0 % 2 == 1);
    settle(&mut *receiver, &odd).await;
    // Settled twice, or never given: no harm.
    settle(&mut *receiver, &odd).await;
    receiver.settle(&[Tag(4711)]).await.unwrap();
    receiver.close().await;

    let mut receiver = place.receive(&queue).await;
    let again = take(&mut *receiver, 5).await;
    assert!(again.iter().all(|delivery| delivery.returned == 1));
    let mut expected = ids(&even);
    let mut found = settle(&mut *receiver, &again).await;
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    receiver.close().await;
    assert_eq!(place.transport.depth(&queue).await.unwrap().ready, 0);
}

#[tokio::test]
async fn what_a_dropped_receiver_held_comes_again() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    place.deliver((0..300).map(|_| place.to_queue(&queue)).collect()).await;
    let mut receiver = place.receive(&queue).await;
    take(&mut *receiver, 7).await;
    drop(receiver);
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 300).await;
    assert_eq!(settle(&mut *receiver, &taken).await.len(), 300);
}

/// Wherever it is on its way: no consumer stays behind that nobody knows, with what the broker gives it.
#[tokio::test]
async fn a_receiver_that_is_given_up_on_its_way_holds_nothing() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    let mut looks = 1;
    let arrived = loop {
        match given_up_after(looks, place.transport.receive(&queue)).await {
            Some(receiver) => break receiver.unwrap(),
            None => looks += 1,
        }
    };
    assert!(looks > 4, "it is on its way for a while: {looks}");
    arrived.close().await;
    place.deliver((0..300).map(|_| place.to_queue(&queue)).collect()).await;
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 300).await;
    assert_eq!(settle(&mut *receiver, &taken).await.len(), 300);
}

/// What comes of it, if it needs no more looks than that.
async fn given_up_after<T>(looks: usize, going_on: impl Future<Output = T>) -> Option<T> {
    let (mut going_on, mut looked) = (std::pin::pin!(going_on), 0);
    std::future::poll_fn(|context| {
        looked += 1;
        match going_on.as_mut().poll(context) {
            Poll::Ready(come) => Poll::Ready(Some(come)),
            Poll::Pending if looked == looks => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn competing_receivers_share_a_queue() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    let mut one = place.receive(&queue).await;
    let mut other = place.receive(&queue).await;
    place.deliver((0..100).map(|_| place.to_queue(&queue)).collect()).await;
    let (one, other) = tokio::join!(take(&mut *one, 50), take(&mut *other, 50));
    let mut all = [ids(&one), ids(&other)].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 100);
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    let mut receiver = place.receive(&queue).await;
    place.deliver((0..500).map(|_| place.to_queue(&queue)).collect()).await;
    let mut taken = Vec::new();
    let mut patience = 0;
    while taken.len() < 500 {
        patience += 1;
        let wait = Duration::from_micros(patience % 4000);
        if let Ok(some) = tokio::time::timeout(wait, receiver.next(30)).await {
            let some = some.unwrap();
            taken.extend(settle(&mut *receiver, &some).await);
        }
    }
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 500);
}

#[tokio::test]
async fn next_gathers_no_more_than_it_may() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    place.deliver((0..25).map(|_| place.to_queue(&queue)).collect()).await;
    let mut receiver = place.receive(&queue).await;
    let mut total = 0;
    while total < 25 {
        let taken = receiver.next(10).await.unwrap();
        assert!((1..=10).contains(&taken.len()));
        total += taken.len();
    }
}

#[tokio::test]
async fn what_is_no_envelope_comes_as_bytes_and_holds_nobody_up() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    let (_connection, channel) = raw_channel(&place.url).await;
    let mut hostile = FieldTable::default();
    hostile.insert("cloudEvents:id".into(), AMQPValue::LongString(vec![0xff_u8, 0].into()));
    let cases = [
        (BasicProperties::default(), b"".to_vec()),
        (BasicProperties::default().with_headers(hostile), vec![0xff; 70_000]),
        (BasicProperties::default().with_content_type("text/xml".into()), b"<a/>".to_vec()),
    ];
    for (properties, body) in &cases {
        let options = BasicPublishOptions::default();
        let sent = channel.basic_publish(
            "".into(),
            queue.as_str().into(),
            options,
            body,
            properties.clone(),
        );
        sent.await.unwrap().await.unwrap();
    }
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 3).await;
    for (delivery, (_, body)) in taken.iter().zip(&cases) {
        let undecodable = delivery.content.as_ref().unwrap_err();
        assert_eq!(&undecodable.bytes, body);
        assert!(!undecodable.cause.is_empty());
    }
    let tags: Vec<Tag> = taken.iter().map(|delivery| delivery.tag).collect();
    receiver.settle(&tags).await.unwrap();
    let good = place.to_queue(&queue);
    place.deliver(vec![good.clone()]).await;
    assert_eq!(ids(&take(&mut *receiver, 1).await), [good.envelope.id]);
}

#[tokio::test]
async fn a_deleted_queue_ends_the_receiver_and_the_next_one_has_it_again() {
    let place = Place::new().await;
    let queue = place.queue("work", &["happened.v1"]).await;
    let mut receiver = place.receive(&queue).await;
    let (_connection, channel) = raw_channel(&place.url).await;
    channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    let ended = tokio::time::timeout(EVER, receiver.next(10)).await.expect("a silence");
    assert!(matches!(ended, Err(TransportError::Away(_))), "{ended:?}");
    receiver.close().await;
    let mut receiver = place.receive(&queue).await;
    let sent = place.to_all("happened.v1");
    place.deliver(vec![sent.clone()]).await;
    assert_eq!(ids(&take(&mut *receiver, 1).await), [sent.envelope.id]);
}

#[tokio::test]
async fn depth_counts_what_waits() {
    let place = Place::new().await;
    let queue = place.queue("work", &[]).await;
    place.deliver((0..30).map(|_| place.to_queue(&queue)).collect()).await;
    let depth = place.transport.depth(&queue).await.unwrap();
    assert_eq!((depth.ready, depth.unsettled, depth.oldest), (30, None, None));
}
