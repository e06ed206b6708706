//! The demo, staying up: its course, its cohort, and for each role somebody who finds something to do.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use private_nodes::Guarded;
use tempfile::TempDir;

use crate::house::{data, estrade};

/// Everybody's.
pub const PASSWORD: &str = "estrade-demo-2026";
pub const ADMINISTRATOR: &str = "administrator@example.org";
pub const INSTRUCTOR: &str = "instructor@example.org";
pub const LEARNER: &str = "learner@example.org";
pub const OPERATOR: &str = "operator@example.org";

/// What the demo prints when something could not be arranged.
const INCOMPLETE: &str = "not everything is there to be found";
/// What the demo prints last.
const UP: &str = "Ctrl-C ends it";
const WHERE: &str = "Look around at";
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub struct Showcase {
    process: Guarded,
    pub address: String,
    pub data: PathBuf,
    /// What it printed, and its log.
    pub log: PathBuf,
    _folder: TempDir,
}

impl Showcase {
    /// With so many learners besides; the log stays under `target/`, to be read after a failure.
    pub async fn open(name: &str, learners: u32) -> Self {
        Self::open_with(name, learners, &[]).await
    }

    /// With each service in a process of its own.
    pub async fn apart(name: &str, learners: u32) -> Self {
        Self::open_with(name, learners, &["--processes"]).await
    }

    async fn open_with(name: &str, learners: u32, arguments: &[&str]) -> Self {
        let (folder, data) = data();
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"));
        let mut command = estrade(&data);
        command.args(["demo", "--learners", &learners.to_string()]).args(arguments);
        // The browser's push service stands on this machine.
        command.env("ESTRADE_PUSH__ALLOW_PRIVATE", "true");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let mut process = Guarded::spawn(&mut command).unwrap();
        let said = tokio::time::timeout(PATIENCE, is_up(&mut process, &log)).await;
        let said = said.unwrap_or_else(|_| panic!("the demo is not up: see {}", log.display()));
        assert!(!said.contains(INCOMPLETE), "{said}");
        assert!(said.contains("certification.issue gave up on a certificate"), "{said}");
        let place = said.lines().find_map(|line| line.strip_prefix(WHERE)).unwrap();
        let address = place.trim().to_owned();
        Self { process, address, data, log, _folder: folder }
    }

    /// Ends it; the data stays as long as the folder that this gives.
    pub fn close(mut self) -> (TempDir, PathBuf) {
        self.process.terminate();
        assert!(self.process.ends_within(PATIENCE), "it does not stop: see {}", self.log.display());
        self.process.wait().unwrap();
        (self._folder, self.data)
    }
}

async fn is_up(process: &mut Guarded, log: &Path) -> String {
    let mut beat = tokio::time::interval(LOOK_EVERY);
    loop {
        beat.tick().await;
        let said = fs::read_to_string(log).unwrap();
        if said.contains(UP) {
            return said;
        }
        assert!(process.is_running(), "the demo ended: see {}", log.display());
    }
}
