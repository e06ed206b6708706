//! Over TLS, to a broker that nobody vouches for but an authority of one's own.

use std::sync::OnceLock;

use bus::transport::Transport;
use bus_rabbitmq::{Config, RabbitMq};
use private_nodes::{Authority, RabbitMq as Node};

use crate::support::{Place, ids, refusal, settle, take};

/// A node that shows a certificate for `localhost`, the authority that issued it, and one that did not.
struct Sealed {
    node: Node,
    authority: String,
    stranger: String,
}

impl Sealed {
    async fn shared() -> &'static Self {
        static SEALED: OnceLock<Sealed> = OnceLock::new();
        tokio::task::spawn_blocking(|| SEALED.get_or_init(Self::start)).await.unwrap()
    }

    fn start() -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = folders.each_ref().map(|folder| Authority::make(folder).unwrap());
        let shown = one.issue("broker", "DNS:localhost").unwrap();
        let read =
            |authority: &Authority| std::fs::read_to_string(authority.certificate()).unwrap();
        Self {
            node: Node::start_with_tls(env!("CARGO_TARGET_TMPDIR"), &shown).unwrap(),
            authority: read(&one),
            stranger: read(&other),
        }
    }

    fn config(&self, host: &str, trusted: &str) -> Config {
        let certificate_authorities = Some(trusted.to_owned());
        Config { certificate_authorities, ..Config::new([self.node.amqps_url(host)]) }
    }
}

#[tokio::test]
async fn what_is_sent_over_tls_arrives_whole() {
    let sealed = Sealed::shared().await;
    let place = Place::with(sealed.config("localhost", &sealed.authority));
    place.transport.check().await.unwrap();
    let queue = place.queue("work", &["happened.v1"]).await;
    let mut large = place.to_all("happened.v1");
    large.envelope.data = format!("\"{}\"", "x".repeat(3 * 1024 * 1024));
    let mut batch: Vec<_> = (0..200).map(|_| place.to_all("happened.v1")).collect();
    batch.push(large.clone());
    let mut sent: Vec<_> = batch.iter().map(|outgoing| outgoing.envelope.id).collect();
    place.deliver(batch).await;
    let mut receiver = place.receive(&queue).await;
    let taken = take(&mut *receiver, 201).await;
    let mut contents = taken.iter().filter_map(|delivery| delivery.content.as_ref().ok());
    let arrived = contents.find(|envelope| envelope.id == large.envelope.id);
    assert!(arrived == Some(&large.envelope));
    let mut received = ids(&taken);
    received.sort_unstable();
    sent.sort_unstable();
    assert_eq!(received, sent);
    settle(&mut *receiver, &taken).await;
}

#[tokio::test]
async fn a_broker_for_which_nobody_vouches_is_refused_with_what_to_do() {
    let sealed = Sealed::shared().await;
    for config in [
        sealed.config("localhost", &sealed.stranger),
        sealed.config("127.0.0.1", &sealed.authority),
    ] {
        let text = refusal(RabbitMq::connect(config).await);
        assert!(text.contains("invalid peer certificate"), "{text}");
        assert!(text.contains("certificate_authorities"), "{text}");
        assert!(!text.contains("guest"), "{text}");
    }
}

#[test]
fn authorities_that_are_not_pem_are_refused() {
    let damaged = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_owned();
    let config = Config {
        certificate_authorities: Some(damaged),
        ..Config::new(["amqps://broker.example.org"])
    };
    assert!(refusal(RabbitMq::new(config)).contains("not PEM"));
}
