//! What `estrade doctor` finds, as a page. The examining is a job of its own, which this page looks at.

use std::convert::Infallible;

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::Utc;
use ui::{Html, Problem, Text, Visit};

use super::{
    super::health::{Examination, Outcome},
    Badge, ControlRoom, Tab, operator, text,
};
use crate::doctor::{Finding, Level};

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage {
    t: Text,
    is_under_way: bool,
    /// What the page says, for the stream that says when it would say something else.
    seen: String,
    latest: Option<ExaminationView>,
}

/// What came of the latest examination.
struct ExaminationView {
    words: String,
    when: Html,
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
    let known = room.examine(t);
    let (is_under_way, seen) = (known.is_under_way, ui::fingerprint(known.shown()));
    let latest = known.latest.map(|latest| ExaminationView::of(&visit, t, &latest));
    let page = visit.page(t.get("health-title")).tabs(Tab::Health.of(t));
    page.show(&HealthPage { t, is_under_way, seen, latest })
}

/// Says when an examination is done. It reads no database, for it may be that which is away.
pub(super) async fn live(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (ui, language) = (room.0.ui.clone(), visit.language);
    ui::live(&ui, &visit, move || {
        let shown = room.known_health(language).shown();
        async move { Ok::<_, Infallible>(shown) }
    })
}

impl ExaminationView {
    fn of(visit: &Visit, t: Text, examination: &Examination) -> Self {
        let when = visit.ago(examination.ended_at, Utc::now());
        let Outcome::Found(findings) = &examination.outcome else {
            return Self { words: t.get("health-broken-off"), when, findings: Vec::new() };
        };
        let wrong = findings.iter().filter(|finding| finding.level != Level::Ok).count();
        let words = t.with("health-summary", [("count", wrong.into())]);
        let mut findings: Vec<FindingLine> =
            findings.iter().map(|finding| FindingLine::of(t, finding)).collect();
        // What is wrong stands first; within a level, as the doctor looked.
        findings.sort_by_key(|line| line.badge.class == "good");
        Self { words, when, findings }
    }
}

impl FindingLine {
    fn of(t: Text, finding: &Finding) -> Self {
        let (class, key) = match finding.level {
            Level::Ok => ("good", "health-ok"),
            Level::Warning => ("warn", "health-warning"),
            Level::Failed => ("bad", "health-failed"),
        };
        let Finding { part, what, remedy, .. } = finding.clone();
        Self { badge: Badge { class, words: t.get(key) }, part, what, remedy }
    }
}
