//! What `estrade doctor` finds, as a page.

use askama::Template;
use axum::{extract::State, response::Response};
use ui::{Problem, Text, Visit};

use super::{Badge, ControlRoom, Tab, operator, text};
use crate::doctor::{self, Finding, Level};

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage {
    t: Text,
    summary: String,
    findings: Vec<FindingLine>,
}

struct FindingLine {
    badge: Badge,
    part: &'static str,
    what: String,
    remedy: Option<String>,
}

pub(super) async fn show(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let t = text(&visit);
    let findings = doctor::look(&room.0.config, t).await.map_err(|error| {
        tracing::error!(%error, "the doctor could not look");
        Problem::unavailable(error.as_ref())
    })?;
    let wrong = findings.iter().filter(|finding| finding.level != Level::Ok).count();
    let summary = t.with("health-summary", [("count", wrong.into())]);
    let mut findings: Vec<FindingLine> =
        findings.into_iter().map(|finding| FindingLine::of(t, finding)).collect();
    // What is wrong stands first; within a level, as the doctor looked.
    findings.sort_by_key(|line| line.badge.class == "good");
    let page = visit.page(t.get("health-title")).tabs(Tab::Health.of(t));
    page.show(&HealthPage { t, summary, findings })
}

impl FindingLine {
    fn of(t: Text, finding: Finding) -> Self {
        let (class, key) = match finding.level {
            Level::Ok => ("good", "health-ok"),
            Level::Warning => ("warn", "health-warning"),
            Level::Failed => ("bad", "health-failed"),
        };
        let Finding { part, what, remedy, .. } = finding;
        Self { badge: Badge { class, words: t.get(key) }, part, what, remedy }
    }
}
