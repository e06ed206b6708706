//! Which queues an envelope goes to, and what it looks like in the file.

use std::collections::{HashMap, HashSet};

use event::Envelope;

use crate::transport::{Destination, Outgoing, Queue, Sent, Undecodable};

/// What RabbitMQ takes at most; nothing that fits one transport should fail on the other.
const LARGEST: usize = 128 * 1024 * 1024;

/// An envelope as JSON, with what routing needs of it.
pub struct Encoded {
    pub event_type: String,
    pub to: Destination,
    pub envelope: String,
}

/// The bindings as they were at one version of the topology.
#[derive(Default)]
pub struct Routes {
    pub version: i64,
    by_name: HashMap<String, i64>,
    by_type: HashMap<String, HashSet<i64>>,
    everything: HashSet<i64>,
    pub unroutable: i64,
}

impl Routes {
    pub fn new(version: i64, queues: HashMap<String, i64>, bindings: Vec<(String, i64)>) -> Self {
        let mut routes = Self {
            version,
            unroutable: queues.get(Queue::UNROUTABLE).copied().unwrap_or_default(),
            by_name: queues,
            ..Self::default()
        };
        for (event_type, queue) in bindings {
            match event_type.as_str() {
                Queue::EVERYTHING => routes.everything.insert(queue),
                _ => routes.by_type.entry(event_type).or_default().insert(queue),
            };
        }
        routes
    }

    /// The queues that get it, never one twice; the last resort when there is none.
    pub fn of(&self, encoded: &Encoded) -> (Vec<i64>, Sent) {
        let queues: Vec<i64> = match &encoded.to {
            Destination::Queue(name) => self.by_name.get(name).copied().into_iter().collect(),
            Destination::Everyone => match self.by_type.get(&encoded.event_type) {
                Some(bound) => bound.union(&self.everything).copied().collect(),
                None => self.everything.iter().copied().collect(),
            },
        };
        if queues.is_empty() {
            return (vec![self.unroutable], Sent::Unroutable);
        }
        (queues, Sent::Owned)
    }
}

pub fn encode(outgoing: Outgoing) -> Result<Encoded, String> {
    let envelope = serde_json::to_string(&outgoing.envelope).map_err(|error| error.to_string())?;
    if envelope.len() > LARGEST {
        return Err(format!("{} is larger than 128 MiB and cannot be sent", outgoing.envelope.id));
    }
    Ok(Encoded { event_type: outgoing.envelope.event_type, to: outgoing.to, envelope })
}

pub fn decode(seq: i64, bytes: Vec<u8>) -> Result<Envelope, Undecodable> {
    serde_json::from_slice(&bytes).map_err(|error| Undecodable {
        headers: format!("message {seq} of the embedded queue"),
        cause: format!("not an envelope: {error}"),
        bytes,
    })
}
