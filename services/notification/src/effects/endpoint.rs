//! Where a device may be reached: only at public addresses, so that nobody can make this machine
//! knock at its neighbours' doors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

pub(crate) const LONGEST_ENDPOINT: usize = 1000;

/// What is wrong with a device's endpoint, if anything. Names are looked at again when they are
/// resolved: see [`PublicOnly`].
pub(crate) fn endpoint_problem(endpoint: &str, allow_private: bool) -> Option<&'static str> {
    if endpoint.len() > LONGEST_ENDPOINT {
        return Some("at most 1000 characters: give the endpoint as the browser gave it");
    }
    let Ok(url) = Url::parse(endpoint) else {
        return Some("no address: give the endpoint as the browser gave it");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some("an endpoint holds no user name and no password");
    }
    match (url.scheme(), url.host()) {
        ("http", Some(_)) if allow_private => None,
        ("https", Some(_)) if allow_private => None,
        ("https", Some(host)) if is_public_host(&host.to_string()) => None,
        ("https", Some(_)) => Some("the endpoint must be a public address on the internet"),
        _ => Some("the endpoint must begin with https://"),
    }
}

fn is_public_host(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) => is_public(address),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name.contains('.')
                && ![".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
    }
}

/// Whether an address is one of the whole internet's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_reserved = first == 0
        || first >= 224
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 192 && second == 88 && third == 99)
        || (first == 198 && (18..20).contains(&second));
    !(is_reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

/// Global unicast, without documentation and without tunnels to IPv4 addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_tunnel = first == 0x2002 || (first == 0x2001 && second == 0);
    let is_documentation = (first == 0x2001 && second == 0x0db8) || first == 0x3fff;
    (first & 0xe000) == 0x2000 && !is_tunnel && !is_documentation
}

/// Resolves names to public addresses alone, at the moment of connecting: a name that was public
/// when the device was registered may lead elsewhere today.
pub(crate) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_endpoints_are_taken() {
        for endpoint in [
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://fcm.googleapis.com/fcm/send/x:y",
            "https://8.8.8.8/push",
            "https://[2a00:1450:4007:80c::200e]/push",
        ] {
            assert_eq!(endpoint_problem(endpoint, false), None, "{endpoint}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for endpoint in [
            "",
            "not an address",
            "http://push.example.org/",
            "ftp://push.example.org/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://router/",
            "https://printer.local/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.0.0.1/",
            "https://172.16.3.4/",
            "https://192.168.1.1:8443/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://me:secret@push.example.org/",
        ] {
            assert!(endpoint_problem(endpoint, false).is_some(), "{endpoint}");
        }
        let long = format!("https://push.example.org/{}", "x".repeat(1000));
        assert!(endpoint_problem(&long, false).is_some());
        assert!(endpoint_problem(&long, true).is_some());
        assert_eq!(endpoint_problem("http://127.0.0.1:9/x", true), None);
        assert!(endpoint_problem("file:///etc/passwd", true).is_some());
    }
}
