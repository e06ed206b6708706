//! `cargo xtask events`: writes the documents of the contract, as the binary prints them.

use std::{fs, process::Stdio};

use anyhow::{Context, Result, ensure};

use crate::repository::Repository;

/// What is asked of the binary, and where its answer is kept.
const DOCUMENTS: [(&str, &str); 2] =
    [("--asyncapi", "docs/asyncapi.json"), ("--markdown", "docs/events.md")];

pub fn write(repository: &Repository) -> Result<()> {
    fs::create_dir_all(repository.root.join("docs")).context("cannot make docs/")?;
    for (form, file) in DOCUMENTS {
        let mut cargo = repository.cargo();
        cargo.args(["run", "--quiet", "--package", "estrade", "--", "events", form]);
        let output = cargo.stderr(Stdio::inherit()).output().context("cannot run cargo")?;
        ensure!(output.status.success(), "`estrade events {form}` failed: see above");
        fs::write(repository.root.join(file), output.stdout)
            .with_context(|| format!("cannot write {file}"))?;
        println!("wrote {file}");
    }
    Ok(())
}
