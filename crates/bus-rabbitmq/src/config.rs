//! Where the broker is and how much may be on its way. The password goes in and never comes out.

use std::fmt;

use bus::transport::TransportError;
use lapin::uri::{AMQPScheme, AMQPUri};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use crate::limits;

/// What [`RabbitMq::connect`](crate::RabbitMq::connect) needs to know.
#[derive(Clone)]
pub struct Config {
    /// `amqp://user:password@host:port/vhost` or `amqps://`: the nodes of one cluster, tried in turn.
    pub urls: Vec<String>,
    /// How many deliveries a receiver may hold unsettled.
    pub prefetch: u16,
    /// How many messages of one `send` may wait for their confirm at once.
    pub window: usize,
    /// The largest message sent, in bytes: RabbitMQ 4 closes the channel over 16 MiB.
    pub largest_message: usize,
    /// How the broker's own list of connections calls this process.
    pub name: String,
    /// Its management API, `http://user:password@host:port`, which lists what queues are bound to; without a user,
    /// the broker's own. Nothing else needs it.
    pub management: Option<String>,
    /// Who may vouch for the broker over TLS besides the authorities that the system trusts, in PEM.
    pub certificate_authorities: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            prefetch: 400,
            window: 500,
            largest_message: 16 * 1024 * 1024,
            name: "estrade".to_owned(),
            management: None,
            certificate_authorities: None,
        }
    }
}

impl Config {
    #[must_use]
    pub fn new<Url: Into<String>>(urls: impl IntoIterator<Item = Url>) -> Self {
        Self { urls: urls.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(crate) fn addresses(&self) -> Result<Vec<Address>, TransportError> {
        self.check()?;
        let authorities = self.authorities()?;
        let parse = |(index, url): (usize, &String)| {
            let parsed = Address::parse(url).map_err(|problem| {
                refused(&format!(
                    "broker URL number {} {problem}; write it as amqp://user:password@host:5672/vhost \
                     (amqps:// for TLS; %2f is the virtual host `/`)",
                    index + 1
                ))
            });
            parsed.map(|address| Address { authorities: authorities.clone(), ..address })
        };
        self.urls.iter().enumerate().map(parse).collect()
    }

    fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, TransportError> {
        let pem = self.certificate_authorities.as_deref().unwrap_or_default();
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        read.map_err(|_| refused("the certificate authorities are not PEM"))
    }

    fn check(&self) -> Result<(), TransportError> {
        if self.urls.is_empty() {
            return Err(refused("no broker URL is given"));
        }
        if self.prefetch == 0 {
            return Err(refused(
                "a prefetch of 0 would take a whole queue into memory; use 1 or more (400 is good)",
            ));
        }
        if self.window == 0 {
            return Err(refused("a window of 0 would send nothing; use 1 or more"));
        }
        Ok(())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<String> = (self.urls.iter())
            .map(|url| {
                Address::parse(url).map_or_else(str::to_owned, |address| address.to_string())
            })
            .collect();
        (formatter.debug_struct("Config"))
            .field("urls", &urls)
            .field("prefetch", &self.prefetch)
            .field("window", &self.window)
            .field("largest_message", &self.largest_message)
            .field("name", &self.name)
            .field("management", &self.management.is_some())
            .field("certificate_authorities", &self.certificate_authorities.is_some())
            .finish()
    }
}

pub(crate) fn refused(text: &str) -> TransportError {
    TransportError::Refused(text.to_owned())
}

/// One node of the broker. Displayed as host, port and virtual host alone.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) uri: AMQPUri,
    /// Trusted besides the system's.
    pub(crate) authorities: Vec<CertificateDer<'static>>,
}

impl Address {
    /// The error says what is wrong without repeating the text, which may hold a password.
    fn parse(url: &str) -> Result<Self, &'static str> {
        let mut uri: AMQPUri = (url.trim().parse()).map_err(|_| "cannot be read")?;
        if let Some(host) = ipv6_host(url) {
            uri.authority.host = host.to_owned();
        }
        if uri.vhost.is_empty() {
            "/".clone_into(&mut uri.vhost);
        }
        if uri.vhost.len() > 255 {
            return Err("has a virtual host of more than 255 bytes");
        }
        // Without a heartbeat a frozen broker would be taken for an idle one.
        if uri.query.heartbeat.unwrap_or(0) == 0 {
            uri.query.heartbeat = Some(limits::HEARTBEAT);
        }
        Ok(Self { uri, authorities: Vec::new() })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.uri.scheme == AMQPScheme::AMQPS
    }

    pub(crate) fn user(&self) -> &str {
        &self.uri.authority.userinfo.username
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = &self.uri.authority;
        let (open, close) = if authority.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(
            formatter,
            "{open}{}{close}:{}, virtual host `{}`",
            authority.host, authority.port, self.uri.vhost
        )
    }
}

/// The client library takes a literal IPv6 host for none and would go to localhost instead.
fn ipv6_host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    host.strip_prefix('[')?.split(']').next()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn shown(url: &str) -> String {
        Address::parse(url).unwrap().to_string()
    }

    #[test]
    fn an_address_shows_host_port_and_virtual_host_alone() {
        assert_eq!(
            shown("amqp://ada:secret@broker:5673/school"),
            "broker:5673, virtual host `school`"
        );
        assert_eq!(shown("amqp://broker"), "broker:5672, virtual host `/`");
        assert_eq!(shown("amqp://broker/"), "broker:5672, virtual host `/`");
        assert_eq!(shown("amqps://ada:secret@[::1]/%2f"), "[::1]:5671, virtual host `/`");
    }

    #[test]
    fn no_error_and_no_debug_text_holds_the_password() {
        for url in [
            "http://ada:secret@broker",
            "amqp:ada:secret",
            "amqp://ada:secret@broker:99999",
            "secret",
        ] {
            let config = Config::new([url]);
            let error = config.addresses().err().unwrap().to_string();
            assert!(error.contains("number 1") && !error.contains("secret"), "{error}");
            assert!(!format!("{config:?}").contains("secret"));
        }
        let management = Some("http://ada:secret@broker:15672".to_owned());
        let config = Config { management, ..Config::new(["amqp://ada:secret@broker"]) };
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn a_prefetch_of_nothing_and_no_url_are_refused() {
        let unlimited = Config { prefetch: 0, ..Config::new(["amqp://broker"]) };
        assert!(unlimited.addresses().is_err());
        assert!(Config::new(Vec::<String>::new()).addresses().is_err());
    }

    #[test]
    fn a_heartbeat_there_always_is() {
        let heartbeat = |url: &str| Address::parse(url).unwrap().uri.query.heartbeat;
        assert_eq!(heartbeat("amqp://broker"), Some(limits::HEARTBEAT));
        assert_eq!(heartbeat("amqp://broker?heartbeat=0"), Some(limits::HEARTBEAT));
        assert_eq!(heartbeat("amqp://broker?heartbeat=5"), Some(5));
    }
}
