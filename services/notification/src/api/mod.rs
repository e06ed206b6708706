//! JSON: the inbox, preferences, quiet hours, devices and what was sent. Everybody sees their own alone.
#![allow(unused_qualifications, reason = "utoipa writes the type of a query with its path")]

mod deliveries;
mod devices;
mod inbox;
mod preferences;
mod quiet;

pub(crate) use devices::push_service;
pub(crate) use inbox::{Item, read_inbox, read_item};
pub(crate) use quiet::own_quiet_hours;

use std::sync::Arc;

use axum::extract::FromRef;
use bus::Db;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use ui::{Problem, Ui};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    commands::{CommandError, Shared},
    store::Before,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) ui: Ui,
    pub(crate) shared: Arc<Shared>,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(inbox::inbox))
        .routes(routes!(inbox::read))
        .routes(routes!(inbox::read_all))
        .routes(routes!(preferences::preferences, preferences::choose))
        .routes(routes!(quiet::quiet_hours, quiet::keep_quiet, quiet::end_quiet))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(devices::devices, devices::add_device))
        .routes(routes!(devices::remove_device))
        .routes(routes!(devices::push_key))
        .with_state(app)
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Paging {
    /// `next` of the page before.
    before: Option<String>,
    /// At most 200; 50 if not given.
    limit: Option<u32>,
}

impl Paging {
    fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(PAGE) {
            limit @ 1..=LARGEST_PAGE => Ok(limit as usize),
            _ => Err(Problem::invalid("limit", format!("give 1 to {LARGEST_PAGE}"))),
        }
    }

    fn before(&self) -> Result<Before, Problem> {
        place(self.before.as_deref())
    }
}

/// A place in a list, as `next` wrote it.
pub(crate) fn place(text: Option<&str>) -> Result<Before, Problem> {
    let Some(text) = text else {
        return Ok(Before::everything());
    };
    let read = || {
        let (micros, id) = text.split_once('_')?;
        let time = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
        let is_dated = (0..=9999).contains(&chrono::Datelike::year(&time));
        is_dated.then_some(())?;
        Some(Before { time, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Problem::invalid("before", "give what “next” of the page before said"))
}

/// Where the next page begins, if this one is full: behind its last row.
pub(crate) fn next_place<T>(
    rows: &[T],
    limit: usize,
    place: impl Fn(&T) -> (DateTime<Utc>, Uuid),
) -> Option<String> {
    let (time, id) = rows.last().filter(|_| rows.len() == limit).map(place)?;
    Some(format!("{}_{id}", time.timestamp_micros()))
}

pub(crate) fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match &error {
            CommandError::Database(error) => Self::unavailable(error),
            CommandError::Erased | CommandError::TooManyDevices | CommandError::DeviceGone => {
                Self::conflict(error.to_string())
            }
            CommandError::TooManyTrials => Self::too_many(error.to_string(), 300),
            CommandError::NoSuchItem | CommandError::NoSuchDevice => {
                Self::not_found(error.to_string())
            }
        }
    }
}
