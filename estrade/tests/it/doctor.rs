//! `estrade doctor`: a line for each thing that can be wrong, provoked; each says what to do.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
};

use serde_json::Value;

use crate::house::{Served, change, data, estrade, run};

/// What the doctor found, and its exit status.
fn doctor(command: &mut Command) -> (i32, Vec<Value>) {
    let output = run(command.args(["doctor", "--json"]));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let findings = serde_json::from_slice(&output.stdout).expect(&errors);
    (output.status.code().unwrap(), findings)
}

/// The first finding of that level about that part, which must say what to do.
fn find<'a>(findings: &'a [Value], level: &str, part: &str) -> &'a str {
    let found =
        findings.iter().find(|finding| finding["level"] == level && finding["part"] == part);
    let Some(found) = found else { panic!("no {level} {part}: {findings:#?}") };
    if level != "ok" {
        assert!(!found["remedy"].as_str().unwrap().is_empty(), "{found}");
    }
    found["what"].as_str().unwrap()
}

/// A platform that has run once.
fn installed() -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, data) = data();
    drop(Served::start(&data, &[]));
    (folder, data)
}

#[test]
fn a_fresh_installation_and_one_that_ran_are_well_and_it_touches_nothing() {
    let (_folder, data) = data();
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 0, "{findings:#?}");
    assert!(find(&findings, "ok", "database").contains("first `estrade serve` makes it"));
    assert!(!data.join("learning.db").exists() && !data.join("queue.db").exists());
    drop(Served::start(&data, &[]));
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 0, "{findings:#?}");
    assert!(findings.iter().all(|finding| finding["level"] == "ok"), "{findings:#?}");
    assert!(find(&findings, "ok", "database").contains("none missing"));
    assert!(find(&findings, "ok", "queue").contains("queues as declared"));
}

#[test]
fn what_stands_in_the_way_on_this_machine_is_told() {
    let (folder, data) = data();
    std::fs::write(&data, "a file where a folder should be").unwrap();
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 1);
    assert!(find(&findings, "failed", "disk").contains("cannot be written"));
    let other = folder.path().join("other");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("secret.key"), "half a key").unwrap();
    let (status, findings) = doctor(&mut estrade(&other));
    assert_eq!(status, 1);
    assert!(find(&findings, "failed", "key").contains("does not read"));
}

#[test]
fn a_mail_server_that_does_not_greet_fails_and_one_that_does_is_well() {
    let (_folder, data) = data();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    let smtp = |place: &str| ("ESTRADE_MAIL__SMTP", format!("smtp://{place}?tls=none"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(b"220 ready\r\n").unwrap();
            for _ in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                stream.write_all(b"250 well\r\n").unwrap();
            }
        }
    });
    let (name, value) = smtp(&place.to_string());
    let (status, findings) = doctor(estrade(&data).env(name, value));
    assert_eq!(status, 0, "{findings:#?}");
    assert!(find(&findings, "ok", "mail").contains("greets"));
    let (name, value) = smtp("127.0.0.1:1");
    let (status, findings) = doctor(estrade(&data).env(name, value));
    assert_eq!(status, 1);
    find(&findings, "failed", "mail");
}

#[tokio::test]
async fn migrations_that_are_missing_or_of_a_newer_version_are_told() {
    let (_folder, data) = installed();
    let insert = "insert into bus_migration values ('9999-tomorrow', '2030-01-01')";
    change(&data, "learning", insert).await;
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 1);
    assert!(find(&findings, "failed", "database").contains("9999-tomorrow"));
    change(&data, "learning", "delete from bus_migration where name = '9999-tomorrow'").await;
    let delete = "delete from bus_migration where name = 'bus-0005-job-trace'";
    change(&data, "learning", delete).await;
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 0, "the next start applies it");
    assert!(find(&findings, "warning", "database").contains("bus-0005-job-trace"));
}

#[tokio::test]
async fn a_database_that_is_none_or_away_is_told() {
    let (_folder, data) = installed();
    std::fs::write(data.join("insight.db"), "no database at all, but some text in a file").unwrap();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(data.join(format!("insight.db{end}")));
    }
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 1);
    assert!(find(&findings, "failed", "database").contains("insight"));
    let away = ["--database", "postgres://nobody@127.0.0.1:1/estrade"];
    let (status, findings) = doctor(estrade(&data).args(away));
    assert_eq!(status, 1);
    find(&findings, "failed", "database");
    let told = findings.iter().filter(|finding| finding["part"] == "database").count();
    assert_eq!(told, 1, "one server is away, and not seven: {findings:#?}");
}

#[tokio::test]
async fn what_waits_too_long_and_what_is_dead_is_told() {
    let (_folder, data) = installed();
    // What the first start had still to say when it was stopped.
    for left in ["bus_outbox where sent_at is null", "bus_retry"] {
        change(&data, "learning", &format!("delete from {left}")).await;
    }
    let long_ago = "'2020-01-01 00:00:00+00:00'";
    let id = "x'0198c0de0000700080000000000000aa'";
    let unsent = format!(
        "insert into bus_outbox (id, event_type, subject, occurred_at, data, due) values \
         ({id}, 'learning.nothing.v1', 'x', {long_ago}, '{{}}', {long_ago})"
    );
    change(&data, "learning", &unsent).await;
    let retried = format!(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
         values ('learning.copy-course', {id}, 'x', '{{}}', 9, '2999-01-01', 'x', {long_ago})"
    );
    change(&data, "learning", &retried).await;
    let dead = format!(
        "insert into bus_dead (consumer, kind, id, event_type, body, cause, attempts, died_at, state) \
         values ('learning.copy-course', 'event', {id}, 'x', '{{}}', 'x', 9, {long_ago}, 'waiting')"
    );
    change(&data, "learning", &dead).await;
    let due = format!(
        "insert into bus_effect (effect, job_key, job, due) values \
         ('notification.mail', 'x', '{{}}', {long_ago})"
    );
    change(&data, "notification", &due).await;
    let differed = format!(
        "insert into bus_comparison values ('catalog.courses', {id}, {long_ago}, {long_ago}, \
         1, 1, 40, 2, 1, 0, 0, 0)"
    );
    change(&data, "learning", &differed).await;
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 1);
    assert!(find(&findings, "warning", "outbox").contains("learning: 1 event not sent"));
    assert!(find(&findings, "warning", "retries").contains("learning.copy-course: 1 event "));
    assert!(find(&findings, "failed", "dead").contains("learning.copy-course: 1 dead letter,"));
    assert!(find(&findings, "warning", "jobs").contains("notification.mail: 1 job not done"));
    assert!(find(&findings, "warning", "copies").contains("3 of 40 copies of catalog.courses"));
}

#[tokio::test]
async fn queues_and_bindings_that_are_not_as_declared_are_told() {
    let (_folder, data) = installed();
    let graded = "(select id from queue where name = 'learning.take-result')";
    let unbind = format!("delete from binding where queue = {graded}");
    change(&data, "queue", &unbind).await;
    let bind = "insert into binding select id, 'someone.else.v1' from queue \
                where name = 'assessment.grade'";
    change(&data, "queue", bind).await;
    let remove = "delete from queue where name = 'certification.issue'";
    change(&data, "queue", remove).await;
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 1);
    let told = serde_json::to_string(&findings).unwrap();
    for text in [
        "learning.take-result: is not bound to assessment.attempt-graded.v1",
        "assessment.grade: is bound to someone.else.v1",
        "not there: certification.issue",
    ] {
        assert!(told.contains(text), "{text}:\n{told}");
    }
    for _ in 0..2 {
        // Whoever looks makes nothing.
        let output = run(estrade(&data).arg("queues"));
        let [shown, why] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        let line = shown.lines().find(|line| line.starts_with("certification.issue ")).unwrap();
        assert!(output.status.code() == Some(1) && line.contains(" ? "), "{line}");
        for text in ["not there: certification.issue;", "assessment.grade: is bound to someone"] {
            assert!(why.contains(text), "{text}: {why}");
        }
    }
    drop(Served::start(&data, &[]));
    let (status, findings) = doctor(&mut estrade(&data));
    assert_eq!(status, 0, "a start puts it right: {findings:#?}");
}

#[test]
fn a_broker_that_is_away_is_told() {
    let (_folder, data) = data();
    let (status, findings) = doctor(estrade(&data).args(["--broker", "amqp://127.0.0.1:1/%2f"]));
    assert_eq!(status, 1);
    find(&findings, "failed", "transport");
}

#[test]
fn whether_a_platform_answers_where_people_reach_it_is_told() {
    let (_folder, data) = data();
    let at = |address: &str| {
        doctor(estrade(&data).env("ESTRADE_BASE_URL", address).env("ESTRADE_LISTEN", "127.0.0.1:1"))
    };
    let served = Served::start(&data, &[]);
    let (status, findings) = at(&served.address);
    assert_eq!(status, 0, "{findings:#?}");
    assert!(find(&findings, "ok", "platform").ends_with("is ready"));
    drop(served);
    let (status, findings) = at("http://127.0.0.1:1");
    assert_eq!(status, 1);
    assert!(find(&findings, "failed", "platform").contains("nothing answers"));
}

#[test]
fn people_read_lines() {
    let (_folder, data) = data();
    let output = run(estrade(&data).args(["--broker", "amqp://127.0.0.1:1/%2f", "doctor"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FAILED   transport") && text.contains("→ check --broker"), "{text}");
}
