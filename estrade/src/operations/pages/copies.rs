//! Copies and their drift: what the last comparison of each follower found, and the button that has them
//! compared and mended now. The mending is a job of its own, which this page looks at. A comparison is begun by
//! whoever owns the things, and its finding is kept by whoever copies them; so each service has a page that is led to
//! its own process, with what it found and the button for what it owns.

use std::collections::BTreeSet;

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
    ControlRoom, Elsewhere, Tab, operator, text,
    words::{Badge, number},
};
use crate::{cli::ServiceName, in_step, platform::Member};

#[derive(Template)]
#[template(path = "copies.html")]
struct CopiesPage {
    t: Text,
    /// Of one service alone.
    service: Option<&'static str>,
    title: String,
    lines: Vec<CopyLine>,
    /// Where the comparisons of its copies can be begun.
    owners: BTreeSet<&'static str>,
    job: Option<JobView>,
    /// Where a repair is begun; absent of a service that owns nothing.
    repair: Option<String>,
    elsewhere: Elsewhere,
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
    /// Whose things it is about, if not everybody's.
    owner: Option<&'static str>,
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
        lines.extend(lines_of(&visit, t, member).await?);
    }
    let job = room.last_repair().map(|job| JobView::of(&visit, t, &room, job));
    let page = CopiesPage {
        t,
        service: None,
        title: t.get("copies-title"),
        lines,
        owners: BTreeSet::new(),
        job,
        repair: Some("/operations/copies/repair".to_owned()),
        elsewhere: Elsewhere::of(&room, |service| format!("/operations/{service}/copies")),
    };
    visit.page(page.title.as_str()).tabs(Tab::Copies.of(t)).show(&page)
}

/// The copies that one service holds, and the repair of those that others hold of it.
pub(super) async fn show_service(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let name = member.name.name();
    let is_about_it = |job: &Job| job.owner.is_none_or(|owner| owner == member.name);
    let job = room.last_repair().filter(is_about_it);
    let owners = member.service.copies().iter().map(|copies| event::owner(copies.kind));
    let owns = !member.service.owned_kinds().is_empty();
    let page = CopiesPage {
        t,
        service: Some(name),
        title: t.with("copies-title-of", [("service", name.into())]),
        lines: lines_of(&visit, t, member).await?,
        owners: owners.collect(),
        job: job.map(|job| JobView::of(&visit, t, &room, job)),
        repair: owns.then(|| format!("/operations/{name}/copies/repair")),
        elsewhere: Elsewhere::none(),
    };
    visit.page(page.title.as_str()).tabs(Tab::Copies.of(t)).show(&page)
}

/// What one follower found.
async fn lines_of(visit: &Visit, t: Text, member: &Member) -> Result<Vec<CopyLine>, Problem> {
    let comparisons = step::comparisons(&member.db).await.map_err(unavailable)?;
    let own = ComparisonsView::of(&member.service, comparisons).copies.into_iter();
    Ok(own.map(|copies| CopyLine::of(visit, t, member.name.name(), copies)).collect())
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
    fn of(visit: &Visit, t: Text, room: &ControlRoom, job: Job) -> Self {
        let (words, ended, lines) = match job.outcome {
            Outcome::UnderWay => (t.get("repair-under-way"), None, Vec::new()),
            Outcome::BrokenOff(at) => (t.get("repair-broken-off"), Some(at), Vec::new()),
            Outcome::Done(at, report) => {
                let lines = report.copies.iter().map(|line| MendedLine::of(t, line)).collect();
                let scope = Scope::of(room.runs_all(), job.owner.is_none());
                (said(t, &report, scope), Some(at), lines)
            }
        };
        Self {
            is_under_way: ended.is_none(),
            words,
            owner: job.owner.map(ServiceName::name),
            began: visit.moment(job.began_at),
            ended: ended.map(|at| visit.moment(at)),
            lines,
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

/// How much a repair that found all in step says of all the copies that there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// All were compared here.
    Everything,
    /// All copies of what one service owns.
    OfOneOwner,
    /// Some are held elsewhere: what their followers find stands on their own pages.
    WhatIsHere,
}

impl Scope {
    fn of(runs_all: bool, is_of_everybody: bool) -> Self {
        match (runs_all, is_of_everybody) {
            (false, _) => Self::WhatIsHere,
            (true, false) => Self::OfOneOwner,
            (true, true) => Self::Everything,
        }
    }
}

/// What a repair came to, in sentences.
fn said(t: Text, report: &in_step::Report, scope: Scope) -> String {
    let repaired: i64 = report.copies.iter().map(|line| line.repaired).sum();
    let left: i64 = report.copies.iter().map(|line| line.left).sum();
    let here = match (report.in_step, scope, repaired) {
        _ if report.copies.is_empty() => None,
        (false, ..) => Some(t.with("repair-left", [("count", left.into())])),
        (true, Scope::Everything, 0) => Some(t.get("repair-nothing")),
        (true, Scope::Everything, _) => Some(t.with("repair-done", [("count", repaired.into())])),
        (true, ..) => Some(t.with("repair-here", [("count", repaired.into())])),
    };
    let elsewhere = (scope == Scope::WhatIsHere).then(|| t.get("repair-asked"));
    [here, elsewhere].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Begins a repair, unless one is under way; the page shows either.
pub(super) async fn repair(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person;
    if room.repair(None) {
        tracing::info!(%by, "copies are brought back in step");
    }
    Ok(Redirect::to("/operations/copies").into_response())
}

/// The same for the copies of what one service owns, in its own process.
pub(super) async fn repair_owned(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person;
    let member = room.named(&service)?;
    let service = member.name.name();
    if member.service.owned_kinds().is_empty() {
        return Err(Problem::not_found(format!("{service} owns nothing that others copy")));
    }
    if room.repair(Some(member.name)) {
        tracing::info!(%by, service, "copies of what it owns are brought back in step");
    }
    Ok(Redirect::to(&format!("/operations/{service}/copies")).into_response())
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

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;
    use crate::TEXTS;

    #[test]
    fn nothing_is_said_of_copies_that_were_not_compared_here() {
        let t = Text::new(&TEXTS, Language::En);
        let said =
            |lines: &[(bool, i64, i64)], scope| said(t, &in_step::Report::example(lines), scope);
        let (none, well, mended, left) = (&[], &[(true, 0, 0)], &[(true, 2, 0)], &[(true, 0, 1)]);
        let asked = t.get("repair-asked");
        assert_eq!(said(none, Scope::WhatIsHere), asked);
        let here = "All that was compared here is in step.";
        assert_eq!(said(well, Scope::WhatIsHere), format!("{here} {asked}"));
        assert_eq!(said(well, Scope::OfOneOwner), here);
        assert!(said(mended, Scope::OfOneOwner).starts_with("2 copies were repaired."));
        assert!(said(left, Scope::WhatIsHere).starts_with("One copy still differs."));
        assert_eq!(said(well, Scope::Everything), t.get("repair-nothing"));
        assert!(said(mended, Scope::Everything).ends_with("All are in step now."));
    }
}
