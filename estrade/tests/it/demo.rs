//! The demo's books balance on every combination of transport and database, in one process and in
//! many.

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

/// One test, since the broker's queues are shared: RabbitMQ with SQLite, with PostgreSQL, with
/// PostgreSQL and a process for each service; and the embedded queue with PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_and_postgresql() {
    let Ok(broker) = std::env::var("ESTRADE_TEST_AMQP_URL") else {
        eprintln!("ESTRADE_TEST_AMQP_URL is not set: `cargo xtask test` sets it");
        return;
    };
    demo(&["--broker", &broker]);
    for processes in [false, true] {
        let database = new_database().await.unwrap();
        let mut arguments = vec!["--broker", &broker, "--database", &database];
        if processes {
            arguments.push("--processes");
        }
        demo(&arguments);
    }
    let database = new_database().await.unwrap();
    demo(&["--database", &database]);
    let database = new_database().await.unwrap();
    crate::in_step::on_rabbitmq_and_postgresql(&broker, &database).await;
}
