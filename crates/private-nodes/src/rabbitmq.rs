//! One RabbitMQ node.

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;

use crate::{
    authority::Issued,
    error::{Error, Result, While},
    folder,
    group::{Group, Guard, succeed, until},
    ports,
};

const NODE: &str = "RabbitMQ";
const BOOT: Duration = Duration::from_secs(90);
const STOP: Duration = Duration::from_secs(30);
/// A node with both cores busy was seen to keep `rabbitmqctl` waiting for more than a minute.
const CTL: Duration = Duration::from_secs(180);

/// As the README advises, and never beyond this machine.
const ERLANG: &str = "+hmbs 4194304 -kernel inet_dist_use_interface {127,0,0,1}";

const CONFIGURATION: &str = "\
# Tests share a machine with everything else: no alarm but those that a test asks for.
disk_free_limit.absolute = 10MB
vm_memory_high_watermark.relative = 0.9
loopback_users.guest = true
";

/// As the README advises where a great deal may wait.
const SHORT_LOG: &str = "raft.wal_max_size_bytes = 67108864\n";

/// A node of its own, with nobody else's queues. Dropped, it is gone.
pub struct RabbitMq {
    // In this order: the guard goes last, after the processes it watches.
    server: Option<Group>,
    /// Of its own, or the cluster's.
    port_mapper: Option<Group>,
    name: String,
    installed: PathBuf,
    folder: PathBuf,
    ports: Ports,
    /// Ports on which it must listen, besides the protocol's.
    also: Vec<u16>,
    guard: Guard,
}

/// What a node has besides the protocol, and unlike the others.
#[derive(Clone, Copy, Default)]
struct Beside<'a> {
    tls: Option<&'a Issued>,
    management: bool,
    short_log: bool,
}

#[derive(Clone, Copy)]
struct Ports {
    amqp: u16,
    amqps: u16,
    management: u16,
    distribution: u16,
    port_mapper: u16,
}

impl RabbitMq {
    /// Whether the system has what `start` needs.
    pub fn is_installed() -> bool {
        installed().is_ok()
    }

    /// Starts a node that keeps what it writes in a new folder under `dir`. It takes about ten seconds.
    pub fn start(dir: impl AsRef<Path>) -> Result<Self> {
        Self::start_alone(dir.as_ref(), Beside::default())
    }

    /// As `start`; it speaks TLS too, on a port of its own, and shows this certificate.
    pub fn start_with_tls(dir: impl AsRef<Path>, shown: &Issued) -> Result<Self> {
        let beside = Beside { tls: Some(shown), ..Beside::default() };
        Self::start_alone(dir.as_ref(), beside)
    }

    /// As `start`; it has the management API too, on a port of its own.
    pub fn start_with_management(dir: impl AsRef<Path>) -> Result<Self> {
        let beside = Beside { management: true, ..Beside::default() };
        Self::start_alone(dir.as_ref(), beside)
    }

    /// As `start`; its quorum queues put away what waits as the README advises where a great deal may.
    pub fn start_for_backlogs(dir: impl AsRef<Path>) -> Result<Self> {
        let beside = Beside { short_log: true, ..Beside::default() };
        Self::start_alone(dir.as_ref(), beside)
    }

    fn start_alone(dir: &Path, beside: Beside) -> Result<Self> {
        let installed = installed()?;
        let mut tries = 0;
        loop {
            let mut node = Self::prepare(dir, installed.clone(), None, beside)?;
            tries += 1;
            match node.boot() {
                Ok(()) => return Ok(node),
                // Somebody may have taken one of the ports meanwhile.
                Err(_) if tries < 3 => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where clients connect, as the user `guest`. It stays the same over restarts.
    pub fn amqp_url(&self) -> String {
        self.amqp_url_of("%2f")
    }

    /// The same for another virtual host; its name needs no escaping.
    pub fn amqp_url_of(&self, virtual_host: &str) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/{virtual_host}", self.ports.amqp)
    }

    /// Where clients connect over TLS, naming the host so; it names this machine.
    pub fn amqps_url(&self, host: &str) -> String {
        format!("amqps://guest:guest@{host}:{}/%2f", self.ports.amqps)
    }

    /// Where the management API listens, for the user `guest`.
    pub fn management_url(&self) -> String {
        format!("http://guest:guest@127.0.0.1:{}", self.ports.management)
    }

    /// Makes a virtual host in which `guest` may do everything; its URL.
    pub fn create_virtual_host(&self, name: &str) -> Result<String> {
        self.ctl(&["add_vhost", name])?;
        self.ctl(&["set_permissions", "-p", name, "guest", ".*", ".*", ".*"])?;
        Ok(self.amqp_url_of(name))
    }

    pub fn amqp_port(&self) -> u16 {
        self.ports.amqp
    }

    /// The node's first process, while it runs; it starts the others.
    pub fn process_id(&self) -> Option<u32> {
        self.server.as_ref().map(Group::process_id)
    }

    /// Ends the node with SIGKILL, as a power cut would. What was confirmed is on disk; `restart` finds it.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Stops the node from doing anything at all, its sockets left open.
    pub fn freeze(&self) -> Result<()> {
        self.running()?.signal(Signal::SIGSTOP);
        Ok(())
    }

    pub fn thaw(&self) -> Result<()> {
        self.running()?.signal(Signal::SIGCONT);
        Ok(())
    }

    /// Freezes the node, and thaws it after this time.
    pub fn freeze_for(&self, time: Duration) -> Result<()> {
        self.freeze()?;
        thread::sleep(time);
        self.thaw()
    }

    /// Shuts the node down in good order.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        server.signal(Signal::SIGCONT);
        server.signal(Signal::SIGTERM);
        if !server.ends_within(STOP) {
            server.kill();
        }
    }

    /// Starts the node again on the same ports and data, after `kill` or `stop`; a running one is stopped first.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        self.boot()
    }

    /// Whether it was started and not stopped; a frozen one counts.
    pub fn is_running(&self) -> bool {
        self.server.is_some()
    }

    /// Runs `rabbitmqctl` on the node; what it printed.
    pub fn ctl(&self, arguments: &[&str]) -> Result<String> {
        self.running()?;
        succeed(self.command("rabbitmqctl").args(arguments), CTL)
    }

    /// Raises or clears the memory alarm: while it is raised the broker blocks whoever publishes.
    pub fn alarm_memory(&self, raised: bool) -> Result<()> {
        let watermark = if raised { "0" } else { "0.9" };
        self.ctl(&["set_vm_memory_high_watermark", watermark]).map(drop)
    }

    /// Raises the memory alarm, and clears it after this time.
    pub fn alarm_memory_for(&self, time: Duration) -> Result<()> {
        self.alarm_memory(true)?;
        thread::sleep(time);
        self.alarm_memory(false)
    }

    /// One of a cluster's nodes, which share a port mapper and a secret.
    pub(crate) fn start_member(dir: &Path, member: &Membership) -> Result<Self> {
        let mut node = Self::prepare(dir, installed()?, Some(member), Beside::default())?;
        node.boot()?;
        Ok(node)
    }

    /// As the cluster calls this node.
    pub(crate) fn node_name(&self) -> String {
        format!("{}@localhost", self.name)
    }

    fn prepare(
        dir: &Path,
        installed: PathBuf,
        member: Option<&Membership>,
        beside: Beside,
    ) -> Result<Self> {
        let folder = folder::create(dir, "rabbitmq")?;
        let mut guard = Guard::start(Signal::SIGKILL, Some(&folder))?;
        let secret = member.map_or_else(new_secret, |member| member.secret.clone());
        let [amqp, amqps, management, distribution, free] = ports::free()?;
        let mapper = member.map_or(free, |member| member.port_mapper);
        let ports = Ports { amqp, amqps, management, distribution, port_mapper: mapper };
        write_configuration(&folder, ports, beside, &secret)?;
        let port_mapper =
            member.is_none().then(|| start_port_mapper(&folder, mapper)).transpose()?;
        guard.watch(&port_mapper.iter().collect::<Vec<_>>())?;
        let name = member.map_or("private", |member| &member.name).to_owned();
        let of_tls = beside.tls.map(|_| amqps);
        let also = of_tls.into_iter().chain(beside.management.then_some(management)).collect();
        Ok(Self { server: None, port_mapper, name, installed, folder, ports, also, guard })
    }

    fn boot(&mut self) -> Result<()> {
        let path = self.folder.join("server.log");
        let log = folder::log(&path)?;
        let errors = log.try_clone().while_doing(|| format!("write {}", path.display()))?;
        let mut command = self.command("rabbitmq-server");
        let mut server = Group::spawn(command.stdout(log).stderr(errors))?;
        let mut groups: Vec<&Group> = self.port_mapper.iter().collect();
        groups.push(&server);
        self.guard.watch(&groups)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.amqp));
        let is_ready = || speaks_amqp(address) && self.also.iter().all(|port| listens(*port));
        let settled = until(BOOT, || is_ready() || !server.is_running());
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

    fn running(&self) -> Result<&Group> {
        self.server.as_ref().ok_or(Error::NotRunning { node: NODE })
    }

    /// One of RabbitMQ's programs, told where this node is. Nothing of the caller's environment gets in.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.installed.join(program));
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env_clear()
            .env(
                "PATH",
                std::env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into()),
            )
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", &self.folder)
            // Without it a shell stays between us and the node, and a signal reaches the shell.
            .env("RUNNING_UNDER_SYSTEMD", "true")
            .env("RABBITMQ_NODENAME", self.node_name())
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.ports.amqp.to_string())
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("ERL_EPMD_PORT", self.ports.port_mapper.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_MNESIA_BASE", self.folder.join("data"))
            .env("RABBITMQ_LOG_BASE", self.folder.join("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.folder.join("plugins"))
            .env("RABBITMQ_CONFIG_FILE", self.folder.join("rabbitmq.conf"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG);
        command
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        self.kill();
        if let Some(mapper) = &mut self.port_mapper {
            mapper.kill();
        }
    }
}

/// Debian's own `rabbitmq-server` in PATH changes to another user: the package's folder holds the program itself.
fn installed() -> Result<PathBuf> {
    let packaged = fs::read_dir("/usr/lib/rabbitmq/lib").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = packaged.map(|entry| entry.path().join("sbin")).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders
        .into_iter()
        .find(|folder| {
            folder.join("rabbitmq-server").is_file() && folder.join("rabbitmqctl").is_file()
        })
        .ok_or(Error::Missing { program: NODE, package: "rabbitmq-server" })
}

/// What makes a node one of several.
pub(crate) struct Membership {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) port_mapper: u16,
}

pub(crate) fn new_secret() -> String {
    format!("{:016X}", ports::random())
}

/// What it shows is copied, so that it is there for as long as the node is.
fn over_tls(folder: &Path, port: u16, shown: &Issued) -> Result<String> {
    let [certificate, key] = ["server.pem", "server.key"].map(|file| folder.join(file));
    fs::copy(&shown.certificate, &certificate)
        .and_then(|_| fs::copy(&shown.key, &key))
        .while_doing(|| format!("copy a certificate into {}", folder.display()))?;
    Ok(format!(
        "listeners.ssl.private = 127.0.0.1:{port}\nssl_options.certfile = {}\n\
         ssl_options.keyfile = {}\nssl_options.verify = verify_none\n\
         ssl_options.fail_if_no_peer_cert = false\n",
        certificate.display(),
        key.display()
    ))
}

fn write_configuration(folder: &Path, ports: Ports, beside: Beside, secret: &str) -> Result<()> {
    let mut text = CONFIGURATION.to_owned();
    if let Some(shown) = beside.tls {
        text += &over_tls(folder, ports.amqps, shown)?;
    }
    let mut plugins = "";
    if beside.management {
        plugins = "rabbitmq_management";
        text +=
            &format!("management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {}\n", ports.management);
    }
    if beside.short_log {
        text += SHORT_LOG;
    }
    let cookie = folder.join(".erlang.cookie");
    fs::write(folder.join("rabbitmq.conf"), text)
        .and_then(|()| fs::write(folder.join("plugins"), format!("[{plugins}].\n")))
        .and_then(|()| fs::write(&cookie, secret))
        .and_then(|()| fs::set_permissions(&cookie, Permissions::from_mode(0o400)))
        .while_doing(|| format!("write the configuration in {}", folder.display()))
}

/// Erlang would start this one by itself, as a daemon that nobody stops.
pub(crate) fn start_port_mapper(folder: &Path, port: u16) -> Result<Group> {
    let mut command = Command::new("epmd");
    command.args(["-port", &port.to_string(), "-address", "127.0.0.1"]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut mapper = Group::spawn(&mut command)?;
    if until(Duration::from_secs(10), || listens(port)) && mapper.is_running() {
        return Ok(mapper);
    }
    Err(Error::DidNotStart { node: "epmd", cause: format!("port {port}"), log: String::new() })
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// Opens the protocol and waits for the server's first bytes: an open port alone says too little.
fn speaks_amqp(address: SocketAddr) -> bool {
    let limit = Duration::from_secs(2);
    let Ok(mut socket) = TcpStream::connect_timeout(&address, limit) else {
        return false;
    };
    let mut first = [0; 1];
    socket.set_read_timeout(Some(limit)).is_ok()
        && socket.write_all(b"AMQP\x00\x00\x09\x01").is_ok()
        && socket.read_exact(&mut first).is_ok()
        && first == [1]
}
