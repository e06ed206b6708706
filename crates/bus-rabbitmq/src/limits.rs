//! How long anything here may take. Nothing waits on a broker without one of these.

use std::time::Duration;

/// The TCP connection alone: an address that swallows packets must not cost more.
pub(crate) const TCP: Duration = Duration::from_secs(3);
/// The whole of a connection: TCP, TLS, and the AMQP handshake.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// All queues and bindings on a new connection, which nobody may use before they are there.
pub(crate) const RESTORE: Duration = Duration::from_secs(60);
/// One question to the broker and its answer; of many that were asked at once, from one answer to the next.
pub(crate) const RPC: Duration = Duration::from_secs(5);
/// No confirm at all for this long, while the broker does not say that it blocks: it is gone.
pub(crate) const CONFIRM: Duration = Duration::from_secs(5);
/// A whole `send`, whatever happens.
pub(crate) const SEND: Duration = Duration::from_secs(15);
/// Taking out what is too much of what found no queue; the rest waits for another time.
pub(crate) const CLEAR: Duration = Duration::from_secs(5);
/// How long a broker has to take a word to nobody, or to say that it takes nothing.
pub(crate) const KNOCK: Duration = Duration::from_secs(1);
/// A parting word that nobody needs to hear.
pub(crate) const CLOSE: Duration = Duration::from_secs(2);

/// A first wait after a failed connection; it doubles up to the second.
pub(crate) const BACK_OFF: Duration = Duration::from_millis(100);
pub(crate) const BACK_OFF_MOST: Duration = Duration::from_secs(1);
/// A live broker refuses a message so while its queue elects a leader.
pub(crate) const AFTER_NACK: Duration = Duration::from_millis(150);

/// How long a receiver gathers after the first delivery.
pub(crate) const GATHER: Duration = Duration::from_millis(5);
/// How often a watchdog looks at what the client library knows by itself ...
pub(crate) const LOOK: Duration = Duration::from_millis(100);
/// ... and how often it asks the broker.
pub(crate) const PROBE: Duration = Duration::from_secs(3);

/// Seconds between heartbeats where the URL does not say; a silent peer is noticed after twice that.
pub(crate) const HEARTBEAT: u16 = 10;
