//! What a person is told, over which channel, and when they are left in peace.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use event::Role;
use serde::Deserialize;
use ui::{AccountTabs, Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Visit};

use super::{Done, channel_label, kind_label, text};
use crate::{
    api::{App, own_quiet_hours, unavailable},
    commands::own,
    domain::{
        CHANNELS, Channel, InvalidQuietHours, KINDS, Kind, QuietHours, channel_code, kind_code,
    },
    store,
};

const LONGEST_TIME: usize = 5;

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    t: Text,
    done: Option<String>,
    channels: Vec<String>,
    rows: Vec<Row>,
    has_device: bool,
    /// The present quiet hours, in words.
    quiet: Option<String>,
    quiet_help: String,
    quiet_form: Html,
}

struct Row {
    label: String,
    choices: Vec<Choice>,
}

struct Choice {
    name: String,
    channel: String,
    label: String,
    wanted: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    page(&app, &visit, done.in_words(text(&visit), &["saved", "quiet", "not-quiet"]), None).await
}

/// The kinds of which this person can be told: essays wait for those who teach.
fn kinds(visit: &Visit) -> impl Iterator<Item = Kind> {
    let teaches = visit.is(Role::Instructor) || visit.is(Role::Administrator);
    KINDS.into_iter().filter(move |kind| teaches || *kind != Kind::EssaysToMark)
}

/// A box that is not ticked is not sent: what is missing is not wanted.
pub(super) async fn save(
    State(app): State<App>,
    visit: Visit,
    Submitted(ticked): Submitted<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let person = visit.session()?.person;
    let every = kinds(&visit).flat_map(|kind| CHANNELS.map(|channel| (kind, channel)));
    let chosen: Vec<_> = every
        .map(|(kind, channel)| {
            let name = choice_name(kind, channel);
            (kind, channel, ticked.iter().any(|(ticked, _)| *ticked == name))
        })
        .collect();
    own::choose(&app.db, person, &chosen).await?;
    Ok(Redirect::to("/account/notifications?done=saved"))
}

/// As they were typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    begin: String,
    #[serde(default)]
    end: String,
}

pub(super) async fn keep_quiet(
    State(app): State<App>,
    visit: Visit,
    Submitted(typed): Submitted<Typed>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    match QuietHours::parse(typed.begin.trim(), typed.end.trim()) {
        Ok(hours) => {
            own::keep_quiet(&app.db, person, Some(hours)).await?;
            Ok(Redirect::to("/account/notifications?done=quiet").into_response())
        }
        Err(wrong) => page(&app, &visit, None, Some((typed, wrong))).await,
    }
}

pub(super) async fn end_quiet(State(app): State<App>, visit: Visit) -> Result<Redirect, Problem> {
    own::keep_quiet(&app.db, visit.session()?.person, None).await?;
    Ok(Redirect::to("/account/notifications?done=not-quiet"))
}

async fn page(
    app: &App,
    visit: &Visit,
    done: Option<String>,
    wrong: Option<(Typed, InvalidQuietHours)>,
) -> Result<Response, Problem> {
    let person = visit.session()?.person;
    let t = text(visit);
    let chosen = store::preferences(&app.db, person).await.map_err(unavailable)?;
    let devices = store::devices(&app.db, &[person]).await.map_err(unavailable)?;
    let (hours, zone) = own_quiet_hours(app, person).await?;
    let page = SettingsPage {
        t,
        done,
        channels: CHANNELS.map(|channel| channel_label(t, channel)).to_vec(),
        rows: kinds(visit).map(|kind| row(t, kind, &chosen)).collect(),
        has_device: !devices.is_empty(),
        quiet: hours.map(|hours| in_words(t, hours)),
        quiet_help: t.with("quiet-help", [("zone", zone.name().into())]),
        quiet_form: quiet_form(t, hours, wrong.as_ref())?,
    };
    visit
        .page(t.get("settings-title"))
        .tabs(AccountTabs::Notifications.of(visit))
        .with_errors_if(wrong.is_some())
        .show(&page)
}

fn row(t: Text, kind: Kind, chosen: &[(Kind, Channel, bool)]) -> Row {
    let label = kind_label(t, kind);
    let choices = chosen
        .iter()
        .filter(|(of, _, _)| *of == kind)
        .map(|(_, channel, wanted)| {
            let name = choice_name(kind, *channel);
            let channel = channel_label(t, *channel);
            let about = [("kind", label.as_str().into()), ("channel", channel.as_str().into())];
            Choice { name, label: t.with("settings-choice", about), channel, wanted: *wanted }
        })
        .collect();
    Row { label, choices }
}

fn choice_name(kind: Kind, channel: Channel) -> String {
    format!("{}.{}", kind_code(kind), channel_code(channel))
}

fn in_words(t: Text, hours: QuietHours) -> String {
    t.with("quiet-now", [("begin", hours.begin().into()), ("end", hours.end().into())])
}

fn quiet_form(
    t: Text,
    hours: Option<QuietHours>,
    wrong: Option<&(Typed, InvalidQuietHours)>,
) -> Result<Html, Problem> {
    let (begin, end) = match (wrong, hours) {
        (Some((typed, _)), _) => (short(&typed.begin), short(&typed.end)),
        (None, Some(hours)) => (hours.begin(), hours.end()),
        (None, None) => ("22:00".to_owned(), "07:00".to_owned()),
    };
    let errors = wrong.map(|(_, wrong)| FieldProblem {
        field: wrong.field().to_owned(),
        detail: t.get(match wrong {
            InvalidQuietHours::Begin | InvalidQuietHours::End => "quiet-no-time",
            InvalidQuietHours::Empty => "quiet-empty",
        }),
    });
    let action = "/account/notifications/quiet-hours";
    Form::new(t.language(), action, t.get("quiet-save"))
        .field(Field::time("begin", t.get("quiet-begin")).value(begin))
        .field(Field::time("end", t.get("quiet-end")).value(end).hint(t.get("quiet-end-hint")))
        .errors(errors.into_iter().collect())
        .html()
}

fn short(typed: &str) -> String {
    typed.chars().take(LONGEST_TIME).collect()
}
