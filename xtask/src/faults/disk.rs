//! A disk of its own for a data folder, small enough to be filled: a tmpfs. Whoever may mount nothing
//! mounts it in a namespace of their own, and has everything that is to see it started in there.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
};

use anyhow::{Context, Result};
use private_nodes::Guarded;

const SIZE: &str = "size=192m,mode=700";
const REMEDY: &str = "run it as root, or let users have namespaces \
                      (`sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`), \
                      or leave it out with --allow-missing";
/// Mounts, says so, and keeps the namespace for as long as its input is open.
const HOLD: &str = r#"mount -t tmpfs -o "$1" tmpfs "$2" && echo mounted && exec cat >/dev/null"#;
/// With what is said of a failure where it can be read.
const APART: &str = r#"exec unshare --map-root-user --mount /bin/sh -c "$0" sh "$1" "$2" 2>&1"#;

pub struct Disk {
    place: PathBuf,
    /// Who keeps the namespace, where it was mounted in one.
    holder: Option<Holder>,
}

struct Holder {
    process: Guarded,
    /// Closing it ends the process.
    _input: Option<ChildStdin>,
}

impl Disk {
    /// Inside: why this machine mounts none, and what to do.
    pub fn mount(place: &Path) -> Result<std::result::Result<Self, String>> {
        let Err(here) = mount_here(place)? else {
            return Ok(Ok(Self { place: place.to_owned(), holder: None }));
        };
        match mount_apart(place)? {
            Ok(holder) => Ok(Ok(Self { place: place.to_owned(), holder: Some(holder) })),
            Err(apart) => Ok(Err(format!("no small disk ({here}; {apart}): {REMEDY}"))),
        }
    }

    /// What a command line begins with, of a program that is to see this disk.
    pub fn entrance(&self) -> Vec<String> {
        let Some(holder) = &self.holder else {
            return Vec::new();
        };
        let target = format!("--target={}", holder.process.id());
        ["nsenter", &target, "--user", "--preserve-credentials", "--mount", "--"]
            .map(str::to_owned)
            .to_vec()
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
        let ballast = self.place.join("ballast");
        let Some(holder) = &self.holder else {
            return ballast;
        };
        let inside = ballast.strip_prefix("/").unwrap_or(&ballast);
        PathBuf::from(format!("/proc/{}/root", holder.process.id())).join(inside)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A namespace takes its mounts with it.
        if self.holder.is_none() {
            unmount(&self.place);
        }
    }
}

fn mount_here(place: &Path) -> Result<std::result::Result<(), String>> {
    let mut mount = Command::new("mount");
    let output = mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(place).output();
    let output = output.context("cannot run mount")?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(if output.status.success() { Ok(()) } else { Err(said) })
}

fn mount_apart(place: &Path) -> Result<std::result::Result<Holder, String>> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", APART, HOLD, SIZE]).arg(place);
    let mut process = Guarded::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
    let (input, output) = (process.stdin(), process.stdout().context("no word from unshare")?);
    let mut said = String::new();
    BufReader::new(output).read_line(&mut said)?;
    Ok(match said.trim() {
        "mounted" => Ok(Holder { process, _input: input }),
        refused => Err(refused.to_owned()),
    })
}

/// Small disks that an earlier run could not unmount.
pub fn unmount_under(folder: &Path) {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1).map(PathBuf::from));
    for place in places.filter(|place| place.starts_with(folder)) {
        unmount(&place);
    }
}

fn unmount(place: &Path) {
    // Lazily: a process that has just been killed may hold a file for a moment.
    let unmounted = Command::new("umount").arg("--lazy").arg(place).status();
    if !unmounted.is_ok_and(|status| status.success()) {
        eprintln!("{} stays mounted: umount it by hand", place.display());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Where the system lets nobody have a namespace, there is nothing to see but why.
    #[test]
    fn a_disk_in_a_namespace_is_seen_by_those_who_enter_and_by_nobody_else() {
        let place = std::env::temp_dir().join(format!("estrade-disk-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        match mount_apart(&place).unwrap() {
            Err(refused) => assert!(!refused.is_empty()),
            Ok(holder) => {
                let disk = Disk { place: place.clone(), holder: Some(holder) };
                disk.fill().unwrap();
                let see = |command: &mut Command| {
                    let output = command.arg("-A").arg(&place).output().unwrap();
                    String::from_utf8(output.stdout).unwrap()
                };
                let entrance = disk.entrance();
                let mut inside = Command::new(&entrance[0]);
                assert_eq!(see(inside.args(&entrance[1..]).arg("ls")), "ballast\n");
                assert_eq!(see(&mut Command::new("ls")), "");
                disk.make_room().unwrap();
            }
        }
        fs::remove_dir_all(place).unwrap();
    }
}
