//! The machine: folders that can be written, room on the disk, and the key.

use std::path::Path;

use ui::Text;

use super::{Finding, Level};
use crate::config::Config;

const MEGABYTE: u64 = 1024 * 1024;
/// Below this a full disk is a matter of hours.
const LITTLE: u64 = 1024 * MEGABYTE;
/// Below this the next large mail or log may fail.
const TOO_LITTLE: u64 = 100 * MEGABYTE;

pub(super) struct Look {
    pub(super) findings: Vec<Finding>,
    /// Whether anything can be opened here. Little room is no hindrance to that: it is when most else
    /// is worth looking at.
    pub(super) is_usable: bool,
}

pub(super) fn look(config: &Config, t: Text) -> Look {
    let folder = writable(&t.get("doctor-data-folder"), &config.data, t);
    let room = disk(&config.data, t);
    sum_up(folder, room, key(config, t))
}

fn sum_up(folder: Finding, room: Finding, key: Finding) -> Look {
    let is_usable = [&folder, &key].iter().all(|finding| finding.level != Level::Failed);
    Look { findings: vec![folder, room, key], is_usable }
}

fn key(config: &Config, t: Text) -> Finding {
    match config.key() {
        Ok(_) => Finding::well("key", t.get("doctor-key-reads")),
        Err(error) => Finding::failed(
            "key",
            t.with("doctor-key-wrong", [("error", format!("{error:#}").into())]),
            t.get("doctor-key-remedy"),
        ),
    }
}

/// Whether something can be written there.
pub(super) fn writable(what: &str, path: &Path, t: Text) -> Finding {
    let probe = path.join(format!(".doctor-{}", uuid::Uuid::new_v4()));
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, "probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::well(
            "disk",
            t.with(
                "doctor-writable",
                [("what", what.into()), ("path", path.display().to_string().into())],
            ),
        ),
        Err(error) => Finding::failed(
            "disk",
            t.with(
                "doctor-not-writable",
                [
                    ("what", what.into()),
                    ("path", path.display().to_string().into()),
                    ("error", error.to_string().into()),
                ],
            ),
            t.get("doctor-not-writable-remedy"),
        ),
    }
}

fn disk(path: &Path, t: Text) -> Finding {
    match rustix::fs::statvfs(path) {
        Ok(disk) => room(
            disk.f_bavail.saturating_mul(disk.f_frsize),
            disk.f_blocks.saturating_mul(disk.f_frsize),
            t,
        ),
        Err(error) => Finding::warning(
            "disk",
            t.with(
                "doctor-room-unknown",
                [("path", path.display().to_string().into()), ("error", error.to_string().into())],
            ),
            t.get("doctor-room-unknown-remedy"),
        ),
    }
}

fn room(free: u64, all: u64, t: Text) -> Finding {
    let percent = free.saturating_mul(100) / all.max(1);
    let text = t.with(
        "doctor-room",
        [("megabytes", (free / MEGABYTE).into()), ("percent", percent.into())],
    );
    match free {
        ..TOO_LITTLE => Finding::failed("disk", text, t.get("doctor-room-full")),
        TOO_LITTLE..LITTLE => Finding::warning("disk", text, t.get("doctor-room-little")),
        _ => Finding::well("disk", text),
    }
}

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;
    use crate::TEXTS;

    #[test]
    fn a_full_disk_fails_and_a_filling_one_warns() {
        let (gigabyte, t) = (1024 * MEGABYTE, Text::new(&TEXTS, Language::En));
        let room = |free, all| room(free, all, t);
        assert_eq!(room(50 * gigabyte, 100 * gigabyte).level, Level::Ok);
        assert_eq!(room(gigabyte / 2, 100 * gigabyte).level, Level::Warning);
        assert_eq!(room(0, 100 * gigabyte).level, Level::Failed);
        assert_eq!(room(0, 0).level, Level::Failed);
        assert_eq!(room(u64::MAX, 1).level, Level::Ok);
    }

    #[test]
    fn a_full_disk_is_no_reason_to_look_at_nothing_else() {
        let t = Text::new(&TEXTS, Language::En);
        let well = || Finding::well("disk", "well");
        let bad = || Finding::failed("disk", "bad", "mend it");
        let full = || room(0, 100, t);
        let look = sum_up(well(), full(), well());
        assert!(look.is_usable && look.findings.iter().any(|it| it.level == Level::Failed));
        assert!(!sum_up(bad(), well(), well()).is_usable);
        assert!(!sum_up(well(), well(), bad()).is_usable);
    }
}
