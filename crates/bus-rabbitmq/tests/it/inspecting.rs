//! What a doctor asks: how the broker is, whether a queue is as declared; and what others see of a
//! trace in a message's headers.

use bus::transport::{Inspection, Transport};
use lapin::options::{BasicGetOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};

use crate::support::{Place, raw_channel};

#[tokio::test]
async fn the_broker_says_its_version_and_that_it_is_not_blocked() {
    let place = Place::new().await;
    let condition = place.transport.check().await.unwrap();
    let version = condition.version.unwrap();
    let numbers: Vec<u32> = version.split('.').map_while(|number| number.parse().ok()).collect();
    assert!(numbers >= vec![3, 10], "{version}");
    assert_eq!(condition.blocked, None);
}

#[tokio::test]
async fn a_queue_is_held_against_what_is_declared_and_stays_as_it_is() {
    let place = Place::new().await;
    let right = place.describe("right", &["happened.v1"]);
    place.transport.declare(std::slice::from_ref(&right)).await.unwrap();
    place.deliver(vec![place.to_all("happened.v1")]).await;
    let found = place.transport.inspect(&right).await.unwrap();
    assert_eq!(found, Inspection::RightButForBindings);
    let mut receiver = place.receive(&right.name).await;
    assert_eq!(receiver.next(10).await.unwrap().len(), 1, "what was in it is in it still");

    let missing = place.describe("missing", &["happened.v1"]);
    assert_eq!(place.transport.inspect(&missing).await.unwrap(), Inspection::Missing);
    assert_eq!(place.transport.inspect(&missing).await.unwrap(), Inspection::Missing, "nor made");

    let classic = place.describe("classic", &["happened.v1"]);
    let (_connection, channel) = raw_channel(&place.url).await;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let name = classic.name.as_str();
    channel.queue_declare(name.into(), durable, FieldTable::default()).await.unwrap();
    let Inspection::Wrong(text) = place.transport.inspect(&classic).await.unwrap() else {
        panic!("a classic queue is not what was declared");
    };
    assert!(text.contains("inequivalent arg"), "{text}");
}

#[tokio::test]
async fn a_trace_stands_in_the_headers_for_others_to_read() {
    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let place = Place::new().await;
    let queue = place.queue("traced", &["happened.v1"]).await;
    let mut outgoing = place.to_all("happened.v1");
    outgoing.envelope.traceparent = Some(TRACEPARENT.to_owned());
    place.deliver(vec![outgoing]).await;
    let (_connection, channel) = raw_channel(&place.url).await;
    let got = channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await.unwrap();
    let properties = got.unwrap().delivery.properties;
    let headers = properties.headers().as_ref().unwrap();
    let header = headers.inner().get("cloudEvents:traceparent").unwrap();
    assert_eq!(header, &AMQPValue::LongString(TRACEPARENT.into()));
}
