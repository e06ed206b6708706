//! A mail server that does what it is told: takes mails, refuses them, says nothing, or dies after it has
//! taken one and before it says so. On this machine alone; it delivers nothing.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

const LARGEST_MAIL: usize = 4 * 1024 * 1024;
const LONGEST_SILENCE: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How the server behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    Takes,
    /// 4xx: not now.
    PutsOff,
    /// 5xx: never.
    Refuses,
    Hangs,
    /// Keeps the mail, and hangs up instead of saying so.
    DiesAfterYes,
}

/// A server on a loopback port. Dropped, it takes nothing more.
pub struct MailServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    manner: Mutex<Manner>,
    gone: AtomicBool,
    connections: AtomicU64,
    mails: AtomicU64,
}

impl MailServer {
    /// Mails go into this folder, as `.eml`; each refusal for good is a line in the file `refused`, the
    /// address at its end.
    pub fn start(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port for mail")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            folder,
            manner: Mutex::new(Manner::Takes),
            gone: AtomicBool::new(false),
            connections: AtomicU64::new(0),
            mails: AtomicU64::new(0),
        });
        let serving = shared.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                if serving.gone.load(Ordering::Relaxed) {
                    return;
                }
                let shared = serving.clone();
                if let Ok(socket) = socket {
                    thread::spawn(move || shared.serve(&socket));
                }
            }
        });
        Ok(Self { port, shared })
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    pub fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::Relaxed);
        self.behave(Manner::Takes);
        // So that the listener looks up once more.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

/// What a step of the conversation comes to.
enum Next {
    Say(&'static str),
    HangUp,
}

impl Shared {
    /// One conversation; a client that goes away ends it.
    fn serve(&self, socket: &TcpStream) {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        socket.set_read_timeout(Some(LONGEST_SILENCE)).ok();
        let mut writer = socket;
        let mut lines = BufReader::new(socket);
        if number.is_multiple_of(3) && self.hung() || writer.write_all(b"220 faults\r\n").is_err() {
            return;
        }
        let (mut line, mut address) = (String::new(), String::new());
        loop {
            line.clear();
            if !matches!(lines.read_line(&mut line), Ok(read) if read > 0) {
                return;
            }
            let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let next = match verb.as_str() {
                "EHLO" => Next::Say("250-faults\r\n250-8BITMIME\r\n250 SMTPUTF8"),
                "HELO" | "NOOP" | "RSET" => Next::Say("250 fine"),
                "MAIL" => Next::Say("250 go on"),
                "RCPT" => {
                    address = address_in(&line).to_owned();
                    self.recipient(number, &address)
                }
                "DATA" => {
                    if writer.write_all(b"354 go on\r\n").is_err() {
                        return;
                    }
                    let Some(mail) = read_mail(&mut lines) else { return };
                    self.content(&mail, &address)
                }
                "QUIT" => return,
                _ => Next::Say("502 not here"),
            };
            let Next::Say(text) = next else { return };
            if writer.write_all(format!("{text}\r\n").as_bytes()).is_err() {
                return;
            }
        }
    }

    /// Half of the refusals come here, half after the content.
    fn recipient(&self, number: u64, address: &str) -> Next {
        match self.manner() {
            Manner::PutsOff if number.is_multiple_of(2) => Next::Say("451 not now"),
            Manner::Refuses if number.is_multiple_of(2) => {
                self.refused("550 nobody of that name", address)
            }
            Manner::Hangs if number % 3 == 1 && self.hung() => Next::HangUp,
            _ => Next::Say("250 go on"),
        }
    }

    fn content(&self, mail: &[u8], address: &str) -> Next {
        match self.manner() {
            Manner::PutsOff => Next::Say("451 not now"),
            Manner::Refuses => self.refused("554 not this", address),
            Manner::Hangs if self.hung() => Next::HangUp,
            Manner::DiesAfterYes => {
                self.keep(mail);
                Next::HangUp
            }
            Manner::Takes | Manner::Hangs if self.keep(mail) => Next::Say("250 taken"),
            Manner::Takes | Manner::Hangs => Next::Say("452 no room"),
        }
    }

    fn keep(&self, mail: &[u8]) -> bool {
        let number = self.mails.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("{number}.part"));
        let kept = fs::write(&unfinished, mail)
            .and_then(|()| fs::rename(&unfinished, self.folder.join(format!("{number}.eml"))));
        kept.is_ok()
    }

    fn refused(&self, answer: &'static str, address: &str) -> Next {
        let file = fs::File::options().create(true).append(true).open(self.folder.join("refused"));
        // Together in one write, so that lines of several conversations do not mix.
        let written =
            file.and_then(|mut file| file.write_all(format!("{answer} {address}\n").as_bytes()));
        if let Err(error) = written {
            eprintln!("a refusal could not be noted: {error}");
        }
        Next::Say(answer)
    }

    /// Says nothing for as long as it hangs; whether it did.
    fn hung(&self) -> bool {
        let hangs = self.manner() == Manner::Hangs;
        while self.manner() == Manner::Hangs {
            thread::sleep(LOOK_EVERY);
        }
        hangs
    }

    fn manner(&self) -> Manner {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of `RCPT TO:<whom@where>`.
fn address_in(line: &str) -> &str {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(address, _)| address)
}

/// Up to the dot that ends it.
fn read_mail(lines: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut mail = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).ok()? == 0 || mail.len() > LARGEST_MAIL {
            return None;
        }
        if line == b".\r\n" {
            return Some(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Sends a mail; the server's last word, or nothing if it hung up.
    fn send(server: &MailServer, text: &str) -> String {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).unwrap();
        let mut lines = BufReader::new(&socket);
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        for command in ["MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", text] {
            (&socket).write_all(format!("{command}\r\n").as_bytes()).unwrap();
            line.clear();
            lines.read_line(&mut line).unwrap();
            if line.starts_with(['4', '5']) {
                break;
            }
        }
        line.trim_end().to_owned()
    }

    #[test]
    fn a_mail_is_taken_refused_put_off_or_swallowed() {
        let folder = std::env::temp_dir().join(format!("estrade-mail-{}", std::process::id()));
        let server = MailServer::start(folder.clone()).unwrap();
        let mails = || fs::read_dir(&folder).unwrap().flatten().count();
        assert_eq!(send(&server, "Subject: x\r\n\r\n..dot\r\n."), "250 taken");
        assert_eq!(fs::read_to_string(folder.join("0.eml")).unwrap(), "Subject: x\r\n\r\n.dot\r\n");
        server.behave(Manner::PutsOff);
        assert_eq!(send(&server, "x\r\n."), "451 not now");
        assert_eq!(mails(), 1);
        server.behave(Manner::DiesAfterYes);
        assert_eq!(send(&server, "x\r\n."), "");
        assert_eq!(mails(), 2);
        server.behave(Manner::Refuses);
        assert!(send(&server, "x\r\n.").starts_with("55"));
        let refused = fs::read_to_string(folder.join("refused")).unwrap();
        assert!(refused.ends_with(" c@d\n") && refused.lines().count() == 1, "{refused}");
        drop(server);
        fs::remove_dir_all(folder).unwrap();
    }
}
