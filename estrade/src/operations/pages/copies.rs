//! Copies and their drift: what the last comparison of each follower found, and the button that has them
//! compared and mended now. The mending is a job of its own, which this page looks at.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use bus::step;
use ui::{Html, Path, Problem, Text, Visit};

use super::{
    super::{
        copies::{Job, Outcome},
        unavailable,
        view::{ComparisonView, ComparisonsView, FoundView},
    },
    ControlRoom, Tab, operator, text,
    words::{Badge, number},
};
use crate::{cli::ServiceName, in_step};

#[derive(Template)]
#[template(path = "copies.html")]
struct CopiesPage {
    t: Text,
    lines: Vec<CopyLine>,
    /// Followers whose pages are elsewhere.
    elsewhere: Vec<&'static str>,
    job: Option<JobView>,
}

/// What one follower found of one kind.
struct CopyLine {
    kind: &'static str,
    follower: &'static str,
    when: Option<Html>,
    compared: String,
    found: String,
    badge: Badge,
}

/// The last repair that somebody asked for.
struct JobView {
    is_under_way: bool,
    words: String,
    began: Html,
    ended: Option<Html>,
    lines: Vec<MendedLine>,
}

struct MendedLine {
    kind: String,
    follower: String,
    compared: String,
    repaired: String,
    left: String,
}

pub(super) async fn show(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let t = text(&visit);
    let mut lines = Vec::new();
    for member in room.members() {
        let comparisons = step::comparisons(&member.db).await.map_err(unavailable)?;
        let own = ComparisonsView::of(&member.service, comparisons).copies;
        let follower = member.name.name();
        lines.extend(own.into_iter().map(|copies| CopyLine::of(&visit, t, follower, copies)));
    }
    let elsewhere = ServiceName::ALL.into_iter().filter(|name| room.member(*name).is_none());
    let elsewhere = elsewhere.map(ServiceName::name).collect();
    let job = room.last_repair().map(|job| JobView::of(&visit, t, job));
    let page = visit.page(t.get("copies-title")).tabs(Tab::Copies.of(t));
    page.show(&CopiesPage { t, lines, elsewhere, job })
}

impl CopyLine {
    fn of(visit: &Visit, t: Text, follower: &'static str, copies: ComparisonView) -> Self {
        let ComparisonView { kind, last } = copies;
        let Some(last) = last else {
            let badge = Badge { class: "info", words: t.get("copies-never") };
            let (compared, found) = ("–".to_owned(), "–".to_owned());
            return Self { kind, follower, when: None, compared, found, badge };
        };
        Self {
            kind,
            follower,
            when: Some(visit.moment(last.began_at)),
            compared: number(last.compared, t.language()),
            found: found(t, &last),
            badge: badge(t, &last),
        }
    }
}

fn badge(t: Text, last: &FoundView) -> Badge {
    if last.drift > 0 {
        let words = t.with("copies-drift", [("count", last.drift.into())]);
        return Badge { class: "warn", words };
    }
    if last.is_complete {
        Badge { class: "good", words: t.get("copies-in-step") }
    } else {
        Badge { class: "info", words: t.get("copies-under-way") }
    }
}

/// `2 missing, 1 older`.
fn found(t: Text, last: &FoundView) -> String {
    let ways = [
        ("copies-missing", last.missing),
        ("copies-older", last.older),
        ("copies-differing", last.differing),
        ("copies-newer", last.newer),
        ("copies-surplus", last.surplus),
    ];
    let said = ways.into_iter().filter(|(_, count)| *count > 0);
    let said = said.map(|(key, count)| t.with(key, [("count", count.into())]));
    let said = said.collect::<Vec<_>>().join(", ");
    if said.is_empty() { "–".to_owned() } else { said }
}

impl JobView {
    fn of(visit: &Visit, t: Text, job: Job) -> Self {
        let began = visit.moment(job.began_at);
        let of = |words, ended| Self {
            is_under_way: false,
            words,
            began: began.clone(),
            ended: Some(visit.moment(ended)),
            lines: Vec::new(),
        };
        match job.outcome {
            Outcome::UnderWay => Self {
                is_under_way: true,
                words: t.get("repair-under-way"),
                began: began.clone(),
                ended: None,
                lines: Vec::new(),
            },
            Outcome::BrokenOff(at) => of(t.get("repair-broken-off"), at),
            Outcome::Done(at, report) => {
                let lines = report.copies.iter().map(|line| MendedLine::of(t, line)).collect();
                Self { lines, ..of(said(t, &report), at) }
            }
        }
    }
}

impl MendedLine {
    fn of(t: Text, line: &in_step::Line) -> Self {
        let count = |count: i64| number(count, t.language());
        Self {
            kind: line.kind.clone(),
            follower: line.follower.clone(),
            compared: count(line.compared),
            repaired: count(line.repaired),
            left: if line.answered { count(line.left) } else { t.get("repair-no-answer") },
        }
    }
}

/// What a repair came to, in a sentence.
fn said(t: Text, report: &in_step::Report) -> String {
    let repaired: i64 = report.copies.iter().map(|line| line.repaired).sum();
    let left: i64 = report.copies.iter().map(|line| line.left).sum();
    match (report.in_step, repaired) {
        (true, 0) => t.get("repair-nothing"),
        (true, repaired) => t.with("repair-done", [("count", repaired.into())]),
        (false, _) => t.with("repair-left", [("count", left.into())]),
    }
}

/// Begins a repair, unless one is under way; the page shows either.
pub(super) async fn repair(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person;
    if room.repair() {
        tracing::info!(%by, "copies are brought back in step");
    }
    Ok(Redirect::to("/operations/copies").into_response())
}

/// Has one service ask the owners for all that it copies, as `estrade resend` does.
pub(super) async fn ask(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person;
    let member = room.named(&service)?;
    step::ask(&member.service, &member.db).await.map_err(unavailable)?;
    let service = member.name.name();
    tracing::info!(%by, service, "asks its owners for all that it copies");
    Ok(Redirect::to(&format!("/operations/{service}?asked=1")).into_response())
}
