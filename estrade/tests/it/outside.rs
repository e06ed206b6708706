//! A learner's way over HTTP, across a kill -9 of the whole platform; and the table of routes.

use std::{
    collections::BTreeSet,
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use crate::{
    house::{Person, Served, data, estrade, new_database, repository, succeed},
    outage::until,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_yes_to_survives_a_kill() {
    let (_folder, data) = data();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/fr");
    succeed(estrade(&data).args(["import", demo]));
    let served = Served::start(&data, &[]);
    let learner = Person::registered(&served.address, "sian@example.org").await;
    let course = contract_course();
    let enrolment =
        learner.becomes("POST", "/api/v1/enrolments", Some(&json!({ "course": course }))).await;
    served.kill();

    let served = Served::start(&data, &[]);
    let learner = Person::nobody(&served.address).signed_in("sian@example.org").await;
    let path = format!("/api/v1/enrolments/{}", enrolment["enrolment"].as_str().unwrap());
    let progress = learner.becomes("GET", &path, None).await;
    assert_eq!(progress["state"], "active", "{progress}");
    let inbox = wait_for_mail(&learner).await;
    assert_eq!(inbox, 1, "the enrolment is told once");
    let again =
        learner.becomes("POST", "/api/v1/enrolments", Some(&json!({ "course": course }))).await;
    assert_eq!(again["enrolment"], enrolment["enrolment"]);
}

/// The deliveries to the inbox, once there is one.
async fn wait_for_mail(learner: &Person) -> usize {
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..400 {
        beat.tick().await;
        let (status, inbox) = learner.call("GET", "/api/v1/me/inbox", None).await;
        assert_eq!(status, 200, "{inbox}");
        let messages = inbox["items"].as_array().map_or(0, Vec::len);
        if messages > 0 {
            return messages;
        }
    }
    0
}

fn contract_course() -> String {
    contract::catalog::ids::course("les-files-de-messages-par-l-exemple").to_string()
}

/// An operator's way to stop: what is in hand is finished, and the status is 0.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_good_order() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let learner = Person::registered(&served.address, "sian@example.org").await;
    assert!(served.terminate().success());
    assert!(learner.http.get(&learner.address).send().await.is_err(), "nobody listens any more");
    let served = Served::start(&data, &[]);
    Person::nobody(&served.address).signed_in("sian@example.org").await;
}

/// Who asks half a question, and never the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_keeps_nobody_from_stopping() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let mut stranger = TcpStream::connect(served.address.trim_start_matches("http://")).unwrap();
    stranger.write_all(b"GET /sign-in HTTP/1.1\r\nHost: ").unwrap();
    // It was heard: what came after it is answered.
    let learner = Person::registered(&served.address, "sian@example.org").await;
    assert!(served.terminate().success());
    assert!(learner.http.get(&learner.address).send().await.is_err(), "nobody listens any more");
}

/// One whose answer does not come while the platform stops.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_keeps_nobody_from_stopping() {
    let Some(url) = new_database().await else { return };
    let (_folder, data) = data();
    let served = Served::start(&data, &["--database", &url, "identity"]);
    let database = Database::connect(&url).await.unwrap();
    let holding = database.begin().await.unwrap();
    let lock = "lock table identity.bus_outbox in access exclusive mode";
    holding.execute_unprepared(lock).await.unwrap();
    let waits = "select count(*) from pg_locks where not granted";
    until("somebody waits for it", async || {
        let asked = Statement::from_string(DatabaseBackend::Postgres, waits);
        let row = database.query_one_raw(asked).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap() > 0
    })
    .await;
    let told = Instant::now();
    assert!(served.terminate().success());
    assert!(told.elapsed() < Duration::from_secs(50), "{:?}", told.elapsed());
}

/// Each path of the API's description answers, and only those who may are let in.
#[tokio::test(flavor = "multi_thread")]
async fn every_described_path_is_there_and_refuses_nobody_with_a_reason() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let nobody = Person::nobody(&served.address);
    let (status, description) = nobody.call("GET", "/api/v1/openapi.json", None).await;
    assert_eq!(status, 200);
    assert!(
        description["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        description["openapi"]
    );
    let id = uuid::Uuid::nil().to_string();
    for (path, method) in operations(&description) {
        let body = (method != "GET").then(|| json!({}));
        let (status, answer) = nobody.call(&method, &fill(&path, &id), body.as_ref()).await;
        assert!(status < 500, "{method} {path}: {status} {answer}");
        if status >= 400 {
            assert!(answer["detail"].is_string(), "{method} {path}: {status} {answer}");
        }
    }
}

/// A line each in a file that only grows; new ones are written with `ESTRADE_WRITE_CONTRACT=1`.
#[tokio::test(flavor = "multi_thread")]
async fn a_released_operation_of_the_api_stays() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let description =
        Person::nobody(&served.address).call("GET", "/api/v1/openapi.json", None).await.1;
    let now: BTreeSet<String> = operations(&description)
        .into_iter()
        .map(|(path, method)| format!("{method} {path}"))
        .collect();
    let file = repository().join("estrade/tests-data/promised/operations.txt");
    let promised = std::fs::read_to_string(&file).unwrap();
    for line in promised.lines() {
        assert!(now.contains(line), "{line} was released, and is gone");
    }
    if std::env::var_os("ESTRADE_WRITE_CONTRACT").is_some() {
        let lines: Vec<&str> = now.iter().map(String::as_str).collect();
        return std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    }
    assert_eq!(
        now.len(),
        promised.lines().count(),
        "write the new ones with ESTRADE_WRITE_CONTRACT=1"
    );
}

/// Path and method of all that a description describes.
pub fn operations(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys().filter(|key| is_method(key));
            methods.map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect()
}

pub fn fill(path: &str, value: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(value);
        rest = after.split_once('}').unwrap().1;
    }
    filled + rest
}

fn is_method(key: &str) -> bool {
    ["get", "post", "put", "patch", "delete"].contains(&key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_alone_answers_the_paths_that_are_routed_to_it() {
    let (_folder, data) = data();
    let routes = succeed(estrade(&data).arg("routes"));
    for service in [
        "identity",
        "catalog",
        "learning",
        "assessment",
        "certification",
        "notification",
        "insight",
    ] {
        let served = Served::start(&data, &[service]);
        let nobody = Person::nobody(&served.address);
        let (_, description) = nobody.call("GET", "/api/v1/openapi.json", None).await;
        for path in description["paths"].as_object().unwrap().keys() {
            assert_eq!(routed_to(&routes, path), service, "{path}");
        }
    }
}

/// The longest prefix that fits decides.
fn routed_to(table: &str, path: &str) -> String {
    let fits = |prefix: &str| {
        let rest = path.strip_prefix(prefix.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .filter(|(prefix, _)| fits(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(_, service)| service.trim().to_owned())
        .unwrap()
}

/// Nobody learns who has an account.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_like_an_unknown_mail() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let known = Person::registered(&served.address, "sian@example.org").await;
    let ask = async |mail: &str| -> (u16, Value) {
        let body = json!({ "mail": mail, "password": "not the right one" });
        known.call("POST", "/api/v1/tokens", Some(&body)).await
    };
    let (status, answer) = ask("sian@example.org").await;
    assert_eq!(status, 401, "{answer}");
    assert_eq!((status, answer), ask("nobody@example.org").await);
}
