//! A picture of the platform at work: each service with its outbox, the exchange, each queue with what waits
//! in it, and events on their way as they really move: what left an outbox, and what an inbox took. The same
//! stands below it as a table and as a list. Its numbers are of this process; the script asks the other
//! processes for theirs.

mod drawing;
mod movements;
mod view;

use std::sync::LazyLock;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use ui::{Asset, Html, Path, Problem, Query, Text, Ui, Visit};

pub(super) use movements::Movements;

use self::{
    drawing::Drawing,
    movements::{Move, Sample},
    view::ServiceView,
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
        .route("/operations/{service}/live", get(live_of))
        .route("/operations/picture/moves", get(moves))
        .route("/operations/{service}/moves", get(moves_of))
        .merge(SCRIPT.route())
        .merge(STYLE.route())
}

/// When nothing moved for so long, the picture says how to change that.
const QUIET: TimeDelta = TimeDelta::seconds(20);

#[derive(Template)]
#[template(path = "picture.html")]
struct PicturePage {
    t: Text,
    script: &'static str,
    style: &'static str,
    drawing: Drawing,
    /// The latest, the newest first.
    moves: Vec<Html>,
    last: u64,
    /// Services that other processes run, with spaces between.
    elsewhere: String,
    transport: String,
    is_quiet: bool,
}

async fn show(State(room): State<ControlRoom>, visit: Visit) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    let t = pages::text(&visit);
    let samples = room.samples().await?;
    let now = samples.last();
    let minute = room.last_minute().await?;
    let services = ServiceName::ALL.into_iter();
    let services = services.map(|name| ServiceView::of(&room, t, name, now, &minute));
    let said: Vec<&Move> =
        samples.iter().rev().flat_map(|sample| sample.moves.iter().rev()).collect();
    let is_new = |it: &&Move| Utc::now() - it.at < QUIET;
    let shown = said.iter().take(movements::SHOWN);
    let moves = shown.map(|it| line(&visit, t, it)).collect::<Result<Vec<_>, _>>()?;
    let body = PicturePage {
        t,
        script: SCRIPT.address(),
        style: STYLE.address(),
        drawing: Drawing::of(services.collect(), &t.get("picture-exchange-words")),
        is_quiet: !said.first().is_some_and(is_new),
        moves,
        last: now.map_or(0, |sample| sample.number),
        elsewhere: room.elsewhere().collect::<Vec<_>>().join(" "),
        transport: room.transport().describe(),
    };
    visit.page(t.get("picture-title")).tabs(Tab::Picture.of(t)).show(&body)
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

/// Says to any page of operators that something moved, that what waits is older by as much as they show, or
/// that a repair came to its end.
async fn live(State(room): State<ControlRoom>, visit: Visit) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    let ui: Ui = room.0.ui.clone();
    ui::live(&ui, &visit, move || {
        let room = room.clone();
        async move { room.fingerprint().await.map_err(|problem| problem.detail) }
    })
}

/// The same at an address that leads to the process of one service.
async fn live_of(
    room: State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    pages::operator(&visit)?;
    room.named(&service)?;
    live(room, visit).await
}

impl ControlRoom {
    async fn fingerprint(&self) -> Result<String, Problem> {
        let shown = self.samples().await?.last().map(Sample::shown).unwrap_or_default();
        let repair = self.last_repair();
        let is_open = repair.as_ref().is_some_and(|job| job.is_under_way());
        Ok(format!("{shown} {is_open} {:?}", repair.map(|job| job.began_at)))
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
    /// Those of this process.
    services: Vec<ServiceView>,
    moves: Vec<MoveView>,
}

/// One move, with its line for the list.
#[derive(Serialize)]
struct MoveView {
    service: &'static str,
    is_sent: bool,
    /// The service, or the queue out of which it was taken.
    by: String,
    /// Whose event it is.
    from: String,
    event: String,
    count: i64,
    words: String,
    at: String,
}

impl MoveView {
    fn of(visit: &Visit, t: Text, it: &Move) -> Self {
        Self {
            service: it.service,
            is_sent: it.is_sent,
            by: it.by.clone(),
            from: it.from.clone(),
            event: it.event.clone(),
            count: it.count,
            words: words(t, it),
            at: ui::format_date_time(it.at, visit.language, visit.zone),
        }
    }
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
    let moves = new.flat_map(|sample| &sample.moves).map(|it| MoveView::of(&visit, t, it));
    let now = samples.last();
    let minute = room.last_minute().await?;
    let services = room.members().iter();
    let services = services.map(|member| ServiceView::of(&room, t, member.name, now, &minute));
    Ok(axum::Json(Moves {
        last: now.map_or(0, |sample| sample.number),
        services: services.collect(),
        moves: moves.collect(),
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
