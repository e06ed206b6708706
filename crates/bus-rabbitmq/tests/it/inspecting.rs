//! What a doctor asks: how the broker is, whether a queue is as declared; and what others see of a
//! trace in a message's headers.

use bus::transport::{Inspection, Queue, Transport};
use bus_rabbitmq::{Config, RabbitMq};
use lapin::options::{BasicGetOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use private_nodes::RabbitMq as Node;

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
    assert_eq!(inspected(&place.transport, &right).await, Inspection::RightButForBindings(None));
    let mut receiver = place.receive(&right.name).await;
    assert_eq!(receiver.next(10).await.unwrap().len(), 1, "what was in it is in it still");

    let missing = place.describe("missing", &["happened.v1"]);
    assert_eq!(inspected(&place.transport, &missing).await, Inspection::Missing);
    assert_eq!(inspected(&place.transport, &missing).await, Inspection::Missing, "nor made");

    let classic = place.describe("classic", &["happened.v1"]);
    let (_connection, channel) = raw_channel(&place.url).await;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let name = classic.name.as_str();
    channel.queue_declare(name.into(), durable, FieldTable::default()).await.unwrap();
    let Inspection::Wrong(text) = inspected(&place.transport, &classic).await else {
        panic!("a classic queue is not what was declared");
    };
    assert!(text.contains("inequivalent arg"), "{text}");
}

async fn inspected(transport: &RabbitMq, queue: &Queue) -> Inspection {
    transport.inspect(std::slice::from_ref(queue)).await.remove(0).unwrap()
}

#[tokio::test]
async fn where_the_management_answers_bindings_are_held_against_what_is_declared() {
    let start = || Node::start_with_management(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let node = tokio::task::spawn_blocking(start).await.unwrap();
    let managed = |management: String| {
        Place::with(Config { management: Some(management), ..Config::new([node.amqp_url()]) })
    };
    let place = managed(node.management_url());
    let queue = place.describe("bound", &["happened.v1", "ended.v1"]);
    place.transport.declare(std::slice::from_ref(&queue)).await.unwrap();
    let other = place.describe("other", &["ended.v1"]);
    place.transport.declare(std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(inspected(&place.transport, &queue).await, Inspection::Right);

    let (_connection, channel) = raw_channel(&place.url).await;
    let (name, events) = (queue.name.as_str(), "estrade.events");
    let [kept, lost] = [&queue.types[0], &queue.types[1]].map(String::as_str);
    let none = FieldTable::default;
    channel.queue_unbind(name.into(), events.into(), lost.into(), none()).await.unwrap();
    let once = QueueBindOptions::default();
    channel.queue_bind(name.into(), events.into(), "else.v1".into(), once, none()).await.unwrap();
    let wrong = inspected(&place.transport, &queue).await;
    let is_told = |text: &str| text.starts_with(&format!("is not bound to {lost}"));
    assert!(matches!(&wrong, Inspection::BoundOtherwise(text) if is_told(text)), "{wrong:?}");
    place.transport.declare(std::slice::from_ref(&queue)).await.unwrap();
    let wrong = inspected(&place.transport, &queue).await;
    let is_told = |text: &str| text.contains("is bound to else.v1, which") && !text.contains(kept);
    assert!(matches!(&wrong, Inspection::BoundOtherwise(text) if is_told(text)), "{wrong:?}");
    assert_eq!(inspected(&place.transport, &other).await, Inspection::Right);

    let stranger = node.management_url().replace("guest:guest", "guest:wrong");
    for (management, why) in [
        (stranger, "answers 401 Unauthorized; it wants a user with the tag `management`"),
        ("http://127.0.0.1:1".to_owned(), "the management API at 127.0.0.1:1 does not answer"),
        (format!("http://127.0.0.1:{}", node.amqp_port()), "does not answer"),
    ] {
        let found = inspected(&managed(management).transport, &queue).await;
        let is_told = |text: &str| text.contains(why) && !text.contains("wrong");
        let is_told =
            matches!(&found, Inspection::RightButForBindings(Some(text)) if is_told(text));
        assert!(is_told, "{why}: {found:?}");
    }
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
