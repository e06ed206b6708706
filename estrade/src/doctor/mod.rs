//! `estrade doctor`: looks at what the platform needs, and says what to do where it is missing. It
//! looks without touching: it makes no database, applies no migration and declares no queue.

mod databases;
mod front;
mod machine;
mod mail;
mod queues;

use serde::Serialize;

use crate::{TEXTS, Verdict, cli::OutputOptions, config::Config, platform};
use bus::{Files, Transport};
use event::Language;
use ui::{SealingKey, Text, Ui};

/// How it is with something looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Ok,
    /// It works, and somebody should look.
    Warning,
    Failed,
}

/// Something looked at.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// `disk`, `database`, `queue`, …
    pub(crate) part: &'static str,
    pub(crate) what: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
}

impl Finding {
    fn well(part: &'static str, what: impl Into<String>) -> Self {
        Self { level: Level::Ok, part, what: what.into(), remedy: None }
    }

    fn warning(part: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Warning, part, what: what.into(), remedy: Some(remedy.into()) }
    }

    fn failed(part: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Failed, part, what: what.into(), remedy: Some(remedy.into()) }
    }
}

pub(crate) async fn run(config: Config, options: &OutputOptions) -> anyhow::Result<Verdict> {
    let findings = look(&config, None, Text::new(&TEXTS, Language::En)).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print(&findings);
    }
    let is_bad = findings.iter().any(|finding| finding.level == Level::Failed);
    Ok(if is_bad { Verdict::Wrong } else { Verdict::Well })
}

/// What is found, in this language. A platform that looks at itself is asked by way of its own transport
/// whether that takes anything.
pub(crate) async fn look(
    config: &Config,
    own: Option<&dyn Transport>,
    t: Text,
) -> anyhow::Result<Vec<Finding>> {
    let mut findings =
        vec![Finding::well("version", concat!("estrade ", env!("CARGO_PKG_VERSION")))];
    let machine = machine::look(config, t);
    findings.extend(machine.findings);
    if !machine.is_usable {
        // Nothing can be opened there, and everything else would only say so again.
        return Ok(findings);
    }
    let (front, mail) = tokio::join!(front::look(config, t), mail::look(config, t));
    findings.extend([front, mail]);
    let key = SealingKey::new(&config.key()?);
    let ui = Ui::new(key, &config.base_url());
    let files = Files::folder(&config.files_folder())?;
    let services: Vec<bus::Service> =
        platform::services(config, &files, &ui)?.into_iter().map(|(_, service)| service).collect();
    let opened = queues::open(config).await;
    let transport = opened.as_ref().ok().and_then(|opened| opened.as_deref());
    let (databases, queues) = tokio::join!(
        databases::look(config, &services, transport, t),
        queues::look(&opened, own, &services, t)
    );
    findings.extend(databases);
    findings.extend(queues);
    if let Some(transport) = transport {
        transport.close().await;
    }
    Ok(findings)
}

fn print(findings: &[Finding]) {
    for Finding { level, part, what, remedy } in findings {
        let level = match level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Failed => "FAILED",
        };
        println!("{level:<8} {part:<9} {what}");
        if let Some(remedy) = remedy {
            println!("{:18} → {remedy}", "");
        }
    }
}
