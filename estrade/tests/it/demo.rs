//! The demo's books balance on every combination of transport and database, in one process and in
//! many.

use private_nodes::RabbitMq;
use serde_json::Value;

use crate::house::{data, estrade, new_database, succeed};

/// Enough for every way of learning, in both languages.
const LEARNERS: &str = "20";

fn demo(arguments: &[&str]) -> Value {
    let (_folder, data) = data();
    let mut command = estrade(&data);
    command.args(["demo", "--exit", "--json", "--learners", LEARNERS]).args(arguments);
    let books: Value = serde_json::from_str(&succeed(&mut command)).unwrap();
    balance(&books);
    books
}

fn balance(books: &Value) {
    assert_eq!((&books["lost"], &books["duplicates"]), (&0.into(), &0.into()), "{books:#}");
    assert_eq!(books["learners"], 20, "{books:#}");
    assert_eq!(books["enrolments"], 20);
    assert_eq!(books["attempts"]["submitted"], books["attempts"]["graded"]);
    assert_eq!(books["certificates"]["completed"], books["certificates"]["issued"]);
    assert!(books["certificates"]["issued"].as_i64().unwrap() >= 10, "{books:#}");
    assert_eq!(books["attempts"]["unfinished"], 2);
    let notifications = &books["notifications"];
    assert_eq!(notifications["delivered"]["mail"], notifications["expected"]);
    assert_eq!(notifications["delivered"]["inbox"], notifications["expected"]);
    assert_eq!(notifications["mail_files"], notifications["expected"]);
    assert!(notifications["expected_by_kind"]["new-lesson"].as_i64().unwrap() > 0, "{books:#}");
    assert_eq!(books["copies"]["drift"], 0);
    assert_eq!(books["dead"], 0);
}

#[test]
fn embedded_in_one_process() {
    demo(&[]);
}

#[test]
fn embedded_each_service_in_its_own_process() {
    demo(&["--processes"]);
}

/// One test, since one broker is enough: RabbitMQ with SQLite, with PostgreSQL, with PostgreSQL and a
/// process for each service; and the embedded queue with PostgreSQL. Each in a virtual host of its own:
/// what one leaves waiting, such as a comparison of copies that began as it ended, is no other's.
#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_and_postgresql() {
    let Some(database) = new_database().await else {
        eprintln!("ESTRADE_TEST_DATABASE_URL is not set: `cargo xtask test` sets it");
        return;
    };
    let broker = RabbitMq::start(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let new_vhost = |name| broker.create_virtual_host(name).unwrap();
    demo(&["--broker", &new_vhost("sqlite")]);
    demo(&["--broker", &new_vhost("one-process"), "--database", &database]);
    let (vhost, database) = (new_vhost("processes"), new_database().await.unwrap());
    demo(&["--broker", &vhost, "--database", &database, "--processes"]);
    let database = new_database().await.unwrap();
    demo(&["--database", &database]);
    let (vhost, database) = (new_vhost("in-step"), new_database().await.unwrap());
    crate::in_step::on_rabbitmq_and_postgresql(&vhost, &database).await;
}
