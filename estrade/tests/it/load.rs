//! The driver of `cargo xtask faults` is itself driven: its judge must see what is missing and what is
//! there twice, or its silence would mean nothing.

use std::{fs, path::Path};

use serde_json::Value;

use crate::house::{Served, change, data, estrade, run, succeed};

const SERVICES: [&str; 7] =
    ["identity", "catalog", "learning", "assessment", "certification", "notification", "insight"];

#[tokio::test(flavor = "multi_thread")]
async fn the_judge_sees_what_is_missing_and_what_is_there_twice() {
    let (_folder, data) = data();
    succeed(estrade(&data).args(["load", "--prepare"]));
    let served = Served::start(&data, &[]);
    let (well, verdict) = load(&data, &served, "1");
    assert!(well, "{verdict:#}");
    assert!(verdict["acknowledged"].as_u64().unwrap() > 10, "{verdict:#}");
    let ledger = fs::read_to_string(data.join("../ledger.jsonl")).unwrap();
    for fact in [
        r#""fact":"answer-saved""#,
        r#""fact":"lesson-published""#,
        r#""fact":"named","of":{"course":"#,
        r#""fact":"named","of":"organisation""#,
    ] {
        assert!(ledger.contains(fact), "no {fact} in {ledger}");
    }

    let mails = files(&data.join("mail"));
    let repeated = fs::read(&mails[0]).unwrap();
    fs::write(data.join("mail/again.eml"), repeated).unwrap();
    fs::remove_file(&mails[1]).unwrap();
    for pdf in files(&data.join("files")) {
        fs::remove_file(pdf).unwrap();
    }
    change(&data, "learning", "delete from lesson_read").await;
    change(&data, "certification", "update person_copy set name = 'Somebody else'").await;
    change(&data, "certification", "update certificate set enrolment = zeroblob(16)").await;
    change(&data, "assessment", "delete from enrolment_copy").await;
    let altered = "update attempt set answers = replace(answers, 'outbox', 'queue')";
    change(&data, "assessment", altered).await;
    let swapped = "update deliveries set kind = 'message' where kind = 'certificate-issued'";
    change(&data, "notification", swapped).await;

    let (well, verdict) = load(&data, &served, "2");
    assert!(!well, "{verdict:#}");
    let findings = verdict["findings"].to_string();
    for expected in [
        "missing: the mail",
        "twice: the mail",
        "missing: the lesson",
        "missing: the answer to",
        "lost: PDFs",
        "missing: the archive of",
        "missing: persons at certification",
        "missing: enrolments at assessment",
        "copies of learning.enrolments at assessment: they differed",
        "twice: a certificate that nobody earned",
        "missing: mails of certificate-issued to",
        "twice: mails of message to",
    ] {
        assert!(findings.contains(expected), "no {expected:?}: {verdict:#}");
    }
}

/// Two learners go through the course; whether all was well, and the verdict.
fn load(data: &Path, served: &Served, seed: &str) -> (bool, Value) {
    let mut command = estrade(data);
    command.args(["load", "--learners", "2", "--at-least", "2", "--seed", seed]);
    command.arg("--ledger").arg(data.join("../ledger.jsonl"));
    for service in SERVICES {
        command.args(["--at", &format!("{service}={}", served.address)]);
    }
    let output = run(&mut command);
    let said = String::from_utf8_lossy(&output.stdout);
    let problems = String::from_utf8_lossy(&output.stderr);
    let verdict = serde_json::from_str(said.lines().last().unwrap_or_default());
    (output.status.success(), verdict.unwrap_or_else(|error| panic!("{error}: {said}{problems}")))
}

/// All files in a folder and in those below it.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
