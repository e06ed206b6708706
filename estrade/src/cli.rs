//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

/// An online-training platform whose services work together through queues, and never lose or
/// repeat a thing.
///
/// Exit status: 0 all is well; 1 the command ran and found something wrong (lost or doubled
/// messages, a failed check, nothing to replay); 2 it could not run.
#[derive(Parser)]
#[command(name = "estrade", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Settings that every command takes; they win over ESTRADE_* and estrade.toml.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Configuration file [default: estrade.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for databases, files and mails [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// RabbitMQ, amqp://user:password@host:port/vhost, a cluster's nodes with commas between them
    /// [default: the queue embedded in --data]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// PostgreSQL, postgres://user:password@host/database [default: SQLite files in --data]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Write logs as JSON, one object a line
    #[arg(long, global = true)]
    pub(crate) json_logs: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Take a cohort through a real course, and reconcile every message
    Demo(DemoOptions),
    /// Run all services, or the ones named
    Serve(ServeOptions),
    /// Import a course: a folder with course.toml, or a folder of Markdown files
    Import(ImportOptions),
    /// Make the first administrator
    Admin(AdminOptions),
    /// Show what waits in each queue and handler
    Queues(QueuesOptions),
    /// List, show, replay or discard dead letters
    Dead(DeadOptions),
    /// Print what happened to a person across all services, and for what did not, why
    Timeline(TimelineOptions),
    /// Hold all copies against their owners, and repair what differs
    ///
    /// Works beside services that run, and with none running. Exit status 1 if something still
    /// differs in the end.
    Reconcile(ReconcileOptions),
    /// Have an owner send its present state to a service that starts empty or was restored
    Resend(ResendOptions),
    /// Check the installation and say what to do
    Doctor(OutputOptions),
    /// Print the configuration in force, without secrets
    Config,
    /// Print which service answers which paths, for a reverse proxy
    Routes,
    /// Play a cohort against services that run elsewhere, and hold what it was told against the
    /// databases: the driver of `cargo xtask faults`
    #[command(hide = true)]
    Load(LoadOptions),
    /// Print every event (its owner comes first in its name) and which queues hear it
    Events(EventsOptions),
}

/// The services, each of which can run in a process of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub(crate) enum ServiceName {
    Identity,
    Catalog,
    Learning,
    Assessment,
    Certification,
    Notification,
    Insight,
}

impl ServiceName {
    pub(crate) const ALL: [Self; 7] = [
        Self::Identity,
        Self::Catalog,
        Self::Learning,
        Self::Assessment,
        Self::Certification,
        Self::Notification,
        Self::Insight,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Catalog => "catalog",
            Self::Learning => "learning",
            Self::Assessment => "assessment",
            Self::Certification => "certification",
            Self::Notification => "notification",
            Self::Insight => "insight",
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ServeOptions {
    /// Which services [default: all seven]
    pub(crate) services: Vec<ServiceName>,
    /// Where to listen
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// How people reach the platform, for links in mails and certificates
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Stop when standard input closes: whoever started this is gone
    #[arg(long, hide = true)]
    pub(crate) stop_with_parent: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportOptions {
    /// The course's folder
    pub(crate) path: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AdminOptions {
    #[command(subcommand)]
    pub(crate) action: AdminAction,
}

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum AdminAction {
    /// Make an administrator, or make one of an account that exists
    Create {
        #[arg(long)]
        mail: String,
        #[arg(long)]
        name: String,
        /// The password; without it, it is read from the first line of standard input
        #[arg(long, env = "ESTRADE_ADMIN_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TimelineOptions {
    /// The mail address of the account, or its id
    pub(crate) person: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EventsOptions {
    /// Print JSON: each event with who publishes and who hears it
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the AsyncAPI 3.0 document
    #[arg(long, conflicts_with = "json")]
    pub(crate) asyncapi: bool,
    /// Print the page for people: fields, samples, how to listen
    #[arg(long, conflicts_with_all = ["json", "asyncapi"])]
    pub(crate) markdown: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct OutputOptions {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct QueuesOptions {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Take away the queue of a handler that this version has no more, and make dead letters of what
    /// waits in it, to be tried again, or to be done
    #[arg(long, value_name = "NAME", conflicts_with = "json")]
    pub(crate) forget: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DeadOptions {
    #[command(subcommand)]
    pub(crate) action: DeadAction,
}

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum DeadAction {
    /// The dead letters that wait for a decision, grouped by their cause
    List {
        /// One by one, not in groups
        #[arg(long)]
        all: bool,
        /// Those of one group, one by one
        #[arg(long, value_name = "KEY", conflicts_with = "all")]
        group: Option<String>,
        /// Those that were decided about: replayed or discarded, the latest decision first
        #[arg(long, conflicts_with = "all")]
        settled: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// One dead letter: its event, its cause, its attempts, its trace
    Show { id: Uuid },
    /// Give it once more to the handler that gave up on it, and to no other
    Replay {
        #[command(flatten)]
        which: DeadWhichOrAll,
        /// Say what would come of it, and change nothing: handlers run in a transaction that is
        /// rolled back, nothing leaves the platform
        #[arg(long)]
        dry_run: bool,
    },
    /// Put it aside for good
    Discard {
        #[command(flatten)]
        which: DeadWhich,
        /// Why; it is kept
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct DeadWhich {
    /// The id, as `dead list` prints it
    pub(crate) id: Option<Uuid>,
    /// All of one cause: the key of a group, as `dead list` prints it
    #[arg(long, value_name = "KEY")]
    pub(crate) group: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct DeadWhichOrAll {
    /// The id, as `dead list` prints it
    pub(crate) id: Option<Uuid>,
    /// All of one cause: the key of a group, as `dead list` prints it
    #[arg(long, value_name = "KEY")]
    pub(crate) group: Option<String>,
    /// Every dead letter that waits
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReconcileOptions {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// How many seconds to wait for the next word
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) wait: u64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ResendOptions {
    /// Who owns what is sent
    #[arg(long, value_name = "SERVICE")]
    pub(crate) from: ServiceName,
    /// Who copies it
    #[arg(long, value_name = "SERVICE")]
    pub(crate) to: ServiceName,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// How many seconds to wait for the next word
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) wait: u64,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DemoOptions {
    /// How many learners take part
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) learners: u32,
    /// The cohort's names, answers and choices follow from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where to listen [default: a free port of 127.0.0.1]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Each service in a process of its own, with two graders
    #[arg(long)]
    pub(crate) processes: bool,
    /// End when the books are closed, instead of staying up to look around
    #[arg(long)]
    pub(crate) exit: bool,
    /// Print the books as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LoadOptions {
    /// Make the databases, import the course and the people who teach, and end
    #[arg(long)]
    pub(crate) prepare: bool,
    /// Where a service listens, `learning=http://127.0.0.1:8081`; once for each replica
    #[arg(long = "at", value_name = "SERVICE=URL", value_parser = service_address)]
    pub(crate) at: Vec<(ServiceName, String)>,
    /// What the cohort is told "yes" to is written here; what stands there counts too
    #[arg(long, value_name = "FILE", required_unless_present = "prepare")]
    pub(crate) ledger: Option<PathBuf>,
    /// Where the mails that left lie [default: the mail folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) mails: Option<PathBuf>,
    /// No more than these, even if the standard input stays open
    #[arg(long, default_value_t = 200)]
    pub(crate) learners: u32,
    /// These at least
    #[arg(long, default_value_t = 8)]
    pub(crate) at_least: u32,
    /// At work at the same time
    #[arg(long, default_value_t = 6)]
    pub(crate) at_once: usize,
    /// The cohort's names, answers and choices follow from it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

fn service_address(text: &str) -> Result<(ServiceName, String), String> {
    let (service, address) = text.split_once('=').ok_or("write it as SERVICE=URL")?;
    Ok((ServiceName::from_str(service, true)?, address.to_owned()))
}
