//! What AMQP cannot tell: what each queue is bound to. RabbitMQ's management API lists it, where its address was
//! configured. Nothing else is asked of it, and everything else works without it.
//!
//! Source: <https://www.rabbitmq.com/docs/http-api-reference>.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bus::transport::TransportError;
use reqwest::{Certificate, Client, Response, StatusCode, Url};
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use crate::config::{Address, refused};
use crate::topology;

const PATIENCE: Duration = Duration::from_secs(5);
/// A binding takes about 200 bytes.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Queues, and the event types that each is bound to.
pub(crate) type Bindings = BTreeMap<String, BTreeSet<String>>;

pub(crate) struct Management {
    authorities: Vec<CertificateDer<'static>>,
    /// With the user and the password.
    list: Url,
    /// Without them.
    place: String,
}

#[derive(Deserialize)]
struct Binding {
    destination: String,
    routing_key: String,
}

impl Management {
    /// Who is not named in the URL is the broker's own user.
    pub(crate) fn new(url: &str, broker: &Address) -> Result<Self, TransportError> {
        let unusable = || {
            refused(
                "the management URL cannot be read; write it as http://user:password@host:15672",
            )
        };
        let mut list = Url::parse(url.trim()).map_err(|_| unusable())?;
        if !matches!(list.scheme(), "http" | "https") {
            return Err(unusable());
        }
        if list.username().is_empty() {
            let user = &broker.uri.authority.userinfo;
            list.set_username(&user.username).map_err(|()| unusable())?;
            list.set_password(Some(&user.password)).map_err(|()| unusable())?;
        }
        let port = list.port_or_known_default().unwrap_or_default();
        let place = format!("{}:{port}", list.host_str().unwrap_or_default());
        list.path_segments_mut().map_err(|()| unusable())?.pop_if_empty().extend([
            "api",
            "exchanges",
            &broker.uri.vhost,
            topology::EVENTS,
            "bindings",
            "source",
        ]);
        list.set_query(Some("columns=destination,routing_key"));
        Ok(Self { authorities: broker.authorities.clone(), list, place })
    }

    /// What is bound to the exchange of events; or, for people, why that is not known.
    pub(crate) async fn bindings(&self) -> Result<Bindings, String> {
        let broken = |error: reqwest::Error| {
            format!("the management API at {} does not answer: {}", self.place, error.without_url())
        };
        let answer =
            self.client().map_err(broken)?.get(self.list.clone()).send().await.map_err(broken)?;
        if !answer.status().is_success() {
            return Err(self.refusal(answer.status()));
        }
        let body = bounded(answer).await.map_err(broken)?;
        let listed: Vec<Binding> = serde_json::from_slice(&body).map_err(|_| {
            format!("what answers at {} is not the management API of a RabbitMQ", self.place)
        })?;
        let mut bindings = Bindings::new();
        for Binding { destination, routing_key } in listed {
            bindings.entry(destination).or_default().insert(routing_key);
        }
        Ok(bindings)
    }

    /// Made when it is asked, which is seldom, and not when a process starts.
    fn client(&self) -> Result<Client, reqwest::Error> {
        let mut client = Client::builder().timeout(PATIENCE).no_proxy();
        for authority in &self.authorities {
            client = client.add_root_certificate(Certificate::from_der(authority)?);
        }
        client.build()
    }

    fn refusal(&self, status: StatusCode) -> String {
        let remedy = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                "; it wants a user with the tag `management` who may read the virtual host"
            }
            StatusCode::NOT_FOUND => {
                "; it knows no such virtual host, or no exchange of ours in it"
            }
            _ => "",
        };
        format!("the management API at {} answers {status}{remedy}", self.place)
    }
}

/// What is more than the largest answer is cut off, and does not read.
async fn bounded(mut answer: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            body.clear();
            break;
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Config;

    fn list(url: &str) -> Result<Management, TransportError> {
        let broker = Config::new(["amqp://ada:s%40cret@broker/my%2fschool"]).addresses().unwrap();
        Management::new(url, &broker[0])
    }

    #[test]
    fn it_asks_as_the_brokers_user_unless_told_otherwise() {
        let path = "api/exchanges/my%2Fschool/estrade.events/bindings/source";
        let query = "columns=destination,routing_key";
        for (given, asked) in [
            ("http://broker:15672", "http://ada:s%40cret@broker:15672/"),
            ("https://eve:other@broker/rabbit/", "https://eve:other@broker/rabbit/"),
        ] {
            assert_eq!(list(given).unwrap().list.as_str(), format!("{asked}{path}?{query}"));
        }
        assert_eq!(list("https://broker").unwrap().place, "broker:443");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for given in ["broker:15672", "amqp://ada:hidden@broker", "http://ada:hidden@"] {
            let text = list(given).err().unwrap().to_string();
            assert!(text.contains("http://user:password@host:15672"), "{text}");
            assert!(!text.contains("hidden"), "{text}");
        }
    }
}
