//! The platform as an operator runs it: a process for each service, two graders, somebody who starts again
//! whatever has ended; the broker, the database, the mail server and the disk that they stand on.

use std::{
    fs,
    io::Write,
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

use super::{Broker, fault::Mails, mail::MailServer, round::Verdict};

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
const SMALL_DISK: &str = "size=192m,mode=700";
pub const VIRTUAL_HOST: &str = "faults";

/// What a platform is made of.
pub struct Setting<'a> {
    pub binary: &'a Path,
    pub folder: &'a Path,
    pub broker: Broker,
    pub mails: Mails,
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
            first.ctl(&["add_vhost", VIRTUAL_HOST])?;
            first.ctl(&["set_permissions", "-p", VIRTUAL_HOST, "guest", ".*", ".*", ".*"])?;
            let urls = brokers.iter().map(|node| node.amqp_url().replace("%2f", VIRTUAL_HOST));
            environment.push(("ESTRADE_BROKER", urls.collect::<Vec<_>>().join(",")));
        }
        if let Some(database) = &self.database {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("faults_{}", NEXT.fetch_add(1, Ordering::Relaxed));
            environment.push(("ESTRADE_DATABASE", database.create_database(&name)?));
        }
        Ok(environment)
    }
}

pub struct Platform {
    pub mail: Option<MailServer>,
    binary: PathBuf,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    slots: Arc<Mutex<Vec<Slot>>>,
    ended: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
    disk: Option<Disk>,
    /// Mails uncertain and refused in the rounds before.
    before: (i64, i64),
}

/// One process, and what is to be known of it.
pub struct Slot {
    pub service: &'static str,
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
        let disk = match setting.mails {
            Mails::SmallDisk => match Disk::mount(&folder.join("data"))? {
                Ok(disk) => Some(disk),
                Err(refused) => return Ok(Err(refused)),
            },
            Mails::Folder | Mails::Server => None,
        };
        let server = setting.mails == Mails::Server;
        let mail = server.then(|| MailServer::start(folder.join("mails"))).transpose()?;
        write_configuration(&folder, mail.as_ref())?;
        let mut platform = Self {
            mail,
            binary: setting.binary.to_owned(),
            folder,
            environment: nodes.clean()?,
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
        *self.slots() =
            PROCESSES.iter().zip(ports).map(|(name, port)| Slot::new(name, port)).collect();
        let (slots, ended) = (self.slots.clone(), self.ended.clone());
        let starter = Starter {
            binary: self.binary.clone(),
            folder: self.folder.clone(),
            environment: self.environment.clone(),
        };
        self.keeper = Some(thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
                for (number, slot) in slots.iter_mut().enumerate() {
                    slot.keep_up(&starter, number);
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
        let starter = Starter {
            binary: self.binary.clone(),
            folder: self.folder.clone(),
            environment: self.environment.clone(),
        };
        starter.command(log)
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
    fn new(service: &'static str, port: u16) -> Self {
        Self {
            service,
            port,
            child: None,
            input: None,
            dies_at: None,
            armed: false,
            fell: 0,
            deaths: 0,
            meant: 0,
            gone_since: None,
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
    fn keep_up(&mut self, starter: &Starter, number: usize) {
        if self.is_running() {
            return;
        }
        if self.child.take().is_some() {
            self.deaths += 1;
            let fell = u32::from(std::mem::take(&mut self.armed));
            self.fell += fell;
            self.meant += fell;
            self.gone_since = Some(Instant::now());
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

/// Starts the binary with a platform's configuration.
struct Starter {
    binary: PathBuf,
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
        let mut command = Command::new(&self.binary);
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

/// A file system of its own for a data folder, small enough to be filled.
pub struct Disk {
    place: PathBuf,
}

impl Disk {
    fn mount(place: &Path) -> Result<std::result::Result<Self, String>> {
        let mut mount = Command::new("mount");
        let output = mount.args(["-t", "tmpfs", "-o", SMALL_DISK, "tmpfs"]).arg(place).output();
        let output = output.context("cannot run mount")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Ok(Err(format!("this machine mounts no small disk: {}", said.trim())));
        }
        Ok(Ok(Self { place: place.to_owned() }))
    }

    /// Takes all the room that is left.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = fs::File::create(self.ballast())?;
        let block = vec![0; 64 * 1024];
        // Page by page at the end, or some room stays.
        while ballast.write_all(&block).is_ok() {}
        while ballast.write_all(&block[..4096]).is_ok() {}
        Ok(())
    }

    pub fn make_room(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context("cannot make room")
    }

    fn ballast(&self) -> PathBuf {
        self.place.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        unmount(&self.place);
    }
}

/// Whatever an earlier run has left goes; a small disk that it could not unmount, too.
pub fn clear(folder: &Path) -> Result<()> {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1).map(PathBuf::from));
    for place in places.filter(|place| place.starts_with(folder)) {
        unmount(&place);
    }
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

fn unmount(place: &Path) {
    // Lazily: a process that has just been killed may hold a file for a moment.
    let unmounted = Command::new("umount").arg("--lazy").arg(place).status();
    if !unmounted.is_ok_and(|status| status.success()) {
        eprintln!("{} stays mounted: umount it by hand", place.display());
    }
}
