//! `estrade doctor`: looks at what the platform needs, and says what to do where it is missing.

use std::path::Path;

use crate::{Verdict, cli::ServiceName, config::Config, platform::Platform};

/// Something looked at.
struct Finding {
    what: String,
    /// What to do, where it is not well.
    remedy: Option<String>,
}

impl Finding {
    fn well(what: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: None }
    }

    fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: Some(remedy.into()) }
    }
}

pub(crate) async fn run(config: Config) -> anyhow::Result<Verdict> {
    let mut findings = vec![Finding::well(format!("estrade {}", env!("CARGO_PKG_VERSION")))];
    findings.push(folder("data folder", &config.data));
    findings.extend(mail(&config));
    match Platform::open(config, &ServiceName::ALL).await {
        Err(error) => findings.push(Finding::wrong(
            format!("the platform does not open: {error:#}"),
            "check --database and --broker, and that both are up",
        )),
        Ok(platform) => {
            findings.extend(databases(&platform).await);
            findings.extend(queues(&platform).await);
            platform.close().await;
        }
    }
    Ok(report(&findings))
}

fn report(findings: &[Finding]) -> Verdict {
    for finding in findings {
        match &finding.remedy {
            None => println!("ok     {}", finding.what),
            Some(remedy) => println!("WRONG  {}\n       → {remedy}", finding.what),
        }
    }
    if findings.iter().any(|finding| finding.remedy.is_some()) {
        Verdict::Wrong
    } else {
        Verdict::Well
    }
}

fn folder(what: &str, path: &Path) -> Finding {
    let probe = path.join(format!(".doctor-{}", uuid::Uuid::new_v4()));
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, "probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::well(format!("{what}: {} can be written", path.display())),
        Err(error) => Finding::wrong(
            format!("{what}: {} cannot be written: {error}", path.display()),
            "give a folder that can be with --data, or make room on the disk",
        ),
    }
}

fn mail(config: &Config) -> Vec<Finding> {
    match &config.mail.smtp {
        Some(url) => vec![Finding::well(format!("mail: {}", crate::config::without_password(url)))],
        None => vec![
            folder("mail folder", &config.mail_folder()),
            Finding::well("mail: written as .eml files, not sent; set mail.smtp to send it"),
        ],
    }
}

async fn databases(platform: &Platform) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &platform.members {
        findings.push(match member.db.ping().await {
            Ok(()) => Finding::well(format!("database of {}: up, migrated", member.service.name())),
            Err(error) => Finding::wrong(
                format!("database of {}: {error}", member.service.name()),
                "check --database, and that PostgreSQL is up",
            ),
        });
    }
    findings
}

async fn queues(platform: &Platform) -> Vec<Finding> {
    let mut findings = vec![Finding::well(format!("transport: {}", platform.transport.describe()))];
    match crate::queues::lines(platform).await {
        Err(error) => findings.push(Finding::wrong(
            format!("queues: {error:#}"),
            "check --broker, and that RabbitMQ is up",
        )),
        Ok(lines) => {
            findings.push(Finding::well(format!("{} queues declared", lines.len())));
            findings.extend(lines.iter().filter(|line| line.dead > 0).map(|line| {
                Finding::wrong(
                    format!("{}: {} dead letters", line.queue, line.dead),
                    "look at them with `estrade dead list`, then replay or discard them",
                )
            }));
        }
    }
    findings
}
