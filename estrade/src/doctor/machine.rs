//! The machine: folders that can be written, room on the disk, and the key.

use std::path::Path;

use super::Finding;
use crate::config::Config;

const MEGABYTE: u64 = 1024 * 1024;
/// Below this a full disk is a matter of hours.
const LITTLE: u64 = 1024 * MEGABYTE;
/// Below this the next large mail or log may fail.
const TOO_LITTLE: u64 = 100 * MEGABYTE;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![writable("data folder", &config.data)];
    findings.push(disk(&config.data));
    findings.push(match config.key() {
        Ok(_) => Finding::well("key", "the key that seals sessions reads"),
        Err(error) => Finding::failed(
            "key",
            format!("the key that seals sessions does not read: {error:#}"),
            "restore data/secret.key from a backup, or set `secret`; a new key signs everybody out",
        ),
    });
    findings
}

/// Whether something can be written there.
pub(super) fn writable(what: &str, path: &Path) -> Finding {
    let probe = path.join(format!(".doctor-{}", uuid::Uuid::new_v4()));
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, "probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::well("disk", format!("{what}: {} can be written", path.display())),
        Err(error) => Finding::failed(
            "disk",
            format!("{what}: {} cannot be written: {error}", path.display()),
            "give a folder that can be with --data, or make room on the disk",
        ),
    }
}

fn disk(path: &Path) -> Finding {
    match rustix::fs::statvfs(path) {
        Ok(disk) => room(
            disk.f_bavail.saturating_mul(disk.f_frsize),
            disk.f_blocks.saturating_mul(disk.f_frsize),
        ),
        Err(error) => Finding::warning(
            "disk",
            format!("the room left at {} is not known: {error}", path.display()),
            "look with `df`",
        ),
    }
}

fn room(free: u64, all: u64) -> Finding {
    let percent = free.saturating_mul(100) / all.max(1);
    let text = format!("{} MB free ({percent} %)", free / MEGABYTE);
    match free {
        ..TOO_LITTLE => Finding::failed(
            "disk",
            text,
            "make room now: databases that cannot grow refuse every request and every event",
        ),
        TOO_LITTLE..LITTLE => {
            Finding::warning("disk", text, "make room, or move --data to a larger disk")
        }
        _ => Finding::well("disk", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_full_disk_fails_and_a_filling_one_warns() {
        let gigabyte = 1024 * MEGABYTE;
        assert_eq!(room(50 * gigabyte, 100 * gigabyte).level, Level::Ok);
        assert_eq!(room(gigabyte / 2, 100 * gigabyte).level, Level::Warning);
        assert_eq!(room(0, 100 * gigabyte).level, Level::Failed);
        assert_eq!(room(0, 0).level, Level::Failed);
        assert_eq!(room(u64::MAX, 1).level, Level::Ok);
    }
}
