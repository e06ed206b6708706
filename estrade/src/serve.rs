//! `estrade serve`: all services in one process, or the ones named, until told to stop.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use bus::Running;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Verdict,
    cli::{ServeOptions, ServiceName},
    config::Config,
    health::Health,
    http,
    metrics::{self, Gauges},
    platform::{self, Declared, Platform},
    proxies,
    telemetry::Traces,
};

/// Whoever stops it has a limit as well, and kills it then. A database that does not answer, or a mail server
/// in the middle of a mail, is not waited for to the end of their own limits.
const LONGEST_STOP: Duration = Duration::from_secs(30);
/// For requests in hand, once told to stop. Whoever asks half a question, or does not read the answer, would
/// hold the process for ever.
const LONGEST_GOODBYE: Duration = Duration::from_secs(10);

pub(crate) async fn run(mut config: Config, options: &ServeOptions) -> anyhow::Result<Verdict> {
    if let Some(listen) = &options.listen {
        config.listen.clone_from(listen);
    }
    config.base_url = options.base_url.clone().or(config.base_url);
    let config = config.checked()?;
    let names = if options.services.is_empty() {
        ServiceName::ALL.to_vec()
    } else {
        options.services.clone()
    };
    let stop = told_to_stop()?;
    let server = Server::start(config, &names).await?;
    println!("Estrade is up: {} (listening on {})", server.address, server.listening_on);
    tokio::select! {
        () = stop => {}
        () = input_closed(), if options.stop_with_parent => {}
    }
    tracing::info!("stopping: what is in hand is finished");
    if timeout(LONGEST_STOP, server.stop()).await.is_err() {
        tracing::warn!("not all could be finished: what is left is done at the next start");
    }
    Ok(Verdict::Well)
}

/// Services at work, and listening.
pub(crate) struct Server {
    pub(crate) platform: Platform,
    running: Vec<Running>,
    address: String,
    listening_on: String,
    stop: tokio_util::sync::CancellationToken,
    listening: tokio::task::JoinHandle<std::io::Result<()>>,
    health: Arc<Health>,
    traces: Traces,
    _tidying: tokio_util::task::AbortOnDropHandle<()>,
}

impl Server {
    /// Listens first, so that links can name the port, and serves when all is open.
    pub(crate) async fn start(config: Config, names: &[ServiceName]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(&config.listen).await.with_context(|| {
            format!("cannot listen on {}; choose another with --listen", config.listen)
        })?;
        Self::start_on(config, names, listener).await
    }

    /// As [`start`](Server::start), where something listens already.
    pub(crate) async fn start_on(
        mut config: Config,
        names: &[ServiceName],
        listener: TcpListener,
    ) -> anyhow::Result<Self> {
        config.listen = listener.local_addr()?.to_string();
        let (address, listening_on) = (config.base_url(), config.listen.clone());
        let trusted_proxies = config.trusted_proxies.clone();
        let metrics_token = config.metrics.token.as_deref().map(Arc::from);
        let traces = Traces::start(&config);
        metrics::recorder()?;
        let platform = Platform::open(config, names).await?;
        if let Declared::Later(cause) = platform.declare().await? {
            // People are served, and what they do waits in the outboxes.
            tracing::warn!(cause, "the broker is away: its queues are declared when it is back");
        }
        let watched = watched(&platform, metrics_token)?;
        let tidying = tokio::spawn(Arc::clone(&watched.gauges).keep_tidy());
        let health = watched.health.clone();
        let router = http::router(&platform.ui, platform.routes(), watched);
        let router = proxies::seen_through(router, &trusted_proxies);
        let running = platform.start();
        platform.begin_in_step().await;
        let stop = tokio_util::sync::CancellationToken::new();
        let listening = tokio::spawn(listen(listener, router, stop.clone()));
        Ok(Self {
            platform,
            running,
            address,
            listening_on,
            stop,
            listening,
            health,
            traces,
            _tidying: tokio_util::task::AbortOnDropHandle::new(tidying),
        })
    }

    /// Takes no more requests, finishes those it has within a limit, then the services, then lets go.
    pub(crate) async fn stop(self) {
        self.health.stop();
        self.platform.ui.stop();
        self.stop.cancel();
        match timeout(LONGEST_GOODBYE, self.listening).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "listening ended badly"),
            Ok(Err(error)) => tracing::warn!(%error, "listening ended badly"),
            Err(_) => tracing::warn!("connections are still open, and are cut"),
        }
        for running in self.running {
            running.stop().await;
        }
        self.platform.close().await;
        self.traces.stop().await;
    }
}

fn watched(platform: &Platform, metrics_token: Option<Arc<str>>) -> anyhow::Result<http::Watched> {
    let members: Vec<_> =
        platform.members.iter().map(|member| (member.service.clone(), member.db.clone())).collect();
    let databases = members.iter().map(|(_, db)| db.clone()).collect();
    Ok(http::Watched {
        health: Arc::new(Health::new(databases, platform.transport.clone())),
        gauges: Arc::new(Gauges::new(
            members,
            platform.transport.clone(),
            platform::outboxes(&platform.members),
        )?),
        metrics_token,
    })
}

/// Resolves when standard input is closed. Read by a thread of its own: the runtime's would have to
/// come to an end before the runtime does, and a process that was told to stop would stay.
pub(crate) async fn input_closed() {
    let (closed, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let read = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        closed.send(read).ok();
    });
    told.await.ok();
}

async fn listen(
    listener: TcpListener,
    router: Router,
    stop: tokio_util::sync::CancellationToken,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Resolves at SIGTERM or Ctrl-C. Listens for them from the call on, so that none is missed.
pub(crate) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
