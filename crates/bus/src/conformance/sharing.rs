//! Who gets what: routing, sharing, batches, and what is given back.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use event::EventId;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{
    Place,
    stage::{
        COURSE, LESSON, PATIENCE, SOON, assert_empty, assert_owned, assert_silent, declare,
        depth_becomes, drain, envelope, ids, publish, queue, read, receive, settle, take,
        take_within, to_everyone, to_queue, within,
    },
};
use crate::transport::{Depth, Queue, Sent, Tag, Transport, TransportError};

/// Each queue bound to a type gets its own copy; the others get none.
pub async fn fan_out(place: impl Place) {
    let transport = place.connect().await;
    let queues = [
        queue("one.copy", &[COURSE]),
        queue("two.copy", &[LESSON, COURSE]),
        queue("three.copy", &[LESSON]),
    ];
    declare(&transport, &queues).await;
    let sent = publish(&transport, COURSE, 10).await;
    assert_eq!(drain(&transport, "one.copy", 10).await, sent);
    assert_eq!(drain(&transport, "two.copy", 10).await, sent);
    for name in ["one.copy", "two.copy", "three.copy"] {
        assert_empty(&transport, name).await;
    }
}

/// Several receivers, of several processes, take from one queue: each message goes to one of them.
pub async fn competing_consumers_share_without_doubling(place: impl Place) {
    const COUNT: usize = 2_000;
    let transports = [place.connect().await, place.connect().await];
    declare(&transports[0], &[queue("grader.grade", &[COURSE])]).await;
    let taken = Arc::new(Mutex::new(Vec::<(usize, EventId)>::new()));
    let (done, is_done) = watch::channel(false);
    let mut workers = JoinSet::new();
    for worker in 0..4 {
        let transport = Arc::clone(&transports[worker % 2]);
        let (taken, done, mut is_done) = (Arc::clone(&taken), done.clone(), is_done.clone());
        workers.spawn(async move {
            let mut receiver = receive(&transport, "grader.grade").await;
            loop {
                let batch = tokio::select! {
                    batch = receiver.next(5) => batch.expect("deliveries"),
                    _ = is_done.wait_for(|done| *done) => break,
                };
                settle(&mut receiver, &batch).await;
                let mut taken = taken.lock().expect("no worker panicked");
                taken.extend(ids(&batch).into_iter().map(|id| (worker, id)));
                if taken.len() >= COUNT {
                    done.send_replace(true);
                }
            }
            receiver.close().await;
        });
    }
    let sent = publish(&transports[1], COURSE, COUNT).await;
    within(PATIENCE, "sharing", async {
        while let Some(ended) = workers.join_next().await {
            ended.expect("a worker");
        }
    })
    .await;
    assert_empty(&transports[0], "grader.grade").await;
    let taken = taken.lock().expect("no worker panicked").clone();
    assert_eq!(taken.len(), COUNT, "none twice");
    assert_eq!(taken.iter().map(|(_, id)| *id).collect::<BTreeSet<_>>(), sent);
    let workers: BTreeSet<usize> = taken.iter().map(|(worker, _)| *worker).collect();
    assert!(workers.len() > 1, "more than one had work: {workers:?}");
}

/// A queue bound to everything hears all, each once even if bound to the type besides.
pub async fn one_binding_hears_everything(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("insight.all", &[Queue::EVERYTHING, COURSE])]).await;
    let mut sent = publish(&transport, COURSE, 3).await;
    sent.extend(publish(&transport, LESSON, 3).await);
    sent.extend(publish(&transport, "nobody.knows-this.v7", 3).await);
    assert_eq!(drain(&transport, "insight.all", 9).await, sent);
    assert_empty(&transport, "insight.all").await;
}

pub async fn a_direct_send_reaches_that_queue_alone(place: impl Place) {
    let transport = place.connect().await;
    let queues = [
        queue("one.copy", &[COURSE]),
        queue("two.copy", &[LESSON]),
        queue("insight.all", &[Queue::EVERYTHING]),
    ];
    declare(&transport, &queues).await;
    let sent = envelope(COURSE);
    let id = sent.id;
    let outcomes = within(SOON, "a send", transport.send(vec![to_queue("two.copy", sent)])).await;
    assert_owned(&outcomes, 1);
    assert_eq!(drain(&transport, "two.copy", 1).await, BTreeSet::from([id]));
    for queue in queues {
        assert_empty(&transport, &queue.name).await;
    }
}

/// Each outcome stands where its envelope stood, and what nobody wants is not lost.
pub async fn unroutable_is_reported_and_kept(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let lost = [envelope(LESSON), envelope(COURSE)];
    let batch = vec![
        to_everyone(envelope(COURSE)),
        to_everyone(lost[0].clone()),
        to_everyone(envelope(COURSE)),
        to_queue("nobody.here", lost[1].clone()),
        to_everyone(envelope(COURSE)),
    ];
    let outcomes = within(SOON, "a send", transport.send(batch)).await;
    let expected = [Sent::Owned, Sent::Unroutable, Sent::Owned, Sent::Unroutable, Sent::Owned];
    assert_eq!(outcomes, expected);
    let mut receiver = receive(&transport, Queue::UNROUTABLE).await;
    let kept = take(&mut receiver, 2).await;
    for envelope in &lost {
        assert!(kept.iter().any(|delivery| read(delivery) == envelope), "kept as it was sent");
    }
    settle(&mut receiver, &kept).await;
    assert_eq!(drain(&transport, "one.copy", 3).await.len(), 3);
    assert_eq!(within(SOON, "a send of nothing", transport.send(vec![])).await, vec![]);
}

/// Nothing grows for ever.
pub async fn of_what_nobody_wants_the_newest_is_kept(place: impl Place) {
    const BATCH: usize = 1_000;
    let transport = place.connect().await;
    let most = usize::try_from(Queue::MOST_UNROUTABLE).expect("it is not many");
    let mut newest = BTreeSet::new();
    for batch in 0..=most / BATCH {
        let lost: Vec<_> = (0..BATCH).map(|_| to_everyone(envelope(LESSON))).collect();
        if batch > 0 {
            newest.extend(lost.iter().map(|one| one.envelope.id));
        }
        let outcomes = within(SOON, "a send", transport.send(lost)).await;
        assert_eq!(outcomes, vec![Sent::Unroutable; BATCH]);
    }
    let mut receiver = receive(&transport, Queue::UNROUTABLE).await;
    let mut kept = BTreeSet::new();
    while kept.len() < most {
        let some = take(&mut receiver, BATCH / 5).await;
        settle(&mut receiver, &some).await;
        kept.extend(ids(&some));
    }
    assert!(kept == newest, "the newest {most} are kept");
    within(SOON, "closing", receiver.close()).await;
    assert_empty(&transport, Queue::UNROUTABLE).await;
}

/// Declaring again, by another process too, neither empties a queue nor doubles what comes.
pub async fn declaring_twice_changes_nothing(place: impl Place) {
    let transport = place.connect().await;
    let other = place.connect().await;
    let queues = [queue("one.copy", &[COURSE, LESSON])];
    declare(&transport, &queues).await;
    let mut sent = publish(&transport, COURSE, 2).await;
    declare(&transport, &queues).await;
    declare(&other, &queues).await;
    sent.extend(publish(&other, LESSON, 2).await);
    assert_eq!(drain(&transport, "one.copy", 4).await, sent);
    assert_empty(&transport, "one.copy").await;
}

pub async fn an_unknown_queue_is_refused(place: impl Place) {
    let transport = place.connect().await;
    let refused = within(SOON, "receiving", transport.receive("nobody.here")).await;
    assert!(matches!(refused.err(), Some(TransportError::Refused(_))));
    let refused = within(SOON, "a depth", transport.depth("nobody.here")).await;
    assert!(matches!(refused, Err(TransportError::Refused(_))));
}

/// As a queue whose handler is no more; whoever removes it need not be who declared it.
pub async fn a_removed_queue_goes_with_its_bindings_and_what_it_holds(place: impl Place) {
    let (transport, other) = (place.connect().await, place.connect().await);
    let queues = [queue("one.copy", &[COURSE, LESSON]), queue("two.copy", &[COURSE])];
    declare(&transport, &queues).await;
    publish(&transport, COURSE, 3).await;
    depth_becomes(&other, "one.copy", "all are there", |depth| depth.ready == 3).await;
    for held in [3, 0] {
        let removed = within(SOON, "removing", other.remove("one.copy")).await;
        assert_eq!(removed.expect("removed"), held);
    }
    let batch = vec![to_everyone(envelope(LESSON)), to_everyone(envelope(COURSE))];
    let outcomes = within(SOON, "a send", transport.send(batch)).await;
    assert_eq!(outcomes, [Sent::Unroutable, Sent::Owned], "it is bound no more");
    assert_eq!(drain(&transport, "two.copy", 4).await.len(), 4, "the other is as it was");
    declare(&transport, &queues).await;
    assert_empty(&transport, "one.copy").await;
    let sent = publish(&transport, LESSON, 1).await;
    assert_eq!(drain(&transport, "one.copy", 1).await, sent, "declared anew it hears again");
}

/// A transport that cannot tell says so; one that tells is right.
pub async fn depth_counts(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    depth_becomes(&transport, "one.copy", "empty", |depth| {
        depth.ready == 0 && depth.unsettled.unwrap_or(0) == 0 && depth.oldest.is_none()
    })
    .await;
    let before = chrono::Utc::now();
    publish(&transport, COURSE, 10).await;
    let age =
        |depth: &Depth| depth.oldest.map_or(0, |oldest| (oldest - before).num_seconds().abs());
    depth_becomes(&transport, "one.copy", "ten wait", |depth| {
        depth.ready == 10 && depth.unsettled.unwrap_or(0) == 0 && age(depth) < 10
    })
    .await;
    let mut receiver = receive(&transport, "one.copy").await;
    let taken = take(&mut receiver, 4).await;
    depth_becomes(&transport, "one.copy", "four are taken, at least", |depth| {
        depth.ready <= 6 && depth.unsettled.is_none_or(|unsettled| unsettled + depth.ready == 10)
    })
    .await;
    settle(&mut receiver, &taken).await;
    within(SOON, "closing", receiver.close()).await;
    depth_becomes(&transport, "one.copy", "six are left", |depth| {
        depth.ready == 6 && depth.unsettled.unwrap_or(0) == 0
    })
    .await;
}

/// Several queues say together what each says alone, in the order in which they are asked for; one that
/// there is not hides no other.
pub async fn depths_are_told_together(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE]), queue("two.copy", &[LESSON])]).await;
    publish(&transport, COURSE, 3).await;
    publish(&transport, LESSON, 1).await;
    depth_becomes(&transport, "one.copy", "three wait", |depth| depth.ready == 3).await;
    depth_becomes(&transport, "two.copy", "one waits", |depth| depth.ready == 1).await;
    let asked = ["two.copy", "nobody.here", "one.copy", "two.copy"];
    let together = within(SOON, "depths", transport.depths(&asked)).await;
    assert_eq!(together.len(), asked.len(), "one answer for each");
    for (queue, together) in asked.into_iter().zip(together) {
        match (within(SOON, "a depth", transport.depth(queue)).await, together) {
            (Ok(alone), Ok(together)) => assert_eq!(alone, together, "{queue}"),
            (Err(TransportError::Refused(_)), Err(TransportError::Refused(_))) => {
                assert_eq!(queue, "nobody.here");
            }
            (alone, together) => panic!("{queue}: {alone:?}, and together {together:?}"),
        }
    }
    assert!(within(SOON, "no depths", transport.depths(&[])).await.is_empty());
}

/// Who waits is told at once, whoever sends.
pub async fn a_waiting_receiver_wakes(place: impl Place) {
    let (near, far) = (place.connect().await, place.connect().await);
    declare(&near, &[queue("one.copy", &[COURSE])]).await;
    let mut receiver = receive(&near, "one.copy").await;
    for round in 0..20 {
        assert!(
            timeout(Duration::from_millis(1), receiver.next(10)).await.is_err(),
            "nothing there yet"
        );
        let sender = if round % 2 == 0 { &near } else { &far };
        let (sent, taken) =
            tokio::join!(publish(sender, COURSE, 1), take_within(SOON, &mut receiver, 1));
        assert_eq!(ids(&taken), sent);
        settle(&mut receiver, &taken).await;
    }
}

pub async fn batch_sizes_are_respected(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let sent = publish(&transport, COURSE, 50).await;
    let mut receiver = receive(&transport, "one.copy").await;
    let mut taken = Vec::new();
    for max in [1, 7, 3].into_iter().cycle() {
        if taken.len() == sent.len() {
            break;
        }
        let batch = within(SOON, "a batch", receiver.next(max)).await.expect("deliveries");
        assert!((1..=max).contains(&batch.len()), "1 to {max}: {}", batch.len());
        taken.extend(batch);
    }
    assert_eq!(ids(&taken), sent);
    settle(&mut receiver, &taken).await;
    assert_silent(&mut receiver).await;
}

/// Taking from a long queue is no different from taking from a short one.
pub async fn a_backlog_is_taken_in_batches(place: impl Place) {
    const COUNT: usize = 20_000;
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let mut missing = BTreeSet::new();
    for _ in 0..COUNT / 500 {
        missing.extend(publish(&transport, COURSE, 500).await);
    }
    let mut receiver = receive(&transport, "one.copy").await;
    within(PATIENCE, "the backlog", async {
        while !missing.is_empty() {
            let batch = receiver.next(200).await.expect("deliveries");
            assert!((1..=200).contains(&batch.len()), "1 to 200: {}", batch.len());
            for id in ids(&batch) {
                assert!(missing.remove(&id), "{id} came once");
            }
            settle(&mut receiver, &batch).await;
        }
    })
    .await;
    assert_silent(&mut receiver).await;
}

/// Whenever `next` is dropped, what it had taken is given by a later call, once.
pub async fn dropping_next_loses_nothing(place: impl Place) {
    const COUNT: usize = 400;
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let sender = place.connect().await;
    let sending = tokio::spawn(async move {
        let mut sent = BTreeSet::new();
        for _ in 0..COUNT / 4 {
            sent.extend(publish(&sender, COURSE, 4).await);
        }
        sent
    });
    let mut receiver = receive(&transport, "one.copy").await;
    let mut taken = Vec::new();
    within(PATIENCE, "taking with interruptions", async {
        for micros in (0..).map(|round: u64| round * 97 % 7_000) {
            if taken.len() >= COUNT {
                break;
            }
            let limit = Duration::from_micros(micros);
            let Ok(batch) = timeout(limit, receiver.next(10)).await else {
                continue;
            };
            let batch = batch.expect("deliveries");
            assert!((1..=10).contains(&batch.len()), "1 to 10: {}", batch.len());
            settle(&mut receiver, &batch).await;
            taken.extend(batch);
        }
    })
    .await;
    assert_silent(&mut receiver).await;
    assert_eq!(taken.len(), COUNT, "none twice");
    assert_eq!(ids(&taken), sending.await.expect("sent"));
}

/// What a receiver took and did not settle is free as soon as it closes, and what it settled is not.
pub async fn closing_gives_back_at_once(place: impl Place) {
    let transport = place.connect().await;
    let other = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let sent = publish(&transport, COURSE, 10).await;
    let mut receiver = receive(&transport, "one.copy").await;
    let taken = take(&mut receiver, 6).await;
    settle(&mut receiver, &taken[2..4]).await;
    within(SOON, "closing", receiver.close()).await;
    let mut receiver = receive(&other, "one.copy").await;
    let again = take_within(Duration::from_secs(5), &mut receiver, 8).await;
    let expected: BTreeSet<EventId> = sent.difference(&ids(&taken[2..4])).copied().collect();
    assert_eq!(ids(&again), expected);
    settle(&mut receiver, &again).await;
    assert_silent(&mut receiver).await;
}

/// What kills its reader is known by how often it comes back.
pub async fn what_comes_back_is_counted(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    publish(&transport, COURSE, 1).await;
    for times in 0..4 {
        let mut receiver = receive(&transport, "one.copy").await;
        let taken = take(&mut receiver, 1).await;
        assert_eq!(taken[0].returned, times);
        within(SOON, "closing", receiver.close()).await;
    }
}

/// Settling some says nothing about those before them.
pub async fn a_dead_consumers_deliveries_come_again(place: impl Place) {
    let dying = place.connect().await;
    declare(&dying, &[queue("one.copy", &[COURSE])]).await;
    let sent = publish(&dying, COURSE, 5).await;
    let mut receiver = receive(&dying, "one.copy").await;
    let taken = take(&mut receiver, 5).await;
    assert!(taken.iter().all(|delivery| delivery.returned == 0), "all for the first time");
    let settled = [taken[1].clone(), taken[3].clone()];
    settle(&mut receiver, &settled).await;
    settlements_arrived(&dying).await;
    place.abandon(dying).await;
    let surviving = place.connect().await;
    let mut heir = receive(&surviving, "one.copy").await;
    let again = take(&mut heir, 3).await;
    assert_eq!(ids(&again), sent.difference(&ids(&settled)).copied().collect());
    assert!(again.iter().all(|delivery| delivery.returned == 1), "marked as come again");
    let tags: Vec<Tag> = again.iter().map(|delivery| delivery.tag).collect();
    within(SOON, "settling", heir.settle(&tags)).await.expect("settled");
    assert_silent(&mut heir).await;
    drop(receiver);
}

/// A settlement is on its way when `settle` returns; a death at that moment may lose it.
async fn settlements_arrived(transport: &Arc<dyn Transport>) {
    depth_becomes(transport, "one.copy", "the settlements have arrived", |depth| {
        depth.ready == 0 && depth.unsettled.is_none_or(|unsettled| unsettled == 3)
    })
    .await;
}
