#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Against a mail server that speaks TLS, from the first byte or after STARTTLS, and wants to know who comes.

use std::{path::PathBuf, sync::OnceLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use private_nodes::Authority;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use super::*;

const USER: &str = "me@example.org";
const PASSWORD: &str = "p:é";
const LOGIN_BY_PLAIN: &str = "250-here\r\n250 AUTH PLAIN";
const LOGIN_BY_LOGIN: &str = "250-here\r\n250 AUTH LOGIN";
const LOGIN_BY_NEITHER: &str = "250-here\r\n250 AUTH CRAM-MD5";

/// Two authorities, and what the first one issued: certificates with their keys, in PEM.
struct Papers {
    authority: String,
    stranger: String,
    here: [String; 2],
    elsewhere: [String; 2],
}

fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(|| {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = folders.each_ref().map(|folder| Authority::make(folder).unwrap());
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
        let issue = |file: &str, names: &str| {
            let issued = one.issue(file, names).unwrap();
            [read(issued.certificate), read(issued.key)]
        };
        Papers {
            authority: read(one.certificate()),
            stranger: read(other.certificate()),
            here: issue("here", "DNS:localhost,IP:127.0.0.1"),
            elsewhere: issue("elsewhere", "DNS:mail.example.org"),
        }
    })
}

fn acceptor([certificate, key]: &[String; 2]) -> TlsAcceptor {
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// What the server was told.
#[derive(Default)]
struct Heard {
    in_clear: Mutex<Vec<String>>,
    taken: Mutex<Vec<String>>,
}

/// How the server speaks.
#[derive(Clone, Copy)]
struct Speech {
    /// `Plain`: it offers no STARTTLS.
    security: Security,
    /// What it answers to EHLO over TLS.
    offer: &'static str,
}

struct SecureServer {
    port: u16,
    heard: Arc<Heard>,
}

impl SecureServer {
    async fn start(security: Security, offer: &'static str, shown: &[String; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Heard::default());
        let (acceptor, hearing) = (acceptor(shown), Arc::clone(&heard));
        let speech = Speech { security, offer };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attend(stream, speech, acceptor.clone(), Arc::clone(&hearing)));
            }
        });
        Self { port, heard }
    }

    /// A mailer that comes to it in this way, trusts this authority besides the public ones, and says this
    /// password.
    fn mailer(&self, scheme: &str, trusted: &str, password: &str) -> Mailer {
        let url = format!("{scheme}://me%40example.org:{password}@127.0.0.1:{}", self.port);
        Mailer::smtp(&url).unwrap().trusting(trusted).unwrap()
    }

    fn taken(&self) -> usize {
        self.heard.taken.lock().unwrap().len()
    }

    /// Before TLS nothing may be said but who we are and that we want it.
    fn assert_nothing_was_told_in_clear(&self) {
        let in_clear = self.heard.in_clear.lock().unwrap().clone();
        let is_harmless = |line: &String| line.starts_with("EHLO ") || line == "STARTTLS";
        assert!(in_clear.iter().all(is_harmless), "{in_clear:?}");
    }
}

async fn attend(stream: TcpStream, speech: Speech, acceptor: TlsAcceptor, heard: Arc<Heard>) {
    let is_tls = speech.security == Security::Tls;
    let stream = if is_tls { Some(stream) } else { until_starttls(stream, speech, &heard).await };
    // Whoever does not trust us hangs up.
    if let Some(stream) = stream
        && let Ok(stream) = acceptor.accept(stream).await
    {
        converse(BufStream::new(stream), is_tls, speech.offer, &heard).await;
    }
}

async fn until_starttls(stream: TcpStream, speech: Speech, heard: &Heard) -> Option<TcpStream> {
    let mut stream = BufStream::new(stream);
    let has_tls = speech.security == Security::StartTls;
    let offer = if has_tls { "250-here\r\n250 STARTTLS" } else { "250 here" };
    say(&mut stream, "220 in clear").await?;
    loop {
        let line = hear(&mut stream).await?;
        let wants_tls = line == "STARTTLS";
        let answer = if line.starts_with("EHLO") { offer } else { "250 fine" };
        heard.in_clear.lock().unwrap().push(line);
        if has_tls && wants_tls {
            say(&mut stream, "220 go on").await?;
            return Some(stream.into_inner());
        }
        say(&mut stream, answer).await?;
    }
}

/// Over TLS, until the other goes; nobody is served who did not sign in.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufStream<S>,
    greets: bool,
    offer: &str,
    heard: &Heard,
) -> Option<()> {
    if greets {
        say(&mut stream, "220 sealed").await?;
    }
    let mut is_known = false;
    loop {
        let line = hear(&mut stream).await?;
        let answer = match line.get(..4).unwrap_or("") {
            "EHLO" => offer,
            "AUTH" => {
                is_known = signs_in(&mut stream, &line).await?;
                if is_known { "235 welcome" } else { "535 wrong password for <me@example.org>" }
            }
            "QUIT" => "221 bye",
            _ if !is_known => "530 sign in first",
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let content = content(&mut stream).await?;
                heard.taken.lock().unwrap().push(content);
                "250 taken"
            }
            _ => "250 fine",
        };
        say(&mut stream, answer).await?;
    }
}

async fn signs_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> Option<bool> {
    let decoded = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    if let Some(both) = line.strip_prefix("AUTH PLAIN ") {
        return Some(decoded(both) == format!("\0{USER}\0{PASSWORD}"));
    }
    say(stream, &format!("334 {}", STANDARD.encode("Username:"))).await?;
    let user = hear(stream).await?;
    say(stream, &format!("334 {}", STANDARD.encode("Password:"))).await?;
    let password = hear(stream).await?;
    Some(decoded(&user) == USER && decoded(&password) == PASSWORD)
}

async fn content(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut content = String::new();
    loop {
        let line = hear(stream).await?;
        if line == "." {
            return Some(content);
        }
        content.push_str(&line);
        content.push('\n');
    }
}

async fn hear(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), answer: &str) -> Option<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

/// Both ways to TLS, as an operator writes them.
const BOTH_WAYS: [(&str, Security); 2] = [("smtps", Security::Tls), ("smtp", Security::StartTls)];
const RIGHT: &str = "p%3A%C3%A9";
const WRONG: &str = "guessed-word";
const LIMIT: Duration = Duration::from_secs(20);

async fn send_by(mailer: Mailer) -> (Office, (String, String, i32)) {
    let office = Office::with(mailer).await;
    office.send(&[world::enrolled(1, 1, 5)]).await;
    let mail = office.mails().await.remove(0);
    (office, mail)
}

#[tokio::test]
async fn a_mail_goes_over_tls_to_whom_we_trust_and_who_knows_us() {
    for (scheme, security) in BOTH_WAYS {
        for offer in [LOGIN_BY_PLAIN, LOGIN_BY_LOGIN] {
            let server = SecureServer::start(security, offer, &papers().here).await;
            let mailer = server.mailer(scheme, &papers().authority, RIGHT);
            let greeted = crate::greet_mail_server(&mailer, LIMIT).await;
            assert_eq!(greeted, Ok(()), "{scheme}, {offer}");
            let (_, mail) = send_by(mailer).await;
            assert_eq!(mail, ("sent".to_owned(), String::new(), 1), "{scheme}, {offer}");
            assert_eq!(server.taken(), 1, "{scheme}, {offer}");
            server.assert_nothing_was_told_in_clear();
        }
    }
}

/// A person must mend it; until then the mail is tried again, and then it can be replayed.
#[tokio::test]
async fn who_is_not_let_in_ends_as_a_dead_letter_that_does_not_tell_the_password() {
    for (offer, told) in [
        (LOGIN_BY_PLAIN, "535"),
        (LOGIN_BY_LOGIN, "535"),
        (LOGIN_BY_NEITHER, "No compatible authentication mechanism"),
    ] {
        let server = SecureServer::start(Security::Tls, offer, &papers().here).await;
        let mailer = server.mailer("smtps", &papers().authority, WRONG);
        let greeted = crate::greet_mail_server(&mailer, LIMIT).await;
        assert!(greeted.as_ref().is_err_and(|why| why.contains(told)), "{offer}: {greeted:?}");
        let (office, (state, reason, attempts)) = send_by(mailer).await;
        assert_eq!((state.as_str(), attempts), ("failed", 20), "{offer}: {reason}");
        assert!(reason.contains("cannot be used") && reason.contains(told), "{reason}");
        let dead = office.scene.dead().await;
        assert_eq!(dead.len(), 1, "{offer}");
        assert!(!dead[0].contains('@') && !dead[0].contains(WRONG), "{}", dead[0]);
        assert_eq!(server.taken(), 0, "{offer}");
    }
}

#[tokio::test]
async fn a_server_for_which_nobody_vouches_hears_nothing_and_the_mail_is_tried_again() {
    let papers = papers();
    for (scheme, security) in BOTH_WAYS {
        for (trusted, shown) in
            [(&papers.stranger, &papers.here), (&papers.authority, &papers.elsewhere)]
        {
            let server = SecureServer::start(security, LOGIN_BY_PLAIN, shown).await;
            let mailer = server.mailer(scheme, trusted, RIGHT);
            let (_, (state, reason, attempts)) = send_by(mailer).await;
            assert_eq!((state.as_str(), attempts), ("failed", 20), "{scheme}: {reason}");
            assert!(reason.contains("invalid peer certificate"), "{reason}");
            assert_eq!(server.taken(), 0, "{scheme}");
            server.assert_nothing_was_told_in_clear();
        }
    }
}

/// As when somebody in between takes the offer of STARTTLS away.
#[tokio::test]
async fn where_tls_is_wanted_and_not_offered_no_password_and_no_mail_is_told() {
    let server = SecureServer::start(Security::Plain, LOGIN_BY_PLAIN, &papers().here).await;
    let sealed = server.mailer("smtps", &papers().authority, RIGHT);
    assert!(crate::greet_mail_server(&sealed, LIMIT).await.is_err());
    let mailer = server.mailer("smtp", &papers().authority, RIGHT);
    let (_, (state, reason, attempts)) = send_by(mailer).await;
    assert_eq!((state.as_str(), attempts), ("failed", 20), "{reason}");
    assert!(reason.contains("STARTTLS is not supported"), "{reason}");
    assert_eq!(server.taken(), 0);
    server.assert_nothing_was_told_in_clear();
}
