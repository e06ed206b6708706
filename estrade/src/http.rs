//! The outside: the services' routes in one router, health, metrics, the API's description, and
//! what holds for every request.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{Extensions, HeaderMap, Method, StatusCode, Version, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use bus::trace::{self, Span};
use opentelemetry::context::FutureExt;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{Predicate, SizeAbove},
    },
    timeout::TimeoutLayer,
};
use tracing::Instrument;
use ui::{Problem, Routes, Ui};
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    health::{self, Health},
    metrics::{self, Gauges},
    routes, unread,
};

/// Largest request body: a lesson or a GIFT file and its wrapping.
const LARGEST_BODY: usize = 6 * 1024 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// Bytes below which an answer fits a packet anyway.
const SMALLEST_COMPRESSED: u64 = 1024;

/// What is looked into while the platform runs.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) health: Arc<Health>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) metrics_token: Option<Arc<str>>,
}

/// One router of all that these services bring.
pub(crate) fn router(ui: &Ui, routes: Vec<Routes>, watched: Watched) -> Router {
    let (api, pages, description) = merge(routes);
    let description = Arc::new(description);
    let routes = Router::new().merge(api).merge(pages).route(
        "/api/v1/openapi.json",
        get(move || async move { Json(description.as_ref().clone()) }),
    );
    // Within `secure`, so that what breaks a page is said on a page; and around it, should that break.
    let catch = || CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| panicked());
    ui::secure(routes.layer(catch()), ui)
        .layer(compression())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(catch())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(middleware::from_fn(observe))
        .layer(middleware::from_fn(unread::throw_away))
        .merge(for_machines(watched))
}

/// Around `secure`, which makes pages of refusals and serves what pages need. A page holds no secret
/// against forgery, which its size could betray beside words that a stranger put into its address:
/// what other sites send is known by `Sec-Fetch-Site` and `Origin`, and cookies are `SameSite`.
fn compression() -> CompressionLayer<impl Predicate> {
    let smallest = SizeAbove::new(SMALLEST_COMPRESSED);
    CompressionLayer::new().compress_when(smallest.and(is_compressible))
}

/// Text that is complete at once: pictures, PDFs and archives are compressed already, and an event
/// must not wait in a buffer. An entity tag is for the very bytes that it came with.
fn is_compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let is_text = kind.starts_with("text/") && kind != "text/event-stream";
    let is_json = kind == "application/json" || kind.ends_with("+json");
    (is_text || is_json) && !headers.contains_key(header::ETAG)
}

/// What other programs ask every few seconds: no pages, no sessions, and no trace of it.
fn for_machines(watched: Watched) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(watched.health.clone())
        .merge(Router::new().route("/metrics", get(show_metrics)).with_state(watched))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| panicked()))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
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

/// Follows a request: its trace, which it continues or begins; its line in the log; its figures.
async fn observe(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or("(none)").to_owned();
    let service = routes::service_of(request.uri().path()).name();
    let method = known(request.method());
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let span = Span::of_request(service, method, &route, &trace::continued(traceparent));
    let text = trace::traceparent(span.context());
    let trace_id = trace::id(Some(&text)).to_owned();
    let line = tracing::info_span!("request", service, method, route, trace_id);
    let started = std::time::Instant::now();
    let answering = next.run(request).with_context(span.context().clone());
    let response = answering.instrument(line.clone()).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    span.answered(status);
    metrics::answered(service, method, &route, status, took);
    line.in_scope(|| {
        let milliseconds = took.as_millis();
        if status >= 500 {
            tracing::warn!(status, milliseconds, "answered");
        } else {
            tracing::debug!(status, milliseconds, "answered");
        }
    });
    response
}

/// Methods are a label of figures: a stranger's own words are not.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// For whoever has the token; to others there is nothing here.
async fn show_metrics(State(watched): State<Watched>, headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    match (&watched.metrics_token, given) {
        (None, _) => Problem::new(
            StatusCode::NOT_FOUND,
            "metrics are off: set metrics.token in the configuration, and send it as Authorization: Bearer",
        )
        .into_response(),
        (Some(token), Some(given)) if same(token, given) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
            (kind, watched.gauges.render().await).into_response()
        }
        (Some(_), _) => Problem::new(
            StatusCode::UNAUTHORIZED,
            "send the token of the configuration (metrics.token) as Authorization: Bearer",
        )
        .into_response(),
    }
}

/// Takes as long however much of it is right.
fn same(token: &str, given: &str) -> bool {
    let differences =
        token.bytes().zip(given.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    token.len() == given.len() && differences == 0
}

fn panicked() -> Response {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "something broke here that should not; it is in the log",
    )
    .into_response()
}
