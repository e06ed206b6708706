//! Who asks, where a reverse proxy stands in between. A proxy's word for it (`X-Forwarded-For`) is taken only
//! from addresses that the configuration names: anybody can write that header.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::Response,
};
use serde::{Deserialize, Serialize};

const FORWARDED: &str = "x-forwarded-for";
/// Hops that are looked at; a longer list is somebody's play.
const MOST_HOPS: usize = 20;

/// Lets the routes see who asked the proxy, in the place of the proxy.
pub(crate) fn seen_through(router: Router, trusted: &[Network]) -> Router {
    if trusted.is_empty() {
        return router;
    }
    router.layer(middleware::from_fn_with_state(Arc::<[Network]>::from(trusted), see_through))
}

async fn see_through(
    State(trusted): State<Arc<[Network]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(client) = peer.and_then(|peer| client(peer, request.headers(), &trusted)) {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, 0)));
    }
    next.run(request).await
}

/// The last address of the list that no trusted proxy has: what stands before it, anybody may have written.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    if !is_trusted(peer) {
        return None;
    }
    let said: Vec<&str> = headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut nearest = None;
    for hop in said.iter().rev().take(MOST_HOPS) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            return nearest;
        };
        nearest = Some(address);
        if !is_trusted(address) {
            return nearest;
        }
    }
    nearest
}

/// An address, or all that begin with the same bits: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').unwrap_or((&text, ""));
        let wrong = || {
            format!("“{text}” is no address of a proxy: write for example 10.0.0.5 or 10.0.0.0/8")
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() { most } else { bits.parse().map_err(|_| wrong())? };
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn network(text: &str) -> Network {
        Network::try_from(text.to_owned()).unwrap()
    }

    fn seen(peer: &str, said: &[&str]) -> Option<String> {
        let trusted = [network("127.0.0.1"), network("10.0.0.0/8"), network("fd00::/8")];
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn a_trusted_proxy_is_seen_through_and_nobody_else_believed() {
        let who = Some("203.0.113.7".to_owned());
        assert_eq!(seen("127.0.0.1", &["203.0.113.7"]), who);
        assert_eq!(seen("::ffff:127.0.0.1", &["203.0.113.7"]), who, "as a dual socket says it");
        assert_eq!(seen("10.1.2.3", &["198.51.100.1, 203.0.113.7, 10.9.9.9"]), who);
        assert_eq!(
            seen("10.1.2.3", &["198.51.100.1", "203.0.113.7"]),
            who,
            "two lines are one list"
        );
        assert_eq!(seen("fd00::1", &["203.0.113.7"]), who);
        assert_eq!(seen("198.51.100.9", &["203.0.113.7"]), None, "anybody can write the header");
        assert_eq!(seen("127.0.0.1", &[]), None);
        assert_eq!(
            seen("127.0.0.1", &["203.0.113.7, nonsense"]),
            None,
            "what stands before is not believed"
        );
        assert_eq!(seen("127.0.0.1", &["10.0.0.1, 10.0.0.2"]), Some("10.0.0.1".to_owned()));
    }

    #[test]
    fn a_network_is_an_address_or_its_first_bits() {
        assert!(network("0.0.0.0/0").holds("203.0.113.7".parse().unwrap()));
        assert!(!network("10.0.0.5").holds("10.0.0.6".parse().unwrap()));
        assert!(!network("::/0").holds("10.0.0.6".parse().unwrap()), "of the other kind");
        for wrong in
            ["", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "proxy.example.org", "10.0.0.0/x"]
        {
            let refusal = Network::try_from(wrong.to_owned()).unwrap_err();
            assert!(refusal.contains("write for example"), "{refusal}");
        }
        assert_eq!(String::from(network("10.0.0.0/8")), "10.0.0.0/8");
    }
}
