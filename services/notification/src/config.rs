//! What an operator chooses, checked when it is read: a half-configured mailer never starts.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{authentication::Credentials, client::Certificate},
};
use reqwest::Url;

use crate::domain::one_line;

/// How people are reached.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) mailer: Mailer,
    pub(crate) from: Mailbox,
    pub(crate) platform_name: String,
    pub(crate) push: PushConfig,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// Each mail is a file, `<delivery>.eml`.
    Folder(PathBuf),
    Smtp(SmtpServer),
}

#[derive(Clone, Debug, Default)]
pub struct PushConfig {
    /// The platform's VAPID key: 32 bytes as unpadded base64url. Without one it is made once, and
    /// kept sealed in the database.
    pub vapid_private_key: Option<String>,
    /// Lets devices name addresses of this machine and of private networks, and plain HTTP: for
    /// tests and demonstrations.
    pub allow_private_endpoints: bool,
}

/// A mail server, from an address such as `smtp://user:password@mail.example.org:587`.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) credentials: Option<Credentials>,
    /// Authorities that may vouch for it besides the public ones.
    pub(crate) authorities: Option<Certificate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, or nothing is sent.
    StartTls,
    /// None: for a server on the same machine.
    Plain,
}

/// What is wrong with the configuration, and what to write.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("“{0}” is no mail address to send from: write one such as formation@example.org")]
    From(String),
    #[error(
        "“{0}” is no mail server: write smtps://user:password@host (TLS), \
         smtp://user:password@host:587 (STARTTLS) or smtp://localhost:25?tls=none"
    )]
    Smtp(String),
    #[error("the certificate authorities are not PEM: write them with -----BEGIN CERTIFICATE-----")]
    Authorities,
    #[error(
        "the VAPID key must be 32 bytes as base64url without padding; leave it out to have one made"
    )]
    Vapid,
}

impl Config {
    /// # Errors
    /// When the address to send from or the VAPID key does not read.
    pub fn new(
        mailer: Mailer,
        from: &str,
        platform_name: &str,
        push: PushConfig,
    ) -> Result<Self, ConfigError> {
        let address: Address =
            from.trim().parse().map_err(|_| ConfigError::From(from.to_owned()))?;
        let platform_name = one_line(platform_name, 100);
        if let Some(key) = &push.vapid_private_key
            && !URL_SAFE_NO_PAD.decode(key).is_ok_and(|bytes| bytes.len() == 32)
        {
            return Err(ConfigError::Vapid);
        }
        let name = (!platform_name.is_empty()).then(|| platform_name.clone());
        Ok(Self { mailer, from: Mailbox::new(name, address), platform_name, push })
    }
}

impl Mailer {
    /// A mail server by its address. Without `?tls=`, `smtps` is TLS from the first byte and `smtp`
    /// wants STARTTLS; `?tls=none` sends in the clear.
    ///
    /// # Errors
    /// When it does not read.
    pub fn smtp(address: &str) -> Result<Self, ConfigError> {
        // What is shown never holds the password.
        let wrong = || {
            let shown = address.rsplit_once('@').map_or(address, |(_, after)| after);
            ConfigError::Smtp(shown.to_owned())
        };
        let url = Url::parse(address).map_err(|_| wrong())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let (security, port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (Security::Tls, 465),
            ("smtp", None | Some("tls=required")) => (Security::StartTls, 587),
            ("smtp", Some("tls=none")) => (Security::Plain, 25),
            _ => return Err(wrong()),
        };
        Ok(Self::Smtp(SmtpServer {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            security,
            credentials: credentials(&url).map_err(|()| wrong())?,
            authorities: None,
        }))
    }

    /// Has a mail server vouched for by these authorities, in PEM, or by the public ones.
    ///
    /// # Errors
    /// When they do not read.
    pub fn trusting(self, authorities: &str) -> Result<Self, ConfigError> {
        let authorities =
            Certificate::from_pem(authorities.as_bytes()).map_err(|_| ConfigError::Authorities)?;
        Ok(match self {
            Self::Smtp(server) => {
                Self::Smtp(SmtpServer { authorities: Some(authorities), ..server })
            }
            Self::Folder(folder) => Self::Folder(folder),
        })
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, ()> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let user = unescaped(url.username()).ok_or(())?;
    let password = unescaped(url.password().ok_or(())?).ok_or(())?;
    Ok(Some(Credentials::new(user, password)))
}

/// Undoes `%40` and the like.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn server(address: &str) -> SmtpServer {
        match Mailer::smtp(address).unwrap() {
            Mailer::Smtp(server) => server,
            Mailer::Folder(_) => panic!("a server"),
        }
    }

    #[test]
    fn a_mail_server_reads() {
        let it = server("smtp://me%40example.org:p%C3%A9@mail.example.org");
        assert_eq!((it.host.as_str(), it.port), ("mail.example.org", 587));
        assert_eq!(it.security, Security::StartTls);
        assert_eq!(it.credentials, Some(Credentials::new("me@example.org".into(), "pé".into())));
        assert_eq!(server("smtps://mail.example.org").port, 465);
        let it = server("smtp://127.0.0.1:2525?tls=none");
        assert_eq!((it.port, it.security), (2525, Security::Plain));
        assert_eq!(server("smtp://[::1]:25?tls=none").host, "::1");
    }

    #[test]
    fn what_is_wrong_is_refused_and_the_password_is_not_shown() {
        for wrong in ["", "mail.example.org", "http://mail", "smtp://a:secret@host?tls=perhaps"] {
            let error = Mailer::smtp(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let folder = || Mailer::Folder(PathBuf::from("mail"));
        assert!(Config::new(folder(), "nobody", "Estrade", PushConfig::default()).is_err());
        let push = PushConfig { vapid_private_key: Some("short".into()), ..PushConfig::default() };
        assert_eq!(Config::new(folder(), "a@b.fr", "E", push).unwrap_err(), ConfigError::Vapid);
    }
}
