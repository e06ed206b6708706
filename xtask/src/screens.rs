//! `cargo xtask screens`: the pictures of each person's pages, under `docs/screens/`.
//!
//! They are taken by the tests in a browser, which take them in every run, only elsewhere.

use anyhow::{Context, Result};
use private_nodes::Guarded;

use crate::{install, repository::Repository};

const TEST: &str = "browser::everybody";

pub fn take(repository: &Repository) -> Result<bool> {
    install::missing()?;
    install::for_pictures()?;
    let folder = repository.root.join("docs/screens");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let mut command = repository.cargo();
    command.args(["test", "--package", "estrade", "--test", "it", TEST, "--", "--nocapture"]);
    command.env("ESTRADE_SCREENS", &folder).env("ESTRADE_BROWSER", "picture");
    Ok(Guarded::spawn(&mut command)?.wait()?.success())
}
