//! How the platform is: every service in a line, and every handler and effect of those that run here.

use askama::Template;
use axum::{extract::State, response::Response};
use bus::Backlog;
use serde::Deserialize;
use ui::{Html, Path, Problem, Query, Text, Visit};

use super::{
    super::state::{self, Look},
    Badge, ControlRoom, Elsewhere, Tab, operator,
    retries::{self, JobRetryLine, RetryLine},
    text,
    words::{JobLine, QueueLine, UNKNOWN, age, caption, number},
};
use crate::cli::ServiceName;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    t: Text,
    services: Vec<ServiceLine>,
    parts: Vec<ServicePart>,
    elsewhere: Elsewhere,
}

/// One of the seven.
struct ServiceLine {
    name: &'static str,
    caption: String,
    /// Absent where it runs elsewhere.
    here: Option<Here>,
}

struct Here {
    badge: Badge,
    ready: String,
    outbox: String,
    lag: String,
    retrying: String,
    dead: String,
}

/// A service with its handlers and effects.
struct ServicePart {
    name: &'static str,
    /// Which of its queues do not answer, in words.
    silence: Option<String>,
    queues: Vec<QueueLine>,
    jobs: Vec<JobLine>,
}

pub(super) async fn show(
    State(room): State<ControlRoom>,
    visit: Visit,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let t = text(&visit);
    let looks = room.looks().await?;
    looks.iter().for_each(Look::log_silence);
    let line = |name: ServiceName| {
        let here = looks.iter().find(|look| look.name == name).map(|look| Here::of(t, look));
        ServiceLine { name: name.name(), caption: caption(t, name), here }
    };
    let services = ServiceName::ALL.into_iter().map(line).collect();
    let parts = looks.iter().map(|look| ServicePart::of(t, look)).collect();
    let elsewhere = Elsewhere::of(&room, |service| format!("/operations/{service}"));
    let page = visit.page(t.get("operations-title")).tabs(Tab::Overview.of(t));
    page.show(&Overview { t, services, parts, elsewhere })
}

impl Here {
    fn of(t: Text, look: &Look) -> Self {
        let language = t.language();
        let ready = look.ready().map(|count| number(count, language));
        Self {
            badge: Badge::of(t, look.state),
            ready: ready.unwrap_or_else(|| UNKNOWN.to_owned()),
            outbox: number(look.outbox(), language),
            lag: look.lag().map_or_else(|| "–".to_owned(), |seconds| age(t, seconds)),
            retrying: number(look.retrying(), language),
            dead: number(look.dead(), language),
        }
    }
}

impl ServicePart {
    fn of(t: Text, look: &Look) -> Self {
        let Backlog { queues, jobs, .. } = &look.backlog;
        Self {
            name: look.name.name(),
            silence: match look.silent() {
                0 => None,
                all if all == queues.len() => Some(t.get("transport-silent")),
                some => Some(t.with("queues-silent", [("count", some.into())])),
            },
            queues: queues.iter().map(|queue| QueueLine::of(t, queue)).collect(),
            jobs: jobs.iter().map(|job| JobLine::of(t, job)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage {
    t: Text,
    caption: String,
    here: Here,
    part: ServicePart,
    /// What waits to be tried again.
    retries: Vec<RetryLine>,
    job_retries: Vec<JobRetryLine>,
    pager: Html,
    dead_groups: usize,
    copies: usize,
    /// Whether others hold copies of what it owns.
    is_copied: bool,
    /// Its owners were asked for everything a moment ago.
    is_asked: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    asked: String,
}

pub(super) async fn show_service(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let look = room.look_into(member).await?;
    look.log_silence();
    let pager = retries::pager(&visit, &look);
    let page = ServicePage {
        t,
        caption: caption(t, member.name),
        here: Here::of(t, &look),
        part: ServicePart::of(t, &look),
        retries: retries::of_page(&visit, member, &pager).await?,
        job_retries: retries::jobs_of_page(&visit, member, &pager).await?,
        pager: pager.html(&visit),
        dead_groups: state::groups(member).await?.len(),
        copies: member.service.copies().len(),
        is_copied: !member.service.owned_kinds().is_empty(),
        is_asked: !asked.asked.is_empty(),
    };
    let title = t.with("service-title", [("service", page.part.name.into())]);
    visit.page(title).tabs(Tab::Overview.of(t)).show(&page)
}
