//! `estrade timeline`: each reason why something did not reach a person is provoked, and then told.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::house::{Person, Served, change, data, estrade, fail, succeed};

/// Whose messages are told.
const COURSE: &str = "Les files de messages par l’exemple";

/// A mail server to which one address is dead.
fn mail_server(dead: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || converse(stream.unwrap(), dead));
        }
    });
    format!("smtp://{place}?tls=none")
}

fn converse(mut stream: TcpStream, dead: &str) -> Option<()> {
    stream.write_all(b"220 ready\r\n").ok()?;
    let mut in_content = false;
    for line in BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok) {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            _ if in_content && line != "." => continue,
            "." => "250 taken",
            "DATA" => "354 go on",
            "RCPT" if line.contains(dead) => "550 5.1.1 no such mailbox",
            _ => "250 well",
        };
        in_content = answer.starts_with("354");
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
    Some(())
}

/// The platform, with a course, and people who are known to every service that tells them things.
struct Scene {
    served: Served,
    data: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn set() -> Self {
        let (folder, data) = data();
        let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/fr");
        succeed(estrade(&data).args(["import", demo]));
        let smtp = mail_server("gone@example.org");
        let served = Served::start_with(&data, &[], |command| {
            command.env("ESTRADE_MAIL__SMTP", smtp);
        });
        Self { served, data, _folder: folder }
    }

    async fn person(&self, mail: &str) -> Person {
        let person = Person::registered(&self.served.address, mail).await;
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..400 {
            beat.tick().await;
            let (_, quiet) = person.call("GET", "/api/v1/me/quiet-hours", None).await;
            if quiet["time_zone"] == "Europe/London" {
                return person;
            }
        }
        panic!("notification never heard of {mail}")
    }

    async fn enrol(&self, person: &Person) {
        let course = contract::catalog::ids::course("les-files-de-messages-par-l-exemple");
        let body = json!({ "course": course });
        person.becomes("POST", "/api/v1/enrolments", Some(&body)).await;
    }

    /// The line of a person's timeline that is of this service, says this and is in this state, once
    /// it is there. Meanwhile something may be done again and again.
    async fn line(&self, mail: &str, what: &str, state: &str, meanwhile: Option<&str>) -> Value {
        let mut beat = tokio::time::interval(Duration::from_millis(200));
        let mut told = String::new();
        for _ in 0..40 {
            beat.tick().await;
            if let Some(sql) = meanwhile {
                change(&self.data, "notification", sql).await;
            }
            told = succeed(estrade(&self.data).args(["timeline", mail, "--json"]));
            let timeline: Value = serde_json::from_str(&told).unwrap();
            let is_it = |line: &&Value| {
                line["state"] == state && line["what"].as_str().unwrap().contains(what)
            };
            if let Some(line) = timeline["lines"].as_array().unwrap().iter().find(is_it) {
                return line.clone();
            }
        }
        panic!("{what} is never {state}: {told}")
    }
}

fn why(line: &Value) -> &str {
    line["why"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_happen_says_why() {
    let scene = Scene::set();
    preference_and_dead_address(&scene).await;
    quiet_hours(&scene).await;
    a_handler_that_fails(&scene).await;
    let error = fail(estrade(&scene.data).args(["timeline", "nobody@example.org"]), 1);
    assert!(error.contains("nobody here"), "{error}");
}

async fn preference_and_dead_address(scene: &Scene) {
    let (choosy, gone) =
        (scene.person("choosy@example.org").await, scene.person("gone@example.org").await);
    let wish =
        json!({ "preferences": [{ "kind": "enrolment", "channel": "mail", "wanted": false }] });
    choosy.becomes("PUT", "/api/v1/me/notification-preferences", Some(&wish)).await;
    scene.enrol(&choosy).await;
    scene.enrol(&gone).await;
    let mail = &format!("an enrolment (“{COURSE}”), by mail");
    let line = scene.line("choosy@example.org", mail, "not-done", None).await;
    assert!(why(&line).contains("preference"), "{line}");
    let line = scene.line("choosy@example.org", "by push", "not-done", None).await;
    assert!(why(&line).contains("no device"), "{line}");
    let line = scene.line("gone@example.org", mail, "not-done", None).await;
    assert!(why(&line).contains("550"), "{line}");
    assert!(line["remedy"].as_str().unwrap().contains("dead"), "{line}");
    scene.line("gone@example.org", "to the inbox", "done", None).await;
    scene.line("gone@example.org", "Enrolled in", "done", None).await;
    let text = succeed(estrade(&scene.data).args(["timeline", "choosy@example.org"]));
    assert!(text.starts_with("Siân Llŷr <choosy@example.org>"), "{text}");
    assert!(text.contains("– notification"), "{text}");
}

async fn quiet_hours(scene: &Scene) {
    let person = scene.person("asleep@example.org").await;
    let hour = |hours| (Utc::now() + TimeDelta::hours(hours)).format("%H:%M").to_string();
    let hours = json!({ "begin": hour(-2), "end": hour(4) });
    person.becomes("PUT", "/api/v1/me/quiet-hours", Some(&hours)).await;
    scene.enrol(&person).await;
    let line = scene.line("asleep@example.org", "”), by mail", "waiting", None).await;
    assert!(why(&line).contains("quiet hours"), "{line}");
    assert!(line["next_at"].is_string(), "{line}");
    scene.line("asleep@example.org", "to the inbox", "done", None).await;
}

/// It waits for what it lacks, which somebody deleted, and in the end gives up.
async fn a_handler_that_fails(scene: &Scene) {
    let mail = "lost@example.org";
    let person = scene.person(mail).await;
    change(&scene.data, "notification", "delete from persons where mail = 'lost@example.org'")
        .await;
    scene.enrol(&person).await;
    let line = scene.line(mail, "not taken yet by notification.notify", "waiting", None).await;
    assert!(why(&line).contains("is not known here yet"), "{line}");
    assert!(line["next_at"].is_string(), "{line}");
    let last = Some("update bus_retry set attempts = 19");
    let line = scene.line(mail, "not taken by notification.notify", "dead", last).await;
    assert!(why(&line).contains("20 attempts"), "{line}");
    let (id, group) = (line["id"].as_str().unwrap(), line["group"].as_str().unwrap());
    assert!(line["remedy"].as_str().unwrap().contains(&format!("estrade dead replay {id}")));
    let shown = succeed(estrade(&scene.data).args(["dead", "show", id]));
    assert!(shown.contains(group), "{shown}");
    let discard = ["dead", "discard", id, "--reason", "they were told by telephone"];
    succeed(estrade(&scene.data).args(discard));
    let line = scene.line(mail, "not taken by notification.notify", "not-done", None).await;
    let told = "given up: they were told by telephone (after 20 attempts: ";
    assert!(why(&line).starts_with(told), "{line}");
    assert_eq!((&line["by"], &line["remedy"]), (&json!("the command line"), &Value::Null));
}
