//! Running the real binary: commands that end, servers that are stopped, databases of their own.
//!
//! Whatever is waited for has a limit: what hangs fails by name.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, ExitStatus, Output, Stdio},
    sync::mpsc::Receiver,
    time::Duration,
};

use private_nodes::Guarded;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::Value;
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";

/// Longer than any answer takes on a busy machine, and than a platform takes to start or to stop.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Longer than any command takes: a whole demo, packages that are installed.
const LONGEST_COMMAND: Duration = Duration::from_secs(900);

/// The binary, with nothing of the caller's own configuration.
pub fn estrade(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_estrade"));
    command.env_clear().arg("--data").arg(data).current_dir(data.parent().unwrap_or(data));
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Ok(value) = std::env::var(name) {
            command.env(name, value);
        }
    }
    command
}

pub fn run(command: &mut Command) -> Output {
    private_nodes::output(command, LONGEST_COMMAND).unwrap()
}

/// Standard output of a command that must succeed.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a command that must end with this status.
pub fn fail(command: &mut Command, status: i32) -> String {
    let output = run(command);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{command:?}: {errors}");
    errors
}

/// The folder of all of this.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A folder that goes with the test, and the data folder in it.
pub fn data() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

/// The SQLite database of a service, or the queue's, where it lies.
pub async fn open(data: &Path, name: &str) -> DatabaseConnection {
    let file = data.join(format!("{name}.db"));
    Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
}

/// What only a fault, a mistake or another version would do to one of them.
pub async fn change(data: &Path, name: &str, sql: &str) {
    let database = open(data, name).await;
    database.execute_unprepared(sql).await.unwrap();
    database.close().await.unwrap();
}

/// The PostgreSQL that the tests were given, and a database of its own on it.
pub async fn new_database() -> Option<String> {
    let url = std::env::var("ESTRADE_TEST_DATABASE_URL").ok()?;
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let server = Database::connect(&url).await.unwrap();
    server.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let (base, _) = url.rsplit_once('/').unwrap();
    Some(format!("{base}/{name}"))
}

/// `estrade serve`; closing its standard input stops it when dropped.
pub struct Served {
    process: Guarded,
    input: Option<ChildStdin>,
    pub address: String,
}

impl Served {
    pub fn start(data: &Path, arguments: &[&str]) -> Self {
        Self::start_with(data, arguments, |_| {})
    }

    /// As [`start`](Self::start), with an environment, or another place for the log.
    pub fn start_with(data: &Path, arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = estrade(data);
        prepare(&mut command);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--stop-with-parent"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Guarded::spawn(&mut command).unwrap();
        let input = process.stdin();
        let line = next_line(&process.lines());
        let listening = line.rsplit("listening on ").next().unwrap();
        let address = format!("http://{}", listening.trim_end_matches(')'));
        Self { process, input, address }
    }

    /// By SIGTERM.
    pub fn terminate(mut self) -> ExitStatus {
        self.process.terminate();
        assert!(self.process.ends_within(PATIENCE), "it does not stop");
        self.process.ended().unwrap()
    }

    /// Without a word.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.input.take());
        let stopped = self.process.ends_within(PATIENCE);
        assert!(stopped || std::thread::panicking(), "it does not stop");
    }
}

/// The next line that a command prints.
pub fn next_line(lines: &Receiver<io::Result<Vec<u8>>>) -> String {
    let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no line: {error}"));
    String::from_utf8(line.unwrap()).unwrap()
}

/// Whom a platform must answer in time.
pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().timeout(PATIENCE)
}

/// A person with a token.
pub struct Person {
    pub http: reqwest::Client,
    pub address: String,
    pub token: Option<String>,
}

impl Person {
    pub fn nobody(address: &str) -> Self {
        Self { http: client().build().unwrap(), address: address.to_owned(), token: None }
    }

    pub async fn registered(address: &str, mail: &str) -> Self {
        let person = Self::nobody(address);
        let body = serde_json::json!({
            "name": "Siân Llŷr", "mail": mail, "password": PASSWORD,
            "language": "en", "time_zone": "Europe/London",
        });
        let (status, answer) = person.call("POST", "/api/v1/people", Some(&body)).await;
        assert!(status < 300, "{status}: {answer}");
        person.signed_in(mail).await
    }

    pub async fn signed_in(mut self, mail: &str) -> Self {
        let body = serde_json::json!({ "mail": mail, "password": PASSWORD });
        let (status, answer) = self.call("POST", "/api/v1/tokens", Some(&body)).await;
        assert!(status < 300, "{status}: {answer}");
        self.token = Some(answer["token"].as_str().unwrap().to_owned());
        self
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Calls until the answer is a success: a copy may still be on its way.
    pub async fn becomes(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        let mut last = (0, Value::Null);
        for _ in 0..400 {
            beat.tick().await;
            last = self.call(method, path, body).await;
            if last.0 < 300 {
                return last.1;
            }
        }
        panic!("{method} {path}: {last:?}")
    }
}
