//! The broker is away, or one of its queues: people are served all the same, and operators are told what is
//! known, what is not, and why. On a broker of its own.

use std::path::{Path, PathBuf};

use private_nodes::RabbitMq;
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;

use crate::house::{PASSWORD, Person, Served, client, data, estrade, run, succeed};

const MAIL: &str = "sian.llyr@example.org";
const VHOST: &str = "school";
const COPIES: &str = "learning.copy-course";
const TOKEN: &str = "a token of the tests";

/// A platform's data, and a broker that can be stopped.
pub struct Scene {
    node: RabbitMq,
    pub broker: String,
    pub data: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub fn set() -> Option<Self> {
        if !RabbitMq::is_installed() {
            eprintln!("RabbitMQ is not installed: `cargo xtask test` installs it");
            return None;
        }
        let (folder, data) = data();
        let node = RabbitMq::start_with_management(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let broker = node.create_virtual_host(VHOST).unwrap();
        Some(Self { node, broker, data, _folder: folder })
    }

    pub fn serve(&self, services: &[&str]) -> Served {
        let mut arguments = vec!["--broker", self.broker.as_str()];
        arguments.extend(services);
        Served::start_with(&self.data, &arguments, |command| {
            command.env("ESTRADE_METRICS__TOKEN", TOKEN);
        })
    }

    /// A command's exit status and what it prints.
    pub fn says(&self, arguments: &[&str]) -> (i32, String) {
        let output = run(estrade(&self.data).args(["--broker", &self.broker]).args(arguments));
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), text)
    }

    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let (status, text) = self.says(arguments);
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments:?}: {text}")))
    }

    fn create_administrator(&self) {
        let create = ["admin", "create", "--mail", "ada@example.org", "--name", "Ada"];
        let mut command = estrade(&self.data);
        command.args(["--broker", &self.broker]).args(create);
        succeed(command.env("ESTRADE_ADMIN_PASSWORD", PASSWORD));
    }
}

/// The line of a queue in what `estrade queues --json` or the API says.
fn line<'a>(services: &'a [Value], queue: &str) -> &'a Value {
    let mut lines = services.iter().flat_map(|service| service["queues"].as_array().unwrap());
    lines.find(|line| line["queue"] == queue).unwrap_or_else(|| panic!("no {queue}: {services:#?}"))
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(200));
    for _ in 0..300 {
        beat.tick().await;
        if is_so().await {
            return;
        }
    }
    panic!("{what}: not within 60 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_starts_without_its_broker_serves_and_delivers_later() {
    let Some(mut scene) = Scene::set() else { return };
    scene.node.stop();
    scene.create_administrator();
    let served = scene.serve(&[]);
    let person = Person::registered(&served.address, MAIL).await;
    let (status, answer) = person.call("GET", "/health/ready", None).await;
    assert_eq!((status, &answer["parts"]["transport"]), (503, &"away".into()), "{answer}");
    operators_are_told_what_is_known(&scene, &served).await;

    scene.node.restart().unwrap();
    until("all is delivered", async || {
        let (_, quiet) = person.call("GET", "/api/v1/me/quiet-hours", None).await;
        quiet["time_zone"] == "Europe/London"
    })
    .await;
    until("the person's timeline knows it", async || {
        let (status, told) = scene.says(&["timeline", MAIL]);
        status == 0 && told.contains("The account was opened")
    })
    .await;
    assert_eq!(person.call("GET", "/health/ready", None).await.0, 200);
    let (status, queues) = scene.json(&["queues", "--json"]);
    let queues = queues.as_array().unwrap();
    assert_eq!(status, 0, "{queues:#?}");
    assert_eq!(line(queues, "estrade.unroutable")["ready"], 0, "nothing was sent to nobody");
}

/// While the broker is away.
async fn operators_are_told_what_is_known(scene: &Scene, served: &Served) {
    let (status, dead) = scene.says(&["dead", "list"]);
    assert_eq!((status, dead.as_str()), (0, "No dead letters.\n"));
    let (status, timeline) = scene.json(&["timeline", MAIL, "--json"]);
    assert_eq!((status, &timeline["in_queues"]), (1, &Value::Null), "{timeline:#}");
    let lines = timeline["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["state"] == "waiting"), "{timeline:#}");
    let (status, queues) = scene.json(&["queues", "--json"]);
    let of_learning = line(queues.as_array().unwrap(), COPIES);
    assert_eq!((status, &of_learning["ready"]), (1, &Value::Null), "{of_learning}");
    assert_eq!(of_learning["dead"], 0, "{of_learning}");
    let (status, text) = scene.says(&["queues"]);
    let of_learning = text.lines().find(|line| line.starts_with(COPIES)).unwrap();
    assert!(status == 1 && of_learning.contains("?"), "{text}");
    let administrator = Person::nobody(&served.address).signed_in("ada@example.org").await;
    let (status, answer) =
        administrator.call("GET", "/api/v1/operations/learning/queues", None).await;
    assert_eq!(status, 200, "{answer}");
    let of_learning = line(std::slice::from_ref(&answer), COPIES);
    assert!(of_learning["silence"].is_string() && of_learning["ready"].is_null(), "{answer}");
    let (status, resent) =
        scene.says(&["resend", "--from", "catalog", "--to", "insight", "--wait", "1"]);
    assert!(status == 1 && resent.contains("No answer in time from insight"), "{resent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_astray_and_what_nobody_takes_is_told() {
    let Some(scene) = Scene::set() else { return };
    scene.create_administrator();
    let served = scene.serve(&["identity"]);
    Person::registered(&served.address, MAIL).await;
    until("the person is with the broker", async || {
        let (_, queues) = scene.json(&["queues", "--json"]);
        line(queues.as_array().unwrap(), "learning.copy-person")["ready"].as_u64() >= Some(2)
    })
    .await;
    nobody_takes(&scene);
    what_is_not_bound_is_told(&scene).await;
    what_goes_astray_is_told(&scene, &served).await;
    that_the_broker_takes_nothing_is_told(&scene);
    a_queue_that_somebody_deleted_is_told(&scene);
}

/// The doctor, where a service does not run.
fn nobody_takes(scene: &Scene) {
    let (_, findings) = scene.json(&["doctor", "--json"]);
    let findings = findings.as_array().unwrap();
    let warning = |part: &str, what: &str| {
        let mut warnings = findings.iter().filter(|finding| finding["level"] == "warning");
        let found = warnings.find(|finding| {
            let text = finding["what"].as_str().unwrap();
            text.starts_with(part) && text.contains(what)
        });
        found.unwrap_or_else(|| panic!("{part} {what}: {findings:#?}"))["remedy"].as_str().unwrap()
    };
    let remedy = warning("learning.copy-person", "wait, and nobody takes");
    assert!(remedy.contains("estrade serve learning"), "{remedy}");
    let remedy = warning("whether", "AMQP cannot list bindings");
    assert!(remedy.contains("rabbitmqctl list_bindings"), "{remedy}");
}

/// Where the management API is named, and somebody unbound a queue.
async fn what_is_not_bound_is_told(scene: &Scene) {
    let binding = format!(
        "{}/api/bindings/{VHOST}/e/estrade.events/q/{COPIES}/catalog.course-updated.v1",
        scene.node.management_url()
    );
    let looked = || {
        let mut command = estrade(&scene.data);
        command.args(["--broker", &scene.broker, "doctor"]);
        let output = run(command.env("ESTRADE_BROKER_MANAGEMENT", scene.node.management_url()));
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, text) = looked();
    assert!(!text.contains("bindings") && !text.contains("is not bound"), "{text}");
    let unbound = client().build().unwrap().delete(binding).send().await.unwrap();
    assert!(unbound.status().is_success(), "{unbound:?}");
    let (status, text) = looked();
    let told = format!("{COPIES}: is not bound to catalog.course-updated.v1");
    assert!(status == Some(1) && text.contains(&told), "{text}");
}

/// And not made again by whoever looks.
fn a_queue_that_somebody_deleted_is_told(scene: &Scene) {
    scene.node.ctl(&["delete_queue", COPIES, "-p", VHOST]).unwrap();
    for _ in 0..2 {
        let (status, text) = scene.says(&["queues"]);
        let of_learning = text.lines().find(|line| line.starts_with(COPIES)).unwrap();
        assert!(status == 1 && of_learning.contains(" ? "), "{text}");
    }
}

/// One that is short of memory answers all the same.
fn that_the_broker_takes_nothing_is_told(scene: &Scene) {
    scene.node.alarm_memory(true).unwrap();
    let (status, findings) = scene.json(&["doctor", "--json"]);
    scene.node.alarm_memory(false).unwrap();
    let mut failed = findings.as_array().unwrap().iter().filter(|it| it["level"] == "failed");
    let alarm = failed.find(|it| it["what"].as_str().unwrap().contains("blocks publishers"));
    let alarm = alarm.unwrap_or_else(|| panic!("{findings:#}"));
    assert!(status == 1 && alarm["remedy"].as_str().unwrap().contains("make room"), "{alarm}");
}

/// In `estrade queues` and in the figures.
async fn what_goes_astray_is_told(scene: &Scene, served: &Served) {
    send_to_nobody(&scene.data).await;
    until("it is told", async || {
        let (status, queues) = scene.json(&["queues", "--json"]);
        status == 0 && line(queues.as_array().unwrap(), "estrade.unroutable")["ready"] == 1
    })
    .await;
    let (_, text) = scene.says(&["queues"]);
    assert!(text.contains("no queue was bound for these events"), "{text}");
    let of_learning = text.lines().find(|line| line.starts_with("learning.copy-person ")).unwrap();
    let in_hand = of_learning.split_whitespace().nth(2);
    assert_eq!(in_hand, Some("-"), "a broker does not tell, and nothing is wrong: {text}");
    let asked = client().build().unwrap().get(format!("{}/metrics", served.address));
    let metrics = asked.bearer_auth(TOKEN).send().await.unwrap().text().await.unwrap();
    for line in [
        "estrade_astray_waiting{queue=\"estrade.unroutable\"} 1",
        "estrade_astray_waiting{queue=\"estrade.dead\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}:\n{metrics}");
    }
}

async fn send_to_nobody(data: &Path) {
    let db = Database::connect(format!("sqlite://{}", data.join("identity.db").display()));
    let db = db.await.unwrap();
    let (id, now) = (uuid::Uuid::now_v7().simple(), "2026-01-01T00:00:00+00:00");
    db.execute_unprepared(&format!(
        "insert into bus_outbox (id, event_type, subject, occurred_at, data, due, queue) values \
         (x'{id}', 'identity.nothing.v1', 'x', '{now}', '{{}}', '{now}', 'nobody.listens')"
    ))
    .await
    .unwrap();
    db.close().await.unwrap();
}
