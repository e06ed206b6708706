//! Where this repository lies, what it holds, and what cargo says of it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

pub struct Repository {
    pub root: PathBuf,
    pub target: PathBuf,
    pub packages: Vec<Package>,
}

/// A crate of the workspace, as `cargo metadata` describes it.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` is a normal one, otherwise `dev` or `build`.
    pub kind: Option<String>,
    /// Set where it is a crate of this workspace.
    pub path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

impl Repository {
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = cargo(here);
        let output = output(command.args(["metadata", "--no-deps", "--format-version=1"]))?;
        let found: Metadata =
            serde_json::from_slice(&output).context("cannot read what `cargo metadata` says")?;
        Ok(Self {
            root: found.workspace_root,
            target: found.target_directory,
            packages: found.packages,
        })
    }

    pub fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// The commit that is checked out, and whether more was changed than this file.
    pub fn commit(&self, but_for: Option<&Path>) -> String {
        let Ok(commit) = output(self.git().args(["rev-parse", "--short=12", "HEAD"])) else {
            return "unknown".to_owned();
        };
        let commit = format!("`{}`", String::from_utf8_lossy(&commit).trim());
        let mut changed = self.git();
        changed.args(["status", "--porcelain", "--untracked-files=no", "--", "."]);
        changed.args(but_for.map(|file| format!(":!{}", file.display())));
        match output(&mut changed) {
            Ok(changed) if changed.is_empty() => commit,
            _ => format!("{commit}, with changes that are not committed,"),
        }
    }

    /// A clone that belongs to another user is read all the same.
    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.args(["-c", "safe.directory=*"]).current_dir(&self.root);
        git
    }

    /// The files that git keeps or would keep, relative to the root.
    pub fn files(&self) -> Result<Vec<String>> {
        let files = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = output(self.git().args(files))?;
        let listed = String::from_utf8(listed).context("a file's name is not UTF-8")?;
        let mut files: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {said}");
    Ok(output.stdout)
}
