//! One PostgreSQL cluster.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::Signal,
    unistd::{Uid, User},
};

use crate::{
    error::{Error, Result, While},
    folder,
    group::{Group, Guard, output, succeed, until},
    ports,
};

const NODE: &str = "PostgreSQL";
const BOOT: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(30);
const COMMAND: Duration = Duration::from_secs(60);

/// A cluster of its own. Dropped, it is gone.
pub struct Postgres {
    // In this order: the guard goes last, after the process it watches.
    server: Option<Group>,
    programs: Programs,
    folder: PathBuf,
    port: u16,
    guard: Guard,
}

impl Postgres {
    /// Whether the system has what `start` needs.
    pub fn is_installed() -> bool {
        Programs::find().is_ok()
    }

    /// Starts a cluster that keeps what it writes in a new folder under `dir`, or under the system's
    /// temporary folder where root runs this and the server's own account cannot reach `dir`.
    pub fn start(dir: impl AsRef<Path>) -> Result<Self> {
        let programs = Programs::find()?;
        let mut tries = 0;
        loop {
            let mut node = Self::prepare(dir.as_ref(), programs.clone())?;
            tries += 1;
            match node.boot() {
                Ok(()) => return Ok(node),
                // Somebody may have taken the port meanwhile.
                Err(_) if tries < 3 => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where clients connect, as the superuser. It stays the same over restarts.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The server's first process, while it runs; it starts the others.
    pub fn process_id(&self) -> Option<u32> {
        self.server.as_ref().map(Group::process_id)
    }

    /// Makes an empty database; its URL.
    pub fn create_database(&self, name: &str) -> Result<String> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > 63 || !name.bytes().all(plain) {
            return Err(Error::DatabaseName { name: name.to_owned() });
        }
        let statement = format!("CREATE DATABASE \"{name}\"");
        let mut psql = self.client("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--username=postgres",
            "--dbname=postgres",
            "--command",
            &statement,
        ]);
        succeed(&mut psql, COMMAND)?;
        Ok(self.url(name))
    }

    /// Ends the server with SIGKILL, as a power cut would; the backends end by themselves soon after.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Shuts the server down in good order, without waiting for its clients.
    pub fn stop(&mut self) {
        self.end(Signal::SIGINT);
    }

    /// Starts the server again on the same port and data, after `kill` or `stop`; a running one is stopped first.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        // After `kill`, a backend may still hold the shared memory for a moment.
        let mut outcome = self.boot();
        until(Duration::from_secs(20), || {
            if outcome.is_err() {
                outcome = self.boot();
            }
            outcome.is_ok()
        });
        outcome
    }

    fn prepare(dir: &Path, programs: Programs) -> Result<Self> {
        let folder = if programs.account.is_some() && !folder::open_to_all(dir) {
            folder::create(&std::env::temp_dir(), "estrade-postgres")?
        } else {
            folder::create(dir, "postgres")?
        };
        let guard = Guard::start(Signal::SIGQUIT, Some(&folder))?;
        if let Some(account) = &programs.account {
            chown(&folder, Some(account.uid), Some(account.gid))
                .while_doing(|| format!("give {} to the account postgres", folder.display()))?;
        }
        let [port] = ports::free()?;
        let node = Self { server: None, programs, folder, port, guard };
        let mut initdb = node.command("initdb");
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        succeed(initdb.arg("--pgdata").arg(node.data()), COMMAND)?;
        Ok(node)
    }

    fn boot(&mut self) -> Result<()> {
        let path = self.folder.join("server.log");
        let log = folder::log(&path)?;
        let errors = log.try_clone().while_doing(|| format!("write {}", path.display()))?;
        let mut server = Group::spawn(self.server().stdout(log).stderr(errors))?;
        self.guard.watch(&[&server])?;
        let mut ready = self.client("pg_isready");
        let settled = until(BOOT, || {
            !server.is_running()
                || output(&mut ready, COMMAND).is_ok_and(|answer| answer.status.success())
        });
        if settled && server.is_running() {
            self.server = Some(server);
            return Ok(());
        }
        let cause = if settled {
            "it ended".to_owned()
        } else {
            format!("it was not ready after {BOOT:?}")
        };
        Err(Error::DidNotStart { node: NODE, cause, log: folder::tail(&path) })
    }

    fn server(&self) -> Command {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            // A socket's path may be too long for the system; nobody needs one.
            "unix_socket_directories=",
            "max_connections=300",
            // In the data folder, so that a killed server leaves nothing in /dev/shm.
            "dynamic_shared_memory_type=mmap",
            "logging_collector=off",
        ] {
            command.args(["-c", setting]);
        }
        command
    }

    fn client(&self, program: &str) -> Command {
        let mut command = self.command(program);
        command.args(["--host=127.0.0.1", &format!("--port={}", self.port)]);
        command
    }

    /// One of PostgreSQL's programs, as the account it may run as. Nothing of the caller's environment gets in.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.folder.join(program));
        command.current_dir(&self.folder).env_clear().env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        if let Some(account) = &self.programs.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn end(&mut self, signal: Signal) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        server.signal(signal);
        if !server.ends_within(STOP) {
            server.kill();
        }
    }
}

impl Drop for Postgres {
    /// At once, but by the server itself: it takes its backends and its shared memory with it.
    fn drop(&mut self) {
        self.end(Signal::SIGQUIT);
    }
}

#[derive(Clone)]
struct Programs {
    folder: PathBuf,
    account: Option<Account>,
}

#[derive(Clone)]
struct Account {
    uid: u32,
    gid: u32,
}

impl Programs {
    fn find() -> Result<Self> {
        let folder = candidates()
            .into_iter()
            .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
            .ok_or(Error::Missing { program: NODE, package: "postgresql" })?;
        Ok(Self { folder, account: Account::instead_of_root()? })
    }
}

impl Account {
    fn instead_of_root() -> Result<Option<Self>> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        let found = User::from_name("postgres").ok().flatten().ok_or(Error::NoAccount)?;
        Ok(Some(Self { uid: found.uid.as_raw(), gid: found.gid.as_raw() }))
    }
}

/// Debian keeps each version's programs in a folder of its own, outside PATH: the newest first.
fn candidates() -> Vec<PathBuf> {
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = packaged
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.into_iter().map(|(_, folder)| folder).chain(std::env::split_paths(&path)).collect()
}
