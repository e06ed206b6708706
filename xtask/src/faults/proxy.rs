//! What stands between the platform and its database, and can make the connections that are open fall
//! silent: as where a firewall forgets them, or a cable is cut. Neither end is told anything.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::{Context, Result};

/// In front of one server, on a loopback port. Dropped, it hangs up on everybody.
pub struct Proxy {
    port: u16,
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: SocketAddr,
    gone: AtomicBool,
    open: Mutex<Vec<Arc<Connection>>>,
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    is_mute: AtomicBool,
}

impl Proxy {
    /// Before the server of this URL.
    pub fn start(url: &str) -> Result<Self> {
        let address = address_in(url).with_context(|| format!("no address in {url}"))?;
        let server: SocketAddr =
            address.parse().with_context(|| format!("{address} is no address"))?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port for a proxy")?;
        let port = listener.local_addr()?.port();
        let url = url.replacen(address, &format!("127.0.0.1:{port}"), 1);
        let shared =
            Arc::new(Shared { server, gone: AtomicBool::new(false), open: Mutex::default() });
        let serving = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if serving.gone.load(Ordering::Relaxed) {
                    return;
                }
                let shared = serving.clone();
                if let Ok(client) = client {
                    thread::spawn(move || shared.carry(client));
                }
            }
        });
        Ok(Self { port, url, shared })
    }

    /// The server's, by way of here.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on nothing goes through the connections that are open, in neither direction, not even
    /// that an end has closed. Those that come later work. How many fell silent.
    pub fn silence(&self) -> usize {
        let open = self.shared.open();
        open.iter().for_each(|connection| connection.is_mute.store(true, Ordering::Relaxed));
        open.len()
    }

    /// Hangs up where it has been silent.
    pub fn let_go(&self) {
        let open = self.shared.open();
        open.iter().filter(|connection| connection.is_mute()).for_each(|mute| mute.hang_up());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::Relaxed);
        self.shared.open().iter().for_each(|connection| connection.hang_up());
        // So that the listener looks up once more.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl Shared {
    /// One connection, until both ends have closed it. Without a server, the client sees that nobody is there.
    fn carry(&self, client: TcpStream) {
        let Ok(server) = TcpStream::connect(self.server) else { return };
        for socket in [&client, &server] {
            socket.set_nodelay(true).ok();
        }
        let connection = Arc::new(Connection { client, server, is_mute: AtomicBool::new(false) });
        self.open().push(connection.clone());
        thread::scope(|scope| {
            scope.spawn(|| connection.pass(&connection.client, &connection.server));
            connection.pass(&connection.server, &connection.client);
        });
        self.open().retain(|other| !Arc::ptr_eq(other, &connection));
    }

    fn open(&self) -> MutexGuard<'_, Vec<Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// One direction, until its source ends. What a mute connection reads is lost.
    fn pass(&self, mut from: &TcpStream, mut to: &TcpStream) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).unwrap_or(0);
            if !self.is_mute() && (read == 0 || to.write_all(&buffer[..read]).is_err()) {
                to.shutdown(Shutdown::Write).ok();
                return;
            }
            if read == 0 {
                return;
            }
        }
    }

    fn is_mute(&self) -> bool {
        self.is_mute.load(Ordering::Relaxed)
    }

    fn hang_up(&self) {
        for socket in [&self.client, &self.server] {
            socket.shutdown(Shutdown::Both).ok();
        }
    }
}

/// Host and port.
fn address_in(url: &str) -> Option<&str> {
    let (_, after) = url.split_once('@')?;
    after.split('/').next()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{io::ErrorKind, time::Duration};

    use super::*;

    const A_MOMENT: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(10);

    /// Both ends of a connection through the proxy.
    fn connect(proxy: &Proxy, server: &TcpListener) -> (TcpStream, TcpStream) {
        let near = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
        let (far, _) = server.accept().unwrap();
        for end in [&near, &far] {
            end.set_read_timeout(Some(LONGEST)).unwrap();
        }
        (near, far)
    }

    fn comes_through(mut from: &TcpStream, mut to: &TcpStream) {
        from.write_all(b"word").unwrap();
        let mut heard = [0; 4];
        to.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"word");
    }

    /// Neither a word nor an end.
    fn hears_nothing(mut end: &TcpStream) {
        end.set_read_timeout(Some(A_MOMENT)).unwrap();
        let heard = end.read(&mut [0; 4]);
        let timed_out = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
        assert!(heard.is_err_and(|error| timed_out.contains(&error.kind())));
        end.set_read_timeout(Some(LONGEST)).unwrap();
    }

    fn hears_the_end(mut end: &TcpStream) {
        assert_eq!(end.read(&mut [0; 4]).unwrap(), 0);
    }

    #[test]
    fn what_is_open_falls_silent_and_stays_open_and_what_comes_later_works() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = |port| format!("postgres://postgres@127.0.0.1:{port}/faults_0");
        let proxy = Proxy::start(&url(server.local_addr().unwrap().port())).unwrap();
        assert_eq!(proxy.url(), url(proxy.port));
        let (near, far) = connect(&proxy, &server);
        comes_through(&near, &far);
        comes_through(&far, &near);
        assert_eq!(proxy.silence(), 1);
        (&near).write_all(b"word").unwrap();
        hears_nothing(&far);
        (&far).write_all(b"word").unwrap();
        hears_nothing(&near);
        let (later, answering) = connect(&proxy, &server);
        comes_through(&later, &answering);
        comes_through(&answering, &later);
        drop(near);
        hears_nothing(&far);
        proxy.let_go();
        hears_the_end(&far);
        drop(answering);
        hears_the_end(&later);
    }
}
