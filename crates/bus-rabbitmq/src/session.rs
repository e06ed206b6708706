//! One connection, from its handshake to its end; when it is broken it is dropped whole.
//!
//! A connection of the client library runs on a thread of its own, which a timed-out handshake or a
//! frozen broker would leave behind with its socket. We therefore open the socket ourselves and keep a
//! duplicate: shutting that down ends the thread within milliseconds and rejects all that was in flight.

use std::io;
use std::net::Shutdown;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_compat::Compat;
use bus::transport::TransportError;
use lapin::options::ExchangeDeclareOptions;
use lapin::tcp::{AsyncTcpStream, RustlsConnector, RustlsConnectorConfig};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Address;
use crate::topology::EVENTS;
use crate::{failure, limits};

pub(crate) struct Session {
    connection: Connection,
    socket: Socket,
    broken: AtomicBool,
}

impl Session {
    pub(crate) async fn open(address: &Address, name: &str) -> Result<Self, TransportError> {
        let late = || away(address, "no answer within the time limit");
        timeout(limits::CONNECT, Self::connect(address, name)).await.map_err(|_| late())?
    }

    async fn connect(address: &Address, name: &str) -> Result<Self, TransportError> {
        let (stream, socket) = dial(address).await?;
        let connection = handshake(address, name, stream).await;
        Ok(Self {
            connection: connection.map_err(|error| failure::explain_connecting(address, &error))?,
            socket,
            broken: AtomicBool::new(false),
        })
    }

    pub(crate) fn alive(&self) -> bool {
        !self.broken.load(Ordering::Acquire) && self.connection.status().connected()
    }

    /// The broker takes no messages for now: its memory or its disk is short.
    pub(crate) fn blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Ends it at once, with all that was in flight on it. Others see it and build a new one.
    pub(crate) fn fail(&self, cause: &str) {
        if !self.broken.swap(true, Ordering::AcqRel) {
            tracing::warn!(cause, "dropping a connection to RabbitMQ");
        }
        self.socket.shut();
    }

    pub(crate) async fn channel(&self) -> Result<Channel, TransportError> {
        (self.ask("opening a channel", self.connection.create_channel()).await)
            .map_err(|error| error.explain("opening a channel"))
    }

    /// Waits for an answer no longer than the limit. A broker that does not answer is gone, and the
    /// connection with it: what it may still do on this one (a consumer half made) must not outlive us.
    pub(crate) async fn ask<T>(
        &self,
        doing: &str,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, Unanswered> {
        match timeout(limits::RPC, answer).await {
            Ok(answered) => answered.map_err(Unanswered::Error),
            Err(_) => {
                self.fail(doing);
                Err(Unanswered::Late)
            }
        }
    }

    /// Asks about one queue. Such a question may hang by itself, for a queue without a leader answers
    /// nobody; the connection is dropped only if it answers nothing else either.
    pub(crate) async fn ask_queue<T>(
        &self,
        doing: &str,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, Unanswered> {
        match timeout(limits::RPC, answer).await {
            Ok(answered) => answered.map_err(Unanswered::Error),
            Err(_) if self.answers().await => Err(Unanswered::Stuck),
            Err(_) => {
                self.fail(doing);
                Err(Unanswered::Late)
            }
        }
    }

    /// Whether the broker answers at all.
    pub(crate) async fn answers(&self) -> bool {
        let Ok(channel) = self.channel().await else {
            return false;
        };
        let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let kind = ExchangeKind::Topic;
        let asked = channel.exchange_declare(EVENTS.into(), kind, passive, FieldTable::default());
        let answered = self.ask("asking for a sign of life", asked).await;
        !matches!(answered, Err(Unanswered::Late)) && self.alive()
    }

    pub(crate) async fn close(&self) {
        if self.alive() {
            let goodbye = self.connection.close(200, "OK".into());
            let _ = timeout(limits::CLOSE, goodbye).await;
        }
        self.broken.store(true, Ordering::Release);
        self.socket.shut();
    }
}

/// Why a question has no answer.
pub(crate) enum Unanswered {
    Error(lapin::Error),
    Late,
    /// The broker is well, but not this queue.
    Stuck,
}

impl Unanswered {
    pub(crate) fn explain(self, doing: &str) -> TransportError {
        match self {
            Self::Error(error) => failure::explain(doing, &error),
            Self::Late => TransportError::Away(format!("{doing}: the broker does not answer")),
            Self::Stuck => TransportError::Away(format!(
                "{doing}: the queue does not answer, though the broker does: it has no leader \
                 (rabbitmq-queues quorum_status NAME)"
            )),
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Error(error) if failure::is_missing(error))
    }
}

/// A second handle on a connection's socket; the connection does not outlive it.
struct Socket(std::net::TcpStream);

impl Socket {
    fn shut(&self) {
        // An error means that it is shut already.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shut();
    }
}

async fn dial(address: &Address) -> Result<(TcpStream, Socket), TransportError> {
    let authority = &address.uri.authority;
    let target = (authority.host.as_str(), authority.port);
    let stream = (timeout(limits::TCP, TcpStream::connect(target)).await)
        .map_err(|_| away(address, "no TCP connection within the time limit"))?;
    let split = stream.and_then(|stream| {
        stream.set_nodelay(true)?;
        let stream = stream.into_std()?;
        let twin = stream.try_clone()?;
        Ok((TcpStream::from_std(stream)?, Socket(twin)))
    });
    split.map_err(|error| away(address, &error.to_string()))
}

async fn handshake(address: &Address, name: &str, stream: TcpStream) -> lapin::Result<Connection> {
    let is_tls = address.is_tls();
    let authorities = address.authorities.clone();
    let stream = Mutex::new(Some(stream));
    let hand_over = async move |uri: lapin::uri::AMQPUri, _| {
        let taken = stream.lock().ok().and_then(|mut stream| stream.take());
        let plain = taken.ok_or_else(|| io::Error::other("a connection is made once"))?;
        let plain = AsyncTcpStream::Plain(Compat::new(plain));
        if !is_tls {
            return Ok(plain);
        }
        let connector = trusting(authorities.clone())?;
        Ok(plain.into_rustls(&connector, &uri.authority.host).await?)
    };
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let runtime = lapin::runtime::default_runtime()?;
    Connection::connector(address.uri.clone(), runtime, hand_over, properties).await
}

/// Trusts these besides the system's own. A bare system has none, which is no fault where some are given.
fn trusting(authorities: Vec<CertificateDer<'static>>) -> io::Result<RustlsConnector> {
    let system = RustlsConnectorConfig::new_with_native_certs();
    let config = if authorities.is_empty() { system? } else { system.unwrap_or_default() };
    config.with_parsable_certificates(authorities).connector_with_no_client_auth()
}

fn away(address: &Address, text: &str) -> TransportError {
    TransportError::Away(format!("RabbitMQ at {address}: {text}"))
}
