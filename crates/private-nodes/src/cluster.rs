//! Several RabbitMQ nodes that are one broker.

use std::path::Path;

use nix::sys::signal::Signal;

use crate::{
    error::{Error, Result},
    folder,
    group::{Group, Guard},
    ports,
    rabbitmq::{Membership, RabbitMq, new_secret, start_port_mapper},
};

/// A cluster of RabbitMQ nodes on this machine. Dropped, it is gone.
pub struct Cluster {
    // In this order: the nodes leave first, the guard goes last.
    nodes: Vec<RabbitMq>,
    port_mapper: Group,
    _guard: Guard,
}

impl Cluster {
    /// Starts so many nodes that keep what they write under `dir`, and joins them. Three take about
    /// forty seconds.
    pub fn start(dir: impl AsRef<Path>, count: usize) -> Result<Self> {
        let folder = folder::create(dir.as_ref(), "cluster")?;
        let mut guard = Guard::start(Signal::SIGKILL, Some(&folder))?;
        let [port] = ports::free()?;
        let port_mapper = start_port_mapper(&folder, port)?;
        guard.watch(&[&port_mapper])?;
        let secret = new_secret();
        let mut cluster = Self { nodes: Vec::new(), port_mapper, _guard: guard };
        for number in 1..=count {
            let name = format!("private{number}");
            let member = Membership { name, secret: secret.clone(), port_mapper: port };
            let node = RabbitMq::start_member(dir.as_ref(), &member)?;
            if let Some(first) = cluster.nodes.first() {
                let first = first.node_name();
                node.ctl(&["stop_app"])?;
                node.ctl(&["join_cluster", &first])?;
                node.ctl(&["start_app"])?;
            }
            cluster.nodes.push(node);
        }
        Ok(cluster)
    }

    pub fn nodes(&self) -> &[RabbitMq] {
        &self.nodes
    }

    pub fn nodes_mut(&mut self) -> &mut [RabbitMq] {
        &mut self.nodes
    }

    /// The place of the node that leads a queue.
    pub fn leader_of(&self, virtual_host: &str, queue: &str) -> Result<usize> {
        let any = self.nodes.first().ok_or(Error::NotRunning { node: "the cluster" })?;
        let listed =
            any.ctl(&["list_queues", "--quiet", "--vhost", virtual_host, "name", "leader"])?;
        let leader = listed.lines().find_map(|line| {
            let (name, leader) = line.split_once('\t')?;
            (name == queue).then(|| leader.trim().to_owned())
        });
        let leader = leader.unwrap_or_default();
        let place = self.nodes.iter().position(|node| node.node_name() == leader);
        place.ok_or_else(|| Error::Command {
            command: format!("list_queues, for the leader of {queue}"),
            output: listed,
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.nodes.clear();
        self.port_mapper.kill();
    }
}
