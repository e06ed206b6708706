//! Prometheus' text at `/metrics`. Counters and durations are kept as things happen; what waits is
//! looked up in the databases when somebody asks, at most once a second. Whoever asks must have the
//! token of the configuration; without one nobody may.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use bus::{
    Db, Oldest, OldestIs, Outboxes, Pulse, Service, Sizes, Transport, WaitingOf,
    transport::{Depth, Queue},
};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// Seconds; from a cached answer to a mail server's patience.
const DURATIONS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];
/// Seconds; from at once to a day in a retry.
const AGES: [f64; 14] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 21600.0, 86400.0];

const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Tables are counted no more often than this, and never more than a twentieth of the time.
const SIZES_AFTER: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(2);
const UPKEEP: Duration = Duration::from_secs(5);

const UP: &str = "estrade_transport_up";
const BLOCKED: &str = "estrade_transport_blocked";
const DATABASE_UP: &str = "estrade_database_up";
const LAG: &str = "estrade_relay_lag_seconds";
const OUTBOX_WAITING: &str = "estrade_outbox_waiting";
const OUTBOX_ROWS: &str = "estrade_outbox_rows";
const INBOX_ROWS: &str = "estrade_inbox_rows";
const RETRIES: &str = "estrade_retries_waiting";
const DEAD: &str = "estrade_dead_waiting";
const JOBS: &str = "estrade_effects_waiting";
const JOBS_AGE: &str = "estrade_effects_oldest_seconds";
const JOBS_RETRYING: &str = "estrade_effects_retrying";
const DEPTH: &str = "estrade_queue_depth";
const OLDEST: &str = "estrade_queue_oldest_seconds";
const ASTRAY: &str = "estrade_astray_waiting";
const INFO: &str = "estrade_info";
const REQUESTS: &str = "estrade_http_requests_total";
const REQUEST_DURATION: &str = "estrade_http_request_duration_seconds";

/// Begins to keep what is counted from here on, once in a process.
pub(crate) fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets(&DURATIONS)?
        .set_buckets_for_metric(Matcher::Full("estrade_handler_age_seconds".to_owned()), &AGES)?
        .install_recorder()
        .context("metrics cannot be kept")?;
    let handle = RECORDER.get_or_init(|| handle).clone();
    describe();
    Ok(handle)
}

fn describe() {
    bus::describe_meters();
    for (name, help) in [
        (UP, "Whether the transport answers."),
        (BLOCKED, "Whether the broker takes nothing for now, for want of memory or disk."),
        (DATABASE_UP, "Whether a service's database answers."),
        (OUTBOX_WAITING, "Events that are due and not yet with the transport."),
        (OUTBOX_ROWS, "Rows of the outbox, sent ones among them; PostgreSQL's estimate."),
        (INBOX_ROWS, "Rows of the inbox; PostgreSQL's estimate."),
        (RETRIES, "Events that wait to be tried again."),
        (DEAD, "Dead letters that wait for a decision, of a handler or an effect."),
        (JOBS, "Jobs in the outside world that are due or at work."),
        (JOBS_RETRYING, "Jobs in the outside world that failed and wait for their next attempt."),
        (DEPTH, "Events that wait at the transport for a handler; NaN where nobody can tell."),
        (ASTRAY, "Events that no queue was bound for, or that the broker gave up; kept."),
        (INFO, "One; the version is its label."),
    ] {
        describe_gauge!(name, help);
    }
    for (name, help) in [
        (LAG, "Age of the oldest event that is due and not yet with the transport."),
        (JOBS_AGE, "How long the oldest job in the outside world has been due."),
        (OLDEST, "Age of the oldest event at the transport, at most; NaN where nobody can tell."),
    ] {
        describe_gauge!(name, Unit::Seconds, help);
    }
    describe_counter!(REQUESTS, Unit::Count, "HTTP requests, by route and status.");
    describe_histogram!(REQUEST_DURATION, Unit::Seconds, "How long an HTTP request takes.");
}

/// What is looked up when somebody asks.
pub(crate) struct Gauges {
    members: Vec<(Service, Db)>,
    transport: Arc<dyn Transport>,
    outboxes: Outboxes,
    handle: PrometheusHandle,
    looked: Mutex<Looked>,
}

#[derive(Default)]
struct Looked {
    last: Option<Instant>,
    next_sizes: Option<Instant>,
}

impl Gauges {
    pub(crate) fn new(
        members: Vec<(Service, Db)>,
        transport: Arc<dyn Transport>,
        outboxes: Outboxes,
    ) -> anyhow::Result<Self> {
        let handle = recorder()?;
        gauge!(INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { members, transport, outboxes, handle, looked: Mutex::default() })
    }

    /// Keeps the histograms small between two scrapes, or where nobody scrapes.
    pub(crate) async fn keep_tidy(self: Arc<Self>) {
        let mut beat = tokio::time::interval(UPKEEP);
        loop {
            beat.tick().await;
            self.handle.run_upkeep();
        }
    }

    pub(crate) async fn render(&self) -> String {
        let mut looked = self.looked.lock().await;
        let now = Instant::now();
        if looked.last.is_none_or(|last| now - last >= AGAIN_AFTER) {
            self.look().await;
            if looked.next_sizes.is_none_or(|next| now >= next) {
                let started = Instant::now();
                self.measure_tables().await;
                looked.next_sizes = Some(Instant::now() + SIZES_AFTER.max(started.elapsed() * 20));
            }
            looked.last = Some(Instant::now());
        }
        drop(looked);
        self.handle.render()
    }

    async fn look(&self) {
        let services = self.members.iter().map(|(service, db)| look_into(service, db));
        let depths = self.members.iter().flat_map(|(service, db)| {
            service.queues().into_iter().map(move |queue| self.look_at_queue(db, queue))
        });
        let kept = self.transport.kept_queues().iter().map(|(name, _)| self.look_at_kept(name));
        tokio::join!(
            futures::future::join_all(services),
            futures::future::join_all(depths),
            futures::future::join_all(kept),
            self.look_at_transport()
        );
    }

    async fn look_at_transport(&self) {
        let condition = known(self.transport.check()).await;
        gauge!(UP).set(u8::from(condition.is_some()));
        gauge!(BLOCKED).set(u8::from(condition.is_some_and(|it| it.blocked.is_some())));
    }

    /// What nobody can tell is no number: neither 0, which would be a lie, nor the last that was known.
    async fn look_at_queue(&self, db: &Db, queue: Queue) {
        let depth = self.depth(&queue.name).await;
        let oldest = match depth {
            Some(depth) => known(Oldest::of(db, &queue, depth, &self.outboxes)).await,
            None => None,
        };
        let age = match oldest {
            Some(Oldest { is: OldestIs::None, .. }) => 0.0,
            Some(Oldest { since: Some(since), .. }) => seconds_since(since, db.now()),
            _ => f64::NAN,
        };
        gauge!(DEPTH, "handler" => queue.name.clone()).set(ready(depth));
        gauge!(OLDEST, "handler" => queue.name).set(age);
    }

    async fn look_at_kept(&self, queue: &'static str) {
        gauge!(ASTRAY, "queue" => queue).set(ready(self.depth(queue).await));
    }

    async fn depth(&self, queue: &str) -> Option<Depth> {
        known(self.transport.depth(queue)).await
    }

    async fn measure_tables(&self) {
        for (service, db) in &self.members {
            let Ok(Ok(sizes)) = timeout(SIZES_AFTER, Sizes::of(db)).await else { continue };
            gauge!(OUTBOX_ROWS, "service" => service.name()).set(as_count(sizes.outbox));
            gauge!(INBOX_ROWS, "service" => service.name()).set(as_count(sizes.inbox));
        }
    }
}

/// The answer, if it comes in time.
async fn known<T, E>(answer: impl Future<Output = Result<T, E>>) -> Option<T> {
    timeout(PATIENCE, answer).await.ok().and_then(Result::ok)
}

fn ready(depth: Option<Depth>) -> f64 {
    depth.map_or(f64::NAN, |depth| as_number(depth.ready))
}

async fn look_into(service: &Service, db: &Db) {
    let name = service.name();
    let pulse = known(Pulse::of(db)).await;
    gauge!(DATABASE_UP, "service" => name).set(u8::from(pulse.is_some()));
    let Some(pulse) = pulse else { return };
    let age = |oldest: Option<_>| oldest.map_or(0.0, |oldest| seconds_since(oldest, db.now()));
    gauge!(OUTBOX_WAITING, "service" => name).set(as_count(pulse.outbox.count));
    gauge!(LAG, "service" => name).set(age(pulse.outbox.oldest));
    let of = |waiting: &[WaitingOf], name: &str| {
        waiting.iter().find(|one| one.name == name).map_or((0, None), |one| (one.count, one.oldest))
    };
    for queue in service.queues() {
        let (retries, _) = of(&pulse.retries, &queue.name);
        let (dead, _) = of(&pulse.dead, &queue.name);
        gauge!(RETRIES, "handler" => queue.name.clone()).set(as_count(retries));
        gauge!(DEAD, "handler" => queue.name).set(as_count(dead));
    }
    for effect in service.effect_names() {
        let (jobs, oldest) = of(&pulse.jobs, effect);
        let (dead, _) = of(&pulse.dead, effect);
        gauge!(JOBS, "effect" => effect).set(as_count(jobs));
        gauge!(JOBS_AGE, "effect" => effect).set(age(oldest));
        let failing = pulse.failing.iter().find(|one| one.name == effect);
        gauge!(JOBS_RETRYING, "effect" => effect).set(as_count(failing.map_or(0, |one| one.count)));
        gauge!(DEAD, "handler" => effect).set(as_count(dead));
    }
}

/// One answered request. Routes are templates and methods are the known ones, so that no stranger
/// makes series.
pub(crate) fn answered(
    service: &'static str,
    method: &str,
    route: &str,
    status: u16,
    took: Duration,
) {
    let labels = [
        ("service", service.to_owned()),
        ("method", method.to_owned()),
        ("route", route.to_owned()),
    ];
    histogram!(REQUEST_DURATION, &labels).record(took);
    let [service, method, route] = labels;
    counter!(REQUESTS, &[service, method, route, ("status", status.to_string())]).increment(1);
}

fn seconds_since(then: chrono::DateTime<chrono::Utc>, now: chrono::DateTime<chrono::Utc>) -> f64 {
    (now - then).to_std().unwrap_or_default().as_secs_f64()
}

/// Exact up to what no table holds.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn as_count(count: i64) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn as_number(count: u64) -> f64 {
    count as f64
}
