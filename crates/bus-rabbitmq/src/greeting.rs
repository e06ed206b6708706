//! The broker's version, which the client library keeps to itself: it stands in the first frame that a
//! broker sends, before anybody has signed in.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Address;
use crate::limits;

const HELLO: &[u8] = b"AMQP\0\0\x09\x01";
const HEAD: usize = 7;
const LARGEST: usize = 64 * 1024;

/// Of the first that tells. Behind TLS it is not asked for.
pub(crate) async fn version(addresses: &[Address]) -> Option<String> {
    for address in addresses.iter().filter(|address| !address.is_tls()) {
        if let Ok(Some(version)) = timeout(limits::TCP, ask(address)).await {
            return Some(version);
        }
    }
    None
}

async fn ask(address: &Address) -> Option<String> {
    let authority = &address.uri.authority;
    let target = (authority.host.as_str(), authority.port);
    let mut stream = TcpStream::connect(target).await.ok()?;
    stream.write_all(HELLO).await.ok()?;
    let mut head = [0; HEAD];
    stream.read_exact(&mut head).await.ok()?;
    let size = usize::try_from(u32::from_be_bytes([head[3], head[4], head[5], head[6]])).ok()?;
    let mut frame = vec![0; size.min(LARGEST)];
    stream.read_exact(&mut frame).await.ok()?;
    read(&frame)
}

/// The field `version` of the server's properties: its name's length, its name, `S`, a length, a text.
fn read(frame: &[u8]) -> Option<String> {
    const FIELD: &[u8] = b"\x07versionS";
    let start = frame.windows(FIELD.len()).position(|window| window == FIELD)? + FIELD.len();
    let length = frame.get(start..start + 4)?;
    let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let text = frame.get(start + 4..(start + 4).checked_add(length)?)?;
    let text = std::str::from_utf8(text).ok()?;
    (text.len() < 40).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_and_nonsense_is_not() {
        let frame =
            b"\0\x0a\0\x0a\0\x09....\x07productS\0\0\0\x08RabbitMQ\x07versionS\0\0\0\x063.10.8rest";
        assert_eq!(read(frame).as_deref(), Some("3.10.8"));
        assert_eq!(read(b"\x07versionS\xff\xff\xff\xff3.10"), None);
        assert_eq!(read(b"\x07versionS\0\0"), None);
        assert_eq!(read(b""), None);
    }
}
