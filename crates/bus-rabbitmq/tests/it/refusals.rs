//! Errors that a person must mend say how, and never hold the password.

use bus::transport::{Queue, Transport, TransportError};
use bus_rabbitmq::{Config, RabbitMq};
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;

use crate::support::{Place, raw_channel, refusal};

#[tokio::test]
async fn a_wrong_password_and_a_wrong_virtual_host_are_refused() {
    let place = Place::new().await;
    let (start, vhost) = place.url.rsplit_once('/').unwrap();
    let (_, host) = start.rsplit_once('@').unwrap();
    let stranger = format!("amqp://somebody:secret-word@{host}/{vhost}");
    let text = refusal(RabbitMq::connect(Config::new([stranger])).await);
    assert!(text.contains("somebody") && text.contains("password"), "{text}");
    assert!(!text.contains("secret-word"), "{text}");
    let nowhere = format!("{start}/no-such-vhost");
    let text = refusal(RabbitMq::connect(Config::new([nowhere])).await);
    assert!(text.contains("no-such-vhost") && text.contains("list_vhosts"), "{text}");
}

#[tokio::test]
async fn a_queue_with_other_arguments_is_refused_in_the_brokers_own_words() {
    let place = Place::new().await;
    let queue = place.describe("classic", &["happened.v1"]);
    let (_connection, channel) = raw_channel(&place.url).await;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel
        .queue_declare(queue.name.as_str().into(), durable, FieldTable::default())
        .await
        .unwrap();
    // Among others that are right, and asked for at the same time.
    let [before, after] = ["a", "z"].map(|name| place.describe(name, &["happened.v1"]));
    let text = refusal(place.transport.declare(&[before, queue.clone(), after]).await);
    assert!(text.contains("inequivalent arg") && text.contains("delete_queue"), "{text}");
    assert!(text.starts_with(&format!("declaring the queue `{}`", queue.name)), "{text}");
    // Nothing of it stays: the transport works on.
    place.queue("other", &["happened.v1"]).await;
    place.deliver(vec![place.to_all("happened.v1")]).await;
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_refused() {
    let place = Place::new().await;
    let nowhere = place.name("nowhere");
    assert!(refusal(place.transport.receive(&nowhere).await).contains(&nowhere));
    assert!(refusal(place.transport.depth(&nowhere).await).contains(&nowhere));
    for name in [String::new(), "amq.mine".to_owned(), "x".repeat(256)] {
        refusal(place.transport.declare(&[Queue { name: name.clone(), types: vec![] }]).await);
        refusal(place.transport.receive(&name).await);
        refusal(place.transport.depth(&name).await);
    }
    refusal(place.transport.declare(&[place.describe("wild", &["catalog.*"])]).await);
}

#[tokio::test]
async fn where_it_is_tells_no_secret() {
    let place = Place::new().await;
    let description = place.transport.describe();
    assert!(description.starts_with("RabbitMQ at 127.0.0.1:"), "{description}");
    assert!(!description.contains("guest"), "{description}");
}

#[tokio::test]
async fn a_port_that_swallows_everything_costs_a_bounded_time_and_the_next_address_is_tried() {
    let place = Place::new().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let swallowing = format!("amqp://guest:guest@{}/%2f", silent.local_addr().unwrap());
    let started = std::time::Instant::now();
    let alone = RabbitMq::connect(Config::new([swallowing.clone()])).await;
    assert!(matches!(alone, Err(TransportError::Away(_))));
    let both = RabbitMq::connect(Config::new([swallowing, place.url.clone()])).await.unwrap();
    both.declare(&[place.describe("work", &[])]).await.unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(15));
}
