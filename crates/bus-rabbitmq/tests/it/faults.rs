//! Things that happen to brokers. After each: nothing owned is lost, and the traffic flows again.

use std::sync::Arc;
use std::time::Duration;

use bus::transport::{Sent, Tag, Transport, TransportError};
use private_nodes::RabbitMq as Node;

use crate::support::{self, EVER, Place, take};
use crate::traffic::Traffic;

/// What may come twice after one fault: what waited for its confirm, and what was not settled.
const WINDOW: usize = 500;
const PREFETCH: usize = 400;

async fn traffic(node: &Node) -> Traffic {
    let place = Place::at(support::new_vhost(node)).await;
    Traffic::start(Arc::new(place)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_loses_nothing_it_owned() {
    let mut node = support::fragile().await;
    let traffic = traffic(&node).await;
    support::kill(&mut node);
    tokio::task::block_in_place(|| node.restart()).unwrap();
    traffic.flows(2000).await;
    let balance = traffic.balance().await;
    assert_eq!(balance.lost, 0);
    assert!(balance.receiver_errors > 0);
    assert!(balance.repeated <= WINDOW + PREFETCH, "{balance:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_broker_is_noticed_and_goes_on_when_it_thaws() {
    let node = support::fragile().await;
    let traffic = traffic(&node).await;
    tokio::task::block_in_place(|| node.freeze_for(Duration::from_secs(10))).unwrap();
    traffic.flows(2000).await;
    let balance = traffic.balance().await;
    assert_eq!(balance.lost, 0);
    assert!(balance.longest_silence < Duration::from_secs(25), "{balance:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_stops_the_sending_and_not_the_receiving() {
    let node = support::fragile().await;
    let traffic = traffic(&node).await;
    node.alarm_memory(true).unwrap();
    support::lasts(Duration::from_secs(7)).await;
    let place = traffic.place();
    place.transport.depth(&place.name("traffic")).await.unwrap();
    node.alarm_memory(false).unwrap();
    traffic.flows(2000).await;
    assert_eq!(traffic.balance().await.lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_send_during_an_alarm_ends_in_time_as_unknown() {
    let node = support::fragile().await;
    let place = Place::at(support::new_vhost(&node)).await;
    let queue = place.queue("work", &["happened.v1"]).await;
    place.deliver(vec![place.to_all("happened.v1")]).await;
    node.alarm_memory(true).unwrap();
    // The first is what the broker blocks us for, the second finds us blocked.
    let send = || {
        let sent = place.transport.send(vec![place.to_all("happened.v1")]);
        tokio::time::timeout(Duration::from_secs(17), sent)
    };
    let second = async {
        support::lasts(Duration::from_secs(1)).await;
        send().await
    };
    let (outcome, again) = tokio::join!(send(), second);
    let [outcome, again] =
        [outcome, again].map(|sent| sent.expect("send takes longer than it may"));
    node.alarm_memory(false).unwrap();
    for outcome in [outcome, again] {
        assert!(
            matches!(&outcome[..], [Sent::Unknown(cause)] if cause.contains("alarm")),
            "{outcome:?}"
        );
    }
    let last = place.to_all("happened.v1");
    place.deliver(vec![last.clone()]).await;
    let mut receiver = place.receive(&queue).await;
    while support::ids(&take(&mut *receiver, 1).await) != [last.envelope.id] {}
}

/// The broker tells its alarm to those alone who publish: whoever only looks, and has never sent anything, must
/// learn of it too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_during_an_alarm_is_told_of_it_and_of_its_end() {
    let node = support::fragile().await;
    let place = Place::at(support::new_vhost(&node)).await;
    let stranger = Place::waiting(place.url.clone());
    node.alarm_memory(true).unwrap();
    let told = [stranger.transport.check().await, place.transport.check().await];
    let again = place.transport.check().await;
    node.alarm_memory(false).unwrap();
    for condition in told.into_iter().chain([again]) {
        let blocked = condition.unwrap().blocked;
        assert!(blocked.as_ref().is_some_and(|cause| cause.contains("alarm")), "{blocked:?}");
    }
    let ended = async { while place.transport.check().await.unwrap().blocked.is_some() {} };
    tokio::time::timeout(EVER, ended).await.expect("it is told for ever");
    let queue = place.queue("work", &[]).await;
    place.deliver(vec![place.to_queue(&queue)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_closed_by_the_server_are_built_again() {
    let node = support::fragile().await;
    let traffic = traffic(&node).await;
    for _ in 0..3 {
        node.ctl(&["close_all_connections", "--global", "maintenance"]).unwrap();
        traffic.flows(1000).await;
    }
    let balance = traffic.balance().await;
    assert_eq!(balance.lost, 0);
    assert!(balance.receiver_errors >= 3, "{balance:?}");
}

#[tokio::test]
async fn an_empty_broker_gets_its_topology_back() {
    let mut node = support::fragile().await;
    let place = Place::at(node.amqp_url()).await;
    let queue = place.queue("work", &["happened.v1"]).await;
    let mut receiver = place.receive(&queue).await;
    node.ctl(&["stop_app"]).unwrap();
    node.ctl(&["force_reset"]).unwrap();
    node.ctl(&["start_app"]).unwrap();
    let ended = tokio::time::timeout(EVER, receiver.next(10)).await.expect("a silence");
    assert!(matches!(ended, Err(TransportError::Away(_))));
    let mut receiver = eventually(&place, &queue).await;
    let sent = place.to_all("happened.v1");
    while place.transport.send(vec![sent.clone()]).await != [Sent::Owned] {}
    assert_eq!(support::ids(&take(&mut *receiver, 1).await), [sent.envelope.id]);
    drop(receiver);
    // The next test may find the node as new.
    tokio::task::spawn_blocking(move || node.restart()).await.unwrap().unwrap();
}

async fn eventually(place: &Place, queue: &str) -> Box<dyn bus::transport::Receiver> {
    loop {
        if let Ok(receiver) = place.transport.receive(queue).await {
            return receiver;
        }
    }
}

/// A delivery held for longer than the broker allows is what makes it close a consumer's channel.
#[tokio::test]
async fn a_broken_channel_ends_its_receiver_and_no_other() {
    let node = support::fragile().await;
    node.ctl(&["eval", "application:set_env(rabbit, channel_tick_interval, 500)."]).unwrap();
    node.ctl(&["eval", "application:set_env(rabbit, consumer_timeout, 1000)."]).unwrap();
    let place = Place::at(support::new_vhost(&node)).await;
    let queue = place.queue("work", &[]).await;
    let mut receiver = place.receive(&queue).await;
    node.ctl(&["eval", "application:set_env(rabbit, consumer_timeout, 1800000)."]).unwrap();
    let other = place.queue("other", &[]).await;
    let mut neighbour = place.receive(&other).await;
    let sent = place.to_queue(&queue);
    place.deliver(vec![sent.clone()]).await;
    take(&mut *receiver, 1).await;
    let ended = tokio::time::timeout(EVER, receiver.next(10)).await.expect("a silence");
    assert!(matches!(&ended, Err(TransportError::Away(_))), "{ended:?}");
    assert!(receiver.settle(&[Tag(1)]).await.is_err());
    place.deliver(vec![place.to_queue(&other)]).await;
    take(&mut *neighbour, 1).await;
    let mut receiver = place.receive(&queue).await;
    let again = take(&mut *receiver, 1).await;
    assert_eq!(support::settle(&mut *receiver, &again).await, [sent.envelope.id]);
}

/// As a queue is whose nodes are mostly down.
#[tokio::test]
async fn a_queue_without_a_leader_holds_up_nobody_else() {
    let node = support::fragile().await;
    let place = Place::at(support::new_vhost(&node)).await;
    let stuck = place.queue("stuck", &[]).await;
    let well = place.queue("well", &[]).await;
    let mut receiver = place.receive(&stuck).await;
    let mut neighbour = place.receive(&well).await;
    let (_, vhost) = place.url.rsplit_once('/').unwrap();
    let suspend = format!("sys:suspend('{vhost}_{stuck}').");
    node.ctl(&["eval", &suspend]).unwrap();
    // In batches of their own: a broker's channel waits for the first word of each queue it publishes to.
    let to_well = place.to_queue(&well);
    let (to_stuck, owned) = tokio::join!(
        place.transport.send(vec![place.to_queue(&stuck)]),
        place.transport.send(vec![to_well.clone()]),
    );
    assert!(matches!(&to_stuck[..], [Sent::Unknown(_)]), "{to_stuck:?}");
    assert_eq!(owned, [Sent::Owned]);
    let ended = tokio::time::timeout(EVER, receiver.next(10)).await.expect("a silence");
    assert!(matches!(&ended, Err(TransportError::Away(_))), "{ended:?}");
    receiver.close().await;
    let refused = place.transport.receive(&stuck).await.err().expect("no receiver");
    assert!(refused.to_string().contains("no leader"), "{refused}");
    place.queue("another", &[]).await;
    assert_eq!(support::ids(&take(&mut *neighbour, 1).await), [to_well.envelope.id]);
    place.deliver(vec![place.to_queue(&well)]).await;
    take(&mut *neighbour, 1).await;
}

/// A process that starts during an outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declared_while_the_broker_is_away_is_there_before_anything_is_sent() {
    let mut node = support::fragile().await;
    let url = support::new_vhost(&node);
    tokio::task::block_in_place(|| node.stop());
    let place = Place::waiting(url);
    let queue = place.describe("work", &["happened.v1"]);
    let away = place.transport.declare(std::slice::from_ref(&queue)).await;
    assert!(matches!(&away, Err(TransportError::Away(_))), "{away:?}");
    let lost = place.transport.send(vec![place.to_all("happened.v1")]).await;
    assert!(matches!(&lost[..], [Sent::Unknown(_)]), "{lost:?}");
    tokio::task::block_in_place(|| node.restart()).unwrap();
    let sent = place.to_all("happened.v1");
    place.deliver(vec![sent.clone()]).await;
    let mut receiver = place.receive(&queue.name).await;
    assert_eq!(support::ids(&take(&mut *receiver, 1).await), [sent.envelope.id]);
}
