//! The command line: help, refusals that say what to do, and what each command prints.

use std::{
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use crate::house::{Served, data, estrade, fail, succeed};

#[test]
fn help_is_for_people() {
    let (_folder, data) = data();
    let help = succeed(estrade(&data).arg("--help"));
    for command in [
        "demo", "serve", "import", "admin", "queues", "dead", "timeline", "doctor", "config",
        "routes", "events",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}:\n{help}");
    }
    assert!(help.contains("Exit status"), "{help}");
}

#[test]
fn what_is_half_configured_is_refused_with_what_to_write() {
    let (folder, data) = data();
    let error = fail(estrade(&data).args(["--broker", "localhost", "doctor"]), 2);
    assert!(error.contains("amqp://"), "{error}");
    let serve = ["--broker", "amqp://broker:99999", "serve", "--listen", "127.0.0.1:0"];
    let error = fail(estrade(&data).args(serve), 2);
    assert!(error.contains("--broker") && error.contains("cannot be read"), "{error}");
    std::fs::write(folder.path().join("estrade.toml"), "brocker = \"amqp://localhost\"\n").unwrap();
    let error = fail(estrade(&data).arg("config"), 2);
    assert!(error.contains("brocker"), "{error}");
}

#[test]
fn configuration_rises_from_file_to_environment_to_flags_and_hides_secrets() {
    let (folder, data) = data();
    std::fs::write(
        folder.path().join("estrade.toml"),
        "listen = \"127.0.0.1:1\"\nbroker = \"amqp://file:s3cret@one\"\n[organisation]\nname = \"École\"\n",
    )
    .unwrap();
    let shown = succeed(estrade(&data).env("ESTRADE_LISTEN", "127.0.0.1:2").arg("config"));
    assert!(shown.contains("127.0.0.1:2") && shown.contains("École"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
    let number = ("ESTRADE_ORGANISATION__ACTIVITY_NUMBER", "11755555555");
    let shown = succeed(estrade(&data).env(number.0, number.1).arg("config"));
    assert!(shown.contains("activity_number = \"11755555555\""), "{shown}");
    let shown = succeed(estrade(&data).args(["--broker", "amqp://two", "config"]));
    assert!(shown.contains("amqp://two"), "{shown}");
}

#[test]
fn an_operator_sees_queues_events_and_routes() {
    let (_folder, data) = data();
    let doctor = succeed(estrade(&data).arg("doctor"));
    assert!(!doctor.contains("FAILED") && doctor.contains("embedded queue"), "{doctor}");
    for _ in 0..2 {
        let error = fail(estrade(&data).arg("queues"), 1);
        assert!(error.contains("not there: ") && error.contains("`estrade serve`"), "{error}");
        assert_eq!(error.matches("learning.copy-course").count(), 1, "told once: {error}");
    }
    drop(Served::start(&data, &[]));
    let queues = succeed(estrade(&data).arg("queues"));
    for queue in
        ["notification.notify", "assessment.grade", "certification.issue", "learning.copy-course"]
    {
        assert!(queues.contains(queue), "{queue}:\n{queues}");
    }
    let events = succeed(estrade(&data).arg("events"));
    let (_, heard) = events.split_once("assessment.attempt-submitted.v1\n").unwrap();
    let mut heard = heard.lines().take_while(|line| line.starts_with("    →"));
    assert!(heard.any(|line| line == "    → assessment.grade"), "{events}");
    let routes = succeed(estrade(&data).arg("routes"));
    assert!(routes.contains("/api/v1/enrolments"), "{routes}");
    let dead = succeed(estrade(&data).args(["dead", "list"]));
    assert!(dead.contains("No dead letters"), "{dead}");
    fail(estrade(&data).args(["dead", "replay", "0198f2a0-0000-7000-8000-000000000000"]), 1);
}

/// As behind `| head`.
#[test]
fn a_command_that_nobody_reads_to_the_end_ends_without_a_word() {
    let (_folder, data) = data();
    let mut command = estrade(&data);
    // More than a pipe holds.
    command.args(["events", "--asyncapi"]).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}

#[test]
fn a_database_that_does_not_answer_is_told_once_and_soon_with_what_to_do() {
    let (_folder, data) = data();
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://nobody@{}/estrade", silent.local_addr().unwrap());
    for command in [&["queues"][..], &["dead", "list"], &["dead", "replay", "--all"]] {
        let started = Instant::now();
        let error = fail(estrade(&data).args(["--database", &url]).args(command), 2);
        assert!(started.elapsed() < Duration::from_secs(25), "as long as a start waits");
        assert_eq!(error.matches("timed out").count(), 1, "{error}");
        assert!(error.contains("→ check --database"), "{error}");
    }
}

#[test]
fn the_first_administrator_is_made_by_the_command_line() {
    let (_folder, data) = data();
    let create = ["admin", "create", "--mail", "ada@example.org", "--name", "Ada"];
    let error = fail(estrade(&data).args(create), 2);
    assert!(error.contains("password"), "{error}");
    succeed(estrade(&data).args(create).env("ESTRADE_ADMIN_PASSWORD", "correct horse battery"));
    succeed(estrade(&data).args(create).env("ESTRADE_ADMIN_PASSWORD", "correct horse battery"));
}
