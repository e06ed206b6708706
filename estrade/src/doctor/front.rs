//! Whether a platform answers where people reach it.

use std::{collections::BTreeMap, time::Duration};

use reqwest::StatusCode;
use serde::Deserialize;
use ui::Text;

use super::Finding;
use crate::config::Config;

const PART: &str = "platform";
const PATIENCE: Duration = Duration::from_secs(5);

/// What `/health/ready` says.
#[derive(Deserialize)]
struct Report {
    status: String,
    parts: BTreeMap<String, String>,
}

enum Answer {
    Report(Report),
    /// Something answers, and it is no part of the platform.
    Stranger(StatusCode),
    Nothing(String),
}

pub(super) async fn look(config: &Config, t: Text) -> Finding {
    let address = config.base_url();
    let answer = match ask(&address).await {
        Ok(answer) => answer,
        Err(error) => Answer::Nothing(cause(&error)),
    };
    judge(&address, answer, config.is_at_default_address(), t)
}

async fn ask(address: &str) -> reqwest::Result<Answer> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let asked = client.get(format!("{}/health/ready", address.trim_end_matches('/')));
    let answer = asked.send().await?;
    let status = answer.status();
    Ok(answer.json().await.map_or(Answer::Stranger(status), Answer::Report))
}

/// The innermost says what happened; the outer ones, that a request was made.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Where nothing was configured, nobody said that a platform should run here.
fn judge(address: &str, answer: Answer, is_default: bool, t: Text) -> Finding {
    let at = ("address", address.into());
    match answer {
        Answer::Report(report) if report.status == "ready" => {
            Finding::well(PART, t.with("doctor-front-ready", [at]))
        }
        Answer::Report(report) => {
            let parts = report.parts.iter().filter(|(_, state)| *state != "well");
            let parts: Vec<String> =
                parts.map(|(part, state)| format!("{part}: {state}")).collect();
            let named = [at, ("status", report.status.into()), ("parts", parts.join(", ").into())];
            let text = t.with("doctor-front-not-ready", named);
            Finding::failed(PART, text, t.get("doctor-front-not-ready-remedy"))
        }
        Answer::Stranger(status) => {
            let text = t.with("doctor-front-stranger", [at, ("status", status.as_u16().into())]);
            if is_default {
                return Finding::well(PART, text);
            }
            Finding::warning(PART, text, t.get("doctor-front-stranger-remedy"))
        }
        Answer::Nothing(_) if is_default => {
            Finding::well(PART, t.with("doctor-front-default", [at]))
        }
        Answer::Nothing(cause) => {
            let text = t.with("doctor-front-nothing", [at, ("cause", cause.into())]);
            Finding::failed(PART, text, t.get("doctor-front-nothing-remedy"))
        }
    }
}

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;
    use crate::{TEXTS, doctor::Level};

    #[test]
    fn nothing_at_the_default_address_is_no_failure() {
        let level = |answer, is_default| {
            let t = Text::new(&TEXTS, Language::En);
            judge("http://127.0.0.1:8080", answer, is_default, t).level
        };
        let nothing = || Answer::Nothing("connection refused".to_owned());
        assert_eq!(level(nothing(), true), Level::Ok);
        assert_eq!(level(nothing(), false), Level::Failed);
        assert_eq!(level(Answer::Stranger(StatusCode::NOT_FOUND), true), Level::Ok);
        assert_eq!(level(Answer::Stranger(StatusCode::NOT_FOUND), false), Level::Warning);
        let report = |status: &str| {
            let parts = BTreeMap::from([("transport".to_owned(), "away".to_owned())]);
            Answer::Report(Report { status: status.to_owned(), parts })
        };
        assert_eq!(level(report("ready"), true), Level::Ok);
        assert_eq!(level(report("not ready"), true), Level::Failed);
    }
}
