//! Configuration: `estrade.toml`, then `ESTRADE_*`, then flags, each over the one before. An unknown
//! key refuses to start, and says which keys there are.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::{Deserialize, Serialize};

use crate::{cli::Settings, proxies::Network};

const FILE: &str = "estrade.toml";
/// Characters of what keeps strangers from the metrics.
const SHORTEST_TOKEN: usize = 16;
const HIDDEN: &str = "(hidden)";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Databases, files, mails and the key lie here.
    pub(crate) data: PathBuf,
    pub(crate) listen: String,
    /// How people reach the platform; without it, `http://` and `listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base_url: Option<String>,
    /// Reverse proxies that say truly who asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) trusted_proxies: Vec<Network>,
    /// RabbitMQ, `amqp://` or `amqps://` (TLS), the nodes of a cluster with commas between them; without it, the queue embedded in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broker: Option<String>,
    /// RabbitMQ's management API, `http://` or `https://`; it lets `doctor` and `queues` see what queues are bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broker_management: Option<String>,
    /// PostgreSQL; without it, SQLite files in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// 64 hexadecimal digits that all services share; without it, `data/secret.key` is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    /// A PEM file: authorities that may vouch for the broker and the mail server besides the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate_authorities: Option<PathBuf>,
    pub(crate) mail: Mail,
    pub(crate) push: Push,
    pub(crate) organisation: Organisation,
    pub(crate) retention: Retention,
    pub(crate) metrics: Metrics,
    pub(crate) telemetry: Telemetry,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// What `/metrics` asks for as `Authorization: Bearer …`; without it, there are none to be seen.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "maybe_text_of_digits")]
    pub(crate) token: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Telemetry {
    /// An OpenTelemetry collector, `http://host:4318`; without it, OTEL_EXPORTER_OTLP_ENDPOINT's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) otlp: Option<String>,
    /// Of so many traces spans are sent: 1.0 is all.
    pub(crate) sample: f64,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp: None, sample: 1.0 }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    pub(crate) from: String,
    /// `smtps://user:password@host`, `smtp://…:587` (STARTTLS) or `smtp://localhost:25?tls=none`; without it, `.eml` files in `data/mail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) smtp: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Push {
    /// The platform's VAPID key, 32 bytes as base64url; without it, one is made and kept sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vapid_private_key: Option<String>,
    /// Lets push go to this machine and its private networks: for tests and demonstrations only.
    pub(crate) allow_private: bool,
}

/// How long the bus keeps what is done with.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Ids of handled events, and sent events: nothing may come twice after so long.
    pub(crate) handled_days: u32,
    /// Dead letters that were replayed or discarded. Those that wait are kept.
    pub(crate) dead_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { handled_days: 30, dead_days: 90 }
    }
}

/// Who gives the training, as certificates and mails name it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Organisation {
    pub(crate) name: String,
    pub(crate) representative: String,
    pub(crate) capacity: String,
    pub(crate) place: String,
    pub(crate) address: String,
    /// The French « numéro de déclaration d'activité », if it is to be printed.
    #[serde(deserialize_with = "text_of_digits")]
    pub(crate) activity_number: String,
    /// How long a certificat de réalisation says that it is kept.
    pub(crate) retention_years: u8,
}

/// The environment gives digits as a number.
fn text_of_digits<'de, D: serde::Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Digits {
        Text(String),
        Number(u64),
    }
    Ok(match Digits::deserialize(value)? {
        Digits::Text(text) => text,
        Digits::Number(number) => number.to_string(),
    })
}

fn maybe_text_of_digits<'de, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<Option<String>, D::Error> {
    text_of_digits(value).map(Some)
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: "127.0.0.1:8080".to_owned(),
            base_url: None,
            trusted_proxies: Vec::new(),
            broker: None,
            broker_management: None,
            database: None,
            secret: None,
            certificate_authorities: None,
            mail: Mail::default(),
            push: Push::default(),
            organisation: Organisation::default(),
            retention: Retention::default(),
            metrics: Metrics::default(),
            telemetry: Telemetry::default(),
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self { from: "training@localhost".to_owned(), smtp: None }
    }
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            name: "Estrade".to_owned(),
            representative: String::new(),
            capacity: String::new(),
            place: String::new(),
            address: String::new(),
            activity_number: String::new(),
            retention_years: 3,
        }
    }
}

impl Config {
    /// Reads the file, the environment and the flags.
    pub(crate) fn load(settings: &Settings) -> anyhow::Result<Self> {
        let file = settings.config.clone().unwrap_or_else(|| PathBuf::from(FILE));
        if settings.config.is_some() && !file.is_file() {
            bail!("there is no file {}; give an existing one with --config", file.display());
        }
        let environment = Env::prefixed("ESTRADE_")
            .filter(|key| {
                // Ours, but no setting of the platform.
                let key = key.as_str().to_ascii_lowercase();
                !matches!(key.as_str(), "log" | "admin_password" | "fault")
                    && !key.starts_with("test_")
            })
            .split("__");
        let mut sources = Figment::from(Serialized::defaults(Self::default()));
        if file.is_file() {
            sources = sources.merge(Toml::file_exact(&file));
        }
        let config: Self =
            sources.merge(environment).extract().context("the configuration is not right")?;
        config.with_flags(settings).checked()
    }

    fn with_flags(mut self, settings: &Settings) -> Self {
        if let Some(data) = &settings.data {
            self.data.clone_from(data);
        }
        self.broker = settings.broker.clone().or(self.broker);
        self.database = settings.database.clone().or(self.database);
        self
    }

    /// Refuses what could only fail later, and says what to write instead.
    pub(crate) fn checked(self) -> anyhow::Result<Self> {
        for url in self.brokers() {
            expect_scheme("broker", Some(url), &["amqp://", "amqps://"])?;
        }
        let management = self.broker_management.as_deref();
        expect_scheme("broker_management", management, &["http://", "https://"])?;
        expect_scheme("database", self.database.as_deref(), &["postgres://", "postgresql://"])?;
        expect_scheme("mail.smtp", self.mail.smtp.as_deref(), &["smtp://", "smtps://"])?;
        expect_scheme("base_url", self.base_url.as_deref(), &["http://", "https://"])?;
        expect_scheme("telemetry.otlp", self.telemetry.otlp.as_deref(), &["http://", "https://"])?;
        if !(0.0..=1.0).contains(&self.telemetry.sample) {
            bail!("telemetry.sample must be from 0.0 (none) to 1.0 (all)");
        }
        if self.metrics.token.as_ref().is_some_and(|token| token.len() < SHORTEST_TOKEN) {
            bail!(
                "metrics.token must have at least {SHORTEST_TOKEN} characters; `openssl rand -hex 16` makes such a one"
            );
        }
        self.retention()?;
        self.authorities()?;
        if let Some(secret) = &self.secret {
            parse_key(secret).context("secret is not right")?;
        }
        Ok(self)
    }

    /// The broker's nodes, in the order in which they are tried; none where the queue is embedded.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = &str> {
        self.broker.iter().flat_map(|urls| urls.split(',').map(str::trim))
    }

    pub(crate) fn base_url(&self) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Nobody said where the platform is to be reached.
    pub(crate) fn is_at_default_address(&self) -> bool {
        self.base_url.is_none() && self.listen == Self::default().listen
    }

    pub(crate) fn retention(&self) -> anyhow::Result<bus::Retention> {
        let Retention { handled_days, dead_days } = self.retention;
        bus::Retention::of_days(handled_days, dead_days)
            .map_err(|what| anyhow::anyhow!("[retention] is not right: {what}"))
    }

    /// The authorities that are trusted besides the public ones, in PEM.
    pub(crate) fn authorities(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.certificate_authorities else { return Ok(None) };
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("certificate_authorities: {} does not read", path.display())
        })?;
        let usable: Option<Vec<()>> = CertificateDer::pem_slice_iter(text.as_bytes())
            .map(|read| RootCertStore::empty().add(read.ok()?).ok())
            .collect();
        if usable.is_none_or(|certificates| certificates.is_empty()) {
            bail!(
                "certificate_authorities: {} holds none, or one that is damaged; give a PEM file, \
                 with -----BEGIN CERTIFICATE-----",
                path.display()
            );
        }
        Ok(Some(text))
    }

    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.data.join("mail")
    }

    pub(crate) fn files_folder(&self) -> PathBuf {
        self.data.join("files")
    }

    pub(crate) fn database_file(&self, service: &str) -> PathBuf {
        self.data.join(format!("{service}.db"))
    }

    pub(crate) fn queue_file(&self) -> PathBuf {
        self.data.join("queue.db")
    }

    /// The key that seals sessions: configured, or made once and kept in the data folder.
    pub(crate) fn key(&self) -> anyhow::Result<[u8; 32]> {
        if let Some(secret) = &self.secret {
            return parse_key(secret);
        }
        let path = self.data.join("secret.key");
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                parse_key(text.trim()).with_context(|| format!("{} is damaged", path.display()))
            }
            Err(_) => make_key(&path),
        }
    }

    /// As TOML, without secrets.
    pub(crate) fn shown(&self) -> anyhow::Result<String> {
        let mut shown = self.clone();
        let brokers: Vec<String> = self.brokers().map(without_password).collect();
        shown.broker = shown.broker.map(|_| brokers.join(","));
        shown.broker_management = shown.broker_management.map(|url| without_password(&url));
        shown.database = shown.database.map(|url| without_password(&url));
        shown.mail.smtp = shown.mail.smtp.map(|url| without_password(&url));
        shown.push.vapid_private_key = shown.push.vapid_private_key.map(|_| HIDDEN.to_owned());
        shown.metrics.token = shown.metrics.token.map(|_| HIDDEN.to_owned());
        shown.telemetry.otlp = shown.telemetry.otlp.map(|url| without_password(&url));
        shown.secret = shown.secret.map(|_| HIDDEN.to_owned());
        Ok(toml::to_string_pretty(&shown)?)
    }
}

fn expect_scheme(key: &str, url: Option<&str>, schemes: &[&str]) -> anyhow::Result<()> {
    match url {
        Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => {
            bail!(
                "{key} must begin with {}; write for example {key} = \"{}host\"",
                schemes.join(" or "),
                schemes[0]
            )
        }
        _ => Ok(()),
    }
}

fn parse_key(text: &str) -> anyhow::Result<[u8; 32]> {
    let digits: Option<Vec<u8>> = (text.len() == 64 && text.is_ascii())
        .then(|| {
            (0..32)
                .map(|index| u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok())
                .collect()
        })
        .flatten();
    digits
        .and_then(|bytes| bytes.try_into().ok())
        .context("it must be 64 hexadecimal digits; `openssl rand -hex 32` makes such a one")
}

/// Written beside and linked into place, so that processes that start together agree on one.
fn make_key(path: &Path) -> anyhow::Result<[u8; 32]> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let folder = path.parent().context("the data folder has no name")?;
    std::fs::create_dir_all(folder).with_context(|| {
        format!("cannot make {}; give another folder with --data", folder.display())
    })?;
    let key: [u8; 32] = rand::random();
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let draft = folder.join(format!(".secret-{}", uuid::Uuid::new_v4()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(key),
        Err(_) => parse_key(std::fs::read_to_string(path)?.trim()),
    }
}

/// `scheme://user:…@host` with the password taken out.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return HIDDEN.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else {
        return url.to_owned();
    };
    let user = rest[..at].split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:{HIDDEN}@{}", &rest[at + 1..])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let shown = without_password("amqp://guest:s3cret@localhost:5672/%2f");
        assert_eq!(shown, "amqp://guest:(hidden)@localhost:5672/%2f");
        assert_eq!(
            without_password("postgres://localhost/estrade"),
            "postgres://localhost/estrade"
        );
    }

    #[test]
    fn a_half_configured_broker_is_refused_with_what_to_write() {
        let config = Config { broker: Some("localhost".into()), ..Config::default() };
        let error = config.checked().unwrap_err().to_string();
        assert!(error.contains("amqp://"), "{error}");
    }

    #[test]
    fn a_cluster_is_named_node_by_node_and_shows_no_password() {
        let broker = "amqp://a:one@first:5672/, amqp://a:two@second:5672/".to_owned();
        let config = Config { broker: Some(broker), ..Config::default() }.checked().unwrap();
        assert_eq!(config.brokers().nth(1), Some("amqp://a:two@second:5672/"));
        let shown = config.shown().unwrap();
        assert!(!shown.contains("one") && !shown.contains("two"), "{shown}");
    }

    #[test]
    fn what_is_forgotten_too_early_is_refused_with_what_to_write() {
        let retention = Retention { handled_days: 29, dead_days: 90 };
        let config = Config { retention, ..Config::default() };
        let error = config.checked().unwrap_err().to_string();
        assert!(error.contains("[retention]") && error.contains("write 30 or more"), "{error}");
    }

    #[test]
    fn authorities_that_do_not_read_are_refused_with_what_to_give() {
        let folder = tempfile::tempdir().unwrap();
        let named =
            |path: PathBuf| Config { certificate_authorities: Some(path), ..Config::default() };
        let missing = named(folder.path().join("missing.pem")).checked().unwrap_err();
        assert!(format!("{missing:#}").contains("missing.pem does not read"), "{missing:#}");
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", damaged] {
            let path = folder.path().join("wrong.pem");
            std::fs::write(&path, text).unwrap();
            let error = named(path).checked().unwrap_err().to_string();
            assert!(error.contains("give a PEM file"), "{error}");
        }
        let authority = private_nodes::Authority::make(folder.path()).unwrap();
        let config = named(authority.certificate()).checked().unwrap();
        assert!(config.authorities().unwrap().unwrap().contains("BEGIN CERTIFICATE"));
    }

    #[test]
    fn a_secret_is_64_hexadecimal_digits() {
        assert!(parse_key(&"0f".repeat(32)).is_ok());
        assert!(parse_key("short").is_err());
        assert!(parse_key(&"zz".repeat(32)).is_err());
    }

    #[test]
    fn the_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().join("data"), ..Config::default() };
        assert_eq!(config.key().unwrap(), config.key().unwrap());
    }
}
