//! Traces over OTLP, if the configuration names a collector. A collector that is away costs nothing
//! but its spans: they wait in a queue of fixed length and are dropped where it is full.
//!
//! Seven services in one process are still seven services to whoever reads the traces: each span goes
//! out under the name of the service that made it.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use opentelemetry::{KeyValue, global};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData,
        SpanExporter as Export,
    },
};
use tokio::runtime::Handle;

use crate::{
    cli::ServiceName,
    config::{Config, without_password},
};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
/// Spans that wait for the collector; more are dropped.
const QUEUE: usize = 16_384;
const EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of the process waits for the last spans.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Spans on their way to a collector.
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Makes spans from here on, if there is where to send them.
    /// Whatever is wrong with that place, the platform starts without.
    pub(crate) fn start(config: &Config) -> Self {
        let Some(collector) = collector(config) else {
            return Self(None);
        };
        let exporter = match ByService::to(&collector) {
            Ok(exporter) => exporter,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "no traces are sent");
                return Self(None);
            }
        };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_scheduled_delay(EVERY)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(
                BatchSpanProcessor::builder(exporter).with_batch_config(batches).build(),
            )
            .with_sampler(Sampler::TraceIdRatioBased(config.telemetry.sample))
            .build();
        global::set_tracer_provider(provider.clone());
        bus::trace::export_spans();
        tracing::info!(collector = without_password(&collector), "traces are sent");
        Self(Some(provider))
    }

    /// Sends what is left, within a few seconds.
    pub(crate) async fn stop(self) {
        let Some(provider) = self.0 else { return };
        let stopping =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_WORDS));
        if !matches!(stopping.await, Ok(Ok(()))) {
            tracing::debug!("the last spans were not delivered");
        }
    }
}

/// What the configuration says, or else OpenTelemetry's own variable.
fn collector(config: &Config) -> Option<String> {
    let from_environment = || std::env::var(ENDPOINT).ok().filter(|url| !url.is_empty());
    config.telemetry.otlp.clone().or_else(from_environment)
}

/// One exporter for each service, since its name is a property of all that an exporter sends.
#[derive(Debug)]
struct ByService {
    exporters: HashMap<&'static str, SpanExporter>,
}

impl ByService {
    fn to(collector: &str) -> anyhow::Result<Self> {
        let endpoint = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let exporters = ServiceName::ALL.iter().map(|service| {
            let mut exporter = exporter(&endpoint)?;
            exporter.set_resource(&resource(service.name()));
            Ok((service.name(), exporter))
        });
        Ok(Self { exporters: exporters.collect::<anyhow::Result<_>>()? })
    }
}

impl Export for ByService {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut by_service: HashMap<&'static str, Vec<SpanData>> = HashMap::new();
        for span in batch {
            let name = span.instrumentation_scope.name();
            if let Some((name, _)) = self.exporters.get_key_value(name) {
                by_service.entry(name).or_default().push(span);
            }
        }
        for (service, spans) in by_service {
            if let Some(exporter) = self.exporters.get(service) {
                exporter.export(spans).await?;
            }
        }
        Ok(())
    }
}

fn exporter(endpoint: &str) -> anyhow::Result<SpanExporter> {
    let protocol = match std::env::var(PROTOCOL).as_deref() {
        Ok("http/json") => Protocol::HttpJson,
        _ => Protocol::HttpBinary,
    };
    SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new()?)
        .with_endpoint(endpoint)
        .with_protocol(protocol)
        .with_timeout(PATIENCE)
        .build()
        .context("traces cannot be sent; check telemetry.otlp")
}

fn resource(service: &'static str) -> Resource {
    Resource::builder()
        .with_service_name(service)
        .with_attributes([
            KeyValue::new("service.namespace", "estrade"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ])
        .build()
}

/// The client that is in the process anyway. Spans are sent from a thread that is none of the
/// runtime's, where this client cannot live.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
}

impl Client {
    fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { http, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.http.clone(), request);
        let answer = self.runtime.spawn(sending).await.map_err(HttpError::from)?;
        complain_once(answer.as_ref().err());
        Ok(answer?)
    }
}

async fn send(
    http: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, reqwest::Error> {
    let mut answer = http.execute(request.try_into()?).await?.error_for_status()?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        std::mem::swap(headers, answer.headers_mut());
    }
    let body = answer.bytes().await?;
    let mut response = response.body(body).unwrap_or_default();
    response.extensions_mut().clear();
    Ok(response)
}

/// A collector that is away is worth one line, and one more when it is back.
fn complain_once(error: Option<&reqwest::Error>) {
    static IS_AWAY: AtomicBool = AtomicBool::new(false);
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    match (error, IS_AWAY.swap(error.is_some(), Ordering::Relaxed)) {
        (Some(error), false) => {
            tracing::warn!(%error, "the collector does not take traces; they are dropped");
        }
        (None, true) => tracing::info!("the collector takes traces again"),
        _ => {}
    }
}
