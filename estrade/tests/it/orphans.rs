//! What an upgrade leaves behind, as operators meet it: they are told, and put it away; and dead letters that
//! nobody takes any more.

use std::path::Path;

use bus::{
    Envelope, Transport,
    transport::{Destination, Outgoing, Queue, Sent, TransportError},
};
use bus_rabbitmq::{Config, RabbitMq};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    house::{Served, change, data, estrade, fail, succeed},
    outage::{Scene, until},
};

/// A handler of an earlier version.
const GONE: &str = "learning.gone";
const READ: &str = "learning.lesson-read.v1";

fn lesson_read() -> Envelope {
    let envelope = json!({
        "id": Uuid::now_v7(),
        "source": "/estrade/learning",
        "type": READ,
        "subject": "x",
        "time": "2026-01-01T00:00:00Z",
        "data": "{}",
    });
    serde_json::from_value(envelope).unwrap()
}

/// Its queue hears and holds something, and something waits to be tried again.
async fn leave_behind(data: &Path) {
    let (waiting, retried) = (lesson_read(), lesson_read());
    let body = |envelope: &Envelope| serde_json::to_string(envelope).unwrap();
    let of_it = format!("from queue where name = '{GONE}'");
    for sql in [
        format!("insert into queue (name) values ('{GONE}')"),
        format!("insert into binding (queue, event_type) select id, '{READ}' {of_it}"),
        format!(
            "insert into message (queue, sent_at, envelope) select id, 0, '{}' {of_it}",
            body(&waiting)
        ),
    ] {
        change(data, "queue", &sql).await;
    }
    let retry = format!(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
         values ('{GONE}', x'{}', '{READ}', '{}', 9, '2999-01-01 00:00:00+00:00', 'x', '2026-01-01 00:00:00+00:00')",
        retried.id.0.simple(),
        body(&retried)
    );
    change(data, "learning", &retry).await;
}

/// A dead letter of a handler of an earlier version.
pub async fn leave_dead(data: &Path) {
    let letter = format!(
        "insert into bus_dead (consumer, kind, id, event_type, body, cause, attempts, died_at, state) \
         values ('certification.gone', 'event', x'{}', 'x', '{{}}', 'x', 9, \
         '2026-01-01 00:00:00+00:00', 'waiting')",
        Uuid::now_v7().simple()
    );
    change(data, "certification", &letter).await;
}

fn orphans(data: &Path) -> Value {
    let text = succeed(estrade(data).args(["queues", "--json"]));
    let services: Vec<Value> = serde_json::from_str(&text).unwrap();
    let learning = services.into_iter().find(|service| service["service"] == "learning");
    learning.unwrap()["orphans"].clone()
}

#[tokio::test]
async fn what_an_earlier_version_left_is_told_and_put_away() {
    let (_folder, data) = data();
    drop(Served::start(&data, &[]));
    assert_eq!(orphans(&data), json!([]));
    leave_behind(&data).await;
    let doctor = succeed(estrade(&data).arg("doctor"));
    for text in [
        "learning.gone: this version has no such handler or effect",
        "in its queue: 1; to be tried again or done: 1",
        "`estrade queues --forget learning.gone`",
    ] {
        assert!(doctor.contains(text), "{text}:\n{doctor}");
    }
    assert_eq!(orphans(&data), json!([{ "name": GONE, "ready": 1, "waiting": 1 }]));
    let queues = succeed(estrade(&data).arg("queues"));
    assert!(queues.contains("learning.gone"), "{queues}");

    let forget = |name: &str| {
        let mut command = estrade(&data);
        command.args(["queues", "--forget", name]);
        command
    };
    let done = succeed(&mut forget(GONE));
    assert!(done.contains("wait for a decision: 2"), "{done}");
    assert_eq!(orphans(&data), json!([]));
    fail(&mut forget(GONE), 1);
    fail(&mut forget("learning.copy-course"), 1);
    fail(&mut forget("nobody.here"), 2);

    let dead = succeed(estrade(&data).args(["dead", "list"]));
    assert!(dead.contains("learning.gone  2 letters"), "{dead}");
    let said = fail(estrade(&data).args(["dead", "replay", "--all"]), 1);
    assert!(said.contains("nobody takes 2 any more"), "{said}");
    let dead = succeed(estrade(&data).args(["dead", "list"]));
    assert!(dead.contains("learning.gone  2 letters"), "they are there still: {dead}");
}

/// A broker does not tell which queues there are.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_version_left_with_a_broker_is_told_and_put_away() {
    let Some(scene) = Scene::set() else { return };
    drop(scene.serve(&["learning"]));
    let note = format!("insert into bus_queue (name) values ('{GONE}')");
    change(&scene.data, "learning", &note).await;
    let broker = RabbitMq::connect(Config::new([scene.broker.as_str()])).await.unwrap();
    let queue = Queue { name: GONE.to_owned(), types: vec![READ.to_owned()] };
    broker.declare(&[queue]).await.unwrap();
    let outgoing = Outgoing { envelope: lesson_read(), to: Destination::Queue(GONE.to_owned()) };
    assert_eq!(broker.send(vec![outgoing]).await, [Sent::Owned]);
    until("it is counted", async || broker.depth(GONE).await.unwrap().ready == 1).await;

    let (_, findings) = scene.json(&["doctor", "--json"]);
    let told = findings.as_array().unwrap().iter().find(|finding| finding["part"] == "orphan");
    let told = told.unwrap_or_else(|| panic!("{findings:#}"));
    assert_eq!(told["level"], "warning", "{told}");
    assert!(told["what"].as_str().unwrap().contains("in its queue: 1;"), "{told}");
    let (status, done) = scene.says(&["queues", "--forget", GONE]);
    assert!(status == 0 && done.contains("wait for a decision: 1"), "{done}");
    assert!(matches!(broker.depth(GONE).await, Err(TransportError::Refused(_))));
    broker.close().await;
}
