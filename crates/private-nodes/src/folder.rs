//! The folder that a node writes in.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::error::{Result, While};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Makes a new folder under `base`, for this user only. The node's guard removes it.
pub(crate) fn create(base: &Path, kind: &str) -> Result<PathBuf> {
    fs::create_dir_all(base).while_doing(|| format!("make {}", base.display()))?;
    let base = base.canonicalize().while_doing(|| format!("find {}", base.display()))?;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("{kind}-{}-{number}", process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Err(taken) if taken.kind() == std::io::ErrorKind::AlreadyExists => continue,
            made => made.while_doing(|| format!("make {}", path.display()))?,
        }
        return Ok(path);
    }
}

/// Whether an account that owns none of these folders can get to `path`.
pub(crate) fn open_to_all(path: &Path) -> bool {
    let Some(nearest) = path.ancestors().find_map(|folder| folder.canonicalize().ok()) else {
        return false;
    };
    nearest.ancestors().all(|folder| {
        fs::metadata(folder)
            .is_ok_and(|found| found.is_dir() && found.permissions().mode() & 0o001 != 0)
    })
}

/// The last lines of a log, for an error message.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Opens a log for both outputs of a program, at its end.
pub(crate) fn log(path: &Path) -> Result<fs::File> {
    fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .while_doing(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_under_a_closed_one_is_not_open_to_all() {
        let base = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .unwrap();
        assert!(!open_to_all(&base.path().join("not/there/yet")));
        assert!(open_to_all(Path::new("/")));
    }

    #[test]
    fn each_folder_is_new_and_private() {
        let base = tempfile::tempdir().unwrap();
        let one = create(base.path(), "node").unwrap();
        let two = create(base.path(), "node").unwrap();
        assert_ne!(one, two);
        assert_eq!(fs::metadata(one).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_tail_of_a_missing_log_is_empty() {
        assert_eq!(tail(Path::new("/no/such/log")), "");
    }
}
