//! The examples under `examples/` do what they say, against a real broker.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::Receiver,
};

use private_nodes::{Guarded, RabbitMq};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    house::{PATIENCE, data, estrade, next_line, open, repository, succeed},
    python,
};

/// `follow_certificates.py`, at work; dropped, it is killed.
struct Follower {
    process: Guarded,
    printed: Receiver<io::Result<Vec<u8>>>,
}

impl Follower {
    fn start(broker: &str, register: &Path) -> Self {
        let mut command = example(register);
        command.args(["--broker", broker]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Guarded::spawn(&mut command).unwrap();
        let printed = process.lines();
        Self { process, printed }
    }

    /// Waits for the next certificate.
    fn next(&self) -> String {
        next_line(&self.printed)
    }

    fn terminate(mut self) {
        self.process.terminate();
        assert!(self.process.ends_within(PATIENCE), "it does not stop");
        assert!(self.process.ended().unwrap().success());
    }
}

fn example(register: &Path) -> Command {
    let mut command = python::command();
    command.arg(repository().join("examples/python/follow_certificates.py"));
    command.arg("--register").arg(register);
    command
}

/// On a broker of its own, since it hears whatever is issued there. It is killed, its connection is
/// cut, and in the end it has each certificate once.
#[tokio::test(flavor = "multi_thread")]
async fn a_python_program_follows_the_certificates_through_a_kill() {
    if !RabbitMq::is_installed() {
        eprintln!("RabbitMQ is not installed: `cargo xtask test` installs it");
        return;
    }
    let (folder, data) = data();
    let node = RabbitMq::start(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let broker = node.amqp_url();
    let register = folder.path().join("certificates.sqlite3");
    let follower = Follower::start(&broker, &register);
    let demo = {
        let (broker, data) = (broker.clone(), data.clone());
        let arguments = ["demo", "--exit", "--json", "--learners", "20", "--broker"];
        std::thread::spawn(move || succeed(estrade(&data).args(arguments).arg(broker)))
    };
    let mut printed: Vec<String> = (0..3).map(|_| follower.next()).collect();
    drop(follower);
    let follower = Follower::start(&broker, &register);
    printed.push(follower.next());
    node.ctl(&["close_all_connections", "to see whether it comes back"]).unwrap();
    let books: Value = serde_json::from_str(&demo.join().unwrap()).unwrap();
    assert_eq!((&books["lost"], &books["duplicates"]), (&0.into(), &0.into()), "{books:#}");
    let issued = issued(&data).await;
    assert_eq!(books["certificates"]["issued"], issued.len());
    let mut registered = certificates(&register);
    while registered.len() < issued.len() {
        printed.push(follower.next());
        registered = certificates(&register);
    }
    follower.terminate();
    assert_eq!(registered, issued, "each certificate once, with its code");
    let distinct: BTreeSet<&String> = printed.iter().collect();
    assert_eq!(distinct.len(), printed.len(), "none is printed twice");
}

/// The code of each certificate, as the register has them.
fn certificates(register: &Path) -> BTreeMap<String, String> {
    let listed = succeed(example(register).arg("--list"));
    let lines: Vec<Value> =
        listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes: BTreeMap<String, String> =
        lines.iter().map(|line| (text(&line["certificate"]), text(&line["code"]))).collect();
    assert_eq!(codes.len(), lines.len(), "{listed}");
    codes
}

/// The code of each certificate, as the service that issued them has them.
async fn issued(data: &Path) -> BTreeMap<String, String> {
    let database = open(data, "certification").await;
    let sql = "select lower(hex(id)) as id, code from certificate";
    let rows = database
        .query_all_raw(Statement::from_string(database.get_database_backend(), sql))
        .await
        .unwrap();
    let pair = |row: &sea_orm::QueryResult| {
        let id: String = row.try_get("", "id").unwrap();
        let code: String = row.try_get("", "code").unwrap();
        (uuid::Uuid::parse_str(&id).unwrap().to_string(), code)
    };
    rows.iter().map(pair).collect()
}
