//! Item 4: the same certificate, made by Estrade, by WeasyPrint and by ReportLab.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    Size,
    part::{Programs, said},
    peers,
    table::Table,
};
use crate::repository::Repository;

const ESTRADE: &str = "Estrade (Typst)";
const WEASYPRINT: &str = "WeasyPrint";
const REPORTLAB: &str = "ReportLab, no PDF/A";

pub(crate) fn measure(
    repository: &Repository,
    programs: &Programs,
    size: &Size,
    table: &mut Table,
) -> Result<()> {
    println!("==> 4. certificates");
    let facts = repository.root.join("bench/peers/certificate.json");
    let folder = repository.root.join("bench/peers");
    let python = peers::python(repository)?;
    for _ in 0..size.repetitions {
        let mut estrade = Command::new(&programs.bench);
        estrade.arg("certificates");
        add(table, ESTRADE, &mut estrade, &facts, size.certificates)?;
        for (name, file) in [(WEASYPRINT, "weasyprint_peer.py"), (REPORTLAB, "reportlab_peer.py")] {
            let mut peer = Command::new(&python);
            peer.current_dir(&folder).env("PYTHONDONTWRITEBYTECODE", "1").arg(file);
            // A tenth is enough for what takes ten times as long.
            add(table, name, &mut peer, &facts, (size.certificates / 10).max(20))?;
        }
    }
    table.ratio(4, ESTRADE, WEASYPRINT, None);
    table.ratio(4, ESTRADE, REPORTLAB, None);
    Ok(())
}

fn add(table: &mut Table, name: &str, made: &mut Command, facts: &Path, count: u64) -> Result<()> {
    let said: Value = said(made.arg(facts).arg(count.to_string()))?;
    let figure = |key: &str| said[key].as_f64().with_context(|| format!("no {key} in {said}"));
    table.add(4, name, figure("rate")?, "/s");
    table.add(4, &format!("{name}, size"), figure("bytes")? / 1024.0, "KB");
    Ok(())
}
