//! What an operator watches: metrics, health, traces and logs of a platform at work.

use std::{
    collections::BTreeSet,
    fs::File,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, routing::post};
use serde_json::{Value, json};

use crate::house::{PASSWORD, Person, Served, data, estrade, succeed};

const TOKEN: &str = "a token of the tests";
const MAIL: &str = "sian.llyr@example.org";
const CLICK: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The platform with its demo course and one learner, who enrols with one click.
struct Platform {
    served: Served,
    learner: Person,
    _folder: tempfile::TempDir,
    data: std::path::PathBuf,
}

impl Platform {
    async fn start(configuration: &str, variables: &[(&str, &str)], log: Option<&Path>) -> Self {
        let (folder, data) = data();
        std::fs::write(folder.path().join("estrade.toml"), configuration).unwrap();
        succeed(
            estrade(&data).args(["import", concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/en")]),
        );
        let arguments: &[&str] = if log.is_some() { &["--json-logs"] } else { &[] };
        let served = Served::start_with(&data, arguments, |command| {
            command.envs(variables.iter().copied());
            if let Some(log) = log {
                command.stderr(File::create(log).unwrap());
            }
        });
        let learner = Person::registered(&served.address, MAIL).await;
        Self { served, learner, _folder: folder, data }
    }

    /// The click whose trace is followed.
    async fn enrol(&self) {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..400 {
            beat.tick().await;
            let asked = self
                .learner
                .http
                .post(format!("{}/api/v1/enrolments", self.served.address))
                .bearer_auth(self.learner.token.as_ref().unwrap())
                .header("traceparent", format!("00-{CLICK}-00f067aa0ba902b7-01"))
                .json(&json!({ "course": demo_course() }));
            if asked.send().await.unwrap().status().is_success() {
                return;
            }
        }
        panic!("the learner cannot enrol");
    }

    async fn told(&self) {
        until("the enrolment is told", async || {
            let (_, inbox) = self.learner.call("GET", "/api/v1/me/inbox", None).await;
            let mails = std::fs::read_dir(self.data.join("mail")).map_or(0, Iterator::count);
            inbox["items"].as_array().is_some_and(|items| !items.is_empty()) && mails > 0
        })
        .await;
    }

    async fn metrics(&self, token: Option<&str>) -> (u16, String) {
        let mut asked = self.learner.http.get(format!("{}/metrics", self.served.address));
        if let Some(token) = token {
            asked = asked.bearer_auth(token);
        }
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

fn demo_course() -> String {
    contract::catalog::ids::course("message-queues-by-example").to_string()
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        beat.tick().await;
        if is_so().await {
            return;
        }
    }
    panic!("{what}: not within 30 s");
}

/// The names in a text that are our metrics', without what a histogram adds.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| word.starts_with("estrade_"))
        .map(|word| {
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end));
            base.unwrap_or(word).to_owned()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_what_happens_to_whoever_has_the_token() {
    let platform = Platform::start(&format!("[metrics]\ntoken = \"{TOKEN}\"\n"), &[], None).await;
    platform.enrol().await;
    platform.told().await;
    assert_eq!(platform.metrics(None).await.0, 401);
    assert_eq!(platform.metrics(Some("another token")).await.0, 401);
    let mut text = String::new();
    until("the mail is counted", async || {
        let (status, metrics) = platform.metrics(Some(TOKEN)).await;
        assert_eq!(status, 200);
        text = metrics;
        text.contains("estrade_effects_total{effect=\"notification.mail\",ending=\"done\"} 1")
            && text.contains("estrade_outbox_waiting{service=\"learning\"} 0")
    })
    .await;
    for line in [
        "estrade_events_handled_total{handler=\"notification.notify\"} 1",
        "estrade_events_dead_total{handler=\"notification.notify\"} 0",
        "estrade_dead_waiting{handler=\"notification.mail\"} 0",
        "estrade_relay_lag_seconds{service=\"learning\"} 0",
        "estrade_transport_up 1",
        "estrade_transport_blocked 0",
        "estrade_database_up{service=\"insight\"} 1",
        "route=\"/api/v1/enrolments\",status=\"200\"",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    every_metric_has_a_help_text(&text);
    deployed_files_use_what_there_is(&text);
    assert!(!text.contains("example.org") && !text.contains(&demo_course()), "nothing personal");
}

fn every_metric_has_a_help_text(text: &str) {
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help text");
    }
}

/// The dashboard and the alerts name nothing that is not there, and the dashboard leaves nothing out.
fn deployed_files_use_what_there_is(text: &str) {
    let exposed: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .map(str::to_owned)
        .collect();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    for file in ["grafana/estrade.json", "prometheus.yml", "alerts.yml", "README.md"] {
        let used = names(&std::fs::read_to_string(deploy.join(file)).unwrap());
        let unknown: Vec<_> = used.difference(&exposed).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}, which nobody exposes");
    }
    let dashboard = std::fs::read_to_string(deploy.join("grafana/estrade.json")).unwrap();
    serde_json::from_str::<Value>(&dashboard).unwrap();
    let shown = names(&dashboard);
    let hidden: Vec<_> = exposed.difference(&shown).collect();
    assert!(hidden.is_empty(), "no panel shows {hidden:?}");
    let woken = names(&std::fs::read_to_string(deploy.join("alerts.yml")).unwrap());
    for name in [
        "estrade_astray_waiting",
        "estrade_effects_oldest_seconds",
        "estrade_effects_retrying",
        "estrade_outbox_waiting",
        "estrade_outbox_unknown_total",
    ] {
        assert!(woken.contains(name), "{name} wakes nobody");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_in_the_configuration_there_are_no_metrics() {
    let (_folder, data) = data();
    let served = Served::start(&data, &["identity"]);
    let nobody = Person::nobody(&served.address);
    let (status, answer) = nobody.call("GET", "/metrics", None).await;
    assert_eq!(status, 404, "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("metrics.token"), "{answer}");
    let refused =
        crate::house::fail(estrade(&data).env("ESTRADE_METRICS__TOKEN", "short").arg("config"), 2);
    assert!(refused.contains("metrics.token"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_means_that_databases_and_transport_answer() {
    let (folder, data) = data();
    let served = Served::start(&data, &[]);
    let nobody = Person::nobody(&served.address);
    let (status, answer) = nobody.call("GET", "/health/ready", None).await;
    assert_eq!((status, &answer["status"]), (200, &json!("ready")), "{answer}");
    assert_eq!(answer["parts"]["database of learning"], "well", "{answer}");
    std::fs::rename(data.join("queue.db"), folder.path().join("elsewhere.db")).unwrap();
    let (status, answer) = nobody.call("GET", "/health/ready", None).await;
    assert_eq!((status, &answer["status"]), (503, &json!("not ready")), "{answer}");
    assert_eq!(answer["parts"]["transport"], "away", "{answer}");
    let (status, answer) = nobody.call("GET", "/health/live", None).await;
    assert_eq!((status, &answer["status"]), (200, &json!("alive")), "it lives nonetheless");
    std::fs::rename(folder.path().join("elsewhere.db"), data.join("queue.db")).unwrap();
    let (status, answer) = nobody.call("GET", "/health/ready", None).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_makes_it_not_ready_until_it_is_back() {
    let Some(url) = crate::house::new_database().await else { return };
    let (_folder, data) = data();
    let served = Served::start(&data, &["--database", &url, "identity"]);
    let nobody = Person::nobody(&served.address);
    assert_eq!(nobody.call("GET", "/health/ready", None).await.0, 200);
    let (server, name) = url.rsplit_once('/').unwrap();
    let server = sea_orm::Database::connect(format!("{server}/postgres")).await.unwrap();
    let tell = async |sql: String| {
        sea_orm::ConnectionTrait::execute_unprepared(&server, &sql).await.unwrap();
    };
    tell(format!("alter database {name} with allow_connections false")).await;
    tell(format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    ))
    .await;
    until("it is not ready", async || {
        let (status, answer) = nobody.call("GET", "/health/ready", None).await;
        status == 503 && answer["parts"]["database of identity"] != "well"
    })
    .await;
    tell(format!("alter database {name} with allow_connections true")).await;
    until("it is ready again", async || nobody.call("GET", "/health/ready", None).await.0 == 200)
        .await;
}

/// What a collector was sent: service, span's name, trace.
type Spans = Arc<Mutex<Vec<(String, String, String)>>>;

/// A collector on loopback.
async fn collector() -> (String, Spans) {
    let spans = Spans::default();
    let router = Router::new().route("/v1/traces", post(collect)).with_state(Arc::clone(&spans));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, spans)
}

async fn collect(State(spans): State<Spans>, Json(sent): Json<Value>) -> Json<Value> {
    let each = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for resource in each(&sent, "resourceSpans") {
        let attributes = each(&resource["resource"], "attributes");
        let service = attributes.iter().find(|attribute| attribute["key"] == "service.name");
        let service = service.map(|it| text(&it["value"]["stringValue"])).unwrap_or_default();
        for scope in each(&resource, "scopeSpans") {
            for span in each(&scope, "spans") {
                let line = (service.clone(), text(&span["name"]), text(&span["traceId"]));
                spans.lock().unwrap().push(line);
            }
        }
    }
    Json(json!({}))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_is_one_trace_through_every_service_and_queue() {
    let (address, spans) = collector().await;
    let configuration = format!("[telemetry]\notlp = \"{address}\"\n");
    let json = [("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")];
    let platform = Platform::start(&configuration, &json, None).await;
    platform.enrol().await;
    platform.told().await;
    let of_click = || -> BTreeSet<(String, String)> {
        let spans = spans.lock().unwrap();
        let of_click = spans.iter().filter(|(_, _, trace)| trace.eq_ignore_ascii_case(CLICK));
        of_click.map(|(service, name, _)| (service.clone(), name.clone())).collect()
    };
    let expected = [
        ("learning", "POST /api/v1/enrolments"),
        ("learning", "send learning.learner-enrolled.v1"),
        ("assessment", "handle assessment.copy-enrolment"),
        ("notification", "handle notification.notify"),
        ("notification", "perform notification.mail"),
        ("notification", "send notification.delivery-sent.v1"),
        ("insight", "handle insight.timeline"),
    ];
    until("the spans arrive", async || {
        let of_click = of_click();
        expected
            .iter()
            .all(|(service, name)| of_click.contains(&((*service).to_owned(), (*name).to_owned())))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_stops_nothing() {
    let collector = "http://127.0.0.1:9";
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector)];
    let platform = Platform::start("", &variables, None).await;
    platform.enrol().await;
    platform.told().await;
    let started = Instant::now();
    assert!(platform.served.terminate().success());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_name_the_event_and_its_trace_and_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let variables = [("ESTRADE_LOG", "info,bus=debug,estrade=debug,lapin=off,sqlx=warn")];
    let platform = Platform::start("", &variables, Some(&log)).await;
    platform.enrol().await;
    platform.told().await;
    let wrong = json!({ "mail": MAIL, "password": "not the right one" });
    platform.learner.call("POST", "/api/v1/tokens", Some(&wrong)).await;
    let token = platform.learner.token.clone().unwrap();
    assert!(platform.served.terminate().success());
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let handled = lines.iter().find(|line| {
        let fields = &line["fields"];
        fields["message"] == "handled" && fields["handler"] == "notification.notify"
    });
    let fields = &handled.expect("the enrolment's handling is in the log")["fields"];
    assert_eq!(fields["trace_id"], CLICK);
    assert_eq!(fields["event_type"], "learning.learner-enrolled.v1");
    assert!(fields["event_id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    let performed = lines.iter().find(|line| line["fields"]["message"] == "performed");
    assert_eq!(performed.expect("the mail is in the log")["span"]["trace_id"], CLICK);
    for secret in [MAIL, "sian.llyr", "Siân", "Llŷr", PASSWORD, &token, "not the right one"] {
        assert!(!text.contains(secret), "the log holds {secret:?}");
    }
}
