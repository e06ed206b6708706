//! Node with the packages that the browser tests want, in a folder of its own under `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use crate::house::succeed;

/// What drives Chromium, and what judges pages. These run on the Node of Debian 12 too.
const PACKAGES: &[&str] = &["playwright-core@1.61.0", "axe-core@4.14.1", "html-validate@9.7.1"];

pub const CHROMIUM: &str = "/usr/bin/chromium";

/// Two tests want the packages at the same time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A test in a browser that has none would pass without having looked at anything.
pub fn must_be_installed() {
    let answers = |program: &str| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    let needed = [
        ("Chromium", Path::new(CHROMIUM).is_file()),
        ("Node", answers("node")),
        ("npm", answers("npm")),
    ];
    let missing = needed.iter().filter(|(_, is_there)| !is_there).map(|(program, _)| *program);
    let missing: Vec<&str> = missing.collect();
    assert!(
        missing.is_empty(),
        "the tests in a browser need {}: run `cargo xtask test`, it installs them",
        missing.join(", ")
    );
}

/// The folder of the packages: made once, and anew when what is wanted changed. Only from npm's
/// registry, by name and version; no lock file, since that would name a registry.
pub fn modules() -> PathBuf {
    let _alone = INSTALLING.lock().unwrap();
    let wanted = PACKAGES.join("\n");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
    let (modules, mark) = (folder.join("node_modules"), folder.join("installed"));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return modules;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]);
    npm.args(["--ignore-scripts", "--loglevel=error", "--prefix"]).arg(&folder);
    succeed(npm.args(PACKAGES));
    fs::write(mark, wanted).unwrap();
    modules
}
