//! The outside: the services' routes in one router, health, the API's description, and the limits
//! that hold for every request.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use bus::Db;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer, trace::TraceLayer};
use ui::{Problem, Routes, Ui};
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// Largest request body: a lesson or a GIFT file and its wrapping.
const LARGEST_BODY: usize = 6 * 1024 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// One router of all that these services bring.
pub(crate) fn router(ui: &Ui, routes: Vec<Routes>, databases: Vec<Db>) -> Router {
    let (api, pages, description) = merge(routes);
    let description = Arc::new(description);
    let health = Router::new()
        .route("/health/live", get(|| async { "alive" }))
        .route("/health/ready", get(ready))
        .with_state(Arc::new(databases));
    let routes = Router::new().merge(api).merge(pages).merge(health).route(
        "/api/v1/openapi.json",
        get(move || async move { Json(description.as_ref().clone()) }),
    );
    ui::secure(routes, ui)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| panicked()))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(TraceLayer::new_for_http())
}

fn merge(routes: Vec<Routes>) -> (Router, Router, OpenApi) {
    let mut api = OpenApiRouter::new();
    let mut pages = Router::new();
    for service in routes {
        api = api.merge(service.api);
        pages = pages.merge(service.pages);
    }
    let (api, mut description) = api.split_for_parts();
    description.info = InfoBuilder::new()
        .title("Estrade")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "An online-training platform. Sign in with a token from POST /api/v1/tokens, sent as \
             “Authorization: Bearer …”. Every refusal is application/problem+json.",
        ))
        .build();
    (api, pages, description)
}

/// Ready when every database answers.
async fn ready(State(databases): State<Arc<Vec<Db>>>) -> Response {
    for db in databases.iter() {
        if let Err(error) = db.ping().await {
            tracing::warn!(%error, service = db.service(), "not ready");
            let text = format!("the database of {} does not answer", db.service());
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    }
    "ready".into_response()
}

fn panicked() -> Response {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "something broke here that should not; it is in the log",
    )
    .into_response()
}
