//! What becomes of what is sent.

use bus::transport::{Queue, Sent, Transport};
use bus_rabbitmq::{Config, RabbitMq};

use crate::support::{Place, ids, settle, take};

#[tokio::test]
async fn everyone_bound_gets_it_and_a_direct_one_goes_to_its_queue_alone() {
    let place = Place::new().await;
    let first = place.queue("first", &["happened.v1"]).await;
    let second = place.queue("second", &["happened.v1", "other.v1"]).await;
    let everybody = place.to_all("happened.v1");
    let direct = place.to_queue(&second);
    place.deliver(vec![everybody.clone(), direct.clone()]).await;

    let mut receiver = place.receive(&second).await;
    let taken = take(&mut *receiver, 2).await;
    assert_eq!(taken[0].content.as_ref().unwrap(), &everybody.envelope);
    assert_eq!(ids(&taken), [everybody.envelope.id, direct.envelope.id]);
    let mut receiver = place.receive(&first).await;
    place.deliver(vec![place.to_queue(&first)]).await;
    let taken = take(&mut *receiver, 2).await;
    assert_eq!(ids(&taken)[0], everybody.envelope.id);
}

#[tokio::test]
async fn the_hash_hears_everything() {
    let place = Place::new().await;
    let queue = Queue { name: place.name("insight"), types: vec![Queue::EVERYTHING.to_owned()] };
    place.transport.declare(std::slice::from_ref(&queue)).await.unwrap();
    let sent = place.to_all("never-named.v7");
    place.deliver(vec![sent.clone()]).await;
    let mut receiver = place.receive(&queue.name).await;
    loop {
        // On a shared broker it hears the other tests too.
        let taken = take(&mut *receiver, 1).await;
        if settle(&mut *receiver, &taken).await == [sent.envelope.id] {
            break;
        }
    }
    receiver.close().await;
    let (_connection, channel) = crate::support::raw_channel(&place.url).await;
    channel.queue_delete(queue.name.as_str().into(), Default::default()).await.unwrap();
}

#[tokio::test]
async fn what_nobody_wants_is_kept_and_reported_each_in_its_place() {
    let place = Place::new().await;
    let queue = place.queue("wanted", &["wanted.v1"]).await;
    let batch: Vec<_> = (0..1200)
        .map(|index| match index % 3 {
            0 => place.to_all("wanted.v1"),
            1 => place.to_all("unwanted.v1"),
            _ => place.to_queue(&place.name("no-such-queue")),
        })
        .collect();
    let outcomes = place.transport.send(batch.clone()).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        let expected = if index % 3 == 0 { Sent::Owned } else { Sent::Unroutable };
        assert_eq!(*outcome, expected, "message {index}");
    }
    let mut wanted: Vec<_> = batch.iter().step_by(3).map(|sent| sent.envelope.id).collect();
    let mut receiver = place.receive(&queue).await;
    let mut taken = ids(&take(&mut *receiver, 400).await);
    taken.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(taken, wanted);
    let mut missing: std::collections::BTreeSet<_> =
        batch.iter().map(|sent| sent.envelope.id).collect();
    missing.retain(|id| wanted.binary_search(id).is_err());
    let mut receiver = place.receive(Queue::UNROUTABLE).await;
    while !missing.is_empty() {
        let kept = take(&mut *receiver, 1).await;
        for id in settle(&mut *receiver, &kept).await {
            missing.remove(&id);
        }
    }
}

#[tokio::test]
async fn many_senders_at_once_do_not_mix_up_their_outcomes() {
    let place = std::sync::Arc::new(Place::new().await);
    place.queue("wanted", &["wanted.v1"]).await;
    let sending = (0..8).map(|sender| {
        let place = std::sync::Arc::clone(&place);
        tokio::spawn(async move {
            let event_type = if sender % 2 == 0 { "wanted.v1" } else { "unwanted.v1" };
            let expected = if sender % 2 == 0 { Sent::Owned } else { Sent::Unroutable };
            for _ in 0..5 {
                let batch = (0..40).map(|_| place.to_all(event_type)).collect();
                assert_eq!(place.transport.send(batch).await, vec![expected.clone(); 40]);
            }
        })
    });
    for sent in futures::future::join_all(sending).await {
        sent.unwrap();
    }
}

#[tokio::test]
async fn one_that_cannot_be_sent_does_not_hold_up_the_others() {
    let place = Place::new().await;
    place.queue("wanted", &["wanted.v1"]).await;
    let mut large = place.to_all("wanted.v1");
    large.envelope.data = "x".repeat(16 * 1024 * 1024 + 1);
    let mut wide = place.to_all("wanted.v1");
    wide.envelope.subject = "x".repeat(200_000);
    let mut long = place.to_all("wanted.v1");
    long.envelope.event_type = "x".repeat(300);
    let batch = vec![large, place.to_all("wanted.v1"), wide, long, place.to_all("wanted.v1")];
    let outcomes = place.transport.send(batch).await;
    for index in [0, 2, 3] {
        assert!(matches!(outcomes[index], Sent::Unknown(_)), "{:?}", outcomes[index]);
    }
    assert_eq!((&outcomes[1], &outcomes[4]), (&Sent::Owned, &Sent::Owned));
}

#[tokio::test]
async fn a_large_message_arrives_whole() {
    let place = Place::new().await;
    let queue = place.queue("large", &[]).await;
    let mut sent = place.to_queue(&queue);
    sent.envelope.data = "é".repeat(4 * 1024 * 1024);
    sent.envelope.subject = "s".repeat(60_000);
    place.deliver(vec![sent.clone()]).await;
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 1).await;
    assert!(taken[0].content.as_ref().unwrap() == &sent.envelope);
}

#[tokio::test]
async fn nothing_to_send_is_sent_at_once() {
    let place = Place::new().await;
    assert_eq!(place.transport.send(Vec::new()).await, []);
}

#[tokio::test]
async fn what_was_declared_less_is_unbound() {
    let place = Place::new().await;
    place.queue("wanted", &["one.v1", "two.v1"]).await;
    place.queue("wanted", &["two.v1"]).await;
    let outcomes = place.transport.send(vec![place.to_all("one.v1"), place.to_all("two.v1")]).await;
    assert_eq!(outcomes, [Sent::Unroutable, Sent::Owned]);
}

#[tokio::test]
async fn a_closed_transport_says_so() {
    let place = Place::new().await;
    let queue = place.queue("wanted", &["one.v1"]).await;
    place.transport.close().await;
    assert!(matches!(
        place.transport.send(vec![place.to_all("one.v1")]).await[..],
        [Sent::Unknown(_)]
    ));
    assert!(place.transport.receive(&queue).await.is_err());
    let again = RabbitMq::connect(Config::new([place.url.clone()])).await.unwrap();
    assert_eq!(again.depth(&queue).await.unwrap().ready, 0);
}
