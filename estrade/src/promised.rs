//! Released migrations are promises, as events are: an estate that applied one is told by its name alone
//! that it did. Each is a line in `tests-data/promised/migrations.txt`, which only grows. New ones are
//! written with `ESTRADE_WRITE_CONTRACT=1 cargo test -p estrade migrations`.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use sha2::{Digest, Sha256};

use crate::{config::Config, events};

#[test]
fn released_migrations_never_change() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests-data/promised/migrations.txt");
    let promised = fs::read_to_string(&path).unwrap();
    let promised: BTreeSet<&str> = promised.lines().collect();
    let now = migrations();
    for line in &promised {
        assert!(
            now.contains(*line),
            "{line}: a released migration was changed or taken out; add one"
        );
    }
    if std::env::var_os("ESTRADE_WRITE_CONTRACT").is_some() {
        let lines: Vec<&str> = now.iter().map(String::as_str).collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    for line in &now {
        assert!(
            promised.contains(line.as_str()),
            "{line} is new: see ESTRADE_WRITE_CONTRACT above"
        );
    }
}

/// `learning 0001-courses HASH`, for each database's every step; the bus's own, which all have, once.
fn migrations() -> BTreeSet<String> {
    let services = events::services(&Config::default()).unwrap();
    let steps = services.iter().flat_map(|(name, service)| {
        let name = name.name();
        service.schema().map(move |step| {
            let whose = if step.name.starts_with("bus-") { "bus" } else { name };
            let hash = Sha256::digest(step.sql.as_bytes());
            let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            format!("{whose} {} {hash}", step.name)
        })
    });
    steps.collect()
}
