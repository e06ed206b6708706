//! Free loopback ports.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    net::{Ipv4Addr, TcpListener},
};

use crate::error::{Error, Result};

// Below what the kernel gives to outgoing connections (from 32768 on Linux): a client that reconnects to
// a stopped node would otherwise be given the node's own port sooner or later, and connect to itself.
const FIRST: u64 = 12_000;
const COUNT: u64 = 20_000;

/// `N` different ports on which nobody listens now. Somebody else may take one before its user does:
/// whoever starts a node tries again with others.
pub fn free<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::new();
    for _ in 0..1000 {
        if held.len() == N {
            break;
        }
        held.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, candidate())).ok());
    }
    let mut ports = [0; N];
    for (index, port) in ports.iter_mut().enumerate() {
        let listener = held.get(index).ok_or(Error::NoPort)?;
        *port = listener.local_addr().map_err(|_| Error::NoPort)?.port();
    }
    Ok(ports)
}

fn candidate() -> u16 {
    u16::try_from(FIRST + random() % COUNT).unwrap_or(u16::MAX)
}

/// The standard library's hasher is seeded by the system: random enough for ports and cookies.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn ports_differ_and_stay_below_the_outgoing_ones() {
        let [one, two, three] = super::free().unwrap();
        assert!(one != two && two != three && one != three);
        assert!([one, two, three].iter().all(|port| (12_000..32_000).contains(port)));
    }
}
