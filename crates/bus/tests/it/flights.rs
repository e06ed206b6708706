//! What one transaction tells goes together, and one row says for all whether it was sent: whatever happens to
//! one of them, the others are neither lost nor told twice. On SQLite and, where there is one, on PostgreSQL.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bus::{
    Concerning, Embedded, Event, Ledger, Pulse, Retention, Service, Traffic, Transport,
    testing::Scene, transport::Outgoing, values,
};
use chrono::TimeDelta;
use event::PersonId;
use serde::{Deserialize, Serialize};

use crate::{
    relay::{Broker, Heavy, Light, becomes, publish},
    support::{self, count},
};

const UNSENT: &str = "bus_outbox where sent_at is null";

#[derive(Serialize, Deserialize)]
struct Met {
    person: PersonId,
}

impl Event for Met {
    const TYPE: &'static str = "office.met.v1";
    fn subject(&self) -> String {
        self.person.to_string()
    }
}

async fn scenes() -> Vec<Scene> {
    let office = |name| Service::new(name, &[]).publishes(&[Heavy::TYPE, Light::TYPE, Met::TYPE]);
    Scene::on_each_database(office, &[]).await
}

/// Until so many arrived, each once, and nothing waits.
async fn arrive(scene: &Scene, broker: &Arc<Broker>, all: usize) {
    let transport: Arc<dyn Transport> = broker.clone();
    let running = bus::run(scene.service(), &scene.db, &transport);
    becomes("all arrive", || broker.owned() == all).await;
    running.stop().await;
    assert_eq!(count(scene, UNSENT).await, 0);
    assert_eq!(count(scene, "bus_outbox where leads is not null").await, 0);
    assert!(broker.owned.lock().unwrap().values().all(|times| *times == 1), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_those_that_go_together_says_for_all_that_they_were_sent() {
    for scene in scenes().await {
        publish(&scene.db, 100, 50).await;
        assert_eq!(count(&scene, UNSENT).await, 3, "two for the heavy ones");
        let pulse = Pulse::of(&scene.db).await.unwrap();
        assert_eq!(pulse.outbox.count, 150, "it is known how many wait");
        let ledger = Ledger::of(&scene.db).await.unwrap();
        let books = ledger.published.iter().map(|book| (book.published, book.unsent));
        assert_eq!(books.collect::<Vec<_>>(), [(100, 100), (50, 50)], "and of what kind");
        arrive(&scene, &Broker::stuck_at(|_| false), 150).await;
        let ledger = Ledger::of(&scene.db).await.unwrap();
        assert!(ledger.published.iter().all(|book| book.unsent == 0));
    }
}

/// The first of a flight, one in its middle and its last, from the outbox and from memory.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_arrive_is_sent_again_alone() {
    for scene in scenes().await {
        let is_stuck = |it: &Outgoing| ["0", "7", "63", "64"].contains(&&*it.envelope.subject);
        let broker = Broker::stuck_at(is_stuck);
        let transport: Arc<dyn Transport> = broker.clone();
        publish(&scene.db, 70, 0).await;
        let running = bus::run(scene.service(), &scene.db, &transport);
        becomes("the others go", || broker.owned() == 66).await;
        publish(&scene.db, 70, 0).await;
        becomes("and those told later", || broker.owned() == 132).await;
        running.stop().await;
        assert_eq!(count(&scene, UNSENT).await, 8);
        broker.well_again.store(true, Ordering::SeqCst);
        arrive(&scene, &broker, 140).await;
    }
}

/// A whole kind of events does not arrive, and is told beside others all the while.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_suspicion_waits_and_those_told_with_it_go() {
    for scene in scenes().await {
        let broker = Broker::stuck_at(|it| it.envelope.event_type == Heavy::TYPE);
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(scene.service(), &scene.db, &transport);
        for times in 1..=20 {
            publish(&scene.db, 10, 10).await;
            becomes("the others go", || broker.owned() == 10 * times).await;
        }
        running.stop().await;
        publish(&scene.db, 10, 10).await;
        broker.well_again.store(true, Ordering::SeqCst);
        arrive(&scene, &broker, 420).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_is_told_of_no_more_and_the_others_are() {
    for scene in scenes().await {
        for subject in ["0", "7", "64"] {
            publish(&scene.db, 70, 0).await;
            let mut tx = scene.db.begin().await.unwrap();
            tx.forget(subject).await.unwrap();
            tx.commit().await.unwrap();
        }
        let broker = Broker::stuck_at(|it| it.envelope.data == "{}");
        // Of the first, all three were forgotten; of the last, one.
        arrive(&scene, &broker, 67 + 68 + 69).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_long_is_kept_until_it_was_sent() {
    for scene in scenes().await {
        publish(&scene.db, 10, 0).await;
        scene.clock.advance(TimeDelta::days(40));
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!(pruned.outbox, 0);
        arrive(&scene, &Broker::stuck_at(|_| false), 10).await;
        scene.clock.advance(TimeDelta::days(40));
        let pruned = bus::prune(&scene.db, Retention::DEFAULT).await.unwrap();
        assert_eq!(pruned.outbox, 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_event_concerns_that_was_not_sent_is_known_of_each() {
    for scene in scenes().await {
        let people = [PersonId::new(), PersonId::new(), PersonId::new()];
        let mut tx = scene.db.begin().await.unwrap();
        for person in people {
            tx.publish(&Met { person }).unwrap();
        }
        tx.commit().await.unwrap();
        for person in people {
            assert_eq!(Concerning::of(&scene.db, person).await.unwrap().unsent.len(), 1);
        }
        arrive(&scene, &Broker::stuck_at(|_| false), 3).await;
        for person in people {
            assert_eq!(Concerning::of(&scene.db, person).await.unwrap().unsent.len(), 0);
        }
    }
}

/// While nobody sends, nothing seems sent; what goes late is sent when it goes.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_when_is_true_of_each() {
    for scene in scenes().await {
        let sent_between = async |from, to| {
            let traffic = Traffic::between(&scene.db, scene.service(), from, to).await.unwrap();
            traffic.sent.iter().map(|line| line.count).sum::<i64>()
        };
        let (second, hour) = (TimeDelta::seconds(1), TimeDelta::hours(1));
        let told = scene.db.now();
        publish(&scene.db, 100, 50).await;
        assert_eq!(sent_between(told - second, told + hour).await, 0);
        scene.clock.advance(hour);
        arrive(&scene, &Broker::stuck_at(|_| false), 150).await;
        assert_eq!(sent_between(told - second, told + second).await, 0);
        assert_eq!(sent_between(told + second, told + hour).await, 150);
        publish(&scene.db, 100, 50).await;
        arrive(&scene, &Broker::stuck_at(|_| false), 150).await;
        assert_eq!(sent_between(told + second, told + hour).await, 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_is_known_of_each() {
    for scene in scenes().await {
        let mut tx = scene.db.begin().await.unwrap();
        for number in 0..70 {
            tx.publish_to(&Light(number.to_string()), "nobody.there").unwrap();
        }
        tx.commit().await.unwrap();
        let queues = Embedded::open(&scene.folder().join("queue.db")).await.unwrap();
        let transport: Arc<dyn Transport> = Arc::new(queues);
        let running = bus::run(scene.service(), &scene.db, &transport);
        let nobody_wanted = "bus_outbox where unroutable and sent_at is not null and leads is null";
        let limit = Duration::from_secs(30);
        support::becomes("all are known", limit, async || count(&scene, nobody_wanted).await == 70)
            .await;
        running.stop().await;
    }
}

/// What an outage left, and what is more than the relay keeps in memory: not a batch for each look.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_that_waited_go_without_a_pause() {
    for scene in scenes().await {
        publish(&scene.db, 10_000, 0).await;
        scene.clock.advance(TimeDelta::minutes(1));
        let broker = Broker::stuck_at(|_| false);
        let transport: Arc<dyn Transport> = broker.clone();
        let running = bus::run(scene.service(), &scene.db, &transport);
        becomes("what waited goes", || broker.owned() == 10_000).await;
        publish(&scene.db, 0, 9_000).await;
        becomes("and what was told at once", || broker.owned() == 19_000).await;
        running.stop().await;
        arrive(&scene, &broker, 19_000).await;
    }
}

/// An earlier version may run beside, or come back for a while: it knows nothing of flights.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_relay_left_of_a_flight_goes_too() {
    for scene in scenes().await {
        publish(&scene.db, 70, 0).await;
        let mut tx = scene.db.begin().await.unwrap();
        let its_mark = "update bus_outbox set sent_at = $1, unroutable = $2 where sent_at is null";
        let marked = tx.execute(its_mark, values![scene.db.now(), false]).await.unwrap();
        assert_eq!(marked, 2, "of 70, it saw two");
        tx.commit().await.unwrap();
        arrive(&scene, &Broker::stuck_at(|_| false), 68).await;
    }
}
