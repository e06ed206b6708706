//! A picture of the platform at work: each service a box, what it tells an arrow into the exchange, its
//! queues an arrow out of it, and events on their way as they really move: what left an outbox, and what
//! an inbox took. The same stands beside it as a table and as a list. Its numbers are of this process; the
//! script asks the other processes for theirs.

mod drawing;
mod movements;

use std::sync::LazyLock;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use ui::{Asset, Html, Path, Problem, Query, Text, Ui, Visit};

pub(super) use movements::Movements;

use self::{
    drawing::Drawing,
    movements::{Move, Sample},
};
use super::{
    ControlRoom,
    pages::{self, Tab},
};
use crate::cli::ServiceName;

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../../assets/picture.js");
    Asset::text("picture.js", "text/javascript; charset=utf-8", content)
});
static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::text(
        "picture.css",
        "text/css; charset=utf-8",
        include_str!("../../../assets/picture.css"),
    )
});

pub(super) fn routes() -> Router<ControlRoom> {
    Router::new()
        .route("/operations/picture", get(show))
        .route("/operations/live", get(live))
        .route("/operations/picture/moves", get(moves))
        .route("/operations/{service}/moves", get(moves_of))
        .merge(SCRIPT.route())
        .merge(STYLE.route())
}

#[derive(Template)]
#[template(path = "picture.html")]
struct PicturePage {
    t: Text,
    script: &'static str,
    style: &'static str,
    drawing: Drawing,
    rows: Vec<Row>,
    /// The latest, the newest first.
    moves: Vec<Html>,
    last: u64,
    /// Services that other processes run, with spaces between.
    elsewhere: String,
    transport: String,
    is_quiet: bool,
}

/// What one service says and hears: the picture for those who cannot see it.
struct Row {
    name: &'static str,
    is_here: bool,
    sent: String,
    taken: String,
    waiting: String,
    outbox: String,
    hears: Vec<String>,
}

async fn show(State(room): State<ControlRoom>, visit: Visit) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    let t = pages::text(&visit);
    let samples = room.samples().await?;
    let now = samples.last();
    let totals = room.last_minute().await?;
    let rows = ServiceName::ALL.into_iter().map(|name| Row::of(&room, t, name, now, &totals));
    let said = samples.iter().rev().flat_map(|sample| sample.moves.iter().rev());
    let moves =
        said.take(movements::SHOWN).map(|it| line(&visit, t, it)).collect::<Result<Vec<_>, _>>()?;
    let elsewhere = ServiceName::ALL.into_iter().filter(|name| room.member(*name).is_none());
    let body = PicturePage {
        t,
        script: SCRIPT.address(),
        style: STYLE.address(),
        drawing: Drawing::of(&room, t, now),
        rows: rows.collect(),
        is_quiet: moves.is_empty(),
        moves,
        last: now.map_or(0, |sample| sample.number),
        elsewhere: elsewhere.map(ServiceName::name).collect::<Vec<_>>().join(" "),
        transport: room.transport().describe(),
    };
    visit.page(t.get("picture-title")).tabs(Tab::Picture.of(t)).show(&body)
}

impl Row {
    fn of(
        room: &ControlRoom,
        t: Text,
        name: ServiceName,
        now: Option<&Sample>,
        totals: &[Move],
    ) -> Self {
        let member = room.member(name);
        let here = now.and_then(|sample| sample.of(name.name()));
        let number = |count: Option<i64>| match count {
            Some(count) => ui::format_number(count, t.language()),
            None => "–".to_owned(),
        };
        let total = |is_sent| member.map(|_| total(totals, name.name(), is_sent));
        let queues = member.map(|member| member.service.queues()).unwrap_or_default();
        Self {
            name: name.name(),
            is_here: member.is_some(),
            sent: number(total(true)),
            taken: number(total(false)),
            waiting: number(here.and_then(|here| here.waiting)),
            outbox: number(here.map(|here| here.outbox)),
            hears: queues.into_iter().map(|queue| handler(queue.name)).collect(),
        }
    }
}

fn total(moves: &[Move], service: &str, is_sent: bool) -> i64 {
    let own = moves.iter().filter(|it| it.service == service && it.is_sent == is_sent);
    own.map(|it| it.count).sum()
}

/// `copy-course` of `learning.copy-course`.
fn handler(queue: String) -> String {
    queue.split_once('.').map(|(_, handler)| handler.to_owned()).unwrap_or(queue)
}

#[derive(Template)]
#[template(path = "move.html")]
struct MoveLine {
    at: Html,
    words: String,
}

fn line(visit: &Visit, t: Text, it: &Move) -> Result<Html, Problem> {
    let words = words(t, it);
    Html::render(&MoveLine { at: visit.moment(it.at), words })
}

/// `learning told learner-enrolled (3)`.
fn words(t: Text, it: &Move) -> String {
    let key = if it.is_sent { "move-sent" } else { "move-taken" };
    let by = it.by.as_str();
    t.with(
        key,
        [("by", by.into()), ("event", it.event.as_str().into()), ("count", it.count.into())],
    )
}

/// Says to any page of operators that something moved, or that a repair came to its end.
async fn live(State(room): State<ControlRoom>, visit: Visit) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    let ui: Ui = room.0.ui.clone();
    ui::live(&ui, &visit, move || {
        let room = room.clone();
        async move { room.fingerprint().await.map_err(|problem| problem.detail) }
    })
}

impl ControlRoom {
    async fn fingerprint(&self) -> Result<String, Problem> {
        let number = self.samples().await?.last().map_or(0, |sample| sample.number);
        let repair = self.last_repair();
        let is_open = repair.as_ref().is_some_and(|job| job.is_under_way());
        Ok(format!("{number} {is_open} {:?}", repair.map(|job| job.began_at)))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct After {
    after: u64,
}

#[derive(Serialize)]
struct Moves {
    last: u64,
    services: Vec<movements::ServiceNow>,
    /// In the last minute.
    totals: Vec<Total>,
    moves: Vec<MoveView>,
}

#[derive(Serialize)]
struct Total {
    name: &'static str,
    sent: String,
    taken: String,
}

impl Total {
    fn of(t: Text, name: &'static str, minute: &[Move]) -> Self {
        let number = |is_sent| ui::format_number(total(minute, name, is_sent), t.language());
        Self { name, sent: number(true), taken: number(false) }
    }
}

/// One move, with its line for the list.
#[derive(Serialize)]
struct MoveView {
    service: &'static str,
    is_sent: bool,
    event: String,
    count: i64,
    words: String,
    at: String,
}

async fn moves(
    State(room): State<ControlRoom>,
    visit: Visit,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    let t = pages::text(&visit);
    let samples = room.samples().await?;
    let new = samples.iter().filter(|sample| sample.number > after.after);
    let view = |it: &Move| MoveView {
        service: it.service,
        is_sent: it.is_sent,
        event: it.event.clone(),
        count: it.count,
        words: words(t, it),
        at: ui::format_date_time(it.at, visit.language, visit.zone),
    };
    let moves = new.flat_map(|sample| &sample.moves).map(view).collect();
    let last = samples.last();
    let minute = room.last_minute().await?;
    let totals = room.members().iter().map(|member| Total::of(t, member.name.name(), &minute));
    Ok(axum::Json(Moves {
        totals: totals.collect(),
        last: last.map_or(0, |sample| sample.number),
        services: last.map(|sample| sample.services.clone()).unwrap_or_default(),
        moves,
    })
    .into_response())
}

/// The same at an address that leads to the process of one service.
async fn moves_of(
    room: State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    after: Query<After>,
) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    room.named(&service)?;
    moves(room, visit, after).await
}
