//! Whether this process lives, and whether it can work: for whoever starts it and whoever sends it
//! requests. What is wrong goes into the log; the answer names the part and no more.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bus::{Db, Transport};
use serde::Serialize;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(2);

/// What readiness depends on.
pub(crate) struct Health {
    databases: Vec<Db>,
    transport: Arc<dyn Transport>,
    stopping: AtomicBool,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    parts: BTreeMap<String, &'static str>,
}

impl Health {
    pub(crate) fn new(databases: Vec<Db>, transport: Arc<dyn Transport>) -> Self {
        Self { databases, transport, stopping: AtomicBool::new(false) }
    }

    /// From here on no new work is wanted.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    async fn look(&self) -> Report {
        let databases = self.databases.iter().map(look_at_database);
        let (databases, transport) =
            tokio::join!(futures::future::join_all(databases), self.look_at_transport());
        let parts: BTreeMap<String, &'static str> =
            databases.into_iter().chain([("transport".to_owned(), transport)]).collect();
        let is_well = parts.values().all(|part| !matches!(*part, AWAY | SILENT));
        let status = match (self.stopping.load(Ordering::Acquire), is_well) {
            (true, _) => "stopping",
            (false, true) => "ready",
            (false, false) => "not ready",
        };
        Report { status, parts }
    }

    async fn look_at_transport(&self) -> &'static str {
        match timeout(PATIENCE, self.transport.check()).await {
            Ok(Ok(condition)) if condition.blocked.is_some() => {
                "blocked: events wait in the outbox"
            }
            Ok(Ok(_)) => WELL,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: the transport");
                AWAY
            }
            Err(_) => SILENT,
        }
    }
}

const WELL: &str = "well";
const AWAY: &str = "away";
const SILENT: &str = "does not answer within 2 s";

async fn look_at_database(db: &Db) -> (String, &'static str) {
    let part = match timeout(PATIENCE, db.ping()).await {
        Ok(Ok(())) => WELL,
        Ok(Err(error)) => {
            tracing::warn!(%error, service = db.service(), "not ready: a database");
            AWAY
        }
        Err(_) => SILENT,
    };
    (format!("database of {}", db.service()), part)
}

pub(crate) async fn live() -> Response {
    Json(Report { status: "alive", parts: BTreeMap::new() }).into_response()
}

pub(crate) async fn ready(State(health): State<Arc<Health>>) -> Response {
    let report = health.look().await;
    let status =
        if report.status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_is_stopping_is_not_ready_however_well_its_parts_are() {
        let folder = tempfile::tempdir().unwrap();
        let queue = bus::Embedded::open(&folder.path().join("queue.db")).await.unwrap();
        let health = Arc::new(Health::new(Vec::new(), Arc::new(queue)));
        assert_eq!(ready(State(Arc::clone(&health))).await.status(), StatusCode::OK);
        health.stop();
        let answer = ready(State(Arc::clone(&health))).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let report = health.look().await;
        assert_eq!((report.status, report.parts["transport"]), ("stopping", WELL));
    }
}
