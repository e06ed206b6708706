//! The platform as an operator runs it: a process for each service, two graders, somebody who starts again
//! whatever has ended; the broker, the database and the way there, the mail server and the disk that they
//! stand on.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use private_nodes::{Cluster, Guarded, Postgres, RabbitMq, free_ports};

use super::{
    Broker,
    disk::{self, Disk},
    fault::Ground,
    mail::MailServer,
    proxy::Proxy,
    round::Verdict,
};

/// Each in a process of its own; who grades, twice.
pub const PROCESSES: [&str; 8] = [
    "identity",
    "catalog",
    "learning",
    "assessment",
    "assessment",
    "certification",
    "notification",
    "insight",
];
/// How long an operator's supervisor waits before it starts something again.
const RESTART: Duration = Duration::from_millis(300);
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// How a process ends that dies at its point; a process that somebody kills ends otherwise.
const ABORTED: i32 = 6;
pub const VIRTUAL_HOST: &str = "faults";
const DATABASE: &str = "ESTRADE_DATABASE";

/// What a platform is made of.
pub struct Setting<'a> {
    pub binary: &'a Path,
    pub folder: &'a Path,
    pub broker: Broker,
    pub ground: Ground,
}

/// The broker and the database, shared by the platforms that follow one another.
pub struct Nodes {
    pub rabbit: Option<RabbitMq>,
    pub cluster: Option<Cluster>,
    pub database: Option<Postgres>,
}

impl Nodes {
    pub fn start(broker: Broker, folder: &Path) -> Result<Self> {
        let rabbit = (broker == Broker::Rabbitmq).then(|| RabbitMq::start(folder)).transpose()?;
        let cluster = (broker == Broker::Cluster).then(|| Cluster::start(folder, 3)).transpose()?;
        let database = (broker != Broker::Embedded).then(|| Postgres::start(folder)).transpose()?;
        Ok(Self { rabbit, cluster, database })
    }

    /// An empty virtual host and an empty database; what a service's environment says of them.
    fn clean(&self) -> Result<Vec<(&'static str, String)>> {
        let mut environment = Vec::new();
        let cluster = self.cluster.iter().flat_map(Cluster::nodes);
        let brokers: Vec<&RabbitMq> = self.rabbit.iter().chain(cluster).collect();
        if let Some(first) = brokers.first() {
            first.ctl(&["delete_vhost", VIRTUAL_HOST]).ok();
            first.create_virtual_host(VIRTUAL_HOST)?;
            let urls = brokers.iter().map(|node| node.amqp_url_of(VIRTUAL_HOST));
            environment.push(("ESTRADE_BROKER", urls.collect::<Vec<_>>().join(",")));
        }
        if let Some(database) = &self.database {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("faults_{}", NEXT.fetch_add(1, Ordering::Relaxed));
            environment.push((DATABASE, database.create_database(&name)?));
        }
        Ok(environment)
    }
}

pub struct Platform {
    pub mail: Option<MailServer>,
    /// Before the database.
    pub proxy: Option<Proxy>,
    folder: PathBuf,
    starter: Starter,
    slots: Arc<Mutex<Vec<Slot>>>,
    ended: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
    // After the processes, which are in it.
    disk: Option<Disk>,
    /// Mails uncertain and refused in the rounds before.
    before: (i64, i64),
}

/// One process, and what is to be known of it.
pub struct Slot {
    pub service: &'static str,
    /// The service's, with a number if it is not the first.
    pub name: String,
    pub port: u16,
    pub child: Option<Guarded>,
    /// Held open: closing it stops the process.
    input: Option<ChildStdin>,
    /// Where the next start dies.
    pub dies_at: Option<String>,
    /// Whether the present one will.
    pub armed: bool,
    /// How often it died where it should.
    pub fell: u32,
    pub deaths: u32,
    /// Deaths that somebody meant.
    pub meant: u32,
    gone_since: Option<Instant>,
    /// It died at its point, and stays away until its twin has: one of two that share the work, or have it
    /// in turn, might never get there beside the other.
    waits_for_twin: bool,
}

impl Platform {
    /// Imports the course and starts everything. Inside: why this machine cannot have such a platform.
    pub fn start(
        setting: &Setting<'_>,
        nodes: &Nodes,
    ) -> Result<std::result::Result<Self, String>> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = setting.folder.join(format!("platform-{number}-{}", setting.broker.name()));
        fs::create_dir_all(folder.join("log"))?;
        fs::create_dir_all(folder.join("data"))?;
        let disk = match setting.ground {
            Ground::SmallDisk => match Disk::mount(&folder.join("data"))? {
                Ok(disk) => Some(disk),
                Err(refused) => return Ok(Err(refused)),
            },
            Ground::Folder | Ground::MailServer | Ground::Proxy => None,
        };
        let server = matches!(setting.ground, Ground::MailServer | Ground::Proxy);
        let mail = server.then(|| MailServer::start(folder.join("mails"))).transpose()?;
        write_configuration(&folder, mail.as_ref())?;
        let mut environment = nodes.clean()?;
        let proxy = match setting.ground {
            Ground::Proxy => Some(go_through_proxy(&mut environment)?),
            Ground::Folder | Ground::MailServer | Ground::SmallDisk => None,
        };
        let program = setting.binary.display().to_string();
        let entrance = disk.as_ref().map(Disk::entrance).unwrap_or_default();
        let starter = Starter {
            program: entrance.into_iter().chain([program]).collect(),
            folder: folder.clone(),
            environment,
        };
        let mut platform = Self {
            mail,
            proxy,
            folder,
            starter,
            slots: Arc::default(),
            ended: Arc::default(),
            keeper: None,
            disk,
            before: (0, 0),
        };
        let mut prepare = platform.command("prepare")?;
        let prepared = Guarded::spawn(prepare.args(["load", "--prepare"]))?.wait()?;
        let log = platform.folder.join("log/prepare.log");
        ensure!(prepared.success(), "the platform cannot be prepared: see {}", log.display());
        platform.start_processes()?;
        Ok(Ok(platform))
    }

    fn start_processes(&mut self) -> Result<()> {
        let ports = free_ports::<{ PROCESSES.len() }>()?;
        *self.slots() = (0..).zip(ports).map(|(place, port)| Slot::new(place, port)).collect();
        let (slots, ended) = (self.slots.clone(), self.ended.clone());
        let starter = self.starter.clone();
        self.keeper = Some(thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
                for number in 0..slots.len() {
                    let twin_is_armed = twin_is_armed(&slots, number);
                    slots[number].keep_up(&starter, number, twin_is_armed);
                }
                drop(slots);
                thread::sleep(LOOK_EVERY);
            }
        }));
        Ok(())
    }

    pub fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The binary with this platform's configuration, its words in a log of this name.
    pub fn command(&self, log: &str) -> Result<Command> {
        self.starter.command(log)
    }

    /// The verdict counts all mails since the platform began; this round's are those that are new.
    pub fn since_last(&mut self, verdict: Verdict) -> Verdict {
        let now = (verdict.uncertain, verdict.refused);
        let before = std::mem::replace(&mut self.before, now);
        Verdict { uncertain: now.0 - before.0, refused: now.1 - before.1, ..verdict }
    }

    pub fn ledger(&self) -> PathBuf {
        self.folder.join("ledger.jsonl")
    }

    /// Where the mails that left lie.
    pub fn mails(&self) -> PathBuf {
        let server = self.mail.as_ref().map(|server| server.folder().to_owned());
        server.unwrap_or_else(|| self.folder.join("data/mail"))
    }

    pub fn disk(&self) -> Result<&Disk> {
        self.disk.as_ref().context("this platform has no disk of its own")
    }

    /// Where its logs stay.
    pub fn keep(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(keeper) = self.keeper.take() {
            keeper.join().ok();
        }
        self.slots().clear();
    }
}

impl Slot {
    fn new(place: usize, port: u16) -> Self {
        let service = PROCESSES[place];
        let before = PROCESSES[..place].iter().filter(|other| **other == service).count();
        let name = match before {
            0 => service.to_owned(),
            before => format!("{service} {}", before + 1),
        };
        Self {
            service,
            name,
            port,
            child: None,
            input: None,
            dies_at: None,
            armed: false,
            fell: 0,
            deaths: 0,
            meant: 0,
            gone_since: None,
            waits_for_twin: false,
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(Guarded::is_running)
    }

    /// Asks it to end, as an operator does.
    pub fn terminate(&mut self) {
        if let Some(child) = &self.child {
            child.terminate();
            self.meant += 1;
        }
    }

    pub fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill();
            self.meant += 1;
        }
    }

    /// What systemd's `Restart=always` does.
    fn keep_up(&mut self, starter: &Starter, number: usize, twin_is_armed: bool) {
        if self.is_running() {
            return;
        }
        if let Some(mut child) = self.child.take() {
            self.deaths += 1;
            let aborted = child.ended().is_some_and(|status| status.signal() == Some(ABORTED));
            let fell = std::mem::take(&mut self.armed) && aborted;
            self.fell += u32::from(fell);
            self.meant += u32::from(fell);
            self.waits_for_twin = fell;
            self.gone_since = Some(Instant::now());
        }
        if self.waits_for_twin && twin_is_armed {
            return;
        }
        if self.gone_since.is_some_and(|since| since.elapsed() < RESTART) {
            return;
        }
        self.gone_since = Some(Instant::now());
        let dies_at = self.dies_at.take();
        match starter.serve(self, number, dies_at.as_deref()) {
            Ok(mut child) => {
                self.input = child.stdin();
                self.child = Some(child);
                self.armed = dies_at.is_some();
            }
            Err(error) => eprintln!("{} does not start: {error:#}", self.service),
        }
    }
}

/// Whether another process of the same service is still to die at its point.
fn twin_is_armed(slots: &[Slot], number: usize) -> bool {
    let is_twin =
        |(other, slot): &(usize, &Slot)| *other != number && slot.service == slots[number].service;
    let mut twins = slots.iter().enumerate().filter(is_twin);
    twins.any(|(_, slot)| slot.armed || slot.dies_at.is_some())
}

/// Starts the binary with a platform's configuration.
#[derive(Clone)]
struct Starter {
    /// The binary, after what leads to where it is to run.
    program: Vec<String>,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Starter {
    fn serve(&self, slot: &Slot, number: usize, dies_at: Option<&str>) -> Result<Guarded> {
        let mut command = self.command(&format!("{number}-{}", slot.service))?;
        command.args(["serve", slot.service, "--stop-with-parent", "--listen"]);
        command.arg(format!("127.0.0.1:{}", slot.port)).stdin(Stdio::piped());
        if let Some(point) = dies_at {
            command.env("ESTRADE_FAULT", point);
        }
        Ok(Guarded::spawn(&mut command)?)
    }

    fn command(&self, log: &str) -> Result<Command> {
        let log = self.folder.join(format!("log/{log}.log"));
        let log = fs::File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        for name in ["PATH", "HOME", "TMPDIR"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("ESTRADE_LOG", "warn,lapin=off").current_dir(&self.folder);
        command.arg("--config").arg(self.folder.join("estrade.toml"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }
}

/// From now on the services look for their database at the proxy.
fn go_through_proxy(environment: &mut [(&'static str, String)]) -> Result<Proxy> {
    let found = environment.iter_mut().find(|(name, _)| *name == DATABASE);
    let (_, url) = found.context("there is no PostgreSQL here")?;
    let proxy = Proxy::start(url)?;
    proxy.url().clone_into(url);
    Ok(proxy)
}

fn write_configuration(folder: &Path, mail: Option<&MailServer>) -> Result<()> {
    let data = folder.join("data");
    let smtp = mail.map(|server| format!("smtp = {:?}\n", server.url())).unwrap_or_default();
    let text = format!(
        "data = {:?}\nbase_url = \"http://localhost\"\n\n[mail]\n{smtp}\n[organisation]\n\
         name = \"Estrade\"\nrepresentative = \"Ada Martin\"\ncapacity = \"directrice\"\n\
         place = \"Lyon\"\n",
        data.display().to_string()
    );
    let file = folder.join("estrade.toml");
    fs::write(&file, text).with_context(|| file.display().to_string())
}

/// Whatever an earlier run has left goes; a small disk that it could not unmount, too.
pub fn clear(folder: &Path) -> Result<()> {
    disk::unmount_under(folder);
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}
