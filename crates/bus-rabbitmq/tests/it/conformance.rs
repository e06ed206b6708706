//! The guarantees that every transport gives, given by this one.

use std::sync::{Arc, Mutex as Lock};

use async_trait::async_trait;
use bus::Transport;
use bus::conformance::{Place, Plan};
use bus_rabbitmq::{Config, RabbitMq};
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use private_nodes::RabbitMq as Node;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::support;

bus::conformance!(broker);

async fn broker(plan: Plan) -> Broker {
    let (url, node) = match plan {
        Plan::Stays => (tokio::task::spawn_blocking(support::vhost).await.unwrap(), None),
        Plan::Crashes => {
            let node = support::fragile().await;
            (support::new_vhost(&node), Some(Mutex::new(node)))
        }
    };
    Broker { url, node, connected: Lock::default() }
}

/// A virtual host of a broker; the broker too where the test crashes it.
struct Broker {
    url: String,
    node: Option<Mutex<OwnedMutexGuard<Node>>>,
    connected: Lock<Vec<Arc<RabbitMq>>>,
}

#[async_trait]
impl Place for Broker {
    async fn connect(&self) -> Arc<dyn Transport> {
        let rabbit = Arc::new(RabbitMq::connect(Config::new([&self.url])).await.unwrap());
        self.connected.lock().unwrap().push(Arc::clone(&rabbit));
        rabbit
    }

    async fn abandon(&self, transport: Arc<dyn Transport>) {
        let connected = self.connected.lock().unwrap().clone();
        for rabbit in connected {
            let same: Arc<dyn Transport> = rabbit.clone();
            if Arc::ptr_eq(&same, &transport) {
                rabbit.cut();
            }
        }
    }

    async fn crash(&self) {
        let mut node = self.node.as_ref().unwrap().lock().await;
        tokio::task::block_in_place(|| support::kill(&mut node));
    }

    async fn restart(&self) {
        let mut node = self.node.as_ref().unwrap().lock().await;
        tokio::task::block_in_place(|| node.restart()).unwrap();
    }

    async fn inject(&self, queue: &str, bytes: &[u8]) {
        let (_connection, channel) = support::raw_channel(&self.url).await;
        channel.confirm_select(Default::default()).await.unwrap();
        let options = BasicPublishOptions::default();
        let properties = BasicProperties::default();
        let sent = channel.basic_publish("".into(), queue.into(), options, bytes, properties);
        sent.await.unwrap().await.unwrap();
    }
}
