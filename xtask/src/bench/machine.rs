//! On what it was measured.

use std::{fs, path::Path, process::Command};

use crate::repository::Repository;

pub(crate) fn describe(repository: &Repository, profile: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let lines = [
        format!("{cores} cores of {}", field("/proc/cpuinfo", "model name")),
        format!("{} of memory", field("/proc/meminfo", "MemTotal")),
        field("/etc/os-release", "PRETTY_NAME").trim_matches('"').to_owned(),
        format!("Linux {}", said(Command::new("uname").arg("-r"))),
        said(Command::new("rustc").arg("--version").current_dir(&repository.root)),
        format!("profile `{profile}`"),
    ];
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

/// Of what, and when: the commit, but for the page that is written, and the day.
pub(crate) fn when(repository: &Repository, written: &Path) -> [String; 2] {
    let commit = repository.commit(Some(written));
    let day = said(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    [format!("commit {}", commit.trim_end_matches(',')), format!("on {day}")]
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_once([':', '=']).map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn said(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}
