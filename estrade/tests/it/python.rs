//! Python with the libraries that the tests want, in a folder of its own under `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::house::{repository, succeed};

/// What holds documents against schemas; what the example wants stands beside the example.
const CHECKERS: &[&str] = &["jsonschema==4.26.0", "rfc3339-validator==0.1.4"];

pub fn command() -> Command {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    Command::new(PYTHON.get_or_init(install))
}

/// Made once, and anew when what is wanted changed. Only from PyPI, by name and version.
fn install() -> PathBuf {
    let requirements = repository().join("examples/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).unwrap() + &CHECKERS.join("\n");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let (python, mark) = (folder.join("bin/python"), folder.join("installed"));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    let _ = fs::remove_dir_all(&folder);
    succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    succeed(pip.arg(&requirements).args(CHECKERS));
    fs::write(mark, wanted).unwrap();
    python
}
