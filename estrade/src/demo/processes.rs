//! Each service in a process of its own, and one address in front of them: what a reverse proxy does
//! at scale.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::RwLock,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{cli::ServiceName, config::Config, routes};

/// Largest body passed on.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
const LONGEST_START: Duration = Duration::from_secs(60);
const LONGEST_STOP: Duration = Duration::from_secs(40);

/// The processes of the platform.
pub(super) struct Processes {
    stop: CancellationToken,
    keepers: JoinSet<()>,
}

/// Where each service listens; the graders are two.
type Addresses = Arc<RwLock<BTreeMap<ServiceName, Vec<Option<String>>>>>;

impl Processes {
    /// Starts a process for each service and a second grader, and the address in front of them.
    pub(super) async fn start(
        config: &Config,
        listener: tokio::net::TcpListener,
    ) -> anyhow::Result<Self> {
        let addresses = Addresses::default();
        let stop = CancellationToken::new();
        let mut keepers = JoinSet::new();
        for name in ServiceName::ALL {
            let replicas = if name == ServiceName::Assessment { 2 } else { 1 };
            addresses.write().await.insert(name, vec![None; replicas]);
            for replica in 0..replicas {
                let child = spawn(config, name).await?;
                addresses.write().await.entry(name).or_default()[replica] =
                    Some(child.address.clone());
                let keeper =
                    Keeper { config: config.clone(), name, replica, addresses: addresses.clone() };
                keepers.spawn(keeper.keep(child, stop.clone()));
            }
        }
        // What the services compressed is handed on as it is.
        let http = reqwest::Client::builder().no_gzip().redirect(reqwest::redirect::Policy::none());
        let front = Front { addresses, http: http.build()? };
        let router = Router::new().fallback(pass_on).with_state(front);
        let stopped = stop.clone().cancelled_owned();
        keepers.spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await
            {
                tracing::error!(%error, "the address in front of the services is gone");
            }
        });
        Ok(Self { stop, keepers })
    }

    /// Tells all to finish what is in hand and to end.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        while self.keepers.join_next().await.is_some() {}
    }
}

struct Started {
    child: Child,
    /// Held apart, since waiting for a child closes the one that it has.
    input: ChildStdin,
    address: String,
}

/// Keeps one process up: whoever is killed is started again.
struct Keeper {
    config: Config,
    name: ServiceName,
    replica: usize,
    addresses: Addresses,
}

impl Keeper {
    async fn keep(self, mut started: Started, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return end(started).await,
                status = started.child.wait() => {
                    eprintln!("{} ended ({status:?}); starting it again", self.name.name());
                }
            }
            self.announce(None).await;
            match spawn(&self.config, self.name).await {
                Ok(again) => started = again,
                Err(error) => {
                    return eprintln!("{} does not start again: {error:#}", self.name.name());
                }
            }
            self.announce(Some(started.address.clone())).await;
        }
    }

    async fn announce(&self, address: Option<String>) {
        if let Some(slot) = self
            .addresses
            .write()
            .await
            .get_mut(&self.name)
            .and_then(|replicas| replicas.get_mut(self.replica))
        {
            *slot = address;
        }
    }
}

async fn spawn(config: &Config, name: ServiceName) -> anyhow::Result<Started> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["serve", name.name(), "--listen", "127.0.0.1:0", "--stop-with-parent"])
        .arg("--base-url")
        .arg(config.base_url())
        .arg("--config")
        .arg(write_configuration(config)?)
        .env(
            "ESTRADE_LOG",
            std::env::var("ESTRADE_LOG").unwrap_or_else(|_| "error,lapin=off".to_owned()),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if let Some(broker) = &config.broker {
        command.env("ESTRADE_BROKER", broker);
    }
    if let Some(database) = &config.database {
        command.env("ESTRADE_DATABASE", database);
    }
    let mut child = command.spawn().context("cannot start a process")?;
    let input = child.stdin.take().context("the process has no input")?;
    let output = child.stdout.take().context("the process has no output")?;
    let mut lines = BufReader::new(output).lines();
    let first = tokio::time::timeout(LONGEST_START, lines.next_line())
        .await
        .with_context(|| format!("{} did not start in time", name.name()))??;
    let Some(address) = first.as_deref().and_then(|line| line.rsplit("listening on ").next())
    else {
        bail!("{} did not start; its words are above", name.name());
    };
    Ok(Started { address: address.trim_end_matches(')').to_owned(), input, child })
}

/// The demo's configuration as a file. What holds a password travels in the environment.
fn write_configuration(config: &Config) -> anyhow::Result<PathBuf> {
    let path = config.data.join("demo.toml");
    let open = Config { broker: None, database: None, base_url: None, ..config.clone() };
    std::fs::write(&path, toml::to_string(&open)?).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Closing its standard input tells a process to stop.
async fn end(started: Started) {
    let Started { mut child, input, .. } = started;
    drop(input);
    if tokio::time::timeout(LONGEST_STOP, child.wait()).await.is_err() {
        eprintln!("a process did not end in time and is killed");
        if let Err(error) = child.kill().await {
            eprintln!("it cannot be killed: {error}");
        }
    }
}

#[derive(Clone)]
struct Front {
    addresses: Addresses,
    http: reqwest::Client,
}

/// Passes a request to the service of its path; if that is away, to the next that does the same.
async fn pass_on(State(front): State<Front>, request: Request) -> Response {
    let service = routes::service_of(request.uri().path());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let addresses = front.addresses.read().await.get(&service).cloned().unwrap_or_default();
    for address in addresses.into_iter().flatten() {
        let request = front
            .http
            .request(parts.method.clone(), format!("http://{address}{path}"))
            .headers(end_to_end(&parts.headers))
            .body(body.clone());
        match request.send().await {
            Ok(answer) => return give_back(answer),
            Err(error) if error.is_connect() => {}
            Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
        }
    }
    StatusCode::BAD_GATEWAY.into_response()
}

/// As it comes: a stream of events has no end for which anybody could wait.
fn give_back(answer: reqwest::Response) -> Response {
    let answer: axum::http::Response<reqwest::Body> = answer.into();
    let mut response = answer.map(Body::new);
    *response.headers_mut() = end_to_end(response.headers());
    response
}

/// Without what belongs to one connection alone.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in
        [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::UPGRADE]
    {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::convert::Infallible;

    use axum::routing::get;
    use futures::{StreamExt, stream};

    use super::*;

    const CHANGED: &str = "event: changed\n\n";

    /// One word, and then no end.
    async fn live() -> Body {
        let first = stream::once(async { Ok::<_, Infallible>(CHANGED) });
        Body::from_stream(first.chain(stream::pending()))
    }

    #[tokio::test]
    async fn a_stream_is_passed_on_as_it_comes() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let service = Router::new().route("/operations/live", get(live));
        tokio::spawn(async move { axum::serve(listener, service).await });
        let addresses = Addresses::default();
        addresses.write().await.insert(ServiceName::Identity, vec![Some(address)]);
        let front = Front { addresses, http: reqwest::Client::new() };
        let request = axum::http::Request::get("/operations/live").body(Body::empty()).unwrap();
        let first = async {
            let answer = pass_on(State(front), request).await;
            assert_eq!(answer.status(), StatusCode::OK);
            answer.into_body().into_data_stream().next().await
        };
        let first = tokio::time::timeout(Duration::from_secs(30), first).await;
        assert_eq!(first.unwrap().unwrap().unwrap(), CHANGED);
    }
}
